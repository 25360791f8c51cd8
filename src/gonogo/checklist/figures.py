"""Figures in an item's text: `Min instances: 1`, `≥ 85%`, `1,000`, `2개 이상`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Comparison(StrEnum):
    EXACT = "=="
    AT_LEAST = ">="
    AT_MOST = "<="
    MORE = ">"
    LESS = "<"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and how it is meant. `spans` are the places in the text of the number, its comparison and a plain counter."""

    value: int | float
    comparison: Comparison
    unit: str
    spans: tuple[tuple[int, int], ...]


_BEFORE = {
    ">=": Comparison.AT_LEAST, "≥": Comparison.AT_LEAST, "=>": Comparison.AT_LEAST, "at least": Comparison.AT_LEAST,
    "no less than": Comparison.AT_LEAST, "no fewer than": Comparison.AT_LEAST, "minimum of": Comparison.AT_LEAST,
    "<=": Comparison.AT_MOST, "≤": Comparison.AT_MOST, "=<": Comparison.AT_MOST, "at most": Comparison.AT_MOST, "up to": Comparison.AT_MOST,
    "no more than": Comparison.AT_MOST, "maximum of": Comparison.AT_MOST,
    ">": Comparison.MORE, "more than": Comparison.MORE, "over": Comparison.MORE, "above": Comparison.MORE,
    "<": Comparison.LESS, "less than": Comparison.LESS, "under": Comparison.LESS, "below": Comparison.LESS,
    "==": Comparison.EXACT, "=": Comparison.EXACT, "exactly": Comparison.EXACT,
}  # fmt: skip
_AFTER = {
    "+": Comparison.AT_LEAST, "or more": Comparison.AT_LEAST, "or higher": Comparison.AT_LEAST, "이상": Comparison.AT_LEAST,
    "or less": Comparison.AT_MOST, "or fewer": Comparison.AT_MOST, "이하": Comparison.AT_MOST, "이내": Comparison.AT_MOST,
    "초과": Comparison.MORE, "미만": Comparison.LESS,
}  # fmt: skip


def _choice(words: dict[str, Comparison]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


# A digit inside a word (k8s, e2e, p95, v2) or a dotted version beyond one point (1.2.3) is no figure.
_FIGURE = re.compile(
    rf"(?:(?P<before>(?:(?<![a-z])(?:{_choice({k: v for k, v in _BEFORE.items() if k[0].isalpha()})})"
    rf"|{_choice({k: v for k, v in _BEFORE.items() if not k[0].isalpha()})}))\s*)?"
    r"(?<![a-z0-9_.])(?P<number>\d{1,3}(?:,\d{3})+|\d{1,12}(?:\.\d{1,6})?)(?![\d_]|\.\d|,\d)"
    r"\s?(?P<unit>%|[a-z]+(?:/[a-z]+)?|[가-힣])?"
    rf"(?:\s*(?P<after>{_choice(_AFTER)}))?"
)
_AFTER_NUMBER = re.compile(rf"\s*({_choice(_AFTER)})")
# Units that only count; any other unit changes what the number says and stays a word of the text.
COUNTERS = frozenset({"개", "대", "instance", "instances"})


def figures(text: str) -> tuple[Figure, ...]:
    """Every figure of a normalised text, in order."""
    return tuple(_figure(match) for match in _FIGURE.finditer(text))


def _figure(match: re.Match[str]) -> Figure:
    number = match["number"].replace(",", "")
    unit, after = match["unit"] or "", match["after"]
    spans = [(match.start("before") if match["before"] else match.start("number"), match.end("number"))]
    direct = _AFTER_NUMBER.match(match.string, match.end("number"))
    if direct is not None:
        # `2 이상`: the first syllable was taken for a counter.
        unit, after = "", direct.group(1)
        spans.append(direct.span(1))
    elif after is not None:
        spans.append(match.span("after"))
    if unit in COUNTERS:
        spans.append(match.span("unit"))
    comparison = _BEFORE.get(match["before"] or "", _AFTER.get(after or "", Comparison.EXACT))
    return Figure(float(number) if "." in number else int(number), comparison, unit, tuple(spans))

"""Figures in an item's text: `Min instances: 1`, `≥ 85%`, `1,000`, `2개 이상`, `P95: < 2초`, `10 req/min`, `23/23`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from gonogo.checklist.normalise import fold
from gonogo.checklist.quantities import AFTER, BEFORE, CURRENT, EXAMPLES, UNITS


class Comparison(StrEnum):
    EXACT = "=="
    AT_LEAST = ">="
    AT_MOST = "<="
    MORE = ">"
    LESS = "<"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and how it is meant. `spans` are the places in the text of the number, its comparison and its unit.

    `unit` is what a control declares: percent, seconds, bytes, per-minute, per-second, count, or `` for a bare number;
    `value` is in that unit. `current` says that it is what was measured and not what is asked for.
    """

    value: int | float
    comparison: Comparison
    unit: str
    spans: tuple[tuple[int, int], ...]
    current: bool = False


def _choice(words: list[str]) -> str:
    return "|".join(re.escape(word) for word in sorted({fold(word) for word in words}, key=len, reverse=True))


def _by_folded(words: dict[str, tuple[str, ...]]) -> dict[str, Comparison]:
    return {fold(word): Comparison(sign) for sign, spelled in words.items() for word in spelled}


_BEFORE, _AFTER = _by_folded(BEFORE), _by_folded(AFTER)
_UNITS = {fold(word): (unit, scale) for unit, scale, words in UNITS for word in words}
_LETTERS = r"[^\W\d_]"
# Latin and Cyrillic words need an edge, Hangul, Kana and Han have none.
_OPEN, _CLOSE = r"(?<![a-z\u0400-\u04ff])", r"(?![a-z\u0400-\u04ff])"
_SIGNS = _choice([word for word in _BEFORE if not word[0].isalpha()])
_WORDS = _choice([word for word in _BEFORE if word[0].isalpha()])
# A digit inside a word (k8s, e2e, p95, v2) or a dotted version beyond one point (1.2.3) is no figure, and neither is
# `1.000`, which is one in English and a thousand in German.
_NUMBER = r"(?<![a-z0-9_.,])(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d{1,6})?|\d{1,12}(?:\.\d{1,2}|\.\d{4,6}|,\d{1,2})?)(?![\d_]|[.,]\d)"
_FIGURE = re.compile(
    rf"(?:(?P<before>{_OPEN}(?:{_WORDS}){_CLOSE}|{_SIGNS})\s*)?{_NUMBER}"
    rf"(?:\s?(?P<unit>(?:{_choice(list(_UNITS))}){_CLOSE}))?(?:\s*(?P<after>{_choice(list(_AFTER))}){_CLOSE})?"
)
_RATIO = re.compile(r"(?<![\w.,/])(?P<number>\d{1,6})\s?/\s?(?P=number)(?![\w.,/])")
_EXAMPLE = re.compile(rf"(?<!\w)(?:{_choice(list(EXAMPLES))})\s*[.:：,]*\s*$")
_CURRENT = re.compile(rf"(?<!\w)(?:{_choice(list(CURRENT))})\s*[:：]?\s*$")


def figures(text: str) -> tuple[Figure, ...]:
    """Every figure of a normalised text, in order."""
    text = fold(text)
    if not any(character.isdigit() for character in text):
        return ()
    ratios = [Figure(int(match["number"]), Comparison.EXACT, "count", (match.span(),)) for match in _RATIO.finditer(text)]
    inside = {at for ratio in ratios for at in range(*ratio.spans[0])}
    found = [_figure(match) for match in _FIGURE.finditer(text) if match.start("number") not in inside]
    return tuple(sorted([*ratios, *found], key=lambda figure: figure.spans[0]))


def examples(text: str) -> tuple[tuple[int, int], ...]:
    """The places of the figures that a text only gives as an example: `SLA (e.g. 99.9%)`."""
    text = fold(text)
    return tuple(
        (said.start(), match.end()) for match in _FIGURE.finditer(text) if (said := _EXAMPLE.search(text[: match.start()])) is not None
    )


def _figure(match: re.Match[str]) -> Figure:
    written = match["number"]
    grouped = re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", written)
    number = written.replace(",", "") if grouped else written.replace(",", ".")
    unit, scale = _UNITS[match["unit"]] if match["unit"] else ("", 1)
    value = (float(number) if "." in number else int(number)) * scale
    comparison = _BEFORE.get(match["before"] or "", _AFTER.get(match["after"] or "", Comparison.EXACT))
    current = _CURRENT.search(match.string[: match.start()]) is not None
    return Figure(value, comparison, unit, (match.span(),), current)

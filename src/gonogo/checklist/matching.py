"""Which controls an item's words fit: all of it, or only so far."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gonogo.checklist.aliases import Alias, Aliases, Pattern
from gonogo.checklist.figures import COUNTERS, Comparison, Figure, figures
from gonogo.checklist.normalise import normalise
from gonogo.checklist.optional import without_marks
from gonogo.model.checklist import Item

# A claim is a line. What is longer is an explanation, and is bound by hand.
MAX_TEXT = 300
_TOKEN = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Fit:
    """A pattern of `alias` whose words all occur in an item.

    `left` are the words it does not account for and `wrong_section` says that the headings do not name what it needs:
    a fit with either decides nothing. `figures` are the numbers that no word of the alias accounts for.
    """

    alias: Alias
    pattern: Pattern
    left: tuple[str, ...]
    wrong_section: bool
    figures: tuple[Figure, ...]

    @property
    def words_fit(self) -> bool:
        """Whether all but the figures is accounted for."""
        return not self.left and not self.wrong_section


@dataclass(frozen=True, slots=True)
class Text:
    """An item as it is matched."""

    words: str
    around: str
    """The headings and the item: where a section word may stand."""
    headings: str

    @classmethod
    def of(cls, item: Item) -> Text:
        words = without_marks(item.text)
        headings = " / ".join(normalise(name) for name in item.section)
        return cls(words, f"{headings} / {words}", headings)


def fits(text: Text, aliases: Aliases) -> list[Fit]:
    """The best fit of each alias that fits at all, in the order of the aliases."""
    if len(text.words) > MAX_TEXT:
        return []
    found = []
    numbers = figures(text.words)
    fillers = aliases.fillers
    if not aliases.states.isdisjoint(_TOKEN.findall(text.words)):
        fillers |= aliases.verifying
    for alias in aliases.entries:
        candidates = [fit for pattern in alias.patterns if (fit := _fit(text, alias, pattern, fillers, numbers)) is not None]
        if candidates:
            found.append(min(candidates, key=lambda fit: (not fit.words_fit, len(fit.left) + len(fit.figures), fit.wrong_section)))
    return found


def elsewhere(text: Text, aliases: Aliases) -> str:
    """The heading word that says the item is about something else, `` where there is none."""
    if aliases.elsewhere is None:
        return ""
    if aliases.own is not None and aliases.own.occurs(text.around):
        return ""
    return aliases.elsewhere.first(text.headings)


def is_manual(text: Text, aliases: Aliases) -> bool:
    """Whether the item is known to be a matter for a person or of a running system."""
    return any(_holds(pattern, text) and not _wrong_section(pattern, text) for pattern in aliases.manual)


def _fit(text: Text, alias: Alias, pattern: Pattern, fillers: frozenset[str], numbers: Sequence[Figure]) -> Fit | None:
    if not _holds(pattern, text):
        return None
    covered = bytearray(len(text.words))
    also = alias.also.spans(text.words) if alias.also is not None else []
    _cover(covered, [span for group in pattern.all_of for span in group.spans(text.words)] + also)
    # `TLS 1.2` is a word of the alias; any other number is a figure.
    open_figures = [figure for figure in numbers if not all(covered[start] for start, _ in figure.spans)]
    _cover(covered, [span for figure in open_figures for span in figure.spans])
    rest = "".join(" " if covered[at] else character for at, character in enumerate(text.words))
    left = tuple(token for token in _TOKEN.findall(rest) if token not in fillers)
    return Fit(alias, pattern, left, _wrong_section(pattern, text), tuple(open_figures))


def _cover(covered: bytearray, spans: Sequence[tuple[int, int]]) -> None:
    for start, end in spans:
        covered[start:end] = b"\1" * (end - start)


def _holds(pattern: Pattern, text: Text) -> bool:
    if pattern.none_of is not None and pattern.none_of.occurs(text.around):
        return False
    return all(group.occurs(text.words) for group in pattern.all_of)


def _wrong_section(pattern: Pattern, text: Text) -> bool:
    return pattern.section is not None and not pattern.section.occurs(text.around)


def parameters_of(fit: Fit, names: Sequence[str]) -> dict[str, int] | None:
    """The figure of an item as the parameter its control declares; None where a figure says what the control cannot check."""
    if not fit.figures:
        return {}
    if not names or len(fit.figures) > 1:
        return None
    figure = fit.figures[0]
    if figure.unit and figure.unit not in COUNTERS:
        return None
    if figure.comparison is Comparison.EXACT and isinstance(figure.value, int):
        return {names[0]: figure.value}
    # "At least one" is what a minimum means without a figure.
    at_least_one = (figure.comparison, figure.value) in ((Comparison.AT_LEAST, 1), (Comparison.MORE, 0))
    return {} if at_least_one and fit.alias.at_least_one else None

"""Which controls an item's words fit: all of it, or only so far."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gonogo.checklist.aliases import Alias, Aliases, Fillers, Pattern
from gonogo.checklist.figures import Figure, examples, figures
from gonogo.checklist.normalise import fold, is_unspaced, normalise
from gonogo.checklist.optional import without_marks
from gonogo.model.checklist import Item

# A claim is a line. What is longer is an explanation, and is bound by hand.
MAX_TEXT = 300
# Letters and digits, and apart from one another where the script puts no spaces: `Redis연결` is two words.
_TOKEN = re.compile(r"[^\W_]+")
_DESCRIPTION = re.compile(r"\([^()]*\)|\s*[:\u2013\u2014]\s.*$|\s-\s.*$")


@dataclass(frozen=True, slots=True)
class Fit:
    """A pattern of `alias` whose words all occur in an item.

    `left` are the words it does not account for and `wrong_section` says that the headings do not name what it needs:
    a fit with either decides nothing. `figures` are the numbers that no word of the alias accounts for. `matched` are the
    words of the item by which it fits, and `named` what they name (`ruff`).
    """

    alias: Alias
    pattern: Pattern
    left: tuple[str, ...]
    wrong_section: bool
    figures: tuple[Figure, ...]
    matched: tuple[str, ...] = ()
    named: str = ""

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
    written: str

    @classmethod
    def of(cls, item: Item) -> Text:
        words = fold(without_marks(item.text))
        headings = " / ".join(fold(normalise(name)) for name in item.section)
        return cls(words, f"{headings} / {words}", headings, item.text)


def fits(text: Text, aliases: Aliases) -> list[Fit]:
    """The best fit of each alias that fits at all, in the order of the aliases."""
    if len(text.words) > MAX_TEXT:
        return []
    numbers, shown = figures(text.words), examples(text.words)
    fillers = aliases.fillers
    if any(token in aliases.states for token in _TOKEN.findall(text.words)):
        fillers |= aliases.verifying
    best: dict[int, Fit] = {}
    for number in sorted(aliases.index.possible(text.words)):
        entry, pattern = aliases.numbered[number]
        if not _holds(pattern, text):
            continue
        fit = _fit(text, aliases.entries[entry], pattern, fillers, numbers, shown)
        if entry not in best or _worth(fit) < _worth(best[entry]):
            best[entry] = fit
    return [best[entry] for entry in sorted(best)]


def elsewhere(text: Text, aliases: Aliases) -> tuple[str, bool]:
    """The heading word that says the item is about something else, `` where there is none; and whether all that say so speak of documents."""
    if aliases.elsewhere is None or not text.headings:
        return "", False
    if aliases.own is not None and aliases.own.occurs(text.around):
        return "", False
    words = [text.headings[start:end] for start, end in sorted(aliases.elsewhere.spans(text.headings))]
    papers = aliases.papers
    return (words[0] if words else ""), papers is not None and all(papers.occurs(word) for word in words)


def manual(text: Text, aliases: Aliases) -> Pattern | None:
    """By what an item is known to be a matter for a person or of a running system."""
    found = [pattern for pattern in aliases.manual if _holds(pattern, text) and not _wrong_section(pattern, text)]
    return next((pattern for pattern in found if pattern.reason), found[0] if found else None)


def _worth(fit: Fit) -> tuple[bool, int, bool, bool]:
    """Less is better; of patterns that fit alike the one that says more of what is asked."""
    return (not fit.words_fit, len(fit.left) + len(fit.figures), fit.wrong_section, not fit.pattern.parameters)


def _fit(
    text: Text, alias: Alias, pattern: Pattern, fillers: Fillers, numbers: Sequence[Figure], shown: Sequence[tuple[int, int]]
) -> Fit:
    covered = bytearray(len(text.words))
    said = [span for group in pattern.all_of for span in group.spans(text.words)]
    _cover(covered, said)
    if alias.also is not None:
        _cover(covered, alias.also.spans(text.words))
    _cover(covered, shown)
    if pattern.described:
        _cover(covered, [match.span() for match in _DESCRIPTION.finditer(text.words)])
    # `TLS 1.2` is a word of the alias; any other number is a figure.
    open_figures = [figure for figure in numbers if not all(covered[start] for start, _ in figure.spans)]
    _cover(covered, [span for figure in open_figures for span in figure.spans])
    rest = "".join(" " if covered[at] else character for at, character in enumerate(text.words))
    left = tuple(token for token in _TOKEN.findall(rest) if not _filled(token, fillers))
    named = _written(pattern.all_of[0].named(text.words), text) if pattern.names else ""
    matched = tuple(dict.fromkeys(text.words[start:end] for start, end in sorted(said)))
    return Fit(alias, pattern, left, _wrong_section(pattern, text), tuple(open_figures), matched, named)


def _written(name: str, text: Text) -> str:
    """A document as the item spells it; what an alias spells stays as it is there."""
    match = re.search(re.escape(name), text.written, re.IGNORECASE) if "." in name else None
    return match.group(0) if match is not None else name


def _filled(token: str, fillers: Fillers) -> bool:
    """Whether a token adds no claim.

    Kana and Han write words together, so a run of them adds none where it is made of fillers altogether: `を設定する`.
    Hangul only hangs particles on words (`설정을`); its syllables make other words too easily (`가용`).
    """
    if token in fillers:
        return True
    if not any(is_unspaced(character) for character in token):
        return False
    if all("\uac00" <= character <= "\ud7af" for character in token):
        return len(token) > 2 and token[:-1] in fillers and token[-1] in fillers
    reached = {0}
    for end in range(1, len(token) + 1):
        if any(start in reached and token[start:end] in fillers for start in range(max(0, end - 12), end)):
            reached.add(end)
    return len(token) in reached


def _cover(covered: bytearray, spans: Sequence[tuple[int, int]]) -> None:
    for start, end in spans:
        covered[start:end] = b"\1" * (end - start)


def _holds(pattern: Pattern, text: Text) -> bool:
    if not all(group.occurs(text.words) for group in pattern.all_of):
        return False
    if pattern.described and not any(start == 0 for start, _ in pattern.all_of[0].spans(text.words)):
        return False
    excluded = ((pattern.none_of, text.around), (pattern.without, text.words))
    return not any(words is not None and words.occurs(read) for words, read in excluded)


def _wrong_section(pattern: Pattern, text: Text) -> bool:
    return pattern.section is not None and not pattern.section.occurs(text.around)

"""The catalogues of a language: `gonogo.po` (texts of reports), `sentences.po` (what the code says of what it read), `rules.po` (rule packs)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from gonogo.data import data_directory
from gonogo.translation.language import Language
from gonogo.translation.po import Entry, read_po
from gonogo.translation.template import EXPRESSION, NAMED, Template, skeleton, texts

_REPEATED = ("reason", "problem", "problems", "error", "said")
"""How a place is called that holds another sentence of ours."""
_ONE_WORD = ("name", "number")
"""What is called so has no blanks: a pattern as wide as `{name} is not read` takes no sentence for a name."""
_DEEPEST = 4
"""So many sentences are within one another."""
_CONTEXT = 'msgctxt "'
_Pair = tuple[Template, Template]


def directory_of(code: str) -> Path:
    """Where the shipped catalogues of a language lie."""
    return data_directory("rules") / "locale" / code / "LC_MESSAGES"


def load_language(code: str, directory: Path | None = None) -> Language:
    """The language with what is translated; a fuzzy entry is not. Raises `CatalogueError` and `OSError`."""
    where = directory or directory_of(code)
    words = {e.id: tuple(e.forms) for e in translated((where / "gonogo.po").read_text("utf-8"))}
    return Language(code, words, Known(where))


def translated(text: str) -> Iterator[Entry]:
    """The entries of a catalogue that have a translation."""
    return (e for e in read_po(text) if e.forms and all(e.forms) and not e.fuzzy)


def differences(code: str, sentences: Iterable[tuple[str, str]], directory: Path | None = None) -> tuple[list[Entry], list[Entry]]:
    """What `rules.po` lacks of these (context, English) sentences, and what it has that is none of them any more."""
    text = ((directory or directory_of(code)) / "rules.po").read_text("utf-8")
    wanted = dict.fromkeys(sentences)
    there = {(entry.context, entry.id) for entry in translated(text)}
    missing = [Entry(about, english, forms=[""]) for about, english in wanted if (about, english) not in there]
    return missing, [entry for entry in read_po(text) if (entry.context, entry.id) not in wanted]


class Known:
    """Sentences by what they are made of. Files are read when they are asked for, and of the rules only what is said of one."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._blocks: dict[str, list[str]] | None = None
        self._rules: dict[str, list[_Pair]] = {}
        self._fixed: Mapping[str, str] | None = None
        self._patterns: dict[str, list[_Pair]] = {}
        self._said: dict[tuple[str, str], str] = {}

    def translated(self, text: str, about: str) -> str:
        """`text` in the language; as it is, where it is not known."""
        found = self._said.get((text, about))
        if found is None:
            found = self._said[text, about] = (self._of_rule(self._about(about), text) if about else "") or self._of_code(text, _DEEPEST) or text
        return found

    def _about(self, rule: str) -> Sequence[_Pair]:
        if self._blocks is None:
            self._blocks = {}
            for block in (self._directory / "rules.po").read_text("utf-8").split("\n\n"):
                context = block.partition(_CONTEXT)[2].partition('"\n')[0]
                self._blocks.setdefault(context, []).append(block)
        if rule not in self._rules:
            entries = translated("\n\n".join(self._blocks.get(rule, ())))
            pairs = [(Template.of(entry.id, EXPRESSION), Template.of(entry.forms[0], EXPRESSION)) for entry in entries]
            self._rules[rule] = sorted(pairs, key=_lightness)
        return self._rules[rule]

    def _sentences(self) -> Mapping[str, str]:
        """Those without places; the others are put under their first word."""
        if self._fixed is None:
            self._fixed = fixed = {}
            for entry in translated((self._directory / "sentences.po").read_text("utf-8")):
                if "{" in entry.id:
                    pair = Template.of(entry.id, NAMED), Template.of(entry.forms[0], NAMED)
                    self._patterns.setdefault(_first(pair[0].literals[0]), []).append(pair)
                else:
                    fixed[entry.id] = entry.forms[0]
            for pairs in self._patterns.values():
                pairs.sort(key=_lightness)
        return self._fixed

    def _of_rule(self, pairs: Sequence[_Pair], text: str) -> str:
        for source, target in pairs:
            found = source.match(text)
            if found is not None:
                there = {skeleton(place): place for place in target.places}
                values = {(other := there.get(skeleton(here), here)): self._inside(here, other, value) for here, value in zip(source.places, found, strict=True)}
                said = target.filled(values)
                if said != text:  # else it may be made of another: one that is an expression only fits anything
                    return said
        return ""

    def _inside(self, here: str, there: str, value: str) -> str:
        """What an expression came to, with the texts that are in it translated, and a sentence that it repeats."""
        for english, other in zip(texts(here), texts(there), strict=True):
            if english != other and english in value:
                before, _, after = value.partition(english)
                return before + other + self._inside(here, there, after)
        return (self._of_code(value, _DEEPEST) or value) if any(f".{said}" in here for said in _REPEATED) else value

    def _of_code(self, text: str, deepest: int) -> str:
        """A sentence of the code, one that stands behind a place and a colon, or several with semicolons between; empty where it is not known."""
        fixed = self._sentences().get(text)
        if fixed is not None or not deepest:
            return fixed or ""
        matches = [found for first in dict.fromkeys((_first(text), "")) if (found := self._matching(first, text)) is not None]
        if matches:
            (source, target), values = max(matches, key=lambda found: found[0][0].weight)
            repeated = {name: (self._of_code(value, deepest - 1) if name in _REPEATED else "") or value for name, value in zip(source.places, values, strict=True)}
            return target.filled(repeated)
        place, colon, rest = text.partition(": ")
        if colon and " " not in place and (said := self._of_code(rest, deepest - 1)):
            return f"{place}: {said}"
        parts = text.split("; ")
        others = [self._of_code(part, deepest - 1) for part in parts] if len(parts) > 1 else []
        return "; ".join(other or part for other, part in zip(others, parts, strict=True)) if any(others) else ""

    def _matching(self, first: str, text: str) -> tuple[_Pair, tuple[str, ...]] | None:
        for pair in self._patterns.get(first, ()):
            found = pair[0].match(text)
            if found is not None and not any(name.startswith(_ONE_WORD) and " " in value for name, value in zip(pair[0].places, found, strict=True)):
                return pair, found
        return None


def _lightness(pair: _Pair) -> int:
    return -pair[0].weight


def _first(text: str) -> str:
    """The first word, if it is whole."""
    word, blank, _ = text.partition(" ")
    return word if blank else ""

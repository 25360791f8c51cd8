"""The catalogues of a language: `gonogo.po` (texts of reports), `sentences.po` (what the code says of what it read), `rules.po` (rule packs)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from gonogo.data import data_directory
from gonogo.translation.language import Language
from gonogo.translation.po import Entry, read_po
from gonogo.translation.template import EXPRESSION, NAMED, Template, texts

_SAID = ("reason", "problem", "error")
"""How a place is called, at its end, where there is another sentence of ours."""
_DEEPEST = 4
_Pair = tuple[Template, Template]


def directory_of(code: str) -> Path:
    """Where the shipped catalogues of a language lie."""
    return data_directory("rules") / "locale" / code / "LC_MESSAGES"


def load_language(code: str, directory: Path | None = None) -> Language:
    """The language with what is translated; a fuzzy entry is not. Raises `CatalogueError` and `OSError`."""
    where = directory or directory_of(code)
    words = {e.id: tuple(e.forms) for e in translated(where / "gonogo.po")}
    return Language(code, words, Known(where))


def translated(path: Path) -> Iterator[Entry]:
    """The entries of a file that have a translation."""
    return (e for e in read_po(path.read_text("utf-8")) if e.forms and all(e.forms) and not e.fuzzy)


class Known:
    """Sentences by what they are made of. The files are read when the first sentence is asked for."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._rules: Mapping[str, list[_Pair]] | None = None
        self._fixed: dict[str, str] = {}
        self._patterns: dict[str, list[_Pair]] = {}
        self._said: dict[tuple[str, str], str] = {}

    def translated(self, text: str, about: str) -> str:
        """`text` in the language; as it is, where it is not known."""
        if self._rules is None:
            self._rules = self._read()
        found = self._said.get((text, about))
        if found is None:
            found = self._said[text, about] = self._of_rule(self._rules.get(about, ()), text) or self._of_code(text, _DEEPEST) or text
        return found

    def _read(self) -> Mapping[str, list[_Pair]]:
        for entry in translated(self._directory / "sentences.po"):
            if "{" in entry.id:
                pair = Template.of(entry.id, NAMED), Template.of(entry.forms[0], NAMED)
                self._patterns.setdefault(_first(pair[0].literals[0]), []).append(pair)
            else:
                self._fixed[entry.id] = entry.forms[0]
        for pairs in self._patterns.values():
            pairs.sort(key=lambda pair: -pair[0].weight)
        rules: dict[str, list[_Pair]] = {}
        for entry in translated(self._directory / "rules.po"):
            rules.setdefault(entry.context, []).append((Template.of(entry.id, EXPRESSION), Template.of(entry.forms[0], EXPRESSION)))
        for pairs in rules.values():
            pairs.sort(key=lambda pair: -pair[0].weight)
        return rules

    def _of_rule(self, pairs: list[_Pair] | tuple[()], text: str) -> str:
        for source, target in pairs:
            found = source.match(text)
            if found is not None:
                values = {there: self._inside(here, there, value) for here, there, value in zip(source.places, _ordered(source, target), found, strict=True)}
                return target.filled(values)
        return ""

    def _inside(self, here: str, there: str, value: str) -> str:
        """What an expression came to, with the texts that are in it translated, and a sentence that it repeats."""
        for english, other in zip(texts(here), texts(there), strict=True):
            if english == other or english not in value:
                continue
            before, _, after = value.partition(english)
            return before + other + self._inside(here, there, after)
        return (self._of_code(value, _DEEPEST) or value) if any(f".{said}" in here for said in _SAID) else value

    def _of_code(self, text: str, deepest: int) -> str:
        fixed = self._fixed.get(text)
        if fixed is not None:
            return fixed
        best: tuple[int, _Pair, tuple[str, ...]] | None = None
        for first in (_first(text), ""):
            for pair in self._patterns.get(first, ()):
                found = pair[0].match(text)
                if found is not None:
                    if best is None or pair[0].weight > best[0]:
                        best = pair[0].weight, pair, found
                    break
        if best is None or not deepest:
            return ""
        _, (source, target), found = best
        said = {name: (self._of_code(value, deepest - 1) if name.endswith(_SAID) else "") or value for name, value in zip(source.places, found, strict=True)}
        return target.filled(said)


def _first(text: str) -> str:
    """The first word, if it is whole."""
    word, blank, _ = text.partition(" ")
    return word if blank else ""


def _ordered(source: Template, target: Template) -> list[str]:
    """The places of `target` in the order of `source`: each is told by its expression without texts."""
    from gonogo.translation.template import skeleton

    there = {skeleton(place): place for place in target.places}
    return [there.get(skeleton(place), place) for place in source.places]

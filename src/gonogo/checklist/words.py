"""Words and phrases as they stand in a normalised, folded text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from gonogo.checklist.normalise import fold, is_spaced

FILE_NAME = re.compile(r"(?<![\w./-])[\w./-]*\w\.(?:md|mdx|rst|adoc)(?!\w)")
"""A document named in an item: `setup.md`, `docs/runbook.md`."""
FILE = "<file>"
_FILE_ENDINGS = (".md", ".rst", ".adoc")
_SEPARATOR = re.compile(r"[\s\-]+")
_JOINTS = " -_\t\n"


class Word:
    """One word or phrase.

    A space or hyphen in it matches up to two of space, hyphen and underscore, or none; a `*` that ends a part takes the
    rest of a word. At an end that is a letter of a script with spaces no other such letter may follow: `\\b` does not do,
    for which Hangul and Kana are word characters (`\\bRedis\\b` does not find `Redis연결`).
    """

    __slots__ = ("_closed", "_open", "parts", "start", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        written = [part for part in _SEPARATOR.split(fold(text.casefold())) if part.strip("*")]
        self.parts = tuple((part.rstrip("*"), part.endswith("*")) for part in written)
        self.start = self.parts[0][0] if self.parts else ""
        self._open = bool(self.start) and is_spaced(self.start[0])
        self._closed = bool(self.parts) and not self.parts[-1][1] and is_spaced(self.parts[-1][0][-1])

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        at = text.find(self.start) if self.start else -1
        while at >= 0:
            if (end := self._end(text, at)) > at:
                yield at, end
            at = text.find(self.start, max(at + 1, end))

    def _end(self, text: str, at: int) -> int:
        """Where it ends that starts at `at`, -1 where it does not stand there."""
        if self._open and at and is_spaced(text[at - 1]):
            return -1
        end = at
        for part, rest in self.parts:
            if end > at:
                joined = end + 2
                while end < joined and text[end : end + 1] in _JOINTS and end < len(text):
                    end += 1
            if not text.startswith(part, end):
                return -1
            end += len(part)
            while rest and end < len(text) and is_spaced(text[end]):
                end += 1
        return -1 if self._closed and end < len(text) and is_spaced(text[end]) else end


class Words:
    """A set of synonyms. `<file>` among them is the name of any document."""

    __slots__ = ("_words", "starts")

    def __init__(self, words: Iterable[str]) -> None:
        given = dict.fromkeys(words)
        files = FILE in given
        self._words = tuple(Word(word) for word in given if word != FILE)
        starts = {word.start for word in self._words if word.start}
        self.starts = tuple(sorted(starts.union(_FILE_ENDINGS) if files else starts))

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(word.text for word in self._words)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where they stand in `text`."""
        return [span for span, _ in self._found(text)]

    def first(self, text: str) -> str:
        """The first that stands in `text`, and the longest of those; `` where none does."""
        spans = self.spans(text)
        start, end = min(spans, key=lambda span: (span[0], -span[1])) if spans else (0, 0)
        return text[start:end]

    def named(self, text: str) -> str:
        """The first that stands in `text`, as it is written among the synonyms; a document by its name."""
        found = self._found(text)
        (start, end), word = min(found, key=lambda one: (one[0][0], -one[0][1])) if found else ((0, 0), None)
        return text[start:end] if word is None else word.text

    def occurs(self, text: str) -> bool:
        return any(word.start in text and any(True for _ in word.spans(text)) for word in self._words) or bool(
            self._files(text)
        )

    def fill(self, text: str) -> bool:
        """Whether one of them is all of `text`."""
        return (0, len(text)) in self.spans(text)

    def _found(self, text: str) -> list[tuple[tuple[int, int], Word | None]]:
        words = [(span, word) for word in self._words if word.start in text for span in word.spans(text)]
        return [*words, *((span, None) for span in self._files(text))]

    def _files(self, text: str) -> list[tuple[int, int]]:
        return [match.span() for match in FILE_NAME.finditer(text)] if ".md" in self.starts else []

"""The words by which a section is known: `rules/documents/roles.yaml`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gonogo.data import data_directory
from gonogo.formats.yaml_reader import read_yaml

FILE = "roles.yaml"
_SEPARATOR = re.compile(r"[\s_-]+")


@dataclass(frozen=True, slots=True)
class DocumentWords:
    """`roles` are matched against names and headings, `words` against text, both after `folded`."""

    roles: Mapping[str, re.Pattern[str]]
    commands: re.Pattern[str]
    rollbacks: re.Pattern[str]
    words: Mapping[str, re.Pattern[str]]

    def roles_of(self, name: str) -> list[str]:
        """What a heading or a file name says that it is for."""
        text = folded(name)
        return [role for role, pattern in self.roles.items() if pattern.search(text)]

    def says(self, word: str, text: str) -> bool:
        return self.words[word].search(folded(text)) is not None


def folded(text: str) -> str:
    """The form in which texts are compared: width, case, hyphens and underscores say nothing."""
    return _SEPARATOR.sub(" ", unicodedata.normalize("NFKC", text).casefold())


def load_words() -> DocumentWords:
    """The words that come with gonogo; the tests hold the table against its schema."""
    read = read_yaml(FILE, (data_directory("rules") / "documents" / FILE).read_text("utf-8"))
    data: Any = read.documents[0].value
    return DocumentWords(
        {role: _any(words) for role, words in data["roles"].items()},
        re.compile(r"(?:[$#>%]\s*)?(?:sudo\s+)?(?:" + "|".join(_command(c) for c in _longest(data["commands"])) + ")"),
        re.compile("|".join(re.escape(str(c)) for c in _longest(data["rollback_commands"]))),
        {name: _any(words) for name, words in data["words"].items()},
    )


def _any(words: Iterable[Any]) -> re.Pattern[str]:
    """One of some words: of ASCII letters by themselves, of another script also inside a word."""
    found = []
    for word in _longest(words):
        text = re.escape(folded(str(word)))
        before = r"(?<![a-z0-9])" if word[:1].isascii() else ""
        after = r"(?![a-z0-9])" if word[-1:].isascii() else ""
        found.append(f"{before}{text}{after}")
    return re.compile("|".join(found))


def _command(word: Any) -> str:
    text = re.escape(str(word))
    return text if str(word).endswith("/") else text + r"(?![\w-])"


def _longest(words: Iterable[Any]) -> list[str]:
    return sorted(map(str, words), key=lambda w: (-len(w), w))

"""The table of words and of what rests on what: `rules/checklist/lint.yaml`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gonogo.checklist.normalise import fold
from gonogo.checklist.words import Words
from gonogo.data import data_directory
from gonogo.formats.yaml_reader import read_yaml

FILE = "lint.yaml"


@dataclass(frozen=True, slots=True)
class RestsOn:
    """A ticked claim, by its controls or its words, and the controls of what it rests on."""

    controls: frozenset[str]
    words: Words | None
    on: frozenset[str]


@dataclass(frozen=True, slots=True)
class Conflict:
    """`one` is claimed, and the figure of `other` is below what that needs."""

    one: str
    other: str
    below: int
    because: str


@dataclass(frozen=True, slots=True)
class LintTable:
    words: Mapping[str, Words]
    rests_on: tuple[RestsOn, ...]
    conflicts: tuple[Conflict, ...]

    def says(self, name: str, text: str) -> bool:
        """Whether one of the words called `name` stands in a normalised text."""
        return self.words[name].occurs(fold(text))


def load_table() -> LintTable:
    """The table that comes with gonogo; the tests hold it against its schema."""
    path = data_directory("rules") / "checklist" / FILE
    data: Any = read_yaml(FILE, path.read_text("utf-8")).documents[0].value
    by_control = [RestsOn(frozenset(row["claim"]), None, frozenset(row["on"])) for row in data["rests_on"]]
    by_words = [RestsOn(frozenset(), Words(row["claim"]), frozenset(row["on"])) for row in data["rests_on_words"]]
    conflicts = tuple(Conflict(**row) for row in data["conflicts"])
    return LintTable({name: Words(_strings(words)) for name, words in data["words"].items()}, (*by_control, *by_words), conflicts)


def _strings(words: Sequence[Any]) -> Iterable[str]:
    return (str(word) for word in words)

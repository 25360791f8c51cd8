"""The table of `rules/evidence/places.yaml`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from gonogo.data import data_directory
from gonogo.formats.yaml_reader import read_yaml


@dataclass(frozen=True, slots=True)
class Table:
    """Where artefacts lie and the words in them; each field is one of the file's."""

    places: Sequence[Mapping[str, Any]]
    skipped: frozenset[str]
    suites: Mapping[str, Sequence[str]]
    properties: Mapping[str, Sequence[str]]
    health: frozenset[str]
    sources: Mapping[str, Any]
    series: Mapping[str, Mapping[str, Any]]
    plans: Sequence[Mapping[str, str]]
    hollow: Mapping[str, Sequence[str]]

    def kind_of(self, path: str) -> str:
        """What a file of this path is taken for, `` where the name says nothing."""
        directory, _, name = path.rpartition("/")
        for row in self.places:
            if fnmatchcase(name, row["name"]) and ("in" not in row or any(f"/{wanted}/" in f"/{directory}/" for wanted in row["in"])):
                return str(row["kind"])
        return ""

    def said(self, properties: Mapping[str, str], name: str) -> str:
        """The value of the first property that means `name`."""
        lowered = {key.lower(): value for key, value in properties.items()}
        return next((lowered[key].strip() for key in self.properties[name] if lowered.get(key, "").strip()), "")


def load_table() -> Table:
    """The shipped table."""
    text = (data_directory("rules") / "evidence" / "places.yaml").read_text("utf-8")
    value: Any = read_yaml("places.yaml", text).documents[0].value
    return Table(
        value["places"],
        frozenset(value["skipped"]),
        value["suites"],
        value["properties"],
        frozenset(value["health"]),
        value["sources"],
        value["series"],
        value["plans"],
        value["hollow"],
    )

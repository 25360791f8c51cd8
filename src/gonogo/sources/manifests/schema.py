"""The structure that Kubernetes' API gives its kinds: the tables `rules/kubernetes/schema`, one file for each API group.

They come from the OpenAPI of Kubernetes (github.com/kubernetes/kubernetes, api/openapi-spec, Apache-2.0) and are made by
`tests/oracle/kubernetes/schema_table.py`; `schemas/kubernetes-schema.v1.json` describes them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from gonogo.data import data_directory

DIRECTORY = "kubernetes/schema"


@dataclass(frozen=True, slots=True)
class Definition:
    """One object of the API. A type is a word (`string`, `int-or-string`), `[type]`, `{type}`, or the name of a definition."""

    fields: Mapping[str, str]
    required: tuple[str, ...]
    words: Mapping[str, tuple[str, ...]]
    """All that a field may say, where the API names it."""
    complete: bool
    """Whether the API knows no other fields."""


@dataclass(frozen=True, slots=True)
class Table:
    """The kinds of one API group."""

    group: str
    release: str
    """`Kubernetes 1.37`, the newest whose fields are known."""
    kinds: Mapping[str, str]
    """The definition of each kind, by `v1/Deployment`."""
    definitions: Mapping[str, Definition]


@cache
def table(group: str) -> Table | None:
    """The table of an API group (`core` for the one without a name); None for a group that is not known."""
    if f"{group}.json" not in _files():
        return None
    read: dict[str, Any] = json.loads((data_directory("rules") / DIRECTORY / f"{group}.json").read_text("utf-8"))
    definitions = {
        name: Definition(
            row["fields"],
            tuple(row.get("required", ())),
            {field: tuple(words) for field, words in row.get("words", {}).items()},
            not row.get("open", False),
        )
        for name, row in read["definitions"].items()
    }
    return Table(group, read["release"], read["kinds"], definitions)


@cache
def _files() -> frozenset[str]:
    return frozenset(path.name for path in (data_directory("rules") / DIRECTORY).glob("*.json"))


def definition(reference: str, group: str) -> tuple[Definition, str]:
    """The definition that a type of `group` names (`v1.PodSpec`, `core/v1.PodSpec`), and its group."""
    other, _, name = reference.rpartition("/")
    found = table(other or group)
    if found is None:
        raise KeyError(reference)
    return found.definitions[name], found.group

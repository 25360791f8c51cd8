"""The data tables of `rules/application/`: names of libraries, and what their calls do."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeAlias

from gonogo.data import data_directory
from gonogo.formats.yaml_reader import read_yaml

Row: TypeAlias = Mapping[str, Any]


@cache
def read_table(name: str) -> Row:
    """A table that is shipped, read once. Raises `ValueError` where it does not parse: the installation is broken."""
    parsed = read_yaml(name, (data_directory("rules") / "application" / name).read_text("utf-8"))
    value = parsed.documents[0].value if parsed.documents else None
    if parsed.error or not isinstance(value, Mapping):
        raise ValueError(f"rules/application/{name}: {parsed.error or 'no table'}")
    return value


def rows(table: Row, name: str) -> tuple[Row, ...]:
    found = table.get(name)
    return tuple(row for row in found if isinstance(row, Mapping)) if isinstance(found, list | tuple) else ()


def names(value: object) -> tuple[str, ...]:
    """A text, or a list of texts, as a tuple."""
    if isinstance(value, str):
        return (value,)
    return tuple(str(v) for v in value) if isinstance(value, list | tuple) else ()

"""The data tables of `rules/application/` against their schemas, and against each other."""

from __future__ import annotations

import json

import jsonschema
import pytest

from gonogo.data import data_directory
from gonogo.sources.application.libraries import Libraries
from gonogo.sources.application.tables import names, read_table, rows


@pytest.mark.parametrize("name", ["languages", "libraries", "python"])
def test_table_is_what_its_schema_says(name: str) -> None:
    schema = json.loads((data_directory("schemas") / f"application-{name}.v1.json").read_text("utf-8"))
    errors = [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(read_table(f"{name}.yaml"))]
    assert errors == []


def test_every_call_of_a_library_belongs_to_one_that_something_installs() -> None:
    table, libraries = read_table("python.yaml"), Libraries("python")
    called = {name for section in table for row in rows(table, section) for name in names(row.get("name"))}
    strange = {name for name in called if "." in name and libraries.of(name) is None}
    assert strange == set()


def test_a_library_is_listed_once() -> None:
    found = [(row["language"], row["name"]) for row in rows(read_table("libraries.yaml"), "libraries")]
    assert len(found) == len(set(found))

"""The tables of calls, `rules/application/<language>.yaml`, against their schema."""

from __future__ import annotations

import json

import jsonschema
import pytest

from gonogo.data import data_directory
from gonogo.sources.application.code.libraries import Paths, load_libraries


@pytest.mark.parametrize("language", ["javascript", "go"])
def test_table_is_what_its_schema_says(language: str) -> None:
    schema = json.loads((data_directory("schemas") / "application-calls.v1.json").read_text("utf-8"))
    errors = [f"{list(e.path)}: {e.message}" for e in jsonschema.Draft202012Validator(schema).iter_errors(load_libraries(language).data)]
    assert errors == []


@pytest.mark.parametrize("language", ["javascript", "go"])
def test_a_path_means_one_thing(language: str) -> None:
    libraries = load_libraries(language)
    for section in ("same", "types"):
        aliases = [alias for listed in libraries.data[section].values() for alias in listed]
        assert len(aliases) == len(set(aliases))


def test_patterns_of_paths() -> None:
    paths = Paths(["express().get", "mysql2*.query"])
    assert ("express().get" in paths, "mysql2/promise.createPool().query" in paths) == (True, True)
    assert ("express().post" in paths, "mysql.query" in paths) == (False, False)

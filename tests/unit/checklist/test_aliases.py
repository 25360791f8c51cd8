from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from gonogo.checklist import ChecklistError
from gonogo.checklist.aliases import load_aliases
from gonogo.checklist.words import Words
from gonogo.data import data_directory
from gonogo.formats.yaml_reader import read_yaml
from gonogo.rules import load_rules

LANGUAGES = ("en", "ko")


def alias_file(language: str) -> dict[str, Any]:
    path = data_directory("rules") / "aliases" / f"{language}.yaml"
    value = read_yaml(path.name, path.read_text("utf-8")).documents[0].value
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_files_follow_their_schema(language: str) -> None:
    schema = json.loads((data_directory("schemas") / "aliases.v1.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    errors = [e.json_path + ": " + e.message for e in jsonschema.Draft202012Validator(schema).iter_errors(alias_file(language))]
    assert errors == []
    assert alias_file(language)["language"] == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_control_has_words_in_every_language(language: str) -> None:
    controls = {control.id for control in load_rules(()).controls}
    assert set(alias_file(language)["controls"]) == controls


def test_every_compound_names_controls_of_the_catalogue() -> None:
    controls = {control.id for control in load_rules(()).controls}
    compounds = [entry["controls"] for language in LANGUAGES for entry in alias_file(language)["compounds"]]
    assert compounds
    assert all(set(names) <= controls for names in compounds)


@pytest.mark.parametrize(
    ("word", "text", "found"),
    [
        ("redis", "redis연결", "redis"),
        ("redis", "predis", ""),
        ("multi stage", "multi-stage", "multi-stage"),
        ("multi stage", "multistage", "multistage"),
        ("멀티 스테이지", "멀티스테이지", "멀티스테이지"),
        ("automat* backup*", "automated backups", "automated backups"),
        ("automat* backup*", "automated db backups", ""),
        ("rds", "records", ""),
        (".env", ".env", ".env"),
        ("ci/cd", "ci/cd", "ci/cd"),
        ("tls 1.2", "tls 1.2+", "tls 1.2"),
        ("tls 1.2", "tls 1.20", ""),
    ],
)
def test_words(word: str, text: str, found: str) -> None:
    assert Words([word]).first(text) == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "holds no alias file"),
        ("a: [", "not valid YAML"),
        ("schema: other/v1", "is not an alias file of schema gonogo.aliases/v1"),
        (
            "schema: gonogo.aliases/v1\ncontrols:\n  waf:\n    patterns: [{all_of: [waf], section: [nowhere]}]\n",
            "no context is called nowhere",
        ),
    ],
)
def test_a_broken_alias_file_is_one_clear_error(tmp_path: Path, text: str | None, message: str) -> None:
    if text is not None:
        (tmp_path / "xx.yaml").write_text(text, "utf-8")
    with pytest.raises(ChecklistError, match=message):
        load_aliases(tmp_path)

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from gonogo.checklist import ChecklistError
from gonogo.checklist.aliases import load_aliases
from gonogo.checklist.binding import shipped_aliases
from gonogo.checklist.words import Word, Words
from gonogo.data import data_directory
from gonogo.formats.yaml_reader import read_yaml
from unit.checklist.whole import whole_catalogue

LANGUAGES = ("en", "ko", "ja", "zh", "es", "pt", "de", "fr", "ru", "vi", "shared")


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


def test_every_control_has_words() -> None:
    controls = {control.id for control in whole_catalogue()}
    shared = alias_file("shared")
    assert set(shared["controls"]).union(*(entry["controls"] for entry in shared["compounds"])) == controls
    for language in ("en", "ko"):
        assert set(alias_file(language)["controls"]) <= controls


def test_every_compound_and_every_rival_is_a_control() -> None:
    controls = {control.id for control in whole_catalogue()}
    compounds = [entry["controls"] for language in LANGUAGES for entry in alias_file(language).get("compounds", ())]
    assert compounds
    assert all(set(names) <= controls for names in compounds)
    rivals = [rival for alias in shipped_aliases().entries for rival in alias.outranks]
    assert rivals
    assert set(rivals) <= controls


@pytest.mark.parametrize("language", [name for name in LANGUAGES if name != "shared"])
def test_no_words_mean_two_controls_in_one_place(language: str) -> None:
    """What a pattern says in one place is said by no other control there, but for its rivals, which give way."""
    aliases = load_aliases(data_directory("rules") / "aliases", [language])
    said: dict[tuple[str, frozenset[str]], set[tuple[str, ...]]] = {}
    for alias in aliases.entries:
        for pattern in alias.patterns:
            if len(pattern.all_of) == 1:
                places = frozenset(pattern.section.words) if pattern.section else frozenset()
                for word in pattern.all_of[0].words:
                    spelled = "".join(part for part, _ in Word(word).parts)
                    if pattern.none_of is None or not pattern.none_of.occurs(spelled):
                        said.setdefault((spelled, places), set()).add(alias.controls)
    outranked = {(controls, (rival,)) for alias in aliases.entries for controls in [alias.controls] for rival in alias.outranks}
    twice = {
        spelled: sorted(controls)
        for (spelled, _), controls in said.items()
        if len(controls) > 1 and not any((a, b) in outranked for a in controls for b in controls)
    }
    assert twice == {}


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

"""The same items in every language bind to the same controls, and what is near them to none in any."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from gonogo.checklist.aliases import Aliases, load_aliases
from gonogo.checklist.binding import bind, shipped_aliases
from gonogo.checklist.languages import languages_of
from gonogo.checklist.markdown import parse_checklist, read_checklist
from gonogo.data import data_directory
from gonogo.formats.yaml_reader import read_yaml
from gonogo.model.checklist import Binding
from unit.checklist.whole import whole_catalogue

ROOT = Path(__file__).resolve().parents[3]
SHARED = ROOT.parent / "shared" / "checklists"
LANGUAGES = ("en", "ko", "ja", "zh", "es", "pt", "de", "fr", "ru", "vi")
NEGATIONS = ["no", "not", "non", "never", "without", "sin", "sem", "sans", "ohne", "kein", "keine", "nicht", "nie", "ne", "pas", "aucun", "nao", "não", "khong", "không", "chua", "chưa", "нет", "не", "без", "ни", "不", "未", "无", "無", "没", "非", "ない", "なし", "없음", "미", "비", "안"]


def parallel() -> Any:
    return read_yaml("parallel", Path(__file__).with_name("parallel.yaml").read_text("utf-8")).documents[0].value


@cache
def every_language() -> Aliases:
    return shipped_aliases()


@cache
def only(language: str) -> Aliases:
    return load_aliases(data_directory("rules") / "aliases", [language])


def one(text: str, section: str, aliases: Aliases) -> Binding:
    return bind(parse_checklist(f"## {section}\n- [ ] {text}", "c.md"), whole_catalogue(), None, aliases)[-1]


def rows(language: str) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    at = LANGUAGES.index(language)
    for row in parallel()["rows"]:
        yield row["section"], row["texts"][at], row["control"], row.get("parameters", {})


def test_the_languages_are_those_that_are_shipped() -> None:
    shipped = {path.stem for path in (data_directory("rules") / "aliases").glob("*.yaml")}
    assert shipped == {*LANGUAGES, "shared"}
    assert parallel()["languages"] == list(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_item_binds_to_the_same_control(language: str) -> None:
    wrong = {}
    for section, text, control, parameters in rows(language):
        found = one(text, section, only(language))
        if (found.controls, dict(found.parameters)) != ((control,), parameters):
            wrong[text] = (found.controls, dict(found.parameters), found.reason)
    assert wrong == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_does_so_whatever_other_languages_are_read(language: str) -> None:
    wrong = {text: found.controls for section, text, control, _ in rows(language) if (found := one(text, section, every_language())).controls != (control,)}
    assert wrong == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_checklist_is_read_in_its_own_language(language: str) -> None:
    text = "\n".join(f"- [ ] {text}" for _, text, _, _ in rows(language))
    found = languages_of(parse_checklist(text, "c.md"))
    assert language in (*found, "en")
    assert len(found) <= 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_near_binds_to_nothing(language: str) -> None:
    at = LANGUAGES.index(language)
    bound = {texts[at]: found for section, texts in parallel()["near"].items() if (found := one(texts[at], section, every_language()).controls)}
    assert bound == {}


@pytest.mark.skipif(not SHARED.exists(), reason="the public checklists are not part of the project")
@pytest.mark.parametrize("language", ["ko", "ja", "es", "pt_BR", "fr", "ru", "zh"])
def test_a_public_list_binds_alike_in_its_translations(language: str) -> None:
    english = _public("")
    translated = _public(f"-{language}")
    if language == "zh":
        # It has 15 lines more than the others: what is bound there is to be bound in English somewhere.
        assert {b.controls for b in translated} - {b.controls for b in english} - {()} == set()
        return
    assert len(translated) == len(english) == 64
    differing = [(e.item.text, e.controls, t.controls) for e, t in zip(english, translated, strict=True) if e.controls != t.controls and e.controls and t.controls]
    assert differing == []


def _public(suffix: str) -> tuple[Binding, ...]:
    path = SHARED / f"shieldfy__API-Security-Checklist__README{suffix}.md"
    return bind(read_checklist(path, SHARED), whole_catalogue())


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_filler_turns_what_is_said_into_its_opposite(language: str) -> None:
    fillers = only(language).fillers
    assert [word for word in NEGATIONS if word in fillers] == []


def test_every_language_words_the_concepts() -> None:
    directory = data_directory("rules") / "aliases"
    said = {language: _concepts(directory / f"{language}.yaml") for language in LANGUAGES}
    used = set(re.findall(r"<([a-z0-9-]+)>", (directory / "shared.yaml").read_text("utf-8"))) - {"file"} - _concepts(directory / "shared.yaml")
    assert used <= said["en"]
    assert {language: sorted(words - used) for language, words in said.items() if words - used} == {}
    for language in LANGUAGES:
        assert len(used & said[language]) >= 0.9 * len(used), language


def _concepts(path: Path) -> set[str]:
    value: Any = read_yaml(path.name, path.read_text("utf-8")).documents[0].value
    return set(value.get("concepts", {}))

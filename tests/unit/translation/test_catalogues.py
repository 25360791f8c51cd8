"""Everything that gonogo says is in the catalogues, and nothing else is."""

from __future__ import annotations

import re

import pytest

from gonogo.history.compare.verdicts import Change
from gonogo.model.assessment import Decision
from gonogo.model.drift import Status
from gonogo.model.finding import Severity, Verdict
from gonogo.model.gate import BlockerKind
from gonogo.publish.news import Topic
from gonogo.report.statements import State
from gonogo.rules import load_rules
from gonogo.rules.wording import sentences
from gonogo.translation.catalogue import differences, directory_of
from gonogo.translation.language import CODES, ENGLISH_CODE
from gonogo.translation.po import Entry, read_po
from gonogo.translation.template import EXPRESSION, NAMED, Template, skeleton
from translations import Said, all_said, reasons_of_tables, templates, templates_of_calls

LANGUAGES = [code for code in CODES if code != ENGLISH_CODE]
_KNOWN = 0.9


def entries(code: str, name: str) -> list[Entry]:
    return list(read_po((directory_of(code) / name).read_text("utf-8")))


def words_of_the_model() -> set[Said]:
    """Said by their value, which no literal of the sources shows."""
    of = (Decision, Severity, Verdict, State, BlockerKind, Change, Status, Topic)
    return {Said(member.value.replace("_", " ")) for enumeration in of for member in enumeration}


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_text_of_the_sources_is_translated_and_nothing_else(code: str) -> None:
    there = {Said(entry.id, entry.plural) for entry in entries(code, "gonogo.po") if all(entry.forms)}
    wanted = all_said() | words_of_the_model()
    assert (sorted(wanted - there), sorted(there - wanted)) == ([], [])


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_sentence_of_a_rule_is_translated_and_nothing_else(code: str) -> None:
    missing, stale = differences(code, sentences(load_rules(())))
    assert ([(e.context, e.id) for e in missing], [(e.context, e.id) for e in stale]) == ([], []), "gonogo rules translations prints what is missing"


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", ["gonogo.po", "sentences.po", "rules.po"])
def test_a_catalogue_says_each_thing_once_and_completely(code: str, name: str) -> None:
    found = entries(code, name)
    assert len(found) == len({(entry.context, entry.id) for entry in found})
    assert [entry.id for entry in found if not entry.forms or not all(entry.forms) or entry.fuzzy] == []
    assert [entry.id for entry in found if _places(entry, name)] == []


def _places(entry: Entry, name: str) -> bool:
    """Whether the places of a translation are others than those of its text."""
    of_text = _of(entry.plural or entry.id, name)
    return any(_of(form, name) != of_text for form in entry.forms)


def _of(text: str, name: str) -> list[str]:
    return sorted({skeleton(place) for place in Template.of(text, EXPRESSION if name == "rules.po" else NAMED).places})


@pytest.mark.parametrize("code", LANGUAGES)
def test_blocks_of_rules_are_apart_by_empty_lines(code: str) -> None:
    """They are found so before they are read."""
    text = (directory_of(code) / "rules.po").read_text("utf-8")
    assert len(re.findall(r"(?m)^msgctxt ", text)) == sum("msgctxt " in block for block in text.split("\n\n"))


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_sentence_is_one_that_the_code_or_a_table_makes(code: str) -> None:
    made, given = templates(), reasons_of_tables()
    strange = [e.id for e in entries(code, "sentences.po") if e.id not in given and not any(t.match(text) is not None for t in made for text in _ways(e.id))]
    assert strange == []


def _ways(sentence: str) -> tuple[str, ...]:
    """A sentence as it is, behind a place, and before another one."""
    return sentence, f"here: {sentence}", f"{sentence}; and"


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_reasons_of_gaps_and_unknowns_that_are_not_translated_are_few(code: str) -> None:
    """They are shown in English. What functions of Terraform and of templates complain of is not counted: it is told as they say it."""
    known = [Template.of(entry.id, NAMED) for entry in entries(code, "sentences.po")]
    told = templates_of_calls("Unknown.because", "Gap", "Unreadable", "_gap", "BuildError", "_problem")
    left = sorted(t for t in told if not any(k.match(text) is not None for k in known for text in (t, t.partition(": ")[2])))
    assert len(left) <= len(told) * (1 - _KNOWN), f"{len(left)} of {len(told)} reasons: {left}"

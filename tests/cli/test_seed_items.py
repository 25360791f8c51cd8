"""Every item of the checklist that started the project has its answer: decided by rules, or handed to a person with the reason."""

from __future__ import annotations

import csv
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from gonogo.checklist.binding import bind
from gonogo.checklist.markdown import read_checklist
from gonogo.model.checklist import Binding
from gonogo.rules import load_rules
from gonogo.rules.rule import Control

SEED = Path(__file__).resolve().parents[2].parent / "shared" / "seed"
pytestmark = pytest.mark.skipif(not SEED.is_dir(), reason="the seed is not part of the project")


@cache
def rows() -> dict[int, dict[str, str]]:
    with (SEED / "items.csv").open(encoding="utf-8", newline="") as file:
        return {int(row["seed line"]): row for row in csv.DictReader(file)}


@cache
def bindings() -> dict[int, Binding]:
    checklist = read_checklist(SEED / "checklist.ko.md", SEED)
    return {b.item.line: b for b in bind(checklist, tuple(controls().values()))}


@cache
def controls() -> dict[str, Control]:
    return {control.id: control for control in load_rules(()).controls}


def test_all_188_are_there_and_none_is_unmapped() -> None:
    assert len(rows()) == 188
    assert set(rows()) == set(bindings())
    assert [f"{line}: {b.item.text}" for line, b in bindings().items() if not b.controls and not b.manual] == []


def test_what_can_be_decided_is_bound_and_what_cannot_is_for_a_person() -> None:
    wrong = []
    for line, row in rows().items():
        if (row["kind"] == "manual") is bool(bindings()[line].controls):
            wrong.append(f"{line}: {row['kind']}: {bindings()[line].controls} {row['item text (Korean)']}")
    assert wrong == []


def test_the_kinds_are_decided_where_the_list_says() -> None:
    decided = Counter(row["kind"] for line, row in rows().items() if bindings()[line].controls)
    assert decided == {"infra-static": 31, "both": 45, "infra-live": 2, "repo-static": 58, "runtime-evidence": 25}
    assert sum(b.manual for b in bindings().values()) == 27


def test_the_same_control_is_bound_to_items_that_are_said_to_be_the_same() -> None:
    """`Same control as line 88 …` of the list."""
    for line, row in rows().items():
        same = re.match(r"Same control as lines? [\d/ and()]+", row["decision procedure"])
        if same is not None:
            # 256 names 44 and 50: the document, and the procedure in it.
            others = {c for n in re.findall(r"\d+", same[0]) for c in bindings()[int(n)].controls}
            assert set(bindings()[line].controls) & others, line


def test_every_bound_control_has_rules() -> None:
    decided = {rule.control for rule in load_rules(()).rules if not rule.suggests}
    assert {control for b in bindings().values() for control in b.controls} <= decided

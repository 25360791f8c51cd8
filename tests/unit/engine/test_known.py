"""What was known before: marked in the findings, left out of the decision, and nothing else."""

from __future__ import annotations

import pytest

from gonogo.engine.gates import decide
from gonogo.engine.inventory import Inventory
from gonogo.engine.known import NOTHING, Known
from gonogo.engine.rollup import roll_up
from gonogo.lang import Program
from gonogo.model.assessment import Agreement, Decision, ItemResult
from gonogo.model.checklist import Binding, BindingSource, Item
from gonogo.model.finding import Baselined, Finding, Severity, Subject, Verdict, Waiver
from gonogo.model.gate import Gate
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Origin, Stage
from gonogo.rules.rule import Control, Fold, Rule

HERE = Location("rules.yaml", 1)
RULE = Rule("r", "c", "T", "Why.", ("t/Thing",), None, Program("self.on"), None, {}, {}, "Fix.", (), (), HERE, {})
OLD = Gap("old.tf", 3, Stage.PARSE, "broken", "terraform", ("t/Thing",))
NEW = Gap("new.tf", 3, Stage.PARSE, "broken", "terraform", ("t/Thing",))
S, V, U, A, W = Verdict.SATISFIED, Verdict.VIOLATED, Verdict.UNKNOWN, Verdict.ABSENT, Verdict.WAIVED
KNOWN = Known(lambda f: Baselined("known") if f.fingerprint.startswith("old") else None, lambda gap: gap is OLD)


def made(name: str, verdict: Verdict, waiver: Waiver | None = None) -> Finding:
    return Finding(name, "r", "c", Severity.HIGH, verdict, "m", Subject("t/Thing", name, Origin.DECLARED), waiver=waiver)


def control(fold: Fold) -> Control:
    return Control("c", "C", Severity.HIGH, fold, {})


@pytest.mark.parametrize(
    ("fold", "found", "gaps", "verdict", "without"),
    [
        (Fold.EACH, {"old": V}, [], V, W),
        (Fold.EACH, {"old": V, "b": S}, [], V, W),
        (Fold.EACH, {"old": V, "new": V}, [], V, V),
        (Fold.EACH, {"old": V, "new": U}, [], V, U),
        (Fold.EACH, {"old": U, "b": S}, [], U, W),
        (Fold.EACH, {"new": V}, [], V, None),
        (Fold.EACH, {"b": S}, [], S, None),
        (Fold.EACH, {}, [], A, None),
        (Fold.EACH, {"b": S}, [OLD], U, W),
        (Fold.EACH, {}, [OLD], U, W),
        (Fold.EACH, {"b": S}, [OLD, NEW], U, U),
        (Fold.EACH, {"b": S}, [NEW], U, None),
        (Fold.EACH, {"old": V}, [OLD], V, W),
        (Fold.EACH, {"old": V}, [NEW], V, U),
        (Fold.ANY, {"old": V, "b": S}, [], S, None),
        (Fold.ANY, {"old": V, "new": V}, [], V, V),
        (Fold.ANY, {"old": V}, [], V, W),
    ],
)
def test_what_is_left_of_a_verdict(fold: Fold, found: dict[str, Verdict], gaps: list[Gap], verdict: Verdict, without: Verdict | None) -> None:
    findings = KNOWN.mark(made(name, verdict) for name, verdict in found.items())
    result = roll_up(control(fold), [RULE], findings, Inventory((), gaps, ()), KNOWN)
    assert (result.verdict, result.without_baseline) == (verdict, without)
    assert [f.verdict for f in result.findings] == list(found.values()), "the findings are what they are"


def item(verdict: Verdict, without: Verdict | None = None, *, claimed: bool = True) -> ItemResult:
    written = Item("i", (), "text", "C.md", 1, claimed)
    return ItemResult(Binding(written, BindingSource.INLINE, ("c",)), verdict, Agreement.OPEN, without_baseline=without)


@pytest.mark.parametrize(
    ("found", "decision", "standing"),
    [
        (item(V), Decision.NO_GO, False),
        (item(V, W), Decision.GO, True),
        (item(V, V), Decision.NO_GO, False),
        (item(V, U), Decision.INCOMPLETE, False),
        (item(U, W), Decision.GO, True),
        (item(A), Decision.NO_GO, False),
        (item(A, W), Decision.GO, True),
        (item(Verdict.MANUAL, claimed=False), Decision.NO_GO, False),
        (item(Verdict.MANUAL, W, claimed=False), Decision.GO, True),
        (item(S), Decision.GO, False),
    ],
)
def test_the_decision_asks_for_what_is_left(found: ItemResult, decision: Decision, standing: bool) -> None:
    assert decide([found], [Severity.HIGH], Gate()).decision is decision
    assert found.standing is standing


def test_two_that_know_something_are_asked_in_turn() -> None:
    other = Known(lambda _: Baselined("other"), lambda gap: gap is NEW, remarks=lambda _: ("said",), inputs={"base": 1})
    both = KNOWN.besides(other)
    assert [f.baseline.reason if f.baseline else "" for f in both.mark([made("old", V), made("new", V)])] == ["known", "other"]
    assert (both.gap(OLD), both.gap(NEW), both.inputs) == (True, True, {"base": 1})
    assert NOTHING.mark([made("old", V)]) == (made("old", V),)

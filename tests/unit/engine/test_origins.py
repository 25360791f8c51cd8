"""What code, a plan and a state say of the same control."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace

import pytest

from gonogo.engine.evaluation import ask, distinct
from gonogo.engine.inventory import Inventory
from gonogo.engine.redaction import display
from gonogo.engine.rollup import roll_up
from gonogo.lang import Program
from gonogo.lang.secrets import REDACTED
from gonogo.model.assessment import ControlResult
from gonogo.model.finding import Severity, Verdict
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Origin, Resource, Stage
from gonogo.model.value import Hidden, Unknown, Value
from gonogo.rules.rule import Control, Fold, Relation, Rule

HERE = Location("rules.yaml", 1)
DECLARED, PLANNED, STATE = Origin.DECLARED, Origin.PLANNED, Origin.STATE
SATISFIED, VIOLATED, UNKNOWN = Verdict.SATISFIED, Verdict.VIOLATED, Verdict.UNKNOWN
HIDDEN = Unknown.because("hidden")


def thing(origin: Origin, on: Value, kind: str = "t/Thing") -> Resource:
    return replace(Resource(kind, "a", {"on": on, "name": "a"}, {(): Location("f.tf", 1)}), origin=origin)


def decide(fold: Fold, *things: Resource, live: Set[str] = frozenset(), code: bool = True, gaps: Sequence[Gap] = ()) -> ControlResult:
    rule = Rule("r", "c", "T", "Why.", ("t/Thing", "t/File"), None, Program("self.on"), None, {}, {}, "Fix.", (), (), HERE, {})
    inventory = Inventory(things, gaps, (), live, code=code)
    found = distinct(ask(rule, inventory, Severity.HIGH))
    return roll_up(Control("c", "T", Severity.HIGH, fold, {}), (rule,), found, inventory)


@pytest.mark.parametrize(
    ("fold", "origins", "verdict"),
    [
        (Fold.EACH, {PLANNED: True, STATE: False}, VIOLATED),
        (Fold.EACH, {PLANNED: False, STATE: True}, VIOLATED),
        (Fold.EACH, {PLANNED: HIDDEN, STATE: True}, UNKNOWN),
        (Fold.EACH, {DECLARED: True, PLANNED: True, STATE: True}, SATISFIED),
        # One that does it is enough in the code, and in a plan of it; that what is deployed does it makes the code no better.
        (Fold.ANY, {DECLARED: True, PLANNED: False}, SATISFIED),
        (Fold.ANY, {DECLARED: False, STATE: True}, VIOLATED),
        (Fold.ANY, {DECLARED: True, STATE: False}, VIOLATED),
        (Fold.ANY, {DECLARED: HIDDEN, STATE: True}, UNKNOWN),
        (Fold.ANY, {STATE: True}, SATISFIED),
    ],
)
def test_a_control_must_hold_in_the_code_and_in_the_state(fold: Fold, origins: dict[Origin, Value], verdict: Verdict) -> None:
    result = decide(fold, *(thing(origin, on) for origin, on in origins.items()))
    assert result.verdict is verdict
    alone = {True: SATISFIED, False: VIOLATED}
    assert result.by_origin == {origin: alone.get(on, UNKNOWN) if isinstance(on, bool) else UNKNOWN for origin, on in origins.items()}


def test_what_is_in_the_state_is_related_to_nothing_that_is_declared() -> None:
    relation = Relation("others", ("t/Thing",), "t/Other", ((("name",), ("name",)),), HERE)
    things = [thing(origin, True) for origin in (DECLARED, PLANNED, STATE)]
    others = [thing(origin, True, "t/Other") for origin in (PLANNED, STATE)]
    unsure = [replace(thing(STATE, True, "t/Other"), attributes={"name": HIDDEN})]
    inventory = Inventory([*things, *others, *unsure], (), (relation,))
    related = {view.resource.origin: view["others"] for view in inventory.of("t/Thing")}
    assert [v.resource.origin for v in related[DECLARED]] == [PLANNED]  # type: ignore[union-attr]
    assert [v.resource.origin for v in related[PLANNED]] == [PLANNED]  # type: ignore[union-attr]
    assert [v.resource.origin for v in related[STATE]] == [STATE]  # type: ignore[union-attr]
    assert isinstance(related[DECLARED], tuple) and not isinstance(related[STATE], tuple), "what the state leaves open is open there"


def test_what_is_hidden_is_redacted_and_never_decides() -> None:
    hidden = Hidden.because("sensitive")
    assert display({"a": hidden}, ("a",)) == REDACTED
    assert decide(Fold.EACH, thing(STATE, hidden)).verdict is UNKNOWN


LIVE = Origin.LIVE
AUDITED = frozenset({"t/Thing"})
UNREAD = Gap("", 0, Stage.READ, "refused", "gcp", ("t/Thing",), origin=LIVE)
UNPARSED = Gap("m.tf", 1, Stage.READ, "a remote module", "terraform", ("t/Thing",))


@pytest.mark.parametrize(
    ("things", "gaps", "verdict"),
    [
        ({LIVE: True, DECLARED: False}, (), SATISFIED),
        ({LIVE: False, DECLARED: True, STATE: True}, (), VIOLATED),
        ({DECLARED: True}, (), Verdict.ABSENT),
        ({LIVE: True, DECLARED: True}, (UNREAD,), UNKNOWN),
        ({LIVE: True, DECLARED: HIDDEN}, (UNPARSED,), SATISFIED),
        ({DECLARED: True}, (UNREAD,), UNKNOWN),
    ],
)
def test_live_decides_what_was_read_live(things: dict[Origin, Value], gaps: Sequence[Gap], verdict: Verdict) -> None:
    result = decide(Fold.EACH, *(thing(origin, on) for origin, on in things.items()), live=AUDITED, gaps=gaps)
    assert result.verdict is verdict
    assert {f.subject.origin for f in result.findings if f.superseded} == set(things) - {LIVE}


@pytest.mark.parametrize(
    ("fold", "live", "code", "verdict"),
    [(Fold.EACH, True, False, VIOLATED), (Fold.EACH, True, True, SATISFIED), (Fold.ANY, False, True, SATISFIED), (Fold.ANY, True, False, SATISFIED)],
)
def test_what_only_code_can_tell_counts_beside_what_is_live(fold: Fold, live: bool, code: bool, verdict: Verdict) -> None:
    assert decide(fold, thing(LIVE, live), thing(DECLARED, code, "t/File"), live=AUDITED).verdict is verdict


def test_without_a_repository_nothing_of_the_code_was_looked_at() -> None:
    assert decide(Fold.EACH, live=AUDITED, code=False).verdict is UNKNOWN
    assert decide(Fold.EACH, thing(LIVE, True), live=AUDITED, code=False).verdict is SATISFIED
    assert decide(Fold.EACH, live=frozenset({"t/Thing", "t/File"}), code=False).verdict is Verdict.ABSENT

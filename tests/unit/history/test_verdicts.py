from __future__ import annotations

import pytest

from gonogo.history.compare.verdicts import Change, Transition, compare_verdicts
from gonogo.history.run import Key, Level, Standing
from gonogo.model.finding import Verdict
from histories import KIND, control, finding, gap, run

S, V, U, A, N = Verdict.SATISFIED, Verdict.VIOLATED, Verdict.UNKNOWN, Verdict.ABSENT, Verdict.NOT_APPLICABLE
KEY = Key(Level.CONTROL, "c")


@pytest.mark.parametrize(
    ("then", "now", "known", "change", "alarms"),
    [
        (S, S, S, None, False),
        (S, V, S, Change.REGRESSED, True),
        (V, S, V, Change.FIXED, False),
        (S, U, S, Change.WENT_BLIND, True),
        (V, U, V, Change.WENT_BLIND, True),
        (A, U, A, Change.WENT_BLIND, True),
        # Back in sight: against what was last known, or an unknown would resolve an incident and the return raise it again.
        (U, V, V, None, False),
        (U, V, S, Change.REGRESSED, True),
        (U, V, None, Change.NEW, True),
        (U, S, V, Change.FIXED, False),
        (U, S, S, None, False),
        (U, S, None, None, False),
        (A, V, A, Change.REGRESSED, True),
        (V, A, V, Change.GONE, False),
        (S, N, S, Change.GONE, False),
        (V, Verdict.WAIVED, V, Change.CHANGED, False),
        (Verdict.WAIVED, V, Verdict.WAIVED, Change.REGRESSED, True),
        (V, Verdict.ATTESTED, V, Change.FIXED, False),
        (Verdict.UNMAPPED, V, Verdict.UNMAPPED, Change.NEW, True),
        (Verdict.UNMAPPED, U, Verdict.UNMAPPED, Change.CHANGED, False),
        (S, Verdict.MANUAL, S, Change.CHANGED, False),
        (A, S, A, Change.CHANGED, False),
    ],
)
def test_what_becomes_of_a_verdict(then: Verdict, now: Verdict, known: Verdict | None, change: Change | None, alarms: bool) -> None:
    found = compare_verdicts(run(control("c", then)), run(control("c", now)), {KEY: known} if known else {})
    assert [t.change for t in found] == ([change] if change else [])
    assert [t.alarms for t in found] == ([alarms] if change else [])


@pytest.mark.parametrize("then", list(Verdict))
@pytest.mark.parametrize("known", [None, *Verdict])
def test_an_unknown_fixes_nothing(then: Verdict, known: Verdict | None) -> None:
    found = compare_verdicts(run(control("c", then)), run(control("c", U)), {KEY: known} if known else {})
    assert all(t.change in (Change.WENT_BLIND, Change.CHANGED) for t in found)


def one(then: Standing | None, now: Standing | None, then_blind: bool = False, now_blind: bool = False, known: Verdict | None = None) -> list[Change]:
    gaps = {True: (gap(KIND),), False: ()}
    before, after = run(*filter(None, [then]), gaps=gaps[then_blind]), run(*filter(None, [now]), gaps=gaps[now_blind])
    found = compare_verdicts(before, after, {Key(Level.FINDING, "f"): known} if known else {})
    return [t.change for t in found]


def test_a_finding_that_is_not_there_is_gone_or_out_of_sight() -> None:
    assert one(finding("f", V), None) == [Change.GONE]
    assert one(finding("f", V), None, now_blind=True) == [Change.WENT_BLIND], "a lost permission is no deletion"
    assert one(finding("f", U), None, now_blind=True) == []


def test_a_finding_that_comes_up_is_new_unless_it_was_only_out_of_sight() -> None:
    assert one(None, finding("f", V)) == [Change.NEW]
    assert one(None, finding("f", N)) == []
    assert one(None, finding("f", V), known=V) == [Change.NEW], "it was deleted, and is back"
    assert one(None, finding("f", V), then_blind=True, known=V) == []
    assert one(None, finding("f", S), then_blind=True, known=V) == [Change.FIXED]
    assert one(None, finding("f", V), then_blind=True, known=S) == [Change.REGRESSED]
    assert one(None, finding("f", V), then_blind=True) == [Change.NEW]


def test_an_item_that_was_deleted_is_gone() -> None:
    item = Standing(Key(Level.ITEM, "i"), S, "Backups")
    assert compare_verdicts(run(item), run()) == (Transition(Change.GONE, item, S, None),)
    assert compare_verdicts(run(), run(item)) == (Transition(Change.NEW, item, None, S),)


def test_the_order_is_that_of_a_report() -> None:
    rows = [finding("a", V), control("z", V), control("b", V), Standing(Key(Level.ITEM, "q"), V, "Backups")]
    keys = [t.standing.key for t in compare_verdicts(run(), run(*rows))]
    assert [(k.level.value, k.id) for k in keys] == [("item", "q"), ("control", "b"), ("control", "z"), ("finding", "a")]

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gonogo.history.drift import between
from gonogo.history.ignore import IgnoreRules
from gonogo.history.run import Key, Level, Run
from gonogo.history.store import Store, open_store
from gonogo.history.told import Incident
from gonogo.model.finding import Verdict
from gonogo.publish.incidents import MAX_OPENED, Event, events
from gonogo.publish.message import Wording
from gonogo.publish.news import news_of
from histories import KIND, control, finding, gap, item, run

SATISFIED, VIOLATED, UNKNOWN = Verdict.SATISFIED, Verdict.VIOLATED, Verdict.UNKNOWN
F = Key(Level.FINDING, "f")
OPEN = Incident(F, KIND)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(str(tmp_path / "history.db"), create=True) as opened:
        yield opened


def sent(store: Store, *runs: Run, open_ones: tuple[Incident, ...] = ()) -> tuple[Event, ...]:
    numbers = [store.record(given).number for given in runs]
    found = news_of(between(store, IgnoreRules(), *pair) for pair in zip(numbers, numbers[1:], strict=False))
    return events(found, open_ones, Wording(lambda _: ("@org/data",)))


def one(verdict: Verdict, day: int = 1) -> Run:
    return run(item("i", verdict, "f"), control("c", verdict, "f"), finding("f", verdict, "p", "main.tf"), day=day)


def test_one_incident_for_a_finding_however_many_items_it_breaks(store: Store) -> None:
    (event,) = sent(store, one(SATISFIED), one(VIOLATED, 2))
    assert (event.incident, event.resolves, event.blind) == (OPEN, False, False)
    assert event.text == (
        "regressed: //cloudsql.googleapis.com/projects/shop/instances/db: a rule: what it found (audit shop, run 2); "
        "can fix it: @\u200borg/data (main.tf)"
    )
    assert event.key == F.stable("audit shop") == "gonogo-" + event.key[7:]
    assert F.stable("audit shop") != F.stable("audit shop 2")


def test_it_is_opened_once_and_resolved_when_it_is_in_order(store: Store) -> None:
    assert sent(store, one(VIOLATED), one(VIOLATED, 2), open_ones=(OPEN,)) == ()
    (event,) = sent(store, one(VIOLATED), one(SATISFIED, 2), open_ones=(OPEN,))
    assert (event.resolves, event.key) == (True, F.stable("audit shop"))


def test_an_unknown_never_resolves(store: Store) -> None:
    assert sent(store, one(VIOLATED), one(UNKNOWN, 2), open_ones=(OPEN,)) == ()
    out_of_sight = run(item("i", UNKNOWN), control("c", UNKNOWN), day=2, gaps=(gap(KIND),))
    assert not [e for e in sent(store, one(VIOLATED), out_of_sight, open_ones=(OPEN,)) if e.resolves]


def test_what_is_not_there_any_more_or_waived_is_over(store: Store) -> None:
    assert [e.resolves for e in sent(store, one(VIOLATED), run(day=2), open_ones=(OPEN,))] == [True]
    assert [e.resolves for e in sent(store, one(VIOLATED), run(day=2, gaps=(gap("other/Kind"),)), open_ones=(OPEN,))] == [True]
    assert [e.resolves for e in sent(store, one(VIOLATED), one(Verdict.WAIVED, 2), open_ones=(OPEN,))] == [True]


def test_an_item_that_was_not_asked_about_is_not_over(store: Store) -> None:
    key = Incident(Key(Level.ITEM, "i"))
    assert sent(store, run(item("i", VIOLATED)), run(day=2), open_ones=(key,)) == ()


def test_what_went_out_of_sight_opens_one_that_sight_resolves(store: Store) -> None:
    blind = run(item("i", UNKNOWN), day=2, gaps=(gap(KIND),))
    found = sent(store, one(SATISFIED), blind)
    assert {(e.incident.key, e.blind) for e in found} == {(Key(Level.ITEM, "i"), True), (F, True)}
    again = sent(store, blind, one(SATISFIED, 3), open_ones=tuple(e.incident for e in found))
    assert {(e.incident.key, e.resolves) for e in again} == {(Key(Level.ITEM, "i"), True), (F, True)}


def test_what_was_mended_before_anybody_was_told_opens_nothing(store: Store) -> None:
    assert sent(store, one(SATISFIED), one(VIOLATED, 2), one(SATISFIED, 3)) == ()


def test_very_many_are_one_for_the_rest(store: Store) -> None:
    def many(verdict: Verdict, day: int) -> Run:
        return run(*(control(f"c{n:03}", verdict) for n in range(100)), day=day)

    found = sent(store, many(SATISFIED, 1), many(VIOLATED, 2))
    assert len(found) == MAX_OPENED + 1
    rest = found[-1]
    assert rest.text.startswith("80 more (audit shop, run 2)")
    still = run(*(control(f"c{n:03}", VIOLATED if n == 99 else SATISFIED) for n in range(100)), day=3)
    assert rest.incident not in {e.incident for e in sent(store, many(VIOLATED, 2), still, open_ones=(rest.incident,))}
    assert [e.incident for e in sent(store, many(VIOLATED, 2), many(SATISFIED, 3), open_ones=(rest.incident,))] == [rest.incident]

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from gonogo.history.database import open_database
from gonogo.history.migrations import STEPS
from gonogo.history.run import Key, Level
from gonogo.history.store import open_store
from gonogo.history.told import Incident, Told
from gonogo.model.finding import Verdict
from histories import control, run

ROOT = Path(__file__).parents[3]
NOW = "2026-11-05T06:00:00Z"


def test_a_new_target_hears_of_what_comes(place: str) -> None:
    with open_store(place, create=True) as store:
        told = Told(store.database, "audit shop")
        told.expect(["Slack"], NOW)
        assert (told.upto("Slack"), told.upto("JSON")) == (0, None)
        store.record(run())
        told.expect(["Slack", "JSON"], NOW)
        assert (told.upto("Slack"), told.upto("JSON")) == (0, 1)
        told.expect(["E-Mail"], NOW, base=0)
        told.tell("Slack", 1)
        assert (told.upto("Slack"), told.upto("E-Mail")) == (1, 0)
        assert Told(store.database, "another").upto("Slack") is None


def test_incidents_are_of_a_target(place: str) -> None:
    one, two = Incident(Key(Level.FINDING, "f"), "a/Kind"), Incident(Key(Level.ITEM, "f"))
    with open_store(place, create=True) as store:
        told = Told(store.database, "audit shop")
        for incident in (one, two, one):
            told.opened("Pager Duty", incident)
        assert told.incidents("Pager Duty") == (one, two)
        assert told.incidents("Pager Duty 2") == ()
        told.resolved("Pager Duty", one)
        assert told.incidents("Pager Duty") == (two,)


def test_what_somebody_is_still_to_hear_of_is_kept(place: str) -> None:
    with open_store(place, create=True) as store:
        told = Told(store.database, "audit shop")
        store.record(run(day=1))
        told.expect(["Slack"], NOW)
        for day in range(2, 7):
            store.record(run(control("a", Verdict.VIOLATED), day=day), keep=2)
        assert [r.number for r in store.runs()] == [6, 5, 4, 3, 2, 1]
        told.tell("Slack", 5)
        store.record(run(day=7), keep=2)
        assert [r.number for r in store.runs()] == [7, 6, 5]
        told.tell("Slack", 7)
        store.record(run(day=8), keep=2)
        assert [r.number for r in store.runs()] == [8, 7]


def test_a_target_that_nobody_tries_any_more_keeps_nothing(place: str) -> None:
    with open_store(place, create=True) as store:
        store.record(run())
        Told(store.database, "audit shop").expect(["Slack"], "2026-09-01T06:00:00Z")
        for day in range(2, 6):
            store.record(run(day=day), keep=2)
        assert [r.number for r in store.runs()] == [5, 4]


def test_one_at_a_time_and_others_go_on_writing(place: str) -> None:
    order: list[str] = []
    entered = threading.Event()
    with open_store(place, create=True) as store:
        store.record(run())

        def second() -> None:
            entered.set()
            with store.database.telling():
                order.append("second")

        with store.database.telling():
            thread = threading.Thread(target=second)
            thread.start()
            assert entered.wait(10)
            assert store.record(run(day=2)).number == 2
            time.sleep(0.3)
            order.append("first")
        thread.join(30)
    assert order == ["first", "second"]


def test_the_lock_goes_with_the_process_that_is_killed(place: str) -> None:
    with open_store(place, create=True) as store:
        store.record(run())
        program = (
            "import sys, time\nfrom gonogo.history.store import open_store\n"
            "with open_store(sys.argv[1]) as store, store.database.telling():\n    print('in', flush=True)\n    time.sleep(60)"
        )
        with subprocess.Popen([sys.executable, "-c", program, place], stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(ROOT / "src")}) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == "in\n"
            other.kill()
        started = time.monotonic()
        with store.database.telling():
            assert time.monotonic() - started < 10


def test_a_history_from_before_is_brought_up_to_date(place: str) -> None:
    with open_database(place, create=True) as database, database.engine.connect().execution_options(gonogo_write=True) as connection, connection.begin():
        connection.execute(text("CREATE TABLE gonogo_schema (version INTEGER PRIMARY KEY)"))
        for statement in STEPS[0]:
            connection.exec_driver_sql(statement)
        connection.execute(text("INSERT INTO gonogo_schema VALUES (1)"))
        connection.execute(text("INSERT INTO gonogo_runs VALUES (1, 'audit shop', '2026-11-01T06:00:00Z', '2026-11-01T06:00:00Z', '0.1.0', 'GO', '{}')"))
        connection.execute(text("INSERT INTO gonogo_standings VALUES (1, 'control', 'a', 'violated', 't', 'high', '', '', '[]', '[]')"))
    with open_store(place) as store:
        assert store.record(run(day=2)).previous == 1
        (old,) = store.run(1).standings
        assert (old.verdict, old.files) == (Verdict.VIOLATED, ())


def test_another_series_or_target_is_no_table_of_ours(place: str) -> None:
    with open_store(place, create=True) as store:
        told = Told(store.database, "a'; DROP TABLE gonogo_told; --\0")
        told.expect(["E-Mail"], NOW)
        assert told.upto("E-Mail") == 0


@pytest.mark.parametrize("name", ["Slack", "Slack 2"])
def test_nothing_of_an_address_is_remembered(tmp_path: Path, name: str) -> None:
    with open_store(str(tmp_path / "h.db"), create=True) as store:
        Told(store.database, "s").expect([name], NOW)
    assert b"://" not in (tmp_path / "h.db").read_bytes()

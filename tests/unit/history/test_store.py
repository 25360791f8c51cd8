from __future__ import annotations

import resource
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from gonogo.history.database import is_url, open_database
from gonogo.history.errors import HistoryError
from gonogo.history.migrations import STEPS
from gonogo.history.run import Identity, Key, Level, Run, Snapshot
from gonogo.history.store import Recorded, Sighting, open_store
from gonogo.history.tables import METADATA
from gonogo.model.finding import Verdict
from histories import CODE, KIND, NAME, control, finding, gap, live, run, surface

ROOT = Path(__file__).parents[3]
FULL = run(
    control("backups", Verdict.VIOLATED, "f1"),
    finding("f1", Verdict.VIOLATED),
    snapshot=Snapshot(live(), (CODE, surface(complete=False))),
    gaps=(gap(KIND),),
)


def record(place: str, given: Run, keep: int = 0) -> Recorded:
    with open_store(place, create=True) as store:
        return store.record(given, keep)


def test_a_run_is_read_as_it_was_recorded(place: str) -> None:
    recorded = record(place, FULL)
    assert recorded == Recorded(1, None)
    with open_store(place) as store:
        assert store.run(1) == replace(FULL, number=1)
        assert store.runs() == (Run(FULL.series, FULL.started, FULL.finished, "0.1.0", "NO-GO", {"root": "shop"}, number=1),)


def test_runs_follow_those_of_their_series(place: str) -> None:
    assert record(place, run(series="a")) == Recorded(1, None)
    assert record(place, run(series="b")) == Recorded(2, None)
    assert record(place, run(series="a")) == Recorded(3, 1)
    with open_store(place) as store:
        assert [r.number for r in store.runs("a")] == [3, 1]
        assert [r.number for r in store.runs()] == [3, 2, 1]


def test_sightings_count_every_verdict_for_itself(place: str) -> None:
    for day, verdict in enumerate((Verdict.VIOLATED, Verdict.SATISFIED, Verdict.VIOLATED, Verdict.UNKNOWN), start=1):
        record(place, run(control("backups", verdict), day=day))
    key = Key(Level.CONTROL, "backups")
    with open_store(place) as store:
        seen = store.sightings("audit shop")
        assert seen[key, Verdict.VIOLATED] == Sighting("2026-11-01T06:00:00Z", "2026-11-03T06:00:00Z", 2)
        assert seen[key, Verdict.SATISFIED].times_seen == seen[key, Verdict.UNKNOWN].times_seen == 1
        assert store.known("audit shop", 4) == {key: Verdict.VIOLATED}
        assert store.known("audit shop", 2) == {key: Verdict.SATISFIED}
        assert store.sightings("another") == {}


def test_retention_forgets_runs_and_keeps_when_things_were_first_seen(place: str) -> None:
    record(place, run(series="other", snapshot=Snapshot(live(name="//x/projects/p/instances/other"))))
    for day in range(1, 6):
        record(place, run(control("backups", Verdict.VIOLATED), day=day, snapshot=Snapshot(live(number=day))), keep=2)
    with open_store(place) as store:
        assert [r.number for r in store.runs("audit shop")] == [6, 5]
        assert [r.number for r in store.runs("other")] == [1]
        assert store.run(6).snapshot.resources == live(number=5)
        assert store.sightings("audit shop")[Key(Level.CONTROL, "backups"), Verdict.VIOLATED].first_seen == "2026-11-01T06:00:00Z"
    with open_database(place, create=False) as database, database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM gonogo_bodies")).scalar() == 3
        assert connection.execute(text("SELECT count(*) FROM gonogo_standings")).scalar() == 2


def test_bodies_that_do_not_change_are_kept_once(place: str) -> None:
    for day in range(1, 4):
        record(place, run(snapshot=Snapshot(live()), day=day))
    with open_database(place, create=False) as database, database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM gonogo_bodies")).scalar() == 1


def test_texts_that_no_database_takes_are_written_out(place: str) -> None:
    hostile = "a\0b\ud800\u202e'; DROP TABLE gonogo_runs; --"
    bodies = {Identity("live", KIND, hostile): {hostile: [hostile, 10**30, None]}}
    record(place, run(replace(control("c", Verdict.VIOLATED), title=hostile), snapshot=Snapshot(bodies), gaps=(replace(gap("*"), reason=hostile),)))
    with open_store(place) as store:
        kept = store.run(1)
    assert kept.standings[0].title == "a\\x00b\\ud800\u202e'; DROP TABLE gonogo_runs; --"
    assert list(kept.snapshot.resources.values()) == list(bodies.values())


def test_migrations_make_the_tables_that_queries_use(place: str) -> None:
    record(place, run())
    with open_database(place, create=False) as database:
        found = inspect(database.engine)
        assert sorted(found.get_table_names()) == sorted(METADATA.tables)
        for name, table in METADATA.tables.items():
            assert [c["name"] for c in found.get_columns(name)] == [c.name for c in table.columns], name
            assert found.get_pk_constraint(name)["constrained_columns"] == [c.name for c in table.primary_key], name


def test_a_history_of_a_newer_gonogo_is_left_alone(place: str) -> None:
    record(place, FULL)
    with open_database(place, create=False) as database, database.writing() as connection:
        connection.execute(text(f"INSERT INTO gonogo_schema VALUES ({len(STEPS) + 1})"))
    with pytest.raises(HistoryError, match="newer gonogo"):
        record(place, FULL)
    with open_store(place) as store, pytest.raises(HistoryError, match="newer gonogo"):
        store.runs()


def test_a_run_that_fails_half_way_leaves_nothing(place: str) -> None:
    record(place, FULL)
    broken = run(control("a", Verdict.VIOLATED), control("a", Verdict.VIOLATED))
    with pytest.raises(HistoryError, match="cannot write the history"):
        record(place, broken)
    with open_store(place) as store:
        assert [r.number for r in store.runs()] == [1]


def test_two_writers_at_once_follow_each_other(place: str) -> None:
    """Each is told another run that it follows: a change is new to one of them only."""
    given = run(*(control(f"c{at}", Verdict.VIOLATED) for at in range(200)))
    with ThreadPoolExecutor(6) as pool:
        recorded = list(pool.map(lambda _: record(place, given), range(12)))
    assert sorted(r.number for r in recorded) == list(range(1, 13))
    assert sorted(r.previous or 0 for r in recorded) == list(range(12))
    with open_store(place) as store:
        assert store.sightings("audit shop")[Key(Level.CONTROL, "c7"), Verdict.VIOLATED].times_seen == 12


_ENDLESS = """
import sys
sys.path[:0] = [{src!r}, {tests!r}]
from histories import *
from gonogo.history.store import open_store
many = tuple(control(f"c{{at}}", Verdict.VIOLATED) for at in range(3000))
number = 0
while True:
    number += 1
    with open_store({place!r}, create=True) as store:
        print("writing", flush=True)
        store.record(run(*many, snapshot=Snapshot(live(number=number))))
        print("recorded", number, flush=True)
"""


def test_kill_9_in_the_middle_of_a_write_loses_nothing_that_was_recorded(place: str) -> None:
    program = _ENDLESS.format(src=str(ROOT / "src"), tests=str(ROOT / "tests"), place=place)
    told = 0
    for delay in (0.0, 0.02, 0.05, 0.1, 0.2):
        child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        while child.stdout.readline() != "writing\n":
            pass
        time.sleep(delay)
        child.send_signal(signal.SIGKILL)
        told += sum(line.startswith("recorded") for line in child.stdout)
        child.wait()
        child.stdout.close()
    recorded = record(place, run(day=9))
    assert recorded.number > told
    with open_store(place) as store:
        kept = [store.run(r.number) for r in store.runs()]
    assert all(len(r.standings) == 3000 and len(r.snapshot.resources) == 1 for r in kept[1:]), "half a run was kept"
    assert len(kept) - 1 >= told, "a run that was recorded was lost"


_TOO_BIG = """
import resource, sys
sys.path[:0] = [{src!r}, {tests!r}]
from histories import *
from gonogo.history.errors import HistoryError
from gonogo.history.store import open_store
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
many = tuple(control(f"c{{at}}", Verdict.VIOLATED) for at in range(20000))
try:
    with open_store({place!r}, create=True) as store:
        store.record(run(*many))
except HistoryError as error:
    print(error)
"""


def test_a_full_disk_is_one_clear_error_and_earlier_runs_stand(tmp_path: Path) -> None:
    place = str(tmp_path / "history.db")
    record(place, FULL)
    limit = (tmp_path / "history.db").stat().st_size + 100_000
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    program = _TOO_BIG.format(src=str(ROOT / "src"), tests=str(ROOT / "tests"), place=place, limit=limit)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"cannot write the history {place}: the disk is full or fails; free space")
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
    with open_store(place) as store:
        assert store.runs()[0].number == 1
        assert store.run(1) == replace(FULL, number=1)
    assert record(place, FULL) == Recorded(2, 1)


def test_what_is_no_history_is_said(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("not a database, but long enough to have a header" * 30)
    for create in (False, True):
        with pytest.raises(HistoryError, match="not a history of gonogo"), open_store(str(tmp_path / "text.db"), create=create) as store:
            store.record(FULL)
    with pytest.raises(HistoryError, match="is a directory"), open_store(str(tmp_path)):
        pass
    with pytest.raises(HistoryError, match="there is no history at"), open_store(str(tmp_path / "none.db")):
        pass
    assert not (tmp_path / "none.db").exists(), "reading makes nothing"
    sqlite3.connect(tmp_path / "empty.db").close()
    (tmp_path / "empty.db").touch()
    with open_store(str(tmp_path / "empty.db")) as store, pytest.raises(HistoryError, match="holds no run yet"):
        store.runs()
    with open_store(str(tmp_path / "made.db"), create=True) as store:
        store.record(FULL)
        with pytest.raises(HistoryError, match="holds no run 7"):
            store.run(7)


def test_a_password_is_not_shown() -> None:
    with pytest.raises(HistoryError) as error, open_store("postgresql://gonogo:hunter2@127.0.0.1:1/x") as store:
        store.runs()
    assert "hunter2" not in str(error.value)
    assert str(error.value).startswith("cannot read the history postgresql://gonogo:***@127.0.0.1:1/x: ")


@pytest.mark.parametrize(
    ("location", "url"),
    [("postgres://h/d", True), ("postgresql+psycopg://h/d", True), ("history.db", False), ("a/postgresql:/x", False)],
)
def test_urls_and_paths_are_told_apart(location: str, url: bool) -> None:
    assert is_url(location) is url


def test_an_sqlite_history_is_in_wal_mode(tmp_path: Path) -> None:
    record(str(tmp_path / "history.db"), FULL)
    engine = create_engine(f"sqlite:///{tmp_path / 'history.db'}")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    engine.dispose()
    assert NAME in {i.name for i in FULL.snapshot.resources}

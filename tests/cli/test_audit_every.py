"""gonogo audit --every, and two audits at once, as processes against a loopback cloud."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest.importorskip("googleapiclient", reason="google-api-python-client carries the discovery documents")
pytest.importorskip("google.cloud.sqladmin_v1beta4", reason="the gcp extra is not installed")

from loopback.seed import read_seed
from loopback.server import Loopback, loopback
from periodically import Running, often, started
from running import run


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GONOGO_STORE", raising=False)
    return tmp_path


@contextmanager
def holding(after: int = 5) -> Iterator[tuple[Loopback, threading.Event]]:
    """A cloud that keeps every request after the first few waiting until the event is set."""
    release = threading.Event()
    calls = iter(range(1_000_000))

    def accepts(_: str) -> bool:
        return next(calls) < after or release.wait(60)

    with loopback(read_seed("shop"), accepts=accepts) as running:
        try:
            yield running, release
        finally:
            release.set()


def auditing(running: Loopback, *more: str) -> list[str]:
    return [
        sys.executable,
        "-m",
        "gonogo",
        "audit",
        "--project",
        "shop-prod",
        "--endpoint",
        f"*={running.url}",
        "-o",
        "json=out.json",
        *more,
    ]


def asked(running: Loopback) -> None:
    """Until the audit waits for an answer."""
    end = time.monotonic() + 20
    while len(running.seen) < 6:
        assert time.monotonic() < end
        time.sleep(0.02)


def runs() -> Sequence[str]:
    ran = run("history")
    return [line.split()[0] for line in ran.out.splitlines()] if ran.code == 0 else []


def said(process: Running) -> str:
    return "\n".join(process.said)


def test_the_second_of_two_says_who_is_first_and_reads_nothing(here: Path) -> None:
    with holding() as (running, release), started(auditing(running), here) as first:
        asked(running)
        with started(auditing(running), here) as second:
            assert second.end() == 75
        assert f"gonogo: another audit of 'audit shop-prod production' is under way (process {first.process.pid} on " in said(second)
        assert not (here / "out.json").exists()
        release.set()
        assert first.end() == 1
    assert runs() == ["1"]


def test_the_second_may_wait_and_follows_the_first(here: Path) -> None:
    with holding() as (running, release), started(auditing(running), here) as first:
        asked(running)
        with started(auditing(running, "--wait", "30"), here) as second:
            second.wait_for("waiting up to 30 s for another audit")
            release.set()
            assert (first.end(), second.end()) == (1, 1)
    assert runs() == ["2", "1"]
    assert run("drift").code == 0, "nothing changed between them"


def test_another_series_and_an_audit_that_records_nothing_do_not_wait(here: Path) -> None:
    with holding() as (running, release), started(auditing(running), here) as first:
        asked(running)
        with started(auditing(running, "--series", "other"), here) as other, started(auditing(running, "--no-store"), here) as unrecorded:
            other.wait_for(".", 0)
            time.sleep(1.0)
            assert (other.process.poll(), unrecorded.process.poll()) == (None, None), "both ask the cloud"
            release.set()
            assert {first.end(), other.end(), unrecorded.end()} == {1}
    assert runs() == ["2", "1"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_an_audit_that_is_ended_records_nothing_and_leaves_no_lock(number: signal.Signals, here: Path) -> None:
    with holding() as (running, release), started(auditing(running), here) as first:
        asked(running)
        first.signal(number)
        assert first.end() == (130 if number is signal.SIGINT else -number)
        release.set()
        assert runs() == []
        with started(auditing(running), here) as second:
            assert second.end() == 1
    assert runs() == ["1"]


def test_every_says_when_and_stops_with_0(here: Path) -> None:
    pytest.importorskip("apscheduler", reason="the schedule extra is not installed")
    with holding() as (running, _), started(auditing(running, "--every", "0 0 1 1 *"), here) as process:
        process.wait_for(r"gonogo: next audit at \d{4}-01-01T00:00:00Z")
        process.signal(signal.SIGTERM)
        assert process.end() == 0
    assert process.said[-1] == "gonogo: SIGTERM: stopped"
    assert running.seen == []


def test_an_audit_that_runs_again_and_again_records_each_whole(here: Path) -> None:
    """The loop with the very process that --every starts, more often than cron can say."""
    pytest.importorskip("apscheduler", reason="the schedule extra is not installed")
    with loopback(read_seed("shop")) as running, started(often(auditing(running, "--every", "0 0 1 1 *", "--once")), here) as process:
        process.wait_for("ended with exit code 1", 2, within=60)
        process.signal(signal.SIGTERM)
        assert process.end() in (0, 143)
        kept = runs()
        assert kept[-2:] == ["2", "1"]
    for number in kept:
        document = run("history", "export", number).document
        assert document["run"]["decision"] == "NO-GO"
        assert len(document["resources"]) > 20


def test_an_audit_that_is_cut_off_by_the_loop_records_nothing(here: Path) -> None:
    pytest.importorskip("apscheduler", reason="the schedule extra is not installed")
    with holding() as (running, release), started(often(auditing(running), grace=0.3), here) as process:
        asked(running)
        process.signal(signal.SIGTERM)
        assert process.end() == 143
        release.set()
        assert runs() == []
        with started(auditing(running), here) as next_one:
            assert next_one.end() == 1
    assert runs() == ["1"]


@pytest.mark.parametrize(
    ("every", "words"),
    [
        ("hourly", "--every 'hourly' is no cron expression: write five fields"),
        ("61 * * * *", "61 is no minute; it is 0 to 59"),
        ("0 0 31 2 *", "'0 0 31 2 *' never comes"),
        ("", "write five fields"),
    ],
)
def test_a_wrong_expression_is_one_sentence(every: str, words: str, here: Path) -> None:
    pytest.importorskip("apscheduler", reason="the schedule extra is not installed")
    ran = run("audit", "--project", "shop-prod", "--endpoint", "*=http://127.0.0.1:1", "--every", every)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
    assert ran.err.count("\n") == 1


def test_what_is_wrong_with_the_audit_is_said_before_the_loop_begins(here: Path) -> None:
    for wrong in (("--checklist", "none.md"), ("--store", "/proc/none/history.db"), ("--plan", "-", "--repo", ".")):
        ran = run("audit", "--project", "shop-prod", "--every", "0 0 1 1 *", *wrong)
        assert (ran.code, ran.out) == (2, ""), wrong

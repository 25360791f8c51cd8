"""Uploads to a GitHub on this machine that keeps to GitHub's own description."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from gonogo.publish.errors import PublishError
from gonogo.publish.github_culprit import culprits
from gonogo.publish.github_target import Target
from gonogo.publish.github_upload import State, Time, Uploaded, upload
from loopback_github import ingestion
from loopback_github.description import PACKAGE, Description, described
from loopback_github.server import TOKEN, Fault, GitHub, github
from unit.publish.samples import result, run, sarif

SHA = "0123456789abcdef0123456789abcdef01234567"
RATE = {"x-ratelimit-remaining": "0"}


@dataclass(slots=True)
class FakeTime:
    """A clock that only waiting moves, and the waits."""

    at: float = 1000.0
    waits: list[float] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.at += seconds

    def time(self) -> Time:
        return Time(lambda: self.at, self.sleep, self.said.append)


@pytest.fixture(scope="session")
def description(pytestconfig: pytest.Config) -> Description | None:
    return described(pytestconfig)


@pytest.fixture
def clock() -> FakeTime:
    return FakeTime()


def to(hub: GitHub, base: str = "", **more: Any) -> Target:
    return Target(**{"api": hub.url + base, "repository": "acme/app", "ref": "refs/heads/main", "sha": SHA, **more})


def test_the_loopback_is_held_to_the_description_of_github(pytestconfig: pytest.Config) -> None:
    for which in ("github", "ghes"):
        description = described(pytestconfig, which)
        if description is None:
            pytest.skip(f"npm cannot bring {PACKAGE}, GitHub's description of its API")
        good = {"commit_sha": SHA, "ref": "refs/heads/main", "sarif": "H4sI"}
        assert description.wrong_request(good) == []
        assert description.wrong_request({**good, "ref": "main"})
        assert description.wrong_request({**good, "base_sha": SHA}), "what the internal endpoint takes"

        assert description.wrong_answer("GET", 200, {"processing_status": "queued"})
        assert [s for s in (202, 400, 403, 404, 413, 503) if not description.describes("POST", s)] == []


def test_an_upload_is_sent_as_described_and_watched_until_it_is_read(tmp_path: Path, description: Description | None, clock: FakeTime) -> None:
    log = sarif(tmp_path, run(result(), invocations=[{"executionSuccessful": True, "startTimeUtc": "2026-11-23T10:00:00Z"}]))
    with github(description, pending=3) as hub:
        done = upload(log, to(hub), TOKEN, timeout=300, checkout_uri="file:///repo/", clock=clock.time())
    (taken,) = hub.uploads.values()
    assert done == Uploaded(State.COMPLETE, next(iter(hub.uploads)))
    assert taken.sarif == log.log
    assert {k: v for k, v in taken.document.items() if k != "sarif"} == {
        "commit_sha": SHA, "ref": "refs/heads/main", "checkout_uri": "file:///repo/", "started_at": "2026-11-23T10:00:00Z",
    }  # fmt: skip
    assert clock.waits == [5, 10, 20, 40], "after 5, 15, 35, 75 seconds"
    assert hub.authorizations == {f"Bearer {TOKEN}"}


def test_ghes_is_asked_below_api_v3(tmp_path: Path, pytestconfig: pytest.Config, clock: FakeTime) -> None:
    with github(described(pytestconfig, "ghes")) as hub:
        done = upload(sarif(tmp_path, run(result())), to(hub, "/api/v3"), TOKEN, timeout=60, clock=clock.time())
    assert done.state is State.COMPLETE
    assert {path.partition("/repos/")[0] for _, path in hub.seen} == {"/api/v3"}


def test_what_is_still_pending_in_the_end_is_said_and_no_failure(tmp_path: Path, description: Description | None, clock: FakeTime) -> None:
    with github(description, pending=99) as hub:
        done = upload(sarif(tmp_path, run()), to(hub), TOKEN, timeout=155, clock=clock.time())
    assert done.state is State.PENDING
    assert "had not finished with it after 155 s" in done.note
    assert clock.waits == [5, 10, 20, 40, 80]


def test_no_wait_asks_nothing_more(tmp_path: Path, description: Description | None, clock: FakeTime) -> None:
    with github(description) as hub:
        done = upload(sarif(tmp_path, run()), to(hub), TOKEN, timeout=300, wait=False, clock=clock.time())
    assert (done.state, [method for method, _ in hub.seen], clock.waits) == (State.PENDING, ["POST"], [])


NO_PLACE, LOGICAL = result(locations=None), result(locations=[{"logicalLocations": [{"fullyQualifiedName": "//run/api"}]}])
RULE = {"id": "no-root", "properties": {"security-severity": "high"}}
# What is wrong with a file, GitHub's words for it, and what we add: the result that it is about.
REJECTED: list[tuple[list[dict[str, Any]], str, str]] = [
    ([run(result(), NO_PLACE)], "locationFromSarifResult: expected at least one location", "runs[0].results[1] no-root"),
    ([run(result(), LOGICAL)], "locationFromSarifResult: expected a physical location", "runs[0].results[1] no-root"),
    ([run(result(), result(uri=""))], "locationFromSarifResult: expected artifact location", "runs[0].results[1] no-root"),
    ([run(result(uri="a b.tf"))], "an invalid URI was provided as a SARIF location", "runs[0].results[0] no-root: no-root is violated. ('a b.tf')"),
    ([run(result(uri="https://x.example/a"))], 'SARIF URI scheme "https" did not match the checkout URI scheme "file"', "'https://x.example/a'"),
    ([run(result(uri="gcp://p/i"))], "unrecognized SARIF location URI scheme", "'gcp://p/i'"),
    ([run(result(), rules=[RULE])], "could not convert rules: invalid security severity value, is not a number", "rules[0] no-root: security-severity is 'high'"),
    ([run(category=f"c{at}/") for at in range(21)], "rejecting SARIF, as there are more runs than allowed (21 > 20)", ""),
    ([run(), run()], "A delivery cannot contain multiple runs with the same category", ""),
    ([run(rules=[{"id": "exploding-1"}])], "rejecting delivery as the repository has too many logical alerts", ""),
    ([run(result(), invocations=[{"executionSuccessful": False}])], "unsuccessful execution", ""),
]


@pytest.mark.parametrize(("runs", "said", "culprit"), REJECTED, ids=[said[:40] for _, said, _ in REJECTED])
def test_githubs_own_errors_come_back_with_the_results_they_are_about(
    runs: list[dict[str, Any]], said: str, culprit: str, tmp_path: Path, description: Description | None, clock: FakeTime
) -> None:
    log = sarif(tmp_path, *runs)
    checkout = "file:///repo/" if "checkout" in said else ""
    with github(description) as hub:
        done = upload(log, to(hub), TOKEN, timeout=60, checkout_uri=checkout, clock=clock.time())
    assert (done.state, done.errors) == (State.FAILED, (said,))
    assert [culprit in found for found in culprits(said, log)] == ([True] if culprit else [])


def test_only_a_few_of_many_culprits_are_named(tmp_path: Path) -> None:
    log = sarif(tmp_path, run(*[NO_PLACE] * 9))
    assert culprits("locationFromSarifResult: expected at least one location", log)[-1] == "and 4 more"
    assert ingestion.errors(dict(log.log)) == ["locationFromSarifResult: expected at least one location"]


REFUSED: dict[str, tuple[Fault, dict[str, Any], str]] = {
    "401": (Fault(401, "Bad credentials"), {}, "GITHUB_TOKEN: ${{ github.token }}"),
    "403 permission": (Fault(403, "Resource not accessible by integration"), {}, "security-events: write"),
    "403 personal token": (Fault(403, "Resource not accessible by personal access token"), {}, "Code scanning alerts: write"),
    "403 no GHAS": (Fault(403, "Advanced Security must be enabled for this repository to use code scanning."), {}, "-o github"),
    "403 no Code Security": (Fault(403, "Code Security must be enabled for this repository to use code scanning."), {}, "GitHub Code Security"),
    "403 archived": (Fault(403, "Repository was archived so is read-only."), {}, "An archived repository takes nothing"),
    "404": (Fault(404, "Not Found"), {}, "the token may not see it"),
    "413": (Fault(413, "Payload too large"), {}, "10 MB"),
    "400": (Fault(400, "commit not found"), {}, SHA),
    "fork without the words": (Fault(403, "Forbidden"), {"from_fork": True}, "403 Forbidden"),
    "301": (Fault(301, "Moved Permanently", {"Location": "http://127.0.0.1:1/x"}), {}, "redirects to http://127.0.0.1:1/x; the token is not sent there"),
    "no JSON": (Fault(418, body=b"<html>a proxy</html>"), {}, "418"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_says_what_to_do_and_is_not_tried_again(name: str, tmp_path: Path, description: Description | None, clock: FakeTime) -> None:
    fault, target, advice = REFUSED[name]
    with github(description, fault) as hub, pytest.raises(PublishError) as raised:
        upload(sarif(tmp_path, run(result())), to(hub, **target), TOKEN, timeout=300, clock=clock.time())
    assert str(fault.status) in str(raised.value)
    assert fault.message in str(raised.value)
    assert advice in str(raised.value)
    assert TOKEN not in str(raised.value)
    assert (len(hub.seen), clock.waits) == (1, [])


def test_no_runs_is_422_as_github_says_it(tmp_path: Path, description: Description | None, clock: FakeTime) -> None:
    with github(description) as hub, pytest.raises(PublishError, match="422 Invalid request.*1 item required; only 0 were supplied"):
        upload(sarif(tmp_path), to(hub), TOKEN, timeout=300, clock=clock.time())


def test_a_fork_is_told_and_no_failure(tmp_path: Path, description: Description | None, clock: FakeTime) -> None:
    with github(description, Fault(403, "Resource not accessible by integration")) as hub:
        done = upload(sarif(tmp_path, run()), to(hub, from_fork=True), TOKEN, timeout=300, clock=clock.time())
    assert done.state is State.REFUSED
    assert "head.repo.full_name == github.repository" in done.note
    assert hub.uploads == {}


def _reset() -> dict[str, str]:
    return {**RATE, "x-ratelimit-reset": str(int(time.time()) + 120)}


TRANSIENT: dict[str, tuple[Callable[[], Fault], Callable[[float], bool]]] = {
    "503": (lambda: Fault(503, "Service unavailable"), lambda wait: wait == 1),
    "502 of a proxy": (lambda: Fault(502, body=b"<html>"), lambda wait: wait == 1),
    "429 with Retry-After": (lambda: Fault(429, "slow down", {"Retry-After": "7"}), lambda wait: wait == 7),
    "429 without": (lambda: Fault(429, "slow down"), lambda wait: wait == 60),
    "403 primary limit": (lambda: Fault(403, "API rate limit exceeded", _reset()), lambda wait: 118 <= wait <= 122),
    "403 secondary limit": (lambda: Fault(403, "You have exceeded a secondary rate limit."), lambda wait: wait == 60),
    "403 with Retry-After": (lambda: Fault(403, "abuse", {"Retry-After": "30"}), lambda wait: wait == 30),
    "truncated JSON": (lambda: Fault(202, lost=True, cut=20), lambda wait: wait == 1),
    "no JSON at all": (lambda: Fault(200, body=b"hello"), lambda wait: wait == 1),
}


@pytest.mark.parametrize("name", TRANSIENT)
def test_what_goes_away_is_tried_again_when_github_asks_for_it(name: str, tmp_path: Path, description: Description | None, clock: FakeTime) -> None:
    fault, waited = TRANSIENT[name]
    with github(description, fault()) as hub:
        done = upload(sarif(tmp_path, run()), to(hub), TOKEN, timeout=300, wait=False, clock=clock.time())
    assert done.state is State.PENDING
    assert len(hub.seen) == 2
    assert waited(clock.waits[0]), clock.waits
    assert "trying again" in clock.said[0]


def test_the_waits_grow_and_the_tries_end(tmp_path: Path, description: Description | None, clock: FakeTime) -> None:
    with github(description, *[Fault(503, "down")] * 9) as hub, pytest.raises(PublishError, match=r"not uploaded: GitHub answered 503 down \(5 times\)"):
        upload(sarif(tmp_path, run()), to(hub), TOKEN, timeout=300, clock=clock.time())
    assert (clock.waits, len(hub.seen)) == ([1, 2, 4, 8], 5)


def test_a_limit_that_ends_after_the_timeout_is_not_waited_for(tmp_path: Path, description: Description | None, clock: FakeTime) -> None:
    with github(description, Fault(429, "slow", {"Retry-After": "900"})) as hub, pytest.raises(PublishError, match="due in 900 s, which is more"):
        upload(sarif(tmp_path, run()), to(hub), TOKEN, timeout=300, clock=clock.time())
    assert clock.waits == []


def test_trouble_while_watching_is_waited_out(tmp_path: Path, description: Description | None, clock: FakeTime) -> None:
    faults = [None, Fault(503, "down"), Fault(200, body=b'{"processing_sta'), Fault(404, "Not Found"), Fault(429, "slow")]
    with github(description, *faults) as hub:
        done = upload(sarif(tmp_path, run()), to(hub), TOKEN, timeout=300, clock=clock.time())
    assert done.state is State.COMPLETE
    assert len(hub.seen) == 6


def test_a_limit_while_watching_is_kept(tmp_path: Path, description: Description | None, clock: FakeTime) -> None:
    with github(description, None, Fault(429, "slow", {"Retry-After": "50"})) as hub:
        assert upload(sarif(tmp_path, run()), to(hub), TOKEN, timeout=300, clock=clock.time()).state is State.COMPLETE
    assert clock.waits == [5, 50]
    with github(description, None, Fault(403, "slow", {"Retry-After": "900"})) as hub:
        done = upload(sarif(tmp_path, run()), to(hub), TOKEN, timeout=300, clock=clock.time())
    assert (done.state, len(hub.seen)) == (State.PENDING, 2)
    assert "status 403 slow" in done.note


def test_a_refused_status_is_no_success(tmp_path: Path, description: Description | None, clock: FakeTime) -> None:
    with github(description, None, Fault(403, "Resource not accessible by integration")) as hub, pytest.raises(PublishError, match="whether GitHub can read it is not known"):
        upload(sarif(tmp_path, run()), to(hub), TOKEN, timeout=300, clock=clock.time())


def test_a_server_that_drips_is_cut_off(tmp_path: Path, description: Description | None) -> None:
    started = time.monotonic()
    with github(description, *[Fault(503, "x" * 4000, drip=0.05)] * 2) as hub, pytest.raises(PublishError, match="did not finish its answer within"):
        upload(sarif(tmp_path, run()), to(hub), TOKEN, timeout=0.6)
    assert time.monotonic() - started < 5


def test_nobody_there_is_said(tmp_path: Path, clock: FakeTime) -> None:
    target = Target("http://127.0.0.1:9", "acme/app", "refs/heads/main", SHA)
    with pytest.raises(PublishError, match=r"the connection to 127\.0\.0\.1:9 failed"):
        upload(sarif(tmp_path, run()), target, TOKEN, timeout=300, clock=clock.time())


def test_a_redirect_to_another_host_gets_no_token(tmp_path: Path, description: Description | None, clock: FakeTime) -> None:
    with github(None) as other:
        fault = Fault(307, "Temporary Redirect", {"Location": f"{other.url}/repos/acme/app/code-scanning/sarifs"})
        with github(description, fault) as hub, pytest.raises(PublishError, match="the token is not sent there"):
            upload(sarif(tmp_path, run()), to(hub), TOKEN, timeout=300, clock=clock.time())
    assert other.seen == []


def test_an_answer_without_end_is_refused(tmp_path: Path, clock: FakeTime) -> None:
    with github(None, Fault(202, body=b" " * (5 << 20))) as hub, pytest.raises(PublishError, match="more than 4096 KiB"):
        upload(sarif(tmp_path, run()), to(hub), TOKEN, timeout=300, clock=clock.time())

"""The fault table, of the whole command: whatever goes wrong on the way, the exit code says so, nothing is satisfied that was not seen,
and nothing that was recorded is lost. What each fault looks like to a collector stands in tests/contract/gcp/test_faults.py."""

from __future__ import annotations

import copy
import json
import re
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("googleapiclient", reason="google-api-python-client carries the discovery documents")
pytest.importorskip("google.cloud.sqladmin_v1beta4", reason="the gcp extra is not installed")

from gonogo.rules import load_rules
from gonogo.rules.reach import controls_by_kind
from gonogo.sources.gcp.surfaces import load_surfaces
from loopback import faults
from loopback.client import QUICK
from loopback.faults import Fault, Mode
from loopback.seed import read_seed
from loopback.server import Loopback, loopback
from periodically import started
from running import Ran, run

# All of it holds in the seeded cloud: a healthy audit is a GO.
CHECKLIST = """# Go live

- [x] Backups <!-- gonogo: cloudsql-backups -->
- [x] Encrypted connections <!-- gonogo: cloudsql-tls -->
- [x] Services run <!-- gonogo: cloudrun-deploy -->
- [x] HTTPS <!-- gonogo: https-lb -->
- [x] Uptime is watched <!-- gonogo: uptime-check -->
"""
SURFACES = load_surfaces()
RULES = load_rules(())
REACH = controls_by_kind(RULES)
FOLDS = {control.id: control.fold.value for control in RULES.controls}


@dataclass(frozen=True, slots=True)
class List:
    """A list that is struck: its surface, the path of its requests, and whether Google's own client reads it."""

    surface: str
    path: str

    @property
    def kinds(self) -> set[str]:
        return set(SURFACES.kinds(next(s for s in SURFACES.surfaces if s.id == self.surface)))

    @property
    def controls(self) -> set[str]:
        """What may stay undecided without it."""
        return {control for kind in self.kinds for control in REACH.get(kind, ())}


# Google's client for Cloud SQL; the table; a list that others hang on; one that is only joined to what is judged.
SQL = List("sql-instances", "/sqladmin/.*/instances$")
UPTIME = List("uptime-checks", "/monitoring/.*/uptimeCheckConfigs$")
RUN = List("run-locations", "/run/v1/.*/locations$")
MAPS = List("lb-url-maps", "/compute/.*/aggregated/urlMaps$")
every_list = pytest.mark.parametrize("struck", [SQL, UPTIME, RUN, MAPS], ids=lambda found: found.surface)
# What a fault is to each way of reading is tried on the collectors; here one way is enough for most.
client = pytest.mark.parametrize("struck", [SQL], ids=lambda found: found.surface)
table = pytest.mark.parametrize("struck", [UPTIME], ids=lambda found: found.surface)


@dataclass(slots=True)
class Story:
    """Audits of one cloud, one after the other, in one history."""

    running: Loopback
    healthy: Ran
    first: str
    """The first run as it was recorded."""
    recorded: int = 1
    codes: list[int] = field(default_factory=list)

    def audit(self, *more: str) -> Ran:
        ran = run("audit", "--project", "shop-prod", "--endpoint", f"*={self.running.url}", "-c", "CHECKLIST.md", "-o", "json", *more)
        self.codes.append(ran.code)
        return ran

    def strike(self, *struck: Fault) -> Ran:
        """An audit with faults, and afterwards they are gone."""
        self.running.faults.extend(struck)
        ran = self.audit()
        self.running.faults.clear()
        self.recorded += 1
        return ran

    def nothing_is_lost(self) -> None:
        """What was recorded is as it was; the next healthy audit is like the first one, and says so."""
        assert run("history", "export", "1").out == self.first
        assert self.audit().code == 0
        self.recorded += 1
        assert len(run("history", "-o", "json").document) == self.recorded
        since_first = run("drift", "--since", "1", "-o", "json")
        assert (since_first.code, since_first.document["transitions"], since_first.document["differences"]) == (0, [], [])


def verdicts(ran: Ran) -> dict[str, str]:
    return {control["id"]: control["verdict"] for control in ran.document["controls"]}


def reasons(ran: Ran) -> str:
    return "\n".join(gap["reason"] for gap in ran.document["gaps"])


@pytest.fixture
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GONOGO_STORE", raising=False)
    # The waits of production are minutes; what happens after them is the same.
    monkeypatch.setattr("gonogo.sources.gcp.session.Limits", lambda: QUICK)
    (tmp_path / "CHECKLIST.md").write_text(CHECKLIST)
    cloud = read_seed("shop").copy()
    cloud.collections["container"] = {}  # nobody gives the manifests of what runs in a cluster
    with loopback(cloud) as running:
        begun = Story(running, Ran(-1, "", ""), "")
        begun.healthy = begun.audit()
        assert begun.healthy.code == 0, begun.healthy.err
        begun.first = run("history", "export", "1").out
        yield begun


def blind(story: Story, ran: Ran, struck: List, words: str, *, partly: bool = False, besides: set[str] | None = None) -> None:
    """The audit says that it could not see, why, and takes nothing for seen. `partly`: the list began; `besides`: what else may be unknown."""
    assert ran.code == 3, "INCOMPLETE"
    assert ran.document["decision"] == "INCOMPLETE"
    assert re.search(words, reasons(ran)), reasons(ran)
    before, now = verdicts(story.healthy), verdicts(ran)
    for control in struck.controls:
        if now[control] == "satisfied":  # one that was seen is enough, and it is none of what was not seen
            proof = [f for f in ran.document["findings"] if f["control"] == control and f["verdict"] == "satisfied"]
            assert FOLDS[control] == "any"
            assert partly or {f["subject"]["kind"] for f in proof} - struck.kinds, control
        else:
            assert now[control] == "unknown" or (now[control], before[control]) == ("violated", "violated"), (control, now[control])
    elsewhere = {c: now[c] for c in now if c not in struck.controls and now[c] != before[c]}
    assert elsewhere.keys() <= (besides or set()), "what was seen is as it was"
    assert set(elsewhere.values()) <= {"unknown"}
    # The run is recorded as one that could not see: what it did not see is not gone, and nothing is said to be fixed or regressed.
    change = run("drift", "-o", "json")
    assert change.code == 3
    assert {t["change"] for t in change.document["transitions"]} == {"went_blind"}
    assert {d["status"] for d in change.document["differences"]} <= {"not_comparable"}
    exported = run("history", "export", str(story.recorded)).document
    assert [s["complete"] for s in exported["surfaces"] if s["name"] == struck.surface] == [False]


@client
@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (401, faults.unauthenticated(), "did not accept the credentials"),
        (403, faults.denied("a.b.list", "projects/shop-prod"), r"grant a\.b\.list .* to the auditing account"),
        (403, faults.denied_old("a.b.list", "projects/shop-prod"), r"grant a\.b\.list"),
        (403, faults.error(403, "The caller does not have permission", "PERMISSION_DENIED"), r"permission \S+\.list is missing"),
        (403, faults.quota(), "its quota is used up"),
        (403, faults.perimeter(), "ingress rule of the perimeter"),
        (403, faults.disabled("x.googleapis.com", 424242), "is not enabled in projects/424242"),
        (403, b"<html>a proxy</html>", "is a proxy in between"),
        (404, faults.error(404, "gone", "NOT_FOUND"), "knows no projects/shop-prod: gone"),
        (404, None, "without Google's reason"),
        (400, faults.error(400, "bad", "INVALID_ARGUMENT"), "refused the request with status 400"),
        (429, faults.error(429, "Quota exceeded", "RESOURCE_EXHAUSTED"), "its quota is used up"),
        (500, None, "failed with status 500"),
        (503, {}, "failed with status 503"),
    ],
)
def test_what_is_refused_is_not_seen(story: Story, struck: List, status: int, body: object, words: str) -> None:
    ran = story.strike(Fault(struck.path, status=status, body=body))
    blind(story, ran, struck, words)
    story.nothing_is_lost()


@every_list
def test_a_refusal_blinds_all_that_hangs_on_the_list(story: Story, struck: List) -> None:
    ran = story.strike(Fault(struck.path, status=403, body=faults.denied("a.b.list", "projects/shop-prod")))
    blind(story, ran, struck, r"grant a\.b\.list")
    story.nothing_is_lost()


def test_everything_refused_is_nothing_seen(story: Story) -> None:
    ran = story.strike(Fault("", status=403, body=faults.denied("a.b.list", "projects/shop-prod")))
    assert ran.code == 3
    assert set(verdicts(ran).values()) == {"unknown"}
    story.nothing_is_lost()


def test_an_api_that_is_off_in_the_project_is_no_proof_of_anything(story: Story) -> None:
    """There may be nothing of it; what is claimed of it is not confirmed, and its things are not said to be gone."""
    story.running.cloud.disabled = {"shop-prod": ["sqladmin.googleapis.com"]}
    ran = story.strike()
    story.running.cloud.disabled = {}
    assert ran.code in (1, 3)
    items = {item["text"]: item for item in ran.document["items"]}
    assert items["Backups"]["verdict"] in ("absent", "unknown")
    assert items["Backups"]["agreement"] not in ("confirmed",)
    assert "Cloud SQL Admin API (sqladmin.googleapis.com) is not enabled" in reasons(ran)
    assert {d["status"] for d in run("drift", "-o", "json").document["differences"]} <= {"not_comparable"}
    story.nothing_is_lost()


@table
@pytest.mark.parametrize(
    "passing",
    [
        {"status": 500, "body": None},
        {"status": 429, "body": {}, "headers": {"Retry-After": "1"}},
        {"status": 429, "body": {}},
        {"status": 403, "body": faults.quota()},
        {"mode": Mode.RESET},
        {"mode": Mode.TRUNCATE},
        {"mode": Mode.HALF_JSON},
    ],
    ids=lambda given: str(given.get("mode") or given["status"]),
)
def test_what_passes_costs_nothing(story: Story, struck: List, passing: Mapping[str, Any]) -> None:
    ran = story.strike(Fault(struck.path, times=2, **passing))
    assert ran.code == 0
    assert ran.document["gaps"] == []
    assert verdicts(ran) == verdicts(story.healthy)
    story.nothing_is_lost()


@table
def test_a_wait_that_does_not_fit_is_not_begun(story: Story, struck: List) -> None:
    begun = time.monotonic()
    ran = story.strike(Fault(struck.path, status=429, body={}, headers={"Retry-After": "86400"}))
    assert time.monotonic() - begun < 10
    # The API is left in peace for as long as it asked for: its other lists are not read either.
    besides = {control for s in SURFACES.surfaces if s.service == "monitoring" for control in List(s.id, "").controls}
    blind(story, ran, struck, "its quota is used up", besides=besides if struck is UPTIME else set())
    story.nothing_is_lost()


@client
@pytest.mark.parametrize("mode", [Mode.RESET, Mode.TRUNCATE, Mode.HALF_JSON, Mode.DRIP, Mode.DRIP_HEADERS])
def test_a_connection_that_breaks_or_drips_to_the_end_is_not_seen(story: Story, struck: List, mode: Mode) -> None:
    begun = time.monotonic()
    ran = story.strike(Fault(struck.path, mode=mode))
    assert time.monotonic() - begun < 15
    blind(story, ran, struck, "the connection to|did not answer in time|did not finish its answer|JSON that cannot be read")
    story.nothing_is_lost()


@table
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"body": b"<html>Sign in</html>", "content_type": "text/html"}, "instead of JSON"),
        ({"body": b"", "content_type": ""}, "no content type"),
        ({"body": []}, "no object"),
        ({"body": {"items": 7, "uptimeCheckConfigs": 7}}, "is no list|is not shaped"),
        ({"body": {"other": []}}, "where `.*` was expected"),
        ({"body": {"items": [{}], "uptimeCheckConfigs": [{}]}}, "has no name"),
    ],
)
def test_an_answer_of_another_kind_is_not_seen(story: Story, struck: List, wrong: Mapping[str, Any], words: str) -> None:
    ran = story.strike(Fault(struck.path, status=200, **wrong))
    blind(story, ran, struck, words)
    story.nothing_is_lost()


def test_a_list_that_runs_in_a_circle_is_not_seen_to_its_end(story: Story) -> None:
    ran = story.strike(Fault(SQL.path, change=lambda answer: {**answer, "nextPageToken": "page-0"}))
    blind(story, ran, SQL, "names a page twice", partly=True)
    story.nothing_is_lost()


def test_a_list_that_breaks_off_in_the_middle_is_not_seen_to_its_end(story: Story) -> None:
    """What its first page held is seen: it may violate, and it satisfies nothing that is asked of each."""
    first = Fault(SQL.path, times=1, change=lambda answer: {"items": answer["items"][:1], "nextPageToken": "page-1"})
    ran = story.strike(first, Fault(SQL.path, status=503, body={}))
    blind(story, ran, SQL, "failed with status 503", partly=True)
    story.nothing_is_lost()


@pytest.mark.parametrize(
    ("struck", "change"),
    [
        (SQL, {"warnings": [{"code": "REGION_UNREACHABLE", "region": "us-west4", "message": "no"}]}),
        (MAPS, {"unreachables": ["regions/us-west4"]}),
        (List("run-services", "/run/v2/.*/us-central1/services$"), {"unreachable": ["projects/p/locations/us-west4"]}),
        (
            List("redis-instances", "/redis/.*/instances$"),
            {"instances": [{"name": "projects/shop-prod/locations/us-west4/instances/-", "state": "ERROR"}]},
        ),
    ],
    ids=lambda given: given.surface if isinstance(given, List) else "",
)
def test_a_region_that_did_not_answer_is_not_empty(story: Story, struck: List, change: dict[str, Any]) -> None:
    ran = story.strike(Fault(struck.path, change=lambda answer: {**answer, **change}))
    # Each database has to have backups; one service, or one balancer, that was seen is enough; nothing is claimed of Redis.
    assert ran.code == (3 if struck is SQL else 0)
    assert "us-west4" in reasons(ran)
    now = verdicts(ran)
    asked_of_each = {rule.control for rule in RULES.rules if struck.kinds.intersection(rule.subjects) and FOLDS[rule.control] == "each"}
    assert {now[control] for control in asked_of_each} <= {"unknown", "violated"}
    assert not any("us-west4" in d["name"] for d in run("drift", "-o", "json").document["differences"] if d["status"] != "not_comparable")
    story.nothing_is_lost()


@pytest.mark.parametrize("value", ["A_MODE_OF_TOMORROW", 9])
def test_a_value_that_nobody_here_knows_is_neither_good_nor_bad(story: Story, value: object) -> None:
    def tomorrow(seeded: dict[str, Any]) -> dict[str, Any]:
        answer = copy.deepcopy(seeded)
        for instance in answer["items"]:
            instance["settings"]["ipConfiguration"]["sslMode"] = value
        return answer

    ran = story.strike(Fault(SQL.path, change=tomorrow))
    assert verdicts(ran)["cloudsql-tls"] == "unknown"
    assert verdicts(ran)["cloudsql-backups"] == "satisfied", "what is known is judged"
    assert ran.code == 3
    story.nothing_is_lost()


def signed_in(monkeypatch: pytest.MonkeyPatch, refuses: Exception | None = None) -> list[str]:
    """The command has credentials whose tokens are numbered; the list grows with each. Real ones never go to a loopback server."""
    from google.auth.credentials import Credentials

    from gonogo.sources.gcp.credentials import GoogleIdentity

    given: list[str] = []

    class Own(Credentials):
        def refresh(self, request: Any) -> None:
            if refuses is not None and given:
                raise refuses
            given.append(f"token-{len(given) + 1}")
            self.token = given[-1]
            self.expiry = datetime.now(UTC).replace(tzinfo=None) + timedelta(hours=1)

    monkeypatch.setattr("gonogo.sources.gcp.opening.Anonymous", lambda _: GoogleIdentity(Own(), lambda *_, **__: None))  # type: ignore[no-untyped-call]
    return given


def expiring(story: Story, after: int) -> None:
    """From the request of that number on, only the second token is good."""
    calls = iter(range(1_000_000))
    story.running.accepts = lambda authorization: authorization == ("Bearer token-1" if next(calls) < after else "Bearer token-2")


def test_a_token_that_expires_in_the_middle_costs_nothing(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    given = signed_in(monkeypatch)
    expiring(story, after=12)
    ran = story.strike()
    assert (ran.code, given, ran.document["gaps"]) == (0, ["token-1", "token-2"], [])
    assert verdicts(ran) == verdicts(story.healthy)
    story.running.accepts = lambda _: True
    story.nothing_is_lost()


def test_a_token_that_cannot_be_renewed_ends_what_can_be_seen(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    from google.auth.exceptions import RefreshError

    signed_in(monkeypatch, RefreshError("invalid_grant: Token has been expired or revoked."))  # type: ignore[no-untyped-call]
    expiring(story, after=12)
    ran = story.strike()
    assert ran.code == 3
    assert "gcloud auth application-default login" in reasons(ran)
    before, now = verdicts(story.healthy), verdicts(ran)
    assert {c for c in now if now[c] == "satisfied"} < {c for c in before if before[c] == "satisfied"}
    change = run("drift", "-o", "json")
    assert change.code == 3
    assert {t["change"] for t in change.document["transitions"]} == {"went_blind"}
    assert {d["status"] for d in change.document["differences"]} <= {"not_comparable"}
    story.running.accepts = lambda _: True
    signed_in(monkeypatch)
    story.nothing_is_lost()


def test_a_wrong_clock_costs_nothing_and_is_said_where_it_may_be_the_cause(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    late = (datetime.now(UTC) - timedelta(minutes=50)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    story.running.date = lambda: late
    assert story.strike().code == 0
    signed_in(monkeypatch)
    story.running.accepts = lambda _: False
    ran = story.strike()
    assert ran.code == 3
    assert "the clock of this machine is 50 minutes ahead" in reasons(ran)
    assert set(verdicts(ran).values()) == {"unknown"}
    story.running.accepts = lambda _: True
    story.nothing_is_lost()


def test_no_credentials_at_all_is_said_and_nothing_recorded(story: Story, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "none"))
    ran = run("audit", "--project", "shop-prod", "-c", "CHECKLIST.md", "-o", "json")
    assert (ran.code, ran.out) == (2, "")
    assert "gcloud auth application-default login" in ran.err
    story.nothing_is_lost()


def command(story: Story) -> list[str]:
    arguments = ["audit", "--project", "shop-prod", "--endpoint", f"*={story.running.url}", "-c", "CHECKLIST.md", "-o", "json=out.json"]
    return [sys.executable, "-m", "gonogo", *arguments]


def test_kill_9_in_the_middle_of_the_record_leaves_it_whole_or_not_there(story: Story, tmp_path: Path) -> None:
    """Killed at many moments from the one on at which it opens the history: SQLite's log is there for as long as it is open."""
    log = tmp_path / ".gonogo" / "history.db-wal"

    def opened() -> int:
        try:
            return log.stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    for delay in (0.0, 0.002, 0.005, 0.01, 0.02, 0.05):
        before = opened()
        with started(command(story), tmp_path) as process:
            while opened() == before and process.process.poll() is None:
                time.sleep(0.001)
            time.sleep(delay)
            process.signal(signal.SIGKILL)
            process.end()
    kept = [entry["number"] for entry in run("history", "-o", "json").document]
    assert kept == sorted(range(1, len(kept) + 1), reverse=True)
    whole = {name: part for name, part in json.loads(story.first).items() if name != "run"}
    for number in kept:
        assert {name: part for name, part in run("history", "export", str(number)).document.items() if name != "run"} == whole
    story.recorded = len(kept)
    story.nothing_is_lost()


def test_a_full_disk_costs_the_record_and_not_the_report_nor_what_was_recorded(story: Story, tmp_path: Path) -> None:
    program = (
        "import resource, runpy, sys\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))\n"
        f"sys.argv = {['gonogo', *command(story)[3:-1], 'concise']!r}\n"
        "runpy.run_module('gonogo', run_name='__main__')"
    )
    with started([sys.executable, "-c", program], tmp_path) as process:
        assert process.end() == 5
    said = "\n".join(process.said)
    assert "the disk is full or fails" in said
    assert "GO" in said, "the report is there"
    story.nothing_is_lost()

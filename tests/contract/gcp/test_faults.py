"""The fault table: whatever goes wrong on the way, nothing is lost, nothing is taken for seen, and the words say what to do."""

from __future__ import annotations

import gzip
import json
import re
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

pytest.importorskip("googleapiclient", reason="google-api-python-client carries the discovery documents")
pytest.importorskip("google.cloud.sqladmin_v1beta4", reason="the gcp extra is not installed")

from gonogo.sources.gcp.collect import collect
from gonogo.sources.gcp.collection import Collected, Shortfall
from gonogo.sources.gcp.credentials import GoogleIdentity
from gonogo.sources.gcp.pacing import Limits
from gonogo.sources.gcp.problems import Cause, Problem
from loopback import faults
from loopback.client import QUICK, audit, session, surfaces
from loopback.faults import Fault, Mode
from loopback.seed import read_seed
from loopback.server import Loopback, loopback

# One list through Google's client, one through the table: every fault must mean the same on both ways.
LISTS = [("sql-instances", "/sqladmin/.*/instances$"), ("secrets", "/secretmanager/.*/secrets$")]
both = pytest.mark.parametrize(("surface", "path"), LISTS, ids=["client", "table"])


def only(collected: Collected) -> Shortfall:
    (shortfall,) = collected.shortfalls
    assert not any(c.complete for c in collected.coverage if c.surface == shortfall.surface), "what fell short is not complete"
    return shortfall


def struck(surface: str, *struck_by: Fault, limits: Limits = QUICK) -> tuple[Collected, Loopback]:
    with loopback(read_seed("shop"), *struck_by) as running:
        return audit(running, surface, limits=limits), running


@both
@pytest.mark.parametrize(
    ("status", "body", "cause", "words"),
    [
        (401, faults.unauthenticated(), Cause.CREDENTIALS, "log in again|the audit runs without"),
        (403, faults.disabled("x.googleapis.com", 12), Cause.API_DISABLED, "gcloud services enable"),
        (403, faults.disabled_old(12), Cause.API_DISABLED, "gcloud services enable"),
        (403, faults.denied("a.b.list", "projects/shop-prod"), Cause.PERMISSION, r"grant a\.b\.list .* to the auditing account"),
        (403, faults.denied_old("a.b.list", "projects/shop-prod"), Cause.PERMISSION, r"grant a\.b\.list"),
        (403, faults.perimeter(), Cause.PERIMETER, "ingress rule of the perimeter"),
        (404, faults.error(404, "gone", "NOT_FOUND"), Cause.NOT_FOUND, "knows no projects/shop-prod: gone"),
    ],
)
def test_a_refusal_is_not_tried_again(surface: str, path: str, status: int, body: object, cause: Cause, words: str) -> None:
    collected, running = struck(surface, Fault(path, status=status, body=body))
    shortfall = only(collected)
    assert shortfall.cause is cause
    assert re.search(words, shortfall.reason), shortfall.reason
    assert len(running.seen) == 1
    assert shortfall.kinds == ("secretmanager.googleapis.com/Secret" if surface == "secrets" else "sqladmin.googleapis.com/Instance",)


@both
@pytest.mark.parametrize(
    ("status", "body"),
    [(429, faults.error(429, "Quota exceeded", "RESOURCE_EXHAUSTED")), (403, faults.quota()), (500, None), (502, b"<html>"), (503, {})],
)
def test_what_passes_is_tried_again(surface: str, path: str, status: int, body: object) -> None:
    collected, running = struck(
        surface, Fault(path, times=2, status=status, body=body, content_type="text/html" if body == b"<html>" else "application/json")
    )
    assert collected.shortfalls == ()
    assert len(running.seen) == 3


@both
def test_what_does_not_pass_is_given_up(surface: str, path: str) -> None:
    collected, running = struck(surface, Fault(path, status=429, body=faults.quota()))
    assert only(collected).cause is Cause.QUOTA
    assert len(running.seen) == 3
    collected, running = struck(surface, Fault(path, status=503, body={}))
    assert only(collected).cause is Cause.UNAVAILABLE


@both
@pytest.mark.parametrize("after", ["1", format_datetime(datetime(2026, 11, 23, 9, 0, 1, tzinfo=UTC), usegmt=True)])
def test_retry_after_is_waited_for(surface: str, path: str, after: str) -> None:
    fault = Fault(path, times=1, status=429, body={}, headers={"Retry-After": after})
    with loopback(read_seed("shop"), fault, date=lambda: "Mon, 23 Nov 2026 09:00:00 GMT") as running:
        started = time.monotonic()
        assert audit(running, surface).shortfalls == ()
        assert time.monotonic() - started >= 1.0


@both
def test_a_wait_beyond_the_budget_is_not_begun(surface: str, path: str) -> None:
    started = time.monotonic()
    collected, _ = struck(surface, Fault(path, status=429, body={}, headers={"Retry-After": "86400"}))
    assert only(collected).cause is Cause.QUOTA
    assert time.monotonic() - started < 3.0


@both
def test_a_connection_that_breaks_is_made_again(surface: str, path: str) -> None:
    for mode in (Mode.RESET, Mode.TRUNCATE, Mode.HALF_JSON):
        collected, running = struck(surface, Fault(path, times=1, mode=mode))
        assert collected.shortfalls == (), mode
        assert len(running.seen) == 2


@both
@pytest.mark.parametrize(
    ("mode", "cause"), [(Mode.RESET, Cause.UNREACHABLE), (Mode.TRUNCATE, Cause.UNREACHABLE), (Mode.HALF_JSON, Cause.INVALID)]
)
def test_a_connection_that_always_breaks_is_a_shortfall(surface: str, path: str, mode: Mode, cause: Cause) -> None:
    collected, _ = struck(surface, Fault(path, mode=mode))
    assert only(collected).cause is cause
    assert collected.assets == ()


@both
@pytest.mark.parametrize("mode", [Mode.DRIP, Mode.DRIP_HEADERS])
def test_a_server_that_drips_is_late_however_steadily(surface: str, path: str, mode: Mode) -> None:
    started = time.monotonic()
    collected, _ = struck(
        surface, Fault(path, mode=mode), limits=Limits(connect=1.0, read=1.0, answer=1.0, tries=2, backoff=0.01, budget=60.0)
    )
    assert only(collected).cause is Cause.UNREACHABLE
    assert time.monotonic() - started < 6.0


@both
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault("", status=200, body=b"<html>Sign in</html>", content_type="text/html"), "instead of JSON"),
        (Fault("", status=200, body=b"", content_type=""), "no content type"),
        (Fault("", status=302, body=b"", headers={"Location": "http://127.0.0.1:9/"}), "redirects"),
        (Fault("", status=200, body=[]), "no object"),
        (Fault("", status=200, body=b"[" * 100_000), "cannot be read"),
        (Fault("", status=200, body={"items": {"a": 1}, "secrets": {"a": 1}}), "is no list|is not shaped as google-cloud-sql knows it"),
        (Fault("", status=200, body={"items": [1], "secrets": [1]}), "no object|is not shaped"),
        (Fault("", status=200, body={"items": [{}], "secrets": [{}]}), "has no name"),
        (Fault("", status=200, body={"status": "ok", "time": 7}), "has status, time where `.*` was expected"),
    ],
)
def test_an_answer_that_is_none(surface: str, path: str, fault: Fault, words: str) -> None:
    fresh = Fault(path, status=fault.status, body=fault.body, headers=fault.headers, content_type=fault.content_type)
    collected, _ = struck(surface, fresh)
    shortfall = only(collected)
    assert (shortfall.cause, collected.assets) == (Cause.INVALID, ())
    assert re.search(words, shortfall.reason), shortfall.reason


@both
def test_an_answer_that_is_too_large_is_not_swallowed(surface: str, path: str) -> None:
    huge = {"items": [], "secrets": [], "kind": "x" * 3_000_000}
    collected, _ = struck(surface, Fault(path, status=200, body=huge), limits=Limits(body=1_000_000, tries=1))
    assert "more than 976 KiB" in only(collected).reason


@both
def test_a_compressed_answer_is_read_and_a_bomb_is_not(surface: str, path: str) -> None:
    packed = {"Content-Encoding": "gzip"}
    names = [{"name": f"projects/1/secrets/{number}", "instanceType": "X"} for number in range(5000)]
    collected, _ = struck(
        surface, Fault(path, status=200, body=gzip.compress(json.dumps({"items": names, "secrets": names}).encode()), headers=packed)
    )
    assert (len(collected.assets), collected.shortfalls) == (5000, ())
    bomb = gzip.compress(b'{"kind": "' + b"x" * 100_000_000 + b'"}', 1)
    started = time.monotonic()
    collected, _ = struck(surface, Fault(path, status=200, body=bomb, headers=packed), limits=Limits(body=1_000_000, tries=1))
    assert "more than 976 KiB" in only(collected).reason
    assert time.monotonic() - started < 5.0


@both
def test_a_list_that_runs_in_a_circle_ends(surface: str, path: str) -> None:
    def circle(answer: dict[str, Any]) -> dict[str, Any]:
        return {**answer, "nextPageToken": "page-0"}

    collected, running = struck(surface, Fault(path, change=circle))
    shortfall = only(collected)
    assert shortfall.cause is Cause.INVALID
    assert "names a page twice" in shortfall.reason
    assert len(running.seen) == 2, "the second page names itself"
    assert collected.assets, "what the pages held was seen"


@both
@pytest.mark.parametrize("token", [7, True, ["a"], {"a": 1}])
def test_a_token_that_is_none_does_not_end_a_list(surface: str, path: str, token: object) -> None:
    collected, _ = struck(surface, Fault(path, change=lambda answer: {**answer, "nextPageToken": token}))
    assert only(collected).cause is Cause.INVALID


@both
def test_a_failure_in_the_middle_keeps_what_was_read(surface: str, path: str) -> None:
    def endless(answer: dict[str, Any]) -> dict[str, Any]:
        return {**answer, "nextPageToken": "page-1"}

    collected, _ = struck(surface, Fault(path, times=1, change=endless), Fault(path, status=403, body=faults.denied("a.b.list", "x")))
    assert only(collected).cause is Cause.PERMISSION
    assert collected.assets


@pytest.mark.parametrize(
    ("surface", "path", "change", "place"),
    [
        ("sql-instances", "/instances$", {"warnings": [{"code": "REGION_UNREACHABLE", "region": "us-west4", "message": "no"}]}, "us-west4"),
        ("redis-clusters", "/clusters$", {"unreachable": ["projects/shop-prod/locations/us-west4"]}, "us-west4"),
        ("certificate-manager-maps", "/certificateMaps$", {"unreachable": ["projects/shop-prod/locations/us-west4"]}, "us-west4"),
        ("gke-clusters", "/clusters$", {"missingZones": ["us-west4-a"]}, "us-west4-a"),
        ("lb-url-maps", "/urlMaps$", {"unreachables": ["regions/us-west4"]}, "us-west4"),
        ("lb-url-maps", "/urlMaps$", {"warning": {"code": "UNREACHABLE", "message": "no"}}, ""),
        ("lb-url-maps", "/urlMaps$", {"warning": "something"}, ""),
        ("lb-url-maps", "/urlMaps$", {"items": {"regions/us-west4": {"warning": {"code": "UNREACHABLE", "message": "no"}}}}, "us-west4"),
        (
            "redis-instances",
            "/instances$",
            {"instances": [{"name": "projects/shop-prod/locations/us-west4/instances/-", "state": "ERROR"}]},
            "us-west4",
        ),
    ],
)
def test_a_region_that_did_not_answer_is_a_shortfall(surface: str, path: str, change: dict[str, Any], place: str) -> None:
    collected, _ = struck(surface, Fault(path, change=lambda answer: {**answer, **change}))
    shortfall = only(collected)
    assert (shortfall.cause, shortfall.location) == (Cause.UNREACHABLE, place)
    assert not any(asset.name.endswith("/-") for asset in collected.assets)


def test_an_unreachable_region_of_cloud_run_is_a_shortfall() -> None:
    with loopback(
        read_seed("shop"), Fault("/us-central1/services$", change=lambda a: {**a, "unreachable": ["projects/p/locations/us-central1"]})
    ) as running:
        collected = audit(running, "run-locations", "run-services")
    assert [(s.surface, s.location) for s in collected.shortfalls] == [("run-services", "us-central1")]
    assert len(collected.assets) == 2


def test_where_regions_cannot_be_listed_nothing_below_counts_as_seen() -> None:
    with loopback(read_seed("shop"), Fault("/run/v1/.*/locations$", status=403, body=faults.denied("run.locations.list", "x"))) as running:
        collected = audit(running, "run-locations", "run-services", "run-service-iam", "run-jobs")
    assert [s.surface for s in collected.shortfalls] == ["run-locations"]
    assert "run.googleapis.com/Service" in collected.shortfalls[0].kinds
    assert [c.complete for c in collected.coverage] == [False] * 4


def test_one_reason_is_one_gap_however_many_regions_it_hits() -> None:
    cloud = read_seed("shop")
    cloud.regions = tuple(f"region-{number}" for number in range(43))
    with loopback(cloud, Fault("/locations/.*/jobs$", status=403, body=faults.denied("run.jobs.list", "projects/shop-prod"))) as running:
        collected = audit(running, "run-locations", "run-jobs")
    assert len(collected.shortfalls) == 43
    (gap,) = collected.gaps()
    assert gap.reason.startswith(
        "projects/shop-prod, run-jobs, 43 locations: permission run.jobs.list is missing on projects/shop-prod; grant"
    )
    assert gap.kinds == ("run.googleapis.com/Job",)


class Counting:
    """Credentials of google-auth whose tokens are numbered; the token endpoint may refuse."""

    def __init__(self, refuses: Exception | None = None) -> None:
        from google.auth.credentials import Credentials

        outer = self
        self.refreshed = 0

        class Own(Credentials):
            def refresh(self, request: Any) -> None:
                if refuses is not None and outer.refreshed:
                    raise refuses
                outer.refreshed += 1
                self.token = f"token-{outer.refreshed}"
                self.expiry = datetime.now(UTC).replace(tzinfo=None) + timedelta(hours=1)

        self.identity = GoogleIdentity(Own(), lambda *_, **__: None)  # type: ignore[no-untyped-call]


def test_a_token_that_expires_in_the_middle_is_renewed_once_for_all_workers() -> None:
    counting = Counting()
    calls = iter(range(10_000))
    valid = {"Bearer token-1"}

    def accepts(authorization: str) -> bool:
        if next(calls) == 10:
            valid.clear()
            valid.add("Bearer token-2")
        return authorization in valid

    with loopback(read_seed("shop"), accepts=accepts) as running:
        collected = audit(running, identity=counting.identity)
    assert collected.shortfalls == ()
    assert counting.refreshed == 2


def test_credentials_that_are_refused_are_a_shortfall_of_everything_and_the_token_endpoint_is_left_in_peace() -> None:
    from google.auth.exceptions import RefreshError

    counting = Counting(RefreshError("invalid_grant: Token has been expired or revoked."))  # type: ignore[no-untyped-call]
    with loopback(read_seed("shop"), accepts=lambda _: False) as running:
        collected = audit(running, identity=counting.identity)
    assert {s.cause for s in collected.shortfalls} == {Cause.CREDENTIALS}
    assert {s.surface for s in collected.shortfalls} == {surface.id for surface in surfaces().roots()}
    assert any("gcloud auth application-default login" in s.reason for s in collected.shortfalls)
    assert collected.assets == ()


def test_a_token_that_stays_refused_is_not_renewed_for_ever() -> None:
    counting = Counting()
    with loopback(read_seed("shop"), accepts=lambda _: False) as running:
        collected = audit(running, "secrets", identity=counting.identity)
        assert len(running.seen) == 2
    assert only(collected).cause is Cause.CREDENTIALS


def test_a_wrong_clock_is_said_where_it_can_be_the_cause_and_does_not_count_otherwise() -> None:
    late = (datetime.now(UTC) - timedelta(minutes=50)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    with loopback(read_seed("shop"), accepts=lambda _: False, date=lambda: late) as running:
        refused = audit(running, "secrets", identity=Counting().identity)
    assert "the clock of this machine is 50 minutes ahead" in only(refused).reason
    with loopback(read_seed("shop"), date=lambda: late) as running:
        collected = audit(running, "secrets")
    assert abs((datetime.now(UTC) - collected.observed) - timedelta(minutes=50)) < timedelta(minutes=1), "observed is the servers' time"


def test_a_used_up_budget_is_a_shortfall_of_what_was_not_read() -> None:
    limits = Limits(connect=1.0, read=1.0, answer=1.0, tries=1, budget=0.0)
    with loopback(read_seed("shop")) as running:
        collected = audit(running, limits=limits)
        assert running.seen == []
    assert {s.cause for s in collected.shortfalls} == {Cause.BUDGET}
    assert not any(c.complete for c in collected.coverage)


def test_a_stopped_audit_ends_soon_and_says_so() -> None:
    table = surfaces()
    with loopback(read_seed("shop"), Fault("", status=429, body={}, headers={"Retry-After": "30"})) as running:
        live = session(running, table)
        threading.Timer(0.3, live.stop).start()
        started = time.monotonic()
        collected = collect(live, table, ["shop-prod"], grace=2.0)
        assert time.monotonic() - started < 3.0
    # A request that was under way at the stop may still be refused, and then the API's own words stand.
    assert {Cause.BUDGET} <= {s.cause for s in collected.shortfalls} <= {Cause.BUDGET, Cause.QUOTA}
    assert not any(c.complete for c in collected.coverage)


def test_a_worker_that_hangs_beyond_every_limit_is_left_behind() -> None:
    release = threading.Event()

    class Hanging:
        who = means = ""

        def headers(self, method: str, url: str) -> dict[str, str]:
            if "secretmanager" in url:
                release.wait(20.0)
            return {}

        def renew(self, stale: dict[str, str]) -> None:
            raise Problem(Cause.CREDENTIALS, "no")

    with loopback(read_seed("shop")) as running:
        collected = audit(running, "secrets", "log-sinks", limits=Limits(budget=0.5), identity=Hanging(), grace=0.5)
    release.set()
    assert [(s.surface, s.cause) for s in collected.shortfalls] == [("secrets", Cause.BUDGET)]
    assert len(collected.assets) == 2


def test_a_disabled_api_is_a_gap_only_where_the_code_declares_one_of_its_kinds() -> None:
    cloud = read_seed("shop")
    cloud.disabled = {"shop-prod": ["secretmanager.googleapis.com"]}
    with loopback(cloud) as running:
        collected = audit(running, "secrets", "project")
    assert [gap.kinds for gap in collected.gaps(["run.googleapis.com/Service"])] == [()]
    assert [gap.kinds for gap in collected.gaps(["secretmanager.googleapis.com/Secret"])] == [("secretmanager.googleapis.com/Secret",)]
    assert [gap.kinds for gap in collected.gaps()] == [("secretmanager.googleapis.com/Secret",)], "on its own, nothing is known of the code"


def test_an_api_that_is_off_in_the_project_that_pays_says_nothing_of_the_other() -> None:
    elsewhere = Fault("/secrets$", status=403, body=faults.disabled("secretmanager.googleapis.com", 424242))
    unsaid = Fault("/secrets$", status=403, body=faults.error(403, "it is disabled", "", reason="accessNotConfigured"))
    for fault in (elsewhere, unsaid):
        with loopback(read_seed("shop"), fault) as running:
            collected = audit(running, "secrets", "project")
        assert [gap.kinds for gap in collected.gaps(["run.googleapis.com/Service"])] == [("secretmanager.googleapis.com/Secret",)]


def test_a_resource_that_changes_between_two_pages_is_not_seen_twice() -> None:
    def again(answer: dict[str, Any]) -> dict[str, Any]:
        return {"secrets": [*answer["secrets"], {**answer["secrets"][0], "labels": {"a": "b"}}]}

    collected, _ = struck("secrets", Fault("/secrets$", change=again))
    assert len(collected.assets) == 1
    assert "listed twice" in only(collected).reason

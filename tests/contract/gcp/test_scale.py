"""Twice the projects, twice the requests: nothing is asked twice, and the pace of each service is kept."""

from __future__ import annotations

import time
from collections import Counter

import pytest

pytest.importorskip("googleapiclient", reason="google-api-python-client carries the discovery documents")
pytest.importorskip("google.cloud.sqladmin_v1beta4", reason="the gcp extra is not installed")

from dataclasses import replace

from gonogo.sources.gcp.collect import collect
from gonogo.sources.gcp.collection import PROJECT
from gonogo.sources.gcp.pacing import Limits
from gonogo.sources.gcp.surfaces import Surfaces
from loopback.client import audit, session, surfaces
from loopback.seed import Cloud
from loopback.server import loopback

PER_PROJECT = 20
# A machine that is busy with others must not make a request be sent twice.
PATIENT = Limits(connect=10.0, read=60.0, answer=60.0, budget=600.0)


def estate(projects: int) -> Cloud:
    """`projects` projects of twenty resources each: five databases, services, secrets and policies."""
    cloud = Cloud(projects={f"team-{number:03}": number + 1 for number in range(projects)})
    for project in cloud.projects:
        for number in range(PER_PROJECT // 4):
            cloud.put("sqladmin", f"projects/{project}/instances", {"name": f"db-{number}", "instanceType": "CLOUD_SQL_INSTANCE"})
            region = f"projects/{project}/locations/europe-west1"
            cloud.put("run", f"{region}/services", {"name": f"{region}/services/web-{number}"})
            cloud.put("secretmanager", f"projects/{project}/secrets", {"name": f"projects/{project}/secrets/s-{number}"})
            link = f"projects/{project}/global/securityPolicies/edge-{number}"
            cloud.put("compute", f"projects/{project}/global/securityPolicies", {"name": f"edge-{number}", "selfLink": f"https://x/{link}"})
    return cloud


def measured(projects: int) -> tuple[int, float]:
    """The requests and the seconds of an audit of so many projects, of which nothing is missing."""
    cloud = estate(projects)
    with loopback(cloud) as running:
        started = time.monotonic()
        collected = audit(running, projects=list(cloud.projects), limits=PATIENT)
        seconds = time.monotonic() - started
        assert len(running.seen) == sum(collected.requests.values())
        assert max(Counter((s.service, s.path, tuple(sorted(s.query.items()))) for s in running.seen).values()) == 1, (
            "nothing is asked twice"
        )
    assert collected.shortfalls == ()
    beside = sum(asset.kind in (PROJECT, "run.googleapis.com/ServiceIamPolicy") for asset in collected.assets)
    assert len(collected.assets) - beside == projects * PER_PROJECT
    return sum(collected.requests.values()), seconds


def test_requests_and_time_grow_with_the_projects_and_not_faster() -> None:
    measured(1)  # imports
    few, quick = measured(5)
    many, slow = measured(20)
    assert many == 4 * few
    assert slow < 4 * quick * 2 + 1, f"{quick:.1f} s for 5 projects, {slow:.1f} s for 20"


def test_a_service_is_never_asked_faster_than_its_quota() -> None:
    table = surfaces("secrets", "log-sinks")
    services = {**table.services, "secretmanager": replace(table.services["secretmanager"], per_minute=600, burst=5)}
    paced = Surfaces(services, table.surfaces)
    cloud = estate(20)
    with loopback(cloud) as running:
        collected = collect(session(running, paced), paced, list(cloud.projects))
        moments = sorted(seen.at for seen in running.seen if seen.service == "secretmanager")
    assert collected.shortfalls == ()
    assert len(moments) == 20
    # Ten a second after a burst of five.
    assert moments[-1] - moments[0] >= 1.3

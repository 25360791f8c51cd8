"""Whatever an API answers, a collection ends, accounts for every member of a list, and calls nothing complete that it could not read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("googleapiclient", reason="google-api-python-client carries the discovery documents")
pytest.importorskip("google.cloud.sqladmin_v1beta4", reason="the gcp extra is not installed")

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gonogo.sources.gcp.problems import Asked, Cause, classify
from gonogo.sources.gcp.surfaces import load_surfaces
from loopback.client import QUICK, audit
from loopback.faults import Fault
from loopback.seed import Cloud
from loopback.server import Loopback, loopback

TABLE = load_surfaces()
SURFACES = {surface.id: surface for surface in TABLE.roots()}
NAMES = st.sampled_from(
    [
        "name",
        "id",
        "selfLink",
        "locationId",
        "region",
        "items",
        "warning",
        "code",
        "message",
        "nextPageToken",
        "unreachable",
        "instanceType",
    ]
)
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from(["", "-", "projects/p/x/-", "a/b"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def cloud() -> Iterator[Loopback]:
    with loopback(Cloud(projects={"p": 1}), strict=False) as running:
        yield running


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(surface=st.sampled_from(sorted(SURFACES)), data=st.data())
def test_any_answer_is_accounted_for(cloud: Loopback, surface: str, data: st.DataObject) -> None:
    about = SURFACES[surface]
    listed = data.draw(ANYTHING)
    inside: Any = {"global": {about.scoped: listed}} if about.scoped and data.draw(st.booleans()) else listed
    answer = {**data.draw(st.dictionaries(NAMES, ANYTHING, max_size=3)), ("items" if about.scoped else about.items): inside}
    answer.pop("nextPageToken", None)
    path = about.path.format(project="p", parent="x")
    cloud.faults[:] = [Fault(f"^/{TABLE.services[about.service].endpoint or about.service}{path}$", status=200, body=answer)]
    collected = audit(cloud, surface, projects=["p"], limits=QUICK)
    (coverage,) = collected.coverage
    assert coverage.complete == (not collected.shortfalls)
    members = (
        inside.get("global", {}).get(about.scoped)
        if about.scoped and isinstance(inside, dict) and isinstance(inside.get("global", {}), dict)
        else inside
    )
    if coverage.complete and about.kind and isinstance(members, list):
        assert len(collected.assets) <= len(members)
        assert bool(collected.assets) == bool(members), "a list that is complete and not empty has assets"


@given(status=st.integers(400, 599), body=ANYTHING, error=ANYTHING)
def test_any_refusal_has_a_cause_and_words(status: int, body: Any, error: Any) -> None:
    for answer in (body, {"error": error}, {"error": {"errors": error, "details": body, "message": error}}):
        problem = classify(status, answer, Asked("API", "a.googleapis.com", "projects/p", "a.b.list"))
        assert problem.cause in Cause
        assert 0 < len(problem.reason) < 1000
        assert "\n" not in problem.reason

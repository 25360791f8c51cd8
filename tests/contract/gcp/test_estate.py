"""The projects below a folder, and what an account may read."""

from __future__ import annotations

import pytest

pytest.importorskip("googleapiclient", reason="google-api-python-client carries the discovery documents")
pytest.importorskip("google.auth", reason="the gcp extra is not installed")

from gonogo.sources.gcp.estate import missing_permissions, projects_below
from gonogo.sources.gcp.problems import Cause, Problem
from loopback import faults
from loopback.client import session, surfaces
from loopback.faults import Fault
from loopback.seed import Cloud, read_seed
from loopback.server import loopback


def tree() -> Cloud:
    """organizations/1 holds a, folders/2 and folders/4; folders/2 holds b and a deleted project, and folders/3 with c."""
    cloud = Cloud()
    manager = "cloudresourcemanager"
    cloud.put(manager, "organizations/1/projects", {"name": "projects/10", "projectId": "a", "state": "ACTIVE"})
    cloud.put(manager, "organizations/1/folders", {"name": "folders/2", "state": "ACTIVE"}, {"name": "folders/4", "state": "ACTIVE"})
    cloud.put(manager, "folders/2/projects", {"name": "projects/11", "projectId": "b", "state": "ACTIVE"})
    cloud.put(manager, "folders/2/projects", {"name": "projects/12", "projectId": "gone", "state": "DELETE_REQUESTED"})
    cloud.put(manager, "folders/2/folders", {"name": "folders/3", "state": "ACTIVE"}, {"name": "folders/2", "state": "ACTIVE"})
    cloud.put(manager, "folders/3/projects", {"name": "projects/13", "projectId": "c", "state": "ACTIVE"})
    return cloud


@pytest.mark.parametrize("page", [1, 100])
def test_every_active_project_below_is_found(page: int) -> None:
    with loopback(tree(), page=page) as running:
        live = session(running)
        assert projects_below(live, surfaces(), ["organizations/1"]).ids == ("a", "b", "c")
        assert projects_below(live, surfaces(), ["folders/3", "folders/2"]).ids == ("b", "c")
        assert projects_below(live, surfaces(), ["folders/4"]).ids == ()


def test_a_folder_that_may_not_be_listed_leaves_everything_unknown() -> None:
    denied = Fault("/v3/projects", times=1, status=403, body=faults.denied("resourcemanager.projects.list", "folders/2"))
    with loopback(tree(), denied) as running:
        found = projects_below(session(running), surfaces(), ["folders/2", "organizations/1"])
    assert found.ids == ("a",)
    (shortfall,) = found.shortfalls
    assert (shortfall.cause, shortfall.location, shortfall.kinds) == (Cause.PERMISSION, "folders/2", ("*.googleapis.com/*",))
    assert shortfall.gap().touches("sqladmin.googleapis.com/Instance")


def test_what_the_account_lacks_is_named() -> None:
    cloud = read_seed("shop")
    cloud.lacking = ("cloudsql.backupRuns.list", "run.jobs.list")
    with loopback(cloud) as running:
        assert missing_permissions(session(running), surfaces(), "shop-prod") == cloud.lacking
        assert [seen.method for seen in running.seen] == ["POST"]


def test_a_project_that_cannot_be_asked_is_a_problem_and_not_a_pass() -> None:
    with (
        loopback(
            read_seed("shop"), Fault("testIamPermissions", status=403, body=faults.disabled("cloudresourcemanager.googleapis.com", 5))
        ) as running,
        pytest.raises(Problem, match="not enabled in projects/5"),
    ):
        missing_permissions(session(running), surfaces(), "shop-prod")

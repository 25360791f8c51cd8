"""The custom role: what is in it, in each form, for every scope."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml

from gonogo.sources.gcp.role import Grant, as_gcloud, as_terraform, as_yaml
from gonogo.sources.gcp.surfaces import load_surfaces

SURFACES = load_surfaces()
RESEARCH = Path(__file__).parents[5] / "shared" / "research" / "live_gcp.md"
WALK = {"resourcemanager.folders.list", "resourcemanager.projects.list"}
# Of a list that was added after the research; google_project_iam_custom_role takes it.
LATER = {"compute.targetSslProxies.list", "monitoring.snoozes.list"}


def test_a_project_has_the_permissions_of_the_table_and_nothing_more() -> None:
    document = yaml.safe_load("\n".join(as_yaml(Grant(("shop-prod",)), SURFACES)))
    assert document["includedPermissions"] == list(SURFACES.permissions)
    assert (document["stage"], document["title"]) == ("GA", "gonogo auditor")
    assert len(document["title"]) <= 100
    assert len(document["description"]) <= 256, "IAM takes no more"


def test_the_walk_is_in_the_role_of_an_organization_only() -> None:
    below = Grant(folders=("9",), organization="12")
    assert set(below.permissions(SURFACES)) - set(SURFACES.permissions) == WALK
    assert not WALK & set(Grant(("shop-prod",)).permissions(SURFACES)), "IAM refuses a project's role that has them"


def test_no_permission_changes_anything_or_reads_data() -> None:
    verbs = {permission.rpartition(".")[2] for permission in Grant(organization="12").permissions(SURFACES)}
    assert verbs == {"list", "get", "getIamPolicy"}


@pytest.mark.skipif(not RESEARCH.is_file(), reason="the research is not here")
def test_every_permission_is_among_those_that_were_checked_against_the_roles_of_google() -> None:
    block = RESEARCH.read_text().partition("### Custom role")[2].split("```")[1]
    known: set[str] = set(LATER)
    for word in re.sub(r"\(never[^)]*\)", "", block).replace(",\n  ", ",").split():
        before, _, rest = word.partition("{")
        names, _, after = rest.partition("}")
        known.update(f"{before}{name}{after}" for name in names.split(","))
    assert len(known) == 47 + len(LATER)
    assert set(SURFACES.permissions) <= known


def test_commands_are_words_that_a_shell_takes_as_they_are() -> None:
    grant = Grant(
        ("a-project", "example.com:old-project"), member="serviceAccount:audit@a-project.iam.gserviceaccount.com", quota_project="payer"
    )
    commands = [shlex.split(line) for line in as_gcloud(grant, SURFACES)]
    assert [words[1:4] for words in commands] == [["iam", "roles", "create"]] * 2 + [
        ["projects", "add-iam-policy-binding", project] for project in ("a-project", "example.com:old-project", "payer")
    ]
    assert commands[3][4:6] == [
        "--member=serviceAccount:audit@a-project.iam.gserviceaccount.com",
        "--role=projects/example.com:old-project/roles/gonogoAuditor",
    ]
    assert commands[4][5] == "--role=roles/serviceusage.serviceUsageConsumer"


def test_the_role_of_an_organization_is_given_where_it_is_needed() -> None:
    def bound(grant: Grant) -> list[list[str]]:
        return [shlex.split(line)[1:-3] for line in as_gcloud(grant, SURFACES) if "add-iam-policy-binding" in line]

    assert bound(Grant(organization="12")) == [["organizations", "add-iam-policy-binding", "12"]]
    assert bound(Grant(("shop",), organization="12")) == [["organizations", "add-iam-policy-binding", "12"]], "which holds for shop"
    assert bound(Grant(("shop",), ("9",), "12")) == [
        ["resource-manager", "folders", "add-iam-policy-binding", "9"],
        ["projects", "add-iam-policy-binding", "shop"],
    ]
    assert any("12/roles/gonogoAuditor" in line for line in as_gcloud(Grant(organization="12"), SURFACES))


def test_who_is_not_known_is_asked_for() -> None:
    assert next(as_gcloud(Grant(("a",)), SURFACES)).startswith("# AUDITOR is the address")
    assert not any("default" in line for line in as_terraform(Grant(("a",)), SURFACES))

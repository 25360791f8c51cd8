"""The table itself: valid, whole, and least privilege."""

from __future__ import annotations

import json

import yaml
from jsonschema import Draft202012Validator

from gonogo.data import data_directory
from gonogo.kinds.gcp import KINDS
from gonogo.rules import load_rules
from gonogo.sources.gcp.resources import live_kinds
from gonogo.sources.gcp.surfaces import load_surfaces

SURFACES = load_surfaces()


def test_the_table_matches_its_schema() -> None:
    schema = json.loads((data_directory("schemas") / "gcp-surfaces.v1.json").read_text())
    table = yaml.safe_load((data_directory("rules") / "gcp" / "surfaces.yaml").read_text())
    assert [error.message for error in Draft202012Validator(schema).iter_errors(table)] == []


def test_names_are_unique_and_lead_somewhere() -> None:
    names = [surface.id for surface in SURFACES.surfaces]
    assert len(set(names)) == len(names)
    assert {surface.service for surface in SURFACES.surfaces} <= set(SURFACES.services)
    assert {surface.over for surface in SURFACES.surfaces if surface.over} <= set(names)


def test_every_permission_only_lists() -> None:
    assert {p for p in SURFACES.permissions if not p.endswith(".list")} == {"run.services.getIamPolicy", "resourcemanager.projects.get"}
    assert not any("versions" in permission for permission in SURFACES.permissions), "values of secrets are never read"


def test_every_kind_that_can_be_live_is_read() -> None:
    read = {kind for surface in SURFACES.surfaces for kind in SURFACES.kinds(surface)}
    not_read = {kind.name for kind in KINDS if kind.name.partition("/")[0] in {s.host for s in SURFACES.services.values()}} - read
    assert not_read == {
        "cloudresourcemanager.googleapis.com/ProjectIamBinding",
        "iam.googleapis.com/ServiceAccountKey",
        "monitoring.googleapis.com/ServiceLevelObjective",
    }


def test_a_list_that_others_hang_on_leaves_their_kinds_incomplete_too() -> None:
    locations = next(surface for surface in SURFACES.surfaces if surface.id == "run-locations")
    assert SURFACES.kinds(locations) == (
        "run.googleapis.com/Job",
        "run.googleapis.com/Service",
        "run.googleapis.com/ServiceIamBinding",
        "run.googleapis.com/ServiceIamPolicy",
    )


def test_what_rules_relate_to_a_live_kind_is_read_live_too() -> None:
    """Else a rule would read `none is attached` from a list that nobody asked for. What GKE makes of its objects is seen on Google's own."""
    live = live_kinds(SURFACES)
    relations = [r for r in load_rules(()).relations if live & set(r.from_kinds)]
    assert len(relations) > 8
    assert {r.to_kind for r in relations if r.to_kind not in live} == {
        *("cloud.google.com/BackendConfig", "networking.gke.io/GCPBackendPolicy"),
        "repo/MetricDefinition",  # what code defines is in no cloud; a dashboard that shows none of it says nothing
    }

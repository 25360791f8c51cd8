"""An export of the Cloud Asset Inventory, in the spellings that its tools write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gonogo.sources.gcp.collection import Collected
from gonogo.sources.gcp.export import ExportError, read_export
from gonogo.sources.gcp.problems import Cause
from gonogo.sources.gcp.surfaces import load_surfaces

SURFACES = load_surfaces()
DB = "//cloudsql.googleapis.com/projects/shop/instances/orders"


def asset(kind: str, name: str, data: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"name": name, "asset_type": kind, "resource": {"version": "v1", "data": data or {"name": name}}, **more}


def read(tmp_path: Path, text: str) -> Collected:
    (tmp_path / "assets.json").write_text(text)
    return read_export(tmp_path / "assets.json", SURFACES)


@pytest.mark.parametrize("shape", ["lines", "list", "answer", "one after the other"])
def test_every_shape_of_an_export_is_read(tmp_path: Path, shape: str) -> None:
    entries = [
        asset("sqladmin.googleapis.com/Instance", DB, {"name": "orders", "region": "europe-west1"}, update_time="2026-11-23T01:02:03Z"),
        {
            "name": DB + "2",
            "assetType": "sqladmin.googleapis.com/Instance",
            "resource": {"data": {"name": "orders2"}, "location": "us-central1"},
        },
        asset("bigquery.googleapis.com/Dataset", "//bigquery.googleapis.com/projects/shop/datasets/a"),
    ]
    texts = {
        "lines": "\n".join(json.dumps(e) for e in entries) + "\n",
        "list": json.dumps(entries, indent=1),
        "answer": json.dumps({"assets": entries}),
        "one after the other": "\n".join(json.dumps(e, indent=2) for e in entries),
    }
    found = read(tmp_path, texts[shape])
    assert [(a.name, a.project, a.body["name"]) for a in found.assets] == [(DB, "shop", "orders"), (DB + "2", "shop", "orders2")]
    assert found.assets[1].location == "us-central1"
    assert found.observed.isoformat() == "2026-11-23T01:02:03+00:00"


@pytest.mark.parametrize(
    ("documents", "observed", "dated"),
    [
        ([{"readTime": "2026-11-23T12:00:00Z"}], "2026-11-23T12:00:00+00:00", True),
        ([{"readTime": "2026-11-23T12:00:00Z"}, {"readTime": "2026-11-23T11:00:00Z"}], "2026-11-23T11:00:00+00:00", True),
        ([{"readTime": "2026-11-23T12:00:00Z"}, {}], "2026-11-23T01:02:03+00:00", False),
        ([{}], "2026-11-23T01:02:03+00:00", False),
    ],
)
def test_an_export_is_of_a_day_where_it_tells(tmp_path: Path, documents: list[dict[str, str]], observed: str, dated: bool) -> None:
    """That its newest asset changed a minute after the last backup says nothing of the weeks since."""
    entry = asset("sqladmin.googleapis.com/Instance", DB, update_time="2026-11-23T01:02:03Z")
    found = read(tmp_path, "\n".join(json.dumps({**document, "assets": [entry]}) for document in documents))
    assert (found.observed.isoformat(), found.dated) == (observed, dated)


def test_secrets_are_taken_out_here_too(tmp_path: Path) -> None:
    data = {"template": {"containers": [{"env": [{"name": "PASSWORD", "value": "hunter2"}]}]}}
    found = read(tmp_path, json.dumps(asset("run.googleapis.com/Service", "//run.googleapis.com/projects/p/locations/l/services/s", data)))
    assert "hunter2" not in repr(found.assets)


def test_what_a_search_found_is_read_where_it_was_asked_for_everything(tmp_path: Path) -> None:
    found = {"name": DB, "assetType": "sqladmin.googleapis.com/Instance", "project": "projects/12", "location": "europe-west1"}
    whole = {**found, "versionedResources": [{"version": "v1beta4", "resource": {"name": "orders"}}]}
    assert [a.body for a in read(tmp_path, json.dumps([whole])).assets] == [{"name": "orders"}]
    without = read(tmp_path, json.dumps([found]))
    assert without.assets == ()
    assert any(gap.touches("sqladmin.googleapis.com/Instance") for gap in without.gaps(declared=()))
    assert any("1 assets of type sqladmin.googleapis.com/Instance" in s.reason and "--content-type=resource" in s.reason for s in without.shortfalls)


def test_resources_and_policies_of_two_exports_are_put_together(tmp_path: Path) -> None:
    name = "//run.googleapis.com/projects/p/locations/l/services/s"
    policy = {"bindings": [{"role": "roles/run.invoker", "members": ["allUsers"]}]}
    only_policy = {"name": name, "asset_type": "run.googleapis.com/Service", "iam_policy": policy}
    both = read(tmp_path, "\n".join(map(json.dumps, (asset("run.googleapis.com/Service", name), only_policy))))
    assert sorted(a.kind for a in both.assets) == ["run.googleapis.com/Service", "run.googleapis.com/ServiceIamPolicy"]
    assert {s.surface for s in both.shortfalls}.isdisjoint({"run-services", "run-service-iam"})


def test_policies_of_other_things_are_none_of_a_service(tmp_path: Path) -> None:
    bucket = {"name": "//storage.googleapis.com/b", "asset_type": "storage.googleapis.com/Bucket", "iam_policy": {"bindings": []}}
    service = asset("run.googleapis.com/Service", "//run.googleapis.com/projects/p/locations/l/services/s")
    found = read(tmp_path, "\n".join(map(json.dumps, (service, bucket))))
    assert any(gap.touches("run.googleapis.com/ServiceIamBinding") for gap in found.gaps(declared=()))


def test_of_two_versions_of_an_asset_the_newer_one_is_read(tmp_path: Path) -> None:
    versions = [asset("sqladmin.googleapis.com/Instance", DB, {"tier": t}, update_time=f"2026-11-0{t}T00:00:00Z") for t in (2, 3, 1)]
    assert [a.body for a in read(tmp_path, "\n".join(map(json.dumps, versions))).assets] == [{"tier": 3}]


@pytest.mark.parametrize("kind", ["Service", "Job"])
def test_secrets_are_taken_out_of_the_first_version_of_cloud_run_too(tmp_path: Path, kind: str) -> None:
    container = {"containers": [{"env": [{"name": "PASSWORD", "value": "hunter2"}], "args": ["--db-password=hunter3"]}]}
    template = {"template": {"spec": container}}
    spec = template if kind == "Service" else {"template": {"spec": template}}
    data = {"apiVersion": "serving.knative.dev/v1", "kind": kind, "metadata": {"name": "s", "namespace": "1"}, "spec": spec}
    found = read(tmp_path, json.dumps(asset(f"run.googleapis.com/{kind}", f"//run.googleapis.com/projects/p/locations/l/x/{kind}", data)))
    assert len(found.assets) == 1
    assert "hunter" not in repr(found.assets)


def test_a_regional_variant_is_redacted_and_kept_under_its_own_type(tmp_path: Path) -> None:
    name = "//compute.googleapis.com/projects/p/regions/r/backendServices/b"
    found = read(tmp_path, json.dumps(asset("compute.googleapis.com/RegionBackendService", name, {"iap": {"oauth2ClientSecret": "x"}})))
    (only,) = found.assets
    assert (only.kind, only.location, only.body["iap"]) == (
        "compute.googleapis.com/RegionBackendService",
        "r",
        {"oauth2ClientSecret": "[redacted]"},
    )


def test_policies_of_cloud_run_services_are_read_where_the_export_has_them(tmp_path: Path) -> None:
    service = asset("run.googleapis.com/Service", "//run.googleapis.com/projects/p/locations/l/services/s")
    policy = {"bindings": [{"role": "roles/run.invoker", "members": ["allUsers"]}]}
    without = read(tmp_path, json.dumps(service))
    assert {s.surface: s.cause for s in without.shortfalls}["run-service-iam"] is Cause.NOT_COLLECTED
    assert any(gap.touches("run.googleapis.com/ServiceIamBinding") for gap in without.gaps(declared=()))
    both = read(tmp_path, json.dumps({**service, "iam_policy": policy}))
    assert [a.body for a in both.assets if a.kind == "run.googleapis.com/ServiceIamPolicy"] == [policy]
    assert "run-service-iam" not in {s.surface for s in both.shortfalls}


def test_what_an_export_does_not_hold_is_unknown_where_the_code_declares_it(tmp_path: Path) -> None:
    found = read(tmp_path, json.dumps(asset("sqladmin.googleapis.com/Instance", DB)))
    assert not any(gap.touches("redis.googleapis.com/Instance") for gap in found.gaps(declared=()))
    assert any(gap.touches("redis.googleapis.com/Instance") for gap in found.gaps(declared=("redis.googleapis.com/Instance",)))
    assert not any(gap.touches("sqladmin.googleapis.com/Instance") for gap in found.gaps())


@pytest.mark.parametrize("line", ["{", "[[]]", "7", '{"name": "x"}', '{"asset_type": "a/b"}', "null"])
def test_a_damaged_line_leaves_everything_unknown(tmp_path: Path, line: str) -> None:
    found = read(tmp_path, json.dumps(asset("sqladmin.googleapis.com/Instance", DB)) + "\n" + line + "\n")
    assert len(found.assets) == 1
    (damaged,) = [s for s in found.shortfalls if s.surface == "export"]
    assert damaged.location.startswith("line 2")
    assert damaged.cause is Cause.INVALID
    assert damaged.gap().touches("sqladmin.googleapis.com/Instance")
    assert not any(coverage.complete for coverage in found.coverage)


def test_an_asset_that_is_nested_without_end_is_a_gap(tmp_path: Path) -> None:
    line = '{"name": "%s", "asset_type": "sqladmin.googleapis.com/Instance", "resource": {"data": %s}}'
    for depth in (300, 600, 900, 100_000):
        found = read(tmp_path, line % (DB, '{"a": ' * depth + "1" + "}" * depth))
        assert bool(found.assets) != any(s.surface == "export" for s in found.shortfalls), depth


def test_half_characters_do_not_get_in(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        '{"name": "//a/projects/p/\\ud800", "asset_type": "sqladmin.googleapis.com/Instance", "resource": {"data": {"a": "\\udfff"}}}',
    )
    assert [(a.name, a.body) for a in found.assets] == [("//a/projects/p/?", {"a": "?"})]


def test_a_file_that_is_not_there_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="cannot be read"):
        read_export(tmp_path / "none.json", SURFACES)

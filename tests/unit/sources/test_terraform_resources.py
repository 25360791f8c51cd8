"""Terraform as canonical resources: documents, declarations that are off, modules elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.kinds.gcp import settle
from gonogo.model.resource import Gap, Resource
from gonogo.model.value import Unknown, Value, lookup
from gonogo.rules.modules import normalised
from gonogo.sources.terraform_resources import TerraformSource
from gonogo.sources.tree import open_tree

MODULE = "git::https://github.com/acme/modules.git//modules/cloud_run?ref=v1"


def read(root: Path, **files: str) -> tuple[list[Resource], list[Gap]]:
    for name, text in files.items():
        path = root / f"{name}.tf"
        path.write_text(text, "utf-8")
    found = list(TerraformSource().read(open_tree(root, ())))
    return [*settle(r for r in found if isinstance(r, Resource))], [g for g in found if isinstance(g, Gap)]


def get(resource: Resource, path: str) -> Value:
    return lookup(resource.attributes, *path.split("."))


def test_a_policy_document_becomes_a_grant_per_binding(tmp_path: Path) -> None:
    resources, _ = read(
        tmp_path,
        main="""
resource "google_cloud_run_service" "web" {
  name     = "web"
  location = "europe-west1"
}
data "google_iam_policy" "web" {
  binding {
    role    = "roles/run.invoker"
    members = ["allUsers"]
  }
  binding {
    role    = "roles/run.admin"
    members = ["group:ops@example.org"]
  }
}
resource "google_cloud_run_service_iam_policy" "web" {
  service     = google_cloud_run_service.web.name
  policy_data = data.google_iam_policy.web.policy_data
}
""",
    )
    grants = [r for r in resources if r.kind == "run.googleapis.com/ServiceIamBinding"]
    assert [(get(g, "role"), get(g, "members")) for g in grants] == [
        ("roles/run.invoker", ["allUsers"]),
        ("roles/run.admin", ["group:ops@example.org"]),
    ]
    (service,) = (r for r in resources if r.kind == "run.googleapis.com/Service")
    assert all(get(g, "links.service") == [service.attributes["key"]] for g in grants)
    place = grants[0].locate(("members",))
    assert place is not None
    assert place.line == 9


def test_a_policy_document_that_cannot_be_followed_is_unknown(tmp_path: Path) -> None:
    text = 'variable "p" {}\nresource "google_cloud_run_service_iam_policy" "web" {\n  service = "web"\n  policy_data = var.p\n}\n'
    (grant,), _ = read(tmp_path, main=text)
    assert isinstance(get(grant, "members"), Unknown)


def test_a_policy_that_is_written_out_is_read(tmp_path: Path) -> None:
    resources, _ = read(
        tmp_path,
        main="""
resource "google_service_account" "ci" { account_id = "ci" }
resource "google_cloud_run_v2_service_iam_policy" "web" {
  name        = "web"
  policy_data = <<-JSON
    {"bindings": [
      {"role": "roles/run.invoker", "members": ["allUsers"]},
      {"role": "${google_service_account.ci.name}", "members": ["serviceAccount:${google_service_account.ci.email}"]}
    ]}
  JSON
}
""",
    )
    public, own = (r for r in resources if r.kind == "run.googleapis.com/ServiceIamBinding")
    assert (get(public, "role"), get(public, "members")) == ("roles/run.invoker", ["allUsers"])
    assert isinstance(get(own, "role"), Unknown)
    assert get(own, "members") == ["serviceAccount:${google_service_account.ci.email}"]
    place = public.locate(("members",))
    assert place is not None
    assert place.line == 5


def test_a_policy_that_is_encoded_is_read(tmp_path: Path) -> None:
    text = 'policy_data = jsonencode({ bindings = [{ role = "roles/run.invoker", members = ["allUsers"] }] })'
    (grant,), _ = read(tmp_path, main=f'resource "google_cloud_run_service_iam_policy" "web" {{\n  service = "web"\n  {text}\n}}\n')
    assert get(grant, "members") == ["allUsers"]


OFF = """
variable "hosts" {
  default = %s
}
resource "google_redis_instance" "cache" {
  count          = %s
  name           = "cache"
  memory_size_gb = 1
}
"""


def test_what_waits_for_an_input_may_exist(tmp_path: Path) -> None:
    (cache,), _ = read(tmp_path, main=OFF % ("[]", "length(var.hosts) > 0 ? 1 : 0"))
    assert isinstance(cache.attributes["exists"], Unknown)
    assert get(cache, "tier") == "BASIC"


def test_what_is_switched_off_is_not_there(tmp_path: Path) -> None:
    assert read(tmp_path, main=OFF % ("false", "var.hosts ? 1 : 0"))[0] == []


def test_what_waits_does_not_blur_what_is_there(tmp_path: Path) -> None:
    other = '\nresource "google_redis_instance" "main" {\n  name = "main"\n  memory_size_gb = 1\n}\n'
    resources, _ = read(tmp_path, main=OFF % ("[]", "length(var.hosts) > 0 ? 1 : 0") + other)
    assert [r.name for r in resources] == ["google_redis_instance.main"]


def test_a_cloud_run_module_is_a_service_with_the_fields_its_inputs_name(tmp_path: Path) -> None:
    text = f"""
module "api" {{
  source        = "{MODULE}"
  name          = "api"
  min_instances = 1
  service_iam   = {{ invokers = ["serviceAccount:a@b"] }}
  envvars       = {{ MODE = "production" }}
  secret_envvars = {{ DB_PASSWORD = {{ name = "db", version = "latest" }} }}
}}
"""
    (service, grant), (gap,) = read(tmp_path, main=text)
    assert service.kind == "run.googleapis.com/Service"
    assert get(service, "template.scaling.minInstanceCount") == 1
    assert isinstance(get(service, "template.scaling.maxInstanceCount"), Unknown)
    assert get(grant, "members") == ["serviceAccount:a@b"]
    assert get(grant, "links.service") == [service.attributes["key"]]
    env = lookup(get(service, "template.containers"), 0, "env")
    assert isinstance(env, list)
    assert [(lookup(e, "name"), lookup(e, "source")) for e in env] == [("MODE", "literal"), ("DB_PASSWORD", "secret")]
    assert not gap.touches("run.googleapis.com/Service")


def test_a_module_that_says_nothing_of_invokers_leaves_them_open(tmp_path: Path) -> None:
    (service, grant), _ = read(tmp_path, main=f'module "api" {{\n  source = "{MODULE}"\n}}\n')
    assert isinstance(get(grant, "members"), Unknown)
    assert get(grant, "links.service") == [service.attributes["key"]]
    assert isinstance(get(service, "invokerIamDisabled"), Unknown)


def test_a_module_nobody_knows_hides_anything(tmp_path: Path) -> None:
    resources, (gap,) = read(tmp_path, main='module "x" {\n  source = "git::https://example.org/x.git"\n}\n')
    assert resources == []
    assert gap.touches("sqladmin.googleapis.com/Instance")


@pytest.mark.parametrize(
    ("source", "hidden", "open_"),
    [
        ("terraform-google-modules/project-factory/google//modules/project_services", (), ("run.googleapis.com/Service",)),
        (
            "git::https://github.com/acme/m.git//modules/alerts_cloud_run",
            ("monitoring.googleapis.com/AlertPolicy",),
            ("run.googleapis.com/Service",),
        ),
        (
            "git::https://github.com/acme/m.git//modules/gclb_cloud_run_backend",
            ("compute.googleapis.com/BackendService",),
            ("redis.googleapis.com/Instance",),
        ),
        ("terraform-aws-modules/vpc/aws", (), ("sqladmin.googleapis.com/Instance",)),
    ],
)
def test_a_gap_touches_what_the_module_can_hide(tmp_path: Path, source: str, hidden: tuple[str, ...], open_: tuple[str, ...]) -> None:
    _, (gap,) = read(tmp_path, main=f'module "x" {{\n  source = "{source}"\n}}\n')
    assert all(gap.touches(kind) for kind in hidden)
    assert not any(gap.touches(kind) for kind in open_)


def test_the_repository_itself_as_a_module_hides_nothing(tmp_path: Path) -> None:
    root = tmp_path / "minter"
    (root / "terraform").mkdir(parents=True)
    (root / "terraform" / "main.tf").write_text('resource "google_redis_instance" "a" {\n  name = "a"\n}\n', "utf-8")
    (root / "main.tf").write_text('module "me" {\n  source = "git::https://github.com/acme/minter.git//terraform?ref=v1"\n}\n', "utf-8")
    gaps = [g for g in TerraformSource().read(open_tree(root, ())) if isinstance(g, Gap)]
    assert [gap.kinds for gap in gaps] == [()]


def test_a_policy_given_to_a_module_may_be_attached_there(tmp_path: Path) -> None:
    text = """
resource "google_compute_security_policy" "armor" {
  name = "armor"
}
module "edge" {
  source = "git::https://example.org/edge.git"
  policy = google_compute_security_policy.armor.id
}
"""
    (policy,), _ = read(tmp_path, main=text)
    assert isinstance(policy.attributes["attachedElsewhere"], Unknown)


def test_sources_are_compared_without_protocol_and_version() -> None:
    assert normalised("git::https://github.com/a/b.git//modules/c?ref=v1") == "github.com/a/b//modules/c"
    assert normalised("GoogleCloudPlatform/cloud-run/google//modules/v2") == "GoogleCloudPlatform/cloud-run/google//modules/v2"


def test_a_module_call_that_waits_for_an_input_may_exist(tmp_path: Path) -> None:
    (tmp_path / "lb").mkdir()
    (tmp_path / "lb" / "main.tf").write_text('resource "google_compute_target_https_proxy" "web" {\n  name = "web"\n}\n', "utf-8")
    text = """
variable "domain" {
  default = ""
}
module "lb" {
  count  = var.domain != "" ? 1 : 0
  source = "./lb"
}
"""
    (proxy,), _ = read(tmp_path, main=text)
    assert proxy.name == "module.lb.google_compute_target_https_proxy.web"
    assert isinstance(proxy.attributes["exists"], Unknown)


def test_the_environment_of_the_containers_input(tmp_path: Path) -> None:
    text = """
module "api" {
  source     = "GoogleCloudPlatform/cloud-run/google//modules/v2"
  containers = [{ container_image = "web", env_vars = { MODE = "production" }, env_secret_vars = { DB_PASSWORD = { secret = "db", version = "1" } } }]
}
"""
    (service, *_), _ = read(tmp_path, main=text)
    env = lookup(get(service, "template.containers"), 0, "env")
    assert isinstance(env, list)
    assert [(lookup(e, "name"), lookup(e, "source")) for e in env] == [("MODE", "literal"), ("DB_PASSWORD", "secret")]


def test_a_load_balancer_module_has_a_proxy_where_it_is_told_to_use_tls(tmp_path: Path) -> None:
    text = """
module "lb" {
  source     = "GoogleCloudPlatform/lb-http/google"
  name       = "lb"
  ssl        = %s
  ssl_policy = "org-policy"
}
"""
    on = {r.kind: r for r in read(tmp_path, main=text % "true")[0]}
    off = {r.kind for r in read(tmp_path, main=text % "false")[0]}
    assert get(on["compute.googleapis.com/TargetHttpsProxy"], "sslPolicy") == "org-policy"
    assert on["compute.googleapis.com/TargetHttpsProxy"].attributes["exists"] is True
    assert "compute.googleapis.com/TargetHttpsProxy" not in off
    assert "compute.googleapis.com/BackendService" in off

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.model.resource import Stage
from gonogo.model.value import OpenList, OpenMap, Unknown
from gonogo.sources.terraform.remote import same_source
from gonogo.sources.terraform.result import Symbolic, references, settled
from unit.sources.terraform.trees import evaluated, instance, value

PROVIDER = 'provider "google" {}\n'


def test_a_variable_without_a_value_is_unknown_and_says_where(tmp_path: Path) -> None:
    result = evaluated(tmp_path, {"main.tf": 'variable "backups" {}\nresource "terraform_data" "x" {\n  input = var.backups\n}\n'})
    assert value(result) == Unknown.because('variable "backups" has no default and no value (main.tf:1)')


def test_a_condition_that_is_not_known_decides_nothing_unless_both_results_are_equal(tmp_path: Path) -> None:
    text = 'variable "v" {}\nresource "terraform_data" "x" { input = [var.v ? 1 : 2, var.v ? "a" : "a", var.v && false, var.v || true] }\n'
    found = value(evaluated(tmp_path, {"main.tf": text}))
    assert isinstance(found, list)
    assert isinstance(found[0], Unknown)
    assert found[1:] == ["a", False, True]


def test_merging_what_is_not_known_leaves_the_map_open(tmp_path: Path) -> None:
    text = 'variable "v" {}\nresource "terraform_data" "x" { input = merge(var.v, { a = 1 }) }\nresource "terraform_data" "y" { input = merge({ a = 1 }, var.v) }\n'
    result = evaluated(tmp_path, {"main.tf": text})
    last, first = value(result), value(result, "y")
    assert isinstance(last, OpenMap) and dict(last) == {"a": 1}
    assert isinstance(first, OpenMap) and isinstance(first["a"], Unknown)


def test_concatenating_what_is_not_known_leaves_the_list_open(tmp_path: Path) -> None:
    found = value(evaluated(tmp_path, {"main.tf": 'variable "v" {}\nresource "terraform_data" "x" { input = concat(["a"], var.v) }\n'}))
    assert isinstance(found, OpenList) and list(found) == ["a"]


def test_a_computed_attribute_identifies_its_resource(tmp_path: Path) -> None:
    result = evaluated(
        tmp_path,
        {
            "main.tf": """
resource "google_compute_security_policy" "p" {
  for_each = { a = 1 }
  name     = "policy"
}
module "m" {
  source = "./m"
  policy = google_compute_security_policy.p["a"].self_link
}
resource "google_compute_backend_service" "b" { security_policy = module.m.policy }
resource "google_project_iam_member" "i" { member = "serviceAccount:${google_service_account.sa.email}" }
resource "google_service_account" "sa" { account_id = "run" }
""",
            "m/main.tf": 'variable "policy" {}\nlocals { p = [var.policy] }\noutput "policy" { value = one(local.p[*]) }\n',
        },
    )
    backend = instance(result, "google_compute_backend_service.b")
    policy = backend.attributes["security_policy"]
    assert isinstance(policy, Symbolic) and policy.reference is not None
    assert policy.reference.address == 'google_compute_security_policy.p["a"]'
    assert policy.reference.attribute == "self_link"
    assert [i.attributes["name"] for i in result.related(backend, policy)] == ["policy"]
    member = instance(result, "google_project_iam_member.i").attributes["member"]
    assert isinstance(member, Symbolic) and member.reference is None
    assert [r.address for r in references(member)] == ["google_service_account.sa"]
    assert settled(member) == Unknown.because("known only after apply: google_service_account.sa.email")


def test_what_is_known_after_apply_is_not_compared(tmp_path: Path) -> None:
    text = """
resource "google_service_account" "a" { account_id = "a" }
resource "google_service_account" "b" { account_id = "b" }
resource "terraform_data" "x" {
  input = [
    google_service_account.a.email == "x@y", google_service_account.a.id == google_service_account.a.id,
    google_service_account.a.id == google_service_account.b.id, google_service_account.a.id == null,
    "serviceAccount:${google_service_account.a.email}" == "allUsers",
  ]
}
"""
    found = value(evaluated(tmp_path, {"main.tf": text}))
    assert isinstance(found, list)
    assert [type(v) if isinstance(v, Unknown) else v for v in found] == [Unknown, True, Unknown, False, False]


def test_count_that_is_not_known_keeps_one_conditional_instance(tmp_path: Path) -> None:
    text = 'variable "on" {}\nresource "google_redis_instance" "r" {\n  count = var.on ? 1 : 0\n  name = "r${count.index}"\n}\nresource "terraform_data" "x" { input = google_redis_instance.r[0].tier }\n'
    result = evaluated(tmp_path, {"main.tf": text})
    found = instance(result, "google_redis_instance.r")
    assert found.conditional is not None
    assert any("main.tf:3" in reason for reason in found.conditional.reasons)
    assert isinstance(found.attributes["name"], Unknown)
    assert value(result) == Symbolic.of("google_redis_instance.r", "tier")


def test_the_known_keys_of_a_for_each_exist_whatever_the_rest(tmp_path: Path) -> None:
    text = 'variable "more" {}\nresource "terraform_data" "x" {\n  for_each = merge(var.more, { a = 1 })\n  input    = each.key\n}\n'
    result = evaluated(tmp_path, {"main.tf": text})
    assert [(i.address, i.conditional is None) for i in result.instances] == [("terraform_data.x", False), ('terraform_data.x["a"]', True)]


def test_what_is_switched_off_is_recorded(tmp_path: Path) -> None:
    text = 'variable "hosts" { default = [] }\nresource "google_redis_instance" "r" {\n  for_each = toset(var.hosts)\n  name = each.key\n}\nresource "google_sql_database" "d" {\n  count = 0\n}\n'
    result = evaluated(tmp_path, {"main.tf": text})
    assert result.instances == ()
    assert [(d.type, d.address, d.location.line) for d in result.disabled] == [
        ("google_redis_instance", "google_redis_instance.r", 3),
        ("google_sql_database", "google_sql_database.d", 7),
    ]


def test_blocks_and_dynamic_blocks_become_lists_with_places(tmp_path: Path) -> None:
    text = """
variable "envs" { default = { A = "1", B = "2" } }
resource "google_cloud_run_v2_service" "s" {
  name = "s"
  template {
    containers {
      image = "i"
      dynamic "env" {
        for_each = var.envs
        content {
          name  = env.key
          value = env.value
        }
      }
    }
  }
  lifecycle { ignore_changes = [name] }
}
"""
    found = instance(evaluated(tmp_path, {"main.tf": text}), "google_cloud_run_v2_service.s")
    assert found.attributes == {
        "name": "s",
        "template": [{"containers": [{"image": "i", "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]}]}],
    }
    assert found.locations["template", 0, "containers", 0, "image"].line == 7
    assert found.locations["template", 0, "containers", 0, "env", 1, "value"].line == 12
    assert found.chains["template", 0, "containers", 0, "env", 1, "value"][0].line == 2


def test_a_dynamic_block_over_what_is_not_known_leaves_the_list_open(tmp_path: Path) -> None:
    text = 'variable "v" {}\nresource "google_sql_database_instance" "d" {\n  dynamic "settings" {\n    for_each = var.v\n    content {\n      tier = settings.value\n    }\n  }\n}\n'
    settings = instance(evaluated(tmp_path, {"main.tf": text}), "google_sql_database_instance.d").attributes["settings"]
    assert isinstance(settings, OpenList) and len(settings) == 0


def test_a_value_names_the_line_that_decides_it_and_the_way_to_it(tmp_path: Path) -> None:
    files = {
        "main.tf": 'module "db" {\n  source   = "./db"\n  settings = local.settings\n}\nlocals {\n  settings = {\n    backups = var.backups\n    tier = "x"\n  }\n}\nvariable "backups" {\n  default = true\n}\n',
        "terraform.tfvars": "other = 1\nbackups = false\n",
        "db/main.tf": 'variable "settings" {}\nresource "google_sql_database_instance" "d" {\n  settings {\n    backup_configuration {\n      enabled = var.settings.backups\n    }\n  }\n}\n',
    }
    found = instance(evaluated(tmp_path, files), "module.db.google_sql_database_instance.d")
    path = ("settings", 0, "backup_configuration", 0, "enabled")
    assert found.attributes["settings"] == [{"backup_configuration": [{"enabled": False}]}]
    assert str(found.locations[path]) == "db/main.tf:5"
    assert [str(c) for c in found.chains[path]] == ["main.tf:3", "main.tf:7", "terraform.tfvars:2"]


def test_a_module_that_is_not_there_is_a_gap_and_its_inputs_are_kept(tmp_path: Path) -> None:
    text = 'module "sql" {\n  source  = "terraform-google-modules/sql-db/google"\n  version = "~> 20.0"\n  name    = "db"\n}\nresource "terraform_data" "x" { input = module.sql.instance_name }\n'
    result = evaluated(tmp_path, {"main.tf": text})
    assert [(g.line, g.stage, "terraform-google-modules/sql-db/google" in g.reason) for g in result.gaps] == [(1, Stage.EVALUATE, True)]
    opaque = result.opaque_modules[0]
    assert (opaque.address, opaque.version, opaque.inputs) == ("module.sql", "~> 20.0", {"name": "db"})
    assert isinstance(value(result), Unknown)


def test_an_installed_module_is_read(tmp_path: Path) -> None:
    files = {
        "main.tf": 'module "a" {\n  source = "example/a/google"\n  n = "b"\n}\n',
        ".terraform/modules/modules.json": '{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"a","Source":"example/a/google","Dir":".terraform/modules/a"}]}',
        ".terraform/modules/a/main.tf": 'variable "n" {}\nresource "terraform_data" "x" { input = var.n }\n',
    }
    result = evaluated(tmp_path, files)
    assert [(i.address, i.root, i.attributes["input"]) for i in result.instances] == [("module.a.terraform_data.x", "", "b")]
    assert result.gaps == ()


def test_what_was_downloaded_for_another_source_is_not_what_the_call_means(tmp_path: Path) -> None:
    files = {
        "main.tf": 'module "a" {\n  source = "example/b/google"\n}\n',
        ".terraform/modules/modules.json": '{"Modules":[{"Key":"a","Source":"registry.terraform.io/example/a/google","Dir":".terraform/modules/a"}]}',
        ".terraform/modules/a/main.tf": 'resource "terraform_data" "x" {}\n',
    }
    result = evaluated(tmp_path, files)
    assert (result.instances, [m.source for m in result.opaque_modules]) == ((), ["example/b/google"])


@pytest.mark.parametrize(
    ("written", "recorded"),
    [
        ("a/b/google//modules/x", "registry.terraform.io/a/b/google//modules/x"),
        ("github.com/o/r//m?ref=v1", "git::https://github.com/o/r.git//m?ref=v1"),
        ("git@github.com:o/r.git//m", "git::ssh://git@github.com/o/r.git//m"),
        ("git::https://example.com/r.git?ref=v1", "git::https://example.com/r.git?ref=v1"),
    ],
)
def test_sources_are_compared_as_terraform_records_them(written: str, recorded: str) -> None:
    assert same_source(written, recorded)
    assert not same_source(written, recorded.replace("v1", "v2") + "/y")


def test_a_data_source_is_unknown_and_says_so(tmp_path: Path) -> None:
    text = 'data "google_project" "p" { project_id = "me" }\nresource "terraform_data" "x" { input = [data.google_project.p.number, data.google_project.p.project_id] }\n'
    found = value(evaluated(tmp_path, {"main.tf": text}))
    assert isinstance(found, list)
    assert isinstance(found[0], Unknown) and "data source data.google_project.p" in found[0].reasons[0]
    assert found[1] == "me"


def test_a_broken_block_is_a_gap_for_its_kinds_and_the_rest_is_read(tmp_path: Path) -> None:
    text = 'resource "google_redis_instance" "r" {\n  name = = "x"\n}\nresource "google_sql_database_instance" "d" {\n  name = "d"\n}\n'
    result = evaluated(tmp_path, {"main.tf": text})
    assert [(g.line, g.stage, g.kinds) for g in result.gaps] == [(2, Stage.PARSE, ("redis.googleapis.com/*",))]
    assert [i.address for i in result.instances] == ["google_sql_database_instance.d"]


def test_a_name_from_a_broken_block_is_unknown(tmp_path: Path) -> None:
    text = 'locals {\n  a = = 1\n}\nresource "terraform_data" "x" {\n  input = local.a\n}\n'
    found = value(evaluated(tmp_path, {"main.tf": text}))
    assert isinstance(found, Unknown) and "could not be read" in found.reasons[0]


def test_provider_constraints_are_seen(tmp_path: Path) -> None:
    text = 'terraform {\n  required_providers {\n    google = {\n      source  = "hashicorp/google"\n      version = ">= 5.0"\n    }\n  }\n}\nresource "terraform_data" "x" {}\n'
    result = evaluated(tmp_path, {"main.tf": text})
    assert [(p.name, p.source, p.version, p.location.line) for p in result.providers] == [("google", "hashicorp/google", ">= 5.0", 3)]


def test_forty_calls_are_forty_modules(tmp_path: Path) -> None:
    calls = "".join(f'module "m{i}" {{\n  source = "./m"\n  n = {i}\n}}\n' for i in range(40))
    result = evaluated(tmp_path, {"main.tf": calls, "m/main.tf": 'variable "n" {}\nresource "terraform_data" "x" { input = var.n }\n'})
    assert sorted(int(str(i.attributes["input"])) for i in result.instances) == list(range(40))


def test_an_unknown_input_of_one_module_leaves_its_sibling_alone(tmp_path: Path) -> None:
    files = {
        "main.tf": 'resource "random_password" "p" { length = 8 }\nmodule "a" {\n  source = "./m"\n  n = random_password.p.result\n}\nmodule "b" {\n  source = "./m"\n  n = "known"\n}\n',
        "m/main.tf": 'variable "n" { type = string }\nresource "terraform_data" "x" { input = var.n }\n',
    }
    result = evaluated(tmp_path, files)
    assert isinstance(instance(result, "module.a.terraform_data.x").attributes["input"], Symbolic)
    assert instance(result, "module.b.terraform_data.x").attributes["input"] == "known"


def test_what_is_made_of_unknown_instances_stays_open(tmp_path: Path) -> None:
    text = """
variable "v" {}
resource "google_compute_address" "a" {
  for_each = var.v
  name     = each.key
}
resource "google_compute_address" "c" { count = var.v }
locals { by_name = { for a in google_compute_address.a : a.name => a } }
resource "terraform_data" "x" {
  input = [
    local.by_name["n"], length(local.by_name), length([for a in google_compute_address.a : 1]), length(google_compute_address.c),
    "%{ for a in google_compute_address.a }x%{ endfor }", try(local.by_name.n.id, "none"), contains(keys(local.by_name), "n"),
    concat(["b"], google_compute_address.c[*].name) == ["b"], merge({ b = 1 }, local.by_name) == { b = 1 },
  ]
}
resource "google_sql_database_instance" "d" {
  dynamic "settings" {
    for_each = google_compute_address.a
    content {
      tier = settings.key
    }
  }
}
"""
    result = evaluated(tmp_path, {"main.tf": text})
    found = value(result)
    assert isinstance(found, list)
    assert all(isinstance(v, Unknown) for v in found), found
    assert isinstance(instance(result, "google_sql_database_instance.d").attributes["settings"], OpenList)

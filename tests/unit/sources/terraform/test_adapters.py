"""Modules that are not in the tree, and what stands in for them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from gonogo.model.value import OpenMap, Unknown, Value, lookup
from gonogo.rules.modules import load_module_index
from gonogo.sources.terraform.adapters import ModuleAdapters
from gonogo.sources.terraform.evaluate import evaluate_tree
from gonogo.sources.terraform.result import Instance, Symbolic, TerraformResult
from gonogo.sources.tree import open_tree

from .trees import instance

INDEX = """
modules:
  - source: acme/cache/google
    adapters: {">= 2, < 4": cache.hcl, ">= 1, < 2": [cache.hcl, old.hcl]}
    kinds: [compute.googleapis.com/*]
  - {source: "*/caches", family: family.hcl, kinds: []}
  - {source: acme/nothing/google, kinds: []}
"""
CACHE = """
variable "name" {}
variable "count_of" { default = 1 }
variable "config" {
  type = object({
    tier = optional(string, "STANDARD_HA")
    auth = optional(bool)
  })
  default = {}
}
variable "encryption" { default = "SERVER_AUTHENTICATION" }
variable "extra" { default = [] }
locals { constant = true }
resource "google_redis_instance" "main" {
  count                   = var.count_of
  name                    = var.name
  tier                    = var.config.tier
  auth_enabled            = local.constant
  transit_encryption_mode = var.encryption
  replica_count           = 2
  dynamic "persistence_config" {
    for_each = var.extra
    content {
      persistence_mode = persistence_config.value
    }
  }
}
resource "google_redis_instance" "second" {
  name      = google_redis_instance.main[0].name
  reserved  = google_redis_instance.main[0].id
  connected = data.google_project.here.number
}
data "google_project" "here" {}
output "id" { value = google_redis_instance.main[0].id }
output "tier" { value = var.config.tier }
"""
FAMILY = """
variable "tier" { default = null }
variable "size" { default = null }
resource "google_redis_instance" "main" {
  tier         = try(coalesce(var.tier, var.size), null)
  auth_enabled = true
}
"""
CALL = """module "c" {{
  source  = "acme/cache/google"
  version = "{version}"
  name    = "cache"
{more}
}}
resource "terraform_data" "x" {{ input = [module.c.id, module.c.tier, module.c.other] }}
"""


@pytest.fixture
def adapters(tmp_path: Path) -> ModuleAdapters:
    directory = tmp_path / "rules" / "modules"
    directory.mkdir(parents=True)
    files = {"index.yaml": INDEX, "cache.hcl": CACHE, "old.hcl": 'variable "encryption" { default = "DISABLED" }\n', "family.hcl": FAMILY}
    for name, text in files.items():
        (directory / name).write_text(text, "utf-8")
    return ModuleAdapters(lambda: load_module_index([tmp_path / "rules"]))


def evaluated(tmp_path: Path, adapters: ModuleAdapters, text: str, files: Mapping[str, str] | None = None) -> TerraformResult:
    root = tmp_path / "tree"
    for name, content in {"main.tf": text, **(files or {})}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    return evaluate_tree(open_tree(root), adapters)


def main(result: TerraformResult) -> Instance:
    return instance(result, "module.c.google_redis_instance.main[0]")


def shown(found: Instance, *path: str | int) -> str:
    place = found.locations[path]
    return f"{place} {place.note}".rstrip()


def test_a_known_version_has_its_defaults_and_its_constants(tmp_path: Path, adapters: ModuleAdapters) -> None:
    result = evaluated(tmp_path, adapters, CALL.format(version="~> 3.0", more="  config = {\n    tier = var.tier\n  }") + 'variable "tier" { default = "BASIC" }\n')
    found = main(result)
    assert found.attributes == {
        "name": "cache",
        "tier": "BASIC",
        "auth_enabled": True,
        "transit_encryption_mode": "SERVER_AUTHENTICATION",
        "replica_count": 2,
    }
    assert shown(found, "tier") == "main.tf:6"
    assert [str(place) for place in found.chains["tier",]] == ["main.tf:10"]
    assert shown(found, "transit_encryption_mode") == "main.tf:1 default of acme/cache/google 3.x"
    assert shown(found, "replica_count") == "main.tf:1 set by acme/cache/google 3.x"
    assert shown(found) == "main.tf:1"
    assert result.opaque_modules == ()


def test_no_place_is_in_an_adapter(tmp_path: Path, adapters: ModuleAdapters) -> None:
    result = evaluated(tmp_path, adapters, CALL.format(version="3.1.0", more='  extra = ["RDB"]'))
    places = [p for i in result.instances for p in (*i.locations.values(), *(c for chain in i.chains.values() for c in chain))]
    assert {place.file for place in places} == {"main.tf"}
    assert {gap.file for gap in result.gaps} == {"main.tf"}


def test_outputs_flow_back(tmp_path: Path, adapters: ModuleAdapters) -> None:
    given = instance(evaluated(tmp_path, adapters, CALL.format(version="3.1.0", more="")), "terraform_data.x").attributes["input"]
    assert isinstance(given, list)
    assert str(given[0]) == "${module.c.google_redis_instance.main[0].id}"
    assert given[1] == "STANDARD_HA"
    assert isinstance(given[2], Unknown)
    assert given[2].reasons == ("module.c.other: what acme/cache/google 3.1.0 gives here is not known",)


def test_a_gap_says_what_else_the_module_may_hold(tmp_path: Path, adapters: ModuleAdapters) -> None:
    (gap,) = evaluated(tmp_path, adapters, CALL.format(version="3.1.0", more="")).gaps
    assert gap.kinds == ("compute.googleapis.com/*",)
    assert gap.reason.endswith("acme/cache/google was not downloaded (`terraform init` does); known of it is what acme/cache/google 3.1.0 makes of its inputs")


def test_versions_differ(tmp_path: Path, adapters: ModuleAdapters) -> None:
    assert main(evaluated(tmp_path, adapters, CALL.format(version="~> 1.2", more=""))).attributes["transit_encryption_mode"] == "DISABLED"


@pytest.mark.parametrize("version", [">= 2.0", "~> 4.0", "0.9.0"])
def test_of_a_version_that_nobody_read_only_the_inputs_count(tmp_path: Path, adapters: ModuleAdapters, version: str) -> None:
    result = evaluated(tmp_path, adapters, CALL.format(version=version, more='  config = { auth = true }\n  count_of = 1\n  encryption = "DISABLED"'))
    found = main(result)
    assert isinstance(found.attributes, OpenMap)
    assert dict(found.attributes) == {"name": "cache", "transit_encryption_mode": "DISABLED", "tier": found.attributes["tier"]}
    assert isinstance(found.attributes["tier"], Unknown)
    assert isinstance(lookup(found.attributes, "replica_count"), Unknown)
    assert isinstance(lookup(found.attributes, "persistence_config"), Unknown)
    assert found.conditional is None
    second = instance(result, "module.c.google_redis_instance.second").attributes
    assert isinstance(second["reserved"], Symbolic)
    assert [m.address for m in result.opaque_modules] == ["module.c"]


def test_what_decides_whether_it_exists_is_not_known_either(tmp_path: Path, adapters: ModuleAdapters) -> None:
    result = evaluated(tmp_path, adapters, CALL.format(version=">= 2", more=""))
    found = instance(result, "module.c.google_redis_instance.main")
    assert found.conditional is not None
    assert "`count_of` is not given to module.c, and its default in acme/cache/google, 2.0.0 or newer is not known" in found.conditional.reasons


@pytest.mark.parametrize(
    ("source", "known"),
    [
        ("git::https://github.com/acme/terraform-google-cache?ref=v2.0.0", True),
        ("github.com/acme/terraform-google-cache?ref=main", False),
        ("registry.terraform.io/acme/cache/google", False),
    ],
)
def test_the_tag_of_a_git_source_is_the_version(tmp_path: Path, adapters: ModuleAdapters, source: str, known: bool) -> None:
    result = evaluated(tmp_path, adapters, f'module "c" {{\n  source = "{source}"\n  name = "n"\n  count_of = 1\n}}\n')
    value: Value = lookup(main(result).attributes, "transit_encryption_mode")
    assert (value == "SERVER_AUTHENTICATION") is known
    assert isinstance(value, Unknown) is not known


def test_a_family_knows_names_of_inputs_and_no_defaults(tmp_path: Path, adapters: ModuleAdapters) -> None:
    result = evaluated(tmp_path, adapters, 'module "c" {\n  source = "git::https://example.org/m.git//modules/caches?ref=v1"\n  size = "BASIC"\n}\n')
    found = instance(result, "module.c.google_redis_instance.main")
    assert dict(found.attributes) == {"tier": "BASIC", "auth_enabled": True}
    assert shown(found, "tier") == "main.tf:3"
    assert isinstance(lookup(found.attributes, "name"), Unknown)


def test_a_module_that_is_installed_is_read_itself(tmp_path: Path, adapters: ModuleAdapters) -> None:
    files = {
        ".terraform/modules/modules.json": '{"Modules":[{"Key":"c","Source":"acme/cache/google","Dir":".terraform/modules/c"}]}',
        ".terraform/modules/c/main.tf": 'variable "name" {}\noutput "id" { value = var.name }\noutput "tier" { value = 1 }\noutput "other" { value = 2 }\n',
    }
    result = evaluated(tmp_path, adapters, CALL.format(version="3.0.0", more=""), files)
    given = instance(result, "terraform_data.x").attributes["input"]
    assert given == ["cache", 1, 2]
    assert result.gaps == ()


def test_calls_with_for_each_and_inside_local_modules(tmp_path: Path, adapters: ModuleAdapters) -> None:
    text = 'module "all" {\n  source = "./all"\n  names = ["a", "b"]\n}\n'
    inner = 'variable "names" {}\nmodule "c" {\n  for_each = toset(var.names)\n  source = "acme/cache/google"\n  version = "3.0.0"\n  name = each.key\n}\n'
    result = evaluated(tmp_path, adapters, text, {"all/main.tf": inner})
    found = instance(result, 'module.all.module.c["b"].google_redis_instance.main[0]')
    assert found.attributes["name"] == "b"
    assert shown(found, "name") == "all/main.tf:6"
    assert shown(found, "tier") == "all/main.tf:2 default of acme/cache/google 3.0.0"


def test_a_row_without_an_adapter_says_what_could_be_there(tmp_path: Path, adapters: ModuleAdapters) -> None:
    result = evaluated(tmp_path, adapters, 'module "n" {\n  source = "acme/nothing/google"\n}\nmodule "m" {\n  source = "acme/what/google"\n}\n')
    assert [gap.kinds for gap in result.gaps] == [(), ("*.googleapis.com/*",)]


def test_nothing_is_read_without_remote_modules(tmp_path: Path) -> None:
    def load() -> object:
        raise AssertionError

    result = evaluated(tmp_path, ModuleAdapters(load), 'module "a" {\n  source = "./a"\n}\n', {"a/main.tf": "locals {}\n"})  # type: ignore[arg-type]
    assert result.gaps == ()


def test_what_is_wrong_in_an_adapter_is_a_gap_at_the_call(tmp_path: Path, adapters: ModuleAdapters) -> None:
    (tmp_path / "rules" / "modules" / "cache.hcl").write_text('resource "google_redis_instance" "main" {\n  tier = = 1\n}\n', "utf-8")
    gaps = evaluated(tmp_path, adapters, CALL.format(version="3.0.0", more="")).gaps
    assert [(gap.file, gap.line) for gap in gaps] == [("main.tf", 1)] * 2
    assert any("gonogo:modules/cache.hcl: resource google_redis_instance main" in gap.reason for gap in gaps)
    assert any("redis.googleapis.com/*" in gap.kinds for gap in gaps)

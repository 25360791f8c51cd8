from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from gonogo.model.environment import Environment, Environments
from gonogo.model.value import Unknown
from gonogo.sources.terraform.result import TerraformResult
from unit.sources.terraform.trees import evaluated, instance, value

DATA = 'variable "v" { default = "default" }\nresource "terraform_data" "x" { input = var.v }\n'


@pytest.mark.parametrize(
    ("name", "environment"),
    [
        ("prod", "production"),
        ("production", "production"),
        ("PRD", "production"),
        ("my-app-prod", "production"),
        ("prod.eu", "production"),
        ("staging", "staging"),
        ("dev", "development"),
        ("qa", "test"),
        ("non-prod", "preview"),
        ("nonprod", "preview"),
        ("app-nonprod", "preview"),
        ("app-non-prod", "preview"),
        ("product", ""),
        ("modules", ""),
        ("network", ""),
    ],
)
def test_the_environment_that_a_name_speaks_of(name: str, environment: str) -> None:
    assert Environments().of(name) == environment


def test_a_directory_that_is_called_is_no_root(tmp_path: Path) -> None:
    result = evaluated(tmp_path, {"main.tf": 'module "m" {\n  source = "./m"\n}\n', "m/main.tf": DATA})
    assert [(r.directory, r.why) for r in result.roots] == [("", "uncalled")]
    assert [i.address for i in result.instances] == ["module.m.terraform_data.x"]


def test_a_called_directory_with_a_backend_is_a_root_too(tmp_path: Path) -> None:
    backend = 'terraform {\n  backend "gcs" {}\n}\n'
    result = evaluated(tmp_path, {"main.tf": 'module "m" {\n  source = "./m"\n}\n', "m/main.tf": DATA + backend})
    assert [(r.directory, r.why, r.configured) for r in result.roots] == [("", "uncalled", False), ("m", "backend", True)]


def test_a_call_from_an_example_does_not_make_a_library_disappear(tmp_path: Path) -> None:
    result = evaluated(tmp_path, {"main.tf": DATA, "examples/simple/main.tf": 'module "m" {\n  source = "../.."\n}\n'})
    assert [(i.root, i.address) for i in result.instances] == [("", "terraform_data.x")]


def _inputs(result: TerraformResult) -> list[tuple[str, object]]:
    return [(i.environment, i.attributes["input"]) for i in result.instances]


THREE = {"main.tf": DATA, "envs/prod.tfvars": 'v = "prod"\n', "envs/dev.tfvars": 'v = "dev"\n', "envs/staging.tfvars": 'v = "staging"\n'}


def test_a_root_has_an_instance_for_each_environment_of_its_var_files(tmp_path: Path) -> None:
    result = evaluated(tmp_path, THREE)
    assert _inputs(result) == [("development", "dev"), ("production", "prod"), ("staging", "staging")]
    assert [r.var_files for r in result.roots] == [("envs/dev.tfvars",), ("envs/prod.tfvars",), ("envs/staging.tfvars",)]


def test_only_what_is_judged_is_evaluated_where_that_is_enough(tmp_path: Path) -> None:
    result = evaluated(tmp_path, THREE, Environments("staging"), judged_only=True)
    assert _inputs(result) == [("staging", "staging")]
    assert [(r.environment, r.evaluated) for r in result.roots] == [("development", False), ("production", False), ("staging", True)]


def test_each_instance_is_what_a_tree_with_only_its_environment_gives(tmp_path: Path) -> None:
    together = evaluated(tmp_path / "all", THREE)
    for environment, path in (("development", "envs/dev.tfvars"), ("production", "envs/prod.tfvars"), ("staging", "envs/staging.tfvars")):
        alone = evaluated(tmp_path / environment, {"main.tf": DATA, path: THREE[path]}, Environments(environment))
        assert alone.instances == tuple(i for i in together.instances if i.environment == environment)


@pytest.mark.parametrize(
    "path",
    ["prod.tfvars", "terraform.prod.tfvars", "envs/prod.tfvars", "environments/prod/terraform.tfvars", "vars/prod.tfvars.json", "config/app-prod.tfvars"],
)
def test_where_var_files_of_an_environment_lie(tmp_path: Path, path: str) -> None:
    value = '{"v": "prod"}' if path.endswith(".json") else 'v = "prod"\n'
    assert _inputs(evaluated(tmp_path, {"main.tf": DATA, path: value})) == [("production", "prod")]


def test_what_only_other_environments_set_is_unknown(tmp_path: Path) -> None:
    files = {"main.tf": DATA, "dev.tfvars": 'v = "dev"\n', "prod.example.tfvars": 'v = "example"\n'}
    (production, development) = evaluated(tmp_path, files).instances
    assert (production.environment, development.environment, development.attributes["input"]) == ("", "development", "dev")
    reason = 'variable "v" is set per environment (development: dev.tfvars); there is no var file of production'
    assert production.attributes["input"] == Unknown.because(reason)


def test_a_value_that_is_loaded_for_every_environment_is_known_without_a_var_file_of_its_own(tmp_path: Path) -> None:
    result = evaluated(tmp_path, {"main.tf": DATA, "dev.tfvars": 'v = "dev"\n', "terraform.tfvars": 'v = "all"\n'})
    assert _inputs(result) == [("", "all"), ("development", "dev")]


def test_several_var_files_of_one_environment_that_differ_leave_it_open(tmp_path: Path) -> None:
    files = {"main.tf": DATA, "prod-eu.tfvars": 'v = "eu"\n', "prod-us.tfvars": 'v = "us"\n'}
    assert "prod-eu.tfvars and prod-us.tfvars differ" in str(value(evaluated(tmp_path / "a", files)))
    same = {"main.tf": DATA, "prod-eu.tfvars": 'v = "x"\n', "prod-us.tfvars": 'v = "x"\n'}
    assert value(evaluated(tmp_path / "b", same)) == "x"


def test_var_files_of_tests_are_nobodys(tmp_path: Path) -> None:
    files = {"main.tf": DATA, "tests/prod.tfvars": 'v = "prod"\n', "envs/test/a.tfvars": 'v = "test"\n', "envs/prod/a.tfvars": 'v = "real"\n'}
    assert _inputs(evaluated(tmp_path, files)) == [("production", "real"), ("test", "test")]


def test_a_var_file_belongs_to_the_nearest_root(tmp_path: Path) -> None:
    files = {"main.tf": DATA, "infra/main.tf": DATA, "infra/envs/prod.tfvars": 'v = "prod"\n'}
    assert [(i.root, i.attributes["input"]) for i in evaluated(tmp_path, files).instances] == [("", "default"), ("infra", "prod")]


CONFIGURED = Environment("production", names=("live-eu",), var_files=("base.tfvars", "eu.tfvars"), workspace="eu")


def test_what_is_configured_of_an_environment_comes_before_what_is_found(tmp_path: Path) -> None:
    files = {"main.tf": DATA, "prod.tfvars": 'v = "found"\n', "base.tfvars": 'v = "base"\n', "eu.tfvars": 'v = "eu"\n', "dev.tfvars": 'v = "dev"\n'}
    result = evaluated(tmp_path, files, Environments(configured=(CONFIGURED,)))
    assert _inputs(result) == [("development", "dev"), ("production", "eu")]
    assert [(r.environment, r.workspace) for r in result.roots] == [("development", ""), ("production", "eu")]


def test_roots_can_be_given_to_an_environment(tmp_path: Path) -> None:
    configured = (Environment("production", roots=("eu*/",)), Environment("staging", roots=("./trial",)))
    result = evaluated(tmp_path, {"eu-1/main.tf": DATA, "trial/main.tf": DATA, "shared/main.tf": DATA}, Environments(configured=configured))
    assert [(r.directory, r.environment) for r in result.roots] == [("eu-1", "production"), ("shared", ""), ("trial", "staging")]


def test_an_environment_of_its_own_is_told_by_its_directory(tmp_path: Path) -> None:
    environments = Environments("live-eu", (Environment("live-eu"),))
    result = evaluated(tmp_path, {"envs/live-eu/main.tf": DATA, "envs/dev/main.tf": DATA}, environments)
    assert [(r.directory, r.environment) for r in result.roots] == [("envs/dev", "development"), ("envs/live-eu", "live-eu")]


def test_var_files_given_to_the_scan_come_last_and_only_where_declared(tmp_path: Path) -> None:
    files = {"main.tf": DATA, "dev.tfvars": 'v = "dev"\n', "given.tfvars": 'v = "given"\nother = 1\n'}
    assert _inputs(evaluated(tmp_path, files, Environments(var_files=("given.tfvars",)))) == [("", "given"), ("development", "dev")]


WORKSPACE = 'locals { by = { prod = "big", dev = "small" } }\nresource "terraform_data" "x" { input = local.by[terraform.workspace] }\n'


def test_a_workspace_that_nobody_names_is_unknown_and_says_what_to_write(tmp_path: Path) -> None:
    found = value(evaluated(tmp_path, {"main.tf": WORKSPACE}))
    assert 'say which it is in gonogo.toml: [environments.production] workspace = "NAME"' in str(found)


@pytest.mark.parametrize(
    ("files", "environments"),
    [
        ({}, Environments(configured=(Environment("production", workspace="prod"),))),
        ({"cloud.tf": 'terraform {\n  cloud {\n    workspaces { name = "prod" }\n  }\n}\n'}, Environments()),
        ({".terraform/environment": "prod"}, Environments()),
    ],
)
def test_a_workspace_that_is_named_is_known(tmp_path: Path, files: Mapping[str, str], environments: Environments) -> None:
    assert value(evaluated(tmp_path, {"main.tf": WORKSPACE, **files}, environments)) == "big"


def test_the_workspace_of_another_environment_is_not_taken(tmp_path: Path) -> None:
    found = value(evaluated(tmp_path, {"main.tf": WORKSPACE, ".terraform/environment": "dev"}))
    assert isinstance(found, Unknown)


def test_a_gap_of_another_environment_is_that_environments(tmp_path: Path) -> None:
    call = 'module "m" {\n  source = "terraform-google-modules/network/google"\n}\n'
    files = {f"environments/{name}/main.tf": call for name in ("prod", "staging")}
    result = evaluated(tmp_path, files)
    assert [(g.file, g.environment) for g in result.gaps] == [
        ("environments/prod/main.tf", "production"),
        ("environments/staging/main.tf", "staging"),
    ]
    judged = evaluated(tmp_path, files, Environments(), judged_only=True)
    assert [g.environment for g in judged.gaps] == ["production"]


def test_modules_that_only_another_environment_calls_are_not_lost(tmp_path: Path) -> None:
    files = {"envs/prod/main.tf": DATA, "envs/dev/main.tf": 'module "m" {\n  source = "../../m"\n}\n', "m/main.tf": DATA}
    result = evaluated(tmp_path, files, Environments(), judged_only=True)
    assert ([i.root for i in result.instances], result.gaps) == (["envs/prod"], ())


def test_directories_per_environment_are_told_apart(tmp_path: Path) -> None:
    call = 'module "m" {\n  source = "../../modules/m"\n  v = "%s"\n}\n'
    files = {f"environments/{name}/main.tf": call % name for name in ("prod", "staging", "ops")}
    result = evaluated(tmp_path, {**files, "modules/m/main.tf": DATA})
    assert [(i.root.rpartition("/")[2], i.environment, i.attributes["input"]) for i in result.instances] == [
        ("ops", "", "ops"),
        ("prod", "production", "prod"),
        ("staging", "staging", "staging"),
    ]


def test_a_lone_development_directory_is_what_there_is(tmp_path: Path) -> None:
    result = evaluated(tmp_path, {"envs/dev/main.tf": DATA})
    assert [i.environment for i in result.instances] == [""]


def test_a_var_file_that_is_broken_makes_what_has_no_other_value_unknown(tmp_path: Path) -> None:
    result = evaluated(tmp_path, {"main.tf": DATA, "terraform.tfvars": "v = = 1\n"})
    assert len(result.gaps) == 1
    assert "terraform.tfvars could not be read" in str(instance(result, "terraform_data.x").attributes["input"])


def test_var_files_apart_from_the_only_root_are_its_own(tmp_path: Path) -> None:
    files = {"terraform/main.tf": DATA, "envs/prod.tfvars": 'v = "prod"\n', "envs/dev.tfvars": 'v = "dev"\n'}
    result = evaluated(tmp_path, files)
    assert [(i.root, i.environment, i.attributes["input"]) for i in result.instances] == [
        ("terraform", "development", "dev"),
        ("terraform", "production", "prod"),
    ]


def test_var_files_apart_from_several_roots_are_nobodys(tmp_path: Path) -> None:
    files = {"a/main.tf": DATA, "b/main.tf": DATA, "envs/prod.tfvars": 'v = "prod"\n'}
    assert [i.attributes["input"] for i in evaluated(tmp_path, files).instances] == ["default", "default"]

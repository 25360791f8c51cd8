from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.model.environment import Environments
from unit.sources.terraform.trees import evaluated, instance

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


def test_of_several_var_files_production_is_taken(tmp_path: Path) -> None:
    files = {"main.tf": DATA, "envs/prod.tfvars": 'v = "prod"\n', "envs/dev.tfvars": 'v = "dev"\n', "envs/staging.tfvars": 'v = "staging"\n'}
    result = evaluated(tmp_path, files)
    assert [(i.environment, i.attributes["input"]) for i in result.instances] == [("production", "prod")]
    assert result.roots[0].var_files == ("envs/prod.tfvars",)


def test_var_files_that_are_not_of_production_are_not_taken(tmp_path: Path) -> None:
    result = evaluated(tmp_path, {"main.tf": DATA, "dev.tfvars": 'v = "dev"\n', "prod.example.tfvars": 'v = "example"\n'})
    assert [(i.environment, i.attributes["input"]) for i in result.instances] == [("", "default")]


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
    assert [(i.root, i.environment, i.attributes["input"]) for i in result.instances] == [("terraform", "production", "prod")]


def test_var_files_apart_from_several_roots_are_nobodys(tmp_path: Path) -> None:
    files = {"a/main.tf": DATA, "b/main.tf": DATA, "envs/prod.tfvars": 'v = "prod"\n'}
    assert [i.attributes["input"] for i in evaluated(tmp_path, files).instances] == ["default", "default"]

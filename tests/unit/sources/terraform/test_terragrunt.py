from __future__ import annotations

import time
from pathlib import Path

import pytest

from gonogo.model.environment import Environments
from gonogo.model.value import OpenMap, Unknown
from gonogo.sources.classify import GCP_KINDS
from gonogo.sources.terraform.result import TerraformResult
from unit.sources.terraform.trees import evaluated

MODULE = {
    "modules/app/main.tf": (
        'variable "v" { default = "default" }\nvariable "env" { default = "default" }\nterraform {\n  backend "gcs" {}\n}\n'
        'resource "terraform_data" "x" { input = var.v }\nresource "terraform_data" "env" { input = var.env }\n'
    )
}
UNIT = 'terraform {\n  source = "../../../modules//app"\n}\n'


def read(root: Path, unit: str, **more: str) -> TerraformResult:
    """A tree with a module, a unit `live/prod/app` and the files in `more`, whose names have `__` for `/` and `_` for `.`."""
    files = {name.replace("__", "/").replace("_hcl", ".hcl"): text for name, text in more.items()}
    return evaluated(root, {**MODULE, "live/prod/app/terragrunt.hcl": unit, **files})


def given(result: TerraformResult, name: str = "x") -> object:
    (found,) = [i for i in result.instances if i.address == f"terraform_data.{name}"]
    return found.attributes["input"]


def test_a_unit_is_a_root_of_its_module_with_its_inputs(tmp_path: Path) -> None:
    result = read(tmp_path, UNIT + 'inputs = {\n  v = "given"\n}\n')
    (root,) = result.roots
    assert (root.directory, root.module, root.why, result.gaps) == ("live/prod/app", "modules/app", "terragrunt", ())
    (found,) = [i for i in result.instances if i.address == "terraform_data.x"]
    assert (found.root, found.attributes["input"]) == ("live/prod/app", "given")
    assert [str(place) for place in found.chains["input",]] == ["live/prod/app/terragrunt.hcl:5"]
    assert given(result, "env") == "default"


def test_units_are_told_apart_by_the_environment_in_their_path(tmp_path: Path) -> None:
    files = {f"live/{name}/app/terragrunt.hcl": UNIT + f'inputs = {{ v = "{name}" }}\n' for name in ("prod", "staging")}
    result = evaluated(tmp_path, {**MODULE, **files}, Environments(), judged_only=True)
    assert [(r.directory, r.environment, r.evaluated) for r in result.roots] == [
        ("live/prod/app", "production", True),
        ("live/staging/app", "staging", False),
    ]
    assert [i.attributes["input"] for i in result.instances] == ["default", "prod"]
    assert result.gaps == ()


ROOT = 'locals {\n  env = read_terragrunt_config(find_in_parent_folders("env.hcl"))\n}\ninputs = { env = local.env.locals.name, v = path_relative_to_include() }\n'


def test_what_is_included_is_read_for_the_unit(tmp_path: Path) -> None:
    unit = UNIT + 'include "root" {\n  path = find_in_parent_folders("root.hcl")\n  expose = true\n}\n'
    result = read(tmp_path, unit, root_hcl=ROOT, live__prod__env_hcl='locals { name = "prod-eu" }\n')
    assert (given(result), given(result, "env"), result.gaps) == ("live/prod/app", "prod-eu", ())


def test_a_units_own_inputs_come_before_included_ones_and_may_refer_to_them(tmp_path: Path) -> None:
    unit = UNIT + 'include "root" {\n  path = find_in_parent_folders("root.hcl")\n}\ninputs = { v = "own-${include.root.locals.env.locals.name}" }\n'
    result = read(tmp_path, unit, root_hcl=ROOT, live__prod__env_hcl='locals { name = "p" }\n')
    assert (given(result), given(result, "env")) == ("own-p", "p")


@pytest.mark.parametrize(
    ("strategy", "value"),
    [("shallow", {"b": [2]}), ("deep", {"a": 1, "b": [1, 2]}), ("no_merge", {"b": [2]})],
)
def test_merge_strategies(tmp_path: Path, strategy: str, value: object) -> None:
    unit = UNIT + f'include {{\n  path = find_in_parent_folders()\n  merge_strategy = "{strategy}"\n}}\ninputs = {{ v = {{ b = [2] }} }}\n'
    result = read(tmp_path, unit, live__terragrunt_hcl='inputs = { v = { a = 1, b = [1] }, env = "root" }\n')
    assert given(result) == value
    assert given(result, "env") == ("default" if strategy == "no_merge" else "root")


def test_the_last_include_comes_before_the_first(tmp_path: Path) -> None:
    include = 'include "{0}" {{\n  path = find_in_parent_folders("{0}.hcl")\n}}\n'
    result = read(tmp_path, UNIT + include.format("one") + include.format("two"), one_hcl='inputs = { v = "one", env = "one" }\n', two_hcl='inputs = { v = "two" }\n')
    assert (given(result), given(result, "env")) == ("two", "one")


def test_the_source_may_be_included_and_start_at_the_repository(tmp_path: Path) -> None:
    unit = 'include "common" {\n  path = "${get_repo_root()}/common/app.hcl"\n}\n'
    result = read(tmp_path, unit, common__app_hcl='terraform {\n  source = "${get_repo_root()}/modules//app"\n}\ninputs = { v = basename(get_terragrunt_dir()) }\n')
    assert (given(result), result.gaps) == ("app", ())


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ('get_env("V", "fallback")', "get_env() depends on who runs Terragrunt"),
        ("dependency.vpc.outputs.network", "output of the Terragrunt dependency vpc"),
        ('run_cmd("echo", "x")', "which a scan does not"),
        ("get_terragrunt_dir()", "an absolute path on the machine that runs Terragrunt"),
        ("length(get_repo_root())", "known only after apply"),
        ("values.size", "given when Terragrunt runs"),
        ("feature.flag.value", "given when Terragrunt runs"),
        ('file("../../../../../etc/passwd")', "outside the scanned tree"),
        ("local.a", "refers to itself"),
    ],
)
def test_what_is_not_in_the_code_is_unknown(tmp_path: Path, expression: str, reason: str) -> None:
    unit = UNIT + 'dependency "vpc" {\n  config_path = "../vpc"\n  mock_outputs = { network = "mock" }\n}\nlocals { a = local.a }\n'
    result = read(tmp_path, unit + f"inputs = {{ v = {expression}, env = 1 }}\n")
    found = given(result)
    assert isinstance(found, Unknown), found
    assert reason in str(found)


def test_inputs_that_are_not_known_leave_every_variable_unknown(tmp_path: Path) -> None:
    result = read(tmp_path, UNIT + 'inputs = merge(dependency.a.outputs, { env = "known" })\n')
    assert isinstance(given(result), Unknown)
    assert given(result, "env") == "known"


def test_an_include_that_is_not_there_is_a_gap_and_hides_what_it_may_set(tmp_path: Path) -> None:
    result = read(tmp_path, UNIT + 'include {\n  path = find_in_parent_folders()\n}\ninputs = { env = "own" }\n')
    assert isinstance(given(result), Unknown)
    assert given(result, "env") == "own"
    assert [(g.file, g.kinds) for g in result.gaps] == [("live/prod/app/terragrunt.hcl", GCP_KINDS)]


def test_var_files_come_before_inputs(tmp_path: Path) -> None:
    extra = 'terraform {\n  source = "../../../modules//app"\n  extra_arguments "a" {\n    commands = ["plan"]\n    %s\n  }\n}\ninputs = { v = "input", env = "input" }\n'
    files = {**MODULE, "common.tfvars": 'v = "file"\n'}
    paths = ['required_var_files = ["${get_repo_root()}/common.tfvars"]', 'arguments = ["-var-file=../../../common.tfvars", "-lock=false"]']
    for number, line in enumerate(paths):
        result = evaluated(tmp_path / str(number), {**files, "live/prod/app/terragrunt.hcl": extra % line})
        assert (given(result), given(result, "env")) == ("file", "input")
    result = evaluated(tmp_path / "x", {**files, "live/prod/app/terragrunt.hcl": extra % 'arguments = ["-var", "v=1"]'})
    assert isinstance(given(result), Unknown) and isinstance(given(result, "env"), Unknown)


def test_a_module_that_is_not_in_the_tree_is_a_call_with_known_inputs(tmp_path: Path) -> None:
    unit = 'terraform {\n  source = "tfr:///terraform-google-modules/sql-db/google//modules/postgresql?version=20.0.0"\n}\ninputs = { name = "db", tier = get_env("TIER") }\n'
    (module,) = read(tmp_path, unit).opaque_modules
    assert (module.root, module.source, module.version) == ("live/prod/app", "terraform-google-modules/sql-db/google//modules/postgresql", "20.0.0")
    assert module.inputs["name"] == "db" and isinstance(module.inputs["tier"], Unknown)
    (gap,) = read(tmp_path, unit).gaps
    assert (gap.file, gap.line) == ("live/prod/app/terragrunt.hcl", 2)
    hidden = read(tmp_path, unit.replace('tier = get_env("TIER")', "") + 'include {\n  path = find_in_parent_folders("x.hcl")\n}\n')
    assert isinstance(hidden.opaque_modules[0].inputs, OpenMap)


@pytest.mark.parametrize(
    ("unit", "reason"),
    [
        ('terraform {\n  source = "../nowhere"\n}\n', "its module live/prod/nowhere is not in the scanned tree"),
        ('terraform {\n  source = get_env("SOURCE")\n}\n', "its source is not known"),
        ('terraform {\n  source = "../../../../outside"\n}\n', "outside the scanned tree"),
        ('terraform {\n  source = = 1\n}\n', "not valid"),
        (UNIT + 'generate "x" {\n  contents = "resource \\"google_x\\" \\"y\\" {}"\n}\n', "the Terraform that it writes is not read"),
    ],
)
def test_what_cannot_be_read_is_a_gap(tmp_path: Path, unit: str, reason: str) -> None:
    result = read(tmp_path, unit)
    (gap,) = [g for g in result.gaps if g.file.endswith("terragrunt.hcl")]
    assert reason in gap.reason and gap.kinds == GCP_KINDS


def test_generated_providers_and_remote_state_leave_nothing_out(tmp_path: Path) -> None:
    more = 'remote_state {\n  backend = "gcs"\n}\ngenerate "p" {\n  contents = <<EOF\nprovider "google" {\n  project = "${get_env("P")}"\n}\nEOF\n}\n'
    assert read(tmp_path, UNIT + more).gaps == ()


def test_a_stack_is_a_gap(tmp_path: Path) -> None:
    result = evaluated(tmp_path, {"live/terragrunt.stack.hcl": 'unit "a" {\n  source = "x"\n  path = "a"\n}\n'})
    assert [g.kinds for g in result.gaps] == [GCP_KINDS]


def test_files_beside_the_unit_are_copied_into_its_module(tmp_path: Path) -> None:
    result = evaluated(
        tmp_path,
        {**MODULE, "live/app/terragrunt.hcl": UNIT.replace("../../../", "../../"), "live/app/own.tf": 'resource "terraform_data" "own" { input = var.v }\n'},
    )
    assert [i.address for i in result.instances] == ["terraform_data.env", "terraform_data.own", "terraform_data.x"]
    assert {i.root for i in result.instances} == {"live/app"}


def test_a_unit_without_a_source_is_its_own_module(tmp_path: Path) -> None:
    result = evaluated(tmp_path, {"app/terragrunt.hcl": 'inputs = { v = "given" }\n', "app/main.tf": MODULE["modules/app/main.tf"]})
    assert [(r.directory, r.why) for r in result.roots] == [("app", "terragrunt")]
    assert given(result) == "given"


def test_a_broken_unit_of_staging_is_no_gap_of_production(tmp_path: Path) -> None:
    files = {**MODULE, "live/prod/app/terragrunt.hcl": UNIT, "live/staging/app/terragrunt.hcl": "terraform {\n  source = = 1\n}\n"}
    assert [g.environment for g in evaluated(tmp_path, files).gaps] == ["staging"]


def test_configurations_that_read_each_other_end(tmp_path: Path) -> None:
    started = time.monotonic()
    names = ["a", "b", "c", "d"]
    files = {
        f"{own}/terragrunt.hcl": "locals {\n"
        + "".join(f'  l{i}{other} = read_terragrunt_config("../{other}/terragrunt.hcl").locals\n' for other in names for i in range(10))
        + "}\ninputs = { v = local.l0b }\n"
        + UNIT.replace("../../../", "../")
        for own in names
    }
    result = evaluated(tmp_path, {**MODULE, **files})
    assert len(result.roots) == len(names)
    assert time.monotonic() - started < 10

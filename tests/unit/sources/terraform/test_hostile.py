"""Terraform that is out to crash, escape or stall us: bounded, with a gap or an unknown for each."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from gonogo.model.value import Unknown
from unit.sources.terraform.trees import evaluated, value

X = 'resource "terraform_data" "x" { input = %s }\n'


def reason(found: object) -> str:
    assert isinstance(found, Unknown), found
    return " ".join(found.reasons)


def test_a_module_that_calls_itself(tmp_path: Path) -> None:
    text = 'module "me" {\n  source = "./"\n}\nresource "terraform_data" "x" { input = module.me.out }\noutput "out" { value = 1 }\n'
    result = evaluated(tmp_path, {"main.tf": text})
    assert ["calls itself" in g.reason for g in result.gaps] == [True]
    assert isinstance(value(result), Unknown)


def test_modules_that_call_each_other(tmp_path: Path) -> None:
    files = {
        "main.tf": 'module "a" {\n  source = "./a"\n}\n',
        "a/main.tf": 'module "b" {\n  source = "../b"\n}\n',
        "b/main.tf": 'module "a" {\n  source = "../a"\n}\nresource "terraform_data" "x" {}\n',
    }
    result = evaluated(tmp_path, files)
    assert ["calls itself" in g.reason for g in result.gaps] == [True]
    assert [i.address for i in result.instances] == ["module.a.module.b.terraform_data.x"]


def test_locals_that_need_each_other(tmp_path: Path) -> None:
    result = evaluated(tmp_path, {"main.tf": "locals {\n  a = local.b\n  b = local.a\n}\n" + X % "local.a"})
    assert "refers to itself" in reason(value(result))


def test_a_count_and_a_for_each_that_need_themselves(tmp_path: Path) -> None:
    text = 'resource "terraform_data" "x" {\n  count = length(terraform_data.x)\n  input = 1\n}\n'
    result = evaluated(tmp_path, {"main.tf": text})
    assert [i.conditional is not None for i in result.instances] == [True]


@pytest.mark.parametrize("count", ["count = 1000000", "for_each = { for i in range(1000) : i => [for j in range(1000) : j] }"])
def test_a_million_instances(count: str, tmp_path: Path) -> None:
    started = time.monotonic()
    result = evaluated(tmp_path, {"main.tf": f'resource "google_redis_instance" "x" {{\n  {count}\n}}\n'})
    assert len(result.instances) <= 1_000
    assert time.monotonic() - started < 20
    if count.startswith("count"):
        assert [g.kinds for g in result.gaps] == [("redis.googleapis.com/*",)]


def test_nested_loops_run_out_of_steps(tmp_path: Path) -> None:
    nested = "[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : a + b + c]]]"
    started = time.monotonic()
    result = evaluated(tmp_path, {"main.tf": X % nested + 'resource "google_redis_instance" "r" {\n  name = upper("a")\n}\n'})
    assert "takes too long" in reason(value(result))
    assert time.monotonic() - started < 60
    assert result.gaps != ()


def test_template_loops_run_out_of_steps(tmp_path: Path) -> None:
    nested = "".join(f"%{{ for {name} in range(1000) }}" for name in "abc") + "x" + "%{ endfor }" * 3
    started = time.monotonic()
    result = evaluated(tmp_path, {"main.tf": X % f'"{nested}"'})
    assert "takes too long" in reason(value(result))
    assert time.monotonic() - started < 60


@pytest.mark.parametrize(
    "expression",
    [
        'format("%1000000000d", 1)', "pow(10, 1000000000)", 'parseint("' + "9" * 100_000 + '", 10)', "range(0, 1, 0.000000001)", "ceil(1e308) * 1e308",
        "setproduct(range(1000), range(1000), range(1000), range(1000))", 'jsondecode("' + "[" * 200_000 + '")', 'yamldecode("' + "[" * 200_000 + '")',
        'regex("(((a{100}){100}){100}){100}", "aaa")', 'indent(1000000000, "a\\nb")', 'bcrypt("x", 31)', 'timeadd("2020-01-01T00:00:00Z", "1000000000000000000h")',
        "merge([for i in range(1000) : { for j in range(1000) : \"${i}.${j}\" => 1 }]...)", "!" * 5_000 + "true", "(" * 5_000 + "1" + ")" * 5_000, "1" + "+1" * 20_000,
    ],
)  # fmt: skip
def test_expressions_that_explode_are_unknown_in_bounded_time(expression: str, tmp_path: Path) -> None:
    started = time.monotonic()
    result = evaluated(tmp_path, {"main.tf": X % expression})
    # A syntax that goes too deep costs its block, and that is a gap.
    found = [i.attributes["input"] for i in result.instances if "input" in i.attributes]
    assert (found and isinstance(found[0], Unknown)) or result.gaps
    assert time.monotonic() - started < 20


def test_text_that_doubles(tmp_path: Path) -> None:
    lines = ["  a0 = \"xxxxxxxxxxxxxxxx\""] + [f'  a{i} = "${{local.a{i - 1}}}${{local.a{i - 1}}}"' for i in range(1, 60)]
    result = evaluated(tmp_path, {"main.tf": "locals {\n" + "\n".join(lines) + "\n}\n" + X % "length(local.a59)"})
    assert isinstance(value(result), Unknown)


def test_collections_that_double(tmp_path: Path) -> None:
    lines = ["  a0 = [1, 2]"] + [f"  a{i} = concat(local.a{i - 1}, local.a{i - 1})" for i in range(1, 60)]
    result = evaluated(tmp_path, {"main.tf": "locals {\n" + "\n".join(lines) + "\n}\n" + X % "length(local.a59)"})
    assert isinstance(value(result), Unknown)


def test_values_that_share_themselves(tmp_path: Path) -> None:
    lines = ["  a0 = [1]"] + [f"  a{i} = [local.a{i - 1}, local.a{i - 1}]" for i in range(1, 60)]
    started = time.monotonic()
    result = evaluated(tmp_path, {"main.tf": "locals {\n" + "\n".join(lines) + "\n}\n" + X % "local.a59"})
    assert "a value too large" in str(value(result))
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("path", ["../../../../etc/passwd", "/etc/passwd", "~/.ssh/id_rsa", "${path.root}/../x"])
def test_files_outside_the_tree(path: str, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("secret", "utf-8")
    result = evaluated(tmp_path / "tree", {"main.tf": X % f'file("{path}")'})
    assert "outside the scanned tree" in reason(value(result))


def test_a_link_out_of_the_tree(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret", "utf-8")
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "link").symlink_to(tmp_path / "secret")
    result = evaluated(tmp_path / "tree", {"main.tf": X % 'file("link")'})
    assert isinstance(value(result), Unknown)


def test_a_template_that_renders_itself(tmp_path: Path) -> None:
    files = {"main.tf": X % 'templatefile("t.tpl", {})', "t.tpl": '${templatefile("t.tpl", {})}'}
    assert "nested too deeply" in reason(value(evaluated(tmp_path, files)))


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*$", "(.*)(.*)(.*)(.*)(.*)x", "((a{0,100}){0,100}){0,100}$"])
def test_a_regular_expression_that_backtracks(pattern: str, tmp_path: Path) -> None:
    started = time.monotonic()
    result = evaluated(tmp_path, {"main.tf": X % f'can(regex("{pattern}", "{"a" * 5000}!"))'})
    found = value(result)
    assert isinstance(found, bool | Unknown)
    assert time.monotonic() - started < 20


def test_a_local_module_outside_the_tree(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "main.tf").write_text('resource "terraform_data" "x" {}\n', "utf-8")
    result = evaluated(tmp_path / "tree", {"main.tf": 'module "m" {\n  source = "../outside"\n}\n'})
    assert result.instances == ()
    assert ["not in the scanned tree" in g.reason for g in result.gaps] == [True]


def test_a_chain_of_locals(tmp_path: Path) -> None:
    lines = ["  a0 = 1"] + [f"  a{i} = local.a{i - 1} + 1" for i in range(1, 3_000)]
    found = value(evaluated(tmp_path, {"main.tf": "locals {\n" + "\n".join(lines) + "\n}\n" + X % "local.a2999"}))
    assert found == 3_000 or isinstance(found, Unknown)


def test_a_chain_of_modules(tmp_path: Path) -> None:
    files = {f"m{i}/main.tf": f'module "m" {{\n  source = "../m{i + 1}"\n}}\nresource "terraform_data" "x" {{}}\n' for i in range(40)}
    files["m40/main.tf"] = 'resource "terraform_data" "x" {}\n'
    result = evaluated(tmp_path, {**files, "main.tf": 'module "m" {\n  source = "./m0"\n}\n'})
    assert sum("nested deeper than" in g.reason for g in result.gaps) == 1
    assert len(result.instances) == 20


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_bytes(b"\x00\xff\xfe resource")
    result = evaluated(tmp_path, {"other.tf": 'resource "terraform_data" "x" {}\n'})
    assert [g.file for g in result.gaps] == ["main.tf"]
    assert len(result.instances) == 1


def test_an_empty_tree(tmp_path: Path) -> None:
    result = evaluated(tmp_path, {"README.md": "nothing"})
    assert (result.instances, result.gaps, result.roots) == ((), (), ())


def test_modules_that_only_call_each_other_are_not_lost(tmp_path: Path) -> None:
    files = {
        "a/main.tf": 'module "b" {\n  source = "../b"\n}\nresource "google_redis_instance" "r" {}\n',
        "b/main.tf": 'module "a" {\n  source = "../a"\n}\n',
    }
    result = evaluated(tmp_path, files)
    assert [(g.file, "no root module" in g.reason) for g in result.gaps] == [("a/main.tf", True), ("b/main.tf", True)]

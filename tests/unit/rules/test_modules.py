"""The index of module adapters."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.rules import RuleSetError, load_rules
from gonogo.rules.modules import Adapter, ModuleEntry, address_of, allowed_versions, check_module_index, load_module_index
from gonogo.rules.versions import parse_constraint


@pytest.mark.parametrize(
    ("source", "address", "reference"),
    [
        ("terraform-google-modules/sql-db/google//modules/mysql", "terraform-google-modules/sql-db/google//modules/mysql", ""),
        ("registry.terraform.io/a/b/google", "a/b/google", ""),
        (
            "git::https://github.com/terraform-google-modules/terraform-google-sql-db.git//modules/mysql?ref=v26.0.0",
            "terraform-google-modules/sql-db/google//modules/mysql",
            "v26.0.0",
        ),
        ("github.com/o/terraform-google-x/modules/y?depth=1&ref=main", "o/x/google//modules/y", "main"),
        ("git@github.com:o/fabric.git//modules/project", "github.com/o/fabric//modules/project", ""),
        ("git::ssh://git@github.com/o/fabric.git?ref=v1", "github.com/o/fabric", "v1"),
    ],
)
def test_a_source_names_a_module_however_it_is_written(source: str, address: str, reference: str) -> None:
    assert address_of(source) == (address, reference)


@pytest.mark.parametrize(
    ("source", "version", "allowed"),
    [("a/b/google", "~> 2.0", "~> 2.0"), ("git::x//y?ref=v2.1.0", "", "= 2.1.0"), ("git::x//y?ref=main", "", ""), ("a/b/google", "", "")],
)
def test_the_versions_of_a_call(source: str, version: str, allowed: str) -> None:
    assert allowed_versions(source, version) == parse_constraint(allowed)


def entry(*ranges: str) -> ModuleEntry:
    return ModuleEntry(("a/b/google",), (), tuple(Adapter((Path(r),), parse_constraint(r)) for r in ranges))


@pytest.mark.parametrize(
    ("constraint", "chosen", "known"),
    [
        ("~> 20.0", ">= 10, < 21", True),
        (">= 15, < 23", ">= 21, < 29", True),
        ("28.4.0", ">= 21, < 29", True),
        (">= 20", ">= 21, < 29", False),
        ("", ">= 21, < 29", False),
        ("~> 29.0", ">= 21, < 29", False),
        ("~> 9.0", ">= 10, < 21", False),
    ],
)
def test_the_newest_version_that_is_allowed_counts(constraint: str, chosen: str, known: bool) -> None:
    found = entry(">= 10, < 21", ">= 21, < 29").adapter(parse_constraint(constraint))
    assert found is not None
    assert (str(found[0].files[0]), found[1]) == (chosen, known)


def test_the_users_modules_come_before_ours(tmp_path: Path) -> None:
    directory = tmp_path / "modules"
    directory.mkdir()
    (directory / "x.hcl").write_text('resource "google_redis_instance" "x" {}\n', "utf-8")
    (directory / "index.yaml").write_text(
        'modules:\n  - source: Acme/*/google\n    adapters: {">= 1, < 2": x.hcl}\n    kinds: []\n  - {source: a/b/google, kinds: [run.googleapis.com/*]}\n', "utf-8"
    )
    index = load_module_index([tmp_path])
    found = index.find("acme/cache/google")
    assert found is not None
    assert found.adapters[0].files == (directory / "x.hcl",)
    ours = index.find("terraform-google-modules/sql-db/google//modules/mysql")
    assert ours is not None
    assert ours.adapters


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("modules:\n  - {source: a, kinds: [x/y], adapter: x.hcl}\n", ":2:31: unknown key 'adapter'; did you mean 'adapters'?"),
        ("modules:\n  - {source: a}\n", "'kinds' is a required property"),
        ("modules:\n  - {source: a, kinds: [], family: no.hcl}\n", ":2: no.hcl is not beside it"),
        ('modules:\n  - {source: a, kinds: [], adapters: {"new": index.hcl}}\n', ":2: `new` is no version constraint"),
        ('modules:\n  - {source: a, kinds: [], adapters: {">= 3, < 2": index.hcl}}\n', ":2: no version is in `>= 3, < 2`"),
        ("modules:\n  - {source: a, kinds: [], family: ../x.hcl}\n", "family: one path below the index that ends in .hcl, or several"),
        ("modules: {\n", "index.yaml:"),
        ("", "an index of modules has `modules`"),
    ],
)
def test_what_is_wrong_with_an_index_is_said(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "index.hcl").write_text("", "utf-8")
    (tmp_path / "modules" / "index.yaml").write_text(text, "utf-8")
    errors = check_module_index(tmp_path)
    assert len(errors) >= 1
    assert complaint in "\n".join(errors)
    with pytest.raises(RuleSetError, match="index.yaml"):
        load_rules([tmp_path])


def test_an_index_that_is_missing_is_said(tmp_path: Path) -> None:
    (tmp_path / "modules").mkdir()
    with pytest.raises(RuleSetError, match="cannot be read"):
        load_module_index([tmp_path])

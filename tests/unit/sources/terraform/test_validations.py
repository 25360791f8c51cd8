from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.model.value import Unknown
from gonogo.sources.terraform.result import Validation
from gonogo.sources.terraform.validations import HIDDEN
from unit.sources.terraform.trees import evaluated

BACKEND = 'terraform {\n  backend "gcs" {}\n}\n'


def only(tmp_path: Path, **files: str) -> Validation:
    [found] = evaluated(tmp_path, {name.replace("__", "."): text for name, text in files.items()}).validations
    return found


def variable(condition: str, *, written: str = "", message: str = '"no"') -> str:
    return f'variable "x" {{\n  {written}\n  validation {{\n    condition     = {condition}\n    error_message = {message}\n  }}\n}}\n'


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("var.x > 3", True),
        ("var.x > 30", False),
        ('contains(["7"], tostring(var.x))', True),
        ('can(regex("^[a-z]+$", var.x))', False),
        ("var.x == 7 && local.seven == 7", True),
        ('"true"', True),
    ],
)
def test_the_condition_is_asked_about_the_value_that_is_given(tmp_path: Path, condition: str, holds: bool) -> None:
    found = only(tmp_path, main__tf=variable(condition) + "locals {\n  seven = 7\n}\n", terraform__tfvars="x = 7\n")
    assert (found.holds, found.given, str(found.value)) == (holds, True, "terraform.tfvars:1")


def test_the_message_may_quote_the_value(tmp_path: Path) -> None:
    found = only(tmp_path, main__tf=variable("var.x > 3", message='"${var.x} is too little"'), terraform__tfvars="x = 1\n")
    assert found.message == "1 is too little"


@pytest.mark.parametrize("sensitive", ["sensitive = true", "ephemeral = true"])
def test_the_message_shows_nothing_sensitive(tmp_path: Path, sensitive: str) -> None:
    text = variable("length(var.x) > 30", written=sensitive, message='"${var.x} is too short"')
    found = only(tmp_path, main__tf=text, terraform__tfvars='x = "hunter2"\n')
    assert (found.holds, found.message) == (False, HIDDEN)


def test_a_value_that_nobody_gave_is_not_judged(tmp_path: Path) -> None:
    assert only(tmp_path, main__tf=BACKEND + variable("var.x > 3")).given is False


def test_a_default_that_fails_asks_for_a_value(tmp_path: Path) -> None:
    assert only(tmp_path, main__tf=BACKEND + variable("var.x != null", written="default = null")).given is False


def test_the_default_of_a_library_is_nobodys_value(tmp_path: Path) -> None:
    assert only(tmp_path, main__tf=variable("var.x == 1", written="default = 1")).given is False


def test_what_cannot_be_evaluated_is_unknown(tmp_path: Path) -> None:
    found = only(tmp_path, main__tf=BACKEND + 'data "a_b" "c" {}\n' + variable("var.x == data.a_b.c.d"), terraform__tfvars="x = 1\n")
    assert isinstance(found.holds, Unknown) and "data source data.a_b.c" in found.holds.reasons[0]


def test_each_instance_of_a_module_is_asked_with_the_way_of_its_value(tmp_path: Path) -> None:
    files = {
        "main.tf": 'module "m" {\n  source   = "./m"\n  for_each = local.all\n  x        = each.value\n}\nlocals {\n  all = { a = 1, b = 5 }\n}\n',
        "m/main.tf": variable("var.x > 3"),
    }
    found = evaluated(tmp_path, files).validations
    assert [(v.address, v.holds, str(v.value)) for v in found] == [
        ('module.m["a"].var.x', False, "main.tf:4"),
        ('module.m["b"].var.x', True, "main.tf:4"),
    ]

"""facts --terraform-values."""

from __future__ import annotations

import json
from pathlib import Path

from running import run


def test_facts_show_what_terraform_evaluates_to(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        'variable "open" {}\nvariable "db_password" { default = "hunter2" }\n'
        'locals {\n  size = 1 + 1\n  by = { a = var.open }\n}\noutput "o" { value = local.size }\n'
    )
    ran = run("facts", tmp_path, "--terraform-values")
    assert ran.code == 0 and "hunter2" not in ran.out
    shown = json.loads(ran.out)
    (root,) = shown["roots"]
    assert shown["gaps"] == [] and root["directory"] == "." and root["outputs"] == {"o": 2}
    assert root["locals"] == {"size": 2, "by": {"a": {"unknown": ['variable "open" has no default and no value (main.tf:1)']}}}
    assert run("facts", tmp_path, "--terraform-values", "--kind", "x/Y").code == 2

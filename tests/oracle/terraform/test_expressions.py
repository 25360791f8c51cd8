"""Expressions against the real `terraform console`.

`expressions.json` holds what Terraform 1.11 answers: `jsonencode({v = <expression>})`, or `error`. It is compared with our
evaluator always, and with Terraform itself where that is installed. `REGENERATE=1` rewrites it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from gonogo.sources.terraform.expressions import Budget, Evaluator, NoNames
from gonogo.sources.terraform.functions.encoding import json_text
from gonogo.sources.terraform.functions.files import Files
from gonogo.sources.terraform.syntax import parser, read_source, read_template
from gonogo.sources.terraform.values import TfError, deep_unknown
from gonogo.sources.tree import open_tree

GOLDEN = Path(__file__).parent / "expressions.json"
ERROR = "error"
UNKNOWN_SHARE = 0.02

# Where we answer otherwise, and why that is right or does not matter.
DIFFERENT = {
    "1 / 3 * 3 == 1": "we compute in 154 decimal digits, Terraform in 512 binary ones",
    "1/3": "the last of 154 digits",
    "sum([1.1, 2.2])": "Terraform shows the rounding of its binary fractions",
    'tonumber("-0")': "no negative zero",
    "can(1 / 0)": "infinity is refused",
    'try(1 / 0, "x")': "infinity is refused",
    'templatestring("a", {})': "Terraform wants a reference as the template, so that nobody writes this",
    "jsonencode([1.5, \"é\", null, true, 1e0])": "tree-sitter-hcl does not know `1e0`: a gap",
    'format("%v", 1e10 == 1)': "tree-sitter-hcl does not know `1e10`: a gap",
    "tolist([{ a = 1 }, null])": "null has no type for us",
    'element(["a","b","c"], -1)': "Terraform after 1.11 counts from the end",
    'element(["a","b","c"], -4)': "Terraform after 1.11 counts from the end",
    'lower("İ")': "Go's lower case of one letter of Turkish",
}


def _golden() -> dict[str, str]:
    found: dict[str, str] = json.loads(GOLDEN.read_text("utf-8"))
    return found


def _ours(expression: str, root: Path) -> str:
    reader = parser()
    source = read_source("x.tf", f"x = {expression}\n", reader)
    if source.broken:
        return ERROR
    files = Files(open_tree(root), "", lambda text: read_template(text, reader))
    try:
        value = Evaluator(NoNames(), Budget(), files).evaluate(source.body.attributes[0].value, {})
    except TfError:
        return ERROR
    return "unknown" if deep_unknown(value) else json_text({"v": value})


def test_expressions_have_the_values_that_terraform_gives_them(tmp_path: Path) -> None:
    golden = _golden()
    wrong: dict[str, tuple[str, str]] = {}
    unknown: list[str] = []
    for expression, expected in golden.items():
        found = _ours(expression, tmp_path)
        if found == "unknown" and expected != ERROR:
            unknown.append(expression)
        elif found != expected and expression not in DIFFERENT and found != "unknown":
            wrong[expression] = (expected, found)
    assert wrong == {}
    assert len(unknown) <= UNKNOWN_SHARE * len(golden), unknown


def test_known_differences_are_still_different(tmp_path: Path) -> None:
    golden = _golden()
    assert [e for e in DIFFERENT if _ours(e, tmp_path) == golden[e]] == []


def _console(expressions: list[str], directory: Path) -> list[str]:
    """One console for all: a failing expression fails its `try` only."""
    line = "jsonencode([" + ",".join(f'try(jsonencode({{v={e}}}), "{ERROR}")' for e in expressions) + "])\n"
    environment = {"PATH": os.environ["PATH"], "HOME": str(directory), "CHECKPOINT_DISABLE": "1"}
    done = subprocess.run(
        ["terraform", "console"], input=line, capture_output=True, text=True, cwd=directory, env=environment, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    answers: list[str] = json.loads(json.loads(done.stdout.strip().splitlines()[-1]))
    return answers


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed: the committed answers are used")
def test_the_committed_answers_are_terraforms(tmp_path: Path) -> None:
    golden = _golden()
    expressions = list(golden)
    answers = dict(zip(expressions, _console(expressions, tmp_path), strict=True))
    if os.environ.get("REGENERATE"):
        GOLDEN.write_text(json.dumps(answers, ensure_ascii=False, indent=1) + "\n", "utf-8")
    assert answers == golden

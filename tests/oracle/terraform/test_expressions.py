"""Expressions against the real `terraform console`.

`expressions.json` holds expressions picked by hand and `generated.json` what `grammar` draws for `SEED`, each with what Terraform
1.11 answers: `jsonencode({v = <expression>})`, or `error`, or `unknown`. They are compared with our evaluator always, and with
Terraform itself where that is installed. `REGENERATE=1` rewrites them.

`differences.json` lists, by reason, where we answer otherwise.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from gonogo.sources.terraform.expressions import Budget, Env, Evaluator, NoNames
from gonogo.sources.terraform.functions.encoding import json_text
from gonogo.sources.terraform.functions.files import Files
from gonogo.sources.terraform.syntax import parser, read_source, read_template
from gonogo.sources.terraform.values import TfError, deep_unknown
from gonogo.sources.tree import open_tree
from oracle.terraform import console
from oracle.terraform.console import ERROR, UNKNOWN
from oracle.terraform.grammar import SCOPE, draw

HERE = Path(__file__).parent
PICKED, GENERATED = HERE / "expressions.json", HERE / "generated.json"
SEED, COUNT = 20_250, 3_000
UNKNOWN_SHARE = 0.02


def _read(path: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads(path.read_text("utf-8"))
    return found


def _differences() -> frozenset[str]:
    found: Mapping[str, list[str]] = json.loads((HERE / "differences.json").read_text("utf-8"))
    return frozenset(e for expressions in found.values() for e in expressions)


class _Ours:
    """Our evaluator with the locals of the grammar."""

    def __init__(self, root: Path) -> None:
        self._parser = parser()
        self._files = Files(open_tree(root), "", lambda text: read_template(text, self._parser))
        evaluator = Evaluator(NoNames(), Budget(), self._files)
        scope = read_source("scope.tf", SCOPE, self._parser).body.attributes
        self._env: Env = {"local": {a.name: evaluator.evaluate(a.value, {}) for a in scope}}

    def answer(self, expression: str) -> str:
        source = read_source("x.tf", f"x = {expression}\n", self._parser)
        if source.broken:
            return ERROR
        try:
            value = Evaluator(NoNames(), Budget(), self._files).evaluate(source.body.attributes[0].value, self._env)
            return UNKNOWN if deep_unknown(value) else json_text({"v": value})
        except TfError:
            return ERROR


def _same(ours: str, terraforms: str) -> bool:
    """Equal but for the rounding of binary fractions (Terraform computes in 512 bits, we in 154 decimal digits), and for the
    sign of zero, which we have none of."""
    return ours == terraforms or _rounded(ours) == _rounded(terraforms)


def _rounded(answer: str) -> str:
    answer = re.sub(r"\d+\.\d{16,}", lambda m: format(Decimal(format(float(m[0]), ".14g")), "f"), answer)
    return re.sub(r"(?<![\w.])-0(?![\d.])", "0", answer)


@pytest.mark.parametrize("golden", [PICKED, GENERATED], ids=["picked", "generated"])
def test_expressions_have_the_values_that_terraform_gives_them(golden: Path, tmp_path: Path) -> None:
    answers, differences, ours = _read(golden), _differences(), _Ours(tmp_path)
    wrong: dict[str, tuple[str, str]] = {}
    unknown: list[str] = []
    for expression, expected in answers.items():
        found = ours.answer(expression)
        if found == UNKNOWN and expected not in (ERROR, UNKNOWN):
            unknown.append(expression)
        elif found != UNKNOWN and not _same(found, expected) and expression not in differences:
            wrong[expression] = (expected, found)
    assert wrong == {}
    assert len(unknown) <= UNKNOWN_SHARE * len(answers), unknown


def test_known_differences_are_still_different(tmp_path: Path) -> None:
    golden, ours = {**_read(PICKED), **_read(GENERATED)}, _Ours(tmp_path)
    assert sorted(e for e in _differences() if e not in golden or ours.answer(e) == golden[e]) == []


def test_the_expressions_are_what_the_grammar_draws() -> None:
    assert list(_read(GENERATED)) == draw(SEED, COUNT)


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed: the committed answers are used")
@pytest.mark.parametrize("golden", [PICKED, GENERATED], ids=["picked", "generated"])
def test_the_committed_answers_are_terraforms(golden: Path, tmp_path: Path) -> None:
    expressions = draw(SEED, COUNT) if golden == GENERATED and os.environ.get("REGENERATE") else list(_read(golden))
    answers = console.answers(expressions, SCOPE, tmp_path)
    if os.environ.get("REGENERATE"):
        golden.write_text(json.dumps(answers, ensure_ascii=False, indent=0) + "\n", "utf-8")
    assert answers == _read(golden)

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gonogo.cli.main import main
from gonogo.questions import questions
from gonogo.request import ScanRequest
from gonogo.rules import load_rules

PACK = """
controls:
  - {id: motto, title: There is a motto, severity: low, fold: any, domain: repository, parameters: {minimum: {type: double, unit: percent}}}
rules:
  - id: motto-is-there
    control: motto
    title: There is a motto
    why: A motto is good.
    subject: compose/Project
    parameters: {minimum: double}
    assert: params.minimum == null || params.minimum < 90.0
    fix: Write one.
    references: [https://example.com]
"""


@pytest.fixture
def asked(tmp_path: Path) -> Callable[[str], dict[str, Any]]:
    rules, root = tmp_path / "rules", tmp_path / "repository"
    rules.mkdir()
    (rules / "motto.yaml").write_text("pack: mine\n" + PACK.lstrip("\n").partition("rules:")[2].join(["rules:", ""]), "utf-8")
    (rules / "catalogue.yaml").write_text(PACK.partition("rules:")[0], "utf-8")
    root.mkdir()
    (root / "compose.yaml").write_text("services: {web: {build: .}}\n", "utf-8")

    def scan(item: str) -> dict[str, Any]:
        given = ["--rules", str(rules), "-o", "json", "--exit-zero"]
        if item:
            (tmp_path / "list.md").write_text(f"- [x] {item}\n", "utf-8")
            given += ["--checklist", str(tmp_path / "list.md")]
        out, err = io.StringIO(), io.StringIO()
        assert main(["scan", str(root), *given], out, err) == 0, err.getvalue()
        document: dict[str, Any] = json.loads(out.getvalue())
        motto: dict[str, Any] = next(control for control in document["controls"] if control["id"] == "motto")
        return motto | {"items": document["items"]}

    return scan


def test_without_a_checklist_only_infrastructure_is_asked(asked: Callable[[str], dict[str, Any]]) -> None:
    found = asked("")
    assert (found["verdict"], found["asked"]) == ("unknown", False)
    assert found["reasons"] == ["no item of a checklist asks for it, so that it was not looked at"]


def test_what_an_item_binds_to_is_asked(asked: Callable[[str], dict[str, Any]]) -> None:
    found = asked("A motto <!-- gonogo: motto -->")
    assert (found["verdict"], "asked" in found) == ("satisfied", False)


@pytest.mark.parametrize(("minimum", "verdict"), [("80", "satisfied"), ("88.1", "satisfied"), ("90", "violated")])
def test_a_figure_with_a_fraction_is_compared(asked: Callable[[str], dict[str, Any]], minimum: str, verdict: str) -> None:
    [item] = asked(f"A motto <!-- gonogo: motto minimum={minimum} -->")["items"]
    assert item["verdict"] == verdict


def test_sources_are_asked_by_the_beginning_of_their_kinds(tmp_path: Path) -> None:
    found = questions(ScanRequest(tmp_path, lambda: datetime(2026, 1, 1, tzinfo=UTC)), load_rules(()))
    assert found.asks("docker/") and not found.asks("nothing/")
    assert not found.bound

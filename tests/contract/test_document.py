"""The assessment document and what derives from it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gonogo.data import data_directory
from gonogo.rules import check_rules
from running import run, scan

ROOT = Path(__file__).parents[2]
CHECKLIST = ROOT / "fixtures" / "checklists" / "mentoring.ko.md"


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's fixture as a repository of its own."""
    path = tmp_path_factory.mktemp("demo") / "mentoring"
    shutil.copytree(ROOT / "fixtures" / "repos" / "mentoring", path)
    subprocess.run(["git", "-C", str(path), "init", "-q"], check=True)
    subprocess.run(["git", "-C", str(path), "add", "--all"], check=True)
    return path


def schema(name: str) -> Any:
    return json.loads((data_directory("schemas") / name).read_text("utf-8"))


@pytest.mark.parametrize("path", sorted((ROOT / "schemas").glob("*.json")), ids=lambda p: p.name)
def test_schemas_are_json_schemas(path: Path) -> None:
    Draft202012Validator.check_schema(json.loads(path.read_text("utf-8")))


@pytest.mark.parametrize("arguments", [(), ("--checklist", str(CHECKLIST))], ids=["catalogue", "checklist"])
def test_the_assessment_is_valid_and_names_every_control(repository: Path, arguments: tuple[str, ...]) -> None:
    document = scan(repository, *arguments).document
    errors = [f"{list(e.absolute_path)}: {e.message}" for e in Draft202012Validator(schema("assessment.v1.json")).iter_errors(document)]
    assert errors == []
    catalogue = [c.id for c in check_rules(()).controls]
    assert [c["id"] for c in document["controls"]] == catalogue
    known = {f["fingerprint"] for f in document["findings"]}
    assert {f for c in document["controls"] for f in c["findings"]} <= known
    assert {f for i in document["items"] for f in i["findings"]} <= known


def test_every_finding_that_decides_has_a_place_that_exists(repository: Path) -> None:
    document = scan(repository, "--checklist", CHECKLIST).document
    for finding in document["findings"]:
        assert finding["evidence"], finding["rule"]
        for evidence in finding["evidence"]:
            lines = (repository / evidence["file"]).read_text("utf-8").splitlines()
            assert 0 <= evidence["line"] <= len(lines), evidence


def test_two_runs_differ_in_their_timestamps_only(repository: Path) -> None:
    first, second = (scan(repository, "--checklist", CHECKLIST).out for _ in range(2))

    def timeless(text: str) -> list[str]:
        return [line for line in text.splitlines() if not line.startswith(('  "started":', '  "finished":'))]

    assert timeless(first) == timeless(second)


def test_the_format_never_changes_the_exit_code(repository: Path, tmp_path: Path) -> None:
    codes = {run("scan", repository, "-o", form).code for form in ("text", "concise", "json", f"json={tmp_path}/a.json")}
    assert codes == {1}
    assert run("scan", repository, "--exit-zero").code == 0


def test_the_shipped_packs_pass_their_own_check() -> None:
    rules = check_rules(())
    assert len(rules.rules) > 100
    assert run("rules", "check").code == 0

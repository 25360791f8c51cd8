"""The main job, end to end: two checklists over a repository of which the truth is known, item by item."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from gonogo.cli.exit_codes import ExitCode
from gonogo.cli.main import main
from gonogo.formats.yaml_reader import read_yaml

ROOT = Path(__file__).resolve().parents[2]
REPOSITORY = ROOT / "fixtures" / "repos" / "mentoring"
CHECKLISTS = ROOT / "fixtures" / "checklists"
SEED = ROOT.parent / "shared" / "seed" / "checklist.ko.md"

# Several controls are all asked for: the worst verdict is the item's.
WORST_FIRST = ("violated", "unknown", "absent", "satisfied")


@cache
def truth() -> Any:
    text = (REPOSITORY.parent / "mentoring.truth.yaml").read_text("utf-8")
    return read_yaml("mentoring.truth.yaml", text).documents[0].value


@cache
def scan(checklist: Path | None) -> Any:
    """The assessment of the repository; it is over-claimed, so it is a NO-GO whatever the checklist.

    It is scanned as a copy: inside our own work tree its workflows would not lie where GitHub runs them, and gonogo knows.
    """
    out, err = io.StringIO(), io.StringIO()
    chosen = ["-c", str(checklist)] if checklist is not None else []
    with TemporaryDirectory() as directory:
        copy = Path(directory) / "mentoring"
        shutil.copytree(REPOSITORY, copy)
        code = main(["scan", str(copy), *chosen, "-o", "json"], out, err)
    assert (code, err.getvalue()) == (ExitCode.NO_GO, "")
    return json.loads(out.getvalue())


def expected(control: str, parameters: Mapping[str, object]) -> tuple[str, set[str]]:
    """The verdict of a control under what an item states, and the places of which one must prove it."""
    for row in truth()["stated"]:
        if row["control"] == control and all(parameters.get(name) == value for name, value in row["parameters"].items()):
            return row["verdict"], set(row["evidence"])
    row = truth()["controls"].get(control) or truth()["asked"].get(control, {"verdict": "absent", "evidence": []})
    return row["verdict"], set(row["evidence"])


def places(document: Any, fingerprints: list[str]) -> dict[str, set[str]]:
    """Where the findings of each control point; a file without a line is a place, too."""
    found: dict[str, set[str]] = {}
    for finding in document["findings"]:
        if finding["fingerprint"] in fingerprints:
            for evidence in finding["evidence"]:
                found.setdefault(finding["control"], set()).update({f"{evidence['file']}:{evidence['line']}", evidence["file"]})
    return found


def unproven(document: Any, fingerprints: list[str], control: str, parameters: Mapping[str, object]) -> set[str]:
    """The places of which one should be in the evidence and none is."""
    _, allowed = expected(control, parameters)
    return allowed if allowed and not allowed & places(document, fingerprints).get(control, set()) else set()


@pytest.mark.parametrize("control", sorted(truth()["controls"]))
def test_each_control_of_the_repository(control: str) -> None:
    document = scan(None)
    row = next(c for c in document["controls"] if c["id"] == control)
    assert row["verdict"] == expected(control, {})[0], row["reasons"]
    assert unproven(document, row["findings"], control, {}) == set()


def test_every_control_of_the_catalogue_has_its_truth() -> None:
    assert {c["id"] for c in scan(None)["controls"] if c.get("asked", True)} == set(truth()["controls"])


def rows(name: str) -> list[Any]:
    return [pytest.param(name, row, id=f"{name}:{row['line']}") for row in truth()["checklists"][name] if "line" in row]


@pytest.mark.parametrize(("name", "row"), [*rows("mentoring.ko.md"), *rows("launch.en.md")])
def test_each_infrastructure_item(name: str, row: Any) -> None:
    document = scan(CHECKLISTS / name)
    item = next(i for i in document["items"] if i["line"] == row["line"])
    assert (item["controls"], item["verdict"], item["agreement"]) == (row["controls"], row["verdict"], row["agreement"]), item["reasons"]
    for control in item["controls"]:
        assert unproven(document, item["findings"], control, item["parameters"]) == set()


@pytest.mark.parametrize("name", ["mentoring.ko.md", "launch.en.md"])
def test_the_rest_is_said_to_be_manual_or_unmapped(name: str) -> None:
    found = scan(CHECKLISTS / name)["items"]
    for row in truth()["checklists"][name]:
        if "lines" in row:
            assert [i["line"] for i in found if i["verdict"] == row["verdict"]] == row["lines"]
    assert len(found) == sum(len(row.get("lines", [0])) for row in truth()["checklists"][name])


@pytest.mark.parametrize("name", ["mentoring.ko.md", "launch.en.md"])
def test_the_fixture_holds_every_kind_of_claim(name: str) -> None:
    kinds = {row["agreement"] for row in truth()["checklists"][name] if "agreement" in row}
    assert kinds == {"confirmed", "refuted", "unsupported", "unchecked", "unclaimed", "open"}


@pytest.mark.skipif(not SEED.exists(), reason="the seed checklist is not part of the project")
def test_the_seed_checklist_over_the_same_repository() -> None:
    document = scan(SEED)
    assert len(document["items"]) == 188
    wrong = []
    for item in document["items"]:
        if item["controls"]:
            verdicts = [expected(control, item["parameters"])[0] for control in item["controls"]]
            if item["verdict"] != min(verdicts, key=WORST_FIRST.index):
                wrong.append((item["line"], item["controls"], item["verdict"], item["reasons"]))
        elif item["verdict"] not in ("manual", "unmapped"):
            wrong.append((item["line"], [], item["verdict"], item["reasons"]))
    assert wrong == []

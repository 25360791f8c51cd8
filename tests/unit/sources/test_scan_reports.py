"""Reports of other scanners: what they are evidence for, how old, how whole, how bad."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from git_repository import repository
from gonogo.data import data_directory
from gonogo.formats.yaml_reader import read_yaml
from gonogo.model.resource import Resource
from gonogo.model.value import Unknown
from gonogo.rules import load_rules
from gonogo.sources.scan_reports import ReportError, age, load_imports, read_scans

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
WEEK = timedelta(days=7)
ENDED = [{"executionSuccessful": True, "endTimeUtc": "2026-11-22T12:00:00Z"}]


def scans(path: Path, *runs: dict[str, Any], given: str = "") -> tuple[Resource, ...]:
    file = path / "report.sarif"
    file.write_text(json.dumps({"version": "2.1.0", "runs": list(runs)}))
    return read_scans(f"{given}{file}", path, NOW, WEEK, load_imports())


def run(*results: dict[str, Any], tool: str = "CodeQL", **more: Any) -> dict[str, Any]:
    rules = more.pop("rules", [])
    about = {"driver": {"name": tool, "semanticVersion": "2.19.0", "rules": rules}, "extensions": more.pop("extensions", [])}
    return {"tool": about, "results": list(results), "invocations": ENDED, **more}


def test_a_report_says_what_by_whom_and_when(tmp_path: Path) -> None:
    (found,) = scans(tmp_path, run({"level": "warning"}, {"level": "error"}, {}))
    assert (found.kind, found.name, str(found.locate())) == ("report/Scan", "report.sarif (CodeQL)", "report.sarif")
    assert found.attributes == {
        "control": "static-analysis", "tool": "CodeQL", "version": "2.19.0", "finished": "2026-11-22T12:00:00Z", "results": 3, "errors": 1,
    }  # fmt: skip


SEVERE = {"id": "R", "defaultConfiguration": {"level": "error"}}


@pytest.mark.parametrize(
    ("result", "errors"),
    [
        ({"ruleId": "R"}, 1),
        ({"ruleId": "R/case"}, 1),
        ({"ruleIndex": 0}, 1),
        ({"rule": {"index": 0}}, 1),
        ({"rule": {"id": "E"}}, 1),
        ({"rule": {"index": 0, "toolComponent": {"index": 0}}}, 1),
        ({"ruleId": "S"}, 1),
        ({"ruleId": "R", "level": "note"}, 0),
        ({"ruleId": "unheard of"}, 0),
        ({"ruleId": "R", "kind": "pass"}, 0),
        ({"ruleId": "R", "suppressions": [{"kind": "inSource"}]}, 0),
        ({"ruleId": "R", "suppressions": [{"kind": "external", "status": "rejected"}]}, 1),
        ({"ruleId": "R", "suppressions": []}, 1),
        ({"ruleId": "R", "baselineState": "absent"}, 0),
        ({"level": "warning", "properties": {"security-severity": "9.8"}}, 1),
        ({"level": "warning", "properties": {"security-severity": "high"}}, 0),
    ],
)
def test_what_is_of_level_error(result: dict[str, Any], errors: int, tmp_path: Path) -> None:
    rules = [SEVERE, {"id": "S", "properties": {"security-severity": "7.5"}}]
    (found,) = scans(tmp_path, run(result, rules=rules, extensions=[{"rules": [{**SEVERE, "id": "E"}]}]))
    assert found.attributes["errors"] == errors


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"invocations": [{"endTimeUtc": "2026-11-16T11:00:00Z"}]}, "older than 7 days"),
        ({"invocations": [*ENDED, {"startTimeUtc": "2026-01-01T00:00:00+02:00"}]}, "older than 7 days"),
        ({"invocations": [{"endTimeUtc": "2026-11-24T12:00:00Z"}]}, "has not been yet"),
        ({"invocations": [{**ENDED[0], "executionSuccessful": False}]}, "not whole: executionSuccessful is false"),
        ({"invocations": [{**ENDED[0], "toolExecutionNotifications": [{"level": "error", "message": {"text": "no layers"}}]}]}, "not whole: no layers"),
        ({"results": None}, "nothing was scanned"),
    ],
)
def test_what_is_stale_or_not_whole_shows_nothing(more: dict[str, Any], reason: str, tmp_path: Path) -> None:
    (found,) = scans(tmp_path, run(**more))
    errors = found.attributes["errors"]
    assert isinstance(errors, Unknown)
    assert reason in errors.reasons[0]


def test_what_is_not_whole_shows_the_errors_it_has_and_what_is_stale_does_not(tmp_path: Path) -> None:
    failed = [{**ENDED[0], "executionSuccessful": False}]
    stale = [{"endTimeUtc": "2026-01-01T00:00:00Z"}]
    part, old = scans(tmp_path, run({"level": "error"}, invocations=failed), run({"level": "error"}, invocations=stale))
    assert part.attributes["errors"] == 1
    assert isinstance(old.attributes["errors"], Unknown)


def test_a_report_without_a_time_is_dated_by_its_file_and_says_so(tmp_path: Path) -> None:
    scans(tmp_path, run(invocations=[]))
    os.utime(tmp_path / "report.sarif", (0, (NOW - timedelta(days=2)).timestamp()))
    (found,) = read_scans(str(tmp_path / "report.sarif"), tmp_path, NOW, WEEK, load_imports())
    assert (found.attributes["finished"], found.attributes["errors"]) == ("2026-11-21T12:00:00Z", 0)
    place = found.locate()
    assert place is not None
    assert "dated by the file" in place.note


def test_the_time_of_a_checkout_is_none(tmp_path: Path) -> None:
    scans(tmp_path, run(invocations=[]))
    repository(tmp_path).commit({})
    (found,) = read_scans(str(tmp_path / "report.sarif"), tmp_path, NOW, WEEK, load_imports())
    assert isinstance(found.attributes["errors"], Unknown)


@pytest.mark.parametrize(
    ("tool", "more", "given", "control"),
    [
        ("Trivy", {"properties": {"imageName": "app:1"}}, "", "ci-image-scan"),
        ("Semgrep OSS", {}, "", "static-analysis"),
        ("zap", {}, "", "dast"),
        ("In-house", {}, "dast=", "dast"),
        ("Trivy", {}, "ci-image-scan=", "ci-image-scan"),
    ],
)
def test_what_a_report_is_evidence_for(tool: str, more: dict[str, Any], given: str, control: str, tmp_path: Path) -> None:
    (found,) = scans(tmp_path, run(tool=tool, **more), given=given)
    assert found.attributes["control"] == control


@pytest.mark.parametrize(
    ("runs", "given", "said"),
    [
        ([run(tool="Trivy")], "", "say what this run of Trivy is evidence for: --import CONTROL=report.sarif"),
        ([run(tool="")], "", "a tool without a name"),
        ([run()], "dast=", "CodeQL is evidence for static-analysis, not for dast"),
        ([], "", "holds no run"),
    ],
)
def test_what_cannot_be_evidence_is_said(runs: list[dict[str, Any]], given: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=said):
        scans(tmp_path, *runs, given=given)


@pytest.mark.parametrize("run_", [{}, {"tool": 1, "results": [1, {"rule": []}], "invocations": {}}, {"tool": {"driver": {"rules": [1]}}, "results": [{"ruleIndex": 9}]}])
def test_nonsense_is_no_crash(run_: dict[str, Any], tmp_path: Path) -> None:
    assert len(scans(tmp_path, run_, given="dast=")) == 1


@pytest.mark.parametrize(("given", "hours"), [("36h", 36), ("7d", 168)])
def test_ages(given: str, hours: int) -> None:
    assert age(given) == timedelta(hours=hours)


@pytest.mark.parametrize("given", ["", "7", "0d", "1w", "-1d", "999999d"])
def test_what_is_no_age(given: str) -> None:
    with pytest.raises(ReportError, match="write hours or days"):
        age(given)


def test_the_table_is_as_its_schema_says_and_names_controls_that_have_a_rule() -> None:
    document = read_yaml("tools.yaml", (data_directory("rules") / "imports" / "tools.yaml").read_text()).documents[0].value
    schema = json.loads((data_directory("schemas") / "imports.v1.json").read_text())
    assert [e.message for e in Draft202012Validator(schema).iter_errors(document)] == []
    table = load_imports()
    assert {row["control"] for row in table.tools} <= set(table.controls)
    assert set(table.controls) == {rule.control for rule in load_rules(()).rules if "report/Scan" in rule.subjects}

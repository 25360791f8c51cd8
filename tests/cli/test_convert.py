"""`gonogo convert`: every format of a run without another scan, and the same exit code."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from git_repository import repository
from gonogo.cli.output import FORMATS
from gonogo.model.assessment import Decision
from loopback.seed import read_seed
from loopback.server import loopback
from reports import SAMPLE, rendered
from running import run, scan

ROOT = Path(__file__).parents[2]
CODES = {Decision.GO: 0, Decision.NO_GO: 1, Decision.INCOMPLETE: 3, Decision.NOTHING: 4}


@pytest.fixture
def result(tmp_path: Path) -> Path:
    """A run over a small tree: one medium control violated, nothing worse."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "Dockerfile").write_text("FROM python\nUSER 10001\n")
    (tmp_path / "list.md").write_text("- [x] Base images are pinned <!-- gonogo: dockerfile-pinned-base -->\n- [x] Non-root <!-- gonogo: dockerfile-nonroot -->\n")
    path = tmp_path / "result.json"
    run("scan", tmp_path / "app", "-c", tmp_path / "list.md", "-o", f"json={path}")
    return path


@pytest.mark.parametrize("name", [f for f in FORMATS if f not in ("json", "text")])
def test_a_converted_report_is_the_one_that_the_scan_writes(name: str, tmp_path: Path) -> None:
    scanned = run("scan", ROOT / "fixtures" / "repos" / "mentoring", "-o", name, "-o", f"json={tmp_path}/result.json")
    converted = run("convert", tmp_path / "result.json", "-o", name, "--root", ROOT / "fixtures" / "repos" / "mentoring")
    assert converted == scanned
    assert converted.code == 1 and converted.err == ""


def test_json_and_text_come_back_as_they_were(tmp_path: Path) -> None:
    app = ROOT / "fixtures" / "repos" / "mentoring"
    checklist = ROOT / "fixtures" / "checklists" / "mentoring.ko.md"
    scanned = run("scan", app, "-c", checklist, "-o", "text", "-o", f"json={tmp_path}/result.json", "-v")
    assert run("convert", tmp_path / "result.json", "-v") == scanned
    assert run("convert", tmp_path / "result.json", "-o", "json").out == (tmp_path / "result.json").read_text()


def test_the_gates_are_asked_again(result: Path) -> None:
    document = json.loads(result.read_text())
    assert (document["inputs"]["fail_on"], document["inputs"]["unknown"]) == ("low", "block")
    assert run("convert", result).code == 1
    stricter = run("convert", result, "--fail-on", "critical", "-o", "json")
    assert stricter.code == CODES[Decision(stricter.document["decision"])] == 0
    assert stricter.document["inputs"]["fail_on"] == "critical"
    assert run("convert", result, "--exit-zero").code == 0


@pytest.mark.parametrize("least", ["critical", "high", "medium", "low"])
@pytest.mark.parametrize("unknown", ["block", "warn"])
@pytest.mark.parametrize("listed", [True, False], ids=["checklist", "catalogue"])
def test_a_gate_decides_as_in_the_scan(least: str, unknown: str, listed: bool, tmp_path_factory: pytest.TempPathFactory) -> None:
    directory, result = tmp_path_factory.mktemp("gates"), tmp_path_factory.mktemp("results") / "result.json"
    (directory / "Dockerfile").write_text("FROM python\nUSER 10001\n")
    (directory / "list.md").write_text("- [x] Pinned <!-- gonogo: dockerfile-pinned-base -->\n- [ ] Ask somebody\n")
    checklist = ("-c", directory / "list.md") if listed else ()
    run("scan", directory, *checklist, "-o", f"json={result}")
    gates = ("--fail-on", least, "--unknown", unknown)
    asked, again = scan(directory, *checklist, *gates), run("convert", result, "-o", "json", *gates)
    assert (asked.code, asked.document["decision"], asked.document["inputs"]) == (again.code, again.document["decision"], again.document["inputs"])


@pytest.mark.parametrize("decision", list(Decision))
def test_the_exit_code_is_that_of_the_run_in_every_format(decision: Decision, tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_text(rendered("json", replace(SAMPLE, decision=decision)))
    assert {run("convert", path, "-o", name).code for name in FORMATS} == {CODES[decision]}


def test_several_reports_at_once(result: Path, tmp_path: Path) -> None:
    ran = run("convert", result, "-o", f"junit={tmp_path}/junit.xml", "-o", f"csv={tmp_path}/a.csv", "-o", "github")
    assert ran.out.startswith("::error ")
    assert (tmp_path / "junit.xml").read_text().startswith("<?xml")
    assert b"\r\n" in (tmp_path / "a.csv").read_bytes()


def test_stdin_is_read(result: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(result.read_bytes())))
    assert run("convert", "-", "-o", "concise").out.endswith("NO-GO\n")


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"{}", "no assessment of gonogo"), (b"\x1b[2J", "not JSON"), (b"[" * 99_999, "nested too deeply"), (b'{"schema": "gonogo.assessment/v1"}', "required property")],
)
def test_what_is_no_assessment_is_refused(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    ran = run("convert", path)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err and "\x1b" not in ran.err


def test_a_missing_file_and_a_report_that_cannot_be_written(result: Path, tmp_path: Path) -> None:
    assert run("convert", tmp_path / "none.json").err.startswith("gonogo: no such assessment")
    assert run("convert", result, "-o", f"junit={tmp_path}/no/such/junit.xml").code == 5


def test_what_is_baselined_decides_nothing_after_it_is_read_back(tmp_path: Path) -> None:
    app = tmp_path / "app"
    app.mkdir()
    (app / "Dockerfile").write_text('FROM python:latest\nCMD ["a"]\n')
    assert run("baseline", "create", app, "--reason", "from before, OPS-7", "--owner", "ada").code == 0
    result = tmp_path / "result.json"
    asked = run("scan", app, "--baseline", app / ".gonogo" / "baseline.json", "-o", f"json={result}", "-o", "text")
    again = run("convert", result, "--fail-on", "low", "--unknown", "block")
    assert again == asked
    assert "standing" in asked.out
    assert run("convert", result, "-o", "github").out.count("::error ") == 0
    assert 'type="standing"' in run("convert", result, "-o", "junit").out


def test_what_stood_before_a_change_decides_nothing_after_it_is_read_back(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo")
    repo.commit({"Dockerfile": 'FROM python:latest\nCMD ["a"]\n'})
    repo.git("checkout", "--quiet", "-b", "feature")
    repo.commit({"notes.md": "x\n"})
    result = tmp_path / "result.json"
    asked = run("scan", repo.path, "--diff", "main", "-o", f"json={result}", "-o", "text")
    assert asked.code != 1
    assert run("convert", result, "--fail-on", "low", "--unknown", "block") == asked


def test_an_audit_is_converted_with_what_only_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.md").write_text("- [x] Backups <!-- gonogo: cloudsql-backups -->\n- [x] HA <!-- gonogo: cloudsql-ha -->\n")
    shop = read_seed("shop").copy()
    shop.collections["sqladmin"]["projects/shop-prod/instances"][0]["settings"]["availabilityType"] = "ZONAL"
    with loopback(shop) as cloud:
        asked = run("audit", "--project", "shop-prod", "--endpoint", f"*={cloud.url}", "-c", "list.md", "--no-store", "-o", "json=result.json", "-v")
    assert run("convert", "result.json", "-v") == asked
    assert run("convert", "result.json", "-o", "json").out == Path("result.json").read_text()
    for name in FORMATS:
        assert "//cloudsql.googleapis.com/projects/shop-prod/instances/" in run("convert", "result.json", "-o", name).out, name

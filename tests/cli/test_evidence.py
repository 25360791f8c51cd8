"""`scan --evidence` and `[evidence]`: artefacts against what a checklist says."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from running import run, scan


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "shop"
    made.mkdir()
    (made / "list.md").write_text("- [x] E2E (2 tests) <!-- gonogo: e2e-tests-passed minimum=2 -->\n")
    return made


def report(path: Path, failed: int = 0, days: int = 0) -> Path:
    cases = "".join(f'<testcase name="t{n}">{"<failure/>" if n < failed else ""}</testcase>' for n in range(2))
    path.parent.mkdir(exist_ok=True)
    path.write_text(f'<testsuite timestamp="{(datetime.now(UTC) - timedelta(days=days)).isoformat()}">{cases}</testsuite>')
    return path


def verdict(root: Path, *arguments: str | Path) -> str:
    document = scan(root, "--checklist", root / "list.md", *arguments).document
    return str(next(item["verdict"] for item in document["items"]))


def test_a_report_is_given(root: Path, tmp_path: Path) -> None:
    assert verdict(root) == "absent"
    assert verdict(root, "--evidence", f"e2e={report(tmp_path / 'a.xml')}") == "satisfied"
    assert verdict(root, "--evidence", f"e2e={report(tmp_path / 'a.xml', failed=1)}") == "violated"
    assert verdict(root, "--evidence", f"e2e={report(tmp_path / 'a.xml', days=8)}") == "unknown"
    assert verdict(root, "--evidence", f"unit={report(tmp_path / 'a.xml')}") == "absent"


def test_the_worst_of_two_counts(root: Path, tmp_path: Path) -> None:
    good, bad = report(tmp_path / "a.xml"), report(tmp_path / "b.xml", failed=1)
    assert verdict(root, "--evidence", f"e2e={good}", "--evidence", f"e2e={bad}") == "violated"


def test_the_configuration_names_files_and_ages(root: Path) -> None:
    report(root / "out" / "a.xml", days=8)
    (root / "gonogo.toml").write_text('[[evidence.files]]\nkind = "e2e"\nglob = "out/*.xml"\n')
    assert verdict(root) == "unknown"
    with (root / "gonogo.toml").open("a") as file:
        file.write('[evidence.max_ages]\ne2e = "30d"\n')
    assert verdict(root) == "satisfied"


@pytest.mark.parametrize(
    ("thresholds", "checks", "verdicts"),
    [
        ({"p(95)<500": False}, {"passes": 9, "fails": 0}, ["satisfied", "satisfied", "satisfied"]),
        ({"p(95)<200": True}, {"passes": 9, "fails": 0}, ["violated", "unknown", "satisfied"]),
        ({"p(95)<500": False}, {"passes": 0, "fails": 9}, ["unknown", "unknown", "unknown"]),
    ],
)
def test_a_load_test_that_failed_by_its_own_words(tmp_path: Path, thresholds: dict[str, bool], checks: dict[str, int], verdicts: list[str]) -> None:
    metrics = {
        "http_reqs": {"count": 10000, "rate": 100},
        "http_req_failed": {"passes": 0, "fails": 10000, "value": 0},
        "http_req_duration": {"med": 100, "p(95)": 400, "thresholds": thresholds},
        "checks": checks,
    }
    (tmp_path / "k6-summary.json").write_text(json.dumps({"metrics": metrics}))
    (tmp_path / "gonogo.toml").write_text('[[evidence.files]]\nkind = "load"\npath = "k6-summary.json"\ntarget = "https://staging.example.com"\n')
    controls = ("load-test", "latency-p95", "latency-p95 below=2.0")
    (tmp_path / "list.md").write_text("".join(f"- [x] {number} <!-- gonogo: {control} -->\n" for number, control in enumerate(controls)))
    assert [item["verdict"] for item in scan(tmp_path, "--checklist", tmp_path / "list.md").document["items"]] == verdicts


def test_without_a_checklist_nothing_is_looked_for(root: Path) -> None:
    (root / "junit-e2e.xml").write_text("rubbish")
    assert scan(root).document["gaps"] == []


@pytest.mark.parametrize("given", ["e2e", "e3e=a.xml", "e2e=missing.xml"])
def test_a_wrong_option_is_said(root: Path, given: str) -> None:
    done = run("scan", str(root), "--evidence", given)
    assert (done.code, "evidence" in done.err) == (2, True)


def test_an_audit_without_code_has_nothing_that_evidence_is_about(tmp_path: Path) -> None:
    done = run("audit", "--project", "some-project", "--evidence", f"e2e={report(tmp_path / 'a.xml')}")
    assert (done.code, "give --repo, too" in done.err) == (2, True)


def test_a_wrong_setting_is_said(root: Path) -> None:
    (root / "gonogo.toml").write_text('[evidence]\nmax_age = "a week"\n')
    done = run("scan", str(root))
    assert "evidence.max_age: write hours or days" in done.err

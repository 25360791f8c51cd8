"""`scan --import`: another scanner's SARIF as evidence."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from git_repository import repository
from running import run, scan

GATING = "on: push\njobs:\n  scan:\n    runs-on: ubuntu-latest\n    steps:\n      - run: trivy image --exit-code 1 app\n"


def report(path: Path, *levels: str, hours: int = 1) -> Path:
    ended = (datetime.now(UTC) - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
    row = {
        "tool": {"driver": {"name": "Trivy", "version": "0.60.0"}}, "properties": {"imageName": "app:1"},
        "invocations": [{"executionSuccessful": True, "endTimeUtc": ended}], "results": [{"level": level} for level in levels],
    }  # fmt: skip
    path.write_text(json.dumps({"version": "2.1.0", "runs": [row]}))
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "shop"
    (made / ".github" / "workflows").mkdir(parents=True)
    (made / "Dockerfile").write_text("FROM scratch\n")
    return made


def verdict(root: Path, *arguments: str | Path) -> Any:
    return next(c["verdict"] for c in scan(root, *arguments).document["controls"] if c["id"] == "ci-image-scan")


def test_a_clean_report_shows_that_images_are_scanned(root: Path, tmp_path: Path) -> None:
    assert verdict(root) == "absent"
    assert verdict(root, "--import", report(tmp_path / "t.sarif", "warning")) == "satisfied"
    assert verdict(root, "--import", report(tmp_path / "t.sarif", hours=200)) == "unknown"
    assert verdict(root, "--import", report(tmp_path / "t.sarif", hours=200), "--max-age", "30d") == "satisfied"


def test_errors_are_not_outweighed_by_a_pipeline_or_another_report(root: Path, tmp_path: Path) -> None:
    (root / ".github" / "workflows" / "a.yml").write_text(GATING)
    bad, good = report(tmp_path / "bad.sarif", "error"), report(tmp_path / "good.sarif")
    assert verdict(root) == "satisfied"
    assert verdict(root, "--import", bad, "--import", good) == "violated"
    assert "Trivy 0.60.0 found 1 of level error among 1 results" in run("scan", root, "--import", bad, "-o", "concise").out
    assert verdict(root, "--import", report(tmp_path / "old.sarif", "error", hours=400)) == "satisfied", "what is stale says nothing, for or against"


def test_a_report_is_of_the_change_and_not_of_what_was_before(tmp_path: Path) -> None:
    repo = repository(tmp_path / "shop")
    repo.commit({"Dockerfile": "FROM scratch\n"})
    bad = report(tmp_path / "bad.sarif", "error")
    assert scan(repo.path, "--diff", "HEAD").code == 0
    assert scan(repo.path, "--diff", "HEAD", "--import", bad).code == 1


def test_text_in_a_report_waives_nothing(root: Path) -> None:
    path = report(root / "t.sarif", "error")
    content = json.loads(path.read_text())
    content["runs"][0]["results"][0]["message"] = {"text": "# gonogo: ignore-file[ci-image-scan] -- says who"}
    path.write_text(json.dumps(content))
    assert verdict(root, "--import", path) == "violated"


@pytest.mark.parametrize(("arguments", "said"), [(["--import", "none.sarif"], "cannot be read"), (["--import", "x", "--max-age", "soon"], "write hours or days")])
def test_usage(arguments: list[str], said: str, root: Path) -> None:
    ran = run("scan", root, *arguments)
    assert ran.code == 2
    assert said in ran.err

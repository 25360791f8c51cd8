"""`-o sarif` reads the files again that it tells of: those of the repository, and no more than it has to."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from gonogo.cli import output
from gonogo.report.line_hash import line_hashes
from running import run

DOCKERFILE = "FROM alpine:3\nUSER root\n"


def converted(tmp_path: Path, file: str) -> list[dict[str, Any]]:
    """The results of a run whose document was edited: everything that it tells of stands in `file`."""
    repository = tmp_path / "repository"
    repository.mkdir(exist_ok=True)
    (repository / "Dockerfile").write_text(DOCKERFILE)
    document = tmp_path / "result.json"
    run("scan", repository, "-o", f"json={document}")
    told = json.loads(document.read_text())
    for finding in told["findings"]:
        for evidence in finding["evidence"]:
            evidence["file"] = file
    document.write_text(json.dumps(told))
    ran = run("convert", document, "--root", repository, "-o", "sarif")
    assert ran.code == 1, ran.err
    results: list[dict[str, Any]] = ran.document["runs"][0]["results"]
    assert results
    return results


def physical(result: dict[str, Any]) -> Any:
    return result["locations"][0]["physicalLocation"]


def test_a_file_of_the_repository_is_hashed(tmp_path: Path) -> None:
    hashes = line_hashes(DOCKERFILE.encode())
    for result in converted(tmp_path, "Dockerfile"):
        assert result["partialFingerprints"]["primaryLocationLineHash"] == hashes[physical(result)["region"]["startLine"] - 1]


def test_the_anchor_is_a_place_whatever_lies_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A configuration in the working directory, which is another's, made a result without a place: the whole upload is lost."""
    (tmp_path / "gonogo.toml").write_text("\n")
    monkeypatch.chdir(tmp_path)
    assert {physical(result)["artifactLocation"]["uri"] for result in converted(tmp_path, "/elsewhere")} == {"gonogo.toml"}
    (tmp_path / "repository" / "gonogo.toml").symlink_to(tmp_path / "gonogo.toml")
    assert {physical(result)["artifactLocation"]["uri"] for result in converted(tmp_path, "/elsewhere")} == {"gonogo.toml"}


@pytest.mark.parametrize("file", ["../secret", "{outside}", "link", "way/secret", "a" * 5_000, "\ud800", "fifo"])
def test_what_is_not_in_the_repository_is_not_read(file: str, tmp_path: Path) -> None:
    """A document to convert may say anything, and a checkout may hold links to anywhere."""
    secret = tmp_path / "secret"
    secret.write_text("s" * 70)
    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / "link").symlink_to(secret)
    (repository / "way").symlink_to(tmp_path)
    os.mkfifo(repository / "fifo")
    for result in converted(tmp_path, file.replace("{outside}", str(secret))):
        assert physical(result)["region"]["endColumn"] == 2, "of what is not read no column is known"
        assert result["partialFingerprints"]["primaryLocationLineHash"] not in line_hashes(secret.read_bytes())


def test_a_link_within_the_repository_is_told_by_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "repository").mkdir()
    (tmp_path / "repository" / "link").symlink_to("Dockerfile")
    assert {physical(result)["artifactLocation"]["uri"] for result in converted(tmp_path, "link")} == {"Dockerfile"}


def test_no_more_is_read_than_a_report_may_cost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "MAX_READ", 2 * len(DOCKERFILE))
    for number in range(4):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "Dockerfile").write_text(DOCKERFILE)
    results = run("scan", tmp_path, "-o", "sarif").document["runs"][0]["results"]
    hashed = {physical(r)["artifactLocation"]["uri"] for r in results if r["partialFingerprints"]["primaryLocationLineHash"] in line_hashes(DOCKERFILE.encode())}
    assert len(hashed) == 2
    assert len({physical(result)["artifactLocation"]["uri"] for result in results}) == 4

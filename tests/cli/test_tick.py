"""`gonogo checklist tick`: what is proved is ticked, and nothing else of the file changes."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from gonogo.cli.exit_codes import ExitCode
from gonogo.cli.main import main

CHECKLIST = (
    "\ufeff# Release\r\n"
    "\r\n"
    "## Containers (95% ✅)\r\n"
    "- [ ] The image is built in stages <!-- gonogo: dockerfile-multistage -->  \r\n"
    "- [x] The image runs as somebody <!-- gonogo: dockerfile-nonroot -->\r\n"
    "- [X] There is a compose file <!-- gonogo: compose-present -->\r\n"
    "* [ ] Docker Compose for local development\r\n"
    "- [ ] Cloud SQL takes backups <!-- gonogo: cloudsql-backups -->\r\n"
    "- [ ] The team is ready <!-- gonogo: manual -->"
)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "Dockerfile").write_text("FROM golang:1.22 AS build\nRUN go build -o /app\nFROM scratch\nCOPY --from=build /app /app\n", "utf-8")
    (tmp_path / "compose.yaml").write_text("services: {web: {build: .}}\n", "utf-8")
    (tmp_path / "C.md").write_bytes(CHECKLIST.encode("utf-8"))
    return tmp_path


def tick(repository: Path, *options: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    code = main(["checklist", "tick", str(repository), "-c", str(repository / "C.md"), *options], out, err)
    return code, out.getvalue(), err.getvalue()


def text(repository: Path) -> str:
    return (repository / "C.md").read_bytes().decode("utf-8")


def test_what_is_satisfied_is_ticked_and_nothing_else_changes(repository: Path) -> None:
    code, out, err = tick(repository)
    assert (code, err) == (ExitCode.GO, "")
    assert text(repository) == CHECKLIST.replace("- [ ] The image is built", "- [x] The image is built")
    assert "C.md:4: [x] The image is built in stages (satisfied: Dockerfile:4)" in out
    assert "ticked 1, cleared 0" in out
    assert tick(repository)[1].count("ticked 0, cleared 0") == 1


def test_what_is_refuted_is_cleared_only_where_that_is_asked_for(repository: Path) -> None:
    tick(repository, "--untick")
    assert "- [ ] The image runs as somebody" in text(repository)
    assert "- [X] There is a compose file" in text(repository)


def test_a_binding_that_nobody_reviewed_ticks_nothing(repository: Path) -> None:
    _, out, _ = tick(repository)
    assert "* [ ] Docker Compose" in text(repository)
    assert "C.md:7: left as it is: compose-present is bound to it by nobody's review" in out
    tick(repository, "--unreviewed")
    assert "* [x] Docker Compose" in text(repository)


def test_a_dry_run_shows_the_difference_and_writes_nothing(repository: Path) -> None:
    _, out, _ = tick(repository, "--dry-run")
    assert text(repository) == CHECKLIST
    assert "-- [ ] The image is built in stages" in out
    assert "+- [x] The image is built in stages" in out
    assert "would tick 1, clear 0" in out


def test_evidence_stands_beside_the_box_and_is_renewed(repository: Path) -> None:
    tick(repository, "--comments")
    first = text(repository)
    line = first.splitlines()[3]
    assert line == "- [x] The image is built in stages <!-- gonogo: dockerfile-multistage --> <!-- evidence by gonogo: Dockerfile:4 -->  "
    tick(repository, "--comments")
    assert text(repository) == first
    (repository / "Dockerfile").write_text("FROM golang:1.22 AS build\nRUN go build -o /app\n\n\nFROM scratch\nCOPY --from=build /app /app\n", "utf-8")
    tick(repository, "--comments")
    assert text(repository) == first.replace("Dockerfile:4", "Dockerfile:6")


def test_the_true_percentages_are_printed(repository: Path) -> None:
    _, out, _ = tick(repository)
    assert "the whole checklist: 3 of 6 ticked (50.0 %)" in out
    assert "Release > Containers: 3 of 6 ticked (50.0 %)" in out


def test_the_verdicts_of_a_finished_run_may_be_taken(repository: Path) -> None:
    result = repository / "result.json"
    out, err = io.StringIO(), io.StringIO()
    main(["scan", str(repository), "-c", str(repository / "C.md"), "-o", f"json={result}"], out, err)
    (repository / "Dockerfile").unlink()
    assert tick(repository, "--assessment", str(result))[0] == ExitCode.GO
    assert "- [x] The image is built" in text(repository)
    code, _, said = tick(repository, "--assessment", str(result))
    assert (code, "C.md:4: is not what it was in that run; scan again" in said) == (ExitCode.USAGE, True)


def test_without_a_checklist_it_asks_for_one(tmp_path: Path) -> None:
    out, err = io.StringIO(), io.StringIO()
    assert main(["checklist", "tick", str(tmp_path)], out, err) == ExitCode.USAGE
    assert "name the checklist to tick with --checklist FILE" in err.getvalue()

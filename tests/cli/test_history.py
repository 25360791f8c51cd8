"""scan --store, history, drift."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from running import Ran, run

ROOT = Path(__file__).parents[2]
ON = """resource "google_sql_database_instance" "db" {
  name             = "db"
  database_version = "POSTGRES_15"
  settings {
    tier = "db-custom-2-7680"
    backup_configuration {
      enabled = true
    }
  }
}
"""
OFF = ON.replace("enabled = true", "enabled = false")
CHECKLIST = "# Data\n\n- [x] Backups <!-- gonogo: cloudsql-backups -->\n"


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "CHECKLIST.md").write_text(CHECKLIST)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GONOGO_STORE", raising=False)
    return tmp_path


def scan(code: str, *arguments: str) -> Ran:
    Path("main.tf").write_text(code)
    return run("scan", ".", "--checklist", "CHECKLIST.md", "--store", "-o", "json", *arguments)


def schema(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((ROOT / "schemas" / name).read_text()))


def changes(ran: Ran) -> dict[str, str]:
    return {f"{t['level']} {t['title'] if t['level'] == 'item' else t['id']}": t["change"] for t in ran.document["transitions"]}


def test_the_story_of_a_backup(repo: Path) -> None:
    """Declared on, turned off, on again: one regression, then silence, one fix, and the history shows it all."""
    assert scan(ON).code == 0
    first = run("drift")
    assert (first.code, first.out) == (4, "")
    assert "there is nothing to compare it with yet" in first.err

    assert scan(OFF).code == 1
    off = run("drift", "-o", "json")
    schema("drift-report.v1.json").validate(off.document)
    assert off.code == 1
    assert changes(off)["item Backups"] == changes(off)["control cloudsql-backups"] == "regressed"
    assert [(d["field"], d["then"], d["now"]) for d in off.document["differences"]] == [("settings.backupConfiguration.enabled", "true", "false")]

    assert scan(OFF).code == 1
    standing = run("drift")
    assert (standing.code, standing.out.splitlines()[-1]) == (0, "no verdict changed; 0 to look at"), "a standing drift alarms once"

    assert scan(ON).code == 0
    fixed = run("drift", "-o", "json")
    assert fixed.code == 0
    assert changes(fixed)["item Backups"] == "fixed"
    (row,) = [t for t in fixed.document["transitions"] if t["level"] == "item"]
    assert row["times_seen"] == 2, "satisfied twice"
    since = run("drift", "--since", "2", "-o", "json")
    assert (since.code, changes(since)["item Backups"]) == (0, "fixed")

    listed = run("history")
    assert [line.split()[0] for line in listed.out.splitlines()] == ["4", "3", "2", "1"]
    assert [row["decision"] for row in run("history", "-o", "json").document] == ["GO", "NO-GO", "NO-GO", "GO"]


def test_what_cannot_be_read_any_more_went_blind(repo: Path) -> None:
    scan(ON)
    assert scan("resource {").code == 3
    ran = run("drift", "-o", "json")
    assert ran.code == 3
    assert changes(ran)["item Backups"] == "went_blind"
    assert {d["status"] for d in ran.document["differences"]} == {"not_comparable"}
    assert not any(t["change"] == "gone" for t in ran.document["transitions"])
    scan(ON)
    assert changes(run("drift", "-o", "json")) == {}, "back in sight, as it was"


def test_an_ignore_rule_silences_the_alarm_and_not_the_report(repo: Path) -> None:
    scan(ON)
    scan(OFF)
    rule = "schema: gonogo.drift/v1\nignore:\n- {{kind: '*/Instance', field: settings.backupConfiguration.enabled, reason: moved, owner: data, expires: {}}}\n"
    (repo / ".gonogo" / "drift.yaml").write_text(rule.format("2999-01-01"))
    ran = run("drift")
    assert ran.code == 0
    assert "regressed" in ran.out
    assert ran.out.count("ignored until 2999-01-01 (data): moved") == 4, "item, control, finding, resource"
    (repo / ".gonogo" / "drift.yaml").write_text(rule.format("2020-01-01"))
    ran = run("drift")
    assert ran.code == 1
    assert "Expired on 2020-01-01" in ran.out
    (repo / ".gonogo" / "drift.yaml").write_text("schema: 1\n")
    ran = run("drift")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("gonogo: .gonogo/drift.yaml")


def test_an_export_is_a_document_that_git_diff_reads(repo: Path) -> None:
    secret = ON.replace("  settings {", '  root_password = "hunter2"\n  settings {')
    scan(secret)
    scan(OFF)
    for number in ("1", "2"):
        assert run("history", "export", number, "--output", f"{number}.json").code == 0
        schema("snapshot.v1.json").validate(json.loads(Path(f"{number}.json").read_text()))
    assert "hunter2" not in Path("1.json").read_text()
    one, two = (json.loads(Path(f"{number}.json").read_text()) for number in ("1", "2"))
    assert len(one["resources"]) == len(two["resources"])
    lines = [Path(f"{number}.json").read_text().splitlines() for number in ("1", "2")]
    assert len(set(lines[1]) - set(lines[0])) < 20
    assert '     "enabled": false,' in set(lines[1]) - set(lines[0]) or any('"enabled": false' in line for line in set(lines[1]) - set(lines[0]))
    assert run("history", "export", "latest").document == two
    missing = run("history", "export", "9")
    assert (missing.code, missing.err) == (2, "gonogo: there is no run 9; `gonogo history` lists them\n")
    assert run("history", "export", "1", "--output", "no/such/place").code == 5


def test_a_scan_without_store_leaves_nothing(repo: Path) -> None:
    run("scan", ".")
    assert not (repo / ".gonogo").exists()
    ran = run("history")
    assert ran.code == 2
    assert ran.err.startswith("gonogo: there is no history at .gonogo/history.db")
    assert not (repo / ".gonogo").exists()


def test_places_of_the_store(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("scan", ".", "--store", "elsewhere/a.db", "--series", "nightly")
    assert [r["series"] for r in run("history", "--store", "elsewhere/a.db", "-o", "json").document] == ["nightly"]
    monkeypatch.setenv("GONOGO_STORE", "elsewhere/a.db")
    run("scan", ".")
    assert [r["series"] for r in run("history", "-o", "json").document] == [f"scan {repo.name} production", "nightly"]
    assert run("history", "export", "1").document["run"]["series"] == "nightly"
    ran = run("scan", ".", "--store", ".", "-o", "json")
    assert (ran.code, ran.err) == (5, "gonogo: . is a directory; give the file of the history, for instance history.db\n")
    assert ran.document["schema"] == "gonogo.assessment/v1", "the report comes all the same"


def test_keep_forgets_older_runs(repo: Path) -> None:
    for _ in range(4):
        scan(ON, "--keep", "2")
    assert [r["number"] for r in run("history", "-o", "json").document] == [4, 3]
    assert run("scan", ".", "--store", "--keep", "0").code == 2


def test_nothing_is_written_through_a_link_of_the_repository(repo: Path) -> None:
    outside = repo.parent / f"{repo.name}-outside"
    outside.mkdir()
    (repo / ".gonogo").symlink_to(outside)
    ran = scan(ON)
    assert ran.code == 5
    assert "is a symbolic link" in ran.err
    assert list(outside.iterdir()) == []
    (repo / ".gonogo").unlink()
    (repo / ".gonogo").mkdir()
    (repo / ".gonogo" / "history.db").symlink_to(outside / "victim")
    assert scan(ON).code == 5
    assert list(outside.iterdir()) == []


def test_a_full_disk_costs_the_record_and_not_the_report(repo: Path) -> None:
    scan(ON)
    program = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))\n"
        "from gonogo.cli.main import main\nsys.exit(main(['scan', '.', '--store'], sys.stdout, sys.stderr))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT / "src")})
    assert done.returncode == 5
    assert done.stderr.startswith("gonogo: cannot write the history .gonogo/history.db: the disk is full or fails")
    assert "cloudsql-backups" in done.stdout or "Cloud SQL" in done.stdout
    assert len(run("history", "-o", "json").document) == 1


def test_a_scanned_history_is_no_part_of_what_is_scanned(repo: Path) -> None:
    first = scan(ON).document
    assert scan(ON).document["gaps"] == first["gaps"]
    assert (repo / ".gonogo" / ".gitignore").read_text() == "history.db*\n"


def test_what_was_scanned_moves_no_cursor(repo: Path) -> None:
    (repo / "CHECKLIST.md").write_text("- [x] Backups \x1b[2J\u202e <!-- gonogo: cloudsql-backups -->\n")
    scan(ON, "--series", "a\x1b[2J")
    scan(OFF, "--series", "a\x1b[2J")
    for ran in (run("drift"), run("history")):
        assert "\x1b" not in ran.out
        assert "\u202e" not in ran.out
        assert "\\x1b[2J" in ran.out


def test_another_version_may_be_why(repo: Path) -> None:
    scan(ON)
    scan(ON)
    with sqlite3.connect(repo / ".gonogo" / "history.db") as connection:
        connection.execute("UPDATE gonogo_runs SET version = '0.0.9' WHERE number = 1")
    assert "gonogo 0.0.9 then, " in run("drift").out

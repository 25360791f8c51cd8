"""drift --notify, against services on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from inboxes import Inbox, http_inbox
from running import Ran, run

pytest.importorskip("apprise", reason="apprise is not installed")

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
    (tmp_path / "CODEOWNERS").write_text("* @org/everybody\n*.tf @org/data\n")
    monkeypatch.chdir(tmp_path)
    for name in ("GONOGO_STORE", "GONOGO_NOTIFY", "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with http_inbox() as opened:
        yield opened


def scan(code: str) -> None:
    Path("main.tf").write_text(code)
    assert run("scan", ".", "--checklist", "CHECKLIST.md", "--store", "-o", "json").code in (0, 1, 3)


def tell(inbox: Inbox, *more: str) -> Ran:
    return run("drift", "--notify", f"json://127.0.0.1:{inbox.port}/hook", *more)


def test_regressed_once_standing_never_fixed_once(repo: Path, inbox: Inbox) -> None:
    scan(ON)
    assert tell(inbox).code == 4, "the first run"
    scan(OFF)
    ran = tell(inbox)
    assert (ran.code, len(inbox.sent)) == (1, 1)
    assert ran.err == f"gonogo: notified JSON: 1 regressed in scan {repo.name} production\n"
    said = inbox.sent[0].document
    assert said["title"] == f"gonogo: 1 regressed in scan {repo.name} production"
    assert said["type"] == "warning"
    assert "- Backups" in said["message"]
    assert "settings.backupConfiguration.enabled: true -> false" in said["message"]
    assert "can fix it: @\u200borg/data (main.tf)" in said["message"]
    assert "satisfied -> violated, first seen " in said["message"]

    assert tell(inbox).code == 1, "the same comparison, told already"
    scan(OFF)
    assert tell(inbox).code == 0
    assert len(inbox.sent) == 1, "standing"

    scan(ON)
    assert tell(inbox).code == 0
    assert len(inbox.sent) == 2
    fixed = inbox.sent[1].document
    assert (fixed["title"], fixed["type"]) == (f"gonogo: 1 fixed in scan {repo.name} production", "success")
    assert "violated -> satisfied, first seen" in fixed["message"]


def test_out_of_sight_is_told_as_such_and_fixes_nothing(repo: Path, inbox: Inbox) -> None:
    scan(ON)
    scan(OFF)
    tell(inbox)
    scan("resource {")
    assert tell(inbox).code == 3
    assert len(inbox.sent) == 2
    blind = inbox.sent[1].document
    assert "went blind" in blind["title"]
    assert "fixed" not in json.dumps(blind)
    assert "main.tf" in blind["message"]
    scan(OFF)
    tell(inbox)
    assert len(inbox.sent) == 2, "back in sight, as it was told before"
    scan(ON)
    tell(inbox)
    assert "1 fixed" in inbox.sent[2].document["title"]


def test_what_was_not_delivered_is_said_again(repo: Path, inbox: Inbox) -> None:
    scan(ON)
    scan(OFF)
    inbox.statuses[:] = [500]
    ran = tell(inbox)
    assert (ran.code, ran.err) == (5, "gonogo: could not notify JSON: HTTP 500; the next run says it again\n")
    assert str(inbox.port) not in ran.err
    scan(OFF)
    assert tell(inbox).code == 0
    assert len(inbox.taken) == 1
    assert "1 regressed" in inbox.taken[0].document["title"]
    tell(inbox)
    assert len(inbox.taken) == 1

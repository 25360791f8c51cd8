"""drift --notify, against services on loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from inboxes import Inbox, http_inbox
from running import Ran, run

pytest.importorskip("apprise", reason="apprise is not installed")

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
    assert "satisfied -> violated; violated first seen " in said["message"]

    assert tell(inbox).code == 1, "the same comparison, told already"
    scan(OFF)
    assert tell(inbox).code == 0
    assert len(inbox.sent) == 1, "standing"

    scan(ON)
    assert tell(inbox).code == 0
    assert len(inbox.sent) == 2
    fixed = inbox.sent[1].document
    assert (fixed["title"], fixed["type"]) == (f"gonogo: 1 fixed in scan {repo.name} production", "success")
    assert ", 2 times" in fixed["message"]
    assert "violated -> satisfied; violated first seen" in fixed["message"]


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


def test_an_audit_that_told_nobody_is_told_of_by_the_next(repo: Path, inbox: Inbox) -> None:
    scan(ON)
    scan(ON)
    tell(inbox)
    scan(OFF)
    scan(OFF)
    scan(ON)
    assert tell(inbox).code == 0
    (sent,) = inbox.sent
    assert "1 fixed" in sent.document["title"]
    assert "run 3: satisfied -> violated" in sent.document["message"], "what broke and was mended meanwhile"


def test_dry_run_prints_the_message_and_sends_nothing(repo: Path, inbox: Inbox) -> None:
    scan(ON)
    scan(OFF)
    pager = "pagerduty://secret0key@token"
    ran = tell(inbox, "--notify", pager, "--dry-run")
    assert (ran.code, ran.err, inbox.sent) == (1, "", [])
    assert "secret0key" not in ran.out
    assert f":{inbox.port}" not in ran.out
    shown = ran.out.partition("\nTo JSON:\n")[2]
    assert "\nTo Pager Duty:\ntrigger gonogo-" in shown
    assert tell(inbox, "--dry-run").out == ran.out.partition("\nTo Pager Duty:")[0], "nothing was remembered"
    tell(inbox)
    said = inbox.sent[0].document
    assert shown.startswith(f"{said['title']}\n\n{said['message']}\n")
    ran = tell(inbox, "--dry-run", "-o", "json")
    assert ran.document["schema"] == "gonogo.drift-report/v1"
    assert ran.err == "\nTo JSON: nothing\n"
    assert run("drift", "--dry-run").code == 2


def test_addresses_come_from_the_environment_by_name(repo: Path, inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    scan(ON)
    scan(OFF)
    ran = run("drift", "--notify", "GONOGO_NOTIFY_TEAM")
    assert (ran.code, ran.err) == (2, "gonogo: GONOGO_NOTIFY_TEAM is to hold whom to notify, and is not set in the environment\n")
    monkeypatch.setenv("GONOGO_NOTIFY_TEAM", f"json://127.0.0.1:{inbox.port}/one\n json://127.0.0.1:{inbox.port}/two")
    assert run("drift", "--notify", "GONOGO_NOTIFY_TEAM").code == 1
    assert [sent.path for sent in inbox.sent] == ["/one", "/two"]
    run("drift")
    assert len(inbox.sent) == 2, "a look at what changed tells nobody by itself"


def test_owners_stand_in_the_report(repo: Path) -> None:
    scan(ON)
    scan(OFF)
    found = run("drift", "-o", "json").document
    rows = {t["level"]: (t["files"], t["owners"]) for t in found["transitions"]}
    assert rows == {level: (["main.tf"], ["@org/data"]) for level in ("item", "control", "finding")}
    assert [d["owners"] for d in found["differences"]] == [["@org/data"]]
    assert run("drift").out.count("@org/data can fix it: main.tf") == 2
    scan("")
    gone = {t["level"]: t["owners"] for t in run("drift", "-o", "json").document["transitions"] if t["title"] == "Backups"}
    assert gone == {"item": ["@org/everybody"]}, "an item without evidence is its checklist's"
    Path("CODEOWNERS").unlink()
    Path("CODEOWNERS").symlink_to("/etc/hostname")
    ran = run("drift")
    assert ran.err == "gonogo: who owns what is not known: CODEOWNERS is a link that leads out of the repository\n"


def test_a_hostile_checklist_is_text(repo: Path, inbox: Inbox) -> None:
    hostile = "[ok](http://evil.example) @everyone <!channel> <b>x</b> \x1b[2J\u202e"
    (repo / "CHECKLIST.md").write_text(f"- [x] `{hostile}` <!-- gonogo: cloudsql-backups -->\n")
    (repo / "CODEOWNERS").write_text("*.tf @everyone <!channel> a](http://evil)@x\n")
    scan(ON)
    scan(OFF)
    tell(inbox)
    said = inbox.sent[0].document["message"]
    assert "[ok]\u200b(http://evil.example) @\u200beveryone <\u200b!channel> <\u200bb>x" in said
    for active in ("@everyone", "](", "<!", "<b", "\x1b", "\u202e"):
        assert active not in said


def started(inbox: Inbox, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "gonogo", "drift", "--notify", f"json://127.0.0.1:{inbox.port}/hook?rto=30", *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT / "src")})


def test_two_at_once_say_it_once(repo: Path, inbox: Inbox) -> None:
    scan(ON)
    scan(OFF)
    inbox.held.clear()
    both = [started(inbox), started(inbox)]
    assert inbox.arrived.wait(30)
    time.sleep(1.5)  # the other one has come as far as the lock
    inbox.held.set()
    said = [process.communicate(timeout=60)[1] for process in both]
    assert [process.returncode for process in both] == [1, 1]
    assert sorted(said) == ["", f"gonogo: notified JSON: 1 regressed in scan {repo.name} production\n"]
    assert len(inbox.sent) == 1


def test_killed_before_it_is_taken_it_is_said_by_the_next(repo: Path, inbox: Inbox) -> None:
    scan(ON)
    scan(OFF)
    inbox.held.clear()
    process = started(inbox)
    assert inbox.arrived.wait(30)
    process.kill()
    process.communicate(timeout=30)
    inbox.held.set()
    assert "notified JSON" in tell(inbox).err
    assert tell(inbox).err == ""
    assert len(inbox.sent) == 2, "whether the first was taken, only the service knows"

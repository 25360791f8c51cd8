"""The story that this tool is for: a setting that was turned off live, found, told, mended and told again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from inboxes import Inbox, http_inbox
from loopback.faults import Fault, denied
from loopback.seed import Cloud, read_seed
from loopback.server import Loopback, loopback
from running import Ran, run

pytest.importorskip("apprise", reason="apprise is not installed")

ROOT = Path(__file__).parents[2]
ORDERS = "//cloudsql.googleapis.com/projects/shop-prod/instances/orders"
CODE = """resource "google_sql_database_instance" "orders" {
  name             = "orders"
  database_version = "POSTGRES_16"
  region           = "europe-west1"
  settings {
    tier = "db-custom-2-7680"
    backup_configuration {
      enabled = true
    }
  }
}
"""
CHECKLIST = "# Go live\n\n- [x] Backups of the orders database <!-- gonogo: cloudsql-backups -->\n"


@pytest.fixture
def cloud() -> Cloud:
    return read_seed("shop").copy()


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "main.tf").write_text(CODE)
    (tmp_path / "CHECKLIST.md").write_text(CHECKLIST)
    (tmp_path / ".github").mkdir()
    (tmp_path / ".github" / "CODEOWNERS").write_text("* @shop/platform\n/infra/ @shop/data\n")
    monkeypatch.chdir(tmp_path)
    for name in ("GONOGO_STORE", "GONOGO_NOTIFY", "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with http_inbox() as opened:
        yield opened


def turn_backups(cloud: Cloud, *, on: bool) -> None:
    settings: dict[str, Any] = cloud.collections["sqladmin"]["projects/shop-prod/instances"][0]["settings"]
    settings["backupConfiguration"]["enabled"] = on


def audit(server: Loopback, inbox: Inbox, *more: str) -> Ran:
    return run(
        "audit", "--project", "shop-prod", "--endpoint", f"*={server.url}", "--repo", ".", "-c", "CHECKLIST.md", "--store", "history.db",
        "--notify", f"json://127.0.0.1:{inbox.port}/hook", *more,
    )  # fmt: skip


def schema(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((ROOT / "schemas" / name).read_text()))


def test_backups_that_somebody_turns_off_and_on_again(cloud: Cloud, repo: Path, inbox: Inbox) -> None:
    with loopback(cloud) as server:
        first = audit(server, inbox)
        assert (first.code, first.err, inbox.sent) == (0, "", []), "declared on, and on"

        turn_backups(cloud, on=False)
        ran = audit(server, inbox, "-o", "json=assessment.json", "-o", "text")
        assert ran.code == 1
        assert f"violated    {ORDERS}" in ran.out
        assert "declared    infra/main.tf:8: settings.backupConfiguration.enabled is true in the code and" in ran.out
        assert "false live; @shop/data can fix it" in " ".join(ran.out.split())
        assert "@shop/data can fix it: infra/main.tf" in ran.out
        document = json.loads(Path("assessment.json").read_text())
        schema("assessment.v1.json").validate(document)
        assert {tuple(d["owners"]) for d in document["drift"] if d["status"] == "differs"} == {("@shop/data",)}
        assert "notified JSON: 3 regressed" in ran.err
        (alarm,) = inbox.sent
        assert alarm.document["type"] == "warning"
        said = alarm.document["message"]
        assert "- Backups of the orders database\n" in said
        assert ORDERS in said
        assert "settings.backupConfiguration.enabled: true -> false" in said
        assert "declared as true (infra/main.tf:8)" in said
        assert "can fix it: @\u200bshop/data (infra/main.tf)" in said

        assert audit(server, inbox).err == "", "it stands: nobody is told twice"
        assert len(inbox.sent) == 1

        turn_backups(cloud, on=True)
        ran = audit(server, inbox)
        assert ran.code == 0
        assert "notified JSON: 3 fixed" in ran.err
        assert len(inbox.sent) == 2
        mended = inbox.sent[1].document
        assert (mended["type"], "violated -> satisfied" in mended["message"]) == ("success", True)
        assert server.complaints == []

    listed = run("history", "--store", "history.db", "-o", "json").document
    assert [row["decision"] for row in listed] == ["GO", "NO-GO", "NO-GO", "GO"]
    (item,) = (t for t in run("drift", "--store", "history.db", "--since", "2", "-o", "json").document["transitions"] if t["level"] == "item")
    assert (item["change"], item["times_seen"], item["owners"]) == ("fixed", 2, ["@shop/data"])


def test_a_permission_that_is_taken_away_is_told_with_what_to_grant(cloud: Cloud, repo: Path, inbox: Inbox) -> None:
    with loopback(cloud) as server:
        audit(server, inbox)
        turn_backups(cloud, on=False)
        audit(server, inbox)
    with loopback(cloud, Fault("/sqladmin/.*/instances$", status=403, body=denied("cloudsql.instances.list", "cloudresourcemanager.googleapis.com/projects/shop-prod"))) as server:
        assert audit(server, inbox).code == 3
        assert len(inbox.sent) == 2
        blind = inbox.sent[1].document
        assert "went blind" in blind["title"]
        assert "fixed" not in blind["title"] + blind["message"]
        assert "grant cloudsql.instances.list" in blind["message"]
    turn_backups(cloud, on=True)
    with loopback(cloud) as server:
        audit(server, inbox)
    assert "3 fixed" in inbox.sent[2].document["title"]
    assert "out of sight -> satisfied; violated first seen" in inbox.sent[2].document["message"]
    assert len(inbox.sent) == 3


def test_two_audits_at_once_alarm_once(cloud: Cloud, repo: Path, inbox: Inbox) -> None:
    with loopback(cloud) as server:
        audit(server, inbox)
        turn_backups(cloud, on=False)
        command = [
            sys.executable, "-m", "gonogo", "audit", "--project", "shop-prod", "--endpoint", f"*={server.url}", "--repo", ".", "-c", "CHECKLIST.md",
            "--store", "history.db", "--wait", "60", "--notify", f"json://127.0.0.1:{inbox.port}/hook",
        ]  # fmt: skip
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
        both = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment) for _ in range(2)]
        said = [process.communicate(timeout=120)[1] for process in both]
    assert [process.returncode for process in both] == [1, 1]
    assert sum("notified JSON: 3 regressed" in text for text in said) == 1
    assert len(inbox.sent) == 1
    assert len(run("history", "--store", "history.db", "-o", "json").document) == 3


def test_who_is_told_stands_in_the_configuration_by_name(cloud: Cloud, repo: Path, inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    (repo / "gonogo.toml").write_text('[notify]\ntargets = ["GONOGO_NOTIFY_TEAM"]\n')
    common = ("audit", "--project", "shop-prod", "--repo", ".", "-c", "CHECKLIST.md")
    with loopback(cloud) as server:
        endpoint = ("--endpoint", f"*={server.url}")
        ran = run(*common, *endpoint)
        assert (ran.code, ran.err) == (2, "gonogo: GONOGO_NOTIFY_TEAM is to hold whom to notify, and is not set in the environment\n")
        assert server.seen == [], "said before the cloud is asked"
        assert run(*common, *endpoint, "--no-notify").code == 0
        monkeypatch.setenv("GONOGO_NOTIFY_TEAM", f"json://127.0.0.1:{inbox.port}/team")
        monkeypatch.setenv("GONOGO_NOTIFY", f"json://127.0.0.1:{inbox.port}/all")
        turn_backups(cloud, on=False)
        assert run(*common, *endpoint, "--dry-run").out.count("3 regressed in audit shop-prod") == 2
        assert inbox.sent == []
        assert run(*common, *endpoint, "--no-store").code == 2
        turn_backups(cloud, on=True)
        run(*common, *endpoint)
    assert sorted(sent.path for sent in inbox.sent) == ["/all", "/team"]
    (repo / "gonogo.toml").write_text('[notify]\ntargets = ["slack://hunter2/a/b"]\n')
    ran = run(*common, *endpoint)
    assert ran.code == 2
    assert "hunter2" not in ran.err
    assert "[notify] has `targets`, names of environment variables that begin with GONOGO_NOTIFY" in ran.err


def test_the_report_of_drift_fits_its_schema(cloud: Cloud, repo: Path, inbox: Inbox) -> None:
    with loopback(cloud) as server:
        audit(server, inbox)
        turn_backups(cloud, on=False)
        audit(server, inbox)
    found = run("drift", "--store", "history.db", "-o", "json").document
    schema("drift-report.v1.json").validate(found)

"""What the written files run, run: by the shells that run it there, against a loopback Google Cloud."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

pytest.importorskip("googleapiclient", reason="google-api-python-client carries the discovery documents")
pytest.importorskip("sqlalchemy", reason="the history extra is not installed")

from loopback.seed import read_seed
from loopback.server import loopback
from periodically import environment
from running import run
from scheduling import document, write

CHECKLIST = "- [x] Backups <!-- gonogo: cloudsql-backups -->\n- [x] High availability <!-- gonogo: cloudsql-ha -->\n"


@dataclass(frozen=True, slots=True)
class Machine:
    """A directory with the code, and `gonogo` on the path, which asks the loopback cloud."""

    root: Path
    program: Path

    def shell(self, *command: str) -> subprocess.CompletedProcess[str]:
        env = {**environment(), "PATH": f"{self.program.parent}{os.pathsep}{os.environ['PATH']}", "GONOGO_TOKEN": "the token"}
        return subprocess.run(command, cwd=self.root, env=env, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with loopback(read_seed("shop").copy()) as cloud:
        program = tmp_path / "bin/gonogo"
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\nexec '{sys.executable}' -m gonogo \"$@\" --endpoint '*={cloud.url}'\n")
        program.chmod(0o755)
        root = tmp_path / "shop"
        (root / "docs").mkdir(parents=True)
        for name in ("PRODUCTION", "SECURITY"):
            (root / f"docs/{name}.md").write_text(CHECKLIST)
        yield Machine(root, program)
        assert cloud.complaints == []


def runs(store: Path) -> int:
    return len(run("history", "--store", store, "-o", "json").document)


@pytest.mark.skipif(shutil.which("flock") is None, reason="flock is not installed")
def test_cron_records_each_audit_and_leaves_out_a_second_one(machine: Machine, tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    options = ("--checklist", "docs/SECURITY.md", "--command", str(machine.program), "--state", str(state))
    line = (write("cron", tmp_path, *options) / "cron.d/gonogo-audit").read_text().splitlines()[-1]
    command = line.split(" ", 6)[-1]
    first, second = machine.shell("/bin/sh", "-c", command), machine.shell("/bin/sh", "-c", command)
    assert (first.returncode, second.returncode) == (0, 0), first.stdout + first.stderr
    assert "GO" in first.stdout
    assert runs(state / "history.db") == 2
    assert stat.S_IMODE((state / "history.db").stat().st_mode) == 0o600
    held = machine.shell("flock", str(state / "audit.lock"), "/bin/sh", "-c", command)
    assert held.returncode == 75
    assert runs(state / "history.db") == 2


def test_the_workflow_reports_and_goes_on_from_the_history_that_was_kept(machine: Machine, tmp_path: Path) -> None:
    workflow = yaml.safe_load((write("github", tmp_path, "--checklist", "docs/SECURITY.md") / ".github/workflows/gonogo-audit.yml").read_text())
    (step,) = (s for s in workflow["jobs"]["audit"]["steps"] if s.get("id") == "audit")
    for count in (1, 2):
        done = machine.shell("bash", "-e", "-c", step["run"])
        assert done.returncode == 0, done.stdout + done.stderr
        assert runs(machine.root / ".gonogo-history/history.db") == count
    assert document(machine.root / "gonogo-audit.json")["decision"] == "GO"


def test_gitlab_writes_its_token_for_itself_and_takes_it_away(machine: Machine, tmp_path: Path) -> None:
    job = yaml.safe_load((write("gitlab", tmp_path) / ".gitlab/gonogo-audit.gitlab-ci.yml").read_text())["gonogo-audit"]
    done = machine.shell("sh", "-e", "-c", "\n".join(job["script"]))
    assert done.returncode == 0, done.stdout + done.stderr
    token = machine.root / ".gonogo-token"
    assert (token.read_text(), stat.S_IMODE(token.stat().st_mode)) == ("the token", 0o600)
    assert runs(machine.root / ".gonogo-history/history.db") == 1
    assert machine.shell("sh", "-e", "-c", "\n".join(job["after_script"])).returncode == 0
    assert not token.exists()
    assert "the token" not in (machine.root / "gonogo-audit.json").read_text()


def test_a_no_go_is_the_exit_code_of_the_job(machine: Machine, tmp_path: Path) -> None:
    (machine.root / "docs/SECURITY.md").write_text("- [x] Non-root images <!-- gonogo: dockerfile-nonroot -->\n")
    (machine.root / "Dockerfile").write_text("FROM debian:12\nUSER root\n")
    workflow = yaml.safe_load((write("github", tmp_path, "--checklist", "docs/SECURITY.md") / ".github/workflows/gonogo-audit.yml").read_text())
    (step,) = (s for s in workflow["jobs"]["audit"]["steps"] if s.get("id") == "audit")
    assert machine.shell("bash", "-e", "-c", step["run"]).returncode == 1
    assert document(machine.root / "gonogo-audit.json")["decision"] == "NO-GO"

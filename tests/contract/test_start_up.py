"""What starting costs, and what a run must not import."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = (
    "google", "kubernetes", "grpc", "jsonschema", "tree_sitter", "yaml", "markdown_it", "hcl2", "dockerfile_parse", "sqlalchemy",
    "apscheduler", "apprise", "codeowners",
)  # fmt: skip
CLOUD = ("google", "kubernetes", "grpc", "hcl2", "sqlalchemy", "apscheduler", "apprise")


def imported(*arguments: str) -> set[str]:
    """The modules in `sys.modules` after a run of the command line in a process of its own."""
    program = (
        "import io, sys\nfrom gonogo.cli.main import main\n"
        f"main({list(arguments)!r}, io.StringIO(), io.StringIO())\nprint('\\n'.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment())
    return set(done.stdout.split())


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT / "src")}


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_imports_nothing_heavy(argument: str) -> None:
    assert imported(argument) & set(HEAVY) == set()


def test_a_scan_imports_no_cloud_client(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM a:1\n")
    modules = imported("scan", str(tmp_path))
    assert modules & set(CLOUD) == set()
    assert "gonogo.sources.terraform" not in modules, "nothing of Terraform is needed here"
    assert not [name for name in modules if name.startswith("gonogo.sources.cluster")], "nor of a cluster"


def test_help_takes_less_than_0_15_seconds() -> None:
    command = [sys.executable, "-m", "gonogo", "--help"]
    best = 9.0
    for _ in range(8):
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, env=environment())
        best = min(best, time.perf_counter() - started)
    assert best < 0.15


def test_reading_the_table_of_the_live_audit_imports_no_client() -> None:
    program = (
        "import sys\nimport gonogo.sources.gcp.collect, gonogo.sources.gcp.credentials, gonogo.sources.gcp.session\n"
        "from gonogo.sources.gcp.surfaces import load_surfaces\nload_surfaces()\nprint('\\n'.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment())
    assert set(done.stdout.split()) & {*CLOUD, "requests", "urllib3"} == set()


def test_a_scan_of_google_resources_imports_no_cloud_client(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "google_sql_database_instance" "db" {\n  name = "db"\n}\n')
    (tmp_path / "service.yaml").write_text("apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: web}\n")
    modules = imported("scan", str(tmp_path))
    assert "gonogo.sources.terraform.evaluate" in modules
    assert modules & {*CLOUD, "requests", "urllib3"} == set()
    assert not any(name.startswith(("google.", "grpc", "gonogo.sources.gcp")) for name in modules)

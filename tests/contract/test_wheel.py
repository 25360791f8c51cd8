"""The wheel holds the rules and schemas, and works without the checkout."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("hatchling", reason="the build backend (hatchling) is not installed")
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(target), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return next(target.glob("*.whl"))


def test_rules_and_schemas_ship(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for directory in ("rules", "schemas"):
        for path in (ROOT / directory).rglob("*.*"):
            assert f"gonogo/_data/{path.relative_to(ROOT).as_posix()}" in names
    assert not any(name.startswith(("tests/", "fixtures/")) for name in names)


def test_the_wheel_runs_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(installed)
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "Dockerfile").write_text("FROM python\n")
    command = [sys.executable, "-m", "gonogo", "scan", "app", "-o", "concise"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(installed)})
    assert (done.returncode, done.stderr) == (1, "")
    assert "dockerfile-pinned-base" in done.stdout

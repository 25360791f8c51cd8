"""Microsoft's SARIF multitool, from npm: a reader of SARIF that nobody here wrote."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

PACKAGE = "@microsoft/sarif-multitool-linux@5.7.0"


@dataclass(frozen=True)
class Multitool:
    """`home` is the unpacked package: the program, and the JSON schema of SARIF."""

    home: Path

    def complaints(self, file: Path, scratch: Path) -> list[str]:
        """What the schema and the rules `Sarif` and `Ghas` say against a log, errors only. The multitool says nothing of a broken one, and exits 0."""
        document = json.loads(file.read_text("utf-8"))
        schema = json.loads((self.home / "sarif-2.1.0.json").read_text("utf-8-sig"))
        broken = [f"{error.json_path}: {error.message[:200]}" for error in Draft7Validator(schema).iter_errors(document)]
        if broken:
            return broken
        answer = scratch / f"{file.name}.validated"
        self._run(["validate", str(file), "--rule-kind", "Sarif;Ghas", "-o", str(answer), "--log", "ForceOverwrite"])
        results = json.loads(answer.read_text("utf-8-sig"))["runs"][0].get("results", [])
        return [f"{r['ruleId']}: {r['message']}" for r in results if r.get("level", "warning") == "error"]

    def rewritten(self, file: Path, scratch: Path, insert: str) -> dict[str, Any]:
        """The log with what the multitool inserts (`RollingHashPartialFingerprints`, `RegionSnippets`)."""
        answer = scratch / f"{file.name}.rewritten"
        self._run(["rewrite", str(file), "-o", str(answer), "--insert", insert, "--log", "ForceOverwrite"])
        log: dict[str, Any] = json.loads(answer.read_text("utf-8-sig"))
        return log

    def _run(self, arguments: Sequence[str]) -> None:
        done = subprocess.run([str(self.home / "Sarif.Multitool"), *arguments], capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stdout[-500:] + done.stderr[-500:]


def multitool(config: pytest.Config) -> Multitool:
    """The multitool, brought once into pytest's cache; skips the test where npm brings nothing."""
    cache, npm = getattr(config, "cache", None), shutil.which("npm")
    if cache is None or npm is None:
        pytest.skip("npm, which has Microsoft's SARIF multitool, is not installed")
    home = cache.mkdir("sarif-multitool")
    if not (home / "package" / "Sarif.Multitool").exists():
        done = subprocess.run([npm, "pack", PACKAGE, "--silent"], cwd=home, capture_output=True, text=True, timeout=300, check=False)
        archives = sorted(home.glob("*.tgz"))
        if done.returncode != 0 or not archives:
            pytest.skip(f"npm cannot bring {PACKAGE}")
        shutil.unpack_archive(archives[0], home, filter="data")
        archives[0].unlink()
        (home / "package" / "Sarif.Multitool").chmod(0o755)
    return Multitool(home / "package")

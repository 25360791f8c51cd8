"""SARIF logs, small."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gonogo.formats.sarif import Sarif, read_sarif


def result(rule: str = "no-root", uri: str = "Dockerfile", **more: Any) -> dict[str, Any]:
    """A result as GitHub wants it; `locations=None` leaves a member out."""
    place = {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": 3}}}
    row = {"ruleId": rule, "message": {"text": f"{rule} is violated."}, "locations": [place], **more}
    return {name: value for name, value in row.items() if value is not None}


def run(*results: dict[str, Any], name: str = "gonogo", category: str = "gonogo/iac/", rules: Sequence[dict[str, Any]] = (), **more: Any) -> dict[str, Any]:
    return {"tool": {"driver": {"name": name, "rules": list(rules)}}, "automationDetails": {"id": category}, "results": list(results), **more}


def log(*runs: dict[str, Any]) -> dict[str, Any]:
    return {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": list(runs)}


def written(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document), "utf-8")
    return path


def sarif(path: Path, *runs: dict[str, Any]) -> Sarif:
    """The log of these runs, as it is read from a file."""
    return read_sarif(written(path / "gonogo.sarif", log(*runs)))

"""A small repository with a checklist, and its files of attestations and waivers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from running import Ran, scan

CHECKLIST = """# Launch
## Containers
- [x] Containers run as non-root <!-- gonogo: dockerfile-nonroot -->
## People
- [x] Load was tested <!-- gonogo: manual owner=ops -->
- [ ] The lawyers agree <!-- gonogo: manual -->
"""
LOAD, LAWYERS, NONROOT = "Load was tested", "The lawyers agree", "Containers run as non-root"


def day(days: int = 0) -> str:
    """The day so many days from today, as text."""
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


def repository(root: Path, checklist: str = CHECKLIST, dockerfile: str = "FROM python:3.12\nCMD a\n") -> Path:
    """A repository whose Dockerfile runs as root."""
    (root / "LAUNCH.md").write_text(checklist)
    (root / "Dockerfile").write_text(dockerfile)
    (root / "gonogo.toml").write_text('checklists = ["LAUNCH.md"]\n')
    (root / ".gonogo").mkdir()
    return root


def _file(root: Path, name: str, *entries: Mapping[str, str]) -> None:
    entries = tuple({**{k: e[k] for k in ("item", "control") if k in e}, **e} for e in entries)
    rows = "".join("".join(f"{'  - ' if n == 0 else '    '}{k}: {v}\n" for n, (k, v) in enumerate(entry.items())) for entry in entries)
    (root / ".gonogo").mkdir(exist_ok=True)
    (root / ".gonogo" / f"{name}.yaml").write_text(f"schema: gonogo.{name}/v1\nentries:\n{rows}" if entries else f"schema: gonogo.{name}/v1\nentries: []\n")


def attested(root: Path, *entries: Mapping[str, str]) -> Path:
    """The repository with these attestations; what they leave out is given."""
    usual = {"status": "passed", "by": "Ada", "role": "sre", "on": day(-1), "expires": day(90), "evidence": "https://x.example/report"}
    _file(root, "attestations", *({k: v for k, v in {**usual, **entry}.items() if v} for entry in entries))
    return root


def waived(root: Path, *entries: Mapping[str, str]) -> Path:
    """The repository with these waivers; what they leave out is given."""
    usual = {"reason": "OPS-1", "owner": "ada", "approver": "grace", "from": day(-1), "expires": day(90), "origin": "any"}
    _file(root, "waivers", *({k: v for k, v in {**usual, **entry}.items() if v} for entry in entries))
    return root


def verdicts(ran: Ran) -> dict[str, str]:
    """The verdict of each item, by its text."""
    return {item["text"]: item["verdict"] for item in ran.document["items"]}


def blockers(ran: Ran) -> list[tuple[str, str]]:
    """The blockers, as (kind, text)."""
    return [(b["kind"], b["text"]) for b in ran.document["blockers"]]


def scanned(root: Path, *arguments: str) -> Any:
    """The assessment document of a scan that must not be refused."""
    ran = scan(root, *arguments)
    assert ran.code in (0, 1, 3), ran.err
    return ran.document

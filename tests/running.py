"""Runs the command line in this process."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gonogo.cli.main import main


@dataclass(frozen=True, slots=True)
class Ran:
    """What one command wrote, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


def run(*arguments: str | Path) -> Ran:
    """Run `gonogo` with these arguments."""
    out, err = io.StringIO(), io.StringIO()
    code = main([str(a) for a in arguments], out, err)
    return Ran(int(code), out.getvalue(), err.getvalue())


def scan(root: Path, *arguments: str | Path) -> Ran:
    """Scan `root` and write the assessment document to standard output."""
    return run("scan", root, "-o", "json", *arguments)

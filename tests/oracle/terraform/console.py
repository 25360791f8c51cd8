"""The real Terraform, asked for the values of many expressions at once."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

ERROR = "error"
UNKNOWN = "unknown"


def run(arguments: Sequence[str], directory: Path, text: str = "") -> str:
    """What `terraform <arguments>` prints, given `text`. Without plugins, network or the user's settings."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(directory), "CHECKPOINT_DISABLE": "1"}
    done = subprocess.run(
        ["terraform", *arguments], input=text, capture_output=True, text=True, cwd=directory, env=environment, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-2_000:]
    return done.stdout


def answers(expressions: Sequence[str], scope: str, directory: Path) -> Mapping[str, str]:
    """`jsonencode({v = <expression>})` of each, or `error`, or `unknown`. They are the elements of one local: a failing one fails its
    `try` only."""
    # The console prints strings with escapes of its own: base64 needs none.
    lines = (f'try(base64encode(jsonencode({{v = {e}\n}})), "{ERROR}"),' for e in expressions)
    (directory / "main.tf").write_text("locals {\n" + scope + "all = [\n" + "\n".join(lines) + "\n]\n}\n", "utf-8")
    found = [line.strip(' ,"') for line in run(["console"], directory, "local.all\n").split("\n") if line.startswith("  ")]
    return dict(zip(expressions, map(_answer, found), strict=True))


def _answer(printed: str) -> str:
    if printed == ERROR:
        return ERROR
    return UNKNOWN if printed == "(known after apply)" else base64.b64decode(printed, validate=True).decode("utf-8")

"""`--plan` and `--state`: the files that the user names, read before anything is scanned."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gonogo.cli.paths import file

if TYPE_CHECKING:
    from gonogo.sources.terraform.documents import Document

STDIN = "-"
_STDIN_NAME = "(stdin)"


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The two options, of every command that reads facts."""
    plan = click.option("--plan", "plans", multiple=True, metavar="FILE", help="A Terraform plan as `terraform show -json PLAN` prints it; - reads stdin; repeatable.")
    state = click.option("--state", "states", multiple=True, metavar="FILE", help="A Terraform state, as `terraform state pull` prints it; - reads stdin; repeatable.")
    return plan(state(command))


def read_documents(root: Path, plans: Sequence[str], states: Sequence[str]) -> tuple[Document, ...]:
    """The plans and states. Raises a usage error that says what is wrong with a file."""
    if not plans and not states:
        return ()
    from gonogo.sources.terraform.documents import DocumentError, read_plan, read_state

    if (*plans, *states).count(STDIN) > 1:
        raise click.UsageError("- reads stdin, which can be given once")
    try:
        plan_names, state_names = _named(root, plans), _named(root, states)
        return (
            *(read_plan(name, _bytes(path, "plan")) for path, name in plan_names.items()),
            *(read_state(name, _bytes(path, "state")) for path, name in state_names.items()),
        )
    except DocumentError as error:
        raise click.UsageError(str(error)) from None


def _bytes(path: str, what: str) -> bytes:
    from gonogo.sources.terraform.documents import MAX_BYTES

    if path == STDIN:
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    try:
        with file(path, what).open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise click.UsageError(f"cannot read the {what} {path}: {error.strerror}") from None


def _named(root: Path, paths: Sequence[str]) -> dict[str, str]:
    """The files by their names in reports; equal ones are numbered in order."""
    found: dict[str, str] = {}
    seen: Counter[str] = Counter()
    for path in dict.fromkeys(paths):
        name = _shown(root, path)
        seen[name] += 1
        found[path] = f"{name} ({seen[name]})" if seen[name] > 1 else name
    return found


def _shown(root: Path, path: str) -> str:
    """The name of a file in reports: from the scanned root where it lies there, as other evidence is, else without its directory,
    which says nothing to another reader and differs from machine to machine."""
    if path == STDIN:
        return _STDIN_NAME
    try:
        return Path(path).resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return Path(path).name

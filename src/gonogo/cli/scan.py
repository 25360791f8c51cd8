"""`gonogo scan`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gonogo.cli import judging as shared
from gonogo.cli.exit_codes import ExitCode, exit_code
from gonogo.cli.judging import Judging
from gonogo.cli.output import write_reports
from gonogo.cli.paths import directory
from gonogo.cli.store import opened, recording
from gonogo.cli.streams import Streams
from gonogo.config import ConfigError

if TYPE_CHECKING:
    from gonogo.app import Examined


@click.command("scan")
@click.argument("path", default=".")
@shared.options
@click.option("--diff", "base", metavar="BASE", help="Fail only for what changed since this branch or commit: a pull request on its own.")
@recording
@click.pass_obj
def command(streams: Streams, path: str, base: str | None, judging: Judging, store: str | None, series: str | None, keep: int | None) -> int:
    """Scan the repository at PATH and say whether it may go live.

    \b
    gonogo scan . --checklist PRODUCTION_CHECKLIST.md
    gonogo scan infra -o json=assessment.json
    terraform show -json tfplan | gonogo scan infra --plan -
    gonogo scan . --diff origin/main
    """
    from gonogo.app import examine
    from gonogo.checklist import ChecklistError
    from gonogo.rules import RuleSetError
    from gonogo.sources.earlier import BaseError

    if base is not None and (judging.plans or judging.states):
        raise click.UsageError("--diff compares the code of two commits; a plan or a state is of one of them only")
    root = directory(path)
    try:
        request = judging.request(root)
        if base is None:
            examined = examine(request)
        else:
            from gonogo.change import examine_change

            examined = examine_change(request, base)
    except (BaseError, ConfigError, ChecklistError, RuleSetError) as error:
        streams.stderr.write(f"gonogo: {error}\n")
        return ExitCode.USAGE
    written = write_reports(examined.assessment, judging.outputs, streams, judging.drawing(root))
    if store is not None:
        name = series or f"scan {root.resolve().name} {request.environment}"
        written = _record(examined, streams, store, root, name, keep or 0) and written
    return exit_code(examined.assessment.decision, exit_zero=judging.exit_zero) if written else ExitCode.REPORT


def _record(examined: Examined, streams: Streams, store: str, root: Path, series: str, keep: int) -> bool:
    """Add the run to the history; False if it could not be, said on stderr."""
    from gonogo.history.errors import HistoryError
    from gonogo.history.run import run_of

    try:
        with opened(store, root, create=True) as history:
            history.record(run_of(examined.assessment, examined.resources, (), series), keep)
    except HistoryError as error:
        streams.stderr.write(f"gonogo: {error}\n")
        return False
    return True

"""`gonogo history`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from gonogo.cli.exit_codes import ExitCode
from gonogo.cli.store import location, opened
from gonogo.cli.streams import Streams


@click.group("history", invoke_without_command=True)
@location
@click.option("--series", metavar="NAME", default="", help="Only runs of this series.")
@click.option("-o", "--output", "format_name", type=click.Choice(["text", "json"]), default="text")
@click.pass_context
def command(context: click.Context, store: str | None, series: str, format_name: str) -> int:
    """List the runs that were recorded, the newest first.

    \b
    gonogo history
    gonogo history export 12 > run.json
    """
    from gonogo.history.errors import HistoryError
    from gonogo.history.export import run_document
    from gonogo.report.escape import printable

    streams: Streams = context.obj
    if context.invoked_subcommand is not None:
        return ExitCode.GO
    try:
        with opened(store) as history:
            runs = history.runs(series)
    except HistoryError as error:
        streams.stderr.write(f"gonogo: {error}\n")
        return ExitCode.USAGE
    if format_name == "json":
        json.dump([run_document(run) for run in runs], streams.stdout, indent=2, ensure_ascii=False)
        streams.stdout.write("\n")
        return ExitCode.GO
    for run in runs:
        streams.stdout.write(f"{run.number:>6}  {run.started}  {run.decision:<10}  {printable(run.series)}\n")
    return ExitCode.GO


@command.command("export")
@click.argument("run")
@location
@click.option("--output", "path", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write to FILE.")
@click.pass_context
def export(context: click.Context, run: str, store: str | None, path: Path | None) -> int:
    """Write run RUN (a number, a date, or `latest`) as JSON that `git diff` reads well."""
    from gonogo.history.choice import chosen
    from gonogo.history.errors import HistoryError
    from gonogo.history.export import document

    streams: Streams = context.obj
    given = store or (context.parent.params.get("store") if context.parent is not None else None)
    try:
        with opened(given) as history:
            found = document(history.run(chosen(history.runs(), run).number))
    except HistoryError as error:
        streams.stderr.write(f"gonogo: {error}\n")
        return ExitCode.USAGE
    text = json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    if path is None:
        streams.stdout.write(text)
        return ExitCode.GO
    try:
        path.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
    except OSError as error:
        streams.stderr.write(f"gonogo: cannot write {path}: {error.strerror or error}\n")
        return ExitCode.REPORT
    return ExitCode.GO

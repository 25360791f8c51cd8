"""`gonogo drift`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from gonogo.cli.exit_codes import ExitCode
from gonogo.cli.paths import file
from gonogo.cli.store import location, opened, series
from gonogo.cli.streams import Streams


@click.command("drift")
@click.option("--since", metavar="RUN|DATE", help="Compare with this run, or with how things stood at this date [the run before].")
@location
@series
@click.option("--ignore", "ignore_file", metavar="FILE", help="Fields that alarm nobody for a while [.gonogo/drift.yaml].")
@click.option("-o", "--output", "format_name", type=click.Choice(["text", "json"]), default="text")
@click.pass_obj
def command(streams: Streams, since: str | None, store: str | None, series: str, ignore_file: str | None, format_name: str) -> int:
    """Compare the last recorded run with an earlier one: which verdicts changed, and which resources.

    \b
    Exit codes: 0 nothing got worse, 1 something regressed or came up violated, 2 usage or configuration,
    3 something went out of sight (and nothing got worse), 4 there is no earlier run.
    """
    from gonogo.history.errors import DriftRulesError, HistoryError, NothingToCompare
    from gonogo.history.ignore import FILE, read_ignore_rules
    from gonogo.report.escape import printable

    path = file(ignore_file, "file of drift rules") if ignore_file else FILE
    try:
        rules = read_ignore_rules(Path(path), datetime.now(UTC).date())
        with opened(store) as history:
            from gonogo.history.drift import blind_only, document, drift, lines

            found = drift(history, rules, since, series)
    except (DriftRulesError, HistoryError) as error:
        streams.stderr.write(f"gonogo: {error}\n")
        return ExitCode.NOTHING if isinstance(error, NothingToCompare) else ExitCode.USAGE
    if format_name == "json":
        json.dump(document(found), streams.stdout, indent=2, ensure_ascii=False)
        streams.stdout.write("\n")
    else:
        streams.stdout.write("".join(f"{printable(line)}\n" for line in lines(found)))
    if not found.alarms:
        return ExitCode.GO
    return ExitCode.INCOMPLETE if blind_only(found) else ExitCode.NO_GO

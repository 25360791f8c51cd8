"""`gonogo drift`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gonogo.cli.exit_codes import ExitCode
from gonogo.cli.language import in_language, speaking
from gonogo.cli.notify import Telling, code_owners, notifying
from gonogo.cli.paths import directory, file
from gonogo.cli.store import location, opened, series
from gonogo.cli.streams import Streams
from gonogo.config import ConfigError

if TYPE_CHECKING:
    from gonogo.history.drift import Drift, OwnersOf
    from gonogo.translation.language import Language


@click.command("drift")
@click.option("--since", metavar="RUN|DATE", help="Compare with this run, or with how things stood at this date [the run before].")
@location
@series
@click.option("--ignore", "ignore_file", metavar="FILE", help="Fields that alarm nobody for a while [.gonogo/drift.yaml].")
@click.option("--repo", "repository", metavar="DIR", default=".", help="The repository, whose CODEOWNERS says who can fix what [.].")
@click.option("-o", "--output", "format_name", type=click.Choice(["text", "json"]), default="text")
@notifying
@in_language
@click.pass_obj
def command(
    streams: Streams,
    since: str | None,
    store: str | None,
    series: str,
    ignore_file: str | None,
    repository: str,
    format_name: str,
    notify: Sequence[str],
    dry_run: bool,
    lang: str | None,
) -> int:
    """Compare the last recorded run with an earlier one: which verdicts changed, and which resources.

    What --notify sends is what it has not told yet, whatever --since compares.

    \b
    Exit codes: 0 nothing got worse, 1 something regressed or came up violated, 2 usage or configuration,
    3 something went out of sight (and nothing got worse), 4 there is no earlier run, 5 somebody could not be notified.
    """
    from gonogo.history.errors import DriftRulesError, HistoryError, NothingToCompare
    from gonogo.history.ignore import FILE, read_ignore_rules
    from gonogo.publish.errors import NotifyError

    path = file(ignore_file, "file of drift rules") if ignore_file else FILE
    owners, language = code_owners(directory(repository), streams), speaking(lang)
    try:
        telling = Telling.of(notify, language, dry_run=dry_run)
        rules = read_ignore_rules(Path(path), datetime.now(UTC).date())
        with opened(store) as history:
            from gonogo.history.drift import drift

            found = drift(history, rules, since, series)
            _write(found, owners, format_name, streams, language)
            told = telling.tell(history, found.now.series, rules, owners, streams, shown=format_name == "text")
    except (ConfigError, DriftRulesError, HistoryError, NotifyError) as error:
        streams.stderr.write(f"gonogo: {error}\n")
        return ExitCode.NOTHING if isinstance(error, NothingToCompare) else ExitCode.USAGE
    return _exit_code(found) if told else ExitCode.REPORT


def _write(found: Drift, owners: OwnersOf, format_name: str, streams: Streams, language: Language) -> None:
    from gonogo.history.drift import document, lines
    from gonogo.report.escape import printable

    if format_name == "json":
        json.dump(document(found, owners), streams.stdout, indent=2, ensure_ascii=False)
        streams.stdout.write("\n")
    else:
        streams.stdout.write("".join(f"{printable(line)}\n" for line in lines(found, owners, language)))


def _exit_code(found: Drift) -> ExitCode:
    from gonogo.history.drift import blind_only

    if not found.alarms:
        return ExitCode.GO
    return ExitCode.INCOMPLETE if blind_only(found) else ExitCode.NO_GO

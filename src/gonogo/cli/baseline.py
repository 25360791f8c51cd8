"""`gonogo baseline`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gonogo.cli import judging as shared
from gonogo.cli.exit_codes import ExitCode
from gonogo.cli.judging import Judging
from gonogo.cli.paths import directory, file
from gonogo.cli.streams import Streams

if TYPE_CHECKING:
    from gonogo.engine.baseline import Entry
    from gonogo.model.assessment import Assessment

_DAYS = 180


@click.group("baseline")
def command() -> None:
    """Keep a baseline: violations that are known and fail no run until a date (scan --baseline FILE).

    A baselined finding stays violated in every report; what is new counts. The options say what is scanned, as those of
    `gonogo scan`: give the same ones.
    """


def _where(command: Callable[..., Any]) -> Callable[..., Any]:
    path = click.argument("path", default=".")
    place = click.option("--file", "place", metavar="FILE", help="The baseline, JSON or YAML [.gonogo/baseline.json below PATH].")
    return path(place(shared.asking(command)))


def _why(command: Callable[..., Any]) -> Callable[..., Any]:
    reason = click.option("--reason", required=True, help="Why it is known and not fixed: a ticket, a plan.")
    owner = click.option("--owner", required=True, help="Who answers for it.")
    expires = click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help=f"The last day on which it fails nothing [in {_DAYS} days].")
    return reason(owner(expires(command)))


@command.command("create")
@_where
@_why
@click.pass_obj
def create(streams: Streams, path: str, place: str | None, reason: str, owner: str, expires: datetime | None, judging: Judging) -> int:
    """Write a baseline of every violation that a scan of PATH finds."""
    from gonogo.engine.baseline import entries_of

    root = directory(path)
    target = _place(root, place)
    if target.exists():
        raise click.UsageError(f"{target} exists; gonogo baseline update adds to it")
    assessment = _scan(streams, root, judging)
    if assessment is None:
        return ExitCode.USAGE
    entries = entries_of(assessment, reason, owner, _last_day(expires))
    return _write(streams, target, entries, f"{len(entries)} violations, until {_last_day(expires)}")


@command.command("update")
@_where
@_why
@click.pass_obj
def update(streams: Streams, path: str, place: str | None, reason: str, owner: str, expires: datetime | None, judging: Judging) -> int:
    """Add the violations that the baseline has not; what it has keeps its reason, owner and date."""
    from gonogo.engine.baseline import BaselineError, added, entries_of, read_baseline
    from gonogo.report.escape import printable

    root = directory(path)
    target = _place(root, place)
    try:
        baseline = read_baseline(file(target, "baseline"))
    except BaselineError as error:
        streams.stderr.write(f"gonogo: {error}\n")
        return ExitCode.USAGE
    assessment = _scan(streams, root, judging)
    if assessment is None:
        return ExitCode.USAGE
    whole, new = added(baseline, entries_of(assessment, reason, owner, _last_day(expires)))
    for entry in baseline.gone(assessment):
        streams.stdout.write(printable(f"not violated any more: {_named(entry)} (gonogo baseline prune removes it)") + "\n")
    return _write(streams, target, whole.entries, f"{len(new)} added, {len(whole.entries)} in all")


@command.command("prune")
@_where
@click.pass_obj
def prune(streams: Streams, path: str, place: str | None, judging: Judging) -> int:
    """Remove what nothing violates any more. What could not be read this time, or is of another environment, stays."""
    from gonogo.engine.baseline import BaselineError, read_baseline
    from gonogo.report.escape import printable

    root = directory(path)
    target = _place(root, place)
    try:
        baseline = read_baseline(file(target, "baseline"))
    except BaselineError as error:
        streams.stderr.write(f"gonogo: {error}\n")
        return ExitCode.USAGE
    assessment = _scan(streams, root, judging)
    if assessment is None:
        return ExitCode.USAGE
    gone = set(baseline.gone(assessment))
    for entry in baseline.entries:
        if entry in gone:
            streams.stdout.write(printable(f"removed: {_named(entry)}") + "\n")
    left = [entry for entry in baseline.entries if entry not in gone]
    return _write(streams, target, left, f"{len(gone)} removed, {len(left)} left")


def _named(entry: Entry) -> str:
    return f"{entry.control} of {entry.subject} ({entry.owner}: {entry.reason})"


def _place(root: Path, given: str | None) -> Path:
    """The file; the default place is refused where the scanned repository leads it out of itself."""
    from gonogo.engine.baseline import FILE

    if given is not None:
        return Path(given)
    path = root / FILE
    for link in (path.parent, path):
        if link.is_symlink():
            raise click.UsageError(f"{link} is a symbolic link: nothing is written through it; name a file with --file")
    return path


def _last_day(given: datetime | None) -> date:
    return given.date() if given is not None else datetime.now(UTC).date() + timedelta(days=_DAYS)


def _scan(streams: Streams, root: Path, judging: Judging) -> Assessment | None:
    """The assessment without any baseline; None where the user's input is at fault, which is said."""
    from gonogo.app import scan
    from gonogo.checklist import ChecklistError
    from gonogo.config import ConfigError
    from gonogo.rules import RuleSetError

    try:
        return scan(judging.request(root))
    except (ConfigError, ChecklistError, RuleSetError) as error:
        streams.stderr.write(f"gonogo: {error}\n")
        return None


def _write(streams: Streams, target: Path, entries: Iterable[Entry], said: str) -> int:
    from gonogo.engine.baseline import text

    try:
        target.parent.mkdir(exist_ok=True)
        target.write_text(text(entries), "utf-8", newline="\n")
    except OSError as error:
        streams.stderr.write(f"gonogo: cannot write {target}: {error.strerror or error}\n")
        return ExitCode.REPORT
    streams.stdout.write(f"{target}: {said}\n")
    return ExitCode.GO

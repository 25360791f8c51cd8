"""`gonogo waive`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import click

from gonogo.cli import register
from gonogo.cli.exit_codes import ExitCode
from gonogo.cli.streams import Streams


@click.command("waive")
@click.argument("control", metavar="CONTROL|ITEM", required=False)
@click.option("--reason", metavar="TEXT", help="Why it is accepted: a ticket, a plan.")
@click.option("--owner", metavar="NAME", help="Who answers for it.")
@click.option("--approver", metavar="NAME", help="Who accepted it; not the owner.")
@click.option("--expires", type=register.DAY, metavar="YYYY-MM-DD", help="The last day on which it holds, at most [gate] max_waiver_days (366) after --from.")
@click.option("--from", "start", type=register.DAY, metavar="YYYY-MM-DD", help="The first day on which it holds [today].")
@click.option("--origin", type=click.Choice(["code", "live", "any"]), default="any", show_default=True, help="Where it covers what is violated.")
@click.option("--resource", metavar="GLOB", help="The names or files that it is about [all].")
@click.option("--list", "listing", is_flag=True, help="List the waivers of the file, and whether they are in force.")
@click.option("--dry-run", is_flag=True, help="Show what would be written.")
@click.option("--root", metavar="DIR", default=".", help="The repository [.].")
@click.option("-c", "--checklist", "checklists", multiple=True, metavar="FILE", help="The checklist of the item [checklists in gonogo.toml].")
@click.pass_obj
def command(
    streams: Streams,
    control: str | None,
    reason: str | None,
    owner: str | None,
    approver: str | None,
    expires: datetime | None,
    start: datetime | None,
    origin: str,
    resource: str | None,
    listing: bool,
    dry_run: bool,
    root: str,
    checklists: Sequence[str],
) -> int:
    """Accept a gap for a while, in .gonogo/waivers.yaml.

    CONTROL is a control, or an item's id, place or text. What is waived stays violated in every report, with the waiver beside it.

    \b
    gonogo waive cloudsql-ha --reason 'one zone until the move, OPS-12' --owner ada --approver grace --expires 2027-03-31
    gonogo waive dockerfile-nonroot --resource 'tools/*' --origin code --reason … --owner … --approver … --expires …
    gonogo waive --list

    The file keeps every byte that it has; an entry is added at its end.
    """
    desk = register.opened(streams, root, checklists)
    if desk is None:
        return ExitCode.USAGE
    if listing:
        return _list(streams, desk)
    needed = {"CONTROL": control, "--reason": reason, "--owner": owner, "--approver": approver, "--expires": expires}
    if missing := [name for name, given in needed.items() if not given]:
        raise click.UsageError(f"missing: {', '.join(missing)}")
    entry = {
        **_target(desk, control or ""),
        "reason": reason or "",
        "owner": owner or "",
        "approver": approver or "",
        "from": register.day(start).isoformat(),
        "expires": register.day(expires).isoformat(),
        "origin": origin,
        **({"resource": resource} if resource else {}),
    }
    from gonogo.engine.register import WAIVERS

    return register.write(streams, desk, desk.config.waivers, WAIVERS, entry, desk.config.gate.max_waiver_days, dry_run=dry_run)


def _target(desk: register.Desk, said: str) -> dict[str, str | Sequence[str]]:
    """What the entry names. Raises a usage error for what is not there, or may not be waived."""
    from gonogo.engine.accepted import control_problem, waivable_of
    from gonogo.engine.register import RegisterError

    try:
        waivable = waivable_of(desk.rules.controls, desk.config.gate)
    except RegisterError as error:
        raise click.UsageError(str(error)) from None
    if said in waivable:
        if problem := control_problem(said, waivable):
            raise click.UsageError(problem)
        return {"control": said}
    found = desk.find(said)
    if found is None:
        raise desk.unknown(said)
    for control in found.controls:
        if problem := control_problem(control, waivable):
            raise click.UsageError(problem)
    return register.item_fields(desk, found)


def _list(streams: Streams, desk: register.Desk) -> int:
    from gonogo.engine.register import RegisterError, read_waivers
    from gonogo.report.escape import printable_lines

    try:
        entries = read_waivers(desk.root / desk.config.waivers, desk.root, desk.config.gate.max_waiver_days)
    except RegisterError as error:
        streams.stderr.write(f"gonogo: {printable_lines(str(error))}\n")
        return ExitCode.USAGE
    told = {str(e.location): f"origin {e.origin}, {e.owner}, approved by {e.approver}: {e.reason}" for e in entries}
    return register.listed(streams, entries, told, register.day(None))

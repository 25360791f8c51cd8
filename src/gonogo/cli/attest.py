"""`gonogo attest`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import click

from gonogo.cli import register
from gonogo.cli.exit_codes import ExitCode
from gonogo.cli.streams import Streams

_STATUS = ("passed", "failed", "not-applicable")


@click.command("attest")
@click.argument("item", required=False)
@click.option("--by", metavar="NAME", help="Who says so.")
@click.option("--role", metavar="ROLE", help="As what: security lead, on-call.")
@click.option("--expires", type=register.DAY, metavar="YYYY-MM-DD", help="The last day on which it counts, at most 366 days after --on.")
@click.option("--evidence", metavar="URL|PATH", help="What shows it: a URL, or a path of the repository.")
@click.option("--status", type=click.Choice(_STATUS), default="passed", show_default=True)
@click.option("--on", type=register.DAY, metavar="YYYY-MM-DD", help="The day on which it was so [today].")
@click.option("--reason", metavar="TEXT", help="Why it does not apply.")
@click.option("--note", metavar="TEXT")
@click.option("--release", metavar="NAME", help="The release that it is about alone.")
@click.option("--list", "listing", is_flag=True, help="List the attestations, and whether they are in force.")
@click.option("--dry-run", is_flag=True, help="Show what would be written.")
@click.option("--root", metavar="DIR", default=".", help="The repository [.].")
@click.option("-c", "--checklist", "checklists", multiple=True, metavar="FILE", help="The checklist of the item [checklists in gonogo.toml].")
@click.pass_obj
def command(
    streams: Streams,
    item: str | None,
    by: str | None,
    role: str | None,
    expires: datetime | None,
    evidence: str | None,
    status: str,
    on: datetime | None,
    reason: str | None,
    note: str | None,
    release: str | None,
    listing: bool,
    dry_run: bool,
    root: str,
    checklists: Sequence[str],
) -> int:
    """State what no rule can decide, in .gonogo/attestations.yaml.

    ITEM is an item's id, its place or its text, or a control that no rule decides. What a rule decides is not for a person to
    state: gonogo waive accepts a gap.

    \b
    gonogo attest CHECKLIST.md:42 --by 'Ada Lovelace' --role 'security lead' --expires 2027-05-01 --evidence https://…
    gonogo attest 'The lawyers agree' --by … --role … --expires … --status not-applicable --reason 'no customers yet'
    gonogo attest --list

    The file keeps every byte that it has; an entry is added at its end.
    """
    desk = register.opened(streams, root, checklists)
    if desk is None:
        return ExitCode.USAGE
    if listing:
        return _list(streams, desk)
    needed = {"ITEM": item, "--by": by, "--role": role, "--expires": expires}
    needed |= {"--evidence": evidence} if status == "passed" else {"--reason": reason} if status == "not-applicable" else {}
    if missing := [name for name, given in needed.items() if not given]:
        raise click.UsageError(f"missing: {', '.join(missing)}")
    entry = {
        **_target(desk, item or ""),
        "status": status,
        "by": by or "",
        "role": role or "",
        "on": register.day(on).isoformat(),
        "expires": register.day(expires).isoformat(),
    }
    entry |= {name: text for name, text in (("evidence", evidence), ("reason", reason), ("note", note), ("release", release)) if text}
    from gonogo.engine.register import ATTESTATIONS, MAX_DAYS

    return register.write(streams, desk, desk.config.attestations, ATTESTATIONS, entry, MAX_DAYS, dry_run=dry_run)


def _target(desk: register.Desk, said: str) -> dict[str, str | Sequence[str]]:
    """What the entry names. Raises a usage error for what is not for a person to state."""
    found = desk.find(said)
    if found is not None:
        if ruled := [c for c in found.controls if c in desk.decided]:
            raise click.UsageError(f"{ruled[0]} decides this item, and no attestation outweighs it; gonogo waive {ruled[0]} accepts a gap")
        if found.ignored:
            raise click.UsageError("the item is ignored: nobody asks for it")
        return register.item_fields(desk, found)
    if said in {control.id for control in desk.rules.controls}:
        if said in desk.decided:
            raise click.UsageError(f"rules decide {said}, and no attestation outweighs them; gonogo waive {said} accepts a gap")
        return {"control": said}
    raise desk.unknown(said)


def _list(streams: Streams, desk: register.Desk) -> int:
    from gonogo.engine.register import RegisterError, read_attestations
    from gonogo.report.escape import printable_lines

    try:
        entries = read_attestations(desk.root / desk.config.attestations, desk.root)
    except RegisterError as error:
        streams.stderr.write(f"gonogo: {printable_lines(str(error))}\n")
        return ExitCode.USAGE
    told = {str(e.location): f"{e.status.value} by {e.by} ({e.role}) on {e.on}{f', release {e.release}' if e.release else ''}" for e in entries}
    return register.listed(streams, entries, told, register.day(None))

"""`gonogo checklist map`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gonogo.checklist.errors import ChecklistError
from gonogo.cli.exit_codes import ExitCode
from gonogo.cli.lock_file import lock_path
from gonogo.cli.paths import directory, file
from gonogo.cli.streams import Streams
from gonogo.config import ConfigError, read_config
from gonogo.report.escape import printable

if TYPE_CHECKING:
    from gonogo.checklist.mapping import Found, Proposal


@click.command("map")
@click.argument("paths", nargs=-1, metavar="[FILE]…")
@click.option("--map", "given", metavar="FILE", help="The lock file of reviewed bindings [.gonogo/map.yaml].")
@click.option("--rules", "rule_dirs", multiple=True, metavar="DIR", help="A directory of further rule packs; repeatable.")
@click.option("--write", is_flag=True, help="Write what has one reading into the lock file; `reviewed: false` without --reviewed-by.")
@click.option("--accept", type=click.Choice(["confident"]), help="Write only what is bound to controls, not what is left to a person.")
@click.option("--reviewed-by", "reviewer", metavar="NAME", default="", help="Say that NAME has reviewed what is written, and what was written before.")
@click.option("--prune", is_flag=True, help="Take out the entries whose item is gone.")
@click.pass_obj
def command(
    streams: Streams, paths: tuple[str, ...], given: str | None, rule_dirs: tuple[str, ...], *, write: bool, accept: str | None, reviewer: str, prune: bool
) -> int:
    """Propose which control each item of a checklist asks for, and why; write what was reviewed.

    Nothing but the checklists (those of gonogo.toml where none is named) and the lock file is read. A reviewed entry stays as it is,
    byte for byte; one whose item has changed is shown, old and new, and decides nothing until it is reviewed again.

    \b
    gonogo checklist map PRODUCTION_CHECKLIST.md
    gonogo checklist map --write
    gonogo checklist map --write --accept confident --reviewed-by "Kim Minji"
    """
    from gonogo.checklist.binding import bind, propose
    from gonogo.checklist.lock import read_lock
    from gonogo.checklist.lock_file import rewritten
    from gonogo.checklist.mapping import entries, mapping
    from gonogo.checklist.markdown import read_checklist
    from gonogo.rules import RuleSetError, load_rules

    root = Path()
    if (reviewer or accept or prune) and not write:
        raise click.UsageError("--reviewed-by, --accept and --prune say what is written; give --write, too")
    try:
        config = read_config(root, None)
        named = [file(path, "checklist") for path in dict.fromkeys(paths or config.checklists)]
        if not named:
            raise click.UsageError("name a checklist, or set `checklists` in gonogo.toml")
        if prune and {Path(path).resolve() for path in config.checklists} - {path.resolve() for path in named}:
            raise click.UsageError("--prune would take out the entries of the other checklists of gonogo.toml; name those, too, or none")
        controls = load_rules(tuple(directory(d, "rules directory") for d in rule_dirs or config.rules)).controls
        target = (Path(given) if given else None) or lock_path(root, None, config.map, streams) or root / config.map
        lock = read_lock(target, {control.id: control.parameters for control in controls})
        checklists = [read_checklist(path, root) for path in named]
        readings = [reading for checklist in checklists for reading in propose(checklist, controls)]
        bindings = [binding for checklist in checklists for binding in bind(checklist, controls, target if target.exists() else None)]
        found = mapping(readings, bindings, lock)
        streams.stdout.writelines(f"{printable(line)}\n" for line in _shown(found, target, many=len(named) > 1, prune=prune))
        if write:
            today = datetime.now(UTC).date().isoformat()
            made = entries(found, manual=accept is None, reviewer=reviewer.strip(), on=today)
            before = target.read_bytes().decode("utf-8") if target.exists() else ""
            after = rewritten(before, target.name, made, {entry.id for entry in found.gone} if prune else frozenset())
            if after != before:
                target.parent.mkdir(parents=True, exist_ok=True)
                _replace(target, after)
            pruned = f", {len(found.gone)} taken out" if prune and found.gone else ""
            streams.stdout.write(f"{len(made)} written to {printable(str(target))}{pruned}\n" if after != before else "nothing to write\n")
    except (ChecklistError, ConfigError, RuleSetError) as error:
        streams.stderr.write(f"gonogo: {error}\n")
        return ExitCode.USAGE
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        streams.stderr.write(f"gonogo: {error.filename}: cannot be written: {error.strerror or error}\n")
        return ExitCode.REPORT
    return ExitCode.GO


def _replace(target: Path, text: str) -> None:
    """All of the file or nothing: half a lock file would be an error in every run."""
    written = target.with_name(f".{target.name}.new")
    written.write_bytes(text.encode("utf-8"))
    os.replace(written, target)


def _shown(found: Found, target: Path, *, many: bool, prune: bool) -> Iterator[str]:
    from gonogo.checklist.mapping import Outcome

    for outcome in Outcome:
        proposals = found.of(outcome)
        if proposals:
            yield f"{outcome.value} ({len(proposals)})"
            for proposal in proposals:
                yield from _lines(proposal, many=many)
            yield ""
    if found.gone:
        yield f"gone ({len(found.gone)}): entries whose item is in none of these checklists, {'taken out' if prune else 'kept (--prune takes them out)'}"
        for entry in found.gone:
            yield f"  {target.name}:{entry.line} “{entry.text or entry.id}”"
        yield ""
    yield _counted(found.proposals)


def _lines(proposal: Proposal, *, many: bool) -> Iterator[str]:
    item, binding = proposal.item, proposal.binding
    place = f"{item.file}:{item.line}" if many else str(item.line)
    meant = " + ".join(binding.controls) or (f"one of {', '.join(binding.candidates)}" if binding.candidates else "")
    state = "" if not binding.controls and not binding.manual else " [reviewed]" if proposal.settled else " [to review]"
    yield f"  {place} {item.text}{f' -> {meant}' if meant else ''}{state}"
    yield from (f"      {line}" for line in proposal.why)


def _counted(proposals: Sequence[Proposal]) -> str:
    from gonogo.checklist.mapping import Outcome

    bound = [p for p in proposals if p.outcome is Outcome.BOUND]
    reviewed = sum(p.settled for p in bound)
    rest = ", ".join(f"{sum(p.outcome is outcome for p in proposals)} {outcome.value}" for outcome in Outcome if outcome is not Outcome.BOUND)
    return f"{len(proposals)} items: {len(bound)} bound ({reviewed} reviewed, {len(bound) - reviewed} to review), {rest}"

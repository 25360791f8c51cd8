"""`gonogo checklist`."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from gonogo.cli.exit_codes import ExitCode
from gonogo.cli.language import in_language, speaking
from gonogo.cli.paths import file
from gonogo.cli.streams import Streams

_COMMANDS = ("lint", "map", "tick")


class _Commands(click.Group):
    """A group that imports a command only when it is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *_COMMANDS])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return super().get_command(ctx, cmd_name)
        command: click.Command = import_module(f"gonogo.cli.checklist_{cmd_name}").command
        return command


@click.group("checklist", cls=_Commands)
def command() -> None:
    """Work with checklists."""


@command.command("show")
@click.argument("path", metavar="FILE")
@click.option("--map", "lock_file", metavar="FILE", help="The lock file of reviewed bindings.")
@in_language
@click.pass_obj
def show(streams: Streams, path: str, lock_file: str | None, lang: str | None) -> int:
    """List the items of a checklist with the controls they bind to, and by what."""
    from gonogo.checklist import ChecklistError
    from gonogo.checklist.binding import bind
    from gonogo.checklist.markdown import read_checklist
    from gonogo.report.escape import printable
    from gonogo.rules import load_rules

    found = file(path, "checklist")
    try:
        checklist = read_checklist(found, found.parent)
        bindings = bind(checklist, load_rules(()).controls, file(lock_file, "lock file") if lock_file else None)
    except ChecklistError as error:
        streams.stderr.write(f"gonogo: {error}\n")
        return ExitCode.USAGE
    language = speaking(lang, (item.text for item in checklist.items))
    for binding in bindings:
        item = binding.item
        if binding.controls:
            target = ", ".join(binding.controls) + f" ({binding.source.value})"
        else:
            target = language.say("manual") if binding.manual else language.say("ignored" if binding.ignored else "unmapped")
        box = "x" if item.claimed else " "
        streams.stdout.write(printable(f"{Path(item.file).name}:{item.line} [{box}] {item.text} -> {target}") + "\n")
    bound = sum(bool(b.controls) for b in bindings)
    manual = sum(b.manual for b in bindings)
    left = len(bindings) - bound - manual
    said = language.say("{items} items: {bound} bound, {manual} for a person, {left} unmapped", items=len(bindings), bound=bound, manual=manual, left=left)
    streams.stdout.write(f"{said}\n")
    return ExitCode.GO

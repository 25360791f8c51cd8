"""`--every CRON`: the same command again and again, each time as a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import click

from gonogo.cli.exit_codes import ExitCode
from gonogo.cli.streams import Streams

_ARGUMENTS = "gonogo.arguments"


class Repeatable(click.Command):
    """A command that remembers what it was called with."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[_ARGUMENTS] = tuple(args)
        return super().parse_args(ctx, args)


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--every`, and `--once`, which outweighs it."""
    every = click.option(
        "--every", metavar="CRON", help="Go on in the foreground and audit whenever this cron expression says, in UTC: '0 */6 * * *'."
    )
    once = click.option("--once", is_flag=True, hidden=True)
    return every(once(command))


def again_and_again(streams: Streams, every: str) -> int:
    """Run the current command whenever `every` says, until a signal; its exit code. Raises usage errors."""
    if find_spec("apscheduler") is None:
        raise click.UsageError("--every needs APScheduler: pip install 'gonogo[schedule]'")
    from gonogo.periodic.child import gonogo
    from gonogo.periodic.cron import CronError, read_cron
    from gonogo.periodic.loop import repeat

    context = click.get_current_context()
    arguments = context.meta[_ARGUMENTS]

    def say(text: str) -> None:
        streams.stderr.write(f"gonogo: {text}\n")
        streams.stderr.flush()

    try:
        return repeat(read_cron(every), gonogo([context.info_name or "", *arguments, "--once"]), say)
    except CronError as error:
        say(f"--every {error}")
        return ExitCode.USAGE

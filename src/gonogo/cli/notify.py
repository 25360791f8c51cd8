"""`--notify`: who is told what changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TextIO

import click

from gonogo.cli.streams import Streams

if TYPE_CHECKING:
    from gonogo.publish.notify import Notifier
    from gonogo.publish.targets import Target


def notifying(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a command that tells."""
    who = click.option(
        "--notify", "notify", multiple=True, metavar="URL|NAME",
        help="Tell them, once, what regressed, came up violated, went out of sight or was fixed: an address of apprise (slack://…, mailto://…, "
        "pagerduty://…, jsons://…; https://appriseit.com/services/), or the name of an environment variable with such addresses, "
        "GONOGO_NOTIFY…; repeatable. Needs gonogo[notify].",
    )  # fmt: skip
    dry = click.option("--dry-run", is_flag=True, help="Print what --notify would send, and to what kinds of service; send nothing.")
    return who(dry(command))


def tell(notifier: Notifier, targets: Sequence[Target], streams: Streams) -> bool:
    """Tell the targets; False where one could not be, said on stderr. Raises `HistoryError`."""
    from gonogo.report.escape import printable

    outcomes = notifier.tell(targets)
    for outcome in outcomes:
        if outcome.failed:
            streams.stderr.write(f"gonogo: could not notify {outcome.target}: {outcome.failed}; the next run says it again\n")
        elif outcome.told:
            streams.stderr.write(f"gonogo: notified {outcome.target}: {printable(outcome.told.removeprefix('gonogo: '))}\n")
    return not any(outcome.failed for outcome in outcomes)


def show(notifier: Notifier, targets: Sequence[Target], out: TextIO) -> None:
    """What would be sent. Raises `HistoryError`."""
    from gonogo.publish.message import Message

    for target, found in notifier.preview(targets):
        out.write(f"\nTo {target.name}:" + ("\n" if found else " nothing\n"))
        if isinstance(found, Message):
            out.write(f"{found.title}\n\n{found.body}\n")
        for event in found if isinstance(found, tuple) else ():
            out.write(f"{'resolve' if event.resolves else 'trigger'} {event.key}{'' if event.resolves else f': {event.text}'}\n")

"""`--notify`: who is told what changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from gonogo.cli.streams import Streams
from gonogo.config import read_notify
from gonogo.translation.language import ENGLISH, Language

if TYPE_CHECKING:
    from gonogo.history.drift import OwnersOf
    from gonogo.history.ignore import IgnoreRules
    from gonogo.history.store import Store
    from gonogo.model.assessment import Assessment
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


@dataclass(frozen=True, slots=True)
class Telling:
    """Who is told what changed, or is only said to be told."""

    targets: tuple[Target, ...] = ()
    dry_run: bool = False
    language: Language = ENGLISH

    @classmethod
    def of(cls, notify: Sequence[str], language: Language, *, dry_run: bool) -> Telling:
        """Of addresses and names of variables. Raises `ConfigError`, `NotifyError`."""
        from gonogo.publish.targets import read_targets

        if dry_run and not notify:
            raise click.UsageError("--dry-run shows what --notify would send: name somebody with --notify")
        return cls(read_targets(read_notify(notify)), dry_run, language)

    def speaking(self, language: Language) -> Telling:
        """The same ones, told in another language."""
        return replace(self, language=language)

    def expect(self, history: Store, series: str) -> None:
        """Before a run is recorded. Raises `HistoryError`."""
        if self.targets and not self.dry_run:
            from gonogo.history.told import Told

            Told(history.database, series).expect([target.name for target in self.targets], datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))

    def tell(
        self, history: Store, series: str, rules: IgnoreRules, owners: OwnersOf, streams: Streams, assessment: Assessment | None = None, *, shown: bool
    ) -> bool:
        """Tell them; False where one could not be told, said on stderr. `shown` where standard output is for reading. Raises `HistoryError`."""
        if not self.targets:
            return True
        notifier = self._notifier(history, series, rules, owners, assessment)
        if self.dry_run:
            _preview(notifier, self.targets, streams.stdout if shown else streams.stderr)
            return True
        outcomes = notifier.tell(self.targets)
        for outcome in outcomes:
            if outcome.failed:
                streams.stderr.write(f"gonogo: could not notify {outcome.target}: {outcome.failed}; the next run says it again\n")
            elif outcome.told:
                streams.stderr.write(f"gonogo: notified {outcome.target}: {outcome.told.removeprefix('gonogo: ')}\n")
        return not any(outcome.failed for outcome in outcomes)

    def _notifier(
        self, history: Store, series: str, rules: IgnoreRules, owners: OwnersOf, assessment: Assessment | None = None
    ) -> Notifier:
        from gonogo.publish.message import Wording
        from gonogo.publish.notify import Notifier

        return Notifier(history, series, rules, Wording.of(owners, assessment, self.language), lambda: datetime.now(UTC))


def code_owners(root: Path, streams: Streams) -> OwnersOf:
    """Who can change which files of a repository; a file of owners that cannot be used is said on stderr."""
    from gonogo.sources.repository.codeowners import read_code_owners

    owners = read_code_owners(root)
    if owners.problem:
        streams.stderr.write(f"gonogo: who owns what is not known: {owners.problem}\n")
    return owners.of


def _preview(notifier: Notifier, targets: Sequence[Target], out: TextIO) -> None:
    """What would be sent. Raises `HistoryError`."""
    from gonogo.publish.message import Message

    for target, found in notifier.preview(targets):
        out.write(f"\nTo {target.name}:" + ("\n" if found else " nothing\n"))
        if isinstance(found, Message):
            out.write(f"{found.title}\n\n{found.body}\n")
        for event in found if isinstance(found, tuple) else ():
            out.write(f"{'resolve' if event.resolves else 'trigger'} {event.key}{'' if event.resolves else f': {event.text}'}\n")

"""Tells each target what it has not been told: once, again after a failure, and by one process at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from gonogo.history.drift import Drift, between
from gonogo.history.ignore import IgnoreRules
from gonogo.history.store import Store
from gonogo.history.told import Told
from gonogo.publish.incidents import Event, events
from gonogo.publish.message import Message, Wording, compose
from gonogo.publish.news import News, news_of
from gonogo.publish.targets import Target


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one target: what it was told (empty where there was nothing to tell), or why it could not be."""

    target: str
    told: str = ""
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Notifier:
    """Tells of one series. Every method raises `HistoryError`."""

    store: Store
    series: str
    rules: IgnoreRules
    wording: Wording
    clock: Callable[[], datetime]

    def tell(self, targets: Sequence[Target]) -> tuple[Outcome, ...]:
        """Tell each target all changes up to the last recorded run.

        What is remembered is what a service took: killed between that and the note of it, the next run says it again.
        """
        with self.store.database.telling():
            numbers = self._numbers()
            self._told.expect([t.name for t in targets], self._stamp, base=_start(numbers))
            found = {t.name: self._told.upto(t.name) or 0 for t in targets}
            news = {upto: self._news(numbers, upto) for upto in sorted(set(found.values()))}
            return tuple(self._tell(target, news[found[target.name]]) for target in targets)

    def preview(self, targets: Sequence[Target]) -> Iterator[tuple[Target, Message | tuple[Event, ...] | None]]:
        """What `tell` would send to each target; nothing is sent and nothing remembered."""
        numbers = self._numbers()
        for target in targets:
            upto = self._told.upto(target.name)
            news = self._news(numbers, upto if upto is not None else _start(numbers))
            if target.incidents:
                yield target, events(news, self._told.incidents(target.name), self.wording) if news is not None else ()
            else:
                yield target, compose(news, self.wording, target.limit) if news is not None and news.worth_telling else None

    @property
    def _told(self) -> Told:
        return Told(self.store.database, self.series)

    @property
    def _stamp(self) -> str:
        return self.clock().strftime("%Y-%m-%dT%H:%M:%SZ")

    def _numbers(self) -> list[int]:
        return sorted(run.number for run in self.store.runs(self.series))

    def _tell(self, target: Target, news: News | None) -> Outcome:
        if news is None:
            return Outcome(target.name)
        outcome = self._events(target, news) if target.incidents else self._message(target, news)
        if not outcome.failed:
            self._told.tell(target.name, news.now.number)
        return outcome

    def _message(self, target: Target, news: News) -> Outcome:
        if not news.worth_telling:
            return Outcome(target.name)
        message = compose(news, self.wording, target.limit)
        failed = target.send(message)
        return Outcome(target.name, failed=failed) if failed else Outcome(target.name, told=message.title)

    def _events(self, target: Target, news: News) -> Outcome:
        """Each incident is noted as soon as the service took it: a failure in the middle repeats none."""
        found = events(news, self._told.incidents(target.name), self.wording)
        for event in found:
            failed = target.send_event(event)
            if failed:
                return Outcome(target.name, failed=failed)
            (self._told.resolved if event.resolves else self._told.opened)(target.name, event.incident)
        resolved = sum(event.resolves for event in found)
        told = ", ".join(f"{count} incident{'s' if count > 1 else ''} {what}" for count, what in ((len(found) - resolved, "opened"), (resolved, "resolved")) if count)
        return Outcome(target.name, told=told)

    def _news(self, numbers: Sequence[int], upto: int) -> News | None:
        """What happened after run `upto`; None where that is the last one, or the only one there is."""
        kept = [number for number in numbers if number >= upto]
        if len(kept) < 2:
            return None
        return news_of(self._drifts(kept), forgotten=upto not in (0, kept[0]))

    def _drifts(self, numbers: Sequence[int]) -> Iterator[Drift]:
        for earlier, later in zip(numbers, numbers[1:], strict=False):
            yield between(self.store, self.rules, earlier, later)


def _start(numbers: Sequence[int]) -> int:
    """A target that nobody announced hears of the last run only."""
    return (numbers[-2] if len(numbers) > 1 else numbers[-1]) if numbers else 0

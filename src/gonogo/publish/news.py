"""What somebody has not been told yet: the changes of verdicts over the runs since the last message, each thing once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from gonogo.history.compare.verdicts import Change, Transition
from gonogo.history.drift import Drift
from gonogo.history.ignore import IgnoreRule
from gonogo.history.places import Places
from gonogo.history.run import Key, Level, Run, Standing
from gonogo.history.store import Sighting
from gonogo.model.drift import Difference
from gonogo.model.finding import Severity, Verdict
from gonogo.model.resource import Gap


class Topic(StrEnum):
    """What a part of a message is about, in order."""

    REGRESSED = "regressed"
    VIOLATED = "newly violated"
    WENT_BLIND = "went blind"
    FIXED = "fixed"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Entry:
    """One change. `run` is the one that saw it, `earlier` what else happened to the same thing since the last message.

    `now` is the verdict of the last run (None: it is not there), `sighting` when what is or was wrong was seen, `differences` how its
    resource changed.
    """

    transition: Transition
    run: int
    now: Verdict | None
    earlier: tuple[tuple[int, Transition], ...] = ()
    sighting: Sighting | None = None
    rule: IgnoreRule | None = None
    files: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()

    @property
    def standing(self) -> Standing:
        return self.transition.standing

    @property
    def topic(self) -> Topic:
        if self.rule is not None:
            return Topic.IGNORED
        topics = {Change.REGRESSED: Topic.REGRESSED, Change.NEW: Topic.VIOLATED, Change.WENT_BLIND: Topic.WENT_BLIND}
        return topics.get(self.transition.change, Topic.FIXED)


@dataclass(frozen=True, slots=True)
class Group:
    """A change and the findings under it that changed alike: an item with its findings, else a control with its own, else a finding."""

    head: Entry
    below: tuple[Entry, ...] = ()

    @property
    def leaves(self) -> tuple[Entry, ...]:
        """What is wrong or right by itself: the findings, where there are any."""
        return self.below or (self.head,)


@dataclass(frozen=True, slots=True)
class News:
    """What changed from `then` to `now`, each change under one topic.

    `gaps` are those that came up on the way: why something is out of sight. `forgotten` where runs in between are no longer kept.
    """

    then: Run
    now: Run
    groups: Mapping[Topic, tuple[Group, ...]]
    gaps: tuple[Gap, ...] = ()
    forgotten: bool = False

    @property
    def worth_telling(self) -> bool:
        """Whether somebody is to hear of it: what a rule ignores is told beside other news, and is none by itself."""
        return any(topic is not Topic.IGNORED for topic in self.groups)


def news_of(drifts: Iterable[Drift], *, forgotten: bool = False) -> News:
    """The news of one comparison, or of several that follow each other; at least one."""
    first: Run | None = None
    seen: defaultdict[Key, list[Entry]] = defaultdict(list)
    gaps: set[Gap] = set()
    for drift in drifts:
        first = first or drift.then
        last = drift
        gaps.update(gap for gap in set(drift.now.gaps) - set(drift.then.gaps) if gap.kinds)
        for entry in _entries(drift):
            seen[entry.standing.key].append(entry)
    assert first is not None
    now = {s.key: s.verdict for s in last.now.standings}
    return News(first, last.now, _grouped([_latest(entries, now.get(key)) for key, entries in seen.items()]), tuple(sorted(gaps)), forgotten)


def _entries(drift: Drift) -> Iterator[Entry]:
    places = Places.of((drift.then, drift.now))
    differences: defaultdict[tuple[str, str], list[Difference]] = defaultdict(list)
    for difference in drift.differences:
        if difference.field:
            differences[difference.kind, difference.name].append(difference)
    for transition in drift.transitions:
        if not transition.alarms and transition.change is not Change.FIXED:
            continue
        standing = transition.standing
        verdict = Verdict.VIOLATED if transition.change is Change.FIXED else transition.now or Verdict.UNKNOWN
        yield Entry(
            transition,
            drift.now.number,
            transition.now,
            sighting=drift.sightings.get((standing.key, verdict)),
            rule=drift.ignored.get(standing.key),
            files=places.files(standing),
            differences=tuple(d for d in differences[standing.kind, standing.subject] if d.field in standing.paths),
        )


def _latest(entries: list[Entry], now: Verdict | None) -> Entry:
    """The change that led to how things are, and the others beside it: what broke and was mended in between was not told either."""
    told = next((entry for entry in reversed(entries) if entry.transition.now is now), entries[-1])
    earlier = tuple((entry.run, entry.transition) for entry in entries if entry is not told)
    return Entry(told.transition, told.run, now, earlier, told.sighting, told.rule, told.files, told.differences)


def _grouped(entries: list[Entry]) -> dict[Topic, tuple[Group, ...]]:
    by_topic: defaultdict[Topic, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_topic[entry.topic].append(entry)
    return {topic: tuple(_groups(by_topic[topic])) for topic in Topic if by_topic[topic]}


def _groups(entries: list[Entry]) -> Iterator[Group]:
    """The worst first. A control whose findings all stand under items is left out: it says the same."""
    findings = {e.standing.key.id: e for e in entries if e.standing.key.level is Level.FINDING}
    placed: set[str] = set()
    for entry in sorted(entries, key=_order):
        standing = entry.standing
        if standing.key.level is Level.FINDING:
            if standing.key.id not in placed:
                yield Group(entry)
            continue
        below = [f for f in standing.findings if f in findings]
        fresh = [findings[f] for f in below if f not in placed]
        if standing.key.level is Level.CONTROL and below and not fresh:
            continue
        placed.update(below)
        yield Group(entry, tuple(sorted(fresh, key=_order)))


def _order(entry: Entry) -> tuple[int, int, Key]:
    severities = [severity.value for severity in Severity]
    rank = severities.index(entry.standing.severity) if entry.standing.severity in severities else -1
    return list(Level).index(entry.standing.key.level), rank, entry.standing.key

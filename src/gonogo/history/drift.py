"""Two runs of a history set against each other: what alarms, what is its evidence, and since when."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from gonogo.history.choice import chosen
from gonogo.history.compare.fields import load_field_rules
from gonogo.history.compare.snapshots import compare_snapshots
from gonogo.history.compare.verdicts import Change, Transition, compare_verdicts
from gonogo.history.errors import NothingToCompare
from gonogo.history.export import run_document
from gonogo.history.ignore import IgnoreRule, IgnoreRules
from gonogo.history.places import Places
from gonogo.history.run import Key, Level, Run
from gonogo.history.store import Sighting, Sightings, Store
from gonogo.history.titles import titled
from gonogo.model.drift import Difference, Status
from gonogo.model.finding import Verdict
from gonogo.translation.language import ENGLISH, Language, noted
from gonogo.translation.width import pad

SCHEMA = "gonogo.drift-report/v1"
OwnersOf: TypeAlias = Callable[[Collection[str]], Sequence[str]]
"""Who can change files, given relative to the scanned root: `@org/team` or an address."""


@dataclass(frozen=True, slots=True)
class Drift:
    """What changed from one run to another. `ignored` has the rule that silences an alarm."""

    then: Run
    now: Run
    transitions: tuple[Transition, ...]
    differences: tuple[Difference, ...]
    ignored: Mapping[Key, IgnoreRule]
    rules: IgnoreRules
    sightings: Sightings

    @property
    def alarms(self) -> tuple[Transition, ...]:
        """The changes that somebody has to look at and that no rule silences."""
        return tuple(t for t in self.transitions if t.alarms and t.standing.key not in self.ignored)

    def sighting(self, transition: Transition) -> Sighting | None:
        """When what is reported was seen: the verdict now, or the last one of what is gone."""
        verdict = transition.now or transition.then
        return self.sightings.get((transition.standing.key, verdict)) if verdict is not None else None


def drift(store: Store, rules: IgnoreRules, since: str | None = None, series: str = "") -> Drift:
    """The last run of a series (of the last run's where none is named) against the one before, or against that of `since`.

    Raises `HistoryError`, `NothingToCompare` where the series has one run only.
    """
    latest = chosen(store.runs(series), "latest")
    runs = store.runs(latest.series)
    if since is None and len(runs) < 2:
        raise NothingToCompare(f"run {latest.number} is the first of {latest.series}: there is nothing to compare it with yet")
    return between(store, rules, chosen(runs, since).number if since is not None else runs[1].number, latest.number)


def between(store: Store, rules: IgnoreRules, earlier: int, later: int) -> Drift:
    """What changed from one run to another of its series. Raises `HistoryError`."""
    then, now = store.run(earlier), store.run(later)
    transitions = compare_verdicts(then, now, store.known(now.series, then.number))
    differences = compare_snapshots(then.snapshot, now.snapshot, load_field_rules())
    return Drift(then, now, transitions, differences, rules.of_transitions(transitions), rules, store.sightings(now.series))


def document(found: Drift, owners: OwnersOf) -> dict[str, object]:
    """As JSON data; `schemas/drift-report.v1.json`. `owners` are who can fix what files declare."""
    places = Places.of((found.then, found.now))
    return {
        "schema": SCHEMA,
        "then": run_document(found.then),
        "now": run_document(found.now),
        "alarms": len(found.alarms),
        "transitions": [_transition(found, t, places, owners) for t in found.transitions],
        "differences": [_difference(found, d, places, owners) for d in found.differences],
        "expired_rules": [_rule(rule) for rule in found.rules.expired],
    }


def lines(found: Drift, owners: OwnersOf, language: Language = ENGLISH) -> Iterator[str]:
    """As text, a line each, not yet safe to print: what was scanned named things."""
    now, then = found.now, found.then
    places = Places.of((found.then, found.now))
    yield f"{now.series}: " + language.say(
        "run {number} of {moment} against run {earlier} of {before}", number=now.number, moment=now.started, earlier=then.number, before=then.started
    )
    if found.then.version != found.now.version:
        yield language.say("gonogo {before} then, {version} now: a verdict may have changed because a rule did", before=then.version, version=now.version)
    for level, title in ((Level.ITEM, noted("Items")), (Level.CONTROL, noted("Controls")), (Level.FINDING, noted("Findings"))):
        rows = [t for t in found.transitions if t.standing.key.level is level]
        if rows:
            yield from ("", language.say(title))
        for transition in rows:
            yield from _transition_lines(found, transition, places, owners, language)
    if found.differences:
        yield from ("", language.say("Resources"))
    for difference in found.differences:
        yield from _difference_lines(found, difference, language)
    for rule in found.rules.expired:
        yield ""
        ended = language.say("Expired on {day}, no longer ignored: {field}", day=rule.expires, field=rule.field)
        yield f"{ended} ({rule.owner}: {rule.reason})"
    counts = [(change, sum(t.change is change for t in found.transitions)) for change in Change]
    summary = ", ".join(f"{count} {_word(change, language)}" for change, count in counts if count) or language.say("no verdict changed")
    yield ""
    yield f"{summary}; " + language.say("{count} to look at", count=len(found.alarms))


def blind_only(found: Drift) -> bool:
    """Whether all that alarms is what went out of sight."""
    return bool(found.alarms) and all(t.change is Change.WENT_BLIND for t in found.alarms)


def _transition_lines(found: Drift, transition: Transition, places: Places, owners: OwnersOf, language: Language) -> Iterator[str]:
    standing, sighting = transition.standing, found.sighting(transition)
    name = standing.key.id if standing.key.level is Level.CONTROL else standing.subject
    title = " ".join(titled(standing, language).split())
    change = pad(_word(transition.change, language), 10)
    yield f"  {change}  {_verdict(transition.then, language)} -> {_verdict(transition.now, language)}  {': '.join(filter(None, (name, title)))}"
    if sighting is not None:
        times = language.count("once", "{count} times", sighting.times_seen)
        verdict = _verdict(transition.now or transition.then, language)
        yield "              " + language.say(
            "{verdict} first seen {first}, last seen {last}, {times}", verdict=verdict, first=sighting.first_seen, last=sighting.last_seen, times=times
        )
    if transition.alarms and standing.key.level is not Level.CONTROL and (able := owners(files := places.files(standing))):
        yield "              " + language.say("{owners} can fix it: {files}", owners=", ".join(able), files=", ".join(files))
    rule = found.ignored.get(standing.key)
    if rule is not None:
        yield "              " + language.say("ignored until {day}", day=rule.expires) + f" ({rule.owner}): {rule.reason}"


def _difference_lines(found: Drift, difference: Difference, language: Language) -> Iterator[str]:
    values = f"  {difference.field}: {difference.expected} -> {difference.found}" if difference.field else ""
    reason = f" ({language.sentence(difference.reason)})" if difference.reason else ""
    yield f"  {pad(_word(difference.status, language), 14)}  {difference.kind}  {difference.name}{values}{reason}"
    rule = found.rules.of_difference(difference)
    if rule is not None:
        yield "                  " + language.say("ignored until {day}", day=rule.expires) + f" ({rule.owner}): {rule.reason}"


def _verdict(verdict: Verdict | None, language: Language) -> str:
    return _word(verdict, language) if verdict is not None else language.say("none")


def _word(member: Verdict | Change | Status, language: Language) -> str:
    """As it is in documents, so that one can be found by the other, where the language is that of documents."""
    return member.value if language is ENGLISH else language.say(member.value.replace("_", " "))


def _transition(found: Drift, transition: Transition, places: Places, owners: OwnersOf) -> dict[str, object]:
    standing, sighting, rule = transition.standing, found.sighting(transition), found.ignored.get(transition.standing.key)
    files = places.files(standing)
    return {
        "change": transition.change.value,
        "level": standing.key.level.value,
        "id": standing.key.id,
        "dedup_key": standing.key.stable(found.now.series),
        "title": standing.title,
        "kind": standing.kind,
        "subject": standing.subject,
        "then": transition.then.value if transition.then is not None else None,
        "now": transition.now.value if transition.now is not None else None,
        "alarms": transition.alarms and rule is None,
        "first_seen": sighting.first_seen if sighting is not None else None,
        "last_seen": sighting.last_seen if sighting is not None else None,
        "times_seen": sighting.times_seen if sighting is not None else 0,
        "files": list(files),
        "owners": list(owners(files)),
        "ignored": _rule(rule) if rule is not None else None,
    }


def _difference(found: Drift, difference: Difference, places: Places, owners: OwnersOf) -> dict[str, object]:
    rule = found.rules.of_difference(difference)
    return {
        "status": difference.status.value,
        "kind": difference.kind,
        "name": difference.name,
        "field": difference.field,
        "then": difference.expected,
        "now": difference.found,
        "reason": difference.reason,
        "owners": list(owners(places.files_of(difference.kind, difference.name))),
        "ignored": _rule(rule) if rule is not None else None,
    }


def _rule(rule: IgnoreRule) -> dict[str, object]:
    return {"field": rule.field, "reason": rule.reason, "owner": rule.owner, "expires": rule.expires.isoformat()}

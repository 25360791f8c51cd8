"""Incidents that follow verdicts: one for each thing that is wrong, opened once, and resolved only when it is known to be in order."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from gonogo.history.run import Key, Level
from gonogo.history.told import Incident
from gonogo.model.finding import Verdict
from gonogo.publish.message import Wording, headline
from gonogo.publish.news import Entry, News, Topic
from gonogo.publish.text import quoted

MAX_OPENED = 20
"""How many incidents one run opens; above it there is one more, for all the rest."""
_ALARMS = (Topic.REGRESSED, Topic.VIOLATED, Topic.WENT_BLIND)
_ENDED = frozenset({Verdict.SATISFIED, Verdict.ATTESTED, Verdict.WAIVED, Verdict.ABSENT, Verdict.NOT_APPLICABLE})
_OPEN = frozenset({Verdict.VIOLATED, Verdict.UNKNOWN})
_REST = Incident(Key(Level.CONTROL, "gonogo: the rest"))
"""All that was found beyond `MAX_OPENED`; it ends when nothing at all is wrong or unknown."""


@dataclass(frozen=True, slots=True)
class Event:
    """What an incident service is sent: `key` is the same for the same thing in every run of a series."""

    incident: Incident
    key: str
    text: str
    resolves: bool = False
    blind: bool = False


def events(news: News, open_ones: Collection[Incident], wording: Wording) -> tuple[Event, ...]:
    """What changes about the incidents of a target: those to resolve first, then those to open, the worst first.

    It follows from how things are now and not from the change: what broke and was mended before anybody was told opens nothing.
    """
    return (*_resolved(news, open_ones), *_opened(news, {incident.key for incident in open_ones}, wording))


def _resolved(news: News, open_ones: Collection[Incident]) -> Iterator[Event]:
    now = {s.key: s.verdict for s in news.now.standings}
    for incident in open_ones:
        if incident.key == _REST.key:
            over = not any(verdict in _OPEN for verdict in now.values())
        elif incident.key in now:
            over = now[incident.key] in _ENDED
        else:
            # A resource that is gone is over, one that may only be out of sight is not, nor an item of a checklist that was not given.
            over = bool(incident.kind) and not any(gap.touches(incident.kind) for gap in news.now.gaps)
        if over:
            yield Event(incident, incident.key.stable(news.now.series), "resolved", resolves=True)


def _opened(news: News, known: Collection[Key], wording: Wording) -> Iterator[Event]:
    leaves = [leaf for topic in _ALARMS for group in news.groups.get(topic, ()) for leaf in group.leaves]
    wrong = [leaf for leaf in leaves if leaf.standing.key not in known and (leaf.now in _OPEN or leaf.topic is Topic.WENT_BLIND and leaf.now is None)]
    for leaf in wrong[:MAX_OPENED]:
        yield _event(leaf, news, wording)
    if len(wrong) > MAX_OPENED and _REST.key not in known:
        series, left = quoted(news.now.series, 80), len(wrong) - MAX_OPENED
        text = wording.language.say("{count} more ({series}, run {run}): `gonogo drift` lists them", count=left, series=series, run=news.now.number)
        yield Event(_REST, _REST.key.stable(news.now.series), text)


def _event(leaf: Entry, news: News, wording: Wording) -> Event:
    standing = leaf.standing
    return Event(Incident(standing.key, standing.kind), standing.key.stable(news.now.series), headline(leaf, news, wording), blind=leaf.topic is Topic.WENT_BLIND)


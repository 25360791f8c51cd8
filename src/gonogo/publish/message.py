"""News as one message of bounded length, in plain text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gonogo.history.compare.verdicts import Change, Transition
from gonogo.history.drift import OwnersOf
from gonogo.history.run import Level
from gonogo.history.titles import titled
from gonogo.model.assessment import Assessment
from gonogo.model.drift import Difference, Status
from gonogo.model.finding import Finding, Role, Verdict
from gonogo.publish.news import Entry, Group, News, Topic
from gonogo.publish.text import quoted
from gonogo.translation.language import ENGLISH, Language, noted

MAX_LENGTH = 6_000
MAX_GROUPS = 10
"""How many changes of one topic are told in full."""
_BELOW = 3
_CAUSES = 5
_REST = noted("`gonogo drift` shows everything")


@dataclass(frozen=True, slots=True)
class Message:
    """A message in plain text. `good` where there is nothing to look at in it."""

    title: str
    body: str
    good: bool


@dataclass(frozen=True, slots=True)
class Wording:
    """What a message needs besides the news: who can fix what, and of the last run, where they are at hand, the findings by fingerprint
    and how code and cloud differ, by resource and field."""

    owners: OwnersOf
    findings: Mapping[str, Finding] = field(default_factory=dict)
    declared: Mapping[tuple[str, str], Difference] = field(default_factory=dict)
    language: Language = ENGLISH

    @classmethod
    def of(cls, owners: OwnersOf, assessment: Assessment | None = None, language: Language = ENGLISH) -> Wording:
        """With the evidence of an assessment."""
        if assessment is None:
            return cls(owners, language=language)
        differs = {(d.name, d.field): d for d in assessment.drift if d.status is Status.DIFFERS}
        return cls(owners, {f.fingerprint: f for f in assessment.findings}, differs, language)


def compose(news: News, wording: Wording, limit: int = MAX_LENGTH) -> Message:
    """One message of at most `limit` characters; what does not fit is counted in it."""
    language = wording.language
    counts = ", ".join(f"{len(groups)} {language.say(topic.value)}" for topic, groups in news.groups.items())
    title = "gonogo: " + language.say("{counts} in {series}", counts=counts, series=quoted(news.now.series, 80))
    rest = language.say(_REST)
    lines: list[str] = []
    room = min(limit, MAX_LENGTH) - len(rest) - 2
    for line in _lines(news, wording):
        room -= len(line) + 1
        if room < 0:
            lines.append(rest)
            break
        lines.append(line)
    return Message(title, "\n".join(lines), good=set(news.groups) <= {Topic.FIXED, Topic.IGNORED})


def headline(entry: Entry, news: News, wording: Wording) -> str:
    """An entry in a sentence, for a service that has one line."""
    able = _able(wording, entry.files)
    language, name = wording.language, _name(entry, wording.language)
    said = language.say("{topic}: {name} ({series}, run {run})", topic=language.say(entry.topic.value), name=name, series=quoted(news.now.series, 80), run=entry.run)
    return said + (f"; {able}" if able else "")


def _lines(news: News, wording: Wording) -> Iterator[str]:
    then, now, language = news.then, news.now, wording.language
    runs = language.say(
        "run {number} of {moment} against run {earlier} of {before}", number=now.number, moment=now.started, earlier=then.number, before=then.started
    )
    yield f"{runs[0].upper()}{runs[1:]}: {now.decision}"
    if news.forgotten:
        yield language.say("Runs before run {number} are no longer kept: what changed there and back is not known.", number=then.number)
    for topic, groups in news.groups.items():
        yield ""
        word = language.say(topic.value)
        yield f"{word[0].upper()}{word[1:]} ({len(groups)})"
        if topic is Topic.WENT_BLIND:
            yield from _causes(news, language)
        for group in groups[:MAX_GROUPS]:
            yield from _group(group, wording)
        if len(groups) > MAX_GROUPS:
            yield "- " + language.say("and {count} more", count=len(groups) - MAX_GROUPS) + f"; {language.say(_REST)}"


def _causes(news: News, language: Language) -> Iterator[str]:
    causes = list(dict.fromkeys(": ".join(filter(None, (gap.file, language.sentence(gap.reason)))) for gap in news.gaps))
    for cause in causes[:_CAUSES]:
        yield "  " + language.say("because {cause}", cause=quoted(cause, 300))
    if len(causes) > _CAUSES:
        yield "  " + language.count("and {count} more reason", "and {count} more reasons", len(causes) - _CAUSES)


def _group(group: Group, wording: Wording) -> Iterator[str]:
    head = group.head
    yield f"- {_name(head, wording.language)}"
    if not group.below:
        yield from _details(head, wording, "    ")
    for entry in group.below[:_BELOW]:
        yield f"    {_name(entry, wording.language)}"
        yield from _details(entry, wording, "        ")
    if len(group.below) > _BELOW:
        yield "    " + wording.language.say("and {count} more", count=len(group.below) - _BELOW)
    files = sorted({file for entry in group.leaves for file in entry.files}) or list(head.files)
    able = _able(wording, files)
    if able and head.transition.alarms:
        yield f"    {able}"


def _details(entry: Entry, wording: Wording, indent: str) -> Iterator[str]:
    transition, seen, language = entry.transition, entry.sighting, wording.language
    wrong = Verdict.VIOLATED if transition.change is Change.FIXED else transition.now or Verdict.UNKNOWN
    times = "" if seen is None else "; " + language.say(
        "{verdict} first seen {first}, {times}", verdict=_verdict(wrong, language), first=seen.first_seen, times=language.count("once", "{count} times", seen.times_seen)
    )
    yield f"{indent}{_change(transition, language)}{times}"
    for run, other in entry.earlier[-3:]:
        yield indent + language.say("run {number}: {change}", number=run, change=_change(other, language))
    if entry.now is not transition.now:
        now = _verdict(entry.now, language) if entry.now is not None else language.say("not there")
        yield indent + language.say("now: {verdict}", verdict=now)
    for difference in entry.differences[:2]:
        yield f"{indent}{quoted(difference.field, 120)}: {quoted(difference.expected, 80)} -> {quoted(difference.found, 80)}"
    finding = wording.findings.get(entry.standing.key.id)
    if finding is not None and transition.alarms and finding.verdict is entry.now:
        yield from _finding(finding, wording, indent, bool(entry.differences))
    if entry.rule is not None:
        yield indent + language.say("ignored until {day}", day=entry.rule.expires) + f" ({quoted(entry.rule.owner, 80)}): {quoted(entry.rule.reason)}"


def _finding(finding: Finding, wording: Wording, indent: str, compared: bool) -> Iterator[str]:
    primary = [e for e in finding.evidence if e.role is Role.PRIMARY and e.path]
    for evidence in primary[: 0 if compared else 2]:
        place = f" ({quoted(str(evidence.location), 120)})" if evidence.location.file else ""
        yield f"{indent}{quoted(evidence.path, 120)} = {quoted(evidence.value, 120)}{place}"
    for evidence in primary[:2]:
        difference = wording.declared.get((finding.subject.name, evidence.path))
        if difference is not None:
            place = f" ({quoted(str(difference.location), 120)})" if difference.location is not None else ""
            yield indent + wording.language.say("declared as {value}", value=quoted(difference.expected, 80)) + place
    if finding.fix and finding.verdict is Verdict.VIOLATED:
        yield f"{indent}{quoted(wording.language.sentence(finding.fix, finding.rule), 300)}"


def _able(wording: Wording, files: Sequence[str]) -> str:
    """Who can fix what the files declare, or where it is declared."""
    where = ", ".join(quoted(file, 120) for file in files[:3])
    owners = ", ".join(quoted(owner, 80) for owner in wording.owners(files)[:5])
    if owners:
        return wording.language.say("can fix it: {owners} ({files})", owners=owners, files=where)
    return wording.language.say("declared in {files}", files=where) if where else ""


def _name(entry: Entry, language: Language) -> str:
    standing, title = entry.standing, quoted(titled(entry.standing, language))
    if standing.key.level is Level.FINDING:
        return ": ".join(filter(None, (quoted(standing.subject), title)))
    return f"{quoted(standing.key.id, 80)}: {title}" if standing.key.level is Level.CONTROL else title


def _change(transition: Transition, language: Language) -> str:
    before = language.say("not there") if transition.then is None and transition.change is Change.NEW else _verdict(transition.then, language)
    return f"{before} -> {_verdict(transition.now, language)}"


def _verdict(verdict: Verdict | None, language: Language) -> str:
    if verdict is None:
        return language.say("out of sight")
    return verdict.value if language is ENGLISH else language.say(verdict.value.replace("_", " "))

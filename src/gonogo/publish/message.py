"""News as one message of bounded length, in plain text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gonogo.history.compare.verdicts import Change, Transition
from gonogo.history.drift import OwnersOf
from gonogo.history.run import Level
from gonogo.model.assessment import Assessment
from gonogo.model.drift import Difference, Status
from gonogo.model.finding import Finding, Role, Verdict
from gonogo.publish.news import Entry, Group, News, Topic
from gonogo.publish.text import quoted

MAX_LENGTH = 6_000
MAX_GROUPS = 10
"""How many changes of one topic are told in full."""
_BELOW = 3
_CAUSES = 5
_REST = "`gonogo drift` shows everything"


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

    @classmethod
    def of(cls, owners: OwnersOf, assessment: Assessment | None = None) -> Wording:
        """With the evidence of an assessment."""
        if assessment is None:
            return cls(owners)
        differs = {(d.name, d.field): d for d in assessment.drift if d.status is Status.DIFFERS}
        return cls(owners, {f.fingerprint: f for f in assessment.findings}, differs)


def compose(news: News, wording: Wording, limit: int = MAX_LENGTH) -> Message:
    """One message of at most `limit` characters; what does not fit is counted in it."""
    counts = ", ".join(f"{len(groups)} {topic}" for topic, groups in news.groups.items())
    title = f"gonogo: {counts} in {quoted(news.now.series, 80)}"
    lines: list[str] = []
    room = min(limit, MAX_LENGTH) - len(_REST) - 2
    for line in _lines(news, wording):
        room -= len(line) + 1
        if room < 0:
            lines.append(_REST)
            break
        lines.append(line)
    return Message(title, "\n".join(lines), good=set(news.groups) <= {Topic.FIXED, Topic.IGNORED})


def headline(entry: Entry, news: News, wording: Wording) -> str:
    """An entry in a sentence, for a service that has one line."""
    able = _able(wording, entry.files)
    return f"{entry.topic}: {_name(entry)} ({quoted(news.now.series, 80)}, run {entry.run})" + (f"; {able}" if able else "")


def _lines(news: News, wording: Wording) -> Iterator[str]:
    then, now = news.then, news.now
    yield f"Run {now.number} of {now.started} against run {then.number} of {then.started}: {now.decision}"
    if news.forgotten:
        yield f"Runs before run {then.number} are no longer kept: what changed there and back is not known."
    for topic, groups in news.groups.items():
        yield ""
        yield f"{topic[0].upper()}{topic[1:]} ({len(groups)})"
        if topic is Topic.WENT_BLIND:
            yield from _causes(news)
        for group in groups[:MAX_GROUPS]:
            yield from _group(group, wording)
        if len(groups) > MAX_GROUPS:
            yield f"- and {len(groups) - MAX_GROUPS} more; {_REST}"


def _causes(news: News) -> Iterator[str]:
    causes = list(dict.fromkeys(": ".join(filter(None, (gap.file, gap.reason))) for gap in news.gaps))
    for cause in causes[:_CAUSES]:
        yield f"  because {quoted(cause, 300)}"
    if len(causes) > _CAUSES:
        yield f"  and {len(causes) - _CAUSES} more reasons"


def _group(group: Group, wording: Wording) -> Iterator[str]:
    head = group.head
    yield f"- {_name(head)}"
    if not group.below:
        yield from _details(head, wording, "    ")
    for entry in group.below[:_BELOW]:
        yield f"    {_name(entry)}"
        yield from _details(entry, wording, "        ")
    if len(group.below) > _BELOW:
        yield f"    and {len(group.below) - _BELOW} more"
    files = sorted({file for entry in group.leaves for file in entry.files}) or list(head.files)
    able = _able(wording, files)
    if able and head.transition.alarms:
        yield f"    {able}"


def _details(entry: Entry, wording: Wording, indent: str) -> Iterator[str]:
    transition, seen = entry.transition, entry.sighting
    wrong = Verdict.VIOLATED if transition.change is Change.FIXED else transition.now or Verdict.UNKNOWN
    times = "" if seen is None else f"; {wrong} first seen {seen.first_seen}, {'once' if seen.times_seen == 1 else f'{seen.times_seen} times'}"
    yield f"{indent}{_change(transition)}{times}"
    for run, other in entry.earlier[-3:]:
        yield f"{indent}run {run}: {_change(other)}"
    if entry.now is not transition.now:
        yield f"{indent}now: {entry.now.value if entry.now is not None else 'not there'}"
    for difference in entry.differences[:2]:
        yield f"{indent}{quoted(difference.field, 120)}: {quoted(difference.expected, 80)} -> {quoted(difference.found, 80)}"
    finding = wording.findings.get(entry.standing.key.id)
    if finding is not None and transition.alarms and finding.verdict is entry.now:
        yield from _finding(finding, wording, indent, bool(entry.differences))
    if entry.rule is not None:
        yield f"{indent}ignored until {entry.rule.expires} ({quoted(entry.rule.owner, 80)}): {quoted(entry.rule.reason)}"


def _finding(finding: Finding, wording: Wording, indent: str, compared: bool) -> Iterator[str]:
    primary = [e for e in finding.evidence if e.role is Role.PRIMARY and e.path]
    for evidence in primary[: 0 if compared else 2]:
        place = f" ({quoted(str(evidence.location), 120)})" if evidence.location.file else ""
        yield f"{indent}{quoted(evidence.path, 120)} = {quoted(evidence.value, 120)}{place}"
    for evidence in primary[:2]:
        difference = wording.declared.get((finding.subject.name, evidence.path))
        if difference is not None:
            place = f" ({quoted(str(difference.location), 120)})" if difference.location is not None else ""
            yield f"{indent}declared as {quoted(difference.expected, 80)}{place}"
    if finding.fix and finding.verdict is Verdict.VIOLATED:
        yield f"{indent}{quoted(finding.fix, 300)}"


def _able(wording: Wording, files: Sequence[str]) -> str:
    """Who can fix what the files declare, or where it is declared."""
    where = ", ".join(quoted(file, 120) for file in files[:3])
    owners = ", ".join(quoted(owner, 80) for owner in wording.owners(files)[:5])
    return f"can fix it: {owners} ({where})" if owners else f"declared in {where}" if where else ""


def _name(entry: Entry) -> str:
    standing = entry.standing
    if standing.key.level is Level.FINDING:
        return ": ".join(filter(None, (quoted(standing.subject), quoted(standing.title))))
    return f"{quoted(standing.key.id, 80)}: {quoted(standing.title)}" if standing.key.level is Level.CONTROL else quoted(standing.title)


def _change(transition: Transition) -> str:
    before = "not there" if transition.then is None and transition.change is Change.NEW else _verdict(transition.then)
    return f"{before} -> {_verdict(transition.now)}"


def _verdict(verdict: Verdict | None) -> str:
    return verdict.value if verdict is not None else "out of sight"

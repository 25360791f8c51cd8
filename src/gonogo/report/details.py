"""Findings as rows: which of the evidence a person should see, and what repeats said once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gonogo.model.drift import Difference
from gonogo.model.finding import Evidence, Finding, Role, Verdict
from gonogo.model.resource import Origin
from gonogo.report.drift import declared_rows
from gonogo.report.layout import Row, Style
from gonogo.translation.language import Language, noted

MAX_FINDINGS = 5
MAX_REASONS = 3
MAX_OTHERS = 2

_COLORS = {Verdict.VIOLATED: "red", Verdict.UNKNOWN: "yellow", Verdict.SATISFIED: "green"}
# Where something was seen, unless in the code: evidence may point at the line that declares it all the same.
_SEEN_IN = {Origin.PLANNED: noted("planned"), Origin.STATE: noted("in the state"), Origin.LIVE: noted("live")}
_NOT_VALUES = frozenset({"", "[]", "{}", "unknown", "[redacted]"})


def deciding(findings: Sequence[Finding], verdict: Verdict) -> list[Finding]:
    """The findings that made a verdict, those first that were not known before."""
    found = [f for f in findings if not f.superseded and (f.verdict is verdict or (verdict is Verdict.WAIVED and f.waiver is not None))]
    return sorted(found, key=lambda f: f.baseline is not None)


def finding_rows(findings: Sequence[Finding], style: Style, drift: Sequence[Difference] = ()) -> Iterator[Row]:
    """Each place with what it holds, and what is declared of it; a message that several findings share is said once."""
    shown = findings if style.verbose else findings[:MAX_FINDINGS]
    groups: dict[tuple[Verdict, tuple[str, ...]], list[Finding]] = {}
    for finding in shown:
        groups.setdefault((finding.verdict, _said(finding, style)), []).append(finding)
    for (verdict, said), members in groups.items():
        for number, finding in enumerate(members):
            yield from _rows(finding, verdict, said if number == 0 else (), style.language)
            yield from declared_rows(finding, drift, style.language)
    if len(findings) > len(shown):
        yield Row("", None, style.language.say("and {count} more {verdict} (-v lists them)", count=len(findings) - len(shown), verdict=style.language.say(findings[0].verdict.value)))
    fixes = dict.fromkeys(f.fix for f in findings if f.fix and f.waiver is None)
    for fix in list(fixes) if style.verbose else list(fixes)[:2]:
        yield Row(style.language.say("fix"), None, fix)


def reason_rows(reasons: Sequence[str], findings: Sequence[Finding], style: Style) -> Iterator[Row]:
    """Why something could not be checked, without what the findings shown above say already."""
    above = {reason for finding in findings for reason in _said(finding, style) if finding.verdict is Verdict.UNKNOWN}
    left = [reason for reason in reasons if reason not in above]
    shown = left if style.verbose else left[:MAX_REASONS]
    for number, reason in enumerate(shown):
        yield Row(style.language.say("not checked") if number == 0 else "", None, reason, "yellow")
    if len(left) > len(shown):
        yield Row("", None, _more_reasons(len(left) - len(shown), style.language))


def hint_rows(findings: Sequence[Finding], style: Style) -> Iterator[Row]:
    """What hints at a thing and shows nothing: what is written about it, say."""
    hints = [f for f in findings if f.verdict is Verdict.SUGGESTS]
    for finding in hints if style.verbose else hints[:MAX_OTHERS]:
        yield Row(style.language.say("suggests"), place(finding), style.language.say("{hint}; that shows nothing", hint=finding.message), "dim")


def place(finding: Finding) -> str:
    """Where a finding is looked up first: its primary evidence, else the name of what was asked."""
    evidence = _primary(finding)
    return str(evidence.location) if evidence is not None else finding.subject.name


def _said(finding: Finding, style: Style) -> tuple[str, ...]:
    """The sentences of a finding. What a rule would say if it could decide says nothing about why it could not."""
    if finding.verdict is not Verdict.UNKNOWN or not finding.reasons:
        seen = _SEEN_IN.get(finding.subject.origin)
        return (f"{finding.message} ({style.language.say(seen)})" if seen else finding.message,)
    left = len(finding.reasons) - MAX_REASONS
    if style.verbose or left <= 0:
        return finding.reasons
    return (*finding.reasons[:MAX_REASONS], _more_reasons(left, style.language))


def _more_reasons(left: int, language: Language) -> str:
    return language.count("and {count} more reason (-v lists them)", "and {count} more reasons (-v lists them)", left)


def _rows(finding: Finding, verdict: Verdict, said: tuple[str, ...], language: Language) -> Iterator[Row]:
    primary = _primary(finding)
    others = _others(finding, primary) if primary is not None else []
    own = [value_of(e, language) for e in (primary, *others) if e is not None and _same_line(e, primary) and _shown(e, primary, others)]
    texts = [*said, *own] or [""]
    color = _COLORS.get(verdict, "dim")
    word = language.say(verdict.value) if said else ""
    if primary is not None and primary.location.resource:  # too long a name to stand beside a sentence
        yield Row(word, place(finding), "", color)
        yield from (Row("", None, text) for text in texts if text)
    else:
        yield Row(word, place(finding), texts[0], color)
        yield from (Row("", "", text) for text in texts[1:])
    for evidence in others:
        if not _same_line(evidence, primary):
            text = value_of(evidence, language) if evidence.path else language.say("its value comes through here")
            at = str(evidence.location)
            yield Row("", None, f"{at}: {text}") if evidence.location.resource else Row("", at, text)
    if finding.waiver is not None:
        waived = language.say("waived until {day}", day=finding.waiver.until) if finding.waiver.until else language.say("waived")
        waived = language.say("{waived} by {person}", waived=waived, person=finding.waiver.approver) if finding.waiver.approver else waived
        yield Row(language.say("waived"), str(finding.waiver.location), f"{waived}: {finding.waiver.reason}", "yellow")
    if finding.baseline is not None:
        until = finding.baseline.until
        fails = language.say("fails nothing until {day}", day=until) if until else language.say("fails nothing")
        owner = f" ({finding.baseline.owner})" if finding.baseline.owner else ""
        yield Row(language.say("standing"), "", f"{fails}: {finding.baseline.reason}{owner}", "yellow")


def _primary(finding: Finding) -> Evidence | None:
    return next((e for e in finding.evidence if e.role is Role.PRIMARY), finding.evidence[0] if finding.evidence else None)


def _others(finding: Finding, primary: Evidence) -> list[Evidence]:
    """At most two further places: what was passed on to the primary one, and values that somebody wrote elsewhere."""
    others = [e for e in finding.evidence if e is not primary and _worth(e, primary)]
    seen: dict[tuple[str, str, int, str], Evidence] = {}
    for evidence in others:
        seen.setdefault((*_spot(evidence), evidence.value), evidence)
    return list(seen.values())[:MAX_OTHERS]


def _worth(evidence: Evidence, primary: Evidence) -> bool:
    here = _same_line(evidence, primary)
    if not evidence.path:
        return not here
    if not telling(evidence) or evidence.value == "true" or evidence.value in primary.path.split("."):
        return False  # `exists = true`, `final = 1`: how the primary one was found, nothing that somebody chose
    if here:
        return not telling(primary) or primary.value == "true"
    return evidence.value != "null"


def _shown(evidence: Evidence, primary: Evidence | None, others: Sequence[Evidence]) -> bool:
    """Whether the value of a place on the primary line is shown: `present = true` only where nothing says more."""
    if evidence is not primary:
        return True
    return telling(evidence) and not (evidence.value == "true" and any(other.path for other in others))


def _same_line(evidence: Evidence, primary: Evidence | None) -> bool:
    return primary is not None and _spot(evidence) == _spot(primary)


def _spot(evidence: Evidence) -> tuple[str, str, int]:
    place = evidence.location
    return place.resource, place.file, place.line


def telling(evidence: Evidence) -> bool:
    """Whether a value is worth reading: one that somebody wrote or left out, not how much of something there is."""
    value = evidence.value
    return bool(evidence.path) and value not in _NOT_VALUES and not value.endswith((" entries]", " entries}"))


def value_of(evidence: Evidence, language: Language) -> str:
    note = f" ({language.sentence(evidence.location.note)})" if evidence.location.note else ""
    return language.say("{setting} is not set", setting=evidence.path) + note if evidence.value == "null" else f"{evidence.path} = {evidence.value}{note}"

"""What a report tells of, one by one: the items of the checklist, or without one the controls of the catalogue; worst first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from gonogo.model.assessment import Agreement, Assessment, ControlResult, ItemResult
from gonogo.model.finding import Evidence, Finding, Role, Severity, Verdict
from gonogo.report.escape import printable
from gonogo.report.spoken import decided
from gonogo.translation.language import Language, noted

MAX_TEXT = 2000
"""The characters of one text: a scanned value of megabytes must not become a report of megabytes."""


class State(StrEnum):
    """What became of a statement, worst first. Of a control, about which nobody claims anything: violated, satisfied, nothing found.

    `standing` is what is bad in ways that were known before only, which fails nothing.
    """

    REFUTED = "refuted"
    VIOLATED = "violated"
    UNSUPPORTED = "unsupported"
    UNKNOWN = "unknown"
    OPEN = "open"
    UNMAPPED = "unmapped"
    MANUAL = "manual"
    STANDING = "standing"
    WAIVED = "waived"
    UNCLAIMED = "unclaimed"
    CONFIRMED = "confirmed"
    SATISFIED = "satisfied"
    NOT_APPLICABLE = "not applicable"
    ABSENT = "nothing found"

    @property
    def rank(self) -> int:
        """0 is the worst."""
        return list(State).index(self)


BAD = (State.REFUTED, State.VIOLATED, State.UNSUPPORTED)
"""What is claimed and not so, or is not as the catalogue asks for."""
MET = (State.UNCLAIMED, State.CONFIRMED, State.SATISFIED)
UNASKED = (State.NOT_APPLICABLE, State.ABSENT)
"""Ignored by the team, or a control of which there is nothing here."""

_AGREEMENTS = {
    Agreement.REFUTED: State.REFUTED,
    Agreement.UNSUPPORTED: State.UNSUPPORTED,
    Agreement.UNCHECKED: State.UNKNOWN,
    Agreement.OPEN: State.OPEN,
    Agreement.UNCLAIMED: State.UNCLAIMED,
    Agreement.CONFIRMED: State.CONFIRMED,
}
_CONTROLS = {
    Verdict.VIOLATED: State.VIOLATED,
    Verdict.UNKNOWN: State.UNKNOWN,
    Verdict.WAIVED: State.WAIVED,
    Verdict.SATISFIED: State.SATISFIED,
    Verdict.ABSENT: State.ABSENT,
}


@dataclass(frozen=True, slots=True)
class Statement:
    """An item of a checklist, or a control: then `file` is empty, and `claimed` is false.

    `severity` is the worst of its controls, None where it has none. `findings` are those that decide.
    """

    id: str
    text: str
    state: State
    verdict: Verdict
    severity: Severity | None
    section: tuple[str, ...] = ()
    file: str = ""
    line: int = 0
    claimed: bool = False
    optional: bool = False
    controls: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def place(self) -> str:
        """Where it is written; `` for a control."""
        return f"{self.file}:{self.line}" if self.file else ""

    def why(self, language: Language) -> str:
        """One printable sentence or more on why it is in its state."""
        told = dict.fromkeys(because(f, language) for f in self.findings) or dict.fromkeys(self.reasons)
        if not told and self.verdict is Verdict.ABSENT:
            told = {language.say("nothing found that it could be true of"): None}
        return shown("; ".join(told))


def statements(assessment: Assessment) -> list[Statement]:
    """Every statement of an assessment, worst first, then by severity and place."""
    severities = {control.id: control.severity for control in assessment.controls}
    found = [_of_item(i, severities) for i in assessment.items] if _has_checklist(assessment) else [_of_control(c) for c in assessment.asked]
    return sorted(found, key=lambda s: (s.state.rank, _rank(s.severity), s.file, s.line, s.id))


def unique(told: Iterable[Statement]) -> list[Statement]:
    """Each statement once: a checklist may have been given twice."""
    return list({(s.file, s.id): s for s in told}.values())


def alike(told: Iterable[Statement]) -> list[list[Statement]]:
    """Controls of which nothing was found for one and the same reason, together; anything else by itself, in the order given."""
    groups: dict[tuple[str, ...], list[Statement]] = {}
    for statement in told:
        alone = statement.file or statement.findings or not statement.reasons
        groups.setdefault((statement.file, statement.id) if alone else ("", "", statement.state, *statement.reasons), []).append(statement)
    return list(groups.values())


def because(finding: Finding, language: Language) -> str:
    """What a finding says, or why it could not decide; with the reason for which it is waived or known."""
    said = "; ".join(finding.reasons) if finding.verdict is Verdict.UNKNOWN and finding.reasons else finding.message
    for word, accepted in ((noted("waived"), finding.waiver), (noted("known"), finding.baseline)):
        if accepted is not None:
            until = " " + language.say("until {day}", day=accepted.until) if accepted.until else ""
            said += f" ({language.say(word)}{until}: {accepted.reason})"
    return said


def fixes(findings: Iterable[Finding]) -> list[str]:
    """How to mend what is violated and not waived, at most two ways."""
    return list(dict.fromkeys(f.fix for f in findings if f.fix and f.verdict is Verdict.VIOLATED and f.waiver is None))[:2]


def primary(finding: Finding) -> Evidence | None:
    """The place that a finding is looked up at first."""
    return next((e for e in finding.evidence if e.role is Role.PRIMARY), finding.evidence[0] if finding.evidence else None)


def declared(finding: Finding) -> str:
    """Where the code declares what was found live: `infra/sql.tf:22`; `` for anything else."""
    first = primary(finding)
    if first is None or not first.location.resource:
        return ""
    return next((str(e.location) for e in finding.evidence if e.location.file), "")


def shown(text: str, most: int = MAX_TEXT) -> str:
    """`text` on one printable line, cut after `most` characters."""
    safe = printable(text)
    return safe if len(safe) <= most else safe[: most - 1] + "…"


def inside(path: str) -> bool:
    """Whether `path` is that of a file below the scanned root, as other tools may be told of it."""
    drive = path[1:2] == ":" and path[:1].isascii() and path[:1].isalpha()
    return bool(path) and path[0] not in "/\\~" and not drive and ".." not in path.replace("\\", "/").split("/")


def decision_line(assessment: Assessment, found: Iterable[Statement], language: Language) -> str:
    """The decision in one line: `NO-GO: 2 refuted, 1 unknown`."""
    counts: dict[State, int] = {}
    for statement in found:
        counts[statement.state] = counts.get(statement.state, 0) + 1
    told = ", ".join(f"{counts[state]} {language.say(state.value)}" for state in State if state in counts)
    word = decided(assessment.decision, language)
    return f"{word}: {told}" if told else word


def _has_checklist(assessment: Assessment) -> bool:
    return bool(assessment.items or assessment.inputs.get("checklists"))


def _of_item(item: ItemResult, severities: dict[str, Severity]) -> Statement:
    written = item.binding.item
    return Statement(
        id=written.id,
        text=written.text,
        state=State.STANDING if item.standing else _state(item),
        verdict=item.verdict,
        severity=min((severities[c] for c in item.binding.controls if c in severities), key=lambda s: s.rank, default=None),
        section=written.section,
        file=written.file,
        line=written.line,
        claimed=written.claimed,
        optional=written.optional,
        controls=item.binding.controls,
        reasons=item.reasons,
        findings=_deciding(item.findings, item.verdict),
    )


def _of_control(control: ControlResult) -> Statement:
    return Statement(
        id=control.id,
        text=control.title,
        state=State.STANDING if control.standing else _CONTROLS.get(control.verdict, State.UNKNOWN),
        verdict=control.verdict,
        severity=control.severity,
        controls=(control.id,),
        reasons=control.reasons,
        findings=_deciding(control.findings, control.verdict),
    )


def _state(item: ItemResult) -> State:
    if item.binding.ignored:
        return State.NOT_APPLICABLE
    if item.verdict in (Verdict.MANUAL, Verdict.UNMAPPED) and item.binding.item.claimed:
        return State.MANUAL if item.verdict is Verdict.MANUAL else State.UNMAPPED
    if item.verdict is Verdict.WAIVED:
        return State.WAIVED
    return _AGREEMENTS[item.agreement]


def _deciding(findings: Iterable[Finding], verdict: Verdict) -> tuple[Finding, ...]:
    found = [f for f in findings if not f.superseded and (f.verdict is verdict or (verdict is Verdict.WAIVED and f.waiver is not None))]
    return tuple(sorted(found, key=lambda f: (f.baseline is not None, f.severity.rank, f.control, f.subject.kind, f.subject.name, f.fingerprint)))


def _rank(severity: Severity | None) -> int:
    return severity.rank if severity is not None else len(Severity)

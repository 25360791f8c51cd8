"""What annotations and code quality reports show: one notice for each thing that is wrong or unknown, at a line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256

from gonogo.model.assessment import Assessment
from gonogo.model.finding import Finding, Severity, Verdict
from gonogo.model.location import Location
from gonogo.report.spoken import spoken
from gonogo.report.statements import BAD, State, Statement, alike, because, inside, primary, shown, statements, unique
from gonogo.translation.language import Language

MAX_CLAIMS = 3
_Same = tuple[str, str, int, str]
_TOLD = (*BAD, State.UNKNOWN, State.OPEN)


@dataclass(frozen=True, slots=True)
class Notice:
    """`place` is None where nothing in the tree can be pointed at, else relative to the repository. `severity` is None for an item without a control.

    `fingerprint` knows no line numbers. `title` and `text` are printable.
    """

    fingerprint: str
    state: State
    severity: Severity | None
    check: str
    title: str
    text: str
    place: Location | None


def notices(assessment: Assessment, language: Language) -> list[Notice]:
    """Worst first. A finding that decides several statements is one notice, in the worst of their states; so are findings that say
    the same of one line, which several environments make of it."""
    assessment = spoken(assessment, language)
    by_line: dict[_Same, list[tuple[Finding, Statement]]] = {}
    found: list[Notice] = []
    for same in alike(s for s in unique(statements(assessment)) if s.state in _TOLD):
        statement = same[0]
        if statement.state is State.OPEN and statement.verdict not in (Verdict.VIOLATED, Verdict.UNKNOWN):
            continue  # not claimed and not there: nothing that a line could be blamed for
        for finding in (f for f in statement.findings if f.baseline is None):
            by_line.setdefault(_same(finding, language), []).append((finding, statement))
        if not statement.findings:
            found.append(_of_statement(statement, [s.id for s in same], language))
    found.extend(_of_finding(min((f for f, _ in members), key=lambda f: f.fingerprint), [s for _, s in members], language) for members in by_line.values())
    return sorted((replace(notice, place=_in_repository(notice.place, assessment)) for notice in found), key=_order)


def _same(finding: Finding, language: Language) -> _Same:
    place = _anchor(finding)
    if place is None or _elsewhere(finding):
        return finding.fingerprint, "", 0, ""
    return finding.rule, place.file, place.line, because(finding, language)


def _of_finding(finding: Finding, told: list[Statement], language: Language) -> Notice:
    first = told[0]
    subject = f" ({finding.subject.name})" if _anchor(finding) is None or _elsewhere(finding) else ""
    fix = ". " + language.say("Fix: {fix}", fix=finding.fix) if finding.fix and finding.verdict is Verdict.VIOLATED else ""
    return Notice(
        fingerprint=finding.fingerprint,
        state=first.state,
        severity=finding.severity,
        check=finding.control,
        title=_title(first, language),
        text=shown(because(finding, language) + subject + _claims(told, language) + fix),
        place=_anchor(finding) or _written(first),
    )


def _of_statement(statement: Statement, ids: list[str], language: Language) -> Notice:
    reason = statement.why(language) or language.say(statement.verdict.value)
    several = f": {', '.join(ids)}" if len(ids) > 1 else ""
    return Notice(
        # An item's id is made of its text and headings: the line may move.
        fingerprint=sha256(f"statement\0{statement.file}\0{statement.id}\0{statement.state.value}".encode("utf-8", "surrogatepass")).hexdigest()[:16],
        state=statement.state,
        severity=statement.severity,
        check="several" if several else ",".join(statement.controls) or "unmapped",
        title=f"{language.say(statement.state.value)}: " + language.say("{count} controls", count=len(ids)) if several else _title(statement, language),
        text=shown(f"{reason}{several}{_claims([statement], language)}"),
        place=_written(statement),
    )


def _title(statement: Statement, language: Language) -> str:
    controls = f" ({', '.join(statement.controls)})" if statement.file and statement.controls else ""
    return shown(f"{language.say(statement.state.value)}: {statement.text}{controls}", 200)


def _claims(told: list[Statement], language: Language) -> str:
    """Where the checklist says so, of what is ticked."""
    places = list(dict.fromkeys(s.place for s in told if s.claimed and s.place))
    more = " " + language.say("and {count} more", count=len(places) - MAX_CLAIMS) if len(places) > MAX_CLAIMS else ""
    return ". " + language.say("Ticked at {places}", places=", ".join(places[:MAX_CLAIMS]) + more) if places else ""


def _anchor(finding: Finding) -> Location | None:
    """The first place of a finding that is in the tree: a live one is anchored where it is declared, if it is."""
    first = primary(finding)
    ordered = [first, *(e for e in finding.evidence if e is not first)] if first is not None else []
    return next((e.location for e in ordered if inside(e.location.file)), None)


def _elsewhere(finding: Finding) -> bool:
    first = primary(finding)
    return first is not None and bool(first.location.resource)


def _written(statement: Statement) -> Location | None:
    return Location(statement.file, statement.line) if inside(statement.file) else None


def _in_repository(place: Location | None, assessment: Assessment) -> Location | None:
    """GitHub and GitLab look a path up from the root of the repository, of which a part may have been scanned."""
    prefix, checklists = assessment.inputs.get("prefix"), assessment.inputs.get("checklists")
    # A checklist outside of what was scanned is known by the path that was given.
    if place is None or not isinstance(prefix, str) or (isinstance(checklists, list) and place.file in checklists):
        return place
    return replace(place, file=f"{prefix}/{place.file}") if inside(prefix) else place


def _order(notice: Notice) -> tuple[int, int, str, int, str, str]:
    place = notice.place or Location("")
    severity = notice.severity.rank if notice.severity is not None else len(Severity)
    return notice.state.rank, severity, place.file, place.line, notice.check, notice.fingerprint

"""A table for spreadsheets (RFC 4180): a row for each finding of each item or control, one for those without, one for each gap.

Columns: `row` (item, control or gap), `id`, `section`, `text`, `claimed` (yes, no, or empty for a control), `file` and `line` of the
checklist or the gap, `controls`, `severity`, `state`, `verdict`, `reasons`, then of a finding: `fingerprint`, `rule`, `kind`,
`subject`, `origin`, `environment`, `finding_verdict`, `message`, `evidence_file`, `evidence_line`, `evidence_resource`, `path`, `value`,
`fix`, `waiver`, `waived_until`, `baseline`, `baselined_until`.

A cell that a spreadsheet could take for a formula begins with an apostrophe (https://owasp.org/www-community/attacks/CSV_Injection).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from typing import TextIO

from gonogo.model.assessment import Assessment
from gonogo.model.finding import Finding
from gonogo.model.resource import Gap
from gonogo.report.statements import Statement, primary, shown, statements

COLUMNS = (
    "row", "id", "section", "text", "claimed", "file", "line", "controls", "severity", "state", "verdict", "reasons",
    "fingerprint", "rule", "kind", "subject", "origin", "environment", "finding_verdict", "message",
    "evidence_file", "evidence_line", "evidence_resource", "path", "value", "fix", "waiver", "waived_until", "baseline", "baselined_until",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")

Row = Mapping[str, str]


def render(assessment: Assessment, out: TextIO) -> None:
    """Write the header and the rows, worst first; lines end in CR LF."""
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _cell(text) for name, text in row.items()} for row in _rows(assessment))


def _rows(assessment: Assessment) -> Iterator[Row]:
    for statement in statements(assessment):
        told = _statement(statement)
        for finding in statement.findings:
            yield {**told, **_finding(finding)}
        if not statement.findings:
            yield told
    yield from map(_gap, assessment.gaps)


def _statement(statement: Statement) -> Row:
    return {
        "row": "item" if statement.file or statement.section else "control",
        "id": statement.id,
        "section": " > ".join(statement.section),
        "text": statement.text,
        "claimed": ("yes" if statement.claimed else "no") if statement.file else "",
        "file": statement.file,
        "line": _line(statement.line),
        "controls": " ".join(statement.controls),
        "severity": statement.severity.value if statement.severity is not None else "",
        "state": statement.state.value,
        "verdict": statement.verdict.value,
        "reasons": "; ".join(statement.reasons),
    }


def _finding(finding: Finding) -> Row:
    evidence, waiver, known, subject = primary(finding), finding.waiver, finding.baseline, finding.subject
    place = evidence.location if evidence is not None else None
    return {
        "fingerprint": finding.fingerprint,
        "rule": finding.rule,
        "kind": subject.kind,
        "subject": subject.name,
        "origin": subject.origin.value,
        "environment": subject.environment,
        "finding_verdict": finding.verdict.value,
        "message": finding.message,
        "reasons": "; ".join(finding.reasons),
        "evidence_file": place.file if place else "",
        "evidence_line": _line(place.line) if place else "",
        "evidence_resource": place.resource if place else "",
        "path": evidence.path if evidence else "",
        "value": evidence.value if evidence else "",
        "fix": finding.fix,
        "waiver": waiver.reason if waiver else "",
        "waived_until": waiver.until.isoformat() if waiver and waiver.until else "",
        "baseline": known.reason if known else "",
        "baselined_until": known.until.isoformat() if known and known.until else "",
    }


def _gap(gap: Gap) -> Row:
    return {
        "row": "gap",
        "id": gap.source,
        "text": gap.reason,
        "file": gap.file,
        "line": _line(gap.line),
        "state": "unknown",
        "environment": gap.environment,
        "origin": gap.origin.value,
        "kind": " ".join(gap.kinds),
    }


def _line(line: int) -> str:
    return str(line) if line else ""


def _cell(text: str) -> str:
    """One printable line; the tab and the carriage return that may begin a formula became blanks, which hide one as well."""
    safe = shown(text)
    return f"'{safe}" if safe.lstrip().startswith(_FORMULA) else safe

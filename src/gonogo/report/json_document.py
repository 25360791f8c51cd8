"""The assessment document, `gonogo.assessment/v1`: the one contract every other format and tool derives from."""

from __future__ import annotations

import json
from typing import TextIO

from gonogo.model.assessment import Assessment, ControlResult, ItemResult, RuleDescription
from gonogo.model.checklist import BindingSource
from gonogo.model.drift import Difference
from gonogo.model.finding import Evidence, Finding, Verdict, Waiver
from gonogo.model.gate import Blocker, Coverage
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Origin

SCHEMA = "gonogo.assessment/v1"


def document(assessment: Assessment) -> dict[str, object]:
    """The assessment as JSON data; `schemas/assessment.v1.json` describes it."""
    return {
        "schema": SCHEMA,
        "decision": assessment.decision.value,
        "summary": _summary(assessment),
        "blockers": [_blocker(blocker) for blocker in assessment.blockers],
        "items": [_item(item) for item in assessment.items],
        "controls": [_control(control) for control in assessment.controls],
        "findings": [_finding(finding) for finding in _all_findings(assessment)],
        "gaps": [_gap(gap) for gap in assessment.gaps],
        **({"rules": [_rule(rule) for rule in assessment.rules]} if assessment.rules else {}),
        **({"drift": [_difference(difference) for difference in assessment.drift]} if assessment.drift else {}),
        "warnings": list(assessment.warnings),
        "inputs": dict(assessment.inputs),
        "versions": dict(assessment.versions),
        "started": assessment.started,
        "finished": assessment.finished,
    }


def render(assessment: Assessment, out: TextIO) -> None:
    """Write the document, indented, with a line end at the end."""
    json.dump(document(assessment), out, indent=2, ensure_ascii=False)
    out.write("\n")


def _all_findings(assessment: Assessment) -> list[Finding]:
    """Every finding once: those of the controls, and those of items decided under their own figures."""
    found = {finding.fingerprint: finding for finding in assessment.findings}
    for item in assessment.items:
        for finding in item.findings:
            found.setdefault(finding.fingerprint, finding)
    return sorted(found.values(), key=lambda f: (f.severity.rank, f.control, f.subject.kind, f.subject.name, f.fingerprint))


def _summary(assessment: Assessment) -> dict[str, object]:
    return {
        "items": _count([item.verdict.value for item in assessment.items]),
        "agreements": _count([item.agreement.value for item in assessment.items]),
        "controls": _count([control.verdict.value for control in assessment.asked]),
        "gaps": len(assessment.gaps),
        "coverage": _coverage(assessment.coverage),
    }


def _coverage(seen: Coverage) -> dict[str, object]:
    return {"claims": seen.claims, "confirmed": seen.confirmed, "asked": seen.asked, "looked_at": seen.looked_at}


def _blocker(blocker: Blocker) -> dict[str, object]:
    return {
        "kind": blocker.kind.value,
        "stops": blocker.kind.stops,
        "text": blocker.text,
        "item": blocker.item,
        "controls": list(blocker.controls),
        "place": blocker.place,
    }


def _count(values: list[str]) -> dict[str, int]:
    return {value: values.count(value) for value in sorted(set(values))}


def _item(item: ItemResult) -> dict[str, object]:
    written = item.binding.item
    return {
        "id": written.id,
        "section": list(written.section),
        "text": written.text,
        "file": written.file,
        "line": written.line,
        "claimed": written.claimed,
        "optional": written.optional,
        "binding": item.binding.source.value,
        **({"reviewed": False} if item.binding.source is BindingSource.LOCK and not item.binding.reviewed else {}),
        "controls": list(item.binding.controls),
        "candidates": list(item.binding.candidates),
        "parameters": dict(sorted(item.binding.parameters.items())),
        "verdict": item.verdict.value,
        "agreement": item.agreement.value,
        "reasons": list(item.reasons),
        "findings": [finding.fingerprint for finding in item.findings],
        **_less(item.without_baseline),
    }


def _control(control: ControlResult) -> dict[str, object]:
    return {
        "id": control.id,
        "title": control.title,
        "severity": control.severity.value,
        "verdict": control.verdict.value,
        "by_origin": {origin.value: verdict.value for origin, verdict in sorted(control.by_origin.items())},
        "reasons": list(control.reasons),
        "findings": [finding.fingerprint for finding in control.findings],
        **_less(control.without_baseline),
        **({} if control.asked else {"asked": False}),
    }


def _less(verdict: Verdict | None) -> dict[str, object]:
    """What is left of a verdict without what is baselined, where anything is."""
    return {} if verdict is None else {"without_baseline": verdict.value}


def _finding(finding: Finding) -> dict[str, object]:
    row: dict[str, object] = {
        "fingerprint": finding.fingerprint,
        "rule": finding.rule,
        "control": finding.control,
        "verdict": finding.verdict.value,
        "severity": finding.severity.value,
        "message": finding.message,
        "subject": {
            "kind": finding.subject.kind,
            "name": finding.subject.name,
            "origin": finding.subject.origin.value,
            "environment": finding.subject.environment,
        },
        "reasons": list(finding.reasons),
        "evidence": [_evidence(evidence) for evidence in finding.evidence],
    }
    if finding.superseded:
        row["superseded"] = True
    if finding.fix:
        row["fix"] = finding.fix
    if finding.baseline is not None:
        last = finding.baseline.until
        row["baseline"] = {"reason": finding.baseline.reason, "owner": finding.baseline.owner, "until": last.isoformat() if last else None}
    if finding.waiver is not None:
        until = finding.waiver.until
        row["waiver"] = {
            "reason": finding.waiver.reason,
            "file": finding.waiver.location.file,
            "line": finding.waiver.location.line,
            "until": until.isoformat() if until else None,
            **_signed(finding.waiver),
        }
    return row


def _signed(waiver: Waiver) -> dict[str, object]:
    """What a waiver says of itself beyond its reason: whose tool's it is, or what the waivers' file has of it."""
    told = {"tool": waiver.tool, "owner": waiver.owner, "approver": waiver.approver, "origin": waiver.plane, "resource": waiver.resource}
    return {name: value for name, value in told.items() if value}


def _evidence(evidence: Evidence) -> dict[str, object]:
    place = evidence.location
    return {
        **({"resource": place.resource} if place.resource else _place(place)),
        "path": evidence.path,
        "value": evidence.value,
        "role": evidence.role.value,
        "subject": evidence.resource,
        **({"note": place.note} if place.note else {}),
    }


def _rule(rule: RuleDescription) -> dict[str, object]:
    return {
        "id": rule.id,
        "control": rule.control,
        "title": rule.title,
        "why": rule.why,
        "fix": rule.fix,
        "references": list(rule.references),
        "security": rule.security,
    }


def _place(place: Location) -> dict[str, object]:
    return {"file": place.file, "line": place.line, "column": place.column, "end_line": place.end_line or place.line}


def _difference(difference: Difference) -> dict[str, object]:
    return {
        "status": difference.status.value,
        "kind": difference.kind,
        "name": difference.name,
        "field": difference.field,
        "declared": difference.expected,
        "live": difference.found,
        "reason": difference.reason,
        "declaration": difference.declared,
        **(_place(difference.location) if difference.location is not None else {}),
        **({"owners": list(difference.owners)} if difference.owners else {}),
    }


def _gap(gap: Gap) -> dict[str, object]:
    return {
        "source": gap.source,
        "file": gap.file,
        "line": gap.line,
        "stage": gap.stage.value,
        "reason": gap.reason,
        "kinds": list(gap.kinds),
        "environment": gap.environment,
        **({"origin": gap.origin.value} if gap.origin is not Origin.DECLARED else {}),
    }

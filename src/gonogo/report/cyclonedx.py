"""CycloneDX 1.6 declarations: https://cyclonedx.org/docs/1.6/json/#declarations.

What the checklist asks for are the requirements of a standard; what is ticked is a claim, with evidence or counter-evidence; what
nobody claimed and does not hold is a counter-claim of gonogo's; the attestation says which requirement is met. What could not be
checked has a confidence of 0 and no conformance. cyclonedx-python-lib has no model of declarations; its validator is in the tests.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TextIO

from gonogo.model.assessment import Assessment
from gonogo.model.finding import Evidence, Finding, Verdict
from gonogo.report.identifiers import uuid_of
from gonogo.report.statements import MET, UNASKED, State, Statement, because, decision_line, shown, statements, unique
from gonogo.translation.language import ENGLISH

_TARGET, _ASSESSOR, _STANDARD = "target", "assessor:gonogo", "standard"
_UNDECIDED = (State.UNKNOWN, State.UNMAPPED, State.MANUAL)

Row = dict[str, object]


def render(assessment: Assessment, out: TextIO) -> None:
    """Write the BOM as JSON."""
    json.dump(bom(assessment), out, indent=2, ensure_ascii=False)
    out.write("\n")


def bom(assessment: Assessment) -> Row:
    """The BOM as JSON data."""
    told = [s for s in unique(statements(assessment)) if s.state not in UNASKED]
    findings = {f.fingerprint: f for s in told if _decided(s) for f in s.findings}
    version = shown(assessment.versions.get("gonogo", ""))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid_of(assessment, 'cyclonedx')}",
        "version": 1,
        "metadata": {
            "timestamp": assessment.finished,
            "tools": {"components": [{"type": "application", "name": "gonogo", "version": version}]},
        },
        "declarations": {
            "assessors": [{"bom-ref": _ASSESSOR, "thirdParty": False, "organization": {"name": "gonogo"}}],
            "attestations": [
                {
                    "summary": decision_line(assessment, told, ENGLISH) + _unread(assessment),
                    "assessor": _ASSESSOR,
                    "map": [_mapped(s) for s in told],
                }
            ],
            "claims": [_claim(s) for s in told if _claimed(s)],
            "evidence": [_evidence(f, assessment) for _, f in sorted(findings.items())],
            "targets": {"components": [_target(assessment)]},
        },
        "definitions": {
            "standards": [
                {
                    "bom-ref": _STANDARD,
                    "name": shown(_standard(assessment)),
                    "requirements": [_requirement(s) for s in sorted(told, key=lambda s: (s.file, s.line, s.id))],
                }
            ]
        },
    }


def _target(assessment: Assessment) -> Row:
    inputs = assessment.inputs
    projects = inputs.get("projects")
    named = [str(inputs.get("root", "")), *(map(str, projects) if isinstance(projects, list) else ())]
    name = shown(" ".join(n for n in named if n)) or "(unnamed)"
    return {"bom-ref": _TARGET, "type": "application", "name": name, "description": shown(f"environment {inputs.get('environment', '')}")}


def _standard(assessment: Assessment) -> str:
    checklists = assessment.inputs.get("checklists")
    return f"checklist {', '.join(map(str, checklists))}" if isinstance(checklists, list) and checklists else "gonogo catalogue"


def _unread(assessment: Assessment) -> str:
    return f"; {len(assessment.gaps)} not read or not understood" if assessment.gaps else ""


def _ref(kind: str, statement: Statement) -> str:
    return shown(f"{kind}:{statement.file}:{statement.id}" if statement.file else f"{kind}:{statement.id}")


def _requirement(statement: Statement) -> Row:
    text = f"{' > '.join(statement.section)} > {statement.text}" if statement.section else statement.text
    return {
        "bom-ref": _ref("requirement", statement),
        "identifier": shown(statement.id),
        "title": shown(statement.text),
        "text": shown(text),
        "properties": [
            *({"name": "gonogo:control", "value": shown(control)} for control in statement.controls),
            *([{"name": "gonogo:place", "value": shown(statement.place)}] if statement.place else []),
        ],
    }


def _mapped(statement: Statement) -> Row:
    why = statement.why(ENGLISH) or statement.verdict.value
    row: Row = {"requirement": _ref("requirement", statement)}
    if _claimed(statement):
        row["claims" if statement.claimed or statement.state in MET else "counterClaims"] = [_ref("claim", statement)]
    told = {"score": int(statement.state in MET), "rationale": shown(f"{statement.state.value}: {why}")}
    row["conformance" if _decided(statement) else "confidence"] = told
    return row


def _decided(statement: Statement) -> bool:
    return statement.state not in _UNDECIDED and statement.verdict not in (Verdict.UNKNOWN, Verdict.MANUAL, Verdict.UNMAPPED)


def _claimed(statement: Statement) -> bool:
    """By the team, or where they say nothing by gonogo, which found something."""
    return statement.claimed or (_decided(statement) and bool(statement.findings))


def _claim(statement: Statement) -> Row:
    met = statement.state in MET
    evidence = [_evidence_ref(f) for f in statement.findings] if _decided(statement) else []
    row: Row = {
        "bom-ref": _ref("claim", statement),
        "target": _TARGET,
        "predicate": shown(statement.text if statement.claimed or met else f"does not hold: {statement.text}"),
        "reasoning": shown(f"{_said(statement)}; {statement.state.value}: {statement.why(ENGLISH) or statement.verdict.value}"),
    }
    if evidence:
        row["evidence" if met or not statement.claimed else "counterEvidence"] = evidence
    return row


def _said(statement: Statement) -> str:
    if not statement.file:
        return "found by gonogo"
    return f"{'ticked' if statement.claimed else 'not ticked'} at {statement.place}"


def _evidence_ref(finding: Finding) -> str:
    return f"evidence:{finding.fingerprint}"


def _evidence(finding: Finding, assessment: Assessment) -> Row:
    return {
        "bom-ref": _evidence_ref(finding),
        "propertyName": shown(f"gonogo:rule:{finding.rule}"),
        "description": shown(f"{finding.verdict.value}: {because(finding, ENGLISH)} ({finding.subject.kind} {finding.subject.name})"),
        "data": list(_data(finding.evidence)),
        "created": assessment.finished,
    }


def _data(evidence: Iterable[Evidence]) -> Iterable[Row]:
    for place in dict.fromkeys(evidence):
        content = f"{place.path} = {place.value}" if place.path else place.value
        yield {"name": shown(str(place.location)), "contents": {"attachment": {"contentType": "text/plain", "content": shown(content)}}}

"""OSCAL assessment results (NIST, version 1.1.2): https://pages.nist.gov/OSCAL-Reference/models/v1.1.2/assessment-results/json-reference/.

A finding is satisfied or not: what is unknown, for a person, waived or not applicable is not satisfied for the reason `other`, and its
remarks say which. Texts are Markdown there, so that they are written as words of it.
"""

from __future__ import annotations

import json
import re
from typing import TextIO
from urllib.parse import quote

from gonogo.model.assessment import Assessment
from gonogo.model.finding import Evidence, Finding, Verdict
from gonogo.model.resource import Gap
from gonogo.report.identifiers import uuid, uuid_of
from gonogo.report.markdown_text import prose
from gonogo.report.statements import BAD, MET, UNASKED, State, Statement, because, decision_line, inside, shown, statements, unique
from gonogo.translation.language import ENGLISH

VERSION = "1.1.2"
NAMESPACE = "https://gonogo.dev/oscal"
_FAILED = (*BAD, State.OPEN, State.STANDING)
_NOT_TOKEN = re.compile(r"[^A-Za-z0-9._-]")

Row = dict[str, object]


def render(assessment: Assessment, out: TextIO) -> None:
    """Write the document as JSON."""
    json.dump(results(assessment), out, indent=2, ensure_ascii=False)
    out.write("\n")


def results(assessment: Assessment) -> Row:
    """The document as JSON data."""
    plan = uuid("plan", json.dumps(assessment.inputs.get("checklists")))
    root = str(assessment.inputs.get("root", ""))
    return {
        "assessment-results": {
            "uuid": uuid_of(assessment, "oscal"),
            "metadata": {
                "title": f"gonogo: {prose(root)}" if root else "gonogo",
                "last-modified": assessment.finished,
                "version": assessment.finished,
                "oscal-version": VERSION,
                "props": _props(("gonogo-version", assessment.versions.get("gonogo", "")), ("decision", assessment.decision.value)),
            },
            "import-ap": {"href": f"#{plan}"},
            "results": [_result(assessment)],
            "back-matter": {"resources": [{"uuid": plan, "title": "What was asked", "description": prose(_asked(assessment))}]},
        }
    }


def _result(assessment: Assessment) -> Row:
    told = unique(statements(assessment))
    controls = sorted({_token(c) for s in told for c in s.controls})
    observed = {f.fingerprint: f for s in told for f in s.findings}
    observations = [*(_observation(f, assessment) for _, f in sorted(observed.items())), *(_unread(g, assessment) for g in dict.fromkeys(assessment.gaps))]
    return {
        "uuid": uuid_of(assessment, "oscal result"),
        "title": f"Readiness of {prose(str(assessment.inputs.get('environment', '')))}",
        "description": prose(decision_line(assessment, told, ENGLISH)),
        "start": assessment.started,
        "end": assessment.finished,
        "reviewed-controls": {"control-selections": [{"include-controls": [{"control-id": c} for c in controls]} if controls else {"description": "none"}]},
        **({"observations": observations} if observations else {}),
        **({"findings": [_finding(s) for s in told]} if told else {}),
    }


def _asked(assessment: Assessment) -> str:
    checklists = assessment.inputs.get("checklists")
    return f"The checklist {', '.join(map(str, checklists))}" if isinstance(checklists, list) and checklists else "Every control of the catalogue"


def _observation(finding: Finding, assessment: Assessment) -> Row:
    subject = finding.subject
    evidence = [_evidence(e) for e in dict.fromkeys(finding.evidence)]
    return {
        "uuid": _observed(finding),
        "title": prose(f"{finding.rule}: {finding.verdict.value}"),
        "description": prose(because(finding, ENGLISH)),
        "props": _props(
            ("kind", subject.kind), ("subject", subject.name), ("origin", subject.origin.value), ("environment", subject.environment),
            ("fingerprint", finding.fingerprint), ("severity", finding.severity.value),
        ),
        "methods": ["TEST"],
        "types": ["finding"],
        **({"relevant-evidence": evidence} if evidence else {}),
        "collected": assessment.finished,
    }  # fmt: skip


def _evidence(evidence: Evidence) -> Row:
    place = evidence.location
    line = f"#L{place.line}" if place.line else ""
    told = f"{evidence.path} = {evidence.value}" if evidence.path else evidence.value
    return {
        # A live resource's name looks like the address of a host: it is named, and not linked.
        **({"href": quote(shown(place.file), safe="/") + line} if inside(place.file) else {}),
        "description": prose(f"{place}: {told}"),
    }


def _unread(gap: Gap, assessment: Assessment) -> Row:
    where = f"{gap.file}:{gap.line}" if gap.line else gap.file
    return {
        "uuid": uuid("gap", gap.file, str(gap.line), gap.stage.value, gap.reason, gap.source, *gap.kinds, gap.environment, gap.origin.value),
        "title": "Not read or not understood",
        "description": prose(f"{where or gap.source}: {gap.reason}"),
        "methods": ["TEST"],
        "types": ["control-objective"],
        "collected": assessment.finished,
    }


def _finding(statement: Statement) -> Row:
    met = statement.state in MET
    failed = statement.state in _FAILED and statement.verdict is not Verdict.UNKNOWN
    status = {"state": "satisfied" if met else "not-satisfied", "reason": "pass" if met else "fail" if failed else "other"}
    target: Row = {"type": "objective-id", "target-id": _token(statement.id), "status": status}
    if statement.state in UNASKED:
        target["implementation-status"] = {"state": "not-applicable"}
    related = [{"observation-uuid": _observed(f)} for f in statement.findings]
    return {
        "uuid": uuid("finding", statement.file, statement.id),
        "title": prose(statement.text),
        "description": prose(" > ".join((*statement.section, statement.text))),
        "props": _props(
            ("state", statement.state.value.replace(" ", "-")), ("verdict", statement.verdict.value),
            ("claimed", ("yes" if statement.claimed else "no") if statement.file else ""), ("place", statement.place),
            ("severity", statement.severity.value if statement.severity is not None else ""),
            *(("control", control) for control in statement.controls),
        ),
        "target": target,
        **({"related-observations": related} if related else {}),
        "remarks": prose(f"{statement.state.value}: {statement.why(ENGLISH) or statement.verdict.value}"),
    }  # fmt: skip


def _observed(finding: Finding) -> str:
    return uuid("observation", finding.fingerprint)


def _props(*pairs: tuple[str, str]) -> list[Row]:
    """Properties with a value: one line without blanks around it, which the schema asks for."""
    return [{"name": name, "ns": NAMESPACE, "value": value} for name, text in pairs if (value := shown(text).strip())]


def _token(text: str) -> str:
    """An identifier of OSCAL begins with a letter; ids of items may begin with a digit."""
    safe = _NOT_TOKEN.sub("-", text)
    return safe if safe[:1].isalpha() else f"item-{safe}"

"""SARIF 2.1.0, as GitHub code scanning reads it, or in full for other viewers.

GitHub shows every result as an open alert, whatever its `kind`, `suppressions` or `baselineState` say, and refuses a whole file for
one result without a file: in its profile there is only what contradicts a claim (without a checklist: what is violated), each in
one line of one file of the repository. https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TextIO

from gonogo.model.assessment import Agreement, Assessment, ItemResult
from gonogo.model.environment import PRODUCTION
from gonogo.model.finding import Evidence, Finding, Role, Verdict
from gonogo.model.location import Location
from gonogo.model.resource import Origin
from gonogo.report.escape import printable
from gonogo.report.sarif_notes import MAX_RESULTS, fitting, left_out, plain, remarks, unread
from gonogo.report.sarif_places import CONFIGURATION, Places, ReadFile
from gonogo.report.sarif_rules import LEVELS, Rules

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MAX_RELATED = 20


@dataclass(frozen=True, slots=True)
class Options:
    """`full` is for viewers other than GitHub: everything that was asked, with its kind, and what is waived, suppressed.

    `read` gives the bytes of a file of the assessment, None where it is not to be had; `below` where it lies from the scanned root.
    """

    full: bool = False
    read: ReadFile = lambda _: None
    below: Callable[[str], str] = lambda file: file


@dataclass(slots=True)
class _Result:
    rule: str
    control: str
    place: Location
    texts: list[str]
    related: list[tuple[Location, str]]
    kind: str = "fail"
    resources: list[str] = field(default_factory=list)
    identity: str = ""
    """What a live finding is told apart by; of one in a file the line says it."""
    suppression: dict[str, Any] | None = None
    known: bool = False


def render(assessment: Assessment, out: TextIO, options: Options = Options()) -> None:
    """Write the log, indented, with a line end at the end."""
    json.dump(document(assessment, options), out, indent=1, ensure_ascii=True)
    out.write("\n")


def document(assessment: Assessment, options: Options = Options()) -> dict[str, Any]:
    """The log as JSON data."""
    places = Places(options.read, options.below, str(assessment.inputs.get("prefix") or ""))
    rules = Rules(assessment)
    found = sorted(
        _merged([*_claims(assessment, places), *_findings(assessment, options, places)]),
        key=lambda r: (r.kind != "fail", rules.severity(r.control).rank, r.rule, r.place.file, r.place.line, r.identity),
    )
    written = [_result(result, rules, places) for result in found[:MAX_RESULTS]]
    del written[fitting(written) :]
    described = rules.described()
    index = {rule["id"]: at for at, rule in enumerate(described)}
    for result in written:
        result["ruleIndex"] = index[result["ruleId"]]
    version = assessment.versions.get("gonogo", "")
    run = {
        "tool": {"driver": {"name": "gonogo", **({"semanticVersion": version} if version else {}), "rules": described}},
        "automationDetails": {"id": _category(assessment)},
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The top of the repository."}}},
        "invocations": [
            {
                "executionSuccessful": True,
                **({"startTimeUtc": assessment.started} if assessment.started else {}),
                **({"endTimeUtc": assessment.finished} if assessment.finished else {}),
                "toolExecutionNotifications": [*left_out(len(found), len(written)), *unread(assessment.gaps, places)],
                "toolConfigurationNotifications": list(remarks(assessment.warnings)),
            }
        ],
        "results": written,
        "properties": {"decision": assessment.decision.value},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _category(assessment: Assessment) -> str:
    """Everything to the last slash is the category, and GitHub takes what an upload of a category lacks for fixed: an audit has
    another than a scan, and so has each environment, and each directory that is scanned by itself."""
    environment = str(assessment.inputs.get("environment") or PRODUCTION)
    if "projects" in assessment.inputs:
        steps = ["live", environment]
    else:
        steps = ["iac", *([environment] if environment != PRODUCTION else []), *str(assessment.inputs.get("prefix") or "").split("/")]
    return "".join(f"{re.sub(r'[^A-Za-z0-9_.-]+', '-', step)}/" for step in ("gonogo", *steps) if step)


def _claims(assessment: Assessment, places: Places) -> Iterator[_Result]:
    """What somebody ticked and what was looked at refutes, at the line of the claim."""
    for item in assessment.items:
        written, decisive = item.binding.item, [f for f in item.findings if f.verdict is Verdict.VIOLATED and not f.superseded and f.waiver is None]
        if item.agreement is not Agreement.REFUTED or not item.binding.controls:
            continue
        control = min((f.control for f in decisive), key=lambda c: (next(f.severity.rank for f in decisive if f.control == c), c), default=item.binding.controls[0])
        place = _in_repository([Location(written.file, written.line)], places)
        related = [(e.location, f.message) for f in decisive for e in _primary(f)]
        proof = "; ".join(dict.fromkeys(f"{f.message} ({_where(f)})" for f in decisive[:3]))
        more = f", and {len(decisive) - 3} more" if len(decisive) > 3 else ""
        text = f"Ticked, and not true: {written.text}. {proof}{more}"
        yield _Result(
            rule="",
            control=control,
            place=place,
            texts=[text],
            related=[*related, *_declarations(decisive)],
            identity="" if place.file == written.file else f"claim\0{written.id}",
            known=bool(decisive) and all(f.baseline for f in decisive),
        )


def _findings(assessment: Assessment, options: Options, places: Places) -> Iterator[_Result]:
    """The findings that contradict a claim; without a checklist, or in full, all that there is to say."""
    claims: dict[str, ItemResult] = {}
    for item in assessment.items:
        for finding in item.findings:
            if item.binding.item.claimed:
                claims.setdefault(finding.fingerprint, item)
    every = {f.fingerprint: f for f in assessment.findings} | {f.fingerprint: f for i in assessment.items for f in i.findings}
    for finding in every.values():
        violated = finding.verdict is Verdict.VIOLATED and not finding.superseded
        contradicted = violated and finding.waiver is None and (finding.fingerprint in claims or not assessment.items)
        if not contradicted and not options.full:
            continue
        live = finding.subject.origin is Origin.LIVE
        claim = claims.get(finding.fingerprint)
        candidates = [e.location for e in (*_primary(finding), *finding.evidence)]
        if claim is not None:
            candidates.append(Location(claim.binding.item.file, claim.binding.item.line))
        place = _in_repository(candidates, places)
        related = [(e.location, e.path) for e in finding.evidence if e.location != place]
        yield _Result(
            finding.rule,
            finding.control,
            place,
            [_said(finding) + (f" ({finding.subject.name})" if live else "")],
            related,
            kind=_kind(finding),
            resources=[finding.subject.name],
            identity=f"{finding.rule}\0{finding.subject.name}" if live else "",
            suppression=_suppression(finding, places),
            known=finding.baseline is not None,
        )


def _merged(found: Sequence[_Result]) -> list[_Result]:
    """The results, those of one rule in one line together: GitHub tells alerts apart by rule, file and line."""
    merged: dict[tuple[str, str, str, int, str, str, bool], _Result] = {}
    for result in found:
        key = result.rule, result.control, result.place.file, result.place.line, result.identity, result.kind, result.suppression is None
        held = merged.setdefault(key, result)
        if held is not result:
            held.texts += [text for text in result.texts if text not in held.texts]
            held.related += [place for place in result.related if place not in held.related]
            held.resources += result.resources
            held.known = held.known and result.known
    return list(merged.values())


def _result(result: _Result, rules: Rules, places: Places) -> dict[str, Any]:
    identifier = rules.use(result.rule, result.control) if result.rule else rules.use_claim(result.control)
    related, more = _related(result.related, places)
    links = "".join(f" [{number}]({number})" for number in range(1, min(len(related), 3) + 1))
    text = plain("; ".join(result.texts))
    return {
        "ruleId": identifier,
        "kind": result.kind,
        "level": LEVELS[rules.severity(result.control)] if result.kind == "fail" else "none",
        "message": {"text": text + links + (f" and {more} more places" if more else "")},
        "locations": [
            {
                "physicalLocation": places.physical(result.place),
                **({"logicalLocations": [{"fullyQualifiedName": name} for name in dict.fromkeys(map(printable, result.resources))]} if result.resources else {}),
            }
        ],
        "partialFingerprints": {"primaryLocationLineHash": _hash(result, places)},
        **({"relatedLocations": related} if related else {}),
        **({"suppressions": [result.suppression]} if result.suppression is not None else {}),
        **({"baselineState": "unchanged"} if result.known else {}),
    }


def _hash(result: _Result, places: Places) -> str:
    """GitHub's own for what stands in a line; several live resources may be declared in one, so theirs is of rule and name."""
    if not result.identity:
        found = places.line_hash(result.place)
        if found is not None:
            return found
    identity = result.identity or f"{result.rule}\0{result.place.file}\0{chr(0).join(result.resources)}"
    return hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:16] + ":1"


def _in_repository(candidates: Sequence[Location], places: Places) -> Location:
    """The first that is a place in the repository, else the configuration."""
    return next((place for place in candidates if places.uri(place.file) is not None), Location(CONFIGURATION, 1))


def _primary(finding: Finding) -> list[Evidence]:
    return [e for e in finding.evidence if e.role is Role.PRIMARY][:1]


def _declarations(findings: Sequence[Finding]) -> list[tuple[Location, str]]:
    """Where what is live is declared."""
    return [(e.location, "declared here") for f in findings if f.subject.origin is Origin.LIVE for e in f.evidence if e.location.file]


def _where(finding: Finding) -> str:
    return next((str(e.location) for e in _primary(finding)), finding.subject.name)


def _said(finding: Finding) -> str:
    """The sentence of a finding with the value it judges; of one that could not be judged, why."""
    if finding.verdict is Verdict.UNKNOWN and finding.reasons:
        return "; ".join(finding.reasons[:3])
    told = next((e for e in _primary(finding) if e.path and e.value), None)
    return finding.message + (f": {told.path} = {told.value}" if told is not None and told.value != "null" else "")


def _related(found: Sequence[tuple[Location, str]], places: Places) -> tuple[list[dict[str, Any]], int]:
    """The first places, each line once, and how many more there are."""
    lines: dict[tuple[str, int], tuple[Location, str]] = {}
    for place, text in found:
        if places.uri(place.file) is not None:
            lines.setdefault((place.file, place.line), (place, text))
    shown = list(lines.values())[:MAX_RELATED]
    written = [{"id": at, "physicalLocation": places.physical(place), "message": {"text": plain(text) or "evidence"}} for at, (place, text) in enumerate(shown, start=1)]
    return written, len(lines) - len(shown)


def _kind(finding: Finding) -> str:
    if finding.superseded:
        return "informational"
    return {Verdict.SATISFIED: "pass", Verdict.ATTESTED: "pass", Verdict.UNKNOWN: "open", Verdict.NOT_APPLICABLE: "notApplicable", Verdict.SUGGESTS: "review"}.get(finding.verdict, "fail")


def _suppression(finding: Finding, places: Places) -> dict[str, Any] | None:
    if finding.waiver is None:
        return None
    place = places.physical(finding.waiver.location)
    return {
        "kind": "external" if finding.waiver.plane else "inSource",
        "status": "accepted",
        "justification": plain(finding.waiver.reason),
        **({"location": {"physicalLocation": place}} if place is not None else {}),
    }

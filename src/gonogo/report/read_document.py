"""An assessment document read back, so that nobody scans again for another format.

The document is somebody's file: its size and depth are bounded, the schema decides what it may hold, and what refers to something
that is not there is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, NoReturn

from gonogo.data import data_directory
from gonogo.model.assessment import Agreement, Assessment, ControlResult, Decision, ItemResult, RuleDescription
from gonogo.model.checklist import Binding, BindingSource, Item
from gonogo.model.drift import Difference, Status
from gonogo.model.finding import Baselined, Evidence, Finding, Role, Severity, Subject, Verdict, Waiver
from gonogo.model.gate import Blocker, BlockerKind, Coverage
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Origin, Stage
from gonogo.report.escape import printable

MAX_BYTES = 64 * 1024 * 1024
"""Some 60,000 findings; a run over the largest repositories that we know has 6,000."""
_MAX_SHOWN = 200
_SIGNED = ("tool", "owner", "approver", "origin", "resource")
"""What a waiver says of itself, in the order of its fields."""

Row = Mapping[str, Any]
"""A part of the document; the schema has said what it holds."""


class DocumentError(Exception):
    """The bytes are no assessment document; the message is one printable sentence."""


def read_document(content: bytes) -> Assessment:
    """The assessment of a document that `json_document` wrote, of which `document(read_document(d)) == d`.

    Raises `DocumentError` for anything else. `Item.directive` and `Binding.reason` are not part of a document.
    """
    if len(content) > MAX_BYTES:
        raise DocumentError(f"it is larger than {MAX_BYTES // (1024 * 1024)} MiB")
    data = _parsed(content)
    _check(data)
    findings = _findings(data["findings"])
    controls = tuple(_control(row, findings) for row in data["controls"])
    items = tuple(_item(row, findings) for row in data["items"])
    ours = {f.fingerprint for control in controls for f in control.findings}
    theirs = {f.fingerprint for item in items for f in item.findings} - ours
    return Assessment(
        decision=Decision(data["decision"]),
        items=items,
        controls=controls,
        findings=tuple(f for f in findings.values() if f.fingerprint not in theirs),
        gaps=tuple(_gap(row) for row in data["gaps"]),
        rules=tuple(_rule(row) for row in data.get("rules", ())),
        drift=tuple(_difference(row) for row in data.get("drift", ())),
        warnings=tuple(data["warnings"]),
        inputs=data["inputs"],
        versions=data["versions"],
        started=data["started"],
        finished=data["finished"],
        blockers=tuple(_blocker(row) for row in data.get("blockers", ())),
        coverage=Coverage(**{name: _whole(count) for name, count in data["summary"].get("coverage", {}).items()}),
    )


def _rule(row: Row) -> RuleDescription:
    return RuleDescription(row["id"], row["control"], row["title"], row["why"], row["fix"], tuple(row["references"]), row["security"])


def _blocker(row: Row) -> Blocker:
    return Blocker(BlockerKind(row["kind"]), row["text"], row["item"], tuple(row["controls"]), row["place"])


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content.decode("utf-8-sig"), parse_constant=_no_number)
    except UnicodeDecodeError:
        raise DocumentError("it is not UTF-8") from None
    except RecursionError:
        raise DocumentError("it is nested too deeply") from None
    except ValueError as error:
        raise DocumentError(f"it is not JSON: {printable(str(error))[:_MAX_SHOWN]}") from None


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON")


def _check(data: object) -> None:
    """Raises `DocumentError` with the first thing that the schema does not allow."""
    from jsonschema import Draft202012Validator

    name = data.get("schema") if isinstance(data, dict) else None
    if not isinstance(name, str) or not name.startswith("gonogo.assessment/"):
        raise DocumentError("it is no assessment of gonogo (gonogo scan … -o json writes one)")
    schema = json.loads((data_directory("schemas") / "assessment.v1.json").read_text("utf-8"))
    try:
        error = next(Draft202012Validator(schema).iter_errors(data), None)
    except RecursionError:
        raise DocumentError("it is nested too deeply") from None
    if error is not None:
        raise DocumentError(f"at {printable(error.json_path)[:_MAX_SHOWN]}: {printable(error.message)[:_MAX_SHOWN]}")


def _findings(rows: list[Row]) -> dict[str, Finding]:
    found = {row["fingerprint"]: _finding(row) for row in rows}
    if len(found) != len(rows):
        raise DocumentError("two findings have one fingerprint")
    return found


def _named(row: Row, findings: Mapping[str, Finding]) -> tuple[Finding, ...]:
    missing = [name for name in row["findings"] if name not in findings]
    if missing:
        raise DocumentError(f"{printable(row['id'])[:_MAX_SHOWN]} rests on a finding that is not in it: {printable(missing[0])[:_MAX_SHOWN]}")
    return tuple(findings[name] for name in row["findings"])


def _item(row: Row, findings: Mapping[str, Finding]) -> ItemResult:
    verdict, reasons = Verdict(row["verdict"]), tuple(row["reasons"])
    item = Item(
        row["id"], tuple(row["section"]), row["text"], row["file"], _whole(row["line"]), claimed=row["claimed"], optional=row["optional"]
    )
    binding = Binding(
        item,
        BindingSource(row["binding"]),
        tuple(row["controls"]),
        # An item has these verdicts for these reasons only.
        manual=verdict is Verdict.MANUAL,
        ignored=verdict is Verdict.NOT_APPLICABLE,
        parameters=row["parameters"],
        candidates=tuple(row["candidates"]),
        reviewed=row["binding"] in (BindingSource.INLINE, BindingSource.LOCK) and row.get("reviewed", True),
    )
    return ItemResult(binding, verdict, Agreement(row["agreement"]), reasons, _named(row, findings), _less(row))


def _control(row: Row, findings: Mapping[str, Finding]) -> ControlResult:
    by_origin = {Origin(origin): Verdict(verdict) for origin, verdict in row["by_origin"].items()}
    verdict, severity = Verdict(row["verdict"]), Severity(row["severity"])
    return ControlResult(row["id"], row["title"], severity, verdict, by_origin, tuple(row["reasons"]), _named(row, findings), _less(row), row.get("asked", True))


def _less(row: Row) -> Verdict | None:
    return Verdict(row["without_baseline"]) if "without_baseline" in row else None


def _finding(row: Row) -> Finding:
    subject = row["subject"]
    return Finding(
        fingerprint=row["fingerprint"],
        rule=row["rule"],
        control=row["control"],
        severity=Severity(row["severity"]),
        verdict=Verdict(row["verdict"]),
        message=row["message"],
        subject=Subject(subject["kind"], subject["name"], Origin(subject["origin"]), subject["environment"]),
        evidence=tuple(_evidence(e) for e in row["evidence"]),
        reasons=tuple(row["reasons"]),
        fix=row.get("fix", ""),
        waiver=_waiver(row["waiver"], row["control"]) if "waiver" in row else None,
        baseline=_baselined(row["baseline"]) if "baseline" in row else None,
        superseded=row.get("superseded", False),
    )


def _evidence(row: Row) -> Evidence:
    return Evidence(_location(row), row["path"], row["value"], Role(row["role"]), row["subject"])


def _waiver(row: Row, control: str) -> Waiver:
    return Waiver(control, row["reason"], Location(row["file"], _whole(row["line"])), _date(row["until"]), *(row.get(name, "") for name in _SIGNED))


def _baselined(row: Row) -> Baselined:
    return Baselined(row["reason"], row["owner"], _date(row["until"]))


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError:
        raise DocumentError(f"{printable(text or '')[:_MAX_SHOWN]} is no date") from None


def _location(row: Row) -> Location:
    if "resource" in row:
        return Location("", note=row.get("note", ""), resource=row["resource"])
    line, end = _whole(row["line"]), _whole(row["end_line"])
    return Location(row["file"], line, _whole(row["column"]), 0 if end == line else end, row.get("note", ""))


def _gap(row: Row) -> Gap:
    origin = Origin(row.get("origin", Origin.DECLARED))
    return Gap(row["file"], _whole(row["line"]), Stage(row["stage"]), row["reason"], row["source"], tuple(row["kinds"]), row["environment"], origin)


def _difference(row: Row) -> Difference:
    return Difference(
        Status(row["status"]),
        row["kind"],
        row["name"],
        row["field"],
        expected=row["declared"],
        found=row["live"],
        reason=row["reason"],
        declared=row["declaration"],
        location=_location(row) if "file" in row else None,
        owners=tuple(row.get("owners", ())),
    )


def _whole(number: float) -> int:
    """JSON Schema counts 3.0 among the integers."""
    return int(number)

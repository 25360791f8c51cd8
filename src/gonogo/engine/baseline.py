"""`.gonogo/baseline.json`: violations that were there when somebody began to look, and fail no run until a date.

An entry names a finding by its fingerprint, which has no line numbers. It is weaker than a waiver: what it covers stays violated in every
report, it only fails nothing.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from gonogo.data import data_directory
from gonogo.engine.known import Known
from gonogo.formats.yaml_reader import Document, read_yaml
from gonogo.model.assessment import Assessment
from gonogo.model.finding import Baselined, Finding, Verdict

FILE = Path(".gonogo") / "baseline.json"
SCHEMA = "gonogo.baseline/v1"
MAX_BYTES = 16 * 1024 * 1024
MAX_ERRORS = 20


class BaselineError(Exception):
    """A baseline that cannot be used; a line for each error, with file and line."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One violation that is known. `expires` is the last day on which it fails nothing; `line` is where it stands in the file, 0 if nowhere yet."""

    fingerprint: str
    control: str
    kind: str
    subject: str
    origin: str
    reason: str
    owner: str
    expires: date
    environment: str = ""
    line: int = 0

    def covers(self, finding: Finding) -> bool:
        """Whether it is about the finding; what a reviewer reads in it must be what it excuses."""
        mine = (self.fingerprint, self.control, self.subject)
        return finding.verdict is Verdict.VIOLATED and finding.waiver is None and mine == (finding.fingerprint, finding.control, finding.subject.name)


@dataclass(frozen=True, slots=True)
class Baseline:
    """The entries of a file."""

    file: str
    entries: tuple[Entry, ...]

    def known(self, today: date) -> Known:
        """What it knows of a run on that day, and its remarks on it."""
        current = {e.fingerprint: e for e in self.entries if e.expires >= today}

        def finding(found: Finding) -> Baselined | None:
            entry = current.get(found.fingerprint)
            return Baselined(entry.reason, entry.owner, entry.expires) if entry is not None and entry.covers(found) else None

        return Known(finding, remarks=lambda assessment: tuple(self._remarks(assessment, today)), inputs={"baseline": self.file})

    def gone(self, assessment: Assessment) -> list[Entry]:
        """The entries that nothing violates any more. What could not be read, or belongs to
        another environment or origin, may only be out of sight."""
        found = {f.fingerprint: f for f in all_findings(assessment)}
        return [e for e in self.entries if _gone(e, found.get(e.fingerprint), assessment)]

    def _remarks(self, assessment: Assessment, today: date) -> Iterator[str]:
        gone = set(self.gone(assessment))
        for entry in self.entries:
            place = f"{self.file}:{entry.line}"
            if entry in gone:
                yield f"{place}: {entry.control} of {entry.subject} is not violated any more; gonogo baseline prune removes the entry"
            elif entry.expires < today:
                yield f"{place}: the entry of {entry.control} of {entry.subject} expired on {entry.expires}; it counts again"


def all_findings(assessment: Assessment) -> tuple[Finding, ...]:
    """Every finding once: those of the controls, and those of items decided under their own figures."""
    of_items = (f for item in assessment.items for f in item.findings)
    return tuple({f.fingerprint: f for f in (*assessment.findings, *of_items)}.values())


def _gone(entry: Entry, finding: Finding | None, assessment: Assessment) -> bool:
    if finding is not None:
        return finding.verdict is not Verdict.UNKNOWN and not entry.covers(finding)
    elsewhere = entry.environment not in ("", assessment.inputs.get("environment"))
    looked_at = any(f.subject.origin.value == entry.origin for f in assessment.findings)
    return looked_at and not elsewhere and not any(gap.touches(entry.kind) for gap in assessment.gaps)


def entries_of(assessment: Assessment, reason: str, owner: str, expires: date) -> tuple[Entry, ...]:
    """An entry for each violation that nothing waives."""
    return tuple(
        Entry(f.fingerprint, f.control, f.subject.kind, f.subject.name, f.subject.origin.value, reason, owner, expires, f.subject.environment)
        for f in all_findings(assessment)
        if f.verdict is Verdict.VIOLATED and f.waiver is None and not f.superseded
    )


def added(baseline: Baseline, entries: Iterable[Entry]) -> tuple[Baseline, list[Entry]]:
    """The baseline with the entries that it has not, and those; what it has keeps its reason, owner and date."""
    has = {e.fingerprint for e in baseline.entries}
    new = [e for e in entries if e.fingerprint not in has]
    return replace(baseline, entries=(*baseline.entries, *new)), new


def text(entries: Iterable[Entry]) -> str:
    """The file: JSON, sorted, an entry a line, so that branches merge and a diff reads."""
    rows = sorted(entries, key=lambda e: (e.control, e.kind, e.subject, e.fingerprint))
    lines = ",\n".join("    " + json.dumps(_row(entry), ensure_ascii=False) for entry in rows)
    return f'{{\n  "schema": "{SCHEMA}",\n  "entries": [{f"{chr(10)}{lines}{chr(10)}  " if lines else ""}]\n}}\n'


def _row(entry: Entry) -> dict[str, str]:
    environment = {"environment": entry.environment} if entry.environment else {}
    row = {"control": entry.control, "kind": entry.kind, "subject": entry.subject, "origin": entry.origin, **environment, "fingerprint": entry.fingerprint}
    return {**row, "reason": entry.reason, "owner": entry.owner, "expires": entry.expires.isoformat()}


def read_baseline(path: Path) -> Baseline:
    """The baseline in a file, JSON or YAML. Raises `BaselineError`."""
    try:
        with path.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise BaselineError(f"{path}: cannot be read: {error.strerror or error}") from None
    if len(content) > MAX_BYTES:
        raise BaselineError(f"{path}: larger than {MAX_BYTES} bytes")
    try:
        file = read_yaml(str(path), content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise BaselineError(f"{path}: not UTF-8") from None
    if file.error:
        raise BaselineError(f"{path}:{file.error_line}: {file.error}")
    if len(file.documents) != 1:
        raise BaselineError(f"{path}: one document is expected, with `schema` and `entries`; gonogo baseline create writes one")
    document = file.documents[0]
    errors = list(islice(_problems(document), MAX_ERRORS))
    if errors:
        raise BaselineError("\n".join(errors))
    return Baseline(str(path), tuple(_entry(row, document.locations["entries", at].line) for at, row in enumerate(_rows(document))))


def _rows(document: Document) -> Sequence[Mapping[str, Any]]:
    value: Any = document.value
    rows: Sequence[Mapping[str, Any]] = value["entries"]
    return rows


def _entry(row: Mapping[str, Any], line: int) -> Entry:
    return Entry(**{**row, "expires": date.fromisoformat(row["expires"])}, line=line)


def _problems(document: Document) -> Iterator[str]:
    from jsonschema import Draft202012Validator

    definition = json.loads((data_directory("schemas") / "baseline.v1.json").read_text("utf-8"))
    found = sorted(Draft202012Validator(definition).iter_errors(document.value), key=lambda e: [str(step) for step in e.absolute_path])
    for error in found:
        path = tuple(error.absolute_path)
        place = document.locations.get(path) or document.locations.get(path[:2]) or document.locations.get(path[:1])
        yield f"{place or document.file}: {error.message}"
    if found:
        return
    seen: Counter[str] = Counter()
    for at, row in enumerate(_rows(document)):
        seen[row["fingerprint"]] += 1
        if seen[row["fingerprint"]] == 2:
            yield f"{document.locations['entries', at]}: a second entry of {row['fingerprint']}; keep one"
        try:
            date.fromisoformat(row["expires"])
        except ValueError:
            yield f"{document.locations['entries', at, 'expires']}: {row['expires']} is no date"

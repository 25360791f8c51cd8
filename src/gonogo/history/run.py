"""One run as the history keeps it: verdicts, resources and how completely they were read. Plain data, nothing of a database."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fnmatch import fnmatchcase

from gonogo.history.canonical import canonical
from gonogo.model.assessment import Assessment, ItemResult
from gonogo.model.finding import Finding, Verdict
from gonogo.model.resource import Gap, Origin, Resource

CLUSTERS = "k8s"
"""The scope of the surfaces of clusters: no project is called so short."""


class Level(StrEnum):
    """What a verdict is about."""

    ITEM = "item"
    CONTROL = "control"
    FINDING = "finding"


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """What a verdict is about: an item by its id, a control by its id, a finding by its fingerprint."""

    level: Level
    id: str

    def stable(self, series: str) -> str:
        """A short name, the same in every run of a series, for whoever keeps apart what he was told; nothing of what was scanned is in it."""
        text = "\0".join((series, self.level, self.id))
        return "gonogo-" + hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:40]


@dataclass(frozen=True, slots=True)
class Standing:
    """A verdict of a run. `kind`, `subject` and `paths` (what the evidence reads) are those of a finding, else empty.

    `findings` are the fingerprints under an item or a control. `files` are where it is declared, relative to the scanned root:
    those of a finding's evidence, the checklist of an item.
    """

    key: Key
    verdict: Verdict
    title: str
    severity: str = ""
    kind: str = ""
    subject: str = ""
    paths: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Surface:
    """A part of the world that a run read: completely or not. `kinds` may be shell-style patterns, `scope` is a project, `CLUSTERS`, or `` for the code."""

    scope: str
    name: str
    kinds: tuple[str, ...]
    complete: bool

    def holds(self, scope: str, kind: str) -> bool:
        return self.scope == scope and any(fnmatchcase(kind, pattern) for pattern in self.kinds)


@dataclass(frozen=True, slots=True, order=True)
class Identity:
    """What a resource is told apart by."""

    origin: str
    kind: str
    name: str
    environment: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The resources of a run in canonical form (`canonical.canonical`), and the surfaces they come from."""

    resources: Mapping[Identity, Mapping[str, object]] = field(default_factory=dict)
    surfaces: tuple[Surface, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """A run. `series` says which runs follow each other: what was looked at, and for which environment.

    Times are UTC, `2026-11-23T10:00:00Z`. `number` counts from 1 in a store; 0 before it is recorded.
    """

    series: str
    started: str
    finished: str
    version: str
    decision: str
    inputs: Mapping[str, object] = field(default_factory=dict)
    standings: tuple[Standing, ...] = ()
    snapshot: Snapshot = field(default_factory=Snapshot)
    gaps: tuple[Gap, ...] = ()
    number: int = 0


def run_of(assessment: Assessment, resources: Iterable[Resource], surfaces: Iterable[Surface], series: str) -> Run:
    """The record of an assessment, redacted. `surfaces` are those of the live sources; the code's are worked out from the gaps."""
    return Run(
        series=series,
        started=assessment.started,
        finished=assessment.finished,
        version=assessment.versions.get("gonogo", ""),
        decision=assessment.decision.value,
        inputs=dict(assessment.inputs),
        standings=tuple(_standings(assessment)),
        snapshot=Snapshot(_resources(resources), tuple(sorted({*surfaces, *_code(assessment.gaps)}))),
        gaps=tuple(sorted(assessment.gaps)),
    )


def _code(gaps: Iterable[Gap]) -> Iterator[Surface]:
    """The scanned tree as a surface, less what its gaps leave incomplete."""
    yield Surface("", "code", ("*",), complete=True)
    for gap in gaps:
        if gap.kinds and gap.origin is not Origin.LIVE:
            yield Surface("", "code", gap.kinds, complete=False)


def _resources(resources: Iterable[Resource]) -> dict[Identity, Mapping[str, object]]:
    """By identity, in order; of two with one identity (a thing declared twice) the second is numbered, as findings are."""
    found: dict[Identity, Mapping[str, object]] = {}
    seen: Counter[Identity] = Counter()
    rows = [(Identity(r.origin.value, r.kind, r.name, r.environment), canonical(r.attributes)) for r in resources]
    for identity, body in sorted(rows, key=lambda row: (row[0], repr(row[1]))):
        seen[identity] += 1
        found[identity if seen[identity] == 1 else replace(identity, name=f"{identity.name}-{seen[identity]}")] = body
    return found


def _standings(assessment: Assessment) -> Iterator[Standing]:
    seen: Counter[str] = Counter()
    for item in assessment.items:
        seen[item.binding.item.id] += 1
        yield _item(item, seen[item.binding.item.id])
    for control in assessment.asked:
        below = tuple(f.fingerprint for f in control.findings if f.verdict is not Verdict.SUGGESTS)
        yield Standing(Key(Level.CONTROL, control.id), control.verdict, control.title, control.severity.value, findings=below)
    found = {f.fingerprint: f for f in assessment.findings}
    found.update({f.fingerprint: f for item in assessment.items for f in item.findings if f.fingerprint not in found})
    for fingerprint in sorted(f for f, finding in found.items() if not finding.superseded and finding.verdict is not Verdict.SUGGESTS):
        yield _finding(found[fingerprint])


def _item(item: ItemResult, count: int) -> Standing:
    """The same line may stand in two checklists: the second is numbered."""
    written = item.binding.item
    key = Key(Level.ITEM, written.id if count == 1 else f"{written.id}-{count}")
    files = (written.file,) if written.file else ()
    return Standing(key, item.verdict, written.text, findings=tuple(f.fingerprint for f in item.findings), files=files)


def _finding(finding: Finding) -> Standing:
    waived = finding.waiver is not None and finding.verdict is Verdict.VIOLATED
    return Standing(
        Key(Level.FINDING, finding.fingerprint),
        Verdict.WAIVED if waived else finding.verdict,
        f"{finding.rule}: {finding.message}",
        finding.severity.value,
        finding.subject.kind,
        finding.subject.name,
        tuple(sorted({e.path for e in finding.evidence if e.path})),
        files=tuple(sorted({e.location.file for e in finding.evidence if e.location.file})),
    )

"""Verdicts, evidence and findings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gonogo.model.location import Location
from gonogo.model.resource import Origin


class Verdict(StrEnum):
    """The answer to a rule, a control or an item; `DESIGN.md` says which may have which."""

    SATISFIED = "satisfied"
    VIOLATED = "violated"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"
    SUGGESTS = "suggests"
    """Only of a finding: a hint, which never decides anything."""
    ABSENT = "absent"
    MANUAL = "manual"
    ATTESTED = "attested"
    WAIVED = "waived"
    UNMAPPED = "unmapped"


class Severity(StrEnum):
    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 is the worst."""
        return list(Severity).index(self)


class Role(StrEnum):
    PRIMARY = "primary"
    RELATED = "related"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One place that a finding rests on. `value` is display text, redacted when it was made; `path` is the attribute."""

    location: Location
    path: str = ""
    value: str = ""
    role: Role = Role.PRIMARY
    resource: str = ""


@dataclass(frozen=True, slots=True)
class Waiver:
    """An accepted gap, written beside what it excuses, or in the waivers' file: then `plane` says where it holds (`code`, `live`, `any`).

    `tool` is another tool whose ignore it is, empty for our own. `resource` is a glob of the names or files that it is about.
    """

    control: str
    reason: str
    location: Location
    until: date | None = None
    tool: str = ""
    owner: str = ""
    approver: str = ""
    plane: str = ""
    resource: str = ""

    def __str__(self) -> str:
        by = f" by {self.approver}" if self.approver else ""
        return f"waived{by}{f' until {self.until}' if self.until else ''}: {self.reason} ({self.location})"


@dataclass(frozen=True, slots=True)
class Baselined:
    """Why a finding does not fail this run though it stays what it is: it was known before. `until` is the last day that holds."""

    reason: str
    owner: str = ""
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    kind: str
    name: str
    origin: Origin
    environment: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule asked of one subject. `fingerprint` is stable across line moves."""

    fingerprint: str
    rule: str
    control: str
    severity: Severity
    verdict: Verdict
    message: str
    subject: Subject
    evidence: tuple[Evidence, ...] = ()
    reasons: tuple[str, ...] = ()
    fix: str = ""
    waiver: Waiver | None = None
    baseline: Baselined | None = None
    superseded: bool = False
    """Of a declaration of what was read live: it decides nothing, what is live does."""

"""The result of a run: one immutable document from which every report is derived."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gonogo.model.checklist import Binding
from gonogo.model.drift import Difference
from gonogo.model.finding import Finding, Severity, Verdict
from gonogo.model.resource import Gap, Origin


class Agreement(StrEnum):
    """Claim x verdict."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    UNSUPPORTED = "unsupported"
    UNCHECKED = "unchecked"
    UNCLAIMED = "unclaimed"
    OPEN = "open"


class Decision(StrEnum):
    GO = "GO"
    NO_GO = "NO-GO"
    INCOMPLETE = "INCOMPLETE"
    NOTHING = "NOTHING"


@dataclass(frozen=True, slots=True)
class ControlResult:
    id: str
    title: str
    severity: Severity
    verdict: Verdict
    by_origin: Mapping[Origin, Verdict] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemResult:
    binding: Binding
    verdict: Verdict
    agreement: Agreement
    reasons: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Assessment:
    decision: Decision
    items: tuple[ItemResult, ...]
    controls: tuple[ControlResult, ...]
    findings: tuple[Finding, ...]
    gaps: tuple[Gap, ...]
    drift: tuple[Difference, ...] = ()
    """What is declared against what is live, where an audit read both."""
    warnings: tuple[str, ...] = ()
    """Remarks for the user that change no verdict: an unused or expired waiver, boxes inside a code fence."""
    inputs: Mapping[str, object] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    started: str = ""
    finished: str = ""

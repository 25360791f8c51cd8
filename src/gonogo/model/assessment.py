"""The result of a run: one immutable document from which every report is derived."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gonogo.model.checklist import Binding
from gonogo.model.drift import Difference
from gonogo.model.finding import Finding, Severity, Verdict
from gonogo.model.gate import Blocker, Coverage
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


_COUNTING = frozenset({Verdict.VIOLATED, Verdict.UNKNOWN, Verdict.ABSENT, Verdict.MANUAL, Verdict.UNMAPPED})


def _standing(without_baseline: Verdict | None) -> bool:
    """Whether nothing is left of a verdict that could stop or delay a release."""
    return without_baseline is not None and without_baseline not in _COUNTING


@dataclass(frozen=True, slots=True)
class ControlResult:
    """`without_baseline` is the verdict less what is baselined, which is what the decision asks: `waived` where nothing else is left of it,
    None where nothing is baselined. What is not `asked` was not looked at, and is `unknown`: only a checklist asks for it, and none does."""

    id: str
    title: str
    severity: Severity
    verdict: Verdict
    by_origin: Mapping[Origin, Verdict] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    without_baseline: Verdict | None = None
    asked: bool = True

    @property
    def standing(self) -> bool:
        """Whether it is only bad in ways that were known before."""
        return _standing(self.without_baseline)


@dataclass(frozen=True, slots=True)
class ItemResult:
    """`without_baseline` as for a control."""

    binding: Binding
    verdict: Verdict
    agreement: Agreement
    reasons: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    without_baseline: Verdict | None = None

    @property
    def counted(self) -> Verdict:
        """The verdict that the decision asks for."""
        return self.verdict if self.without_baseline is None else self.without_baseline

    @property
    def standing(self) -> bool:
        """Whether it is only bad in ways that were known before."""
        return _standing(self.without_baseline)


@dataclass(frozen=True, slots=True)
class RuleDescription:
    """What a rule asks, for those who see its findings without the rule packs. `security` is its control's."""

    id: str
    control: str
    title: str
    why: str
    fix: str
    references: tuple[str, ...] = ()
    security: bool = False


@dataclass(frozen=True, slots=True)
class Assessment:
    decision: Decision
    items: tuple[ItemResult, ...]
    controls: tuple[ControlResult, ...]
    findings: tuple[Finding, ...]
    gaps: tuple[Gap, ...]
    rules: tuple[RuleDescription, ...] = ()
    """Those of which a finding is violated or unknown."""
    drift: tuple[Difference, ...] = ()
    """What is declared against what is live, where an audit read both."""
    warnings: tuple[str, ...] = ()
    """Remarks for the user that change no verdict: an unused or expired waiver, boxes inside a code fence."""
    inputs: Mapping[str, object] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    started: str = ""
    finished: str = ""
    blockers: tuple[Blocker, ...] = ()
    """What stops the release or leaves it undecided, worst first."""
    coverage: Coverage = Coverage()
    """How much of what was asked was looked at."""

    @property
    def asked(self) -> tuple[ControlResult, ...]:
        """The controls that were looked at: all but those that only a checklist asks for, where none does."""
        return tuple(control for control in self.controls if control.asked)

"""Findings to the verdict of a control."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from gonogo.engine.inventory import Inventory, describe
from gonogo.engine.known import NOTHING, Known
from gonogo.model.assessment import ControlResult
from gonogo.model.finding import Finding, Verdict, Waiver
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Origin
from gonogo.rules.rule import Control, Fold, Rule

_WORST_FIRST = (Verdict.VIOLATED, Verdict.UNKNOWN, Verdict.WAIVED, Verdict.SATISFIED, Verdict.ABSENT)


def roll_up(control: Control, rules: Sequence[Rule], findings: Sequence[Finding], inventory: Inventory, known: Known = NOTHING) -> ControlResult:
    """The verdict of a control over all its findings and over each origin.

    each: any violated -> violated; else any unknown, or a gap that touches a subject kind -> unknown; else at least one
    satisfied -> satisfied; else absent. any: one satisfied -> satisfied; else as above. What the code has is no practice of
    what is deployed, and the other way round: each view is folded for itself, and must hold.
    """
    missing = _missing(rules, inventory)
    verdict = _over_views(control.fold, findings, bool(missing))
    origins = sorted({f.subject.origin for f in findings if f.verdict is not Verdict.NOT_APPLICABLE}, key=str)
    by_origin: dict[Origin, Verdict] = {
        origin: _fold(control.fold, [f for f in findings if f.subject.origin is origin], bool(missing)) for origin in origins
    }
    reasons: tuple[str, ...] = ()
    if verdict is Verdict.UNKNOWN:
        reasons = tuple(sorted({r for f in findings if f.verdict is Verdict.UNKNOWN for r in f.reasons} | {describe(gap) for gap in missing}))
    asked = tuple(f for f in findings if f.verdict is not Verdict.NOT_APPLICABLE)
    news = any(not known.gap(gap) for gap in missing)
    without = None
    if any(f.baseline is not None for f in asked) or (missing and not news):
        without = _over_views(control.fold, [_excused(f) for f in findings], news)
    return ControlResult(control.id, control.title, control.severity, verdict, by_origin, reasons, asked, without)


def _excused(finding: Finding) -> Finding:
    """What is baselined as if it were waived: that is what is left of it when the decision does not ask for it."""
    if finding.baseline is None:
        return finding
    return replace(finding, verdict=Verdict.VIOLATED, waiver=Waiver(finding.control, finding.baseline.reason, Location("")))


def _over_views(fold: Fold, findings: Sequence[Finding], incomplete: bool) -> Verdict:
    """The worst of the views; one without anything that the control applies to says nothing."""
    views = sorted({f.subject.origin.view for f in findings if f.verdict is not Verdict.NOT_APPLICABLE})
    if len(views) < 2:
        return _fold(fold, findings, incomplete)
    verdicts = {_fold(fold, [f for f in findings if f.subject.origin.view == view], incomplete) for view in views}
    return next(v for v in _WORST_FIRST if v in verdicts)


def _fold(fold: Fold, findings: Iterable[Finding], incomplete: bool) -> Verdict:
    waived = [f for f in findings if f.waiver is not None and f.verdict is Verdict.VIOLATED]
    verdicts = {f.verdict for f in findings if f not in waived}
    if fold is Fold.ANY and Verdict.SATISFIED in verdicts:
        return Verdict.SATISFIED
    if Verdict.VIOLATED in verdicts:
        return Verdict.VIOLATED
    if Verdict.UNKNOWN in verdicts or incomplete:
        return Verdict.UNKNOWN
    if waived:
        return Verdict.WAIVED
    return Verdict.SATISFIED if Verdict.SATISFIED in verdicts else Verdict.ABSENT


def _missing(rules: Sequence[Rule], inventory: Inventory) -> frozenset[Gap]:
    """What could not be read of the kinds that the control's rules ask about."""
    kinds = {kind for rule in rules for kind in rule.subjects}
    return frozenset(gap for kind in kinds for gap in inventory.gaps_in(kind))

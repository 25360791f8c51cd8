"""Findings to the verdict of a control."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import replace

from gonogo.engine.inventory import Inventory, describe
from gonogo.engine.known import NOTHING, Known
from gonogo.kinds.reports import SCAN
from gonogo.model.assessment import ControlResult
from gonogo.model.finding import Finding, Verdict, Waiver
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Origin
from gonogo.rules.rule import Control, Fold, Rule

_SILENT = frozenset({Verdict.NOT_APPLICABLE, Verdict.SUGGESTS})
"""Findings that say nothing about the control."""
_WORST_FIRST = (Verdict.VIOLATED, Verdict.UNKNOWN, Verdict.WAIVED, Verdict.SATISFIED, Verdict.ABSENT)


NO_CODE = "no repository was given (--repo), so that nothing of the code was looked at"


def roll_up(
    control: Control, rules: Sequence[Rule], findings: Sequence[Finding], inventory: Inventory, known: Known = NOTHING
) -> ControlResult:
    """The verdict of a control over all its findings and over each origin.

    each: any violated -> violated; else any unknown, or a gap that touches a subject kind -> unknown; else at least one
    satisfied -> satisfied; else absent. any: one satisfied -> satisfied, but where a report of a scan found errors; else as above. What the code has is no practice of
    what was deployed, and the other way round: each view is folded for itself, and must hold.

    Of a kind that was read live, what is live decides; what is declared of it is kept and marked as superseded. What only
    the code can tell (pipelines, images) still counts beside it.
    """
    kinds = {kind for rule in rules if not rule.suggests for kind in rule.subjects}
    findings = [_superseded(f, inventory) for f in findings]
    deciding = [f for f in findings if not f.superseded and f.verdict is not Verdict.SUGGESTS]
    gaps = _missing(kinds, inventory)
    missing = tuple(sorted({describe(gap) for gap in gaps}))
    verdict = _over_views(control.fold, deciding, bool(missing))
    if not inventory.code and (verdict is Verdict.ABSENT or not kinds & inventory.live_kinds) and kinds - inventory.live_kinds:
        verdict, missing = Verdict.UNKNOWN, (*missing, NO_CODE)
    origins = sorted({f.subject.origin for f in findings if f.verdict not in _SILENT}, key=str)
    by_origin: dict[Origin, Verdict] = {
        origin: _fold(control.fold, [f for f in findings if f.subject.origin is origin], bool(missing)) for origin in origins
    }
    reasons: tuple[str, ...] = ()
    if verdict is Verdict.UNKNOWN:
        reasons = tuple(sorted({r for f in deciding if f.verdict is Verdict.UNKNOWN for r in f.reasons} | set(missing)))
    asked = tuple(f for f in findings if f.verdict is not Verdict.NOT_APPLICABLE)
    without = None
    if verdict in (Verdict.VIOLATED, Verdict.UNKNOWN) and (any(f.baseline is not None for f in deciding) or any(known.gap(gap) for gap in gaps)):
        left = _over_views(control.fold, [_excused(f) for f in deciding], any(not known.gap(gap) for gap in gaps))
        without = left if left in (Verdict.VIOLATED, Verdict.UNKNOWN) else Verdict.WAIVED
    return ControlResult(control.id, control.title, control.severity, verdict, by_origin, reasons, asked, without)


def _excused(finding: Finding) -> Finding:
    """What is baselined as if it were waived: that is what is left of it where the decision does not ask for it."""
    if finding.baseline is None:
        return finding
    return replace(finding, verdict=Verdict.VIOLATED, waiver=Waiver(finding.control, finding.baseline.reason, Location("")))


def _superseded(finding: Finding, inventory: Inventory) -> Finding:
    superseded = finding.subject.origin is not Origin.LIVE and inventory.read_live(finding.subject)
    return replace(finding, superseded=True) if superseded else finding


def _over_views(fold: Fold, findings: Sequence[Finding], incomplete: bool) -> Verdict:
    """The worst of the views; one without anything that the control applies to says nothing.

    Beside what is live only that of the code counts which the cloud cannot tell: together they are one view.
    """
    live = any(f.subject.origin is Origin.LIVE for f in findings)
    views = sorted({f.subject.origin.view for f in findings if f.verdict not in _SILENT})
    if len(views) < 2 or live:
        return _fold(fold, findings, incomplete)
    verdicts = {_fold(fold, [f for f in findings if f.subject.origin.view == view], incomplete) for view in views}
    return next(v for v in _WORST_FIRST if v in verdicts)


def _fold(fold: Fold, findings: Iterable[Finding], incomplete: bool) -> Verdict:
    waived = [f for f in findings if f.waiver is not None and f.verdict is Verdict.VIOLATED]
    verdicts = {f.verdict for f in findings if f not in waived}
    if fold is Fold.ANY and Verdict.SATISFIED in verdicts and not any(_insists(f) for f in findings if f not in waived):
        return Verdict.SATISFIED
    if Verdict.VIOLATED in verdicts:
        return Verdict.VIOLATED
    if Verdict.UNKNOWN in verdicts or incomplete:
        return Verdict.UNKNOWN
    if waived:
        return Verdict.WAIVED
    return Verdict.SATISFIED if Verdict.SATISFIED in verdicts else Verdict.ABSENT


def _insists(finding: Finding) -> bool:
    """Errors that a scanner found are there, whatever else is scanned, and however often."""
    return finding.subject.kind == SCAN and finding.verdict is Verdict.VIOLATED


def _missing(kinds: Set[str], inventory: Inventory) -> frozenset[Gap]:
    """What could not be read of the kinds that the control's rules ask about, where they are judged."""
    views = {kind: Origin.LIVE.view if kind in inventory.live_kinds else Origin.DECLARED.view for kind in kinds}
    return frozenset(gap for kind, view in views.items() for gap in inventory.gaps_in(kind, view))

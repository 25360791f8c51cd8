"""May we go live: the decision over all items."""

from __future__ import annotations

from collections.abc import Sequence

from gonogo.engine.rollup import NO_CODE
from gonogo.model.assessment import Agreement, Assessment, ControlResult, Decision, ItemResult
from gonogo.model.checklist import Binding, BindingSource, Item
from gonogo.model.finding import Severity, Verdict

_GOOD = frozenset({Verdict.SATISFIED, Verdict.ATTESTED, Verdict.WAIVED, Verdict.NOT_APPLICABLE})


def decide(items: Sequence[ItemResult], severities: Sequence[Severity], fail_on: Severity, *, unknown_blocks: bool = True) -> Decision:
    """GO, NO-GO or INCOMPLETE; NOTHING where there is nothing to decide on.

    `severities` goes with `items`. A team's required item that is refuted or open stops the release; one that could not be
    checked (unknown, manual, unmapped) leaves it undecided. Without a checklist the catalogue's controls are the items:
    one that applies to nothing here asks for nothing. What is baselined is left out. `fail_on` is inclusive and never applies to what is not looked at.
    """
    judged = [(item, severity) for item, severity in zip(items, severities, strict=True) if _counts(item)]
    if not judged:
        return Decision.NOTHING
    required = [(item, severity) for item, severity in judged if not item.binding.item.optional]
    if any(_stops(item) and severity.rank <= fail_on.rank for item, severity in required):
        return Decision.NO_GO
    if unknown_blocks and any(item.counted not in _GOOD and not _stops(item) for item, _ in required):
        return Decision.INCOMPLETE
    return Decision.GO


def decide_again(assessment: Assessment, fail_on: Severity, *, unknown_blocks: bool) -> Decision:
    """What `decide` says of a finished assessment under other gates."""
    known = {control.id: control.severity for control in assessment.controls}
    items = assessment.items if assessment.items or assessment.inputs.get("checklists") else tuple(map(_catalogue_item, assessment.controls))
    severities = [min((known[c] for c in i.binding.controls if c in known), key=lambda s: s.rank, default=Severity.CRITICAL) for i in items]
    return decide(items, severities, fail_on, unknown_blocks=unknown_blocks)


def _catalogue_item(control: ControlResult) -> ItemResult:
    """A control as what is asked for. What only code can tell was not asked of an audit without code."""
    asked = control.asked and (bool(control.findings) or control.reasons != (NO_CODE,))
    written = Item(control.id, (), control.title, "", 0, claimed=False)
    binding = Binding(written, BindingSource.CATALOGUE, (control.id,), ignored=not asked)
    return ItemResult(binding, control.verdict, Agreement.OPEN, without_baseline=control.without_baseline)


def _counts(item: ItemResult) -> bool:
    if item.binding.ignored:
        return False
    return not (item.binding.source is BindingSource.CATALOGUE and item.verdict is Verdict.ABSENT)


def _stops(item: ItemResult) -> bool:
    if item.counted in (Verdict.VIOLATED, Verdict.ABSENT):
        return True
    return item.counted in (Verdict.MANUAL, Verdict.UNMAPPED) and not item.binding.item.claimed

"""May we go live: the decision over all items, and what stands in the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gonogo.engine.rollup import NO_CODE
from gonogo.model.assessment import Agreement, Assessment, ControlResult, Decision, ItemResult
from gonogo.model.checklist import Binding, BindingSource, Item
from gonogo.model.coverage import coverage
from gonogo.model.finding import Severity, Verdict
from gonogo.model.gate import Blocker, BlockerKind, Coverage, Gate

_GOOD = frozenset({Verdict.SATISFIED, Verdict.ATTESTED, Verdict.WAIVED, Verdict.NOT_APPLICABLE})
# What gonogo may have proposed itself: an entry of the lock file is as good as its review.
_PROPOSED = frozenset({BindingSource.AUTO, BindingSource.LOCK})
_DELAYS = {Verdict.MANUAL: BlockerKind.MANUAL, Verdict.UNMAPPED: BlockerKind.UNMAPPED}


@dataclass(frozen=True, slots=True)
class Ruling:
    """The decision, what stands in the way, worst first, and how much of what was asked was looked at."""

    decision: Decision
    blockers: tuple[Blocker, ...]
    coverage: Coverage


def decide(items: Sequence[ItemResult], severities: Sequence[Severity], gate: Gate, others: Iterable[Blocker] = ()) -> Ruling:
    """GO, NO-GO or INCOMPLETE; NOTHING where there is nothing to decide on.

    `severities` goes with `items`. A team's required item that is refuted or open stops the release; one that could not be
    checked (unknown, manual, unmapped) leaves it undecided. Without a checklist the catalogue's controls are the items:
    one that applies to nothing here asks for nothing. What is baselined is left out. `fail_on` is inclusive and never applies to what is not looked at.
    A binding that nobody reviewed can make a NO-GO and carries no GO. `others` is what is known to stand in the way besides.
    """
    judged = [(item, severity) for item, severity in zip(items, severities, strict=True) if _counts(item)]
    seen = coverage(item for item, _ in judged)
    if not judged:
        return Ruling(Decision.NOTHING, (), seen)
    required = [(item, severity) for item, severity in judged if not item.binding.item.optional]
    found = [(_blocker(item, kind), severity) for item, severity in required if (kind := _kind(item, severity, gate)) is not None]
    found.sort(key=lambda pair: (pair[0].kind.rank, pair[1].rank))
    of_run = (*_of_run([item for item, _ in required], seen, gate), *others)
    blockers = tuple(sorted((*(blocker for blocker, _ in found), *of_run), key=lambda b: b.kind.rank))
    if any(blocker.kind.stops for blocker in blockers):
        return Ruling(Decision.NO_GO, blockers, seen)
    return Ruling(Decision.INCOMPLETE if blockers else Decision.GO, blockers, seen)


def decide_again(assessment: Assessment, fail_on: Severity, *, unknown_blocks: bool) -> Ruling:
    """What `decide` says of a finished assessment under other gates for its items; what of its run stood in the way still does."""
    known = {control.id: control.severity for control in assessment.controls}
    items = assessment.items if assessment.items or assessment.inputs.get("checklists") else tuple(map(_catalogue_item, assessment.controls))
    severities = [min((known[c] for c in i.binding.controls if c in known), key=lambda s: s.rank, default=Severity.CRITICAL) for i in items]
    gate = Gate(fail_on, unknown_blocks, require_reviewed=False)
    return decide(items, severities, gate, [b for b in assessment.blockers if not b.kind.of_items])


def _kind(item: ItemResult, severity: Severity, gate: Gate) -> BlockerKind | None:
    """How an item stands in the way, if it does."""
    if _stops(item):
        return _stopping(item) if severity.rank <= gate.fail_on.rank else None
    return _DELAYS.get(item.counted, BlockerKind.UNKNOWN) if gate.unknown_blocks and item.counted not in _GOOD else None


def _stopping(item: ItemResult) -> BlockerKind:
    if item.binding.source is BindingSource.CATALOGUE:
        return BlockerKind.VIOLATED
    if not item.binding.item.claimed:
        return BlockerKind.OPEN
    return BlockerKind.REFUTED if item.counted is Verdict.VIOLATED else BlockerKind.UNSUPPORTED


def _blocker(item: ItemResult, kind: BlockerKind) -> Blocker:
    written = item.binding.item
    identifier, place = (written.id, f"{written.file}:{written.line}") if written.file else ("", "")
    return Blocker(kind, written.text, identifier, item.binding.controls, place)


def _of_run(required: Sequence[ItemResult], seen: Coverage, gate: Gate) -> Iterator[Blocker]:
    if gate.min_coverage is not None and not seen.reaches(gate.min_coverage):
        yield Blocker(BlockerKind.COVERAGE, f"{seen.percent} % looked at ({seen.looked_at} of {seen.asked}), and {gate.min_coverage:g} % are asked for")
    unreviewed = sum(1 for item in required if item.binding.source in _PROPOSED and not item.binding.reviewed)
    if gate.require_reviewed and unreviewed:
        bindings = "1 binding is" if unreviewed == 1 else f"{unreviewed} bindings are"
        yield Blocker(BlockerKind.UNREVIEWED, f"{bindings} not reviewed: gonogo checklist map")


def _catalogue_item(control: ControlResult) -> ItemResult:
    """A control as what is asked for. What only code can tell was not asked of an audit without code."""
    asked = control.asked and (bool(control.findings) or control.reasons != (NO_CODE,))
    written = Item(control.id, (), control.title, "", 0, claimed=False)
    binding = Binding(written, BindingSource.CATALOGUE, (control.id,), ignored=not asked)
    return ItemResult(binding, control.verdict, Agreement.OPEN, findings=control.findings, without_baseline=control.without_baseline)


def _counts(item: ItemResult) -> bool:
    if item.binding.ignored:
        return False
    return not (item.binding.source is BindingSource.CATALOGUE and item.verdict is Verdict.ABSENT)


def _stops(item: ItemResult) -> bool:
    if item.counted in (Verdict.VIOLATED, Verdict.ABSENT):
        return True
    return item.counted in (Verdict.MANUAL, Verdict.UNMAPPED) and not item.binding.item.claimed

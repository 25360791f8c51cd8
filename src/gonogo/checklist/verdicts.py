"""Bindings and control results to the verdict of an item, and what that makes of the claim."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from gonogo.model.assessment import Agreement, ControlResult, ItemResult
from gonogo.model.checklist import Binding
from gonogo.model.finding import Finding, Verdict
from gonogo.model.value import Value

ControlResultOf = Callable[[str, Mapping[str, Value]], ControlResult]

# Several controls are all asked for: the worst answer is the item's. A waived control weighs more than a satisfied one,
# for the item then rests on the waiver.
_WORST_FIRST = (Verdict.VIOLATED, Verdict.UNKNOWN, Verdict.ABSENT, Verdict.WAIVED, Verdict.ATTESTED, Verdict.SATISFIED)
_TICKED = {
    Verdict.SATISFIED: Agreement.CONFIRMED,
    Verdict.ATTESTED: Agreement.CONFIRMED,
    Verdict.VIOLATED: Agreement.REFUTED,
    Verdict.ABSENT: Agreement.UNSUPPORTED,
    # Nothing it applies to, or an accepted gap: the tick has nothing to stand on either way.
    Verdict.NOT_APPLICABLE: Agreement.UNSUPPORTED,
    Verdict.WAIVED: Agreement.UNSUPPORTED,
}


def item_result(binding: Binding, control_result: ControlResultOf) -> ItemResult:
    """The result of one item; `control_result` decides a control under the parameters that the item states."""
    if binding.ignored:
        return _result(binding, Verdict.NOT_APPLICABLE, (binding.reason,))
    if not binding.controls:
        verdict = Verdict.MANUAL if binding.manual else Verdict.UNMAPPED
        return _result(binding, verdict, (binding.reason,))
    results = [control_result(control, parameters) for parameters in _each(binding.parameters) for control in binding.controls]
    findings = {finding.fingerprint: finding for result in results for finding in result.findings}
    item = _result(binding, _worst([r.verdict for r in results]), _reasons(results), tuple(findings.values()))
    if all(r.without_baseline is None for r in results):
        return item
    return replace(item, without_baseline=_worst([r.without_baseline or r.verdict for r in results]))


def _each(parameters: Mapping[str, Value]) -> Sequence[Mapping[str, Value]]:
    """One set of parameters for each value of a list: `file: [README.md, SETUP.md]` asks for both."""
    many = [(name, value) for name, value in parameters.items() if isinstance(value, list)]
    return [parameters] if not many else [{**parameters, name: one} for name, values in many for one in values]


def agreement(claimed: bool, verdict: Verdict) -> Agreement:
    """Claim x verdict. What was not looked at, or is for a person, leaves a tick unchecked."""
    if claimed:
        return _TICKED.get(verdict, Agreement.UNCHECKED)
    return Agreement.UNCLAIMED if verdict in (Verdict.SATISFIED, Verdict.ATTESTED) else Agreement.OPEN


def _result(binding: Binding, verdict: Verdict, reasons: tuple[str, ...], findings: tuple[Finding, ...] = ()) -> ItemResult:
    return ItemResult(binding, verdict, agreement(binding.item.claimed, verdict), tuple(r for r in reasons if r), findings)


def _worst(verdicts: Sequence[Verdict]) -> Verdict:
    asked = [verdict for verdict in verdicts if verdict is not Verdict.NOT_APPLICABLE]
    if not asked:
        return Verdict.NOT_APPLICABLE
    return next((verdict for verdict in _WORST_FIRST if verdict in asked), Verdict.UNKNOWN)


def _reasons(results: Sequence[ControlResult]) -> tuple[str, ...]:
    if len(results) == 1:
        return results[0].reasons
    return tuple(f"{result.id}: {reason}" for result in results for reason in (result.reasons or (result.verdict.value,)))

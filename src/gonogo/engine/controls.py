"""The verdict of every control, and of a control again under the figures that an item states."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from gonogo.engine.evaluation import ask, distinct
from gonogo.engine.inventory import Inventory
from gonogo.engine.known import NOTHING, Known
from gonogo.engine.rollup import roll_up
from gonogo.engine.waivers import Waivers
from gonogo.model.assessment import ControlResult
from gonogo.model.finding import Finding, Severity, Verdict
from gonogo.model.resource import Origin
from gonogo.model.value import Value
from gonogo.rules import RuleSet
from gonogo.rules.rule import Control, Rule

NOT_ASKED = "no item of a checklist asks for it, so that it was not looked at"
_Key = tuple[str, tuple[tuple[str, str], ...]]


class Judge:
    """Decides controls over one inventory; each control is decided once per set of parameters.

    What is not among `asked` was not looked at: its sources have not been read.
    """

    def __init__(
        self, rules: RuleSet, inventory: Inventory, waivers: Waivers, known: Known = NOTHING, asked: Collection[str] | None = None
    ) -> None:
        self._controls: Mapping[str, Control] = {control.id: control for control in rules.controls}
        self._rules: Mapping[str, tuple[Rule, ...]] = {
            identifier: tuple(rule for rule in rules.rules if rule.control == identifier) for identifier in self._controls
        }
        self._inventory = inventory
        self._waivers = waivers
        self._known = known
        self._asked = self._controls if asked is None else asked
        self._decided: dict[_Key, ControlResult] = {}

    def all(self) -> tuple[ControlResult, ...]:
        """Every control of the catalogue, in its order."""
        return tuple(self.control(identifier, {}) for identifier in self._controls)

    def control(self, identifier: str, parameters: Mapping[str, Value]) -> ControlResult:
        """One control; `parameters` are the figures of an item (`{"expected": 1}`)."""
        key = (identifier, tuple(sorted((name, repr(value)) for name, value in parameters.items())))
        found = self._decided.get(key)
        if found is None:
            control, rules = self._controls[identifier], self._rules[identifier]
            if identifier not in self._asked:
                return ControlResult(control.id, control.title, control.severity, Verdict.UNKNOWN, reasons=(NOT_ASKED,), asked=False)
            findings = self._known.mark(distinct(self._waivers.apply(self._ask(rules, control.severity, parameters))))
            found = roll_up(control, rules, findings, self._inventory, self._known)
            # Who accepts that it is violated accepts not to know it.
            found = self._decided[key] = self._excused(found) if found.verdict is Verdict.UNKNOWN else found
        return found

    def required(self, identifier: str, parameters: Mapping[str, Value]) -> ControlResult:
        """One control as an item of a checklist asks for it: that there is nothing may be accepted, too."""
        found = self.control(identifier, parameters)
        return self._excused(found) if found.verdict is Verdict.ABSENT else found

    def severity(self, identifiers: Sequence[str]) -> Severity:
        """The worst severity of these controls; that of an item bound to none is unknown, hence critical."""
        known = [self._controls[i].severity for i in identifiers if i in self._controls]
        return min(known, key=lambda severity: severity.rank, default=Severity.CRITICAL)

    def unused_waivers(self) -> tuple[str, ...]:
        """A remark on each waiver that excuses nothing, once everything is decided."""
        return self._waivers.unused(self._asked, self.planes, [f for result in self._decided.values() for f in result.findings])

    def decides(self, identifier: str) -> bool:
        """Whether a rule decides the control: some only have hints."""
        return any(not rule.suggests for rule in self._rules[identifier])

    def _excused(self, found: ControlResult) -> ControlResult:
        planes = self.planes | {finding.subject.origin.view for finding in found.findings}
        waiver = self._waivers.whole(found.id, planes)
        if waiver is None:
            return found
        was = found.reasons or ("nothing found that it could be true of",)
        return replace(found, verdict=Verdict.WAIVED, reasons=(str(waiver), *was), without_baseline=None)

    @property
    def planes(self) -> frozenset[str]:
        """Where was looked: `code`, `live`."""
        return frozenset(o.view for o, looked in ((Origin.DECLARED, self._inventory.code), (Origin.LIVE, self._inventory.live_kinds)) if looked)

    def _ask(self, rules: Sequence[Rule], severity: Severity, parameters: Mapping[str, Value]) -> list[Finding]:
        return [finding for rule in rules for finding in ask(rule, self._inventory, severity, parameters)]

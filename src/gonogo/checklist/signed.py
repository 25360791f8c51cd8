"""What people signed for, applied to the results of items: attestations of what no rule decides, and accepted gaps.

An attestation never outweighs a rule: what a rule decides stays as it is, and the entry is reported. An entry that is expired, not yet in
force, of another release or of a text that has changed since counts nowhere (mitre/heimdall2 #4524, chef/automate #4342).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date

from gonogo.checklist.named import Named, unchanged
from gonogo.checklist.verdicts import agreement
from gonogo.engine.accepted import control_problem, waiver_of
from gonogo.engine.register import MAX_ERRORS, RegisterError
from gonogo.model.assessment import ControlResult, ItemResult
from gonogo.model.checklist import Binding, Item
from gonogo.model.finding import Evidence, Finding, Role, Severity, Subject, Verdict
from gonogo.model.location import Location
from gonogo.model.register import AcceptedGap, Attestation, Status, state_of
from gonogo.model.resource import Origin

RULE = "attestation"
KIND = "gonogo/Attestation"
_OPEN = frozenset({Verdict.VIOLATED, Verdict.UNKNOWN, Verdict.ABSENT, Verdict.MANUAL, Verdict.UNMAPPED})


@dataclass(slots=True)
class Signed:
    """The entries in force of a run, by what they name, and those that were used."""

    decides: Callable[[str], bool]
    of_items: Mapping[str, Attestation]
    of_controls: Mapping[str, Attestation]
    gaps: Mapping[str, AcceptedGap]
    planes: Set[str]
    notes: tuple[str, ...] = ()
    current: tuple[Attestation | AcceptedGap, ...] = ()
    """The entries that this run is about, in force or not: of its checklists and its release."""
    _used: set[Location] = field(default_factory=set)

    def control(self, result: ControlResult) -> ControlResult:
        """A control that an item asks for and no rule decides, as it is attested."""
        entry = self.of_controls.get(result.id)
        if entry is None or self.decides(result.id):
            return result
        self._used.add(entry.location)
        said = _finding(entry, result.id, result.severity)
        return replace(result, verdict=_VERDICTS[entry.status], reasons=(_sentence(entry),), findings=(*result.findings, *said))

    def item(self, result: ItemResult) -> ItemResult:
        """An item as it is attested where no rule decides it, and waived where it is bad and accepted."""
        identifier = result.binding.item.id
        entry = self.of_items.get(identifier)
        if entry is not None and not result.binding.ignored and by_hand(result.binding, self.decides):
            self._used.add(entry.location)
            result = _attested(result, entry)
        if result.verdict is Verdict.NOT_APPLICABLE and not result.binding.ignored:  # each of its controls is attested not to apply
            result = replace(result, binding=replace(result.binding, ignored=True))
        gap = self.gaps.get(identifier)
        if gap is not None and result.verdict in _OPEN and self._covers(gap, result):
            self._used.add(gap.location)
            reasons = (str(waiver_of(gap, "")), *result.reasons)
            result = replace(result, verdict=Verdict.WAIVED, agreement=agreement(result.binding.item.claimed, Verdict.WAIVED), reasons=reasons, without_baseline=None)
        return result

    def _covers(self, gap: AcceptedGap, result: ItemResult) -> bool:
        bad = {f.subject.origin.view for f in result.findings if f.verdict in _OPEN and not f.superseded}
        return gap.origin == "any" or (bad or self.planes) == {gap.origin}

    def remarks(self, bindings: Iterable[Binding]) -> Iterator[str]:
        """What is to be said of the entries, and of those that answered nothing."""
        yield from self.notes
        bound = {b.item.id: b for b in bindings}
        asked = {control for b in bound.values() if b.item.file for control in b.controls}
        for identifier, entry in self.of_items.items():
            if entry.location not in self._used:
                ruled = bound[identifier].controls
                why = f"{', '.join(ruled)} decides the item; gonogo waive accepts a gap" if ruled else "the item is ignored"
                yield f"{entry.location}: the attestation of {entry.target.name} does not count: {why}"
        for control, entry in self.of_controls.items():
            if self.decides(control):
                yield f"{entry.location}: the attestation of {control} does not count: rules decide it; gonogo waive accepts a gap"
            elif asked and control not in asked:
                yield f"{entry.location}: the attestation of {control} answers nothing: no item asks for it"
        for gap in self.gaps.values():
            if gap.location not in self._used:
                where = "" if gap.origin == "any" else f" of origin {gap.origin}"
                yield f"{gap.location}: the waiver of {gap.target.name} excuses nothing{where}{'' if where else '; remove it'}"


_VERDICTS = {Status.PASSED: Verdict.ATTESTED, Status.FAILED: Verdict.VIOLATED, Status.NOT_APPLICABLE: Verdict.NOT_APPLICABLE}


def signed(
    attestations: Sequence[Attestation],
    gaps: Sequence[AcceptedGap],
    bindings: Sequence[Binding],
    waivable: Mapping[str, bool],
    decides: Callable[[str], bool],
    today: date,
    release: str,
    planes: Set[str],
) -> Signed:
    """The entries that count on that day for that release; `planes` is where was looked. Raises `RegisterError` for one that names nothing, or what may not be waived."""
    bound = {b.item.id: b for b in bindings if b.item.file}
    named = Named([b.item for b in bindings if b.item.file])
    errors: list[str] = []
    notes: list[str] = []
    of_items: dict[str, Attestation] = {}
    of_controls: dict[str, Attestation] = {}
    accepted: dict[str, AcceptedGap] = {}
    seen: dict[tuple[str, ...], Location] = {}
    entries: list[Attestation | AcceptedGap] = [*attestations, *gaps]
    current: list[Attestation | AcceptedGap] = []
    for entry in entries:
        if len(errors) == MAX_ERRORS:
            break
        try:
            item = _item(entry, named, bound, waivable)
        except RegisterError as error:
            errors.append(str(error))
            continue
        key = (type(entry).__name__, item.id if item else entry.target.control, entry.release if isinstance(entry, Attestation) else "")
        if item is not None and key in seen:
            errors.append(f"{entry.location}: a second entry of {item.text}, beside {seen[key]}; keep one")
        seen.setdefault(key, entry.location)
        if (item is not None or entry.target.control) and key[2] in ("", release):
            current.append(entry)
        if state_of(entry, today):
            continue
        if item is not None and not unchanged(item, entry.target):
            notes.append(f"{entry.location}: {entry.target.item} reads “{item.text}” now, and it was “{entry.target.text}” that somebody signed for; it does not count")
        elif isinstance(entry, AcceptedGap):
            accepted.update({item.id: entry} if item is not None else {})
        elif entry.release not in ("", release):
            notes.append(f"{entry.location}: the attestation of {entry.target.name} is of release {entry.release}; give --release {entry.release} where that is judged")
        else:
            counting, name = (of_items, item.id) if item is not None else (of_controls, entry.target.control)
            if name and (entry.release or name not in counting):  # what is of this release alone weighs more
                counting[name] = entry
    if errors:
        raise RegisterError.of(errors)
    return Signed(decides, of_items, of_controls, accepted, planes, tuple(notes), tuple(current))


def _item(entry: Attestation | AcceptedGap, named: Named, bound: Mapping[str, Binding], waivable: Mapping[str, bool]) -> Item | None:
    """The item that an entry names, if it names one and this run is given it. Raises `RegisterError`."""
    target, place = entry.target, entry.location
    if target.control:
        problem = control_problem(target.control, dict.fromkeys(waivable, True) if isinstance(entry, Attestation) else waivable)
        if problem:
            raise RegisterError(f"{place}: {problem}")
        return None
    item = named.find(target, place)
    fixed = [c for c in bound[item.id].controls if not waivable.get(c, True)] if item is not None and isinstance(entry, AcceptedGap) else []
    if fixed:
        raise RegisterError(f"{place}: {target.name} asks for {fixed[0]}, which may not be waived: the catalogue or not_waivable of [gate] says so")
    return item


def by_hand(binding: Binding, decides: Callable[[str], bool]) -> bool:
    """Whether no rule decides the item."""
    return not any(decides(control) for control in binding.controls)


def _attested(result: ItemResult, entry: Attestation) -> ItemResult:
    verdict, reason = _VERDICTS[entry.status], _sentence(entry)
    if verdict is Verdict.NOT_APPLICABLE:
        binding = replace(result.binding, ignored=True, reason=reason)
        return ItemResult(binding, verdict, agreement(binding.item.claimed, verdict), (reason,))
    said = _finding(entry, "", Severity.CRITICAL, result.binding.item)
    return ItemResult(result.binding, verdict, agreement(result.binding.item.claimed, verdict), (reason,), (*result.findings, *said))


def _sentence(entry: Attestation) -> str:
    words = {Status.PASSED: "attested", Status.FAILED: "attested not to hold", Status.NOT_APPLICABLE: "attested not to apply"}
    said = "; ".join(filter(None, (entry.reason, entry.note)))
    release = f" for {entry.release}" if entry.release else ""
    return f"{words[entry.status]}{release} by {entry.by} ({entry.role}) on {entry.on}, until {entry.expires}{f': {said}' if said else ''} ({entry.location})"


def _finding(entry: Attestation, control: str, severity: Severity, item: Item | None = None) -> tuple[Finding, ...]:
    """The entry as a finding, so that reports point at it."""
    if entry.status is Status.NOT_APPLICABLE:
        return ()
    name = item.text if item is not None else control
    key = "\0".join((RULE, control, item.id if item is not None else "", entry.release))
    evidence = [Evidence(entry.location, "evidence", entry.evidence, Role.PRIMARY, name)]
    if entry.evidence and "://" not in entry.evidence:
        evidence.append(Evidence(Location(entry.evidence), "", "", Role.RELATED, name))
    return (
        Finding(
            fingerprint=hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16],
            rule=RULE,
            control=control,
            severity=severity,
            verdict=_VERDICTS[entry.status],
            message=_sentence(entry),
            subject=Subject(KIND, name, Origin.DECLARED),
            evidence=tuple(evidence),
        ),
    )

"""The waivers' file as waivers of controls: what is in force, what expired, and what may not be waived at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from gonogo.engine.register import MAX_ERRORS, RegisterError
from gonogo.model.finding import Waiver
from gonogo.model.gate import Blocker, BlockerKind, Gate
from gonogo.model.register import AcceptedGap, Attestation, state_of
from gonogo.rules.rule import Control


@dataclass(frozen=True, slots=True)
class Lapsed:
    """What is not in force, and never honoured: a remark on each entry, and a blocker for each that expired."""

    remarks: tuple[str, ...]
    blockers: tuple[Blocker, ...]


def lapsed(entries: Iterable[AcceptedGap | Attestation], today: date) -> Lapsed:
    """What is to be said of the entries that are not in force that day."""
    remarks: list[str] = []
    blockers: list[Blocker] = []
    for entry in entries:
        if state := state_of(entry, today):
            word = "attestation" if isinstance(entry, Attestation) else "waiver"
            text = f"the {word} of {entry.target.name} {state}"
            remarks.append(f"{entry.location}: {text}; it does not count")
            if entry.expires < today:
                controls = (entry.target.control,) if entry.target.control else ()
                blockers.append(Blocker(BlockerKind.EXPIRED, text, entry.target.item, controls, str(entry.location)))
    return Lapsed(tuple(remarks), tuple(blockers))


def of_controls(entries: Iterable[AcceptedGap], waivable: Mapping[str, bool], today: date) -> tuple[Waiver, ...]:
    """The waivers of controls that are in force that day. Raises `RegisterError` for a control that is none, or may not be waived."""
    found: list[Waiver] = []
    errors: list[str] = []
    for entry in entries:
        control = entry.target.control
        if not control or len(errors) == MAX_ERRORS:
            continue
        if problem := control_problem(control, waivable):
            errors.append(f"{entry.location}: {problem}")
        elif not state_of(entry, today):
            found.append(waiver_of(entry, control))
    if errors:
        raise RegisterError.of(errors)
    return tuple(found)


def waivable_of(controls: Iterable[Control], gate: Gate) -> dict[str, bool]:
    """Whether each control may be waived. Raises `RegisterError` where `not_waivable` names none."""
    found = {control.id: control.waivable and control.id not in gate.not_waivable for control in controls}
    for control in gate.not_waivable:
        if control not in found:
            raise RegisterError(f"gonogo.toml: gate.not_waivable: {control_problem(control, found)}")
    return found


def control_problem(control: str, waivable: Mapping[str, bool]) -> str:
    """Why a control cannot be waived; `` where it can."""
    if control not in waivable:
        close = get_close_matches(control, waivable, 1)
        return f"no control is called {control}" + (f"; did you mean {close[0]}?" if close else "")
    return "" if waivable[control] else f"{control} may not be waived: the catalogue or not_waivable of [gate] says so"


def waiver_of(entry: AcceptedGap, control: str) -> Waiver:
    """The waiver that an entry is."""
    return Waiver(control, entry.reason, entry.location, entry.expires, "", entry.owner, entry.approver, entry.origin, entry.resource)

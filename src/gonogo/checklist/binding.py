"""Items to controls: the item's own comment, else the reviewed lock file, else the aliases where exactly one reading fits.

Whatever is left is `unmapped` and says so, with the controls it came near. Nothing here is similar: see `aliases`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from gonogo.checklist.aliases import Aliases, load_aliases
from gonogo.checklist.directives import parse_directive
from gonogo.checklist.languages import languages_of
from gonogo.checklist.lock import Entry, Lock, read_lock, text_digest
from gonogo.checklist.matching import Fit, Text, elsewhere, fits, manual
from gonogo.checklist.parameters import parameters_of
from gonogo.data import data_directory
from gonogo.model.checklist import Binding, BindingSource, Checklist, Item
from gonogo.model.value import Value
from gonogo.rules import Control

MAX_CANDIDATES = 5
# A fit that leaves more words than this unaccounted for is no help to the person who binds by hand.
_MAX_LEFT = 3

MANUAL = "a matter for a person or of the running system: code and configuration cannot show it"
UNMAPPED = "no control of the catalogue is known to mean this"
AMBIGUOUS = "it fits several controls; bind it by hand"


@dataclass(frozen=True, slots=True)
class Reading:
    """What the aliases make of one item: the binding they propose, and every fit it was chosen from."""

    binding: Binding
    fits: tuple[Fit, ...] = ()


def bind(
    checklist: Checklist, controls: Sequence[Control], lock_file: Path | None = None, aliases: Aliases | None = None
) -> tuple[Binding, ...]:
    """The binding of every item, in the order of the checklist. Raises `ChecklistError`."""
    types = {control.id: control.parameters for control in controls}
    lock = read_lock(lock_file, types) if lock_file is not None else Lock()
    present = {item.id for item in checklist.items}
    written = [_written(item, lock, present, types) for item in checklist.items]
    read = propose(checklist, controls, aliases, skip={item.id for item, said in zip(checklist.items, written, strict=True) if said is not None})
    return tuple(said if said is not None else one.binding for said, one in zip(written, read, strict=True))


def propose(
    checklist: Checklist, controls: Sequence[Control], aliases: Aliases | None = None, skip: Iterable[str] = ()
) -> tuple[Reading, ...]:
    """What the aliases make of every item but those to `skip`, by id. Raises `ChecklistError`."""
    known = {control.id: control for control in controls}
    words = aliases if aliases is not None else shipped_aliases(languages_of(checklist))
    passed = frozenset(skip)
    readings = [
        Reading(Binding(item, BindingSource.NONE)) if item.id in passed else _read(item, words, known) for item in checklist.items
    ]
    return _sums(_repeats(readings, known), known)


def bind_catalogue(controls: Sequence[Control]) -> tuple[Binding, ...]:
    """Without a checklist the catalogue is the checklist: one unclaimed item per control."""
    return tuple(
        Binding(Item(id=control.id, section=(), text=control.title, file="", line=0, claimed=False), BindingSource.CATALOGUE, (control.id,))
        for control in controls
    )


def shipped_aliases(languages: Iterable[str] | None = None) -> Aliases:
    """The aliases that come with gonogo, of `languages` (all of them where none are named)."""
    return _shipped(None if languages is None else frozenset(languages))


@cache
def _shipped(languages: frozenset[str] | None) -> Aliases:
    return load_aliases(data_directory("rules") / "aliases", languages)


def _written(item: Item, lock: Lock, present: set[str], known: Mapping[str, Mapping[str, str]]) -> Binding | None:
    """What a person wrote for this item, in the checklist or in the lock file."""
    if item.directive:
        said = parse_directive(item.directive, f"{item.file}:{item.line}", known)
        return Binding(
            item, BindingSource.INLINE, said.controls, said.manual, said.ignored, parameters=said.parameters, reason=said.reason,
            reviewed=True,
        )
    entry = lock.entries.get(item.id)
    if entry is not None and entry.sha256 == text_digest(item.text):
        return Binding(
            item, BindingSource.LOCK, entry.controls, entry.manual, entry.ignored, parameters=entry.parameters,
            reason=_reviewed(entry, lock), reviewed=entry.reviewed,
        )  # fmt: skip
    entry = entry or lock.stale(item, present)
    if entry is None:
        return None
    place = " > ".join(entry.section) or "another one"
    was = f"text was “{entry.text}”" if entry.text and entry.text != item.text else f"place was {place}"
    reason = f"the binding of {lock.file}:{entry.line} is stale: the reviewed {was}; review it again"
    return Binding(item, BindingSource.LOCK, candidates=entry.controls, reason=reason)


def _reviewed(entry: Entry, lock: Lock) -> str:
    if entry.ignored:
        return f"ignored: {entry.reason} ({entry.decided_by}, {entry.on}, {lock.file}:{entry.line})"
    if entry.manual:
        return f"to be confirmed by a person{': ' + entry.reason if entry.reason else ''}"
    return ""


def _read(item: Item, aliases: Aliases, known: Mapping[str, Control]) -> Reading:
    text = Text.of(item)
    found = tuple(fit for fit in fits(text, aliases) if fit.alias.controls and all(control in known for control in fit.alias.controls))
    return Reading(_automatic(item, text, found, aliases, known), found)


def _automatic(item: Item, text: Text, found: Sequence[Fit], aliases: Aliases, known: Mapping[str, Control]) -> Binding:
    about, paper = elsewhere(text, aliases)
    deciding = _deciding([fit for fit in found if not about or (paper and fit.alias.documents)], known)
    if len(deciding) == 1:
        (controls, parameters), *_ = deciding.items()
        return Binding(item, BindingSource.AUTO, controls, parameters=parameters)
    candidates = _candidates(found)
    if deciding:
        return Binding(item, BindingSource.NONE, candidates=candidates, reason=AMBIGUOUS)
    person = manual(text, aliases)
    if person is not None:
        meant = tuple(control for control in person.candidates if control in known)
        return Binding(item, BindingSource.NONE, manual=True, candidates=meant, reason=person.reason or MANUAL)
    if about and candidates:
        return Binding(item, BindingSource.NONE, candidates=candidates, reason=f"its heading speaks of “{about}”; bind it by hand")
    return Binding(item, BindingSource.NONE, candidates=candidates, reason=_why_not(found) if candidates else UNMAPPED)


def _deciding(found: Sequence[Fit], known: Mapping[str, Control]) -> dict[tuple[str, ...], Mapping[str, Value]]:
    """The controls of the fits that account for every word and figure of the item, without those that another outranks."""
    deciding = [
        (fit.alias, parameters)
        for fit in found
        if fit.words_fit and (parameters := parameters_of(fit, _controls(fit, known))) is not None
    ]
    return {
        alias.controls: parameters
        for alias, parameters in deciding
        if not {rival for other, _ in deciding if other is not alias for rival in other.outranks}.issuperset(alias.controls)
    }


def _controls(fit: Fit, known: Mapping[str, Control]) -> list[Control]:
    return [known[control] for control in fit.alias.controls]


def _candidates(found: Sequence[Fit]) -> tuple[str, ...]:
    near = sorted((fit for fit in found if len(fit.left) <= _MAX_LEFT), key=lambda fit: (len(fit.left), fit.wrong_section))
    return tuple(dict.fromkeys(control for fit in near for control in fit.alias.controls))[:MAX_CANDIDATES]


def _why_not(found: Sequence[Fit]) -> str:
    best = min(found, key=lambda fit: (len(fit.left), fit.wrong_section))
    if best.left:
        return f"it says more than a control is known to mean ({', '.join(best.left)}); bind it by hand"
    if best.wrong_section:
        return "its headings do not say what it is about; bind it by hand"
    return "it states a figure that no control checks; bind it by hand"


def _repeats(readings: Sequence[Reading], known: Mapping[str, Control]) -> list[Reading]:
    """Summary lines take the binding that the same words have elsewhere in the checklist, where there is just one."""
    decided: dict[int, tuple[str, ...]] = {}
    for reading in readings:
        for fit in reading.fits if reading.binding.source is BindingSource.AUTO else ():
            if fit.words_fit and fit.alias.controls == reading.binding.controls:
                decided[id(fit.pattern)] = fit.alias.controls
    return [replace(reading, binding=_repeated(reading, decided, known)) for reading in readings]


def _repeated(reading: Reading, decided: Mapping[int, tuple[str, ...]], known: Mapping[str, Control]) -> Binding:
    binding = reading.binding
    if binding.source is not BindingSource.NONE or binding.manual:
        return binding
    same = [fit for fit in reading.fits if not fit.left and fit.wrong_section and fit.alias.controls in decided.values()]
    controls = {fit.alias.controls for fit in same}
    repeats = len(controls) == 1 and any(fit.pattern.repeats and id(fit.pattern) in decided for fit in same)
    parameters = parameters_of(same[0], _controls(same[0], known)) if repeats else None
    if parameters is None:
        return binding
    return replace(binding, source=BindingSource.AUTO, controls=next(iter(controls)), parameters=parameters, candidates=(), reason="")


def _sums(readings: Sequence[Reading], known: Mapping[str, Control]) -> tuple[Reading, ...]:
    """Lines that sum up others ask for what each of those asks for: all the documents that the checklist names."""
    return tuple(replace(reading, binding=_summed(reading, readings, known)) for reading in readings)


def _summed(reading: Reading, readings: Sequence[Reading], known: Mapping[str, Control]) -> Binding:
    binding = reading.binding
    summing = [fit for fit in reading.fits if fit.alias.sums and fit.words_fit and fit.alias.controls == binding.controls]
    if not summing:
        return binding
    (control,) = binding.controls
    name = next(iter(known[control].parameters), "")
    values = [other.binding.parameters.get(name) for other in readings if other.binding.controls == binding.controls]
    named = list(dict.fromkeys(value for value in values if isinstance(value, str)))
    counted = [figure.value for figure in summing[0].figures]
    if not named or counted not in ([], [len(named)]):
        return replace(binding, source=BindingSource.NONE, controls=(), candidates=binding.controls, reason=f"it sums up others, and {len(named)} are named; bind it by hand")
    return replace(binding, parameters={name: named})

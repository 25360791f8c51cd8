"""Items to controls: the item's own comment, else the reviewed lock file, else the aliases where exactly one reading fits.

Whatever is left is `unmapped` and says so, with the controls it came near. Nothing here is similar: see `aliases`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from gonogo.checklist.aliases import Aliases, load_aliases
from gonogo.checklist.directives import parse_directive
from gonogo.checklist.lock import Entry, Lock, read_lock, text_digest
from gonogo.checklist.matching import Fit, Text, elsewhere, fits, is_manual, parameters_of
from gonogo.data import data_directory
from gonogo.model.checklist import Binding, BindingSource, Checklist, Item
from gonogo.rules.rule import Control

MAX_CANDIDATES = 5
# A fit that leaves more words than this unaccounted for is no help to the person who binds by hand.
_MAX_LEFT = 3

MANUAL = "a matter for a person or of the running system: code and configuration cannot show it"
UNMAPPED = "no control of the catalogue is known to mean this"


def bind(
    checklist: Checklist, controls: Sequence[Control], lock_file: Path | None = None, aliases: Aliases | None = None
) -> tuple[Binding, ...]:
    """The binding of every item, in the order of the checklist. Raises `ChecklistError`."""
    known = {control.id: control.parameters for control in controls}
    lock = read_lock(lock_file, known) if lock_file is not None else Lock()
    words = aliases if aliases is not None else shipped_aliases()
    present = {item.id for item in checklist.items}
    bindings: list[Binding] = []
    read: list[list[Fit]] = []
    for item in checklist.items:
        written = _written(item, lock, present, known)
        found = [] if written is not None else _known(fits(Text.of(item), words), known)
        read.append(found)
        bindings.append(written if written is not None else _automatic(item, found, words, known))
    return _repeats(bindings, read, known)


def bind_catalogue(controls: Sequence[Control]) -> tuple[Binding, ...]:
    """Without a checklist the catalogue is the checklist: one unclaimed item per control."""
    return tuple(
        Binding(Item(id=control.id, section=(), text=control.title, file="", line=0, claimed=False), BindingSource.CATALOGUE, (control.id,))
        for control in controls
    )


def shipped_aliases() -> Aliases:
    """The aliases that come with gonogo."""
    return load_aliases(data_directory("rules") / "aliases")


def _written(item: Item, lock: Lock, present: set[str], known: Mapping[str, Mapping[str, str]]) -> Binding | None:
    """What a person wrote for this item, in the checklist or in the lock file."""
    if item.directive:
        said = parse_directive(item.directive, f"{item.file}:{item.line}", known)
        return Binding(
            item, BindingSource.INLINE, said.controls, said.manual, said.ignored, parameters=said.parameters, reason=said.reason
        )
    entry = lock.entries.get(item.id)
    if entry is not None and entry.sha256 == text_digest(item.text):
        return Binding(
            item, BindingSource.LOCK, entry.controls, entry.manual, entry.ignored, parameters=entry.parameters,
            reason=_reviewed(entry, lock),
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


def _known(found: Sequence[Fit], known: Mapping[str, object]) -> list[Fit]:
    """The fits on controls that this run's catalogue has."""
    return [fit for fit in found if all(control in known for control in fit.alias.controls)]


def _automatic(item: Item, found: Sequence[Fit], aliases: Aliases, known: Mapping[str, Mapping[str, str]]) -> Binding:
    text = Text.of(item)
    about = elsewhere(text, aliases)
    deciding = {} if about else _deciding(found, known)
    if len(deciding) == 1:
        (controls, parameters), *_ = deciding.items()
        return Binding(item, BindingSource.AUTO, controls, parameters=parameters)
    candidates = _candidates(found)
    if deciding:
        return Binding(item, BindingSource.NONE, candidates=candidates, reason="it fits several controls; bind it by hand")
    if is_manual(text, aliases):
        return Binding(item, BindingSource.NONE, manual=True, reason=MANUAL)
    if about and candidates:
        return Binding(item, BindingSource.NONE, candidates=candidates, reason=f"its heading speaks of “{about}”; bind it by hand")
    return Binding(item, BindingSource.NONE, candidates=candidates, reason=_why_not(found) if candidates else UNMAPPED)


def _deciding(found: Sequence[Fit], known: Mapping[str, Mapping[str, str]]) -> dict[tuple[str, ...], Mapping[str, int]]:
    """The controls of the fits that account for every word and figure of the item."""
    deciding: dict[tuple[str, ...], Mapping[str, int]] = {}
    for fit in found:
        parameters = parameters_of(fit, _names(fit, known)) if fit.words_fit else None
        if parameters is not None:
            deciding[fit.alias.controls] = parameters
    return deciding


def _names(fit: Fit, known: Mapping[str, Mapping[str, str]]) -> list[str]:
    return sorted({name for control in fit.alias.controls for name in known[control]})


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


def _repeats(
    bindings: Sequence[Binding], read: Sequence[Sequence[Fit]], known: Mapping[str, Mapping[str, str]]
) -> tuple[Binding, ...]:
    """Summary lines take the binding that the same words have elsewhere in the checklist, where there is just one."""
    decided: dict[int, tuple[str, ...]] = {}
    for binding, found in zip(bindings, read, strict=True):
        for fit in found if binding.source is BindingSource.AUTO else ():
            if fit.words_fit and fit.alias.controls == binding.controls:
                decided[id(fit.pattern)] = fit.alias.controls
    return tuple(_repeated(b, found, decided, known) for b, found in zip(bindings, read, strict=True))


def _repeated(
    binding: Binding, found: Sequence[Fit], decided: Mapping[int, tuple[str, ...]], known: Mapping[str, Mapping[str, str]]
) -> Binding:
    if binding.source is not BindingSource.NONE or binding.manual:
        return binding
    same = [fit for fit in found if not fit.left and fit.wrong_section and fit.alias.controls in decided.values()]
    controls = {fit.alias.controls for fit in same}
    repeats = len(controls) == 1 and any(fit.pattern.repeats and id(fit.pattern) in decided for fit in same)
    parameters = parameters_of(same[0], _names(same[0], known)) if repeats else None
    if parameters is None:
        return binding
    return replace(binding, source=BindingSource.AUTO, controls=next(iter(controls)), parameters=parameters, candidates=(), reason="")


"""What `gonogo checklist map` proposes: each item's binding with why, beside what the lock file already says of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gonogo.checklist.binding import AMBIGUOUS, Reading
from gonogo.checklist.lock import Entry, Lock, text_digest
from gonogo.checklist.matching import Fit, Text
from gonogo.model.checklist import Binding, BindingSource, Item

MAX_RIVALS = 3


class Outcome(StrEnum):
    """The groups of a mapping, in the order in which they are shown."""

    BOUND = "bound"
    AMBIGUOUS = "ambiguous"
    MANUAL = "manual"
    UNMAPPED = "unmapped"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one item is to be bound to. `entry` is what the lock file says of it now, and `stale` says that it said so of another text."""

    binding: Binding
    outcome: Outcome
    why: tuple[str, ...]
    entry: Entry | None = None
    stale: bool = False

    @property
    def item(self) -> Item:
        return self.binding.item

    @property
    def settled(self) -> bool:
        """Whether a person has decided it, and nothing has changed since."""
        return self.binding.source is BindingSource.INLINE or (self.entry is not None and self.entry.reviewed and not self.stale)


@dataclass(frozen=True, slots=True)
class Found:
    """All proposals, in the order of the checklists, and the entries of the lock file whose item is gone."""

    proposals: tuple[Proposal, ...]
    gone: tuple[Entry, ...]

    def of(self, outcome: Outcome) -> tuple[Proposal, ...]:
        return tuple(proposal for proposal in self.proposals if proposal.outcome is outcome)


def mapping(readings: Sequence[Reading], bindings: Sequence[Binding], lock: Lock) -> Found:
    """What `readings` propose, beside the `bindings` that hold now: those of comments and of the entries of `lock`."""
    present = {binding.item.id for binding in bindings}
    proposals = tuple(_proposal(reading, binding, lock, present) for reading, binding in zip(readings, bindings, strict=True))
    gone = tuple(entry for identifier, entry in lock.entries.items() if identifier not in present)
    return Found(proposals, gone)


def _proposal(reading: Reading, binding: Binding, lock: Lock, present: set[str]) -> Proposal:
    item = binding.item
    if binding.source is BindingSource.INLINE:
        return Proposal(binding, _outcome(binding), ("by its own comment",))
    entry = lock.entries.get(item.id)
    if entry is not None and entry.sha256 == text_digest(item.text):
        said = "" if entry.reviewed else ", not reviewed yet"
        return Proposal(binding, _outcome(binding), (f"{lock.file}:{entry.line}: {entry.decided_by} on {entry.on}{said}",), entry)
    was = entry or lock.stale(item, present)
    why = tuple(_why(reading))
    if was is not None:
        why = (f"stale: {lock.file}:{was.line} reviewed “{was.text or was.sha256[:12]}” ({' > '.join(was.section)}) as {_target(was)}", *why)
    return Proposal(reading.binding, _outcome(reading.binding), why, was, was is not None)


def _outcome(binding: Binding) -> Outcome:
    if binding.controls:
        return Outcome.BOUND
    if binding.manual or binding.ignored:
        return Outcome.MANUAL
    return Outcome.AMBIGUOUS if binding.reason == AMBIGUOUS else Outcome.UNMAPPED


def _target(entry: Entry) -> str:
    return ", ".join(entry.controls) or ("manual" if entry.manual else "ignored")


def _why(reading: Reading) -> Iterator[str]:
    binding = reading.binding
    chosen = [fit for fit in reading.fits if fit.alias.controls == binding.controls]
    for fit in chosen[:1]:
        yield f"words: {', '.join(f'“{word.strip()}”' for word in fit.matched)}"
        if word := _section(fit, binding.item):
            yield f"section: “{word}”"
        stated = ", ".join(f"{name}={_shown(value)}" for name, value in sorted(binding.parameters.items()))
        if stated:
            yield f"states: {stated}"
    rivals = [fit for fit in reading.fits if fit not in chosen]
    for fit in sorted(rivals, key=lambda fit: len(fit.left))[:MAX_RIVALS]:
        yield f"{'rival' if chosen else 'near'}: {', '.join(fit.alias.controls)} ({_against(fit)})"
    if not binding.controls:
        yield binding.reason


def _section(fit: Fit, item: Item) -> str:
    return fit.pattern.section.first(Text.of(item).around) if fit.pattern.section is not None else ""


def _against(fit: Fit) -> str:
    if fit.left:
        return f"leaves {', '.join(f'“{word}”' for word in fit.left)}"
    if fit.wrong_section:
        return "the headings do not name it"
    return "leaves a figure" if fit.figures else "all of its words fit, too"


def _shown(value: object) -> str:
    return " + ".join(str(one) for one in value) if isinstance(value, list) else str(value)


def entries(found: Found, *, manual: bool, reviewer: str, on: str) -> Mapping[str, Entry]:
    """What is to be written, by item id: what has one reading and is not settled. Without a `reviewer` it is not reviewed.

    A reviewed entry of a text that has changed is left alone until somebody reviews it again.
    """
    wanted = (Outcome.BOUND, Outcome.MANUAL) if manual else (Outcome.BOUND,)
    written: dict[str, Entry] = {}
    for proposal in found.proposals:
        item, entry = proposal.item, proposal.entry
        if proposal.outcome not in wanted or proposal.settled or item.id in written:
            continue
        if not reviewer and entry is not None and entry.id == item.id and (entry.reviewed or not proposal.stale):
            continue
        written[item.id] = _entry(proposal, reviewer, on)
    return written


def _entry(proposal: Proposal, reviewer: str, on: str) -> Entry:
    item, binding = proposal.item, proposal.binding
    kept = proposal.entry if proposal.entry is not None and not proposal.stale else None
    return Entry(
        id=item.id,
        line=0,
        sha256=text_digest(item.text),
        text=item.text,
        section=item.section,
        controls=binding.controls,
        manual=binding.manual,
        ignored=binding.ignored,
        parameters=binding.parameters,
        decided_by=reviewer or "gonogo",
        on=on,
        source=kept.source if kept is not None else "alias",
        reason=kept.reason if kept is not None else "",
        reviewed=bool(reviewer),
    )

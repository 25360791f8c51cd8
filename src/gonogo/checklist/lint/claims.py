"""Items that contradict each other: said twice, optional here and required there, ticked although what they rest on is open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from gonogo.checklist.lint.remark import Remark, Weight
from gonogo.checklist.lint.words import LintTable
from gonogo.checklist.normalise import normalise, qualifiers
from gonogo.checklist.optional import without_marks
from gonogo.model.checklist import Binding, Item
from gonogo.model.value import Value

_Asked = tuple[tuple[str, ...], tuple[tuple[str, str], ...]]


def asked(binding: Binding) -> _Asked:
    """What a binding asks for: controls with figures; equal ones are one and the same item."""
    return binding.controls, tuple(sorted((name, repr(value)) for name, value in binding.parameters.items()))


def plain(text: str) -> str:
    """An item's words without its parentheses and optional marks."""
    return qualifiers(without_marks(text))[0]


def repeated(bindings: Sequence[Binding]) -> Iterator[Remark]:
    """The same thing asked twice: an error where the boxes differ, a note where they agree.

    The same words below another heading may mean another thing, which is said as a warning.
    """
    told: set[tuple[int, int]] = set()
    for members in _groups([b for b in bindings if b.controls], asked):
        yield from _repeats(members, ", ".join(members[0].controls), told, Weight.ERROR)
    for one in bindings:
        # A figure that an item with more controls states again: `Pytest - 88.10% coverage`.
        again = [b for b in bindings if len(b.controls) > 1 and set(one.controls) < set(b.controls) and one.parameters.items() <= b.parameters.items()]
        if len(one.controls) == 1 and one.parameters and again:
            yield from _repeats([one, *again], ", ".join(one.controls), told, Weight.ERROR)
    for members in _groups(bindings, lambda b: plain(b.item.text)):
        yield from _repeats(members, f"“{members[0].item.text}”", told, Weight.WARNING)


def _groups(bindings: Sequence[Binding], key: object) -> list[list[Binding]]:
    ordered = sorted(bindings, key=key)  # type: ignore[call-overload]
    groups = [sorted(group, key=lambda b: b.item.line) for _, group in groupby(ordered, key)]  # type: ignore[call-overload]
    return [group for group in groups if len(group) > 1]


def _repeats(members: Sequence[Binding], what: str, told: set[tuple[int, int]], weight: Weight) -> Iterator[Remark]:
    first, *others = (b.item for b in members)
    new = [item for item in others if (first.line, item.line) not in told]
    told.update((first.line, item.line) for item in others)
    differ = [item for item in new if item.claimed is not first.claimed]
    if differ:
        states = ", ".join(f"{_state(item)} on line {item.line}" for item in (first, *new))
        # An optional one may ask for more than the control does: `Central logs (ELK, optional)`.
        softened = Weight.NOTE if any(i.optional for i in (first, *differ)) else weight
        yield Remark(differ[0].line, "two-states", f"{what} is {states}", tuple(i.line for i in (first, *new) if i is not differ[0]), softened)
    elif new:
        lines = ", ".join(str(item.line) for item in new)
        yield Remark(first.line, "said-twice", f"{what} is asked for again on line {lines}, {_state(first)} as here", tuple(i.line for i in new), Weight.NOTE)


def optional_and_required(bindings: Sequence[Binding], later: Sequence[tuple[Item, Binding]]) -> Iterator[Remark]:
    """One thing that is optional in one place and required in another. `later` are plain entries below an optional heading."""
    required = [b for b in bindings if not b.item.optional]
    optional = [(b.item, b) for b in bindings if b.item.optional] + list(later)
    for item, binding in optional:
        same = [
            b.item for b in required
            if (binding.controls and set(binding.controls) & set(b.controls)) or plain(b.item.text) == plain(item.text)
        ]  # fmt: skip
        same = [other for other in same if other.line != item.line and not other.claimed]
        if same:
            lines = ", ".join(str(other.line) for other in same)
            yield Remark(item.line, "optional-and-required", f"“{item.text}” is optional here and required on line {lines}", tuple(o.line for o in same), Weight.WARNING)


def rest_on_open(bindings: Sequence[Binding], table: LintTable) -> Iterator[Remark]:
    """A ticked claim whose measurement, test or strategy is an open item of the same checklist."""
    for rests in table.rests_on:
        claims = [
            b.item for b in bindings
            if b.item.claimed and (rests.controls & set(b.controls) or (rests.words is not None and rests.words.occurs(normalise(b.item.text))))
        ]  # fmt: skip
        grounds = [b for b in bindings if rests.on & set(b.controls)]
        open_ones = [b.item for b in grounds if not b.item.claimed]
        if claims and open_ones and not any(b.item.claimed for b in grounds):
            lines = ", ".join(str(item.line) for item in open_ones)
            yield Remark(
                claims[0].line, "rests-on-open-item",
                f"ticked on line {', '.join(str(i.line) for i in claims)}, while what it rests on is open: line {lines}",
                tuple(i.line for i in (*claims[1:], *open_ones)), Weight.WARNING,
            )  # fmt: skip


def figures_conflict(bindings: Sequence[Binding], table: LintTable) -> Iterator[Remark]:
    """Two figures or claims that cannot both be so: several instances with a minimum of one, one control with two values."""
    for conflict in table.conflicts:
        for one in (b for b in bindings if conflict.one in b.controls and b.item.claimed):
            for other in (b for b in bindings if conflict.other in b.controls and b.item.claimed):
                if any(_is_below(value, conflict.below) for value in other.parameters.values()):
                    yield Remark(one.item.line, "figures-conflict", f"“{one.item.text}” and “{other.item.text}” (line {other.item.line}): {conflict.because}", (other.item.line,), Weight.WARNING)
    by_name: dict[tuple[str, str], list[tuple[Item, Value]]] = {}
    for binding in bindings:
        for name, value in binding.parameters.items():
            if len(binding.controls) == 1 and name == "expected":
                by_name.setdefault((binding.controls[0], name), []).append((binding.item, value))
    for (control, _), stated in by_name.items():
        if len({repr(value) for _, value in stated}) > 1:
            figures = ", ".join(f"{value} (line {item.line})" for item, value in stated)
            yield Remark(stated[0][0].line, "figures-conflict", f"{control} is to be {figures}", tuple(item.line for item, _ in stated[1:]))


def spoken_of(bindings: Sequence[Binding], mentions: Sequence[Binding]) -> Iterator[Remark]:
    """A schedule or a contact list that speaks of something as there, of which every item is open."""
    by_control: Mapping[str, list[Item]] = {
        control: [b.item for b in bindings if control in b.controls] for m in mentions for control in m.controls
    }
    for mention in mentions:
        open_ones = [item for control in mention.controls for item in by_control[control]]
        if open_ones and not any(item.claimed for item in open_ones):
            lines = ", ".join(str(item.line) for item in open_ones)
            yield Remark(mention.item.line, "spoken-of-and-open", f"speaks of “{mention.item.text}”, which is open on line {lines}", tuple(i.line for i in open_ones), Weight.WARNING)


def _is_below(value: Value, limit: int) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value < limit


def _state(item: Item) -> str:
    return "ticked" if item.claimed else "open"

"""What an assessment lets be ticked: what is satisfied or validly attested, by a binding that somebody has reviewed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gonogo.checklist.boxes import Box
from gonogo.model.assessment import Agreement, ItemResult
from gonogo.model.finding import Role, Verdict

_TICKED = frozenset({Verdict.SATISFIED, Verdict.ATTESTED})
MAX_PLACES = 3


@dataclass(frozen=True, slots=True)
class Change:
    """A box that is to change, and why."""

    item: ItemResult
    box: Box

    @property
    def why(self) -> str:
        """`satisfied: main.tf:14`."""
        return ": ".join(part for part in (self.item.verdict.value, places(self.item)) if part)


@dataclass(frozen=True, slots=True)
class Ticking:
    """The changes of one checklist, in its order. `unreviewed` are items left alone for want of a review of their binding."""

    changes: tuple[Change, ...]
    unreviewed: tuple[ItemResult, ...]
    noted: dict[int, Box]
    """Boxes that stay as they are, and whose evidence is written anew."""

    @property
    def boxes(self) -> dict[int, Box]:
        """By line."""
        return self.noted | {change.item.binding.item.line: change.box for change in self.changes}


def ticking(items: Iterable[ItemResult], *, untick: bool = False, evidence: bool = False, unreviewed: bool = False) -> Ticking:
    """What becomes of the boxes of one checklist.

    An open box is ticked where its item is satisfied or attested; with `untick` a ticked one is cleared where it is refuted.
    Nothing else is touched: what is waived, unknown, absent or for a person is nobody's to tick here.
    """
    changes: list[Change] = []
    left: list[ItemResult] = []
    noted: dict[int, Box] = {}
    for item in sorted(items, key=lambda i: i.binding.item.line):
        written = item.binding.item
        good = item.verdict in _TICKED
        changes_it = good if not written.claimed else untick and item.agreement is Agreement.REFUTED
        if changes_it and not (unreviewed or item.binding.reviewed):
            left.append(item)
        elif changes_it:
            changes.append(Change(item, Box(not written.claimed, (places(item) if good else "") if evidence else None)))
        elif evidence and written.claimed and (unreviewed or item.binding.reviewed):
            noted[written.line] = Box(True, places(item) if good else "")
    return Ticking(tuple(changes), tuple(left), noted)


def places(item: ItemResult) -> str:
    """Where an item's verdict is proved: the first places, and how many more there are."""
    found = dict.fromkeys(str(e.location) for f in item.findings if f.verdict in _TICKED | {Verdict.VIOLATED} and not f.superseded for e in f.evidence if e.role is Role.PRIMARY)
    shown = list(found)[:MAX_PLACES]
    more = f" and {len(found) - len(shown)} more" if len(found) > len(shown) else ""
    return ", ".join(shown) + more

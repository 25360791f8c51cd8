"""The items that entries of attestations and waivers name: by id, or by their exact text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from gonogo.checklist.errors import suggestion
from gonogo.engine.register import RegisterError
from gonogo.model.checklist import Item
from gonogo.model.location import Location
from gonogo.model.register import Target


class Named:
    """The items of a run's checklists."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = items
        self._files = {PurePosixPath(item.file) for item in items}
        self._called: dict[str, list[Item]] = {}
        for item in items:
            for name in {item.id, item.text}:
                self._called.setdefault(name, []).append(item)

    def find(self, target: Target, place: Location) -> Item | None:
        """The item that `target` names; None where it is of a checklist that this run is not given. Raises `RegisterError`."""
        if not self._items or (target.checklist and PurePosixPath(target.checklist) not in self._files):
            return None
        called = [i for i in self._called.get(target.item, ()) if not target.checklist or PurePosixPath(i.file) == PurePosixPath(target.checklist)]
        found = [i for i in called if i.id == target.item] or [i for i in called if _below(i, target.section)]
        if len({i.id for i in found}) > 1:
            raise RegisterError(f"{place}: {len(found)} items read {target.item}; give the section, or the id: {', '.join(sorted(i.id for i in found)[:5])}")
        if not found:
            raise RegisterError(f"{place}: no item is called {target.item}{self._hint(target)}")
        return found[0]

    def _hint(self, target: Target) -> str:
        same = [*self._called.get(target.item, ()), *self._called.get(target.text, ())]
        if same:
            return f"; that text now is item {same[0].id} ({same[0].file}:{same[0].line})"
        return suggestion(target.item, self._called)


def unchanged(item: Item, target: Target) -> bool:
    """Whether the item still reads as it did when the entry was written."""
    return target.text in ("", item.text)


def _below(item: Item, section: tuple[str, ...]) -> bool:
    return not section or item.section == section or (len(section) == 1 and section[0] in item.section)

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

    def find(self, target: Target, place: Location) -> Item | None:
        """The item that `target` names; None where it is of a checklist that this run is not given. Raises `RegisterError`."""
        if not self._items or (target.checklist and PurePosixPath(target.checklist) not in self._files):
            return None
        items = [i for i in self._items if not target.checklist or PurePosixPath(i.file) == PurePosixPath(target.checklist)]
        by_id = [i for i in items if i.id == target.item]
        by_text = [i for i in items if i.text == target.item and _below(i, target.section)]
        found = by_id or by_text
        if len({i.id for i in found}) > 1:
            raise RegisterError(f"{place}: {len(found)} items read {target.item}; give the section, or the id: {', '.join(sorted(i.id for i in found))}")
        if not found:
            raise RegisterError(f"{place}: no item is called {target.item}{self._hint(target, items)}")
        return found[0]

    def _hint(self, target: Target, items: Sequence[Item]) -> str:
        same = [i for i in items if i.text in (target.item, target.text)]
        if same:
            return f"; that text now is item {same[0].id} ({same[0].file}:{same[0].line})"
        return suggestion(target.item, {name for i in items for name in (i.id, i.text)})


def unchanged(item: Item, target: Target) -> bool:
    """Whether the item still reads as it did when the entry was written."""
    return target.text in ("", item.text)


def _below(item: Item, section: tuple[str, ...]) -> bool:
    return not section or item.section == section or (len(section) == 1 and section[0] in item.section)

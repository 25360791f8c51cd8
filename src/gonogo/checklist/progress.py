"""How far a checklist is: boxes counted by section, never taken from what the file says of itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gonogo.model.checklist import Item


@dataclass(frozen=True, slots=True)
class Progress:
    """The boxes of a section and of all below it. `required` are those that are not optional."""

    section: tuple[str, ...]
    line: int
    """Of the first item."""
    boxes: int
    ticked: int
    required: int
    required_ticked: int

    @property
    def ratio(self) -> float:
        """In percent, of all boxes."""
        return 100 * self.ticked / self.boxes

    @property
    def required_ratio(self) -> float | None:
        """In percent, of the required ones; None where there are none."""
        return 100 * self.required_ticked / self.required if self.required else None

    def __str__(self) -> str:
        of_all = f"{self.ticked} of {self.boxes} ticked ({self.ratio:.1f} %)"
        ratio = self.required_ratio
        if ratio is None or self.required == self.boxes:
            return of_all
        return f"{of_all}; of what is required {self.required_ticked} of {self.required} ({ratio:.1f} %)"


def progress(items: Sequence[Item], depth: int = 99) -> tuple[Progress, ...]:
    """The whole checklist first, then every section down to `depth` headings, in the order of their first items."""
    paths = dict.fromkeys(item.section[:size] for item in items for size in range(min(len(item.section), depth) + 1))
    return tuple(_of(path, [i for i in items if i.section[: len(path)] == path]) for path in sorted(paths, key=lambda p: _place(p, items)))


def _place(path: tuple[str, ...], items: Iterable[Item]) -> tuple[int, int]:
    return next(((i.line if path else 0), len(path)) for i in items if i.section[: len(path)] == path)


def _of(path: tuple[str, ...], items: Sequence[Item]) -> Progress:
    required = [item for item in items if not item.optional]
    return Progress(
        path, items[0].line, len(items), sum(i.claimed for i in items), len(required), sum(i.claimed for i in required)
    )

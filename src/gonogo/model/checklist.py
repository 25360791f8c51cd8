"""A team's checklist as it was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gonogo.model.value import Value


@dataclass(frozen=True, slots=True)
class Item:
    """One task-list line. `section` is the heading path; `id` is stable while text and headings are unchanged."""

    id: str
    section: tuple[str, ...]
    text: str
    file: str
    line: int
    claimed: bool
    optional: bool = False
    directive: str = ""


class BindingSource(StrEnum):
    INLINE = "inline"
    LOCK = "lock"
    AUTO = "auto"
    CATALOGUE = "catalogue"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Binding:
    """What an item asks for: controls, or nothing with the reason (`manual`, `unmapped`, `ignore`)."""

    item: Item
    source: BindingSource
    controls: tuple[str, ...] = ()
    manual: bool = False
    ignored: bool = False
    parameters: Mapping[str, Value] = field(default_factory=dict)
    """What it states of them; a list asks for each of its values."""
    candidates: tuple[str, ...] = ()
    reason: str = ""
    reviewed: bool = False
    """Whether a person has decided it: in the item's own comment, or by an entry of the lock file that is reviewed."""


@dataclass(frozen=True, slots=True)
class Checklist:
    file: str
    items: tuple[Item, ...]
    notes: tuple[tuple[int, str], ...] = ()
    """Remarks on the file itself, as (line, text): boxes inside code fences that were not counted, for instance."""

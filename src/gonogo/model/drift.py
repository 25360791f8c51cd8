"""A difference between two pictures of one resource: what is declared and what is live, or what was and what is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gonogo.model.location import Location


class Status(StrEnum):
    """What a difference is. The first five are of declared and live, the others of live and the last snapshot."""

    DIFFERS = "differs"
    MISSING_LIVE = "missing_live"
    UNMANAGED_LIVE = "unmanaged_live"
    UNDECLARED = "undeclared"
    UNDECIDABLE = "undecidable"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    NOT_COMPARABLE = "not_comparable"


@dataclass(frozen=True, slots=True)
class Difference:
    """`expected` is what is declared, or was; `found` what is live, or is now: display text, redacted. `field` is empty for the whole resource.

    `declared` names the declaration, `location` is where it is written, `owners` are who can change that.
    """

    status: Status
    kind: str
    name: str
    field: str = ""
    expected: str = ""
    found: str = ""
    reason: str = ""
    declared: str = ""
    location: Location | None = None
    owners: tuple[str, ...] = ()

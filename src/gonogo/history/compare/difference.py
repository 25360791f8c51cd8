"""One difference between two pictures of a resource, as every comparison reports it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gonogo.history.canonical import compact
from gonogo.history.compare.fields import Steps
from gonogo.lang.functions import secret_like
from gonogo.lang.secrets import REDACTED, scrub
from gonogo.model.location import Location
from gonogo.model.value import Unknown, Value

_MAX_TEXT = 200


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

    `declared` names the declaration, `location` is where it is written.
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


def dotted(path: Steps) -> str:
    """A path as text."""
    return ".".join(path)


def shown(path: Steps, value: Value) -> str:
    """A leaf as one short line; `[redacted]` where a name on the way is a secret's."""
    if value is None:
        return "not set"
    if isinstance(value, Unknown):
        return "unknown"
    if isinstance(value, bool | int | float):
        return compact(value)
    if any(secret_like(step) for step in path):
        return REDACTED
    text = " ".join(scrub(str(value)).split())
    return text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 1] + "…"

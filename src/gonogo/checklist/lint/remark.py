"""One thing that a checklist says of itself and that is not so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Weight(StrEnum):
    ERROR = "error"
    """Two things that cannot both be so."""
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, order=True)
class Remark:
    """`related` are the other lines that it is about."""

    line: int
    rule: str
    message: str
    related: tuple[int, ...] = ()
    weight: Weight = Weight.ERROR

"""What a reader makes of an artefact, before anybody asks how old it is."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from gonogo.model.value import Value

MAX_BYTES = 32 * 1024 * 1024
MAX_NODES = 1_000_000
MAX_COLUMNS = 200


class Unfit(Exception):
    """A file that is no such artefact, or cannot be read; the message says why, for a gap."""


class Foreign(Unfit):
    """A whole file of something else: where only its name made it an artefact, it is none."""


@dataclass(frozen=True, slots=True)
class Artefact:
    """A file as the readers get it. `shown` is its name in reports."""

    path: Path
    shown: str
    data: bytes

    @property
    def text(self) -> str:
        """UTF-8. Raises `Unfit`."""
        try:
            return self.data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Unfit(f"not UTF-8 (byte {error.start})") from None

    def json(self) -> Any:
        """The value of a JSON text. Raises `Unfit`."""
        if self.data.count(b"{") + self.data.count(b"[") > MAX_NODES:
            raise Unfit(f"more than {MAX_NODES} objects and lists")
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError) as error:
            raise Unfit(f"not valid JSON: {error}") from None


@dataclass(frozen=True, slots=True)
class Reading:
    """What an artefact says of one thing. `about` stays known where it proves nothing any more, `measured` does not."""

    kind: str
    measured: Mapping[str, Value]
    about: Mapping[str, Value] = field(default_factory=dict)
    produced: datetime | None = None
    """None where it does not say."""
    local: bool = False
    """Its time names no zone."""
    commit: str = ""
    part: str = ""
    """What tells it from other readings of the file."""
    thing: tuple[str, ...] = ()
    """What it is about: a fresh one stands for a stale one of the same."""
    line: int = 1
    files: frozenset[str] = frozenset()
    """The files of the repository that it measures."""


def number(value: object) -> float | None:
    """A finite number, also of a text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def mapping(value: object) -> Mapping[str, Any]:
    """A mapping; an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}

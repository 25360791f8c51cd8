"""What a SARIF log says of itself: what could not be read, what is wrong with the configuration, and what GitHub's limits leave out."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

from gonogo.model.location import Location
from gonogo.model.resource import Gap, Origin
from gonogo.report.escape import printable
from gonogo.report.sarif_places import Places

MAX_RESULTS, KEPT_RESULTS = 25_000, 5_000
"""GitHub takes 25,000 results and keeps the 5,000 worst."""
MAX_PACKED = 8 * 1024 * 1024
"""What the results may come to, compressed: GitHub takes 10 MB, and rules and notifications need room, too."""
MAX_NOTIFICATIONS = 500
_MAX_MESSAGE = 2_000


def fitting(results: Sequence[dict[str, Any]]) -> int:
    """How many of the results, from the first on, GitHub takes."""
    packer, size = zlib.compressobj(), 0
    for number, result in enumerate(results[:MAX_RESULTS]):
        size += len(packer.compress(json.dumps(result).encode("ascii")))
        if size > MAX_PACKED:
            return number
    return min(len(results), MAX_RESULTS)


def left_out(found: int, written: int) -> Iterator[dict[str, Any]]:
    """What there is of results, and what GitHub will not show."""
    if written < found:
        why = f"GitHub takes {MAX_RESULTS}" if written == MAX_RESULTS else "GitHub takes 10 MB, compressed"
        yield _note("warning", "cut", f"{found - written} results are left out: {why}, and the worst come first")
    if written > KEPT_RESULTS:
        yield _note("note", "kept", f"GitHub keeps {KEPT_RESULTS} of these {written} results, the worst")


def unread(gaps: Sequence[Gap], places: Places) -> Iterator[dict[str, Any]]:
    """What could not be read. A part of the cloud makes a run partial (`error`): what is there may only be out of sight."""
    for gap in sorted(gaps, key=lambda g: (g.origin is not Origin.LIVE, g))[:MAX_NOTIFICATIONS]:
        place = places.physical(Location(gap.file, gap.line)) if gap.line else places.whole(gap.file)
        partial = gap.origin is Origin.LIVE and gap.kinds
        yield _note("error" if partial else "warning" if gap.kinds else "note", f"gap/{gap.stage.value}", gap.reason, place)
    yield from _more(len(gaps), "gaps")


def remarks(warnings: Sequence[str]) -> Iterator[dict[str, Any]]:
    """What somebody should put right in the configuration, the checklist or a waiver."""
    for warning in sorted(warnings)[:MAX_NOTIFICATIONS]:
        yield _note("warning", "remark", warning)
    yield from _more(len(warnings), "remarks")


def plain(text: str) -> str:
    """Text that says no more than it says: no control characters, and no links but ours (SARIF 3.11.6)."""
    shown = printable(text).replace("](", "] (")
    return shown if len(shown) <= _MAX_MESSAGE else shown[: _MAX_MESSAGE - 1] + "…"


def _more(count: int, of: str) -> Iterator[dict[str, Any]]:
    if count > MAX_NOTIFICATIONS:
        yield _note("warning", "cut", f"{count - MAX_NOTIFICATIONS} more {of} are left out here")


def _note(level: str, identifier: str, text: str, place: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "level": level,
        "message": {"text": plain(text)},
        "descriptor": {"id": identifier},
        **({"locations": [{"physicalLocation": place}]} if place is not None else {}),
    }

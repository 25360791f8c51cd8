"""What goes wrong with a checklist or its lock file through no fault of gonogo."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class ChecklistError(Exception):
    """A checklist, a directive or a lock file that cannot be used; the message is one sentence with the place and what to do."""


def suggestion(name: str, known: Iterable[str]) -> str:
    """`; did you mean X?` where something close to `name` is known, else nothing."""
    close = get_close_matches(name, sorted(known), 1)
    return f"; did you mean {close[0]}?" if close else ""

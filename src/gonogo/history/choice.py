"""Which run is meant: by its number, or as things stood on a day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from gonogo.history.errors import HistoryError
from gonogo.history.run import Run


def chosen(runs: Sequence[Run], text: str) -> Run:
    """Of `runs` (the newest first) the one that `text` names: a number, `latest`, or the last that had started at a date.

    A date is ISO 8601 (`2026-11-23`, `2026-11-23T10:00`), UTC where it has no offset; a day means its beginning. Raises `HistoryError`.
    """
    if not runs:
        raise HistoryError("there is no run yet: record one with `gonogo scan --store`")
    if text == "latest":
        return runs[0]
    if re.fullmatch(r"[0-9]{1,9}", text):
        found = next((run for run in runs if run.number == int(text)), None)
        if found is None:
            raise HistoryError(f"there is no run {int(text)}; `gonogo history` lists them")
        return found
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise HistoryError(f"{text!r} is neither the number of a run nor a date like 2026-11-23 or 2026-11-23T10:00Z") from None
    stamp = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    before = next((run for run in runs if run.started <= stamp), None)
    if before is None:
        raise HistoryError(f"no run had started by {stamp}; the first one that is kept is {runs[-1].number} of {runs[-1].started}")
    return before

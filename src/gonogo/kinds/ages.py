"""How old a thing was when it was read: by the clock of the servers that answered, never by that of this machine."""

from __future__ import annotations

from datetime import datetime

from gonogo.kinds.fields import Written
from gonogo.model.value import Unknown, Value, lookup

_EARLY = -1.0
"""Hours by which a time may lie ahead of the servers' clock: not all of them agree to the second."""
_OLDEST = 168.0
"""What is older than a week is of this age: else nothing would be the same in two runs, and each would be kept."""


def age_hours(written: Written, moment: Value) -> Value:
    """The hours from `moment` (RFC 3339) until it was read, a week at most; unknown where either time is not told, null in a declaration."""
    if not written.answered:
        return None
    if isinstance(moment, Unknown):
        return moment
    observed = _time(lookup(written.value, "asset", "observed"))
    if observed is None:
        return Unknown.because("when it was read is not told, so that nothing can be said of its age")
    began = _time(moment)
    if began is None:
        return Unknown.because("the answer of the API does not say since when it is")
    hours = round((observed - began).total_seconds() / 3600, 2)
    return min(hours, _OLDEST) if hours > _EARLY else Unknown.because(f"{moment} lies ahead of the servers' clock ({observed.isoformat()})")


def is_past(written: Written, moment: Value) -> Value:
    """Whether `moment` (RFC 3339) lay behind when it was read; unknown where either time is not told, null in a declaration."""
    if not written.answered or isinstance(moment, Unknown):
        return moment if written.answered else None
    observed, at = _time(lookup(written.value, "asset", "observed")), _time(moment)
    if observed is None or at is None:
        return Unknown.because("when it was read, or the time that the answer names, is not told")
    return at <= observed


def _time(text: Value) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None

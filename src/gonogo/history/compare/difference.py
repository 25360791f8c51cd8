"""A leaf of a resource, and the path to it, as a difference shows them."""

from __future__ import annotations

from gonogo.history.canonical import compact
from gonogo.history.compare.fields import Steps
from gonogo.lang.functions import secret_like
from gonogo.lang.secrets import REDACTED, scrub
from gonogo.model.value import Unknown, Value

_MAX_TEXT = 200


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

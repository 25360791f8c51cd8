"""The canonical form of a resource: redacted JSON data with sorted keys, equal for equal resources and nothing of line numbers."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence

from gonogo.engine.facts import plain
from gonogo.model.value import Unknown, Value, is_list

UNKNOWN = "unknown"


def canonical(attributes: Mapping[str, Value]) -> dict[str, object]:
    """`attributes` as JSON data without secrets; an unknown value is {"unknown": [reasons]}."""
    found = _finite(plain(attributes))
    assert isinstance(found, dict)
    return found


def restored(body: object) -> Value:
    """What `canonical` made, with its unknown values as `Unknown` again."""
    if isinstance(body, Mapping):
        reasons = body.get(UNKNOWN)
        if len(body) == 1 and is_list(reasons) and isinstance(reasons, Sequence) and all(isinstance(r, str) for r in reasons):
            return Unknown.because(*reasons)
        return {str(key): restored(value) for key, value in body.items()}
    if isinstance(body, list | tuple):
        return [restored(item) for item in body]
    assert body is None or isinstance(body, bool | int | float | str)
    return body


def compact(data: object) -> str:
    """JSON on one line, ASCII only: a database takes neither half of a surrogate pair nor a NUL in its texts."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def printable(text: str) -> str:
    """`text` as any database takes it, and any terminal shows it."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "\\x00")


def _finite(value: object) -> object:
    """JSON has no NaN and no infinity (RFC 8259, 6): they become their names."""
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in sorted(value.items(), key=lambda entry: str(entry[0]))}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value

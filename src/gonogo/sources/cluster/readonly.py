"""What may be sent to a cluster: the question which groups it serves, and lists. Everything that leaves towards it passes `permitted`."""

from __future__ import annotations

import re

_NAME = r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?"
_LIST = re.compile(rf"/apis|/api/v1/[a-z]+|/apis/{_NAME}/v[0-9a-z]+/[a-z]+")
_QUERY = frozenset({"limit", "continue"})


def permitted(method: str, path: str, query: dict[str, str]) -> bool:
    """Whether a request may leave: no single object, no subresource, no watch, and nothing but GET."""
    return method == "GET" and _LIST.fullmatch(path) is not None and query.keys() <= _QUERY

"""What may be sent: reads. Everything that leaves the process towards an API of Google passes `permitted`."""

from __future__ import annotations

import re

# Reads that Google spells as POST. Nothing else is ever sent with a body. An endpoint of its own may stand before the API's path.
_READ_POST = re.compile(
    r"(/[^?#]*)?("
    r"/(v1|v3)/(projects|folders|organizations)/[^/?#:]+:(testIamPermissions|getIamPolicy)"
    r"|/v3/projects/[^/?#:]+/timeSeries:query"
    r"|/v2/entries:list"
    r")"
)


class WriteRefused(Exception):
    """Something tried to send what is no read: a defect of ours, stopped before it left."""


def permitted(method: str, path: str) -> bool:
    """Whether a request may leave: GET, or one of the reads that are a POST. `path` is the path of the URL."""
    return method == "GET" or (method == "POST" and _READ_POST.fullmatch(path) is not None)

"""Addresses and keys that stand in documentation, for somebody to replace."""

from __future__ import annotations

import re

_PLACEHOLDER = re.compile(r"(?i)example|<[^>]*>|your[-_ ]|change[-_ ]?me|placeholder|x{4,}|dummy|todo|@o0\.ingest|^https?://(public|key)@")


def is_placeholder(text: str) -> bool:
    """Whether a text is none of anybody: `https://examplePublicKey@o0.ingest.sentry.io/0`."""
    return _PLACEHOLDER.search(text) is not None

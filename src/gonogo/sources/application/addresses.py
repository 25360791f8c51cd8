"""Addresses that an application is given: those that stand in documentation, for somebody to replace, and this machine's own."""

from __future__ import annotations

import re

_PLACEHOLDER = re.compile(r"(?i)example|<[^>]*>|your[-_ ]|change[-_ ]?me|placeholder|x{4,}|dummy|todo|@o0\.ingest|^https?://(public|key)@")
_HERE = re.compile(r"\A(?:\w+://)?(?:localhost|127\.0\.0\.1|\[::1\])(?:[:/]|\Z)")


def is_here(address: object) -> bool:
    """Whether an address is known, and is this machine."""
    return isinstance(address, str) and _HERE.match(address) is not None


def is_placeholder(text: str) -> bool:
    """Whether a text is none of anybody: `https://examplePublicKey@o0.ingest.sentry.io/0`."""
    return _PLACEHOLDER.search(text) is not None

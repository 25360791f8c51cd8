"""What can go wrong with what leaves the machine."""

from __future__ import annotations


class NotifyError(Exception):
    """A target that cannot be used; the message is one sentence with what to do, and never holds the target's address."""

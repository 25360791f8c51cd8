"""What can go wrong with what leaves the machine."""

from __future__ import annotations


class NotifyError(Exception):
    """A target that cannot be used; the message is one sentence with what to do, and never holds the target's address."""


class PublishError(Exception):
    """Something did not leave this machine, or was not taken. The message says what to do; `user` where the user's input is at fault."""

    def __init__(self, message: str, *, user: bool = False) -> None:
        super().__init__(message)
        self.user = user

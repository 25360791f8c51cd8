"""What cannot be published, as an error to show."""

from __future__ import annotations


class PublishError(Exception):
    """Something did not leave this machine, or was not taken. The message says what to do; `user` where the user's input is at fault."""

    def __init__(self, message: str, *, user: bool = False) -> None:
        super().__init__(message)
        self.user = user

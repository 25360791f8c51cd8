"""How wide a text is on a terminal: languages differ in it."""

from __future__ import annotations

import unicodedata


def columns(text: str) -> int:
    """The width of `text` on a terminal: East Asian wide characters take two columns, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(map(columns_of, text))


def columns_of(character: str) -> int:
    """The width of one character."""
    if unicodedata.combining(character) or character in "\u200d\ufe0f":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def pad(text: str, width: int) -> str:
    """`text` with blanks up to `width` columns."""
    return text + " " * max(width - columns(text), 0)

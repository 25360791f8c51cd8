"""Untrusted text made safe to print."""

from __future__ import annotations

import unicodedata


def printable(text: str) -> str:
    """`text` on one line without control characters: a scanned file must not move the cursor or forge a log line.

    Line breaks and tabs become spaces, every other control, format or surrogate character its escape (bidirectional
    overrides among them: they can make a line read as another).
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_safe(character) for character in text)


def _safe(character: str) -> str:
    if character in "\n\r\t":
        return " "
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") and character not in ("\u200d", "\ufe0f"):
        return character.encode("unicode_escape", "backslashreplace").decode("ascii")
    return character

"""Untrusted text made safe to print."""

from __future__ import annotations

import re
import unicodedata

# A runner takes `::` at the beginning of a line of its log for a command, `##[` and `##vso[` anywhere in it
# (actions/runner ActionCommand.cs, and Azure Pipelines): what a scanned file says must not set outputs or hide errors.
_COMMANDS = re.compile(r"^(\s*):(?=:)|#(?=#(?:\[|vso\[))", re.IGNORECASE)


def inert(line: str) -> str:
    """A printable line that no runner of CI jobs takes for a command."""
    return _COMMANDS.sub(lambda found: f"{found.group(1) or ''}\\x{ord(found.group(0)[-1]):02x}", line)


def printable(text: str) -> str:
    """`text` on one line without control characters: a scanned file must not move the cursor or forge a log line.

    Line breaks and tabs become spaces, every other control, format or surrogate character its escape (bidirectional
    overrides among them: they can make a line read as another).
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_safe(character) for character in text)


def printable_lines(text: str) -> str:
    """`text` with its line breaks, and each line as `printable` has it."""
    return "\n".join(map(printable, text.splitlines()))


def _safe(character: str) -> str:
    if character in "\n\r\t":
        return " "
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") and character not in ("\u200d", "\ufe0f"):
        return character.encode("unicode_escape", "backslashreplace").decode("ascii")
    return character

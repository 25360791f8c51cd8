"""Regular expressions of Python that a repository's configuration holds, matched in linear time."""

from __future__ import annotations

import re

from gonogo.lang.regex import Pattern

_COMMENT = re.compile(r"(?<!\\)#[^\n]*")


def python_pattern(source: str) -> Pattern | None:
    """The pattern, verbose ones (`(?x)`, or of several lines) without their white space; None for what is not in our subset."""
    text = source.strip()
    if text.startswith("(?x)") or "\n" in text:
        text = re.sub(r"(?<!\\)\s+", "", _COMMENT.sub("", text.removeprefix("(?x)")))
    try:
        return Pattern(text)
    except ValueError:
        return None

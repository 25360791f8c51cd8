"""Build arguments and environment variables in instructions (https://docs.docker.com/reference/dockerfile/#environment-replacement)."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping

from gonogo.model.value import Unknown

_VARIABLE = re.compile(r"\\\$|\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-+])([^}]*))?\})")

Variables = Mapping[str, "str | Unknown"]
MAX_DEPTH = 10


def expand(text: str, variables: Variables, depth: int = 0) -> str | Unknown:
    """`text` with its variables filled in; unknown where one has no value in the file."""
    unknown: list[Unknown] = []

    def replace(match: re.Match[str]) -> str:
        if match[0].startswith("\\"):
            return "$"
        name = match[1] or match[2]
        value = variables.get(name, Unknown.because(f"the build argument {name} has no default"))
        operator, word = match[3], match[4]
        if operator in (":-", "-"):
            if isinstance(value, Unknown) or (value == "" and operator == ":-"):
                value = expand(word, variables, depth + 1) if depth < MAX_DEPTH else ""
        elif operator in (":+", "+"):
            if isinstance(value, Unknown):
                unknown.append(value)
                return ""
            value = word if value or operator == "+" else ""
        if isinstance(value, Unknown):
            unknown.append(value)
            return ""
        return value

    found = _VARIABLE.sub(replace, text)
    return Unknown.merge(unknown) if unknown else found


def assignments(value: str) -> list[tuple[str, str | None]]:
    """The pairs of `ARG a=1 b` or `ENV a=1`; the old form `ENV a 1` is one pair."""
    words = split(value)
    if words and "=" not in words[0] and len(words) > 1 and not any("=" in w for w in words):
        return [(words[0], " ".join(words[1:]))]
    pairs: list[tuple[str, str | None]] = []
    for word in words:
        name, equals, text = word.partition("=")
        pairs.append((name, text if equals else None))
    return pairs


def split(value: str) -> list[str]:
    """Shell words; text that is not balanced is split at blanks."""
    try:
        return shlex.split(value, comments=False, posix=True)
    except ValueError:
        return value.split()

"""`${VARIABLE}` in compose values (https://docs.docker.com/reference/compose-file/interpolation/)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gonogo.model.value import Unknown, Value, is_list

_VARIABLE = re.compile(r"\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-+?])((?:[^{}]|\$\{[^{}]*\})*))?\}|\$([A-Za-z_][A-Za-z0-9_]*)")
MAX_DEPTH = 8


def interpolate(value: Value) -> Value:
    """`value` with every variable that has a default filled in; the rest is unknown, for it comes from the environment."""
    if isinstance(value, str):
        return _text(value, 0)
    if isinstance(value, Mapping):
        return {key: interpolate(item) for key, item in value.items()}
    if is_list(value):
        return [interpolate(item) for item in value]  # type: ignore[union-attr]  # is_list says so
    return value


def _text(text: str, depth: int) -> str | Unknown:
    if "$" not in text:
        return text
    unknown: list[Unknown] = []

    def replace(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        name, operator, word = match[1] or match[4], match[2], match[3] or ""
        if operator in (":-", "-") and depth < MAX_DEPTH:
            default = _text(word, depth + 1)
            if isinstance(default, str):
                return default
        unknown.append(Unknown.because(f"the environment variable {name} has no default"))
        return ""

    found = _VARIABLE.sub(replace, text)
    return Unknown.merge(unknown) if unknown else found

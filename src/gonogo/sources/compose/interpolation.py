"""`${VARIABLE}` in compose values (https://docs.docker.com/reference/compose-file/interpolation/)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gonogo.model.value import Unknown, Value, is_list
from gonogo.sources.members import items

_VARIABLE = re.compile(r"\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-+?])((?:[^{}]|\$\{[^{}]*\})*))?\}|\$([A-Za-z_][A-Za-z0-9_]*)")
MAX_DEPTH = 8
MAX_LENGTH = 65_536


def interpolate(value: Value, variables: Mapping[str, str]) -> Value:
    """`value` with every variable filled in that a default or the project's `.env` gives; the rest is unknown."""
    if isinstance(value, str):
        return _text(value, variables)
    if isinstance(value, Mapping):
        return {key: interpolate(item, variables) for key, item in value.items()}
    if is_list(value):
        return [interpolate(item, variables) for item in items(value)]
    return value


def is_literal(value: Value) -> bool:
    """Whether a value as it was written says something itself, and is not wholly a reference to the environment."""
    if not isinstance(value, str):
        return isinstance(value, int | float) and not isinstance(value, bool)
    return bool(_VARIABLE.sub(lambda m: "$" if m[0] == "$$" else "", value).strip())


def shown(text: str, variables: Mapping[str, str]) -> str:
    """`text` with a `*` for what is not known."""
    return _fill(text, variables, 0)[0]


def _text(text: str, variables: Mapping[str, str]) -> str | Unknown:
    found, unknown = _fill(text, variables, 0)
    return Unknown.merge(unknown) if unknown else found


def _fill(text: str, variables: Mapping[str, str], depth: int) -> tuple[str, list[Unknown]]:
    if "$" not in text:
        return text, []
    if depth > MAX_DEPTH:
        return "*", [Unknown.because(f"defaults nested deeper than {MAX_DEPTH} levels")]
    unknown: list[Unknown] = []

    def replace(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        name, operator, word = match[1] or match[4], match[2], match[3] or ""
        given = variables.get(name)
        if operator in (":+", "+"):
            return nested(word) if given else ""
        if given or (given is not None and operator in (None, "-", "?")):
            return given
        if operator in (":-", "-"):
            return nested(word)
        unknown.append(Unknown.because(f"the environment variable {name} has no default"))
        return "*"

    def nested(word: str) -> str:
        inner, missing = _fill(word, variables, depth + 1)
        unknown.extend(missing)
        return inner

    found = _VARIABLE.sub(replace, text)
    if len(found) > MAX_LENGTH:
        return "*", [Unknown.because("a value that is too long once its variables are filled in")]
    return found, unknown

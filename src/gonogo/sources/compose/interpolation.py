"""`${VARIABLE}` in compose values (https://docs.docker.com/reference/compose-file/interpolation/)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from gonogo.model.value import Unknown, Value, is_list
from gonogo.sources.members import items

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BRACED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-+?])([\s\S]*))?\Z")
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
    return any(text.strip() for text, reference in _parts(value) if not reference)


def shown(text: str, variables: Mapping[str, str]) -> str:
    """`text` with a `*` for what is not known."""
    return _fill(text, variables, 0)[0]


def _text(text: str, variables: Mapping[str, str]) -> str | Unknown:
    found, unknown = _fill(text, variables, 0)
    return Unknown.merge(unknown) if unknown else found


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """The pieces of a text, and whether each is a reference: then what stands in the braces, or the name."""
    at = 0
    while at < len(text):
        dollar = text.find("$", at)
        if dollar < 0:
            yield text[at:], False
            return
        if dollar > at:
            yield text[at:dollar], False
        name = _NAME.match(text, dollar + 1)
        if text.startswith("${", dollar):
            end = _closing(text, dollar + 2)
            yield text[dollar + 2 : end], True
            at = end + 1
        elif name is not None:
            yield name[0], True
            at = name.end()
        else:
            yield "$", False
            at = dollar + (2 if text.startswith("$$", dollar) else 1)


def _closing(text: str, at: int) -> int:
    """The brace that closes the one before `at`; the end of the text where none does."""
    depth = 1
    while at < len(text):
        depth += text.startswith("${", at) - (text[at] == "}")
        if depth == 0:
            return at
        at += 2 if text.startswith("${", at) else 1
    return len(text)


def _fill(text: str, variables: Mapping[str, str], depth: int) -> tuple[str, list[Unknown]]:
    if "$" not in text:
        return text, []
    if depth > MAX_DEPTH:
        return "*", [Unknown.because(f"defaults nested deeper than {MAX_DEPTH} levels")]
    found: list[str] = []
    unknown: list[Unknown] = []
    for part, reference in _parts(text):
        if not reference:
            found.append(part)
            continue
        taken, missing = _value(part, variables, depth)
        found.append(taken)
        unknown.extend(missing)
    whole = "".join(found)
    if len(whole) > MAX_LENGTH:
        return "*", [Unknown.because("a value that is too long once its variables are filled in")]
    return whole, unknown


def _value(reference: str, variables: Mapping[str, str], depth: int) -> tuple[str, list[Unknown]]:
    match = _BRACED.match(reference)
    if match is None:
        return "*", [Unknown.because(f"${{{reference[:60]}}} is no reference that compose knows")]
    name, operator, word = match[1], match[2], match[3] or ""
    given = variables.get(name)
    if operator in (":+", "+"):
        return _fill(word, variables, depth + 1) if given else ("", [])
    if given or (given is not None and operator in (None, "-", "?")):
        return given, []
    if operator in (":-", "-"):
        return _fill(word, variables, depth + 1)
    return "*", [Unknown.because(f"the environment variable {name} has no default")]

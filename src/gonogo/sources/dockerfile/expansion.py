"""Build arguments and environment variables in instructions (https://docs.docker.com/reference/dockerfile/#environment-replacement)."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from gonogo.model.value import Unknown

_VARIABLE = re.compile(r"\\\$|\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-+?])((?:[^{}]|\$\{[^{}]*\})*))?\})")
# A modifier of BuildKit's that is not computed here: `${X#prefix}`, `${X//a/b}`.
_OTHER_MODIFIER = re.compile(r"(?<!\\)\$\{")
# Filled in by another tool before any builder sees it: Go templates, ERB, `@NAME@`.
_PLACEHOLDER = re.compile(r"\{\{.*?\}\}|<%.*?%>|@[A-Z][A-Z0-9_]+@|%%\w+%%")

Variables = Mapping[str, "str | Unknown"]
MAX_DEPTH = 10
MAX_LENGTH = 16_384
HOLE = "\0"


@dataclass(frozen=True, slots=True)
class Text:
    """A text of which parts may not be known: each unknown part is a `HOLE`."""

    marked: str
    unknown: Unknown

    @property
    def value(self) -> str | Unknown:
        return self.unknown if HOLE in self.marked else self.marked

    def part(self, marked: str | None) -> str | Unknown | None:
        """A piece of this text: unknown where it has a hole."""
        return self.unknown if marked is not None and HOLE in marked else marked


def fill(text: str, variables: Variables, depth: int = 0) -> Text:
    """`text` with its variables filled in, and holes where one has no value in the file."""
    if len(text) > MAX_LENGTH:
        return Text(HOLE, Unknown.because(f"a text of {len(text)} characters is over the limit of {MAX_LENGTH}"))
    unknown: list[Unknown] = []

    def hole(why: Unknown) -> str:
        unknown.append(why)
        return HOLE

    def replace(match: re.Match[str]) -> str:
        if match[0].startswith("\\"):
            return "$"
        name, operator, word = match[1] or match[2], match[3], match[4] or ""
        value = variables.get(name, Unknown.because(f"the build argument {name} has no default"))
        if operator in (":-", "-") and (isinstance(value, Unknown) or (value == "" and operator == ":-")):
            # A build that gives no argument takes this default, as it takes that of an ARG.
            return _nested(word, depth)
        if operator in (":+", "+") and not isinstance(value, Unknown):
            return _nested(word, depth) if value or operator == "+" else ""
        return hole(value) if isinstance(value, Unknown) else value

    def _nested(word: str, depth: int) -> str:
        if depth >= MAX_DEPTH:
            return hole(Unknown.because(f"variables nested deeper than {MAX_DEPTH} levels"))
        inner = fill(word, variables, depth + 1)
        if HOLE in inner.marked:
            unknown.append(inner.unknown)
        return inner.marked

    marked = _VARIABLE.sub(replace, text.replace(HOLE, ""))
    if _OTHER_MODIFIER.search(text) and "${" in marked:
        marked = re.sub(r"\$\{[^}]*\}?", lambda m: hole(Unknown.because(f"{m[0][:60]} is a modifier that is not computed")), marked)
    if len(marked) > MAX_LENGTH:
        marked = hole(Unknown.because("a value that is too long once its variables are filled in"))
    if "{{" in marked or "<%" in marked or "@" in marked or "%%" in marked:
        marked = _PLACEHOLDER.sub(lambda m: hole(Unknown.because(f"{m[0][:60]} is filled in by a template")), marked)
    return Text(marked, Unknown.merge(unknown))


def expand(text: str, variables: Variables) -> str | Unknown:
    """`text` with its variables filled in; unknown where one has no value in the file."""
    return fill(text, variables).value


def arguments(value: str) -> list[tuple[str, str | None]]:
    """The names and defaults of `ARG a=1 b`."""
    return [(name, text if equals else None) for name, equals, text in (word.partition("=") for word in split(value))]


def environment(value: str) -> list[tuple[str, str]]:
    """The pairs of `ENV a=1 b=2`; the old form `ENV a 1 2` is one pair."""
    words = split(value)
    if words and "=" not in words[0]:
        name, *rest = value.strip().split(None, 1)
        return [(name, " ".join(split(rest[0])) if rest else "")]
    return [(name, text) for name, _, text in (word.partition("=") for word in words)]


def split(value: str) -> list[str]:
    """Shell words; text that is not balanced is split at blanks."""
    try:
        return shlex.split(value, comments=False, posix=True)
    except ValueError:
        return value.split()


def first_word(text: str) -> str:
    """The first word of an instruction's value, without its quotes."""
    words = split(text)
    return words[0] if words else ""

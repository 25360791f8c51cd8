"""Turns a value into display text, without the secrets it may hold. Evidence is redacted here, when it is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gonogo.lang.functions import secret_like
from gonogo.lang.secrets import REDACTED, scrub
from gonogo.model.value import Hidden, Path, Unknown, Value, is_list, lookup

MAX_TEXT = 120

# Names of members that hold what a sibling names: `{name: DB_PASSWORD, value: …}`.
_VALUE_NAMES = ("value", "default", "stringData", "data")
_NAME_NAMES = ("name", "key", "id")


def display(root: Value, path: Path) -> str:
    """The value at `path` below `root` as one short line; `[redacted]` where its name or its text is a secret's."""
    try:
        value = lookup(root, *path)
    except (TypeError, ValueError):
        return ""
    if named_secret(root, path) and not isinstance(value, bool | Unknown | None):
        return REDACTED
    return _text(value)


def named_secret(root: Value, path: Path) -> bool:
    """Whether the name of the member at `path`, or the name beside it, is that of a secret."""
    names = [step for step in path if isinstance(step, str)]
    if names and secret_like(names[-1]):
        return True
    if names and names[-1] in _VALUE_NAMES and path and path[-1] == names[-1]:
        parent = lookup(root, *path[:-1])
        if isinstance(parent, Mapping):
            for name in _NAME_NAMES:
                sibling = parent.get(name)
                if isinstance(sibling, str) and secret_like(sibling):
                    return True
    return False


def _text(value: Value) -> str:
    if isinstance(value, Hidden):
        return REDACTED
    if isinstance(value, Unknown):
        return "unknown"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return f"{{{len(value)} entries}}" if value else "{}"
    if is_list(value) and isinstance(value, Sequence):
        return _list_text(value)
    return _clip(scrub(str(value)))


def _list_text(value: Sequence[Value]) -> str:
    if all(isinstance(item, str | int | float | bool) for item in value):
        return _clip(scrub("[" + ", ".join(_text(item) for item in value) + "]"))
    return f"[{len(value)} entries]"


def _clip(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MAX_TEXT else line[: MAX_TEXT - 1] + "…"

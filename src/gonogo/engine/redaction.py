"""Turns a value into display text, without the secrets it may hold. Evidence is redacted here, when it is made."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from gonogo.lang.functions import secret_like
from gonogo.model.value import Hidden, Path, Unknown, Value, is_list, lookup

MAX_TEXT = 120
REDACTED = "[redacted]"

_CREDENTIAL = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\bAIza[0-9A-Za-z_-]{35}|\bgh[pousr]_[0-9A-Za-z]{36}|\bxox[abpr]-[0-9A-Za-z-]{10,}"
    r"|\bya29\.[0-9A-Za-z_-]+|\beyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{10,}|\bsk_live_[0-9A-Za-z]+|://[^/\s:@]+:[^/\s@]+@"
    r"|hooks\.slack\.com/services/\S+"
)
# The look-behind keeps the search linear: a name is tried from its first character only.
_ASSIGNED = re.compile(r"(?<![A-Za-z0-9_.-])([A-Za-z0-9_.-]{1,200})(\s*[=:]\s*|\s+)(\S+)")
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


def scrub(text: str) -> str:
    """`text` without what looks like a credential."""
    if _CREDENTIAL.search(text):
        return REDACTED

    def replace(match: re.Match[str]) -> str:
        return match[1] + match[2] + REDACTED if secret_like(match[1].lstrip("-")) else match[0]

    return _ASSIGNED.sub(replace, text)


def _clip(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MAX_TEXT else line[: MAX_TEXT - 1] + "…"

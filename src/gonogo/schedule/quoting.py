"""A value as a literal of the file it is written into: what it holds can end neither the literal nor the line."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence

Value = str | Sequence[str]

_BARE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


class Unquotable(ValueError):
    """A value that has no place in a file of this format."""


def quoted(value: Value, form: str) -> str:
    """`value` in `form`: json, yaml, hcl, sh, systemd, text (the rest of a line) or bare (a word). Raises `Unquotable`."""
    if not all(text.isprintable() for text in _texts(value)):
        raise Unquotable(f"{value!r} holds what cannot be printed")
    if form == "hcl":
        return re.sub(r"([$%])(?=\{)", r"\1\1", _json(value))
    if form in ("json", "yaml"):
        return _json(value)
    if form == "sh":
        return shlex.join(_texts(value))
    if form == "systemd":
        return " ".join(map(_systemd, _texts(value)))
    text = " ".join(_texts(value))
    if form == "bare" and not _BARE.fullmatch(text):
        raise Unquotable(f"{text!r} is no plain word")
    return text


def _texts(value: Value) -> Sequence[str]:
    return [value] if isinstance(value, str) else value


def _json(value: Value) -> str:
    """A JSON string is a double-quoted one of YAML, and one of HCL but for its templates."""
    return json.dumps(value if isinstance(value, str) else list(value), ensure_ascii=False)


def _systemd(word: str) -> str:
    """A word of ExecStart: systemd.unit(5) on specifiers, systemd.service(5) on `$`, systemd.syntax(7) on quotes."""
    safe = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return safe if re.fullmatch(r"[\w./:@=,%$*+-]+", safe) else f'"{safe}"'

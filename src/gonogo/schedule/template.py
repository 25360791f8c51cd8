"""The templates in `rules/schedule`, and how they are filled in.

`@{name}` is replaced by a value as a literal of the file's format, `@{name:form}` as one of another (`gonogo.schedule.quoting`). A line
that starts with `?name |` stands only where that condition holds, with `?!name |` only where it does not.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import PurePosixPath

from gonogo.data import data_directory
from gonogo.schedule.quoting import Value, quoted

_CONDITION = re.compile(r"\?(!?)(\w+) \|(.*)")
_PLACE = re.compile(r"@\{(\w+)(?::(\w+))?\}")
_FORMS = {".tf": "hcl", ".yml": "yaml", ".yaml": "yaml", ".json": "json", ".service": "systemd", ".timer": "text"}


def render(template: str, values: Mapping[str, Value], conditions: Collection[str] = ()) -> str:
    """The text of `rules/schedule/<template>.in`. Raises `Unquotable`; a name that has no value is a bug (`KeyError`)."""
    text = (data_directory("rules") / "schedule" / f"{template}.in").read_text("utf-8")
    form = _FORMS.get(PurePosixPath(template).suffix, "text")

    def literal(match: re.Match[str]) -> str:
        return quoted(values[match[1]], match[2] or form)

    return "".join(f"{_PLACE.sub(literal, line)}\n" for line in _standing(text, conditions))


def _standing(text: str, conditions: Collection[str]) -> list[str]:
    lines = []
    for line in text.splitlines():
        match = _CONDITION.fullmatch(line)
        if match is None:
            lines.append(line)
        elif (match[2] in conditions) != bool(match[1]):
            lines.append(match[3])
    return lines

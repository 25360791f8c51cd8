"""`[evidence]` of `gonogo.toml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from datetime import timedelta
from difflib import get_close_matches

from gonogo.model.evidence import KINDS, MAX_AGE, EvidenceFile, EvidenceSettings

_AGE = re.compile(r"([1-9][0-9]{0,4})([hd])")
_OF = (*KINDS, "restore", "rollback", "chaos", "failover", "migration", "scaling", "memory-leak")
"""What an age of its own may be set for: what a file is given as, and types of drills."""


class SettingsError(Exception):
    """Settings that cannot be used; the message says where and what to write."""


def read_settings(table: object) -> EvidenceSettings:
    """The settings of the table. Raises `SettingsError`."""
    if not isinstance(table, Mapping):
        raise SettingsError(f"evidence is a table, [evidence], not {table!r}")
    _known(table, ("max_age", "max_ages", "files"), "evidence")
    ages = table.get("max_ages", {})
    if not isinstance(ages, Mapping):
        raise SettingsError(f"evidence.max_ages is a table of ages, {{load = \"30d\"}}, not {ages!r}")
    _known(ages, _OF, "evidence.max_ages")
    rows = table.get("files", [])
    if not isinstance(rows, list):
        raise SettingsError("evidence.files is a list of tables, [[evidence.files]]")
    return EvidenceSettings(
        _age(table["max_age"], "evidence.max_age") if "max_age" in table else MAX_AGE,
        {name: _age(value, f"evidence.max_ages.{name}") for name, value in ages.items()},
        tuple(_file(row, f"evidence.files[{number}]") for number, row in enumerate(rows)),
    )


def _age(value: object, where: str) -> timedelta:
    found = _AGE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise SettingsError(f"{where}: write hours or days, \"36h\" or \"7d\", not {value!r}")
    return timedelta(hours=int(found[1])) if found[2] == "h" else timedelta(days=int(found[1]))


def _file(row: object, where: str) -> EvidenceFile:
    names = tuple(field.name for field in fields(EvidenceFile))
    if not isinstance(row, Mapping) or not all(isinstance(value, str) and value.strip() for value in row.values()):
        raise SettingsError(f"{where} is a table of strings with `kind` and `path` (or `glob`), not {row!r}")
    _known(row, (*names, "glob"), where)
    if row.get("kind") not in KINDS:
        raise SettingsError(f"{where}.kind is one of {', '.join(KINDS)}, not {row.get('kind')!r}")
    if ("path" in row) == ("glob" in row):
        raise SettingsError(f"{where} has either `path` or `glob`")
    path = row.get("path", row.get("glob", ""))
    if path.startswith(("/", "~", "\\")) or ".." in path.replace("\\", "/").split("/"):
        raise SettingsError(f"{where}: {path} is not below the scanned root; give such a file with --evidence")
    return EvidenceFile(**{name: row[name] for name in names if name in row and name != "path"}, path=path)


def _known(table: Mapping[str, object], names: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in names:
            close = get_close_matches(key, names, 1)
            raise SettingsError(f"unknown setting {where}.{key}" + (f"; did you mean {close[0]}?" if close else ""))

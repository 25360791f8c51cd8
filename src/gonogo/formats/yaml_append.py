"""One more entry at the end of a list in a YAML file, of which every other byte stays as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import yaml

from gonogo.formats.yaml_reader import read_yaml

Entry: TypeAlias = Mapping[str, str | Sequence[str]]
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class AppendError(Exception):
    """The list cannot be appended to; the message is one clause."""


def appended(text: str, key: str, entry: Entry) -> str:
    """`text` with `entry` added to the block sequence at the top-level `key`, in the file's own indentation and line ends.

    Raises `AppendError` where the list is written as `[…]` with members, or is no list.
    """
    end = "\r\n" if "\r\n" in text else "\n"
    node = _list(text, key)
    lines = text.splitlines(keepends=True)
    if not node.value:
        # `entries: []` and nothing else of it is rewritten.
        start, stop = node.start_mark, node.end_mark
        if start.line != stop.line:
            raise AppendError(f"{key} is written over several lines")
        first = lines[start.line]
        lines[start.line] = first[: start.column].rstrip() + first[stop.column :]
        at, indent = start.line + 1, 2
    elif node.flow_style:
        raise AppendError(f"{key} is written in [brackets]; write an entry a line, each with a dash")
    else:
        at, indent = _last_line(node) + 1, node.start_mark.column
    if at and not lines[at - 1].endswith(("\n", "\r")):
        lines[at - 1] += end
    written = "".join([*lines[:at], *(line + end for line in _entry(entry, indent)), *lines[at:]])
    _check(text, written, key)
    return written


def _list(text: str, key: str) -> yaml.SequenceNode:
    # The reader in Python: libyaml places the end of a block behind the comments that follow it.
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    members = node.value if isinstance(node, yaml.MappingNode) else ()
    found = next((value for name, value in members if name.value == key), None)
    if not isinstance(found, yaml.SequenceNode):
        raise AppendError(f"{key} is no list")
    return found


def _last_line(node: yaml.Node) -> int:
    """The last line of the last scalar; that of a block would be where the next thing begins."""
    while isinstance(node, yaml.SequenceNode | yaml.MappingNode) and node.value and not node.flow_style:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    mark = node.end_mark
    return int(mark.line - 1 if mark.column == 0 and mark.line > node.start_mark.line else mark.line)


def _entry(entry: Entry, indent: int) -> list[str]:
    rows = [f"{name}: {_value(value)}" for name, value in entry.items()]
    return [" " * indent + ("- " if number == 0 else "  ") + row for number, row in enumerate(rows)]


def _value(value: str | Sequence[str]) -> str:
    return _scalar(value) if isinstance(value, str) else f"[{', '.join(map(_scalar, value))}]"


def _scalar(text: str) -> str:
    """A date as it is, anything else in quotes, so that no text is ever taken for something else."""
    if _DATE.fullmatch(text):
        return text
    return str(yaml.safe_dump(text, default_style='"', allow_unicode=True, width=10**6)).rstrip("\n")


def _check(before: str, after: str, key: str) -> None:
    """What was there must read as it did, with one entry more: YAML has ways of writing that are not ours to guess."""
    old, new = read_yaml("", before), read_yaml("", after)
    if new.error or len(old.documents) != 1 or len(new.documents) != 1:
        raise AppendError(f"{key} is written in a way that cannot be added to")
    was, now = old.documents[0].value, new.documents[0].value
    if not isinstance(was, Mapping) or not isinstance(now, Mapping):
        raise AppendError(f"{key} is written in a way that cannot be added to")
    entries, added = was.get(key), now.get(key)
    same = {k: v for k, v in was.items() if k != key} == {k: v for k, v in now.items() if k != key}
    if not same or not isinstance(added, list) or added[:-1] != (entries or []):
        raise AppendError(f"{key} is written in a way that cannot be added to")

"""Writing the lock file: entries are put in and taken out by lines, so that what nobody touched stays byte for byte."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

import yaml

from gonogo.checklist.errors import ChecklistError
from gonogo.checklist.lock import SCHEMA, Entry
from gonogo.model.value import Value

_NEW = f"""# Which control each item of the checklist asks for, reviewed by people (gonogo checklist map).
schema: {SCHEMA}
items:
"""
# What JSON leaves as it is and YAML breaks lines at or refuses (YAML 1.2, 5.1 and 5.4).
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


def rewritten(before: str, file: str, write: Mapping[str, Entry], drop: AbstractSet[str]) -> str:
    """The text of the lock file `before` with the entries `write` put in and those of the ids `drop` taken out.

    Raises `ChecklistError` where its items are not written as a block.
    """
    if not write and not drop:
        return before
    if not before.strip():
        return _NEW + "".join(_lines(entry, "\n") for entry in write.values())
    ending = "\r\n" if "\r\n" in before else "\n"
    lines = before.splitlines(keepends=True) if ending == "\r\n" else re.findall(r"[^\n]*\n|[^\n]+", before)
    spans, indent, end = _spans(before, file)
    replaced = {start: (stop, identifier) for identifier, (start, stop) in spans.items() if identifier in drop or identifier in write}
    made: list[str] = []
    at = 0
    while at < end:
        if at not in replaced:
            made.append(lines[at])
            at += 1
            continue
        at, identifier = replaced[at]
        if identifier in write:
            made.append(_lines(write[identifier], ending, indent))
    if made and not made[-1].endswith("\n"):
        made.append(ending)
    made.extend(_lines(entry, ending, indent) for identifier, entry in write.items() if identifier not in spans)
    return "".join([*made, *lines[end:]])


def _spans(text: str, file: str) -> tuple[dict[str, tuple[int, int]], int, int]:
    """The lines of each entry, its indent, and where the last one ends."""
    root = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    members = {key.value: (key, node) for key, node in root.value} if isinstance(root, yaml.MappingNode) else {}
    if "items" not in members:
        raise ChecklistError(f"{file}: has no items to add to; write `items:` as its last line")
    key, items = members["items"]
    if isinstance(items, yaml.ScalarNode):
        return {}, 2, key.start_mark.line + 1
    if items.flow_style:
        raise ChecklistError(f"{file}:{items.start_mark.line + 1}: the items are written in braces; write one below the other to have some added")
    spans = {name.value: (name.start_mark.line, _last(node) + 1) for name, node in items.value}
    return spans, items.start_mark.column, max(stop for _, stop in spans.values())


def _last(node: yaml.Node) -> int:
    """The last line of a value. The end of a block is where the next thing starts, so its last member says where it ends."""
    if isinstance(node, yaml.MappingNode) and node.value and not node.flow_style:
        return _last(node.value[-1][1])
    if isinstance(node, yaml.SequenceNode) and node.value and not node.flow_style:
        return _last(node.value[-1])
    end = node.end_mark
    return int(end.line - 1 if end.column == 0 and end.line > node.start_mark.line else end.line)


def _lines(entry: Entry, ending: str, indent: int = 2) -> str:
    outer, inner = " " * indent, " " * (indent * 2)
    return f"{outer}{entry.id}:{ending}" + "".join(f"{inner}{line}{ending}" for line in _members(entry))


def _members(entry: Entry) -> Iterator[str]:
    yield f"text: {_string(entry.text)}"
    yield f"section: [{', '.join(_string(name) for name in entry.section)}]"
    yield f"sha256: {entry.sha256}"
    if entry.controls:
        yield f"controls: [{', '.join(entry.controls)}]"
    else:
        yield "ignore: true" if entry.ignored else "manual: true"
    if entry.parameters:
        yield f"parameters: {{{', '.join(f'{name}: {_value(value)}' for name, value in sorted(entry.parameters.items()))}}}"
    if entry.reason:
        yield f"reason: {_string(entry.reason)}"
    yield f"source: {entry.source}"
    if not entry.reviewed:
        yield "reviewed: false"
    yield f"decided_by: {_string(entry.decided_by)}"
    yield f"on: {entry.on}"


def _value(value: Value) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_value(one) for one in value)}]"
    return _string(value) if isinstance(value, str) else json.dumps(value)


def _string(text: str) -> str:
    """A string in double quotes: JSON's spelling is YAML's, but for pictures, which YAML takes as they are."""
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(text, ensure_ascii=False))

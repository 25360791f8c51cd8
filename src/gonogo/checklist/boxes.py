"""Boxes of a checklist set or cleared: their characters change, and nothing else of the file does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gonogo.checklist.errors import ChecklistError

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_BOX = re.compile(r"\[([ xX])\](?=\s|\Z)")
_MARKERS = re.compile(r"\ufeff?[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)+")
_SAFE = str.maketrans({"<": "(", ">": ")", "|": "/"})
_EVIDENCE = re.compile(r"[ \t]*<!-- evidence by gonogo: .*? -->")


@dataclass(frozen=True, slots=True)
class Box:
    """What becomes of the box of an item: `ticked`, and the evidence that is written beside it (`` for none, None for what stands there)."""

    ticked: bool
    evidence: str | None = None


def set_boxes(data: bytes, boxes: Mapping[int, Box], shown: str) -> bytes:
    """`data` with the boxes on these lines (from 1) as they are to be. Raises `ChecklistError` where a line has not just one box.

    A box that is set already keeps its character: `[X]` stays. Line ends, a byte order mark and trailing blanks stay.
    """
    lines = _LINE.findall(data.decode("utf-8"))
    for number, box in sorted(boxes.items()):
        line = lines[number - 1] if number <= len(lines) else ""
        lines[number - 1] = _with(line, _box(line, f"{shown}:{number}"), box)
    return "".join(lines).encode("utf-8")


def _box(line: str, place: str) -> re.Match[str]:
    """The box of a list item stands behind its marker; in a table it is the only one of its row."""
    marked = _MARKERS.match(line)
    first = _BOX.match(line, marked.end()) if marked is not None else None
    if first is not None:
        return first
    found = list(_BOX.finditer(line))
    if len(found) != 1:
        raise ChecklistError(f"{place}: has {len(found) or 'no'} box{'es' if len(found) > 1 else ''}, not one; set it by hand")
    return found[0]


def _with(line: str, at: re.Match[str], box: Box) -> str:
    if (at[1] != " ") is not box.ticked:
        line = line[: at.start(1)] + ("x" if box.ticked else " ") + line[at.end(1) :]
    if box.evidence is None or line.lstrip().startswith("|"):  # a comment would stand beside a table
        return line
    line = _EVIDENCE.sub("", line)
    text = line.rstrip("\r\n")
    # Two blanks at the end are a line break, and stay at the end.
    body = text.rstrip(" \t")
    comment = f" <!-- evidence by gonogo: {_inert(box.evidence)} -->" if box.evidence else ""
    return body + comment + text[len(body) :] + line[len(text) :]


def _inert(text: str) -> str:
    """`text` as a comment of one line can hold it: `--` would end it, and a bar may make a table of the line."""
    return re.sub(r"-{2,}", "-", " ".join(text.split())).translate(_SAFE).strip("-")

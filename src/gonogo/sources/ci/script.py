"""The text of a script and where it stands: block scalars of YAML are mapped line by line."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from gonogo.model.location import Location

_LITERAL = re.compile(r"(?:^|[:\-?\s])\|[0-9+-]{0,2}\s*(?:#.*)?$")


@dataclass(frozen=True, slots=True)
class Script:
    """Script text in `file`. `starts` are the offsets at which the lines `lines` begin."""

    file: str
    text: str
    starts: tuple[int, ...] = (0,)
    lines: tuple[int, ...] = (1,)

    def at(self, offset: int) -> Location:
        """The place of the character at `offset`."""
        return Location(self.file, self.lines[max(0, bisect_right(self.starts, offset) - 1)])


def whole_file(file: str, text: str) -> Script:
    """The script that a file is."""
    return consecutive(file, text, 1)


def consecutive(file: str, text: str, line: int) -> Script:
    """A script whose lines stand one below the other from `line` on."""
    starts = [0]
    for match in re.finditer("\n", text):
        starts.append(match.end())
    return Script(file, text, tuple(starts), tuple(range(line, line + len(starts))))


def on_one_line(file: str, text: str, line: int) -> Script:
    """A script of which only the line of the whole is known."""
    return Script(file, text, (0,), (line,))


def in_yaml(lines: Sequence[str], place: Location, text: str) -> Script:
    """A string of a YAML file. `place` is its key or item; `lines` are those of the file."""
    first = lines[place.line - 1] if 0 < place.line <= len(lines) else ""
    if "\n" not in text.rstrip("\n") and text.strip() and text.strip().splitlines()[0][:40] in first:
        return on_one_line(place.file, text, place.line)
    if _LITERAL.search(first.rstrip()):
        return consecutive(place.file, text, place.line + 1)
    return _searched(lines, place, text)


def _searched(lines: Sequence[str], place: Location, text: str) -> Script:
    """Folded, quoted and plain scalars: each line of the file that holds a piece of the text is found in it, in order."""
    starts, numbers = [0], [place.line]
    cursor = 0
    for number in range(place.line, min(max(place.end_line, place.line), len(lines)) + 1):
        raw = lines[number - 1].strip().strip("\"'")
        piece = raw if number > place.line else raw.rpartition(": ")[2].strip("\"'>|- ")
        if not piece:
            continue
        found = text.find(piece, cursor)
        if found < 0:
            continue
        if found == 0:
            starts, numbers = [0], [number]
        else:
            starts.append(found)
            numbers.append(number)
        cursor = found + len(piece)
    return Script(place.file, text, tuple(starts), tuple(numbers))

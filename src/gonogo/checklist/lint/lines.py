"""The lines of a checklist around its items: headings, plain list entries, what stands in code blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from gonogo.checklist.normalise import normalise, section_name

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*\Z")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_ENTRY = re.compile(r"[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+(.*)\Z")
_COMMENT = re.compile(r"<!--.*?-->")


class Sort(StrEnum):
    HEADING = "heading"
    ENTRY = "entry"
    CODE = "code"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Line:
    """`text` is without its markers, `section` the names of the headings above it (of a heading: with itself)."""

    number: int
    sort: Sort
    text: str
    section: tuple[str, ...]

    @property
    def words(self) -> str:
        """As it is compared."""
        return normalise(self.text)


def lines_of(text: str) -> Iterator[Line]:
    """Every line that says something."""
    headings: list[tuple[int, str]] = []
    fence = ""
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff")), start=1):
        marker = _FENCE.match(line)
        if marker is not None and (not fence or line.strip().startswith(fence)):
            fence = "" if fence else marker[1]
            continue
        section = tuple(name for _, name in headings)
        if fence:
            if line.strip():
                yield Line(number, Sort.CODE, line.strip(), section)
            continue
        plain = _COMMENT.sub("", line)
        heading = _HEADING.match(plain)
        if heading is not None:
            level = len(heading[1])
            while headings and headings[-1][0] >= level:
                headings.pop()
            headings.append((level, section_name(heading[2])))
            yield Line(number, Sort.HEADING, heading[2], tuple(name for _, name in headings))
        elif entry := _ENTRY.match(plain):
            yield Line(number, Sort.ENTRY, entry[1].strip(), section)
        elif plain.strip():
            yield Line(number, Sort.TEXT, plain.strip(), section)

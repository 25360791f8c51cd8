"""Lines of a terminal: widths, wrapping, colour, and rows whose columns are aligned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TextIO

from gonogo.report.escape import inert, printable
from gonogo.translation.language import ENGLISH, Language
from gonogo.translation.width import columns, columns_of, pad

MAX_LINES = 12
"""What one text may take: a scanned name of 50,000 characters must not push the rest off the screen."""

_INDENT = 4
_LABEL = 12
_GAP = 3
_LEAST_TEXT = 34
_STYLES = {"bold": "1", "red": "31", "green": "32", "yellow": "33", "cyan": "36", "dim": "2"}
_ASCII = {"✓": "+", "✗": "x", "?": "?", "○": "o", "☐": "-", "~": "~", "–": "-", "·": ".", "…": "..."}


@dataclass(frozen=True, slots=True)
class Style:
    """How to draw: whether in colour, with which marks, how wide, whether to list everything, and in which language."""

    color: bool = False
    ascii: bool = False
    width: int = 100
    verbose: bool = False
    language: Language = ENGLISH

    def paint(self, text: str, *names: str) -> str:
        if not self.color or not names or not text:
            return text
        return f"\x1b[{';'.join(_STYLES[n] for n in names)}m{text}\x1b[0m"

    def mark(self, mark: str) -> str:
        return _ASCII.get(mark, mark) if self.ascii else mark


@dataclass(frozen=True, slots=True)
class Row:
    """`label  place  text` below an item. Without a place (None) the text takes the place's column too."""

    label: str
    place: str | None
    text: str
    color: str = "dim"


def wrap(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` columns, broken at blanks; a word that is longer than a line is broken too."""
    found: list[str] = []
    line, used = "", 0
    for word in _words(text, width):
        size = columns(word)
        if line and used + 1 + size > width:
            found.append(line)
            line, used = "", 0
        line, used = (f"{line} {word}", used + 1 + size) if line else (word, size)
    return [*found, line] if line else found


def _words(text: str, width: int) -> Iterator[str]:
    for word in text.split():
        if columns(word) <= width:
            yield word
            continue
        part, used = "", 0
        for character in word:
            size = columns_of(character)
            if part and used + size > width:
                yield part
                part, used = "", 0
            part, used = part + character, used + size
        yield part


class Sheet:
    """Writes lines. Text that comes from a scanned file goes through `rows`, `paragraph` or `printable` only."""

    def __init__(self, out: TextIO, style: Style) -> None:
        self._out = out
        self.style = style

    def add(self, text: str = "") -> None:
        """One line as it is."""
        self._out.write(inert(text.rstrip()) + "\n")

    def paragraph(self, lead: str, text: str, lead_width: int | None = None) -> None:
        """`text` wrapped behind `lead`, which may be painted; the lines below stand under the text."""
        start = columns(lead) if lead_width is None else lead_width
        first, *more = self._lines(text, start)
        self.add(lead + first)
        for line in more:
            self.add(" " * start + line)

    def flow(self, parts: Sequence[tuple[str, str]], indent: int = 2, gap: int = 3) -> None:
        """Short painted parts, as (text, colour), one after the other, on as many lines as they need."""
        line, used = " " * indent, indent
        for text, color in parts:
            if used > indent and used + gap + columns(text) > self.style.width:
                self.add(line)
                line, used = " " * indent, indent
            if used > indent:
                line, used = line + " " * gap, used + gap
            line, used = line + self.style.paint(text, *([color] if color else [])), used + columns(text)
        self.add(line)

    def rows(self, rows: Sequence[Row]) -> None:
        """Rows with their columns aligned. A place is never cut: a longer one takes a line of its own."""
        places = [printable(row.place) for row in rows if row.place is not None]
        most = max(self.style.width - _INDENT - _LABEL - _GAP - _LEAST_TEXT, 20)
        size = min(max(map(columns, places), default=0), most)
        for row in rows:
            lead = " " * _INDENT + self.style.paint(row.label, row.color) + " " * (_LABEL - columns(row.label))
            if row.place is None:
                self.paragraph(lead, row.text, _INDENT + _LABEL)
                continue
            place, start = printable(row.place), _INDENT + _LABEL + size + _GAP
            if columns(place) <= size:
                self.paragraph(lead + pad(place, size) + " " * _GAP, row.text, start)
                continue
            self.add(lead + place)
            if row.text:
                self.paragraph(" " * start, row.text)

    def _lines(self, text: str, start: int) -> list[str]:
        lines = wrap(printable(text), max(self.style.width - start, 20)) or [""]
        return lines if len(lines) <= MAX_LINES else [*lines[: MAX_LINES - 1], self.style.mark("…")]

"""Where a result stands, as GitHub takes it: a file of the repository, one line, columns in UTF-16 code units."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import quote

from gonogo.model.location import Location
from gonogo.report.line_hash import line_hashes

ReadFile: TypeAlias = Callable[[str], bytes | None]
"""The bytes of a file by its path from the scanned root; None where it is not to be had."""

CONFIGURATION = "gonogo.toml"
"""The anchor of what no file of the repository says anything of. It is a name and not read, so that it is a place whatever lies
there, or beside; GitHub shows it without a preview where there is none."""


@dataclass(slots=True)
class Places:
    """Places in the repository. `prefix` is the scanned root below the top of the repository, whence GitHub counts."""

    read: ReadFile
    below: Callable[[str], str]
    prefix: str = ""
    _contents: dict[str, bytes | None] = field(default_factory=dict)
    _lines: dict[str, list[str]] = field(default_factory=dict)
    _hashes: dict[str, list[str]] = field(default_factory=dict)

    def uri(self, file: str) -> str | None:
        """The path from the top of the repository, percent-encoded; None for what is not in it, or has a name that no URI tells."""
        if not file or any(ord(character) < 32 or character == "\\" for character in file):
            return None
        path = posixpath.normpath(posixpath.join(self.prefix, file if file == CONFIGURATION else self.below(file)))
        if path in (".", "..") or path.startswith(("/", "../")):
            return None
        try:
            return quote(path.encode("utf-8", "surrogateescape"), safe="/")
        except UnicodeEncodeError:  # no name that a file could have
            return None

    def physical(self, place: Location) -> dict[str, Any] | None:
        """One line, however many the place has: in a pull request an alert shows where all its lines are in the diff."""
        uri = self.uri(place.file)
        if uri is None:
            return None
        lines = self._text(place.file)
        number = max(place.line, 1)
        line = lines[number - 1] if number <= len(lines) else ""
        start = units(line[: place.column - 1]) if place.column > 1 else units(line[: len(line) - len(line.lstrip())])
        region = {"startLine": number, "startColumn": start + 1, "endLine": number, "endColumn": max(units(line), start + 1) + 1}
        return {"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}, "region": region}

    def whole(self, file: str) -> dict[str, Any] | None:
        """A file as a whole: of what could not be read there is no line. No place for a result."""
        uri = self.uri(file)
        return {"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}} if uri is not None else None

    def line_hash(self, place: Location) -> str | None:
        """GitHub's hash of the line; None where the file is not to be had."""
        if place.file not in self._hashes:
            content = self._content(place.file)
            self._hashes[place.file] = line_hashes(content) if content is not None else []
        hashes, number = self._hashes[place.file], max(place.line, 1)
        return hashes[number - 1] if number <= len(hashes) else None

    def _content(self, file: str) -> bytes | None:
        if file not in self._contents:
            self._contents[file] = self.read(file) if file != CONFIGURATION else None
        return self._contents[file]

    def _text(self, file: str) -> list[str]:
        if file not in self._lines:
            text = (self._content(file) or b"").decode("utf-8", "replace")
            self._lines[file] = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return self._lines[file]


def units(text: str) -> int:
    """The length in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2

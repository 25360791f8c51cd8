"""The instructions of a Dockerfile, read by dockerfile-parse with what it does not know taken away first.

dockerfile-parse knows neither heredocs (it takes a `FROM` inside one for a stage) nor the escape directive, and a comment or an
empty line inside a continued instruction ends it. All three are rewritten line by line, so that line numbers stay what they were.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_LINES = 20_000

_OTHER_LINE_ENDS = re.compile(r"\r(?!\n|\Z)|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# `# escape=\`` (https://docs.docker.com/reference/dockerfile/#parser-directives): only before anything else.
_DIRECTIVE = re.compile(r"#\s*([A-Za-z]+)\s*=\s*(.+?)\s*\Z")
# BuildKit's own pattern for a word that opens a heredoc (frontend/dockerfile/parser/parser.go, reHeredoc); `<< EOF` opens none.
_HEREDOC = re.compile(r"\d*<<(-?)([^<]+)\Z")
_HEREDOC_INSTRUCTION = re.compile(r"\s*(?:ONBUILD\s+)?(?:RUN|COPY|ADD)\s", re.I)
_RAW_WORD = re.compile(r"""(?:\\.|"(?:\\.|[^"\\])*(?:"|\\?\Z)|'[^']*(?:'|\Z)|[^\s"'\\]|["'\\])+""")
_KEYWORDS = frozenset(
    ["ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"]
)


class DockerfileError(Exception):
    """Text that is not a Dockerfile; `line` counts from 1."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction; `value` is what follows the keyword, continuations joined; `body` is the text of its heredocs."""

    keyword: str
    value: str
    line: int
    end_line: int
    body: str = ""

    def triggered(self) -> Instruction | None:
        """The instruction that an ONBUILD holds, None where there is none."""
        keyword, _, value = self.value.strip().partition(" ")
        if self.keyword != "ONBUILD" or keyword.upper() not in _KEYWORDS - {"ONBUILD", "FROM", "MAINTAINER"}:
            return None
        return Instruction(keyword.upper(), value.strip(), self.line, self.end_line, self.body)


@dataclass(frozen=True, slots=True)
class _Logical:
    """The lines of one instruction, from `start` (counting from 0), without what follows: the bodies of its heredocs."""

    start: int
    lines: tuple[str, ...]
    body: tuple[str, ...] = ()


def read_instructions(text: str) -> tuple[Instruction, ...]:
    """The instructions in order. Raises `DockerfileError` for a word that is no instruction, or an unclosed heredoc."""
    from dockerfile_parse import DockerfileParser

    # Only a line feed ends a line; dockerfile-parse would also split at form feeds and the like, and misnumber what follows.
    lines = [line.rstrip("\r") for line in _OTHER_LINE_ENDS.sub(" ", text).split("\n")]
    if len(lines) > MAX_LINES:
        raise DockerfileError(f"more than {MAX_LINES} lines", MAX_LINES)
    plain: list[str] = []
    bodies: dict[int, tuple[str, int]] = {}
    for part in _logical(_plain_escapes(lines)):
        plain.extend(_continued(part.lines))
        if part.body:
            bodies[part.start + 1] = ("\n".join(part.body), part.start + len(part.lines) + len(part.body))
            plain.extend("#" for _ in part.body)
    # Given a stream it reads and writes no file.
    parser = DockerfileParser(fileobj=io.BytesIO("\n".join(plain).encode("utf-8", "surrogatepass")), cache_content=True)
    return tuple(_instructions(parser.structure, bodies))


def _instructions(structure: list[dict[str, object]], bodies: dict[int, tuple[str, int]]) -> Iterator[Instruction]:
    for entry in structure:
        keyword, line = str(entry["instruction"]).upper(), int(str(entry["startline"])) + 1
        if keyword == "COMMENT":
            continue
        if keyword not in _KEYWORDS:
            raise DockerfileError(f"{keyword[:40]!r} is not a Dockerfile instruction", line)
        body, body_end = bodies.get(line, ("", 0))
        yield Instruction(keyword, str(entry["value"]), line, max(int(str(entry["endline"])) + 1, body_end), body)


def _plain_escapes(lines: list[str]) -> list[str]:
    """With `# escape=\\``, continuation by backtick rewritten to one by backslash."""
    for line in lines:
        match = _DIRECTIVE.match(line.strip())
        if match is None:
            return lines
        if match[1].lower() == "escape":
            return [_swap(line) for line in lines] if match[2] == "`" else lines
    return lines


def _swap(line: str) -> str:
    bare = line.rstrip()
    if bare.endswith("`"):
        return bare[:-1] + "\\"
    return bare[:-1] + "/" if bare.endswith("\\") else line  # `C:\` at the end of a line is a path, not a continuation


def _logical(lines: list[str]) -> Iterator[_Logical]:
    at = 0
    while at < len(lines):
        start = at
        bare = lines[at].strip()
        at += 1
        if not bare or bare.startswith("#"):
            yield _Logical(start, (lines[start],))
            continue
        open_ended = _continues(lines[start])
        while open_ended and at < len(lines):
            skipped = not lines[at].strip() or lines[at].lstrip().startswith("#")
            open_ended = skipped or _continues(lines[at])
            at += 1
        own = tuple(lines[start:at])
        end = _after_heredocs(own, lines, at)
        yield _Logical(start, own, tuple(lines[at:end]))
        at = end


def _continues(line: str) -> bool:
    return line.rstrip(" \t").endswith("\\")


def _continued(lines: tuple[str, ...]) -> Iterator[str]:
    """Comments and empty lines inside a continued instruction made continuations, as Docker skips them."""
    for number, line in enumerate(lines):
        if number and (not line.strip() or line.lstrip().startswith("#")):
            yield "\\" if number < len(lines) - 1 else ""
        else:
            yield line


def _after_heredocs(own: tuple[str, ...], lines: list[str], at: int) -> int:
    """The line after the last heredoc that an instruction opens."""
    if not _HEREDOC_INSTRUCTION.match(own[0]):
        return at
    text = " ".join(re.sub(r"\\[ \t]*\Z", "", line) for line in own if not line.lstrip().startswith("#"))
    for word in _RAW_WORD.findall(text) if "<<" in text else ():
        match = _HEREDOC.match(word)
        if match is None:
            continue
        tabs, name = match[1] == "-", re.sub(r"[\"']", "", match[2])
        end = next((n for n in range(at, len(lines)) if (lines[n].lstrip("\t") if tabs else lines[n]) == name), None)
        if end is None:
            raise DockerfileError(f"the heredoc {name} is never closed", at)
        at = end + 1
    return at

"""The instructions of a Dockerfile, read by dockerfile-parse with what it does not know taken away first.

dockerfile-parse knows neither heredocs (it takes a `FROM` inside one for a stage) nor the escape directive; comments inside a
continued instruction end it. All three are rewritten line by line, so that line numbers stay what they were.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

MAX_LINES = 20_000

# https://docs.docker.com/reference/dockerfile/#here-documents
_HEREDOC = re.compile(r"""<<-?\s*(["']?)([A-Za-z_][A-Za-z0-9_.]*)\1""")
_HEREDOC_INSTRUCTION = re.compile(r"\s*(RUN|COPY|ADD)\b", re.I)
_DIRECTIVE = re.compile(r"#\s*([A-Za-z]+)\s*=\s*(.+?)\s*$")
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
    """One instruction; `value` is what follows the keyword, continuations joined, heredoc bodies appended to a RUN."""

    keyword: str
    value: str
    line: int
    end_line: int


def read_instructions(text: str) -> tuple[Instruction, ...]:
    """The instructions in order. Raises `DockerfileError` for a word that is no instruction, or an unclosed heredoc."""
    from dockerfile_parse import DockerfileParser

    lines = text.splitlines()
    if len(lines) > MAX_LINES:
        raise DockerfileError(f"more than {MAX_LINES} lines", MAX_LINES)
    lines, bodies = _fold_heredocs(_plain_escapes(lines))
    parser = DockerfileParser(fileobj=io.BytesIO("\n".join(_join_over_comments(lines)).encode("utf-8")), cache_content=True)
    found: list[Instruction] = []
    for entry in parser.structure:
        keyword, line = str(entry["instruction"]).upper(), int(entry["startline"]) + 1
        if keyword == "COMMENT":
            continue
        if keyword not in _KEYWORDS:
            raise DockerfileError(f"{keyword[:40]!r} is not a Dockerfile instruction", line)
        body, body_end = bodies.get(line, ("", 0))
        value = f"{entry['value']}\n{body}" if body and keyword == "RUN" else str(entry["value"])
        found.append(Instruction(keyword, value, line, max(int(entry["endline"]) + 1, body_end)))
    return tuple(found)


def _plain_escapes(lines: list[str]) -> list[str]:
    """With `# escape=\\``, continuation by backtick rewritten to one by backslash."""
    for line in lines:
        match = _DIRECTIVE.match(line)
        if match is None:
            return lines
        if match[1].lower() == "escape" and match[2] == "`":
            return [_swap(line) for line in lines]
    return lines


def _swap(line: str) -> str:
    bare = line.rstrip()
    if bare.endswith("`"):
        return bare[:-1] + "\\"
    return bare + " ." if bare.endswith("\\") else line


def _fold_heredocs(lines: list[str]) -> tuple[list[str], dict[int, tuple[str, int]]]:
    """The lines with heredoc bodies turned to comments, and each body with its last line by the line of its instruction."""
    folded: list[str] = []
    bodies: dict[int, tuple[str, int]] = {}
    at, start = 0, 0
    continued = False
    while at < len(lines):
        line = lines[at]
        if not continued:
            start = at
        opens = bool(_HEREDOC_INSTRUCTION.match(lines[start])) and not line.lstrip().startswith("#")
        folded.append(line)
        at += 1
        continued = line.rstrip().endswith("\\")
        if not opens or continued:
            continue
        words = [m[2] for m in _HEREDOC.finditer(" ".join(lines[start:at]))]
        body: list[str] = []
        for word in words:
            end = next((n for n in range(at, len(lines)) if lines[n].strip() == word), None)
            if end is None:
                if _quoted_shift(" ".join(lines[start:at])):
                    break  # `$((1 << x))` or a quoted `<<`: no heredoc
                raise DockerfileError(f"the heredoc {word} is never closed", start + 1)
            body.extend(lines[at:end])
            folded.extend("#" for _ in range(at, end + 1))
            at = end + 1
        if body:
            bodies[start + 1] = ("\n".join(body), at)
    return folded, bodies


def _quoted_shift(text: str) -> bool:
    return "((" in text or text.count("'") > 1 or text.count('"') > 1


def _join_over_comments(lines: list[str]) -> list[str]:
    """Comment and empty lines inside a continued instruction made continuations: Docker skips them."""
    joined: list[str] = []
    continued = False
    for line in lines:
        bare = line.strip()
        if continued and (not bare or bare.startswith("#")):
            joined.append("\\")
            continue
        joined.append(line)
        continued = line.rstrip().endswith("\\") and not bare.startswith("#")
    return joined

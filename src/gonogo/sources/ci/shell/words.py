"""One shell word: quotes, variables, substitutions."""

from __future__ import annotations

import re
from collections.abc import Callable

from gonogo.sources.ci.shell.ast import Block, Foreign, Literal, Part, Substitution, Variable, Word


class ShellSyntaxError(Exception):
    """The script cannot be parsed; `offset` is the place in its text."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-]")
_BRACED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*])(\[[^\]]*\])?(:?[-=])?")
_HERE = re.compile(r"<<-?[ \t]*(['\"\\]?)([A-Za-z_][\w-]*)\1")
_END = frozenset(" \t\r\n;&|()<>")


def skip_quoted(text: str, at: int) -> int:
    """The position after the character, escape or quoted string at `at`."""
    char = text[at]
    if char == "\\":
        return min(at + 2, len(text))
    if char == "'":
        end = text.find("'", at + 1)
        return len(text) if end < 0 else end + 1
    if char == '"':
        at += 1
        while at < len(text) and text[at] != '"':
            at = matching(text, at + 1, "(", ")") if text.startswith("$(", at) else at + (2 if text[at] == "\\" else 1)
        return at + 1
    return at + 1


def matching(text: str, at: int, opening: str, closing: str) -> int:
    """The position after the bracket that closes the one at `at`."""
    start, depth = at, 0
    word_start = True
    here: list[str] = []
    while at < len(text):
        char = text[at]
        if char == "\n" and here:
            at = _after_here(text, at + 1, here.pop(0))
            continue
        if char == "<" and opening == "(" and (document := _HERE.match(text, at)):
            here.append(document.group(2))
            at = document.end()
            continue
        if char == "#" and word_start and opening == "(":
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
            continue
        word_start = char in " \t\n;(|&"
        if char in "\\'\"":
            at = skip_quoted(text, at)
            continue
        depth += (char == opening) - (char == closing)
        at += 1
        if depth == 0:
            return at
    raise ShellSyntaxError(f"`{closing}` is missing", start)


def _after_here(text: str, at: int, delimiter: str) -> int:
    """The line end after the here document that starts at `at`."""
    end = re.compile(rf"^\t*{re.escape(delimiter)}\r?$", re.M).search(text, at)
    return len(text) if end is None else end.end()


class WordReader:
    """Reads words of one text. `parse` turns the text of a substitution into statements."""

    def __init__(self, text: str, depth: int, base: int, parse: Callable[[str, int, int], Block]) -> None:
        self._text = text
        self._depth = depth
        self._base = base
        self._parse = parse

    def read(self, at: int) -> tuple[Word, int]:
        """The word at `at` and the position after it; at least one character is taken."""
        text, start = self._text, at
        parts: list[Part] = []
        while at < len(text):
            char = text[at]
            if text.startswith(("<(", ">("), at):
                at = self._substitution(parts, at, at + 1)
            elif char in _END:
                break
            elif char == "\\":
                if text.startswith("\\\n", at):
                    at += 2
                    continue
                parts.append(Literal(text[at + 1 : at + 2]))
                at += 2
            elif char == "'":
                at = self._single(parts, at)
            elif char == '"':
                at = self._double(parts, at)
            elif char == "$":
                at = self._dollar(parts, at, quoted=False)
            elif char == "`":
                at = self._backticks(parts, at)
            else:
                end = at + 1
                while end < len(text) and text[end] not in _END and text[end] not in "\\'\"$`":
                    end += 1
                parts.append(Literal(text[at:end]))
                at = end
        return Word(_joined(parts), self._base + start), max(at, start + 1)

    def _single(self, parts: list[Part], at: int) -> int:
        end = self._text.find("'", at + 1)
        if end < 0:
            raise ShellSyntaxError("a quote is not closed", self._base + at)
        parts.append(Literal(self._text[at + 1 : end]))
        return end + 1

    def _double(self, parts: list[Part], at: int) -> int:
        text, start = self._text, at
        at += 1
        parts.append(Literal(""))
        while at < len(text):
            char = text[at]
            if char == '"':
                return at + 1
            if char == "\\":
                escaped = text[at + 1 : at + 2]
                if escaped != "\n":
                    parts.append(Literal(escaped if escaped in '$`"\\' else "\\" + escaped))
                at += 2
            elif char == "$":
                at = self._dollar(parts, at, quoted=True)
            elif char == "`":
                at = self._backticks(parts, at)
            else:
                end = at + 1
                while end < len(text) and text[end] not in '"\\$`':
                    end += 1
                parts.append(Literal(text[at:end]))
                at = end
        raise ShellSyntaxError("a quote is not closed", self._base + start)

    def _dollar(self, parts: list[Part], at: int, quoted: bool) -> int:
        text = self._text
        if text.startswith("${{", at):
            end = text.find("}}", at)
            if end < 0:
                raise ShellSyntaxError("`}}` is missing", self._base + at)
            parts.append(Foreign(text[at + 3 : end].strip(), text[at : end + 2], quoted))
            return end + 2
        if text.startswith("$((", at):
            end = matching(text, at + 1, "(", ")")
            parts.append(Variable("", text[at:end], quoted=quoted, plain=False))
            return end
        if text.startswith("$(", at):
            return self._substitution(parts, at, at + 1)
        if text.startswith("${", at):
            return self._braced(parts, at, quoted)
        if not quoted and text.startswith("$'", at):
            return self._single(parts, at + 1)
        if not quoted and text.startswith('$"', at):
            return self._double(parts, at + 1)
        found = _NAME.match(text, at + 1)
        if not found:
            parts.append(Literal("$"))
            return at + 1
        parts.append(Variable(found.group(), "${" + found.group() + "}", quoted=quoted))
        return found.end()

    def _braced(self, parts: list[Part], at: int, quoted: bool) -> int:
        text = self._text
        end = matching(text, at + 1, "{", "}")
        source, inner = text[at:end], text[at + 2 : end - 1]
        found = _BRACED.match(inner)
        if not found:
            parts.append(Variable("", source, quoted=quoted, plain=False))
            return end
        name, rest = found.group(1), inner[found.end() :]
        if found.group(3) is None:
            plain = not rest or rest.startswith((":?", "?"))
            parts.append(Variable(name, source if rest else "${" + name + "}", quoted=quoted, plain=plain))
            return end
        default = _default(rest, self._base + at, self._depth, self._parse)
        parts.append(Variable(name, source, default, quoted))
        return end

    def _substitution(self, parts: list[Part], at: int, bracket: int) -> int:
        end = matching(self._text, bracket, "(", ")")
        body = self._parse(self._text[bracket + 1 : end - 1], self._depth + 1, self._base + bracket + 1)
        parts.append(Substitution(body, self._text[at:end]))
        return end

    def _backticks(self, parts: list[Part], at: int) -> int:
        end = at + 1
        while end < len(self._text) and self._text[end] != "`":
            end += 2 if self._text[end] == "\\" else 1
        if end >= len(self._text):
            raise ShellSyntaxError("a backtick is not closed", self._base + at)
        inner = self._text[at + 1 : end].replace("\\`", "`")
        parts.append(Substitution(self._parse(inner, self._depth + 1, self._base + at + 1), self._text[at : end + 1]))
        return end + 1


def _default(text: str, offset: int, depth: int, parse: Callable[[str, int, int], Block]) -> Word:
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    inner = text[1:-1] if quoted else text
    if not inner:
        return Word((), offset)
    try:
        word, end = WordReader('"' + inner.replace('"', '\\"') + '"', depth, offset, parse).read(0)
    except ShellSyntaxError:
        return Word((Variable("", inner, plain=False),), offset)
    return Word(word.parts, offset)


def _joined(parts: list[Part]) -> tuple[Part, ...]:
    """Neighbouring literals as one."""
    joined: list[Part] = []
    for part in parts:
        if isinstance(part, Literal) and joined and isinstance(joined[-1], Literal):
            joined[-1] = Literal(joined[-1].text + part.text)
        else:
            joined.append(part)
    return tuple(joined)

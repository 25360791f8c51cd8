"""Assembling a template from its pieces: strip markers, the indentation of `<<-`, escapes, and the nesting of directives."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

from gonogo.sources.terraform import ast
from gonogo.sources.terraform.values import composed


class RawDirective(NamedTuple):
    """`${...}` (an empty `word`) or `%{ word ... }` as it stands in the source."""

    word: str
    line: int
    strip_before: bool
    strip_after: bool
    names: tuple[str, ...]
    expression: ast.Expression | None


Raw: TypeAlias = str | RawDirective

_ESCAPE = re.compile(r'\\(?:([nrt"\\])|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))|\$\$\{|%%\{')
_HEREDOC_ESCAPE = re.compile(r"\$\$\{|%%\{")
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def unescape_quoted(text: str) -> str:
    """Backslash escapes and doubled template introducers of a quoted string."""

    def replace(match: re.Match[str]) -> str:
        simple, short, long = match.groups()
        if simple:
            return _SIMPLE[simple]
        code = short or long
        if code:
            point = int(code, 16)
            return chr(point) if point < 0x110000 and not 0xD800 <= point < 0xE000 else "\ufffd"
        return match[0][1:]

    return composed(_ESCAPE.sub(replace, text))


def unescape_heredoc(text: str) -> str:
    """A heredoc knows no backslash escapes."""
    return composed(_HEREDOC_ESCAPE.sub(lambda m: m[0][1:], text))


def assemble(raw: Sequence[Raw], unescape: Callable[[str], str], lines: bool, flush: bool) -> tuple[ast.Part, ...]:
    """The parts of a template. `lines`: a literal is one token per line, as HCL scans heredocs, which decides how far a
    strip marker reaches."""
    tokens: list[Raw] = []
    for piece in raw:
        if isinstance(piece, RawDirective):
            tokens.append(piece)
        elif not lines:
            tokens.append(unescape(piece))  # a strip marker eats an escaped newline too
        else:
            tokens.extend(piece.splitlines(keepends=True) if "\r" not in piece else re.findall(r"[^\n]*\n|[^\n]+", piece))
    tokens = _strip(tokens)
    if flush:
        tokens = _flush(tokens)
    return _Nesting([unescape(t) if lines and isinstance(t, str) else t for t in tokens]).parts()


def _strip(tokens: Sequence[Raw]) -> list[Raw]:
    done: list[Raw] = []
    trim_next = False
    for token in tokens:
        if isinstance(token, str):
            done.append(token.lstrip() if trim_next else token)
            trim_next = False
            continue
        if token.strip_before and done and isinstance(done[-1], str):
            done[-1] = done[-1].rstrip()
        done.append(token)
        trim_next = token.strip_after
    return done


def _flush(tokens: Sequence[Raw]) -> list[Raw]:
    """hclsyntax flushHeredocTemplateParts: the smallest indentation of the lines that are not blank is removed."""
    smallest: int | None = None
    adjust: list[int] = []
    newline = True
    for position, token in enumerate(tokens):
        if newline:
            newline = False
            spaces: int | None = 0
            if isinstance(token, str):
                trimmed = token.lstrip()
                if not trimmed and token.endswith("\n"):
                    spaces = None
                else:
                    spaces = len(token) - len(trimmed)
                    adjust.append(position)
            if spaces is not None:
                smallest = spaces if smallest is None else min(smallest, spaces)
        if isinstance(token, str) and token.endswith("\n"):
            newline = True
    done = list(tokens)
    for position in adjust:
        text = done[position]
        if isinstance(text, str):
            done[position] = text[smallest or 0 :]
    return done




class _Nesting:
    """Recursive descent over the tokens; the grammar has already been checked by the parser."""

    def __init__(self, tokens: Sequence[Raw]) -> None:
        self._tokens = tokens
        self._next = 0

    def parts(self) -> tuple[ast.Part, ...]:
        found, _ = self._until()
        return found

    def _until(self, *words: str) -> tuple[tuple[ast.Part, ...], str]:
        parts: list[ast.Part] = []
        while self._next < len(self._tokens):
            token = self._tokens[self._next]
            self._next += 1
            if isinstance(token, str):
                if token and parts and isinstance(parts[-1], str):
                    parts[-1] += token
                elif token:
                    parts.append(token)
            elif token.word in words:
                return tuple(parts), token.word
            elif token.word == "" and token.expression is not None:
                parts.append(token.expression)
            elif token.word == "if" and token.expression is not None:
                then, stop = self._until("else", "endif")
                otherwise = self._until("endif")[0] if stop == "else" else ()
                parts.append(ast.TemplateIf(token.expression, then, otherwise))
            elif token.word == "for" and token.expression is not None:
                key = token.names[0] if len(token.names) == 2 else ""
                parts.append(ast.TemplateFor(key, token.names[-1], token.expression, self._until("endfor")[0]))
        return tuple(parts), ""

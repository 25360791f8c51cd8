"""Shell text to a syntax tree (POSIX.1 chapter 2 plus bash's `[[`, `((`, arrays, `function`, here strings)."""

from __future__ import annotations

import re

from gonogo.sources.ci.shell.ast import (
    AndOr,
    Assignment,
    Block,
    Case,
    Function,
    Group,
    HereDocument,
    If,
    Literal,
    Loop,
    Node,
    Pipeline,
    Simple,
    Word,
)  # fmt: skip
from gonogo.sources.ci.shell.words import ShellSyntaxError, WordReader, matching, skip_quoted

MAX_SCRIPT = 512 * 1024
MAX_DEPTH = 40

_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(\[[^\]\n]*\])?(\+?)=")
_KEYWORD = re.compile(r"[A-Za-z!{}\[]+")
_FUNCTION = re.compile(r"([A-Za-z_][A-Za-z0-9_.:-]*)[ \t]*\([ \t]*\)")
_FUNCTION_WORD = re.compile(r"function[ \t]+([A-Za-z_][A-Za-z0-9_.:-]*)[ \t]*(\([ \t]*\))?")
_REDIRECT = re.compile(r"(\d*|\{[A-Za-z_]\w*\})(&>>|&>|<<<|<<-|<<|<>|<&|>&|>>|>\||<|>)")
_CLOSING = frozenset({"then", "else", "elif", "fi", "do", "done", "esac", "}"})


def parse(text: str, depth: int = 0, base: int = 0) -> Block:
    """The statements of a script; `base` is added to every offset. Raises `ShellSyntaxError`."""
    if len(text) > MAX_SCRIPT:
        raise ShellSyntaxError(f"script of {len(text)} characters is over the limit of {MAX_SCRIPT}", base)
    if depth > MAX_DEPTH:
        raise ShellSyntaxError(f"nested deeper than {MAX_DEPTH} levels", base)
    parser = _Parser(text, depth, base)
    block = parser.block(frozenset())
    if parser.position < len(text):
        raise parser.error(f"unexpected `{text[parser.position]}`")
    return block


class _Parser:
    def __init__(self, text: str, depth: int, base: int) -> None:
        self.text = text
        self.position = 0
        self.depth = depth
        self.base = base
        self.pending: list[HereDocument] = []
        self.words = WordReader(text, depth, base, parse)

    def error(self, message: str) -> ShellSyntaxError:
        return ShellSyntaxError(message, self.base + self.position)

    # Lexical helpers

    def _char(self) -> str:
        return self.text[self.position] if self.position < len(self.text) else ""

    def _blanks(self) -> None:
        text = self.text
        while self.position < len(text):
            if text[self.position] in " \t\r":
                self.position += 1
            elif text.startswith("\\\n", self.position):
                self.position += 2
            elif text.startswith("\\\r\n", self.position):
                self.position += 3
            elif text[self.position] == "#":
                end = text.find("\n", self.position)
                self.position = len(text) if end < 0 else end
            else:
                return

    def _newline(self) -> None:
        """Step over a line end and over the here documents that start below it."""
        self.position += 1
        for document in self.pending:
            self._read_here(document)
        self.pending.clear()

    def _read_here(self, document: HereDocument) -> None:
        document.offset = self.base + self.position
        lines: list[str] = []
        while self.position < len(self.text):
            end = self.text.find("\n", self.position)
            end = len(self.text) if end < 0 else end
            line = self.text[self.position : end]
            self.position = min(end + 1, len(self.text))
            if (line.lstrip("\t") if document.strip_tabs else line).rstrip("\r") == document.delimiter:
                break
            lines.append(line)
        document.text = "\n".join(lines)

    def _separators(self) -> None:
        while True:
            self._blanks()
            char = self._char()
            if char == "\n":
                self._newline()
            elif char == ";" and not self.text.startswith(";;", self.position):
                self.position += 1
            else:
                return

    def _line_ends(self) -> None:
        while True:
            self._blanks()
            if self._char() != "\n":
                return
            self._newline()

    def _keyword(self) -> str:
        """The reserved word at the position, or an empty string."""
        found = _KEYWORD.match(self.text, self.position)
        if not found:
            return ""
        after = self.text[found.end() : found.end() + 1]
        return found.group() if after in ("", " ", "\t", "\n", "\r", ";", "&", "|", "(", ")") else ""

    def _take(self, word: str) -> bool:
        self._blanks()
        if self._keyword() == word:
            self.position += len(word)
            return True
        return False

    def _expect(self, word: str) -> None:
        self._separators()
        if not self._take(word):
            raise self.error(f"`{word}` is missing")

    # Grammar

    def block(self, closing: frozenset[str]) -> Block:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"nested deeper than {MAX_DEPTH} levels")
        statements: list[tuple[Node, bool]] = []
        while True:
            self._separators()
            char = self._char()
            if not char or char == ")" or self.text.startswith((";;", ";&"), self.position) or self._keyword() in closing:
                break
            if self._keyword() in _CLOSING:
                raise self.error(f"unexpected `{self._keyword()}`")
            start = self.position
            node = self._and_or()
            self._blanks()
            background = self._char() == "&" and not self.text.startswith("&&", self.position)
            if background:
                self.position += 1
            if self.position == start:
                raise self.error(f"unexpected `{char}`")
            statements.append((node, background))
        self.depth -= 1
        return Block(tuple(statements))

    def _and_or(self) -> Node:
        first = self._pipeline()
        rest: list[tuple[str, Node]] = []
        while True:
            self._blanks()
            operator = self.text[self.position : self.position + 2]
            if operator not in ("&&", "||"):
                return AndOr(first, tuple(rest)) if rest else first
            self.position += 2
            self._line_ends()
            rest.append((operator, self._pipeline()))

    def _pipeline(self) -> Node:
        self._blanks()
        negated = False
        while self._keyword() in ("!", "time"):
            negated ^= self._keyword() == "!"
            self.position += len(self._keyword())
            self._blanks()
        parts = [self._command()]
        while True:
            self._blanks()
            if self._char() != "|" or self.text.startswith("||", self.position):
                break
            self.position += 2 if self.text.startswith("|&", self.position) else 1
            self._line_ends()
            parts.append(self._command())
        return Pipeline(tuple(parts), negated) if negated or len(parts) > 1 else parts[0]

    def _command(self) -> Node:
        self._blanks()
        compound = self._compound()
        if compound is not None:
            here: list[HereDocument] = []
            self._redirections(here)
            return compound
        return self._simple()

    def _compound(self) -> Node | None:
        text = self.text
        if text.startswith("((", self.position):
            # `((` may also open two subshells: then its brackets do not close together.
            end = matching(text, self.position, "(", ")")
            if text[end - 2 : end] == "))":
                return self._opaque(end)
        if text.startswith("(", self.position):
            self.position += 1
            body = self.block(frozenset())
            self._close(")")
            return Group(body, True)
        keyword = self._keyword()
        if keyword == "[[":
            return self._test()
        if keyword == "{":
            self.position += 1
            body = self.block(frozenset({"}"}))
            self._expect("}")
            return Group(body, False)
        if keyword == "if":
            self.position += 2
            return self._if()
        if keyword in ("while", "until"):
            self.position += 5
            condition = self.block(frozenset({"do"}))
            return Loop(self._do(), condition)
        if keyword in ("for", "select"):
            self.position += len(keyword)
            return self._for()
        if keyword == "case":
            self.position += 4
            return self._case()
        named = _FUNCTION_WORD.match(text, self.position) or _FUNCTION.match(text, self.position)
        if named:
            self.position = named.end()
            self._line_ends()
            return Function(named.group(1), self._command())
        return None

    def _close(self, char: str) -> None:
        self._separators()
        if self._char() != char:
            raise self.error(f"`{char}` is missing")
        self.position += 1

    def _opaque(self, end: int) -> Simple:
        """A construct that runs no command, kept as one word."""
        start, self.position = self.position, end
        at = self.base + start
        return Simple((), (Word((Literal(self.text[start:end]),), at),), at)

    def _test(self) -> Simple:
        at = self.position + 2
        while at < len(self.text) and not re.match(r"\s\]\]", self.text[at : at + 3]):
            at = skip_quoted(self.text, at)
        if at >= len(self.text):
            raise self.error("`]]` is missing")
        return self._opaque(at + 3)

    def _if(self) -> If:
        condition = self.block(frozenset({"then"}))
        self._expect("then")
        then = self.block(frozenset({"else", "elif", "fi"}))
        self._separators()
        if self._take("elif"):
            return If(condition, then, Block(((self._if(), False),)))
        otherwise = Block()
        if self._take("else"):
            otherwise = self.block(frozenset({"fi"}))
        self._expect("fi")
        return If(condition, then, otherwise)

    def _do(self) -> Block:
        self._expect("do")
        body = self.block(frozenset({"done"}))
        self._expect("done")
        return body

    def _for(self) -> Loop:
        self._blanks()
        if self.text.startswith("((", self.position):
            self.position = matching(self.text, self.position, "(", ")")
            return Loop(self._do())
        name = re.compile(r"[A-Za-z_]\w*").match(self.text, self.position)
        if not name:
            raise self.error("a loop has no variable")
        self.position = name.end()
        words: list[Word] = []
        self._line_ends()
        if self._take("in"):
            self._blanks()
            while self._char() not in ("", "\n", ";"):
                words.append(self._word())
                self._blanks()
        return Loop(self._do(), variable=name.group(), words=tuple(words))

    def _case(self) -> Case:
        self._blanks()
        self._word()
        self._line_ends()
        self._expect("in")
        branches: list[Block] = []
        while True:
            self._line_ends()
            if self._take("esac"):
                return Case(tuple(branches))
            if self._char() == "(":
                self.position += 1
            while self._char() not in ("", ")"):
                self.position = skip_quoted(self.text, self.position)
            if not self._char():
                raise self.error("`esac` is missing")
            self.position += 1
            branches.append(self.block(frozenset({"esac"})))
            for mark in (";;&", ";;", ";&"):
                if self.text.startswith(mark, self.position):
                    self.position += len(mark)
                    break

    def _simple(self) -> Simple:
        start = self.position
        assignments: list[Assignment] = []
        words: list[Word] = []
        here: list[HereDocument] = []
        while True:
            self._blanks()
            if self._redirections(here):
                continue
            char = self._char()
            if char in ("", "\n", ";", "&", "|", ")"):
                break
            if char == "(":
                raise self.error("unexpected `(`")
            found = _ASSIGNMENT.match(self.text, self.position)
            if found and (not words or words[0].plain in ("export", "declare", "local", "readonly", "typeset")):
                assignments.append(self._assignment(found))
            else:
                words.append(self._word())
        return Simple(tuple(assignments), tuple(words), self.base + start, tuple(here))

    def _assignment(self, found: re.Match[str]) -> Assignment:
        self.position = found.end()
        append = bool(found.group(3))
        if self._char() in ("", " ", "\t", "\r", "\n", ";", "&", "|", ")", "<", ">"):
            return Assignment(found.group(1), Word((), self.base + self.position), append=append)
        if self._char() != "(":
            return Assignment(found.group(1), self._word(), append=append)
        self.position += 1
        items: list[Word] = []
        start = self.position
        while True:
            self._line_ends()
            if self._char() in ("", ")"):
                break
            items.append(self._word())
        self._close(")")
        return Assignment(found.group(1), Word((), self.base + start), tuple(items), append)

    def _word(self) -> Word:
        word, self.position = self.words.read(self.position)
        return word

    def _redirections(self, here: list[HereDocument]) -> bool:
        """Step over redirections, noting here documents. Whether there were any."""
        any_found = False
        while True:
            self._blanks()
            found = _REDIRECT.match(self.text, self.position)
            if not found or self.text.startswith(("<(", ">("), self.position):
                return any_found
            any_found = True
            self.position = found.end()
            operator = found.group(2)
            self._blanks()
            word = self._word() if self._char() not in ("", "\n") else Word((), self.base + self.position)
            if operator in ("<<", "<<-"):
                document = HereDocument(word.plain or "", operator == "<<-")
                self.pending.append(document)
                here.append(document)

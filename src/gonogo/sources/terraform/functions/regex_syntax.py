"""RE2's syntax, compiled for the machine in `regexes`. What RE2 refuses is a `TfError`; what is not done here `NotDone`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from gonogo.sources.terraform.values import TfError

MAX_PATTERN = 4_000
MAX_PROGRAM = 20_000
MAX_DEPTH = 100

Test: TypeAlias = Callable[[str], bool]


class NotDone(Exception):
    """Valid in RE2, not implemented here."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """`char` tests a character; `split` tries `x`, then `y`; `save` stores the position in slot `x`; `assert`, `jump`, `match`."""

    op: str
    x: int = 0
    y: int = 0
    test: Test | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Program:
    code: tuple[Instruction, ...]
    groups: int
    names: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class _Node:
    op: str
    children: tuple[_Node, ...] = ()
    test: Test | None = None
    kind: str = ""
    low: int = 0
    high: int = -1
    greedy: bool = True

    def nullable(self) -> bool:
        if self.op in ("char",):
            return False
        if self.op == "cat":
            return all(c.nullable() for c in self.children)
        if self.op == "alt":
            return any(c.nullable() for c in self.children)
        if self.op == "repeat":
            return self.low == 0 or self.children[0].nullable()
        return self.children[0].nullable() if self.children else True


_EMPTY = _Node("cat")
_POSIX = {
    "alpha": "A-Za-z", "digit": "0-9", "alnum": "0-9A-Za-z", "upper": "A-Z", "lower": "a-z", "space": "\t-\r -  ", "word": "0-9A-Za-z_-_",
    "xdigit": "0-9A-Fa-f", "punct": "!-/:-@[-`{-~", "blank": "\t-\t - ", "cntrl": "\x00-\x1f\x7f-\x7f", "print": " -~", "graph": "!-~",
    "ascii": "\x00-\x7f",
}  # fmt: skip
_DIGIT, _SPACE, _WORD = "0-9", "\t-\n\f-\r - ", "0-9A-Za-z_-_"
_CONTROL = {"a": "\a", "f": "\f", "t": "\t", "n": "\n", "r": "\r", "v": "\v"}
_CATEGORY = re.compile(r"\\[pP](?:([A-Z])|\{(\^?)([A-Z][a-z]?)\})")


def _ranges(spec: str) -> list[tuple[str, str]]:
    return [(spec[i], spec[i + 2]) for i in range(0, len(spec) - 2, 3)]


def _in_ranges(ranges: Sequence[tuple[str, str]]) -> Test:
    if len(ranges) == 1:
        low, high = ranges[0]
        return lambda c: low <= c <= high
    return lambda c: any(low <= c <= high for low, high in ranges)


def _not(test: Test) -> Test:
    return lambda c: not test(c)


def _folded(test: Test) -> Test:
    return lambda c: test(c) or test(c.lower()[:1]) or test(c.upper()[:1])


def word(character: str) -> bool:
    """Whether RE2's `\\w` matches."""
    return character.isascii() and (character.isalnum() or character == "_")


def _category(name: str) -> Test:
    return lambda c: unicodedata.category(c).startswith(name)


class _Parser:
    def __init__(self, pattern: str) -> None:
        self._p = pattern
        self._i = 0
        self.groups = 0
        self.names: list[tuple[str, int]] = []
        self._flags = frozenset[str]()
        self._depth = 0

    def parse(self) -> _Node:
        node = self._alternatives()
        if self._i < len(self._p):
            raise TfError("an unexpected ) in a regular expression")
        return node

    def _peek(self, text: str) -> bool:
        return self._p.startswith(text, self._i)

    def _alternatives(self) -> _Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise TfError("a regular expression nested too deeply")
        flags = self._flags
        branches = [self._sequence()]
        while self._peek("|"):
            self._i += 1
            branches.append(self._sequence())
        self._flags = flags
        self._depth -= 1
        return branches[0] if len(branches) == 1 else _Node("alt", tuple(branches))

    def _sequence(self) -> _Node:
        items: list[_Node] = []
        while self._i < len(self._p) and self._p[self._i] not in "|)":
            if self._peek("\\Q"):
                end = self._p.find("\\E", self._i)
                text = self._p[self._i + 2 : end if end >= 0 else len(self._p)]
                self._i = end + 2 if end >= 0 else len(self._p)
                items.extend(self._char(_in_ranges([(c, c)])) for c in text)
                continue
            atom = self._atom()
            if atom is not None:
                items.append(self._repeated(atom))
        return items[0] if len(items) == 1 else _Node("cat", tuple(items))

    def _char(self, test: Test) -> _Node:
        return _Node("char", test=_folded(test) if "i" in self._flags else test)

    def _repeated(self, atom: _Node) -> _Node:
        match = re.compile(r"([*+?]|\{(\d+)(,(\d*))?\})(\??)").match(self._p, self._i)
        if match is None:
            return atom
        low, high = {"*": (0, -1), "+": (1, -1), "?": (0, 1)}.get(match[1], (0, 0))
        if match[2] is not None:
            low = int(match[2])
            high = low if match[3] is None else int(match[4]) if match[4] else -1
            if max(low, high) > 1000 or (0 <= high < low):
                raise TfError("a repetition that is not valid in a regular expression")
        self._i = match.end()
        if re.compile(r"[*+?]|\{\d+(,\d*)?\}").match(self._p, self._i):
            raise TfError("a repetition of a repetition in a regular expression")
        greedy = (match[5] == "") != ("U" in self._flags)
        return _Node("repeat", (atom,), low=low, high=high, greedy=greedy)

    def _atom(self) -> _Node | None:
        c = self._p[self._i]
        if c == "(":
            return self._group()
        if c == "[":
            return self._class()
        if c == "\\":
            return self._escape()
        if c in "*+?":
            raise TfError("a repetition of nothing in a regular expression")
        self._i += 1
        if c == ".":
            return _Node("char", test=(lambda _: True) if "s" in self._flags else (lambda x: x != "\n"))
        if c == "^":
            return _Node("assert", kind="line_start" if "m" in self._flags else "start")
        if c == "$":
            return _Node("assert", kind="line_end" if "m" in self._flags else "end")
        return self._char(_in_ranges([(c, c)]))

    def _group(self) -> _Node | None:
        named = re.compile(r"\(\?P?<(\w+)>").match(self._p, self._i)
        flagged = re.compile(r"\(\?([a-zA-Z]*)(?:-([a-zA-Z]+))?([:)])").match(self._p, self._i)
        flags = self._flags
        if named:
            self._i = named.end()
        elif flagged:
            if not set(flagged[1] + (flagged[2] or "")) <= set("imsU"):
                raise TfError("a flag that RE2 does not know in a regular expression")
            self._i = flagged.end()
            self._flags = (self._flags | set(flagged[1])) - set(flagged[2] or "")
            if flagged[3] == ")":
                return None
        elif self._p.startswith("(?", self._i):
            raise TfError("a group that RE2 does not know in a regular expression")
        else:
            self._i += 1
        number = 0
        if not flagged:
            self.groups += 1
            number = self.groups
            if named:
                if any(n == named[1] for n, _ in self.names):
                    raise TfError("a group name twice in a regular expression")
                self.names.append((named[1], number))
        inner = self._alternatives()
        if not self._peek(")"):
            raise TfError("a ( without a ) in a regular expression")
        self._i += 1
        self._flags = flags
        return _Node("capture", (inner,), low=number) if number else inner

    def _escape(self) -> _Node:
        following = self._p[self._i + 1 : self._i + 2]
        if following in ("A", "z"):
            self._i += 2
            return _Node("assert", kind="start" if following == "A" else "end")
        if following in ("b", "B") and following:
            self._i += 2
            return _Node("assert", kind="boundary" if following == "b" else "no_boundary")
        return self._char(self._escaped())

    def _escaped(self) -> Test:
        """The test of an escape that stands for one character, in a class or not."""
        following = self._p[self._i + 1 : self._i + 2]
        if not following:
            raise TfError("a regular expression ends with a backslash")
        spec = {"d": _DIGIT, "s": _SPACE, "w": _WORD}.get(following.lower()) if following in "dDsSwW" else None
        if spec is not None:
            self._i += 2
            test = _in_ranges(_ranges(spec))
            return test if following.islower() else _not(test)
        category = _CATEGORY.match(self._p, self._i)
        if category is not None:
            self._i = category.end()
            test = _category(category[1] or category[3])
            return test if (category[0][1] == "p") != bool(category[2]) else _not(test)
        character = self._escaped_character(following)
        return _in_ranges([(character, character)])

    def _escaped_character(self, following: str) -> str:
        hexadecimal = re.compile(r"\\x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})").match(self._p, self._i)
        if hexadecimal is not None:
            self._i = hexadecimal.end()
            point = int(hexadecimal[1] or hexadecimal[2], 16)
            if point > 0x10FFFF:
                raise TfError("an escape that is not valid in a regular expression")
            return chr(point)
        if following in _CONTROL:
            self._i += 2
            return _CONTROL[following]
        octal = re.compile(r"\\(0[0-7]{0,2}|[1-7][0-7]{2})").match(self._p, self._i)
        if octal is not None:
            self._i = octal.end()
            return chr(int(octal[1], 8))
        if following in "pP":
            raise NotDone(f"\\{following}")
        if following.isascii() and following.isalnum():
            raise TfError("an escape that is not valid in a regular expression")
        self._i += 2
        return following

    def _class(self) -> _Node:
        self._i += 1
        negated = self._peek("^")
        self._i += negated
        tests: list[Test] = []
        ranges: list[tuple[str, str]] = []
        first = True
        while first or not self._peek("]"):
            if self._i >= len(self._p):
                raise TfError("a [ without a ] in a regular expression")
            first = False
            posix = re.compile(r"\[:(\^?)(\w+):\]").match(self._p, self._i)
            if posix is not None:
                if posix[2] not in _POSIX:
                    raise TfError("a character class that is not valid in a regular expression")
                self._i = posix.end()
                test = _in_ranges(_ranges(_POSIX[posix[2]]))
                tests.append(_not(test) if posix[1] else test)
            elif self._peek("\\") and (self._p[self._i + 1 : self._i + 2] or " ") in "dDsSwWpP":
                tests.append(self._escaped())
            else:
                low = self._class_character()
                high = low
                if self._peek("-") and self._p[self._i + 1 : self._i + 2] not in ("]", ""):
                    self._i += 1
                    high = self._class_character()
                    if high < low:
                        raise TfError("a character range that is not valid in a regular expression")
                ranges.append((low, high))
        self._i += 1
        if ranges:
            tests.append(_in_ranges(ranges))
        inside: Test = tests[0] if len(tests) == 1 else lambda c: any(t(c) for t in tests)
        if "i" in self._flags:
            inside = _folded(inside)
        return _Node("char", test=_not(inside) if negated else inside)

    def _class_character(self) -> str:
        if self._peek("\\"):
            return self._escaped_character(self._p[self._i + 1 : self._i + 2] or "]")
        if self._i >= len(self._p):
            raise TfError("a [ without a ] in a regular expression")
        self._i += 1
        return self._p[self._i - 1]


class _Compiler:
    """go/src/regexp/syntax/compile.go, written forwards."""

    def __init__(self) -> None:
        self.code: list[Instruction] = []

    def emit(self, op: str, x: int = 0, y: int = 0, test: Test | None = None, kind: str = "") -> int:
        if len(self.code) >= MAX_PROGRAM:
            raise TfError("a regular expression that is too large")
        self.code.append(Instruction(op, x, y, test, kind))
        return len(self.code) - 1

    def compile(self, node: _Node) -> None:
        if node.op == "char":
            self.emit("char", test=node.test)
        elif node.op == "assert":
            self.emit("assert", kind=node.kind)
        elif node.op == "cat":
            for child in node.children:
                self.compile(child)
        elif node.op == "capture":
            self.emit("save", 2 * node.low)
            self.compile(node.children[0])
            self.emit("save", 2 * node.low + 1)
        elif node.op == "alt":
            self._alt(node)
        else:
            self._repeat(node)

    def _alt(self, node: _Node) -> None:
        jumps: list[int] = []
        for child in node.children[:-1]:
            split = self.emit("split")
            self.compile(child)
            jumps.append(self.emit("jump"))
            self.code[split] = Instruction("split", split + 1, len(self.code))
        self.compile(node.children[-1])
        for jump in jumps:
            self.code[jump] = Instruction("jump", len(self.code))

    def _split(self, at: int, into: int, past: int, greedy: bool) -> None:
        self.code[at] = Instruction("split", into, past) if greedy else Instruction("split", past, into)

    def _repeat(self, node: _Node) -> None:
        child = node.children[0]
        if node.high < 0 and node.low == 0:
            if child.nullable():
                # (x+)? so that the order of what is tried is Perl's.
                split = self.emit("split")
                self._plus(child, node.greedy)
                self._split(split, split + 1, len(self.code), node.greedy)
                return
            split = self.emit("split")
            self.compile(child)
            self.emit("jump", split)
            self._split(split, split + 1, len(self.code), node.greedy)
            return
        for _ in range(node.low - 1 if node.high < 0 else node.low):
            self.compile(child)
        if node.high < 0:
            self._plus(child, node.greedy)
            return
        splits: list[int] = []
        for _ in range(node.high - node.low):
            splits.append(self.emit("split"))
            self.compile(child)
        for split in splits:
            self._split(split, split + 1, len(self.code), node.greedy)

    def _plus(self, child: _Node, greedy: bool) -> None:
        start = len(self.code)
        self.compile(child)
        split = self.emit("split")
        self._split(split, start, split + 1, greedy)


def compile_pattern(pattern: str) -> Program:
    """The program of `pattern`. Raises `TfError` and `NotDone`."""
    if len(pattern) > MAX_PATTERN:
        raise NotDone(f"longer than {MAX_PATTERN} characters")
    parser = _Parser(pattern)
    node = parser.parse()
    compiler = _Compiler()
    compiler.emit("save", 0)
    compiler.compile(node)
    compiler.emit("save", 1)
    compiler.emit("match")
    return Program(tuple(compiler.code), parser.groups, tuple(parser.names))

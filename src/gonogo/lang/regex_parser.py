"""Patterns to trees: the subset of RE2's syntax that `matches` takes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

MAX_PATTERN = 1_000
MAX_REPEAT = 1_000  # RE2's own limit, also on the product of nested counts
MAX_NESTING = 40
_LAST = 0x10FFFF

Ranges: TypeAlias = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Run:
    """One character out of these code points."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Edge:
    """A position: start, end, line start, line end, boundary."""

    kind: str


@dataclass(frozen=True, slots=True)
class Group:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    branches: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """`most` is None where there is no upper bound. Lazy or greedy makes no difference to whether there is a match."""

    node: Node
    least: int
    most: int | None


Node: TypeAlias = Run | Edge | Group | Choice | Repeat

_CLASSES: dict[str, str] = {
    "alnum": "09AZaz", "alpha": "AZaz", "ascii": "\x00\x7f", "blank": "\t\t  ", "cntrl": "\x00\x1f\x7f\x7f", "digit": "09", "graph": "!~",
    "lower": "az", "print": " ~", "punct": "!/:@[`{~", "space": "\t\r  ", "upper": "AZ", "word": "09AZ__az", "xdigit": "09AFaf",
}  # fmt: skip
_PERL = {"d": "09", "s": "\t\n\f\r  ", "w": "09AZ__az"}
_CONTROL = {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
# Not `\\B`: RE2 works on bytes, so it holds between two bytes of one character.
_EDGES = {"A": "start", "z": "end", "b": "boundary"}
_COUNT = re.compile(r"\{(0|[1-9][0-9]*)(?:(,)(0|[1-9][0-9]*)?)?\}")
_HEX = re.compile(r"x(?:([0-9a-fA-F]{2})|\{([0-9a-fA-F]{1,8})\})")
_FLAGS = re.compile(r"([ims]*)(?:-([ims]+))?([:)])")
_NAME = re.compile(r"P?<[A-Za-z0-9_]+>")
# The only characters beyond ASCII that are another case of one in it: the Kelvin sign and the long s.
_FOLDED = {"k": 0x212A, "s": 0x017F}


def is_word(character: str) -> bool:
    """Whether RE2's `\\w` matches it (nothing beyond ASCII); the empty string is no word character."""
    return character.isascii() and (character.isalnum() or character == "_")


def parse_pattern(source: str) -> Node:
    """The tree of `source`. Raises `ValueError` that says what is not in the subset."""
    if len(source) > MAX_PATTERN:
        raise ValueError(f"a pattern of {len(source)} characters is too long")
    parser = _Parser(source)
    node = parser.choice(frozenset(), 0)
    if parser.at < len(source):
        raise parser.refuse("an unexpected )")
    if _weight(node) > MAX_REPEAT:
        raise parser.refuse(f"more than {MAX_REPEAT} repeats in all")
    return node


def _weight(node: Node) -> int:
    """The product of nested counts."""
    match node:
        case Group(parts=nodes) | Choice(branches=nodes):
            return max((_weight(part) for part in nodes), default=1)
        case Repeat():
            return _weight(node.node) * max(node.most or node.least, 1)
        case _:
            return 1


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0

    def refuse(self, what: str) -> ValueError:
        return ValueError(f"the pattern {self.source!r} is not in the subset of RE2: {what}")

    def _peek(self, text: str) -> bool:
        return self.source.startswith(text, self.at)

    def _take(self, text: str) -> bool:
        if self._peek(text):
            self.at += len(text)
            return True
        return False

    def _scan(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.source, self.at)
        if found is not None:
            self.at = found.end()
        return found

    def choice(self, flags: frozenset[str], depth: int) -> Node:
        """Branches up to a closing parenthesis or the end. Flags set in one branch hold in those after it."""
        if depth > MAX_NESTING:
            raise self.refuse("nested too deeply")
        branches: list[Node] = []
        parts: list[Node] = []
        while self.at < len(self.source) and not self._peek(")"):
            if self._take("|"):
                branches.append(Group(tuple(parts)))
                parts = []
            elif changed := self._flags(flags):
                flags = changed[0]
            else:
                parts.append(self._repeated(self._atom(flags, depth)))
        branches.append(Group(tuple(parts)))
        return branches[0] if len(branches) == 1 else Choice(tuple(branches))

    def _flags(self, flags: frozenset[str]) -> tuple[frozenset[str]] | None:
        """The flags after `(?i)`, where it stands here; not `(?i:…)`."""
        found = _FLAGS.match(self.source, self.at + 2) if self._peek("(?") else None
        if found is None or found[3] == ":":
            return None
        self.at = found.end()
        if self.at < len(self.source) and self.source[self.at] in "*+?":
            raise self.refuse("nothing to repeat")
        return (flags.union(found[1]).difference(found[2] or ""),)

    def _repeated(self, node: Node) -> Node:
        count = self._count()
        if count is None:
            return node
        least, most = count
        if least > MAX_REPEAT or (most is not None and (most > MAX_REPEAT or most < least)):
            raise self.refuse("a bad repeat count")
        self._take("?")
        if self._count() is not None:
            raise self.refuse("a repeat of a repeat")
        return Repeat(node, least, most)

    def _count(self) -> tuple[int, int | None] | None:
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._take(sign):
                return bounds
        found = self._scan(_COUNT)
        if found is None:
            return None
        least = int(found[1])
        return least, int(found[3]) if found[3] else None if found[2] else least

    def _atom(self, flags: frozenset[str], depth: int) -> Node:
        start = self.at
        if self._count() is not None:
            self.at = start
            raise self.refuse("nothing to repeat")
        character = self.source[self.at]
        self.at += 1
        match character:
            case "(":
                return self._group(flags, depth)
            case "[":
                return Run(self._class(flags))
            case ".":
                return Run(((0, _LAST),) if "s" in flags else _negated([(10, 10)]))
            case "^":
                return Edge("line start" if "m" in flags else "start")
            case "$":
                return Edge("line end" if "m" in flags else "end")
            case "\\":
                return self._escape(flags)
            case _:
                return Run(self._folded([(ord(character), ord(character))], flags))

    def _group(self, flags: frozenset[str], depth: int) -> Node:
        if self._take("?"):
            inner = self._scan(_FLAGS)
            if inner is not None:
                flags = flags.union(inner[1]).difference(inner[2] or "")
            elif self._scan(_NAME) is None:
                raise self.refuse("no look-around, no back-references, no other extended groups")
        node = self.choice(flags, depth + 1)
        if not self._take(")"):
            raise self.refuse("a missing )")
        return node

    def _escape(self, flags: frozenset[str]) -> Node:
        letter = self.source[self.at : self.at + 1]
        if letter in _EDGES and letter:
            self.at += 1
            return Edge(_EDGES[letter])
        group = self._perl(flags)
        return Run(group if group is not None else self._folded([(code := self._escaped(), code)], flags))

    def _perl(self, flags: frozenset[str]) -> Ranges | None:
        """The ranges of `d`, `s`, `w` or their negations, if one stands here after the backslash."""
        letter = self.source[self.at : self.at + 1]
        if not letter or letter.lower() not in _PERL:
            return None
        self.at += 1
        return self._named(_PERL[letter.lower()], letter.isupper(), flags)

    def _named(self, text: str, negated: bool, flags: frozenset[str]) -> Ranges:
        ranges = self._folded([(ord(a), ord(b)) for a, b in zip(text[::2], text[1::2], strict=True)], flags)
        return _negated(ranges) if negated else ranges

    def _escaped(self) -> int:
        """The code point of an escape, after the backslash."""
        if found := self._scan(_HEX):
            code = int(found[1] or found[2], 16)
            if code > _LAST:
                raise self.refuse("not a character")
            return code
        character = self.source[self.at : self.at + 1]
        self.at += 1
        if character in _CONTROL:
            return _CONTROL[character]
        if not character or not character.isascii() or character.isalnum():
            raise self.refuse(f"the escape \\{character}")
        return ord(character)

    def _class(self, flags: frozenset[str]) -> Ranges:
        negated = self._take("^")
        ranges: list[tuple[int, int]] = []
        first = True
        while first or not self._take("]"):
            first = False
            if self._peek("[:") and (end := self.source.find(":]", self.at + 2)) >= 0:
                name = self.source[self.at + 2 : end]
                if name.removeprefix("^") not in _CLASSES:
                    raise self.refuse(f"the class [:{name}:]")
                ranges.extend(self._named(_CLASSES[name.removeprefix("^")], name.startswith("^"), flags))
                self.at = end + 2
                continue
            if self._take("\\"):
                group = self._perl(flags)
                if group is not None:
                    ranges.extend(group)
                    continue
                self.at -= 1
            low = self._class_character()
            high = low
            if self._peek("-") and not self._peek("-]"):
                self.at += 1
                high = self._class_character()
            if high < low:
                raise self.refuse("a range that ends before it starts")
            ranges.extend(self._folded([(low, high)], flags))
        return _negated(ranges) if negated else tuple(sorted(set(ranges)))

    def _class_character(self) -> int:
        if self.at >= len(self.source):
            raise self.refuse("a missing ]")
        if self._take("\\"):
            return self._escaped()
        self.at += 1
        return ord(self.source[self.at - 1])

    def _folded(self, ranges: Iterable[tuple[int, int]], flags: frozenset[str]) -> Ranges:
        """The ranges with the other cases of their letters, where case does not count."""
        found = list(ranges)
        if "i" not in flags:
            return tuple(found)
        for low, high in tuple(found):
            if high > 127 and (low != high or (char := chr(low)).lower() != char or char.upper() != char):
                raise self.refuse("letters beyond ASCII whatever their case")
            for code in range(low, min(high, 127) + 1):
                letter = chr(code)
                if letter.isalpha():
                    other = ord(letter.swapcase())
                    found.append((other, other))
                    if extra := _FOLDED.get(letter.lower()):
                        found.append((extra, extra))
        return tuple(sorted(set(found)))


def _negated(ranges: Iterable[tuple[int, int]]) -> Ranges:
    left: list[tuple[int, int]] = []
    start = 0
    for low, high in sorted(ranges):
        if low > start:
            left.append((start, low - 1))
        start = max(start, high + 1)
    if start <= _LAST:
        left.append((start, _LAST))
    return tuple(left)

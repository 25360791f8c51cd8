"""Regular expressions as Go's `regexp` matches them, in time linear in the text: a Pike machine over RE2's syntax."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

from gonogo.model.value import Unknown
from gonogo.sources.terraform.functions.regex_syntax import NotDone, Program, compile_pattern, word
from gonogo.sources.terraform.values import TfError, TfList, Val

# Instructions visited in one call of a function; a repository must not keep us busy.
MAX_STEPS = 3_000_000

_GROUP_REFERENCE = re.compile(r"\$(?:(\$)|\{(\w+)\}|(\w+))")

Slots: TypeAlias = tuple[int, ...]


class _Machine:
    """One pattern on one text."""

    def __init__(self, program: Program, text: str) -> None:
        self._program = program
        self._text = text
        self._steps = 0

    def matches(self) -> Iterator[Slots]:
        """All matches, as Go's FindAll: an empty one right after another is left out."""
        previous = -1
        position = 0
        while position <= len(self._text):
            slots = self.search(position)
            if slots is None:
                return
            start, end = slots[0], slots[1]
            if not (start == end == previous):
                previous = end
                yield slots
            position = end + 1 if start == end else end

    def search(self, position: int) -> Slots | None:
        """The leftmost match from `position` on, of those the first that Perl would try."""
        code = self._program.code
        text = self._text
        empty: Slots = (-1,) * (2 * (self._program.groups + 1))
        threads: list[tuple[int, Slots]] = []
        found: Slots | None = None
        seen: set[int] = set()
        for i in range(position, len(text) + 1):
            if found is None:
                self._add(threads, seen, 0, i, empty)
            elif not threads:
                break
            upcoming: list[tuple[int, Slots]] = []
            following: set[int] = set()
            character = text[i : i + 1]
            for pc, slots in threads:
                instruction = code[pc]
                if instruction.op == "match":
                    found = slots
                    break
                if character and instruction.test is not None and instruction.test(character):
                    self._add(upcoming, following, pc + 1, i + 1, slots)
            threads, seen = upcoming, following
        return found

    def _add(self, threads: list[tuple[int, Slots]], seen: set[int], pc: int, i: int, slots: Slots) -> None:
        code = self._program.code
        stack = [(pc, slots)]
        while stack:
            pc, slots = stack.pop()
            if pc in seen:
                continue
            seen.add(pc)
            self._steps += 1
            if self._steps > MAX_STEPS:
                raise NotDone("takes too long")
            instruction = code[pc]
            op = instruction.op
            if op == "jump":
                stack.append((instruction.x, slots))
            elif op == "split":
                stack.append((instruction.y, slots))
                stack.append((instruction.x, slots))
            elif op == "save":
                stack.append((pc + 1, (*slots[: instruction.x], i, *slots[instruction.x + 1 :])))
            elif op == "assert":
                if self._holds(instruction.kind, i):
                    stack.append((pc + 1, slots))
            else:
                threads.append((pc, slots))

    def _holds(self, kind: str, i: int) -> bool:
        text = self._text
        if kind == "start":
            return i == 0
        if kind == "end":
            return i == len(text)
        if kind == "line_start":
            return i == 0 or text[i - 1] == "\n"
        if kind == "line_end":
            return i == len(text) or text[i] == "\n"
        boundary = (i > 0 and word(text[i - 1])) != (i < len(text) and word(text[i]))
        return boundary == (kind == "boundary")


def _group(text: str, slots: Slots, number: int) -> str | None:
    start, end = slots[2 * number], slots[2 * number + 1]
    return text[start:end] if start >= 0 and end >= 0 else None


def _result(program: Program, text: str, slots: Slots) -> Val:
    if program.groups == 0:
        return _group(text, slots, 0)
    if program.names:
        if len(program.names) != program.groups:
            raise TfError("named and unnamed groups in one regular expression")
        return {name: _group(text, slots, number) for name, number in program.names}
    return tuple(_group(text, slots, number) for number in range(1, program.groups + 1))


def _refused(error: NotDone) -> Unknown:
    return Unknown.because(f"a regular expression is not evaluated: {error}")


def regex(pattern: str, subject: str) -> Val:
    """`regex(pattern, string)`."""
    try:
        program = compile_pattern(pattern)
        slots = _Machine(program, subject).search(0)
    except NotDone as error:
        return _refused(error)
    if slots is None:
        raise TfError("the pattern of regex() did not match")
    return _result(program, subject, slots)


def regex_all(pattern: str, subject: str) -> Val:
    """`regexall(pattern, string)`."""
    try:
        program = compile_pattern(pattern)
        return TfList(_result(program, subject, slots) for slots in _Machine(program, subject).matches())
    except NotDone as error:
        return _refused(error)


def regex_replace(subject: str, pattern: str, replacement: str) -> Val:
    """`replace(string, "/pattern/", replacement)`, with Go's `$1` and `${name}`."""
    pieces: list[str] = []
    position = 0
    try:
        program = compile_pattern(pattern)
        for slots in _Machine(program, subject).matches():
            pieces.append(subject[position : slots[0]])
            pieces.append(_expanded(replacement, program, subject, slots))
            position = slots[1]
    except NotDone as error:
        return _refused(error)
    return "".join(pieces) + subject[position:]


def _expanded(replacement: str, program: Program, text: str, slots: Slots) -> str:
    names = dict(program.names)

    def expand(reference: re.Match[str]) -> str:
        if reference[1]:
            return "$"
        name = reference[2] or reference[3]
        number = int(name) if name.isascii() and name.isdigit() and len(name) < 6 else names.get(name, -1)
        return (_group(text, slots, number) or "") if 0 <= number <= program.groups else ""

    return _GROUP_REFERENCE.sub(expand, replacement)

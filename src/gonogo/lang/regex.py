"""`matches`: a subset of RE2 (https://github.com/google/re2/wiki/Syntax) in time linear in the text.

Python's `re` is neither: `$` matches before a last newline, `\\d` matches any script's digits, look-around is accepted, and a text of
a scanned repository could make it backtrack for years. What RE2 has and this has not (`\\p`, `\\Q`, `\\C`, `\\B`, octal escapes) is refused.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from gonogo.lang.regex_parser import Choice, Edge, Group, Node, Repeat, Run, is_word, parse_pattern

MAX_INSTRUCTIONS = 4_000
MAX_STATES = 2_000
# Of one search: instructions looked at while states are made. Patterns of rules need a few thousand; 10^6 take half a second.
MAX_WORK = 1_000_000
_END = -1


class TooCostly(Exception):
    """A search that would take too long; the message says so, for a reason."""


@dataclass(slots=True)
class _State:
    """Instructions to go on from, and what stood before: `` at the start of the text, a newline, a word character or another."""

    kernel: frozenset[int]
    before: str
    following: dict[int, _State] = field(default_factory=dict)


_MATCHED = _State(frozenset(), "")
_FAILED = _State(frozenset(), "")


@dataclass(slots=True)
class _Program:
    """A non-deterministic automaton: `steps` on characters, `jumps` on nothing, `edges` on a position. The last matches."""

    steps: dict[int, tuple[Run, int]] = field(default_factory=dict)
    jumps: dict[int, tuple[int, ...]] = field(default_factory=dict)
    edges: dict[int, tuple[str, int]] = field(default_factory=dict)
    count: int = 0

    def place(self) -> int:
        if self.count >= MAX_INSTRUCTIONS:
            raise ValueError("the pattern is too large")
        self.count += 1
        return self.count - 1

    def add(self, node: Node, then: int) -> int:
        """The instruction that matches `node` and goes on to `then`."""
        at = self.place()
        match node:
            case Run():
                self.steps[at] = (node, then)
            case Edge(kind=kind):
                self.edges[at] = (kind, then)
            case Group(parts=parts):
                for part in reversed(parts):
                    then = self.add(part, then)
                self.jumps[at] = (then,)
            case Choice(branches=branches):
                self.jumps[at] = tuple(self.add(branch, then) for branch in branches)
            case Repeat():
                self.jumps[at] = self._repeat(node, then)
        return at

    def _repeat(self, node: Repeat, then: int) -> tuple[int, ...]:
        start = then
        if node.most is None:
            start = self.place()
            self.jumps[start] = (self.add(node.node, start), then)
        else:
            for _ in range(node.most - node.least):
                optional = self.place()
                self.jumps[optional] = (self.add(node.node, start), then)
                start = optional
        for _ in range(node.least):
            start = self.add(node.node, start)
        return (start,)


class Pattern:
    """A compiled pattern: a lazily determinised automaton. The states it has met are kept, up to a bound."""

    def __init__(self, source: str) -> None:
        """Raises `ValueError` for what is not in the subset."""
        program = _Program()
        self._match = program.place()
        self._entry = program.add(parse_pattern(source), self._match)
        self._program = program
        runs = {run for run, _ in program.steps.values()}
        # Characters that no part of the pattern tells apart are one symbol: the index of the interval they lie in.
        bounds = {ord(c) for c in "\n0A_a"} | {ord(c) + 1 for c in "\n9Z_z"}
        bounds.update(edge for run in runs for first, last in run.ranges for edge in (first, last + 1))
        self._bounds = sorted(bounds)
        self._accepted = {run: self._symbols(run) for run in runs}
        self._ascii = [bisect_right(self._bounds, code) for code in range(128)]
        self._work = 0
        self._states: dict[tuple[frozenset[int], str], _State] = {}
        self._start = self._state(frozenset((self._entry,)), "")

    def _symbols(self, run: Run) -> frozenset[int]:
        return frozenset(
            symbol for first, last in run.ranges for symbol in range(bisect_right(self._bounds, first), bisect_right(self._bounds, last) + 1)
        )

    def search(self, text: str) -> bool:
        """Whether the pattern matches somewhere in `text`. Raises `TooCostly`."""
        self._work = 0
        state, ascii_symbols, bounds = self._start, self._ascii, self._bounds
        for character in text:
            code = ord(character)
            symbol = ascii_symbols[code] if code < 128 else bisect_right(bounds, code)
            following = state.following.get(symbol)
            if following is None:
                following = state.following[symbol] = self._advance(state, symbol, character)
            if following is _MATCHED:
                return True
            state = following
        final = state.following.get(_END)
        if final is None:
            final = state.following[_END] = _MATCHED if self._match in self._closure(state, "") else _FAILED
        return final is _MATCHED

    def _advance(self, state: _State, symbol: int, character: str) -> _State:
        reached = self._closure(state, character)
        self._work += len(reached)
        if self._work > MAX_WORK:
            raise TooCostly("a pattern takes too long to match")
        if self._match in reached:
            return _MATCHED
        steps = self._program.steps
        kernel = {self._entry}  # a match may begin at any character
        for at in reached:
            if at in steps and symbol in self._accepted[steps[at][0]]:
                kernel.add(steps[at][1])
        before = "\n" if character == "\n" else "w" if is_word(character) else "."
        return self._state(frozenset(kernel), before)

    def _state(self, kernel: frozenset[int], before: str) -> _State:
        found = self._states.get((kernel, before))
        if found is None:
            if len(self._states) >= MAX_STATES:
                for state in self._states.values():
                    state.following.clear()  # or states of before would keep each other alive
                self._states.clear()
            found = self._states[kernel, before] = _State(kernel, before)
        return found

    def _closure(self, state: _State, after: str) -> set[int]:
        """All instructions reached without reading a character, before the character `after` (`` at the end)."""
        jumps, edges = self._program.jumps, self._program.edges
        reached: set[int] = set()
        waiting = list(state.kernel)
        while waiting:
            at = waiting.pop()
            if at in reached:
                continue
            reached.add(at)
            if at in jumps:
                waiting.extend(jumps[at])
            elif at in edges and _holds(edges[at][0], state.before, after):
                waiting.append(edges[at][1])
        return reached


def _holds(kind: str, before: str, after: str) -> bool:
    match kind:
        case "start":
            return before == ""
        case "end":
            return after == ""
        case "line start":
            return before in ("", "\n")
        case "line end":
            return after in ("", "\n")
        case _:
            return (before == "w") != is_word(after)

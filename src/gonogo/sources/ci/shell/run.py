"""Walks a script as far as it can be known without running it: which commands run, with what words, and do failures count.

`counts` is three-valued: True where a failure of the command fails the script, False where it does not, None where that
cannot be told. The rules are those of POSIX.1 2.8.1 and `set -e` (2.14): a failure counts where errexit is on and the
command is neither tested (`if`, `while`, left of `&&`/`||`, after `!`) nor piped into another one without pipefail, or
where its status is that of the script.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TypeAlias

from gonogo.sources.ci.shell.ast import (
    AndOr,
    Assignment,
    Block,
    Case,
    Foreign,
    Function,
    Group,
    HereDocument,
    If,
    Literal,
    Loop,
    Node,
    Pipeline,
    Simple,
    Substitution,
    Variable,
    Word,
)  # fmt: skip

MAX_COMMANDS = 4000
MAX_CALLS = 12
MAX_REPEATS = 16

Counts: TypeAlias = "bool | None"
_Variables: TypeAlias = "dict[str, Text | tuple[Text, ...]]"


@dataclass(frozen=True, slots=True)
class Text:
    """A word as far as it is known. What is not known stays in `text` as it was written, and `known` is false."""

    text: str
    known: bool = True
    offset: int = 0

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Invocation:
    """A command that the script runs. `directory` is where, relative to the start; None where that is not known."""

    words: tuple[Text, ...]
    environment: Mapping[str, Text]
    offset: int
    counts: Counts
    directory: str | None
    stdin: HereDocument | None = None
    optional: bool = False
    """It stands in a branch or a loop that may not be taken."""
    taken: Counts = True
    """Whether it is run where the script is: None where something decides that is not known here, False where a known test keeps it out."""

    @property
    def program(self) -> str:
        return self.words[0].text


@dataclass(frozen=True, slots=True)
class Settings:
    """How the script is started. `resolve` gives the text of a CI expression, None where it is not known."""

    errexit: Counts = False
    pipefail: bool = False
    directory: str | None = ""
    variables: Mapping[str, Text] = field(default_factory=dict)
    arguments: Sequence[Text] = ()
    resolve: Callable[[str], str | None] = lambda _: None
    counts: Counts = True
    """Whether a failure of the whole script counts for who runs it."""
    home: str | None = None
    """The directory of the script's own file, as `directory`; None where it has none."""


def run(block: Block, settings: Settings, source: str = "") -> list[Invocation]:
    """The commands of a script in the order they are written; functions where they are called."""
    runner = _Runner(settings, source)
    with suppress(_Exit):
        runner.block(block, settings.counts, suppressed=False)
    return runner.found


# `cd "$(dirname "$0")/.."`, by which a script makes itself independent of where it is called, and the top of the repository.
_OWN_DIRECTORY = re.compile(r"(?:\$\(|`)dirname (?:-- )?\"?\$(?:\{?0\}?|\{?BASH_SOURCE(?:\[0\])?\}?)\"?[)`](?=/|$)")
_TOP = re.compile(r"(?:\$\(|`)git rev-parse --show-toplevel[)`](?=/|$)")


class _Ending(Enum):
    """How a command ends what it stands in with a failure."""

    NONE = 0
    UNCLEAR = 1
    STATUS = 2
    RETURN = 3
    EXIT = 4


class _Exit(Exception):
    """The script ends here."""


_EXITS_WITH_VARIABLE = re.compile(r"\b(exit|return)\s+\"?\$")
_WAITS_FOR_ONE = re.compile(r"\bwait\s+(?:-n\b|\"?[$%])(?![^\n;]*\|\|)")
# What is run for its status.
_TESTS = frozenset({"[", "test", "command", "which", "type", "grep", "false"})
_FAILING = frozenset({"die", "fail", "err", "error", "abort", "fatal", "panic", "bail", "usage"})


class _Runner:
    def __init__(self, settings: Settings, source: str) -> None:
        self.settings = settings
        self.errexit: Counts = settings.errexit
        self.pipefail = settings.pipefail
        self.directory = settings.directory
        self.variables: dict[str, Text | tuple[Text, ...]] = dict(settings.variables)
        for index, argument in enumerate(settings.arguments, 1):
            self.variables[str(index)] = argument
        if settings.arguments:
            self.variables["@"] = self.variables["*"] = tuple(settings.arguments)
        self.functions: dict[str, Node] = {}
        self.exits = self.returns = settings.counts
        self.calls = 0
        self.optional = 0
        self.taken: Counts = True
        self.found: list[Invocation] = []
        # `rc=$?; …; exit $rc` carries a failure past what `set -e` would have done.
        self.late_exit = bool(_EXITS_WITH_VARIABLE.search(source))
        self.waits = bool(_WAITS_FOR_ONE.search(source))

    # Statements

    def block(self, block: Block, tail: Counts, suppressed: bool) -> None:
        """Walk a list. `tail`: its status counts. `suppressed`: errexit is ignored, as in a condition."""
        final = len(block.statements) - 1
        for index, (node, background) in enumerate(block.statements):
            if background:
                # `wait $pid` gives its status; `wait` alone gives none (POSIX.1, wait).
                self.node(node, None if self.waits and self.errexit is not False else False, suppressed=self.waits is False)
                continue
            self.node(node, tail if index == final else False, suppressed)
            if isinstance(node, Simple) and node.words and node.words[0].plain == "exit" and not self.optional:
                raise _Exit

    def _counts(self, tail: Counts, suppressed: bool) -> Counts:
        """Whether the failure of a statement counts."""
        stops: Counts = False if suppressed else self.errexit
        if stops is False and self.late_exit:
            stops = None
        return _either(tail, stops)

    def node(self, node: Node, tail: Counts, suppressed: bool) -> None:
        """Walk one statement."""
        if len(self.found) >= MAX_COMMANDS:
            return
        if isinstance(node, Simple):
            self._simple(node, tail, suppressed)
        elif isinstance(node, Pipeline):
            self._pipeline(node, tail, suppressed)
        elif isinstance(node, AndOr):
            self._and_or(node, tail, suppressed)
        elif isinstance(node, If):
            self._if(node, tail, suppressed)
        elif isinstance(node, Loop):
            self._loop(node, tail, suppressed)
        elif isinstance(node, Case):
            self._branches(node.branches, tail, suppressed)
        elif isinstance(node, Function):
            self.functions[node.name] = node.body
        else:
            self._group(node, tail, suppressed)

    def _group(self, node: Group, tail: Counts, suppressed: bool) -> None:
        if not node.subshell:
            self.block(node.body, tail, suppressed)
            return
        saved = (self.errexit, self.pipefail, self.directory, dict(self.variables), self.exits)
        # `exit` in a subshell ends no more than the subshell.
        self.exits = self._counts(tail, suppressed)
        try:
            with suppress(_Exit):
                self.block(node.body, self.exits, suppressed)
        finally:
            self.errexit, self.pipefail, self.directory, self.variables, self.exits = saved

    def _pipeline(self, node: Pipeline, tail: Counts, suppressed: bool) -> None:
        for index, part in enumerate(node.parts):
            counted = not node.negated and (self.pipefail or index == len(node.parts) - 1)
            self.node(part, tail if counted else False, suppressed or not counted)

    def _and_or(self, node: AndOr, tail: Counts, suppressed: bool) -> None:
        nodes = [node.first, *(part for _, part in node.rest)]
        operators = [operator for operator, _ in node.rest]
        for index, part in enumerate(nodes[:-1]):
            rescue = next((i for i in range(index, len(operators)) if operators[i] == "||"), None)
            # Left of `&&` errexit is ignored: such a failure counts only as the status of the whole list.
            counts = tail if rescue is None else self._after(nodes[rescue + 1], tail, suppressed)
            self._guarded(self._passed(nodes, operators, index), part, counts, suppressed=True)
        alternative = operators[-1] == "||"
        self.optional += alternative
        self._guarded(self._passed(nodes, operators, len(nodes) - 1), nodes[-1], tail, suppressed)
        self.optional -= alternative

    def _passed(self, nodes: Sequence[Node], operators: Sequence[str], index: int) -> Counts:
        """Whether a part of a list is come to: behind `||` it may be, behind a test and `&&` where that holds."""
        if index and operators[index - 1] == "||":
            return None
        tests = [self._holds(part) for part in nodes[:index]]
        return False if False in tests else None if None in tests else True

    def _guarded(self, taken: Counts, node: Node, tail: Counts, suppressed: bool) -> None:
        before, self.taken = self.taken, _both(self.taken, taken)
        self.node(node, tail, suppressed)
        self.taken = before

    def _holds(self, node: Node) -> Counts:
        """Whether a test holds; a command that is no test is taken to succeed."""
        if not _is_test(node):
            return True
        assert isinstance(node, Simple)
        words = [text for word in node.words[1:] for text in self.expand(word)]
        if node.words[0].plain not in ("[", "test") or not all(word.known for word in words):
            return None
        match [word.text for word in words if word.text != "]"]:
            case ["-n", text] | [text]:
                return bool(text)
            case ["-z", text]:
                return not text
            case [one, "=" | "==", other]:
                return one == other
            case [one, "!=", other]:
                return one != other
        return None

    def _if(self, node: If, tail: Counts, suppressed: bool) -> None:
        negated = _is_negated(node.condition)
        rescue = node.then if negated else node.otherwise
        tested = self._after(Group(rescue, False), tail, suppressed) if rescue.statements else False
        self.block(_positive(node.condition) if negated else node.condition, tested, suppressed=True)
        condition = node.condition.statements[0][0] if len(node.condition.statements) == 1 else None
        holds = self._holds(condition) if condition is not None and _is_test(condition) else None
        self._branches((node.then, node.otherwise), tail, suppressed, (holds, None if holds is None else not holds))

    def _branches(self, branches: Sequence[Block], tail: Counts, suppressed: bool, taken: Sequence[Counts] = ()) -> None:
        self.optional += 1
        before, around = dict(self.variables), self.taken
        seen: list[_Variables] = []
        for index, branch in enumerate(branches):
            self.variables = dict(before)
            self.taken = _both(around, taken[index] if taken else None)
            self.block(branch, tail, suppressed)
            seen.append(self.variables)
        self.optional -= 1
        self.taken = around
        self.variables = _common(before, seen)

    def _loop(self, node: Loop, tail: Counts, suppressed: bool) -> None:
        self.block(node.condition, False, suppressed=True)
        self.optional += 1
        # The status of a loop is that of its last round: which one that is, is not known.
        inner: Counts = None if tail is True else tail
        values = [text for word in node.words for text in self.expand(word)]
        literal = values and len(values) <= MAX_REPEATS and all(v.known and not set(v.text) & set("*?[") for v in values)
        rounds = values if node.variable and literal else [None]
        around = self.taken
        if not node.variable and not _always(node.condition):
            self.taken = _both(around, None)
        for value in rounds:
            self.variables.pop(node.variable, None)
            if value is not None:
                self.variables[node.variable] = value
            self.block(node.body, inner, suppressed)
        self.variables.pop(node.variable, None)
        self.optional -= 1
        self.taken = around

    def _after(self, node: Node, tail: Counts, suppressed: bool) -> Counts:
        """Whether a failure counts after which `node` runs: `|| exit 1` hands it on, `|| true` does not."""
        ending = self._ending(node)
        if ending is _Ending.EXIT:
            return self.exits
        if ending is _Ending.RETURN:
            return self.returns
        if ending is _Ending.STATUS:
            return self._counts(tail, suppressed)
        return None if ending is _Ending.UNCLEAR else False

    def _ending(self, node: Node, depth: int = 0) -> _Ending:
        """How `node` certainly ends in a failure, if it does."""
        if depth > MAX_CALLS:
            return _Ending.UNCLEAR
        if isinstance(node, Simple):
            return self._simple_ending(node, depth)
        if isinstance(node, Group) and not node.subshell:
            endings = [self._ending(statement, depth + 1) for statement, _ in node.body.statements]
            strong = next((e for e in endings if e in (_Ending.EXIT, _Ending.RETURN)), None)
            if strong is not None:
                return strong
            if _Ending.UNCLEAR in endings:
                return _Ending.UNCLEAR
            return _Ending.STATUS if endings and endings[-1] is _Ending.STATUS else _Ending.NONE
        if isinstance(node, Group):
            inner = self._ending(Group(node.body, False), depth + 1)
            return inner if inner in (_Ending.NONE, _Ending.UNCLEAR) else _Ending.STATUS
        return _Ending.UNCLEAR if isinstance(node, If) else _Ending.NONE

    def _simple_ending(self, node: Simple, depth: int) -> _Ending:
        program = node.words[0].plain if node.words else None
        if program in ("exit", "return"):
            status = node.words[1].plain if len(node.words) > 1 else "$?"
            if status is not None and re.fullmatch(r"0+", status):
                return _Ending.NONE
            return _Ending.EXIT if program == "exit" else _Ending.RETURN
        if program == "false":
            return _Ending.STATUS
        if program in self.functions:
            inner = self._ending(self.functions[program], depth + 1)
            return _Ending.STATUS if inner is _Ending.RETURN else inner
        return _Ending.UNCLEAR if program in _FAILING else _Ending.NONE

    # Commands

    def _simple(self, node: Simple, tail: Counts, suppressed: bool) -> None:
        counts = self._counts(tail, suppressed)
        for assignment in node.assignments:
            self._substitutions(assignment.value, counts if not node.words else False)
            for item in assignment.items or ():
                self._substitutions(item, False)
        for word in node.words:
            self._substitutions(word, False)
        words = tuple(text for word in node.words for text in self.expand(word))
        if words and words[0].text.startswith(("[[", "((")):
            return
        environment = {a.name: self._value(a) for a in node.assignments}
        if not words or words[0].text in ("export", "declare", "local", "readonly", "typeset"):
            for assignment in node.assignments:
                self._assign(assignment)
            if not words:
                return
        stdin = next(iter(node.here), None)
        found = Invocation(words, environment, node.offset, counts, self.directory, stdin, self.optional > 0, self.taken)
        self.found.append(found)
        self._effect(found)
        body = self.functions.get(words[0].text)
        if body is not None and self.calls < MAX_CALLS:
            self._call(body, words[1:], counts, suppressed)

    def _call(self, body: Node, arguments: Sequence[Text], tail: Counts, suppressed: bool) -> None:
        positional = {str(i): argument for i, argument in enumerate(arguments, 1)}
        saved = {name: value for name, value in self.variables.items() if name.isdigit() or name in ("@", "*")}
        self.variables = {name: value for name, value in self.variables.items() if name not in saved}
        self.variables.update(positional)
        self.variables["@"] = self.variables["*"] = tuple(arguments)
        self.calls += 1
        returns, self.returns = self.returns, tail
        self.node(body, tail, suppressed)
        self.calls -= 1
        self.returns = returns
        for name in [n for n in self.variables if n.isdigit() or n in ("@", "*")]:
            del self.variables[name]
        self.variables.update(saved)

    def _substitutions(self, word: Word, counts: Counts) -> None:
        for part in word.parts:
            if isinstance(part, Substitution):
                saved = (self.errexit, self.directory, dict(self.variables))
                # A command substitution runs in a subshell of its own, which bash starts without errexit.
                self.errexit = False
                try:
                    with suppress(_Exit):
                        self.block(part.body, counts, suppressed=True)
                finally:
                    self.errexit, self.directory, self.variables = saved
            elif isinstance(part, Variable) and part.default is not None:
                self._substitutions(part.default, False)

    def _moved(self, target: Text) -> str | None:
        """Where `cd TARGET` leads."""
        for start, idiom in ((self.settings.home, _OWN_DIRECTORY), ("", _TOP)):
            found = idiom.match(target.text) if not target.known else None
            if found is not None:
                return _joined(start, Text(target.text[found.end() :].lstrip("/") or "."))
        return _joined(self.directory, target)

    def _effect(self, command: Invocation) -> None:
        """What the shell's own commands change for those that follow."""
        texts = [word.text for word in command.words]
        if texts[0] == "set":
            self._set(texts[1:])
        elif texts[0] in ("cd", "pushd") and len(texts) > 1:
            target = command.words[2 if texts[1] == "--" and len(texts) > 2 else 1]
            if not self.optional or self.directory is not None:
                self.directory = self._moved(target)
        elif texts[0] == "popd":
            self.directory = self.settings.directory
        elif texts[0] in ("unset",):
            for name in texts[1:]:
                self.variables.pop(name, None)

    def _set(self, arguments: Sequence[str]) -> None:
        for index, argument in enumerate(arguments):
            if argument[:1] not in "+-" or len(argument) < 2:
                continue
            on = argument[0] == "-"
            if "e" in argument[1:] and not argument.startswith("--"):
                self.errexit = on
            following = arguments[index + 1] if index + 1 < len(arguments) else ""
            if argument.endswith("o") and following == "pipefail":
                self.pipefail = on
            if argument.endswith("o") and following == "errexit":
                self.errexit = on

    # Words

    def _assign(self, assignment: Assignment) -> None:
        if assignment.items is not None:
            items = tuple(text for word in assignment.items for text in self.expand(word))
            held = self.variables.get(assignment.name)
            self.variables[assignment.name] = (*held, *items) if assignment.append and isinstance(held, tuple) else items
            return
        value = self._value(assignment)
        # `DIR=$(…)` says nothing about the value: the name is more telling than the command.
        telling = any(isinstance(part, Literal) and part.text for part in assignment.value.parts)
        if assignment.append:
            held = self.variables.get(assignment.name)
            text = held.text if isinstance(held, Text) else "${" + assignment.name + "}"
            value = Text(text + value.text, isinstance(held, Text) and held.known and value.known, value.offset)
        if value.known or telling:
            self.variables[assignment.name] = value
        else:
            self.variables.pop(assignment.name, None)

    def _value(self, assignment: Assignment) -> Text:
        return self._joined_text(assignment.value)

    def expand(self, word: Word) -> Iterator[Text]:
        """The fields of a word: one, or several where an unquoted value or an array is split."""
        telling = [part for part in word.parts if not isinstance(part, Literal) or part.text]
        if len(telling) == 1:
            part = telling[0]
            if isinstance(part, Variable) and isinstance(held := self.variables.get(part.name), tuple) and part.plain:
                yield from (replace(text, offset=word.offset) for text in held)
                return
            if isinstance(part, Variable | Foreign) and not part.quoted:
                found = self._part(part)
                if found.known or (" " in found.text and isinstance(part, Variable)):
                    yield from (Text(field, found.known, word.offset) for field in found.text.split())
                    return
        text = self._joined_text(word)
        yield text

    def _joined_text(self, word: Word) -> Text:
        texts = [self._part(part) for part in word.parts]
        return Text("".join(t.text for t in texts), all(t.known for t in texts), word.offset)

    def _part(self, part: Literal | Variable | Substitution | Foreign) -> Text:
        if isinstance(part, Literal):
            return Text(part.text)
        if isinstance(part, Foreign):
            found = self.settings.resolve(part.expression)
            return Text(part.source, False) if found is None else Text(found)
        if isinstance(part, Substitution):
            return Text(part.source, False)
        held = self.variables.get(part.name) if part.plain or part.default is not None else None
        if isinstance(held, tuple):
            return Text(" ".join(t.text for t in held), all(t.known for t in held))
        if held is not None and held.known:
            return held
        if part.default is not None and held is None:
            default = self._joined_text(part.default)
            # `${TAG:-latest}` names what is used when nobody decides; the tag itself is decided elsewhere.
            if default.known and default.text not in ("", "latest"):
                return default
        return held if held is not None else Text("${" + part.name + "}" if part.name else part.source, False)


def _either(one: Counts, other: Counts) -> Counts:
    return True if True in (one, other) else None if None in (one, other) else False


def _both(one: Counts, other: Counts) -> Counts:
    return False if False in (one, other) else None if None in (one, other) else True


def _is_test(node: Node) -> bool:
    program = node.words[0].plain if isinstance(node, Simple) and node.words else None
    return program is not None and (program in _TESTS or program.startswith(("[[", "((")))


def _always(block: Block) -> bool:
    """`while true`, `while :`."""
    node = block.statements[0][0] if len(block.statements) == 1 else None
    return isinstance(node, Simple) and bool(node.words) and node.words[0].plain in ("true", ":")


def _is_negated(block: Block) -> bool:
    return len(block.statements) == 1 and isinstance(block.statements[0][0], Pipeline) and block.statements[0][0].negated


def _positive(block: Block) -> Block:
    node = block.statements[0][0]
    assert isinstance(node, Pipeline)
    return Block(((replace(node, negated=False), False),))


def _common(before: _Variables, seen: Sequence[_Variables]) -> _Variables:
    """What is known after branches: values on which all that set them agree with what was there."""
    names = set(before).union(*seen) if seen else set(before)
    merged: _Variables = {}
    for name in names:
        values = [variables.get(name) for variables in seen]
        first = values[0] if values else before.get(name)
        if first is not None and all(value == first for value in values):
            merged[name] = first
    return merged


def _joined(directory: str | None, target: Text) -> str | None:
    if not target.known or directory is None:
        return None
    if target.text.startswith("/"):
        return None
    parts = [part for part in f"{directory}/{target.text}".split("/") if part not in ("", ".")]
    clean: list[str] = []
    for part in parts:
        if part == ".." and clean and clean[-1] != "..":
            clean.pop()
        else:
            clean.append(part)
    return "/".join(clean)

"""Which code of a Go application runs: from `main` and `init`, through what is loaded, called and handed on."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from gonogo.model.value import Unknown
from gonogo.sources.application.code.conditions import leaves, reason
from gonogo.sources.application.code.events import Event, Live, Trace, both
from gonogo.sources.application.code.libraries import Libraries
from gonogo.sources.application.code.syntax import Node
from gonogo.sources.application.code.values import (
    Call,
    Function,
    Instance,
    Literal,
    Opaque,
    Setting,
    Symbol,
    Symbolic,
    Table,
    flat,
    options,
)
from gonogo.sources.application.go.evaluate import Evaluator
from gonogo.sources.application.go.project import FUNCTIONS, GoFile, Package, Project

MAX_STEPS = 2_000_000
_BLOCKS = frozenset({"block", "statement_list", "expression_case", "type_case", "default_case", "communication_case"})
_ELSEWHERE = frozenset({"go_statement", "defer_statement", *FUNCTIONS})
_CASES = frozenset({"expression_case", "type_case", "default_case"})


class Walk:
    """Two rounds over the code: the first sees what functions and structs are given, the second what happens."""

    def __init__(self, project: Project, libraries: Libraries, evaluator: Evaluator) -> None:
        self._project = project
        self._libraries = libraries
        self._evaluator = evaluator
        self._steps = 0

    def run(self, mains: Sequence[str], live: Live = True) -> Trace:
        """What runs when the programs in these directories are started."""
        self._round(mains, live)
        self._evaluator.forget()
        return self._round(mains, live)

    def _round(self, mains: Sequence[str], live: Live) -> Trace:
        self._trace = Trace()
        self._events: dict[Node, Event] = {}
        self._seen: dict[Node, Live] = {}
        self._queue: deque[tuple[Node, GoFile, Live, bool]] = deque()
        for directory in mains:
            self._load(directory, live)
        while self._queue:
            self._body(*self._queue.popleft())
        self._trace.events = list(self._events.values())
        return self._trace

    def unreached(self, trace: Trace, directories: Sequence[str]) -> None:
        """Add what the packages in `directories` and the functions that nobody calls would do."""
        for directory in directories:
            package = self._project.package(directory)
            self._know(package)
            for file in package.files:
                live = trace.live_of_unreached(directory)
                for node in file.parsed.root.below():
                    if node.type == "call_expression" and node not in self._events:
                        call = self._evaluator.call(node, file)
                        if call is not None:
                            within = next((n for n in node.above() if n.type in FUNCTIONS), None)
                            self._events[node] = Event(call, live, within)
        trace.events = list(self._events.values())

    def _know(self, package: Package) -> None:
        for file in package.files:
            self._evaluator.know(file)

    def _load(self, directory: str, live: Live) -> None:
        before = self._trace.reached.get(directory)
        if before is True or (before is not None and live is not True):
            return
        self._trace.reached[directory] = live
        package = self._project.package(directory)
        self._know(package)
        for file in package.files:
            for path in file.blank:
                found = self._project.directory_of(path)
                if found is not None:
                    self._load(found, live)
        for file in package.files:
            for node in file.parsed.root.children:
                if node.type in ("var_declaration", "const_declaration"):
                    self._enqueue(node, file, live, setup=True)
        for node, file in package.starts:
            self._enqueue(node, file, live, setup=True)

    def _enqueue(self, node: Node, file: GoFile, live: Live, *, setup: bool = False) -> None:
        """Walk a body later. `setup`: it runs once, when the application starts, and not for each request."""
        before = self._seen.get(node)
        if before is True or (before is not None and live is not True):
            return
        self._seen[node] = live
        self._queue.append((node, file, live, setup))

    def _body(self, start: Node, file: GoFile, live: Live, setup: bool) -> None:
        stack: list[tuple[Node, Live, str]] = []
        self._push(stack, start, live, "", is_main=_is_main(start))
        while stack:
            node, here, why = stack.pop()
            self._steps += 1
            if self._steps > MAX_STEPS:
                self._trace.opaque = self._trace.opaque or "the application is too large to follow to its end"
                return
            kind = node.type
            if kind == "func_literal":
                self._enqueue(node, file, here)
                continue
            if kind == "if_statement":
                self._branches(stack, node, file, here, why)
                continue
            # What a set-up does only under a condition is not known to be set up; a handler asks conditions all the time.
            runs = both(here, Unknown.because(why)) if why and setup else here
            if kind == "call_expression":
                self._call(node, file, runs, start, setup, why)
                if node in self._events and self._libraries.matches(self._libraries.data["blocks"], self._events[node].call.callee):
                    _end_after(node, stack)
            elif kind == "composite_literal":
                self._composite(node, file, runs, start)
            elif kind == "assignment_statement":
                self._assigned(node, file, runs, start)
            elif kind in ("identifier", "selector_expression") and not _is_declared(node):
                self._mention(node, file, here)
            under = f"it is one case of a switch, which line {node.line} decides" if kind in _CASES else why
            self._push(stack, node, here, under, is_main=_is_main(start))

    def _push(self, stack: list[tuple[Node, Live, str]], node: Node, live: Live, why: str, *, is_main: bool) -> None:
        """The children of a node, each with the condition that it stands under. What `main` does before its server starts leaves often."""
        found: list[tuple[Node, Live, str]] = []
        for child in node.children:
            found.append((child, live, why))
            if child.type == "if_statement" and not why and not is_main:
                why = leaves(child, child.fields.get("condition"), child.fields.get("consequence"))
            if child.type == "return_statement" and not any(c.type == "labeled_statement" for c in node.children):
                break  # what follows never runs
        stack.extend(reversed(found))

    def _branches(self, stack: list[tuple[Node, Live, str]], node: Node, file: GoFile, live: Live, why: str) -> None:
        """The parts of an `if`. What a setting decides runs only where it is so set."""
        condition = node.fields.get("condition")
        value = self._evaluator.value(condition, file) if condition is not None else None
        truth = bool(value.value) if isinstance(value, Literal) else None
        setting = self._setting(condition, file) if truth is None else ""
        inner: Live = both(live, Unknown.because(f"it runs only where the environment variable {setting} says so")) if setting else live
        under = why or (reason(condition) if truth is None else "")
        consequence, alternative = node.fields.get("consequence"), node.fields.get("alternative")
        found = [(child, live, why) for child in node.children if child not in (consequence, alternative)]
        if consequence is not None and truth is not False:
            found.append((consequence, inner, under))
        if alternative is not None and truth is not True:
            found.append((alternative, inner, under))
        stack.extend(reversed(found))

    def _setting(self, condition: Node | None, file: GoFile) -> str:
        for node in condition.below() if condition is not None else ():
            if node.type in ("identifier", "call_expression", "selector_expression"):
                for value in options(self._evaluator.value(node, file)):
                    if isinstance(value, Setting):
                        return value.name
        return ""

    def _call(self, node: Node, file: GoFile, live: Live, start: Node, setup: bool, why: str) -> None:
        call = self._evaluator.call(node, file)
        arguments = call.arguments if call is not None else self._evaluator.arguments(node, file)
        if call is not None:
            before = self._events.get(node)
            if before is None or before.live is not True:
                self._events[node] = Event(call, live, start, why)
            self._hand_on(call)
            for argument in (v for a in arguments for v in flat(a)):
                self._methods(argument, live)
        else:
            self._own(node, file, live, start, setup, arguments)
        for argument in arguments:
            self._take(argument, live)

    def _own(self, node: Node, file: GoFile, live: Live, start: Node, setup: bool, arguments: Sequence[Symbolic]) -> None:
        function = node.fields.get("function")
        for option in options(self._evaluator.value(function, file)):
            if isinstance(option, Function):
                self._trace.calls_of.setdefault(start, []).append((option, live))
                for index, argument in enumerate(arguments):
                    known = self._evaluator.bound[option.node, index]
                    if argument not in known and len(known) < 8:
                        known.append(argument)
                if any(self._handles(v) for a in arguments for v in flat(a)):
                    self._trace.wrappers.add(option.node)
                self._enqueue_function(option, live, setup=setup)
            elif isinstance(option, Opaque) and function is not None and not function.type.endswith("_type"):
                self._trace.unresolved[start] = f"{file.path}:{node.line} calls {function.text[:60]}, and {option.reason}"
                if function.type == "selector_expression" and "field" in function.fields:
                    for method, where in self._project.methods_named.get(function.fields["field"].text, ())[:20]:
                        self._evaluator.know(where)
                        self._enqueue(method, where, live)

    def _handles(self, value: Symbolic) -> bool:
        """Whether a value is a router, or a handler that a library made."""
        return isinstance(value, Symbol) and self._libraries.matches(self._libraries.data["handlers"], value.path)

    def _hand_on(self, call: Call) -> None:
        """What a library calls the functions with that it is given."""
        for row in self._libraries.callbacks.get(call.callee, ()):
            position = row["argument"]
            given = call.arguments[position:] if row.get("rest") else call.arguments[position : position + 1]
            for function in (f for argument in given for f in flat(argument)):
                if isinstance(function, Function):
                    for index, path in enumerate(row["parameters"]):
                        made = call.of if path == "self" and call.of is not None else Symbol(path, call, call.of)
                        known = self._evaluator.bound[function.node, index]
                        if made not in known and len(known) < 8:
                            known.append(made)

    def _composite(self, node: Node, file: GoFile, live: Live, start: Node) -> None:
        """What the fields of a struct are given where one is made; one of a library's says something like a call."""
        table = self._evaluator.value(node, file)
        if not isinstance(table, Table):
            return
        if table.node is None and table.type:
            self._events[node] = Event(Call(f"{table.type}{{}}", node, file.path, (table,)), live, start)
        for name, value in table.entries.items():
            if table.node is not None:
                self._given(table.node, name, value)
            self._take(value, live)

    def _assigned(self, node: Node, file: GoFile, live: Live, start: Node) -> None:
        left, right = node.fields.get("left"), node.fields.get("right")
        if left is None or right is None or len(left.children) != len(right.children):
            return
        for target, value in zip(left.children, right.children, strict=True):
            if target.type != "selector_expression" or "field" not in target.fields:
                continue
            for thing in options(self._evaluator.value(target.fields.get("operand"), file)):
                if isinstance(thing, Instance) or (isinstance(thing, Table) and thing.node is not None):
                    assert thing.node is not None
                    self._given(thing.node, target.fields["field"].text, self._evaluator.value(value, file))
                else:
                    self._set(thing, target, self._evaluator.value(value, file), file, live, start)

    def _set(self, thing: Symbolic, target: Node, value: Symbolic, file: GoFile, live: Live, start: Node) -> None:
        """`log.Level = …` says what `log.SetLevel(…)` does."""
        path = thing.path if isinstance(thing, Symbol) else f"{thing.type}{{}}" if isinstance(thing, Table) and thing.type else ""
        if path:
            of = thing if isinstance(thing, Symbol) else None
            self._events[target] = Event(Call(f"{path}.{target.fields['field'].text}=", target, file.path, (value,), of), live, start)

    def _given(self, struct: Node, name: str, value: Symbolic) -> None:
        known = self._evaluator.fields[struct, name]
        if value not in known and len(known) < 8:
            known.append(value)

    def _mention(self, node: Node, file: GoFile, live: Live) -> None:
        value = self._evaluator.value(node, file)
        if node.parent is None or node.parent.fields.get("function") is not node:
            self._take(value, live)  # of what is called the call itself says what becomes
        for option in options(value):
            if isinstance(option, Symbol) and option.call is not None and (node.parent is None or node.parent.type != "selector_expression") and not _is_target(node):
                self._trace.named.add(option.call)
            if isinstance(option, Symbol) and not option.path.startswith(("global:", "local:")) and "(" not in option.path:
                before = self._trace.mentions.get(option.path)
                if before is None or (before[0] is not True and live is True):
                    self._trace.mentions[option.path] = (live, file.path, node)

    def _take(self, value: Symbolic, live: Live) -> None:
        """A function that is named may be called."""
        for option in flat(value):
            if isinstance(option, Function):
                self._enqueue_function(option, live)

    def _methods(self, value: Symbolic, live: Live) -> None:
        """A library may call any method of what it is given: it sees an interface."""
        node = value.node if isinstance(value, Instance | Table) else None
        name = node.fields["name"].text if node is not None and "name" in node.fields else ""
        path = value.file if isinstance(value, Instance) else value.type.partition(" ")[2] if isinstance(value, Table) else ""
        if name and path:
            for method, file in self._project.package(self._evaluator.file(path).package).methods.get(name, {}).values():
                self._enqueue(method, file, live)

    def _enqueue_function(self, function: Function, live: Live, *, setup: bool = False) -> None:
        self._enqueue(function.node, self._evaluator.file(function.file), live, setup=setup)


def _end_after(call: Node, stack: list[tuple[Node, Live, str]]) -> None:
    """What follows a call that serves for ever, in the same block, runs when the server has ended."""
    block = call.parent
    while block is not None and block.type not in _BLOCKS:
        if block.type in _ELSEWHERE:
            return
        block = block.parent
    for index, (node, _, why) in enumerate(stack):
        if node.parent is block:
            stack[index] = (node, False, why)


def _is_declared(node: Node) -> bool:
    parent = node.parent
    return parent is not None and parent.type in ("parameter_declaration", "function_declaration", "var_spec", "const_spec") and parent.fields.get("value") is not node


def _is_target(node: Node) -> bool:
    """Whether a name stands on the left of an assignment."""
    listed = node.parent
    statement = listed.parent if listed is not None and listed.type == "expression_list" else None
    return statement is not None and statement.fields.get("left") is listed


def _is_main(node: Node) -> bool:
    return node.type == "function_declaration" and "name" in node.fields and node.fields["name"].text == "main"

"""Which code of an application runs: from the modules it starts with, through what they import, call and hand on."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from gonogo.model.value import Unknown
from gonogo.sources.application.code.conditions import leaves, reason
from gonogo.sources.application.code.events import Event, Live, Trace, both
from gonogo.sources.application.code.libraries import Libraries
from gonogo.sources.application.code.syntax import Node
from gonogo.sources.application.code.values import Call, Function, Instance, Module, Opaque, Symbol, Symbolic, flat, options
from gonogo.sources.application.javascript.evaluate import Evaluator
from gonogo.sources.application.javascript.project import Project
from gonogo.sources.application.javascript.scopes import CLASSES, FUNCTIONS, SourceModule, string

_DECLARED = frozenset({"function_declaration", "generator_function_declaration", "class_declaration", "abstract_class_declaration"})
_NAMES = frozenset({"identifier", "shorthand_property_identifier", "member_expression"})
_CALLS = frozenset({"call_expression", "new_expression"})
_BRANCHING = frozenset({"if_statement", "ternary_expression", "binary_expression"})
_LEAVING = frozenset({"return_statement", "throw_statement"})
_CASES = frozenset({"switch_case", "switch_default"})
MAX_STEPS = 2_000_000


class Walk:
    """Two rounds over the code: the first sees what functions are called with, the second what happens."""

    def __init__(self, project: Project, libraries: Libraries, evaluator: Evaluator) -> None:
        self._project = project
        self._libraries = libraries
        self._evaluator = evaluator
        self._steps = 0

    def run(self, entries: Sequence[str], exported: Sequence[str] = (), live: Live = True) -> Trace:
        """What runs when `entries` are loaded; of `exported` a framework calls what they export."""
        self._round(entries, exported, live)
        self._evaluator.forget()
        return self._round(entries, exported, live)

    def _round(self, entries: Sequence[str], exported: Sequence[str], live: Live) -> Trace:
        self._trace = Trace()
        self._events: dict[Node, Event] = {}
        self._plugins: dict[Node, Event] = {}
        self._seen: dict[Node, Live] = {}
        self._queue: deque[tuple[Node, SourceModule, Live, bool]] = deque()
        for path in (*entries, *exported):
            self._load(path, live)
        for path in exported:
            module = self._project.module(path)
            for name in sorted(module.exports) if module is not None else ():
                value = self._evaluator.exported(Module(path), name)
                for function in flat(value):
                    if isinstance(function, Function):
                        self._bind(function, [Symbol("framework:request"), Symbol("framework:response")])
                self._take(value, live)
        self._drain()
        self._trace.events = [*self._events.values(), *self._plugins.values()]
        return self._trace

    def unreached(self, trace: Trace, paths: Sequence[str]) -> None:
        """Add what the modules at `paths` and the functions that nobody calls would do."""
        for path in paths:
            module = self._project.module(path)
            for node in module.parsed.root.below() if module is not None else ():
                if node.type in _CALLS and node not in self._events and module is not None:
                    call = self._evaluator.call(node, module)
                    if call is not None:
                        self._events[node] = Event(call, trace.live_of_unreached(path), _function_of(node))
        trace.events = [*self._events.values(), *self._plugins.values()]

    def _load(self, path: str, live: Live) -> None:
        before = self._trace.reached.get(path)
        if before is True or (before is not None and live is not True):
            return
        self._trace.reached[path] = live
        module = self._project.module(path)
        if module is not None:
            self._enqueue(module.parsed.root, module, live, setup=True)

    def _enqueue(self, node: Node, module: SourceModule, live: Live, *, setup: bool = False) -> None:
        """Walk a body later. `setup`: it runs once, when the application starts, and not for each request."""
        before = self._seen.get(node)
        if before is True or (before is not None and live is not True):
            return
        self._seen[node] = live
        self._queue.append((node, module, live, setup))

    def _drain(self) -> None:
        while self._queue:
            self._body(*self._queue.popleft())

    def _body(self, start: Node, module: SourceModule, live: Live, setup: bool) -> None:
        """Walk a body. Functions in it are walked by themselves: those without a name as if called, the others where their name is used."""
        stack: list[tuple[Node, Live, str]] = []
        self._push(stack, start, module, live, "")
        while stack:
            node, here, why = stack.pop()
            self._steps += 1
            if self._steps > MAX_STEPS:
                self._trace.opaque = self._trace.opaque or "the application is too large to follow to its end"
                return
            kind = node.type
            if kind in FUNCTIONS or kind in CLASSES:
                if kind in CLASSES:
                    self._decorated(node, module, here)
                if kind not in _DECLARED and not _is_named(node):
                    self._enqueue(node, module, here)
                continue
            if kind in _BRANCHING and self._branches(stack, node, module, here, why):
                continue
            if kind in ("import_statement", "export_statement"):
                self._imports(node, module, here)
                if kind == "import_statement":
                    continue
            elif kind in _CALLS:
                # What a set-up does only under a condition is not known to be set up; a handler asks conditions all the time.
                runs = both(here, Unknown.because(why)) if why and setup else here
                self._call(node, module, runs, start, setup, why)
            elif kind in _NAMES and not _is_property(node):
                self._mention(node, module, here)
            self._push(stack, node, module, here, f"it is one case of a switch, which line {node.line} decides" if kind in _CASES else why)

    def _push(self, stack: list[tuple[Node, Live, str]], node: Node, module: SourceModule, live: Live, why: str) -> None:
        """The children of a node, each with the condition that it stands under."""
        found: list[tuple[Node, Live, str]] = []
        left = False
        for child in node.children:
            if left and child.type not in _DECLARED:
                continue  # what follows never runs; functions are declared before all
            left = left or child.type in _LEAVING
            found.append((child, live, why))
            if child.type == "if_statement" and not why and self._evaluator.truth(child.fields.get("condition"), module) is None:
                why = leaves(child, child.fields.get("condition"), child.fields.get("consequence"))
        stack.extend(reversed(found))

    def _decorated(self, node: Node, module: SourceModule, live: Live) -> None:
        """A decorator is called when its class is declared."""
        around = [node, *([node.parent] if node.parent is not None and node.parent.type == "export_statement" else [])]
        for holder in around:
            for child in holder.children:
                if child.type == "decorator":
                    self._enqueue(child, module, live)

    def _imports(self, node: Node, module: SourceModule, live: Live) -> None:
        for found in module.imports:
            if found.node is node:
                self._import(found.source, module, live)

    def _import(self, source: str, module: SourceModule, live: Live) -> None:
        found = self._project.find(source, module.path)
        if found.path:
            self._load(found.path, live)

    def _branches(self, stack: list[tuple[Node, Live, str]], node: Node, module: SourceModule, live: Live, why: str) -> bool:
        """The parts of an `if`, `?:` or `&&`, as far as they may run; false where a node is none of them."""
        if node.type == "binary_expression":
            if "operator" not in node.fields or node.fields["operator"].text != "&&":
                return False
            condition, consequence, alternative = node.fields.get("left"), node.fields.get("right"), None
        else:
            condition, consequence, alternative = (node.fields.get(name) for name in ("condition", "consequence", "alternative"))
        truth = self._evaluator.truth(condition, module)
        setting = self._evaluator.depends(condition, module) if truth is None else ""
        inner: Live = both(live, Unknown.because(f"it runs only where the environment variable {setting} says so")) if setting else live
        under = why or (reason(condition) if truth is None else "")
        found = [(condition, live, why)] if condition is not None else []
        if consequence is not None and truth is not False:
            found.append((consequence, inner, under))
        if alternative is not None and truth is not True:
            found.append((alternative, inner, under))
        stack.extend(reversed(found))
        return True

    def _call(self, node: Node, module: SourceModule, live: Live, start: Node, setup: bool, why: str) -> None:
        function = node.fields.get("function") or node.fields.get("constructor")
        if function is not None and (function.type == "import" or (function.text == "require" and not module.resolve(function, "require"))):
            self._require(node, module, live)
            return
        call = self._evaluator.call(node, module)
        arguments = call.arguments if call is not None else self._evaluator.arguments(node, module)
        if call is not None:
            self._event(node, Event(call, live, start, why))
            self._plugin(node, call, live, start)
            self._hand_on(call)
        else:
            callee = self._evaluator.value(function, module)
            if isinstance(callee, Module):
                callee = self._evaluator.exported(callee, "default")
            self._then(function, module, arguments)
            for option in options(callee):
                if isinstance(option, Function):
                    self._trace.calls_of.setdefault(start, []).append((option, live))
                    self._bind(option, arguments)
                    self._enqueue_function(option, live, setup=setup)
                elif isinstance(option, Opaque) and function is not None:
                    self._trace.unresolved[start] = f"{module.path}:{node.line} calls {function.text[:60]}, and {option.reason}"
        for argument in arguments:
            self._take(argument, live)

    def _then(self, function: Node | None, module: SourceModule, arguments: Sequence[Symbolic]) -> None:
        """`import("./main").then(({start}) => start())` hands on what is awaited."""
        if function is not None and function.type == "member_expression" and function.fields["property"].text == "then" and arguments:
            for option in options(arguments[0]):
                if isinstance(option, Function):
                    self._bind(option, [self._evaluator.value(function.fields["object"], module)])

    def _event(self, node: Node, event: Event) -> None:
        before = self._events.get(node)
        if before is None or before.live is not True:
            self._events[node] = event

    def _plugin(self, node: Node, call: Call, live: Live, start: Node) -> None:
        """`register(plugin, options)` is the plugin called with its options, and applied."""
        for row in self._libraries.rows("plugins"):
            if call.callee in row["calls"] and row["plugin"] < len(call.arguments):
                for plugin in options(call.arguments[row["plugin"]]):
                    if isinstance(plugin, Symbol) and "(" not in plugin.path:
                        given = call.arguments[row["options"] : row["options"] + 1]
                        self._plugins[node] = Event(Call(plugin.path, node, call.file, given), live, start, applied_to=call.of)

    def _hand_on(self, call: Call) -> None:
        """What a library calls the functions with that it is given."""
        for row in self._libraries.callbacks.get(call.callee, ()):
            position = row["argument"]
            given = call.arguments[position:] if row.get("rest") else call.arguments[position : position + 1]
            for function in (f for argument in given for f in flat(argument)):
                if isinstance(function, Function):
                    made = [call.of if path == "self" and call.of is not None else Symbol(path, call, call.of) for path in row["parameters"]]
                    self._bind(function, made)

    def _bind(self, function: Function, arguments: Sequence[Symbolic]) -> None:
        node = function.node
        if node.type in CLASSES:
            body = node.fields.get("body")
            node = next((m for m in (body.children if body is not None else ()) if m.type == "method_definition" and m.fields["name"].text == "constructor"), node)
        for index, argument in enumerate(arguments):
            known = self._evaluator.bound[node, index]
            if argument not in known and len(known) < 8:
                known.append(argument)

    def _require(self, node: Node, module: SourceModule, live: Live) -> None:
        listed = node.fields.get("arguments")
        source = string(listed.children[0]) if listed is not None and listed.children else None
        if source is not None:
            self._import(source, module, live)
        elif live is not False:
            self._trace.opaque = self._trace.opaque or f"{module.path}:{node.line} loads modules whose names the code computes"

    def _mention(self, node: Node, module: SourceModule, live: Live) -> None:
        value = self._evaluator.value(node, module)
        if node.parent is None or node.parent.fields.get("function") is not node:
            self._take(value, live)  # of what is called the call itself says what becomes
        for option in options(value):
            if isinstance(option, Symbol) and option.call is not None and (node.parent is None or node.parent.type != "member_expression"):
                self._trace.named.add(option.call)
            if isinstance(option, Symbol) and not option.path.startswith("global:") and "(" not in option.path:
                before = self._trace.mentions.get(option.path)
                if before is None or (before[0] is not True and live is True):
                    self._trace.mentions[option.path] = (live, module.path, node)

    def _take(self, value: Symbolic, live: Live) -> None:
        """A value that is named may be called."""
        for option in flat(value):
            if isinstance(option, Function):
                self._enqueue_function(option, live)
            elif isinstance(option, Module):
                self._load(option.path, live)
            elif isinstance(option, Instance):
                self._enqueue_function(Function(option.node, option.file), live)

    def _enqueue_function(self, function: Function, live: Live, *, setup: bool = False) -> None:
        module = self._project.module(function.file)
        if module is not None:
            self._enqueue(function.node, module, live, setup=setup)


def _is_named(node: Node) -> bool:
    """Whether a function is the value of a name, so that it runs only where that name is used."""
    parent = node.parent
    if parent is None:
        return False
    if parent.type == "variable_declarator":
        return True
    if parent.type == "class_body":
        return False
    return parent.type in ("assignment_expression", "export_statement")


def _is_property(node: Node) -> bool:
    parent = node.parent
    return parent is not None and (
        (parent.type == "member_expression" and parent.fields.get("property") is node)
        or (parent.type == "variable_declarator" and parent.fields.get("name") is node)
        or (parent.type == "pair" and parent.fields.get("key") is node)
    )


def _function_of(node: Node) -> Node | None:
    return next((n for n in node.above() if n.type in FUNCTIONS), None)



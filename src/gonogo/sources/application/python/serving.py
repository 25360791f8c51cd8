"""Applications and routers that nothing serves: no server is given them, and nothing mounts them.

What hangs on such an object (routes, middleware, documentation) answers nobody, although the code that makes it runs. Only objects
that a module keeps under a name of its own are judged, and only those that nobody is seen to hand on: whatever leaves the module, is an
argument of something that may mount it, or is given to a function of the application, may be served.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from gonogo.sources.application.python.modules import Module, Site
from gonogo.sources.application.python.program import Program
from gonogo.sources.application.python.values import Values

# What serves an object itself, and what takes one to serve it as a part.
_RUNS = frozenset({"run", "run_server", "run_app", "listen", "serve", "start"})
_TAKES = frozenset({*_RUNS, "mount", "Mount", "include_router", "register_blueprint", "add_namespace", "add_routes", "add_router", "add_subapp", "add_api", "Config", "append", "extend", "add", "register"})
_DEFAULTS = frozenset({"app", "application", "create_app", "make_app"})


class Serving:
    """Which of the objects that `sites` make are served by nobody."""

    def __init__(self, program: Program, values: Values, sites: Iterable[Site]) -> None:
        self._program = program
        self._values = values
        self._off: defaultdict[str, set[str]] = defaultdict(set)
        """The names by the path of their module."""
        self._made: set[ast.Call] = set()
        if not program.entries.found or program.entries.unknown:
            return
        named = [(site, label) for site in sites if site.unit is site.module.top for label in _labels(site)]
        for site, label in named:
            if not self._starts(site.module, label) and not self._leaves(site.module, label) and not _handed_on(site.module, label, self._is_own):
                self._off[site.module.path].add(label)
                self._made.add(site.call)

    def is_off(self, site: Site) -> bool:
        """Whether a call hangs on an object that nobody serves: it makes it, is a method of it, or is given it."""
        if site.call in self._made:
            return True
        off = self._off.get(site.module.path)
        if not off:
            return False
        return any(name in off for name in _names(site.call))

    def is_on_nothing(self, site: Site) -> bool:
        """Whether a decorator stands on a handler whose routes are all of objects that nobody serves."""
        off = self._off.get(site.module.path)
        if not off or site.decorates is None:
            return False
        roots = [_root(d) for d in site.decorates.decorator_list]
        return any(root in off for root in roots)

    def _starts(self, module: Module, label: str) -> bool:
        """Whether a server is told to serve it."""
        for entry in self._program.entries.found:
            if entry.path == module.path and (label == entry.attribute.partition(".")[0] or (not entry.attribute and not entry.script and label in _DEFAULTS)):
                return True
        return False

    def _leaves(self, module: Module, label: str) -> bool:
        """Whether another module names it."""
        for other in self._program.modules.values():
            if other is module:
                continue
            if module.name in other.stars or any(target.rpartition(".")[2] == label for target in other.names.values()):
                return True
            if any(label in unit.references for unit in (other.top, *other.units.values())) and any(_same(target, module.name) for target in other.names.values()):
                return True
        return False

    def _is_own(self, call: ast.Call, module: Module) -> bool:
        return self._values.function_of(call.func, module.top) is not None or self._values.class_of(call.func, module.top) is not None


def _same(target: str, module: str) -> bool:
    return bool(module) and (target == module or target.endswith(f".{module}") or module.endswith(f".{target}") or module.startswith(f"{target}."))


def _labels(site: Site) -> list[str]:
    return sorted(name for name, values in site.unit.assigned.items() if name.isidentifier() and any(value is site.call for value, _ in values))


def _handed_on(module: Module, label: str, is_own: Callable[[ast.Call, Module], bool]) -> bool:
    """Whether something of its own module may serve an object, or hands it on to what may."""
    parents: dict[ast.AST, ast.AST] = {child: node for statement in module.body for node in ast.walk(statement) for child in ast.iter_child_nodes(node)}
    strings = (node.value for statement in module.body for node in ast.walk(statement) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    if any(text.endswith(f":{label}") or text == label for text in strings):
        return True
    for node in parents:
        if isinstance(node, ast.Name) and node.id == label and isinstance(node.ctx, ast.Load) and _passes(node, parents, module, is_own):
            return True
    return False


def _passes(name: ast.Name, parents: Mapping[ast.AST, ast.AST], module: Module, is_own: Callable[[ast.Call, Module], bool]) -> bool:
    """Whether this mention of an object hands it on."""
    parent = parents[name]
    if isinstance(parent, ast.Attribute):
        above = parents.get(parent)
        if isinstance(above, ast.Call) and above.func is parent:
            return parent.attr in _RUNS  # its own method
        if isinstance(above, ast.Attribute | ast.Subscript):
            return False  # `app.state.limiter = …`, `app.config["KEY"]`, `app.add_middleware` of it
        return isinstance(parent.ctx, ast.Load)
    call: ast.AST | None = parent
    if isinstance(call, ast.keyword):
        call = parents.get(call)
    if not isinstance(call, ast.Call) or call.func is name:
        return True
    while True:
        if _last(call.func) in _TAKES or is_own(call, module):
            return True
        above = parents.get(call)
        chained = parents.get(above) if isinstance(above, ast.Attribute) else None
        if isinstance(chained, ast.Call) and chained.func is above:
            call = chained  # `Instrumentator().instrument(app).expose(app)`
            continue
        # What a library makes of it, and nobody keeps, is about the object alone.
        return not isinstance(above, ast.Expr)


def _names(call: ast.Call) -> Iterator[str]:
    """The names that a call is a method of, or is given."""
    yield _root(call.func)
    for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
        if isinstance(argument, ast.Name):
            yield argument.id
    if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Call):
        yield from _names(call.func.value)


def _root(expression: ast.expr) -> str:
    at: ast.expr = expression
    while isinstance(at, ast.Attribute | ast.Call | ast.Subscript):
        at = at.func if isinstance(at, ast.Call) else at.value
    return at.id if isinstance(at, ast.Name) else ""


def _last(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""

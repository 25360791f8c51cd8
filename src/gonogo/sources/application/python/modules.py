"""One Python module, walked once: what it imports, assigns, defines and calls, and under which conditions."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from gonogo.model.location import Location

Guard: TypeAlias = tuple[ast.expr, bool]
"""A condition, and whether it must hold."""
Guards: TypeAlias = tuple[Guard, ...]
Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

MAX_BYTES = 1_000_000
MAX_DEPTH = 60
MAX_STRING = 200
MAX_CONDITIONS = 8

# Decorators that change a function and do not register it with anybody.
_PLAIN_DECORATORS = frozenset(
    {
        "staticmethod", "classmethod", "property", "cached_property", "lru_cache", "cache", "contextmanager", "asynccontextmanager", "wraps",
        "abstractmethod", "overload", "setter", "deprecated", "retry", "no_type_check", "override", "final",
    }
)  # fmt: skip


class Unparsable(Exception):
    """A text that is no Python 3 that we know, or too much of it; `line` is 0 where that is the whole file."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


@dataclass(slots=True, eq=False)
class Unit:
    """What runs as one: the top level of a module, its `__main__` block, or a function."""

    module: Module
    name: str
    node: Function | None = None
    parent: Unit | None = None
    owner: Class | None = None
    guards: Guards = ()
    """The conditions under which it is defined, in its parent."""
    registered: bool = False
    """A decorator hands it to a framework."""
    references: dict[str, list[Guards]] = field(default_factory=dict)
    """Name -> the conditions under which it is named; one without conditions stands for all."""
    strings: set[str] = field(default_factory=set)
    imports: list[tuple[str, Guards]] = field(default_factory=list)
    assigned: dict[str, list[tuple[ast.expr, Guards]]] = field(default_factory=dict)
    units: list[Unit] = field(default_factory=list)
    classes: list[Class] = field(default_factory=list)
    parameters: dict[str, ast.expr | None] = field(default_factory=dict)
    """Name -> annotation."""
    defaults: dict[str, ast.expr] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Class:
    """A class. `fields` are assigned in its body, `attributes` through `self` in its methods."""

    module: Module
    node: ast.ClassDef
    fields: dict[str, ast.expr | None] = field(default_factory=dict)
    annotations: dict[str, ast.expr] = field(default_factory=dict)
    attributes: dict[str, list[tuple[ast.expr, Unit]]] = field(default_factory=dict)
    methods: list[Unit] = field(default_factory=list)
    registered: bool = False
    guards: Guards = ()

    @property
    def name(self) -> str:
        return self.node.name


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """A call, where it is written. `callee` is its qualified name as far as imports tell it."""

    unit: Unit
    call: ast.Call
    guards: Guards
    decorates: Function | None = None

    @property
    def module(self) -> Module:
        return self.unit.module

    @property
    def place(self) -> Location:
        return Location(self.module.path, self.call.lineno, self.call.col_offset + 1)

    def argument(self, name: str, position: int | None = None) -> ast.expr | None:
        """The argument given by keyword, else by position."""
        for keyword in self.call.keywords:
            if keyword.arg == name:
                return keyword.value
        if position is not None and 0 <= position < len(self.call.args) and not any(isinstance(a, ast.Starred) for a in self.call.args[: position + 1]):
            return self.call.args[position]
        return None

    @property
    def open_ended(self) -> bool:
        """Arguments come from a mapping that is not told here."""
        return any(keyword.arg is None for keyword in self.call.keywords)


@dataclass(slots=True, eq=False)
class Module:
    """A source file. `names` maps what an import binds to what it is, in full."""

    path: str
    name: str
    package: bool
    names: dict[str, str] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    top: Unit = field(init=False)
    main: Unit | None = None
    units: dict[str, Unit] = field(default_factory=dict)
    """Functions by their name, methods by `Class.name`; the first of a name."""
    classes: dict[str, Class] = field(default_factory=dict)
    sites: list[Site] = field(default_factory=list)
    body: list[ast.stmt] = field(default_factory=list)
    dropped: set[ast.Call] = field(default_factory=set)
    """Calls that stand by themselves, so that nothing keeps what they give."""

    def __post_init__(self) -> None:
        self.top = Unit(self, "")

    def absolute(self, module: str | None, level: int) -> str:
        """The full name of what a relative import of this module names."""
        if not level:
            return module or ""
        parts = self.name.split(".") if self.name else []
        base = parts[: len(parts) - level + (1 if self.package else 0)]
        return ".".join((*base, *([module] if module else [])))

    def qualify(self, expression: ast.expr | None) -> str:
        """The full dotted name of a name or an attribute; `` for anything else."""
        parts: list[str] = []
        while isinstance(expression, ast.Attribute):
            parts.append(expression.attr)
            expression = expression.value
        if not isinstance(expression, ast.Name):
            return ""
        start = self.names.get(expression.id)
        if start is None:
            own = expression.id in self.units or expression.id in self.classes or expression.id in self.top.assigned
            start = f"{self.name}.{expression.id}" if own and self.name else expression.id
        return ".".join((start, *reversed(parts)))


def read_module(path: str, name: str, text: str) -> Module:
    """Raises `Unparsable`. Nothing of it is run."""
    if len(text) > MAX_BYTES:
        raise Unparsable(f"{len(text)} characters are over the limit of {MAX_BYTES} of Python source")
    try:
        tree = ast.parse(text, path)
        module = Module(path, name, path.endswith("__init__.py"), body=tree.body)
        _Walker(module).block(tree.body, module.top, (), None, 0)
    except SyntaxError as error:
        raise Unparsable(f"not Python that version {sys.version_info.major}.{sys.version_info.minor} reads: {error.msg}", error.lineno or 0) from error
    except (RecursionError, MemoryError) as error:
        raise Unparsable("nested too deeply") from error
    except ValueError as error:
        raise Unparsable(str(error)) from error
    return module


class _Walker:
    def __init__(self, module: Module) -> None:
        self._module = module

    def block(self, body: Sequence[ast.stmt], unit: Unit, guards: Guards, owner: Class | None, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise RecursionError
        for statement in body:
            guards = (*guards, *self._statement(statement, unit, guards, owner, depth))
            if isinstance(statement, ast.Return | ast.Raise | ast.Continue | ast.Break):
                break  # what follows never runs

    def _statement(self, node: ast.stmt, unit: Unit, guards: Guards, owner: Class | None, depth: int) -> Guards:
        """Walks a statement; the conditions under which what follows it is run."""
        deeper = depth + 1
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(node, unit, guards, owner, deeper)
            case ast.ClassDef():
                self._class(node, unit, guards, deeper)
            case ast.If():
                return self._if(node, unit, guards, owner, deeper)
            case ast.Import():
                for alias in node.names:
                    unit.imports.append((alias.name, guards))
                    self._module.names[alias.asname or alias.name.partition(".")[0]] = alias.name if alias.asname else alias.name.partition(".")[0]
            case ast.ImportFrom():
                base = self._module.absolute(node.module, node.level)
                unit.imports.append((base, guards))
                for alias in node.names:
                    if alias.name == "*":
                        self._module.stars.append(base)
                    else:
                        unit.imports.append((f"{base}.{alias.name}", guards))
                        self._module.names[alias.asname or alias.name] = f"{base}.{alias.name}" if base else alias.name
            case ast.Assign():
                for target in node.targets:
                    self._assign(target, node.value, unit, guards, owner)
                self._expressions([node.value, *(t for t in node.targets if not isinstance(t, ast.Name))], unit, guards)
            case ast.AnnAssign():
                if owner is not None and isinstance(node.target, ast.Name) and not _in_method(unit, owner):
                    owner.annotations[node.target.id] = node.annotation
                    owner.fields.setdefault(node.target.id, None)
                elif isinstance(node.target, ast.Name):
                    unit.parameters.setdefault(node.target.id, node.annotation)
                if node.value is not None:
                    self._assign(node.target, node.value, unit, guards, owner)
                self._expressions([e for e in (node.value, node.annotation) if e is not None], unit, guards)
            case ast.AugAssign():
                if isinstance(node.target, ast.Name):
                    joined = ast.BinOp(left=ast.Name(id=node.target.id, ctx=ast.Load()), op=node.op, right=node.value)
                    ast.copy_location(joined, node)
                    before = unit.assigned.get(node.target.id)
                    if before:
                        joined.left = before[-1][0]
                        before[-1] = (joined, (*before[-1][1], *guards))
                self._expressions([node.value], unit, guards)
            case ast.For() | ast.AsyncFor():
                self._expressions([node.iter], unit, guards)
                self.block([*node.body, *node.orelse], unit, guards, owner, deeper)
            case ast.While():
                self._expressions([node.test], unit, guards)
                self.block([*node.body, *node.orelse], unit, guards, owner, deeper)
            case ast.With() | ast.AsyncWith():
                self._expressions([i.context_expr for i in node.items], unit, guards)
                for item in node.items:
                    if item.optional_vars is not None:
                        self._assign(item.optional_vars, item.context_expr, unit, guards, owner)
                self.block(node.body, unit, guards, owner, deeper)
            case ast.Try() | ast.TryStar():
                self.block([*node.body, *node.orelse], unit, guards, owner, deeper)
                for handler in node.handlers:
                    self.block(handler.body, unit, guards, owner, deeper)
                self.block(node.finalbody, unit, guards, owner, deeper)
            case ast.Match():
                self._expressions([node.subject], unit, guards)
                # Which case it is is not worked out.
                matched = _computed(node)
                for case in node.cases:
                    self.block(case.body, unit, (*guards, (matched, True)), owner, deeper)
            case _:
                if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                    self._module.dropped.add(node.value)
                self._expressions([child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)], unit, guards)
        return ()

    def _if(self, node: ast.If, unit: Unit, guards: Guards, owner: Class | None, depth: int) -> Guards:
        if _is_type_checking(node.test):
            self._bind(node.body)
            self.block(node.orelse, unit, guards, owner, depth)
            return ()
        if unit is self._module.top and _is_main(node.test):
            main = self._module.main = self._module.main or Unit(self._module, "__main__", parent=unit)
            self.block(node.body, main, guards, owner, depth)
            return ()
        self._expressions([node.test], unit, guards)
        self.block(node.body, unit, (*guards, (node.test, True)), owner, depth)
        self.block(node.orelse, unit, (*guards, (node.test, False)), owner, depth)
        if _leaves(node.body) and not node.orelse:
            return ((node.test, False),)
        return ()

    def _bind(self, body: Iterable[ast.stmt]) -> None:
        """Imports for type checkers bind names of annotations, and import nothing."""
        for node in body:
            if isinstance(node, ast.ImportFrom):
                base = self._module.absolute(node.module, node.level)
                for alias in node.names:
                    self._module.names.setdefault(alias.asname or alias.name, f"{base}.{alias.name}")

    def _function(self, node: Function, unit: Unit, guards: Guards, owner: Class | None, depth: int) -> None:
        inner = Unit(self._module, node.name, node, unit, owner, guards)
        inner.registered = any(_registers(d) for d in node.decorator_list)
        for decorator in node.decorator_list:
            self._expressions([decorator], unit, guards, decorates=node)
        arguments = node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        inner.parameters.update({a.arg: a.annotation for a in every})
        positional = [*arguments.posonlyargs, *arguments.args]
        for argument, default in zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults, strict=True):
            inner.defaults[argument.arg] = default
        inner.defaults.update({a.arg: d for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None})
        self._expressions([*inner.defaults.values(), *(a.annotation for a in every if a.annotation is not None)], unit, guards)
        if owner is not None and not _in_method(unit, owner):
            owner.methods.append(inner)
            self._module.units.setdefault(f"{owner.name}.{node.name}", inner)
        else:
            unit.units.append(inner)
            self._module.units.setdefault(node.name, inner)
        self.block(node.body, inner, (), owner, depth)

    def _class(self, node: ast.ClassDef, unit: Unit, guards: Guards, depth: int) -> None:
        inner = Class(self._module, node, guards=guards)
        inner.registered = any(_registers(d) for d in node.decorator_list)
        unit.classes.append(inner)
        self._module.classes.setdefault(node.name, inner)
        self._expressions([*node.bases, *(k.value for k in node.keywords), *node.decorator_list], unit, guards)
        self.block(node.body, unit, guards, inner, depth)

    def _assign(self, target: ast.expr, value: ast.expr, unit: Unit, guards: Guards, owner: Class | None) -> None:
        if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List) and len(target.elts) == len(value.elts):
            for one, other in zip(target.elts, value.elts, strict=True):
                self._assign(one, other, unit, guards, owner)
        elif isinstance(target, ast.Name):
            if owner is not None and not _in_method(unit, owner):
                owner.fields[target.id] = value
            else:
                unit.assigned.setdefault(target.id, []).append((value, guards))
        elif owner is not None and isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id in ("self", "cls"):
            owner.attributes.setdefault(target.attr, []).append((value, unit))
        elif isinstance(target, ast.Subscript | ast.Attribute):
            # `app.config["KEY"] = …`, `app.state.limiter = …`
            inner = target.value
            if isinstance(target, ast.Subscript) and isinstance(inner, ast.Subscript):
                # `LOGGING["root"]["level"] = …` changes a part of LOGGING["root"], which is then not told.
                while isinstance(inner, ast.Subscript) and isinstance(inner.value, ast.Subscript):
                    inner = inner.value
                target, value = inner, _computed(value)
            key = _key(target)
            if key:
                unit.assigned.setdefault(key, []).append((value, guards))

    def _expressions(self, expressions: Iterable[ast.expr], unit: Unit, guards: Guards, decorates: Function | None = None) -> None:
        for expression in expressions:
            for node in ast.walk(expression):
                match node:
                    case ast.Name():
                        if isinstance(node.ctx, ast.Load):
                            _refer(unit, node.id, guards)
                    case ast.Attribute():
                        _refer(unit, node.attr, guards)
                    case ast.Constant(value=str(text)):
                        if len(text) <= MAX_STRING:
                            unit.strings.add(text)
                    case ast.Call():
                        self._module.sites.append(Site(unit, node, guards, decorates if node is expression else None))


def _computed(node: ast.stmt | ast.expr) -> ast.expr:
    """A value that is not worked out: a call that nobody defines."""
    return ast.copy_location(ast.Call(ast.copy_location(ast.Name("computed", ast.Load()), node), [], []), node)


def _refer(unit: Unit, name: str, guards: Guards) -> None:
    if not guards:
        unit.references[name] = [()]
    elif (known := unit.references.setdefault(name, [])) != [()] and len(known) < MAX_CONDITIONS:
        known.append(guards)


def _in_method(unit: Unit, owner: Class) -> bool:
    return unit.owner is owner


def _key(target: ast.expr) -> str:
    """`config[KEY]` or `state.name`, as assignments to parts of an object are kept."""
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant) and isinstance(target.slice.value, str):
        base = target.value.attr if isinstance(target.value, ast.Attribute) else target.value.id if isinstance(target.value, ast.Name) else ""
        return f"{base}[{target.slice.value}]" if base else ""
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Attribute | ast.Name):
        base = target.value.attr if isinstance(target.value, ast.Attribute) else target.value.id
        return f"{base}.{target.attr}"
    return ""


def _registers(decorator: ast.expr) -> bool:
    name = decorator.func if isinstance(decorator, ast.Call) else decorator
    last = name.attr if isinstance(name, ast.Attribute) else name.id if isinstance(name, ast.Name) else ""
    return last not in _PLAIN_DECORATORS


def _is_type_checking(test: ast.expr) -> bool:
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING")


def _is_main(test: ast.expr) -> bool:
    return (
        isinstance(test, ast.Compare)
        and len(test.comparators) == 1
        and isinstance(test.ops[0], ast.Eq)
        and {_text(test.left), _text(test.comparators[0])} == {"__name__", "__main__"}
    )


def _text(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else str(node.value) if isinstance(node, ast.Constant) else ""


def _leaves(body: Sequence[ast.stmt]) -> bool:
    return bool(body) and isinstance(body[-1], ast.Return | ast.Raise | ast.Continue | ast.Break)


def inner_units(unit: Unit) -> Iterator[Unit]:
    """The functions that a unit defines, and the methods of its classes."""
    yield from unit.units
    for one in unit.classes:
        yield from one.methods

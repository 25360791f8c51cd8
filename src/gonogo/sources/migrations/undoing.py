"""What a revision written in Python does, and whether it can be undone, by its syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from gonogo.model.value import Unknown
from gonogo.sources.migrations.sql import changes

MAX_BYTES = 512 * 1024
MAX_CALLS = 8
_IRREVERSIBLE = {"RunPython": "reverse_code", "RunSQL": "reverse_sql"}
# What a function may call and still change nothing: it talks, asks, or prepares what another call does.
_TALKS = frozenset({"print", "pprint", "logging", "logger", "LOGGER", "log", "LOG", "_logger", "_log", "warnings", "warn", "sys", "exit"})
_PREPARES = frozenset(
    {"get_bind", "get_context", "is_offline_mode", "inspect", "has_table", "get_columns", "text", "f", "batch_alter_table", "begin", "begin_nested", "connect"}
)
_EXECUTES = frozenset({"execute", "exec_driver_sql"})

_Functions = Mapping[str, ast.FunctionDef | ast.AsyncFunctionDef]


def function_does_something(source: str, name: str) -> bool | Unknown:
    """Whether the function called `name` changes a database: not where it is empty, raises an error, talks or asks."""
    tree = _parsed(source)
    if isinstance(tree, Unknown):
        return tree
    functions = {n.name: n for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}
    if name not in functions:
        bound = any(name in _bound(statement) for statement in tree.body)
        return Unknown.because(f"{name} is written elsewhere") if bound else False
    return _does(functions[name].body, functions, 0)


def operations_reverse(source: str) -> bool | Unknown:
    """Whether every operation of a Django migration has a way back; most know their own."""
    tree = _parsed(source)
    if isinstance(tree, Unknown):
        return tree
    for call in (n for n in ast.walk(tree) if isinstance(n, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id if isinstance(call.func, ast.Name) else ""
        if name in _IRREVERSIBLE:
            back = [*call.args[1:2], *(k.value for k in call.keywords if k.arg == _IRREVERSIBLE[name])]
            if all(isinstance(value, ast.Constant) and value.value is None for value in back):
                return False
    return True


def revision_and_before(source: str, follows: str) -> tuple[str, tuple[str, ...]]:
    """What a revision of Alembic calls itself, and the ones before it; nothing where that is no literal.

    https://alembic.sqlalchemy.org/en/latest/tutorial.html#create-a-migration-script
    """
    tree = _parsed(source)
    said: dict[str, tuple[str, ...]] = {}
    for statement in [] if isinstance(tree, Unknown) else tree.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target] if isinstance(statement, ast.AnnAssign) else []
        value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
        items = value.elts if isinstance(value, ast.Tuple | ast.List) else [value]
        texts = tuple(item.value for item in items if isinstance(item, ast.Constant) and isinstance(item.value, str))
        said.update({target.id: texts for target in targets if isinstance(target, ast.Name)})
    return next(iter(said.get("revision", ())), ""), said.get(follows, ())


def _parsed(source: str) -> ast.Module | Unknown:
    if len(source) > MAX_BYTES:
        return Unknown.because("the revision is too large to be read")
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return Unknown.because(f"the revision is no Python that can be read: {error}")


def _bound(statement: ast.stmt) -> set[str]:
    """The names that an import or an assignment at the top gives something to."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name for alias in statement.names}
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target] if isinstance(statement, ast.AnnAssign) else []
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _does(body: Iterable[ast.stmt], functions: _Functions, depth: int) -> bool | Unknown:
    unknown: Unknown | None = None
    for statement in _reached(body):
        for call in _calls(statement):
            found = _changes(call, functions, depth)
            if found is True:
                return True
            unknown = found if isinstance(found, Unknown) else unknown
    return False if unknown is None else unknown


def _reached(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements before the first that ends the function."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.Return | ast.Raise):
            return


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    """The calls of a statement. What an error is made of, what `if False` keeps, and functions that are only defined do not run."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, ast.Raise | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(one, ast.Call):
            yield one
        if isinstance(one, ast.If | ast.While) and isinstance(one.test, ast.Constant):
            waiting.extend(_reached(one.body if one.test.value else one.orelse))
        elif isinstance(one, ast.If):
            waiting.extend((one.test, *_reached(one.body), *_reached(one.orelse)))
        else:
            waiting.extend(ast.iter_child_nodes(one))


def _changes(call: ast.Call, functions: _Functions, depth: int) -> bool | Unknown:
    names = _dotted(call.func)
    if names[-1] in _EXECUTES and call.args:
        written = _written(call.args[0])
        return True if written is None else changes(written)
    if len(names) == 1 and names[0] in functions:
        return _does(functions[names[0]].body, functions, depth + 1) if depth < MAX_CALLS else True
    return not (names[0] in _TALKS or names[-1] in _PREPARES)


def _dotted(node: ast.expr) -> list[str]:
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    names.append(node.id if isinstance(node, ast.Name) else "")
    return [*reversed(names)]


def _written(node: ast.expr) -> str | None:
    """SQL that is written out, as it is or as `text("…")`; None where it is made."""
    if isinstance(node, ast.Call) and _dotted(node.func)[-1] == "text" and node.args:
        node = node.args[0]
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None

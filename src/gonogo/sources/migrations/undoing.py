"""Whether a revision written in Python can be undone, by its syntax tree."""

from __future__ import annotations

import ast

from gonogo.model.value import Unknown

MAX_BYTES = 512 * 1024
_IRREVERSIBLE = {"RunPython": "reverse_code", "RunSQL": "reverse_sql"}


def function_does_something(source: str, name: str) -> bool | Unknown:
    """Whether the function called `name` has a statement beyond `pass`, a docstring or an error."""
    tree = _parsed(source)
    if isinstance(tree, Unknown):
        return tree
    found = [n for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef) and n.name == name]
    return any(not _is_nothing(statement) for function in found for statement in function.body)


def operations_reverse(source: str) -> bool | Unknown:
    """Whether every operation of a Django migration has a way back; most know their own."""
    tree = _parsed(source)
    if isinstance(tree, Unknown):
        return tree
    for call in (n for n in ast.walk(tree) if isinstance(n, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id if isinstance(call.func, ast.Name) else ""
        if name in _IRREVERSIBLE and len(call.args) < 2 and not any(k.arg == _IRREVERSIBLE[name] for k in call.keywords):
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


def _is_nothing(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Pass | ast.Raise) or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))

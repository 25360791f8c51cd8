"""The expressions of pytest's `-m` and `-k`, three-valued (https://docs.pytest.org/en/stable/how-to/usage.html#specifying-which-tests-to-run)."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TypeAlias

Selected: TypeAlias = "bool | None"
"""None: not known."""
MAX_EXPRESSION = 2_000


def select(expression: str, holds: Callable[[str], Selected]) -> Selected:
    """Whether `expression` selects what `holds` says of each of its names; None where it cannot be told."""
    if not expression.strip():
        return True
    if len(expression) > MAX_EXPRESSION:
        return None
    try:
        tree = ast.parse(expression.strip(), mode="eval")
        return _evaluate(tree.body, holds)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _evaluate(node: ast.expr, holds: Callable[[str], Selected]) -> Selected:
    if isinstance(node, ast.Name):
        return holds(node.id)
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        held = _evaluate(node.operand, holds)
        return None if held is None else not held
    if isinstance(node, ast.BoolOp):
        answers = [_evaluate(value, holds) for value in node.values]
        decisive = isinstance(node.op, ast.Or)
        return decisive if decisive in answers else None if None in answers else not decisive
    return None

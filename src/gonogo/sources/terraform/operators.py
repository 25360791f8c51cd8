"""Operator precedence of the Terraform language."""

from __future__ import annotations

from collections.abc import Sequence

from gonogo.sources.terraform import ast

# hclsyntax/expression_ops.go, loosest first. All are left-associative.
_LEVELS = (("||",), ("&&",), ("==", "!="), ("<", ">", "<=", ">="), ("+", "-"), ("*", "/", "%"))
_PRECEDENCE = {operator: level for level, operators in enumerate(_LEVELS) for operator in operators}


def combine(tokens: Sequence[ast.Expression | str], at: ast.Span) -> ast.Expression:
    """The tree of a flat run of operands and operators."""
    output: list[ast.Expression] = []
    operators: list[tuple[str, bool]] = []
    after_operand = False

    def reduce() -> None:
        operator, unary = operators.pop()
        right = output.pop()
        if unary:
            output.append(ast.Unary(right.at, operator, right))
        else:
            output.append(ast.Binary(at, operator, output.pop(), right))

    for token in tokens:
        if not isinstance(token, str):
            output.append(token)
            after_operand = True
            while operators and operators[-1][1]:
                reduce()
        elif not after_operand:
            operators.append((token, True))
        else:
            while operators and _PRECEDENCE[operators[-1][0]] >= _PRECEDENCE[token]:
                reduce()
            operators.append((token, False))
            after_operand = False
    while operators:
        reduce()
    return output[0]

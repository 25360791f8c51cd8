"""Where the value of an expression goes, by how it is written: the same for JavaScript and Go, whose nodes have names of their own."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from gonogo.sources.application.code.syntax import Node

_MEMBERS = {"member_expression": "object", "selector_expression": "operand"}
_NAMES = {"member_expression": "property", "selector_expression": "field"}
_SAME = frozenset({"parenthesized_expression", "await_expression", "as_expression", "satisfies_expression", "non_null_expression"})
_ASSIGNS = frozenset({"assignment_expression", "assignment_statement"})
_DECLARES = {"variable_declarator": ("name", "value"), "var_spec": ("name", "value"), "short_var_declaration": ("left", "right"),
             "assignment_statement": ("left", "right"), "assignment_expression": ("left", "right")}  # fmt: skip
_CALLS = frozenset({"call_expression", "new_expression"})
_FUNCTIONS = frozenset({"function_declaration", "method_declaration", "func_literal", "function_expression", "arrow_function", "method_definition",
                        "generator_function", "generator_function_declaration"})  # fmt: skip


class Use(Enum):
    DROPPED = auto()
    """Nothing is done with it."""
    SAME = auto()
    """The node around it has the same value."""
    NAMED = auto()
    """A variable holds it."""
    MEMBER = auto()
    """One of its methods is called: `name`, and `node` is the call."""
    ARGUMENT = auto()
    """A call, `node`, is given it as its argument `index`."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is done with a value. `outermost`: the variable is declared outside of every function."""

    use: Use
    node: Node
    name: str = ""
    index: int = 0
    outermost: bool = False


def target_of(node: Node) -> Target | None:
    """What is done with the value of an expression; None where it goes where it cannot be followed by what is written."""
    parent = node.parent
    if parent is None:
        return None
    kind = parent.type
    if kind == "expression_statement":
        return Target(Use.DROPPED, parent)
    if kind in _SAME:
        return Target(Use.SAME, parent)
    if kind == "unary_expression" and "operator" in parent.fields and parent.fields["operator"].text == "void":
        return Target(Use.DROPPED, parent)
    if kind in _MEMBERS and parent.fields.get(_MEMBERS[kind]) is node:
        call, name = parent.parent, parent.fields.get(_NAMES[kind])
        if call is None or name is None or call.type not in _CALLS or call.fields.get("function") is not parent:
            return None
        return Target(Use.MEMBER, call, name.text)
    if kind in ("arguments", "argument_list") and parent.parent is not None and parent.parent.type in _CALLS:
        return Target(Use.ARGUMENT, parent.parent, index=parent.children.index(node))
    return _held(node, parent)


def _held(node: Node, parent: Node) -> Target | None:
    """The variable that a declaration or an assignment gives the value to."""
    listed = parent if parent.type == "expression_list" else None
    statement = listed.parent if listed is not None else parent
    if statement is None or statement.type not in _DECLARES:
        return None
    left, right = (statement.fields.get(name) for name in _DECLARES[statement.type])
    if left is None or right is not (listed or node):
        return None
    names = [c for c in statement.children if c.type == "identifier"] if statement.type == "var_spec" else left.children if left.type == "expression_list" else [left]
    values = listed.children if listed is not None else [node]
    if len(names) != len(values) and len(values) != 1:
        return None
    name = names[values.index(node)] if len(names) == len(values) else names[0]
    if name.type != "identifier" or (statement.type == "assignment_expression" and (statement.parent is None or statement.parent.type != "expression_statement")):
        return None
    if name.text == "_" and statement.type != "variable_declarator":
        return Target(Use.DROPPED, statement)
    around = [n.type for n in statement.above()]
    if "export_statement" in around[:2]:
        return None
    # A variable that is only assigned here may be declared anywhere.
    outermost = statement.type in _ASSIGNS or not any(kind in _FUNCTIONS for kind in around)
    if outermost and statement.type in ("var_spec", "assignment_statement") and name.text[:1].isupper():
        return None  # other packages see it
    return Target(Use.NAMED, name, name.text, outermost=outermost)


def use_of(name: Node) -> bool:
    """Whether an identifier stands for its value, and is not what is declared or assigned there."""
    parent = name.parent
    if parent is None:
        return False
    if parent.type == "var_spec":
        return False
    statement = parent.parent if parent.type == "expression_list" else parent
    if statement is None or statement.type not in _DECLARES:
        return parent.type not in ("parameter_declaration", "formal_parameters", "required_parameter", "import_specifier", "import_clause")
    return statement.fields.get(_DECLARES[statement.type][0]) is not (parent if parent.type == "expression_list" else name)


def parameter_of(function: Node, index: int) -> Node | None:
    """The name of a parameter; None where it has none, or takes its value apart."""
    names = parameters_of(function)
    return names[index] if index < len(names) else None


def parameters_of(function: Node) -> list[Node | None]:
    """The names of the parameters of a function; None for one that has none, or takes its value apart."""
    single = function.fields.get("parameter")
    if single is not None:
        return [single if single.type == "identifier" else None]
    listed = function.fields.get("parameters")
    names: list[Node | None] = []
    for child in listed.children if listed is not None else ():
        if child.type == "parameter_declaration":
            names.extend([c for c in child.children if c.type == "identifier"] or [None])
        else:
            pattern = child.fields.get("pattern", child)
            names.append(pattern if pattern.type == "identifier" else None)
    return names

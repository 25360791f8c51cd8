"""Whether a function of a revision written in JavaScript or TypeScript changes the database."""

from __future__ import annotations

from collections.abc import Iterator

from gonogo.model.value import Unknown
from gonogo.sources.application.code.syntax import Node, SourceLimit, parse
from gonogo.sources.application.javascript.project import Grammars
from gonogo.sources.migrations.sql import changes

_FUNCTIONS = frozenset({"function_expression", "function", "arrow_function", "generator_function"})
_NOT_RUN = frozenset({"throw_statement", "function_declaration", "class_declaration"})
# What gives a name a value, and where the name stands.
_NAMED = {"variable_declarator": "name", "public_field_definition": "name", "pair": "key"}
# What talks, or only says that it is done.
_TALKS = frozenset({"console", "logger", "log", "Promise"})
_EXECUTES = frozenset({"raw", "query", "execute"})


def function_of_module(path: str, source: str, name: str) -> bool | Unknown:
    """Whether the function called `name` changes a database: not where it is empty, throws an error, talks or asks."""
    try:
        parsed = parse(Grammars().of(path), source)
    except SourceLimit as error:
        return Unknown.because(str(error))
    if parsed.errors:
        return Unknown.because("the revision is no JavaScript that can be read")
    unknown: Unknown | None = None
    for body in _bodies(parsed.root, name):
        if isinstance(body, Unknown):
            unknown = body
            continue
        for call in _calls(body):
            found = _changes(call)
            if found is True:
                return True
            unknown = found if isinstance(found, Unknown) else unknown
    return False if unknown is None else unknown


def _bodies(root: Node, name: str) -> Iterator[Node | Unknown]:
    """What the functions of that name hold: declared, a method, or given to it; `false` and `null` are none."""
    for node in root.below():
        if node.type in ("function_declaration", "method_definition") and _text(node, "name") == name and "body" in node.fields:
            yield node.fields["body"]
            continue
        value: Node | None = None
        if node.type == "assignment_expression" and _text(node, "left").rpartition(".")[2] == name:
            value = node.fields.get("right")
        elif _text(node, _NAMED.get(node.type, "")).strip("\"'") == name:
            value = node.fields.get("value")
        if value is None or value.type in ("false", "null", "undefined"):
            continue
        if value.type in _FUNCTIONS:
            yield value.fields.get("body", value)
        elif not (value.type == "identifier" and value.text == name):
            yield Unknown.because(f"{name} is written elsewhere")


def _calls(body: Node) -> Iterator[Node]:
    """The calls of a body before the first `return` or `throw` of its own."""
    waiting = [body]
    if body.type == "statement_block":
        end = next((n + 1 for n, child in enumerate(body.children) if child.type in ("return_statement", "throw_statement")), len(body.children))
        waiting = list(reversed(body.children[:end]))
    while waiting:
        node = waiting.pop()
        if node.type in _NOT_RUN:
            continue
        if node.type == "call_expression":
            yield node
        waiting.extend(reversed(node.children))


def _changes(call: Node) -> bool | Unknown:
    names = _text(call, "function").split(".")
    if names[-1] in _EXECUTES:
        arguments = call.fields["arguments"].children if "arguments" in call.fields else []
        if arguments and arguments[0].type in ("string", "template_string") and not any(n.type == "template_substitution" for n in arguments[0].below()):
            return changes(arguments[0].text[1:-1])
    return names[0] not in _TALKS


def _text(node: Node, name: str) -> str:
    held = node.fields.get(name)
    return held.text if held is not None else ""

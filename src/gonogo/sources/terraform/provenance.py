"""Where a value comes from: the variables, locals and module arguments on its way, with the line that decides it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from gonogo.model.location import Location
from gonogo.sources.terraform import ast
from gonogo.sources.terraform.bodies import Origins
from gonogo.sources.terraform.modules import Module

MAX_CHAIN = 12

_Suffix = tuple[str, ...]


class _Place(NamedTuple):
    """An expression, the module instance it is evaluated in, and the member of its value that is asked for."""

    module: Module
    expression: ast.Expression
    suffix: _Suffix


@dataclass(slots=True)
class Provenance:
    """Follows references; the traversals of an expression are collected once."""

    _traversals: dict[ast.Expression, tuple[ast.Traversal, ...]] = field(default_factory=dict)
    _known: dict[_Place, tuple[Location, ...]] = field(default_factory=dict)

    def chain(self, module: Module, expression: ast.Expression, origins: Origins) -> tuple[Location, ...]:
        """The places that the value of `expression` comes through, nearest first."""
        return self._follow(_Place(module, expression, ()), origins)

    def _follow(self, place: _Place, origins: Origins) -> tuple[Location, ...]:
        known = None if origins else self._known.get(place)
        if known is not None:
            return known
        if not origins:
            self._known[place] = ()  # what refers to itself adds nothing
        found: dict[Location, None] = {}
        for traversal in self._collected(place.expression):
            if len(found) >= MAX_CHAIN:
                break
            if traversal.root in origins:
                inner = {k: v for k, v in origins.items() if k != traversal.root}
                found.update(dict.fromkeys(self._follow(_Place(place.module, origins[traversal.root], ()), inner)))
                continue
            suffix = _names(traversal.steps) + (place.suffix if traversal is place.expression else ())
            for location, target in _definitions(place.module, traversal.root, suffix):
                found[location] = None
                if target is not None:
                    found.update(dict.fromkeys(self._follow(target, {})))
        chain = tuple(found)[:MAX_CHAIN]
        if not origins:
            self._known[place] = chain
        return chain

    def _collected(self, expression: ast.Expression) -> tuple[ast.Traversal, ...]:
        found = self._traversals.get(expression)
        if found is None:
            found = self._traversals[expression] = tuple(traversals(expression))
        return found


def traversals(expression: ast.Expression) -> Iterator[ast.Traversal]:
    """Every reference in `expression`."""
    return (n for n in nodes(expression) if isinstance(n, ast.Traversal) and n.source is None)


def nodes(expression: ast.Expression) -> Iterator[ast.Part | ast.Step]:
    """`expression` and everything in it, in order."""
    pending: list[ast.Part | ast.Step] = [expression]
    while pending:
        node = pending.pop()
        yield node
        match node:
            case ast.Traversal():
                if node.source is not None:
                    pending.append(node.source)
                pending.extend(reversed(node.steps))
            case ast.Template():
                pending.extend(reversed(node.parts))
            case ast.TemplateIf():
                pending.extend((*reversed((*node.then, *node.otherwise)), node.condition))
            case ast.TemplateFor():
                pending.extend((*reversed(node.body), node.collection))
            case ast.TupleNode():
                pending.extend(reversed(node.items))
            case ast.ObjectNode():
                pending.extend(e for i in reversed(node.items) for e in (i.value, i.key))
            case ast.For():
                pending.extend(e for e in (node.condition, node.result, node.key_result, node.collection) if e is not None)
            case ast.Conditional():
                pending.extend((node.otherwise, node.then, node.condition))
            case ast.Unary():
                pending.append(node.operand)
            case ast.Binary():
                pending.extend((node.right, node.left))
            case ast.Call():
                pending.extend(reversed(node.arguments))
            case ast.Index():
                pending.append(node.key)
            case ast.Splat():
                pending.extend(reversed(node.steps))
            case _:
                pass


def _names(steps: Sequence[ast.Step]) -> _Suffix:
    """The attribute names and literal indices of leading steps."""
    names: list[str] = []
    for step in steps:
        if isinstance(step, ast.Attr):
            names.append(step.name)
        elif isinstance(step, ast.Index) and isinstance(step.key, ast.Literal):
            names.append(str(step.key.value))
        else:
            break
    return tuple(names)


def _definitions(module: Module, root: str, names: _Suffix) -> Iterator[tuple[Location, _Place | None]]:
    if not names:
        return
    name, rest = names[0], names[1:]
    if root == "var":
        yield from _variable(module, name, rest)
    elif root == "local":
        attribute = module.source.locals.get(name)
        if attribute is not None:
            yield _drilled(module, attribute.value, attribute.at.location, rest)
    elif root == "module":
        yield from _output(module, name, rest)
    elif len(names) > 1:
        declared = module.source.resources.get(("data", name, rest[0]) if root == "data" else ("managed", root, name))
        wanted = rest[1:] if root == "data" else rest
        wanted = wanted[1:] if wanted[:1] and wanted[0].isdigit() else wanted
        written = declared.block.body.attribute(wanted[0]) if declared is not None and wanted else None
        if written is not None:
            yield _drilled(module, written.value, written.at.location, wanted[1:])


def _variable(module: Module, name: str, rest: _Suffix) -> Iterator[tuple[Location, _Place | None]]:
    given = module.given.get(name)
    if given is not None:
        location, place = _drilled(given.module or module, given.expression, given.location, rest)
        yield location, place if given.module is not None else None
        return
    declared = module.source.variables.get(name)
    if declared is not None:
        default = declared.block.body.attribute("default")
        if default is None:
            yield declared.block.at.location, None
        else:
            yield _drilled(module, default.value, default.at.location, rest)[0], None


def _output(module: Module, name: str, rest: _Suffix) -> Iterator[tuple[Location, _Place | None]]:
    block = module.source.calls.get(name)
    if block is None or not rest:
        return
    expansion = module.expansion(block)
    child = module.child(block, expansion.keys[0]) if expansion.keys else None
    if child is None:
        yield block.at.location, None
        return
    if expansion.mode:
        rest = rest[1:]
    output = child.source.outputs.get(rest[0]) if rest else None
    value = output.body.attribute("value") if output is not None else None
    if value is not None:
        yield _drilled(child, value.value, value.at.location, rest[1:])


def _drilled(module: Module, expression: ast.Expression, location: Location, suffix: _Suffix) -> tuple[Location, _Place]:
    """The place of the member at `suffix` where the value is written out."""
    while suffix:
        if isinstance(expression, ast.ObjectNode):
            item = next((i for i in expression.items if isinstance(i.key, ast.Literal) and str(i.key.value) == suffix[0]), None)
            if item is None:
                break
            expression, location = item.value, item.at.location
        elif isinstance(expression, ast.TupleNode) and suffix[0].isdigit() and int(suffix[0]) < len(expression.items):
            expression = expression.items[int(suffix[0])]
            location = expression.at.location
        else:
            break
        suffix = suffix[1:]
    return location, _Place(module, expression, suffix)



"""The body of a resource evaluated: attributes and nested blocks, `dynamic` blocks expanded, with the place of every value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from gonogo.model.location import Location
from gonogo.model.value import OpenList, OpenMap, Path, Unknown, Value
from gonogo.sources.terraform import ast
from gonogo.sources.terraform.expressions import Env, Evaluator
from gonogo.sources.terraform.operations import items
from gonogo.sources.terraform.values import TfError, TfList, Val, forced, is_unknown, open_list, open_map, plain, unknown_of

MAX_DYNAMIC = 1_000

META_ATTRIBUTES = frozenset({"count", "for_each", "provider", "depends_on"})
META_BLOCKS = frozenset({"lifecycle", "provisioner", "connection"})

Origins = Mapping[str, ast.Expression]
"""The collection that an iterator's name runs over, by the name: what its values come from."""


@dataclass(frozen=True, slots=True)
class Content:
    """One nested block as it will be: its body, and the names its `dynamic` block gives it."""

    type: str
    block: ast.Block
    body: ast.Body
    env: Env
    origins: Origins
    certain: bool = True


def contents(evaluator: Evaluator, body: ast.Body, env: Env, origins: Origins) -> Iterator[tuple[str, Content | Unknown]]:
    """The nested blocks of `body` in order, by type; an `Unknown` where there may be more of a type."""
    for block in body.blocks:
        if block.type != "dynamic" or len(block.labels) != 1:
            if block.type not in META_BLOCKS:
                yield block.type, Content(block.type, block, block.body, env, origins)
            continue
        yield from _dynamic(evaluator, block, env, origins)


def _dynamic(evaluator: Evaluator, block: ast.Block, env: Env, origins: Origins) -> Iterator[tuple[str, Content | Unknown]]:
    kind = block.labels[0]
    for_each = block.body.attribute("for_each")
    content = next(block.body.of_type("content"), None)
    if for_each is None or content is None:
        yield kind, Unknown.because(f"dynamic {kind} without for_each or content ({block.at.location})")
        return
    iterator = block.body.attribute("iterator")
    name = iterator.value.root if iterator is not None and isinstance(iterator.value, ast.Traversal) else kind
    collection = forced(evaluator.settle(for_each.value, env))
    if collection is None:
        return
    if is_unknown(collection):
        yield kind, Unknown.because(f"dynamic {kind}: for_each is not known ({for_each.at.location})", *unknown_of(collection).reasons)
        return
    try:
        pairs = list(items(collection))
    except TfError as error:
        yield kind, Unknown.because(f"dynamic {kind}: {error} ({for_each.at.location})")
        return
    for key, value in pairs[:MAX_DYNAMIC]:
        inner = {**env, name: {"key": key, "value": value}}
        yield kind, Content(kind, content, content.body, inner, {**origins, name: for_each.value})
    if isinstance(collection, OpenList | OpenMap):
        yield kind, collection.unknown
    if len(pairs) > MAX_DYNAMIC:
        yield kind, Unknown.because(f"dynamic {kind} yields more than {MAX_DYNAMIC} blocks ({block.at.location})")


def block_values(evaluator: Evaluator, body: ast.Body, kind: str, env: Env, hidden: Unknown) -> Val:
    """The blocks of one type as a reference to them sees them: `hidden` stands for what is computed in them."""
    found: list[Val] = []
    unknown: list[Unknown] = []
    for block_type, content in contents(evaluator, body, env, {}):
        if block_type != kind:
            continue
        if isinstance(content, Unknown):
            unknown.append(content)
            continue
        values: dict[str, Val] = {}
        for attribute in content.body.attributes:
            value = evaluator.settle(attribute.value, content.env)
            values[attribute.name] = hidden if value is None else value
        for inner in dict.fromkeys(t for t, _ in contents(evaluator, content.body, content.env, {})):
            values[inner] = block_values(evaluator, content.body, inner, content.env, hidden)
        found.append(open_map(values, hidden))
    return open_list(found, Unknown.merge(unknown)) if unknown else TfList(found)


Chain = Callable[[ast.Expression, Origins], tuple[Location, ...]]


@dataclass(slots=True)
class BodyReader:
    """Evaluates one body into attributes, locations and chains."""

    evaluator: Evaluator
    chain: Chain
    locations: dict[Path, Location] = field(default_factory=dict)
    chains: dict[Path, tuple[Location, ...]] = field(default_factory=dict)

    def read(self, body: ast.Body, path: Path, env: Env, origins: Origins, skip: frozenset[str] = META_ATTRIBUTES) -> dict[str, Value]:
        """The values of `body`, which stands at `path` of the whole."""
        result: dict[str, Value] = {}
        for attribute in body.attributes:
            if not path and attribute.name in skip:
                continue
            at = (*path, attribute.name)
            result[attribute.name] = plain(self.evaluator.settle(attribute.value, env))
            self.locations[at] = attribute.at.location
            self._written(attribute.value, at)
            chain = () if isinstance(attribute.value, ast.Literal) else self.chain(attribute.value, origins)
            if chain:
                self.chains[at] = chain
        grouped: dict[str, list[Value]] = {}
        unknown: dict[str, list[Unknown]] = {}
        for kind, content in contents(self.evaluator, body, env, origins):
            group = grouped.setdefault(kind, [])
            if isinstance(content, Unknown):
                unknown.setdefault(kind, []).append(content)
                continue
            at = (*path, kind, len(group))
            self.locations[at] = content.block.at.location
            self.locations.setdefault((*path, kind), content.block.at.location)
            group.append(self.read(content.body, at, content.env, content.origins))
        for kind, group in grouped.items():
            more = unknown.get(kind)
            result[kind] = OpenList(group, Unknown.merge(more)) if more else group
            if more:
                self._dynamic_location(body, kind, (*path, kind))
        return result

    def _dynamic_location(self, body: ast.Body, kind: str, path: Path) -> None:
        block = next((b for b in body.blocks if b.type == "dynamic" and b.labels[:1] == (kind,)), None)
        if block is not None:
            self.locations.setdefault(path, block.at.location)

    def _written(self, expression: ast.Expression, path: Path) -> None:
        """The places of members that are written out: `labels = { a = 1 }`."""
        if isinstance(expression, ast.ObjectNode):
            for item in expression.items:
                if isinstance(item.key, ast.Literal):
                    at = (*path, str(item.key.value))
                    self.locations[at] = item.at.location
                    self._written(item.value, at)
        elif isinstance(expression, ast.TupleNode):
            for position, member in enumerate(expression.items):
                self.locations[*path, position] = member.at.location
                self._written(member, (*path, position))



"""What a sensitive value may be part of: judged by the expressions alone, so that too much is hidden rather than too little."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gonogo.sources.terraform import ast
from gonogo.sources.terraform.modules import Module
from gonogo.sources.terraform.provenance import nodes

_MARKS = frozenset({"sensitive", "ephemeralasnull", "rsadecrypt"})
_Key = tuple[Module, ast.Expression]


@dataclass(slots=True)
class Sensitivity:
    """Follows references to variables and outputs that are declared sensitive, and to `sensitive()`."""

    _known: dict[_Key, bool] = field(default_factory=dict)

    def variable(self, module: Module, name: str) -> bool:
        """Whether `var.name` may hold something sensitive."""
        declared = module.source.variables.get(name)
        if declared is not None and _marked(declared.block):
            return True
        given = module.given.get(name)
        return given is not None and given.module is not None and self.expression(given.module, given.expression)

    def output(self, module: Module, block: ast.Block) -> bool:
        """Whether an output may hold something sensitive."""
        value = block.body.attribute("value")
        return _marked(block) or (value is not None and self.expression(module, value.value))

    def expression(self, module: Module, expression: ast.Expression) -> bool:
        """Whether `expression`, in `module`, may have a sensitive part."""
        key = (module, expression)
        found = self._known.get(key)
        if found is None:
            self._known[key] = False  # what refers to itself adds nothing
            found = self._known[key] = any(self._node(module, node) for node in nodes(expression))
        return found

    def block(self, module: Module, block: ast.Block) -> bool:
        """Whether anything in `block` may be sensitive."""
        return any(self.expression(module, e) for e in _written(block.body))

    def _node(self, module: Module, node: ast.Part | ast.Step) -> bool:
        if isinstance(node, ast.Call):
            return node.name in _MARKS
        if not isinstance(node, ast.Traversal) or node.source is not None:
            return False
        names = list(_names(node.steps))
        if node.root == "var":
            return bool(names) and self.variable(module, names[0])
        if node.root == "local":
            attribute = module.source.locals.get(names[0]) if names else None
            return attribute is not None and self.expression(module, attribute.value)
        if node.root == "module":
            return bool(names) and any(self.output(m, b) for m in _called(module, names[0]) for b in _chosen(m.source.outputs, names[1:2]))
        # `type.name.attribute` and `data.type.name.attribute`.
        mode, path = ("data", names) if node.root == "data" else ("managed", [node.root, *names])
        declared = module.source.resources.get((mode, path[0], path[1])) if len(path) > 1 else None
        return declared is not None and any(self.expression(module, e) for e in _written(declared.block.body, path[2:3]))


def _marked(block: ast.Block) -> bool:
    written = [block.body.attribute("sensitive"), block.body.attribute("ephemeral")]
    # Only a literal is valid; whatever else is written is taken for true.
    return any(not isinstance(a.value, ast.Literal) or a.value.value is True for a in written if a is not None)


def _called(module: Module, name: str) -> Iterator[Module]:
    block = module.source.calls.get(name)
    if block is not None:
        yield from (m for key in module.expansion(block).keys if (m := module.child(block, key)) is not None)


def _names(steps: Sequence[ast.Step]) -> Iterator[str]:
    for step in steps:
        if isinstance(step, ast.Attr):
            yield step.name
        elif isinstance(step, ast.Splat):
            yield from _names(step.steps)


def _chosen(outputs: Mapping[str, ast.Block], names: Sequence[str]) -> Iterator[ast.Block]:
    """The output that is asked for; all where that is not plain."""
    found = [b for n, b in outputs.items() if n in names]
    yield from found or outputs.values()


def _written(body: ast.Body, names: Sequence[str] = ()) -> Iterator[ast.Expression]:
    """The expressions of the attribute or the blocks that are asked for; all where that is not plain."""
    attributes = [a for a in body.attributes if a.name in names]
    blocks = [b for b in body.blocks if b.type in names or (b.type == "dynamic" and b.labels[:1] == tuple(names))]
    if not attributes and not blocks:
        attributes, blocks = list(body.attributes), list(body.blocks)
    yield from (a.value for a in attributes)
    for block in blocks:
        yield from _written(block.body)

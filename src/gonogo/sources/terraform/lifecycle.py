"""`lifecycle.ignore_changes`: the attributes that Terraform sets when it makes a resource, and never again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gonogo.model.location import Location
from gonogo.sources.terraform import ast


def ignored_changes(block: ast.Block) -> Mapping[tuple[str, ...], Location]:
    """The ignored attributes of a resource block, as names without indices, each with its place; `()` for `all`.

    https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#ignore_changes
    """
    found: dict[tuple[str, ...], Location] = {}
    for lifecycle in block.body.of_type("lifecycle"):
        written = lifecycle.body.attribute("ignore_changes")
        if written is None:
            continue
        listed = written.value.items if isinstance(written.value, ast.TupleNode) else (written.value,)
        for item in listed:
            names = _names(item)
            if names is not None:
                found.setdefault(() if names == ("all",) else names, item.at.location)
    return found


def _names(item: ast.Expression) -> tuple[str, ...] | None:
    """`template[0].metadata[0].annotations["a"]` -> (`template`, `metadata`, `annotations`, `a`); None where it is no such path."""
    if isinstance(item, ast.Literal) and isinstance(item.value, str):
        return tuple(part for part in item.value.split(".") if not part.isdigit()) or None  # Terraform 0.11 quoted them
    if isinstance(item, ast.Traversal) and item.root:
        return (item.root, *_steps(item.steps))
    return None


def _steps(steps: tuple[ast.Step, ...]) -> Iterator[str]:
    for step in steps:
        if isinstance(step, ast.Attr):
            yield step.name
        elif isinstance(step, ast.Index) and isinstance(step.key, ast.Literal) and isinstance(step.key.value, str):
            yield step.key.value

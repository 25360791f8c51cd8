"""Infrastructure that no source reads: templates of other tools, jsonnet and CUE, programs that declare resources.

What they declare is not looked at, so each is a gap with the kinds it may declare: never silence.
"""

from __future__ import annotations

from collections.abc import Iterator

from gonogo.model.resource import Gap, Resource, Stage
from gonogo.sources.classify import Format
from gonogo.sources.manifests.templating import kinds_in
from gonogo.sources.tree import Tree, TreeFile, Unreadable

_REASONS = {
    Format.KUBERNETES_TEMPLATE: "a template of another tool, not rendered",
    Format.JSONNET: "jsonnet and CUE are not evaluated",
    Format.PROGRAM: "the program that declares infrastructure here is not run; scan what it generates",
}
# Whether an object is valid is asked of the manifests that a repository holds, not of what would be generated.
_VALIDITY = "kubernetes/Object"


class UnreadSource:
    """Reports the infrastructure of the tree that gonogo cannot read."""

    name = "unread"

    def read(self, tree: Tree) -> Iterator[Resource | Gap]:
        """One gap for each file, with the kinds its text names or, where it names none, all it could declare."""
        for file in tree.of(*_REASONS):
            yield Gap(file.path, 1, Stage.RENDER, _REASONS[file.format], self.name, _kinds(tree, file))


def _kinds(tree: Tree, file: TreeFile) -> tuple[str, ...]:
    if file.format is Format.PROGRAM:
        return file.format.kinds
    try:
        text = tree.text(file.path)
    except Unreadable:
        return file.format.kinds
    if "kind" not in text:
        return ()  # a library of functions declares nothing by itself
    return tuple(kind for kind in kinds_in(text) if kind != _VALIDITY)

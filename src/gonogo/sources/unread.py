"""Infrastructure that no source reads: templates of other tools, jsonnet and CUE, programs that declare resources.

What they declare is not looked at, so each is a gap with the kinds it may declare: never silence.
"""

from __future__ import annotations

from collections.abc import Iterator

from gonogo.model.resource import Gap, Resource, Stage
from gonogo.sources.classify import Format
from gonogo.sources.kubernetes.templates import holds_manifests
from gonogo.sources.manifests.templating import kinds_in
from gonogo.sources.tree import Tree, TreeFile, Unreadable

_REASONS = {
    Format.KUBERNETES_TEMPLATE: "a template of another tool, not rendered",
    Format.JSONNET: "jsonnet and CUE are not evaluated",
    Format.PROGRAM: "the program that declares infrastructure here is not run; scan what it generates",
}
CDKTF = "cdktf.json"
_NOT_SYNTHESISED = (
    "the program that declares infrastructure here is not run; run `cdktf synth` and scan what it writes (cdktf.out/stacks, often git-ignored)"
)
# Whether an object is valid is asked of the manifests that a repository holds, not of what would be generated.
_VALIDITY = "kubernetes/Object"
# Files of CUE that are no part of the configuration (https://cuelang.org/docs/reference/command/cue-help-cmd/).
_CUE_ASIDE = ("_tool.cue", "_test.cue")


class UnreadSource:
    """Reports the infrastructure of the tree that gonogo cannot read."""

    name = "unread"

    def read(self, tree: Tree) -> Iterator[Resource | Gap]:
        """One gap for each file, with the kinds its text names or, where it names none, all it could declare."""
        for file in tree.of(*_REASONS):
            if file.format is Format.KUBERNETES_TEMPLATE and holds_manifests(tree, file):
                continue  # the manifest reader's
            if file.name == CDKTF and _synthesised(tree, file):
                continue  # the Terraform reader's
            reason = _NOT_SYNTHESISED if file.name == CDKTF else _REASONS[file.format]
            yield Gap(file.path, 1, Stage.RENDER, reason, self.name, _kinds(tree, file))


def _synthesised(tree: Tree, file: TreeFile) -> bool:
    """Whether what `cdktf synth` wrote lies below a `cdktf.json`: `cdktf.out/stacks/<stack>/cdk.tf.json`, unless `output` says elsewhere."""
    below = f"{file.directory}/" if file.directory else ""
    return any(f.name == "cdk.tf.json" and f.path.startswith(below) for f in tree.of(Format.TERRAFORM_JSON))


def _kinds(tree: Tree, file: TreeFile) -> tuple[str, ...]:
    if file.format is Format.PROGRAM:
        return file.format.kinds
    try:
        text = tree.text(file.path)
    except Unreadable:
        return file.format.kinds
    if "kind" not in text or file.name.endswith(_CUE_ASIDE):
        return ()  # a library of functions, or the commands of `cue cmd`, declare nothing by themselves
    return tuple(kind for kind in kinds_in(text) if kind != _VALIDITY)

"""Built-in transformers that a kustomization configures itself (https://kubectl.docs.kubernetes.io/references/kustomize/builtins/)."""

from __future__ import annotations

from collections.abc import Sequence

from gonogo.sources.kustomize import labels
from gonogo.sources.kustomize.item import Item
from gonogo.sources.located import Node

# The member with the values to set; without `fieldSpecs` these transformers change nothing.
_VALUES = {"LabelTransformer": "labels", "AnnotationsTransformer": "annotations"}


def transform(items: Sequence[Item], configuration: Node) -> bool:
    """Run the transformer that `configuration` describes; False where it is none whose effect is computed."""
    member = _VALUES.get(configuration.text("kind"))
    if member is None or configuration.text("apiVersion") != "builtin":
        return False
    labels.set_fields(items, configuration.get(member) or Node({}), configuration.maps("fieldSpecs"))
    return True

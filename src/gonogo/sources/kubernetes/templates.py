"""Manifests under the name of a template whose placeholders stand for values only: `deployment.yml.tpl` for envsubst or Terraform."""

from __future__ import annotations

import re

from gonogo.sources.located import located
from gonogo.sources.manifests.objects import is_object
from gonogo.sources.manifests.templating import has_unquoted_action
from gonogo.sources.tree import Tree, TreeFile, Unreadable

# Directives of Terraform, Jinja and ERB, and actions in YAML comments: what they make of the text around them is not known.
_DIRECTIVE = re.compile(r"%\{|\{%|<%|^\s*#[^\n]*\{\{", re.M)


def holds_manifests(tree: Tree, file: TreeFile) -> bool:
    """Whether every document of a template is an object as it stands, so that rendering it only fills in values."""
    try:
        text = tree.text(file.path)
        if _DIRECTIVE.search(text):
            return False
        parsed = tree.yaml(file.path)
    except Unreadable:
        return False
    if parsed.error:
        return False
    documents = [d for d in parsed.documents if d.value is not None]
    return bool(documents) and all(is_object(located(d.value, d.locations)) and not has_unquoted_action(d.value) for d in documents)

"""Where the source of a module call is: in the tree, in `.terraform/modules`, or out of reach."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence

from gonogo.model.value import Value
from gonogo.sources.tree import Tree, Unreadable

MANIFEST = ".terraform/modules/modules.json"


def is_local(source: str) -> bool:
    """Whether a module source is a path."""
    return source.startswith(("./", "../")) or source in (".", "..")


def local_directory(caller: str, source: str) -> str | None:
    """The directory that a local source means; None where it leads out of the tree."""
    found = posixpath.normpath(posixpath.join(caller, source))
    if found == ".." or found.startswith("../"):
        return None
    return "" if found == "." else found


def installed_modules(tree: Tree, root: str) -> Mapping[str, str]:
    """What `terraform init` left behind: the directory of each module call, by its path (`a.b`)."""
    path = posixpath.join(root, MANIFEST)
    if path not in tree.files:
        return {}
    try:
        documents = tree.yaml(path).documents
    except Unreadable:
        return {}
    top: Value = documents[0].value if documents else None
    entries = top.get("Modules") if isinstance(top, Mapping) else None
    found: dict[str, str] = {}
    for entry in entries if isinstance(entries, Sequence) and not isinstance(entries, str) else ():
        if isinstance(entry, Mapping) and isinstance(entry.get("Key"), str) and isinstance(entry.get("Dir"), str):
            directory = local_directory(root, str(entry["Dir"]))
            if directory is not None:
                found[str(entry["Key"])] = directory
    return found

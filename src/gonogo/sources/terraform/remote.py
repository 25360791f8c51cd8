"""Where the source of a module call is: in the tree, in `.terraform/modules`, or out of reach."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

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


class Installed(NamedTuple):
    """A module that `terraform init` downloaded."""

    source: str
    directory: str


def installed_modules(tree: Tree, root: str) -> Mapping[str, Installed]:
    """What `terraform init` left behind: the module of each call, by the call's path (`a.b`)."""
    path = posixpath.join(root, MANIFEST)
    if path not in tree.files:
        return {}
    try:
        documents = tree.yaml(path).documents
    except Unreadable:
        return {}
    top: Value = documents[0].value if documents else None
    entries = top.get("Modules") if isinstance(top, Mapping) else None
    found: dict[str, Installed] = {}
    for entry in entries if isinstance(entries, Sequence) and not isinstance(entries, str) else ():
        if isinstance(entry, Mapping) and isinstance(entry.get("Key"), str) and isinstance(entry.get("Dir"), str):
            directory = local_directory(root, str(entry["Dir"]))
            if directory is not None:
                found[str(entry["Key"])] = Installed(str(entry.get("Source", "")), directory)
    return found


def same_source(one: str, other: str) -> bool:
    """Whether two ways of writing a module source mean the same: `github.com/o/r//m` and `git::https://github.com/o/r.git//m`."""
    return _plain(one) == _plain(other)


def _plain(source: str) -> str:
    text = re.sub(r"^(?:git::)?(?:[a-z+]+://)?(?:[\w.-]+@)?", "", source)
    text = re.sub(r"^([\w.-]+):(?!\d)", r"\1/", text)
    text = re.sub(r"\.git(?=//|\?|$)", "", text)
    return re.sub(r"^registry\.(?:terraform\.io|opentofu\.org)/", "", text)

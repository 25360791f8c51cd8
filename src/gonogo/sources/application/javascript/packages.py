"""The packages of a Node application: its manifest, its workspace, and which dependencies a command installs."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from gonogo.sources.tree import Tree, Unreadable

MANIFEST = "package.json"
MAX_MANIFEST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Manifest:
    """A `package.json`; `problem` says why it could not be read."""

    path: str
    name: str = ""
    main: str = ""
    scripts: Mapping[str, str] = field(default_factory=dict)
    production: frozenset[str] = frozenset()
    development: frozenset[str] = frozenset()
    workspaces: tuple[str, ...] = ()
    problem: str = ""

    @property
    def directory(self) -> str:
        return posixpath.dirname(self.path)


def read_manifest(tree: Tree, path: str) -> Manifest:
    """The manifest at `path`."""
    try:
        text = tree.text(path)
        if len(text) > MAX_MANIFEST:
            return Manifest(path, problem=f"longer than {MAX_MANIFEST} characters")
        table = json.loads(text)
    except Unreadable as error:
        return Manifest(path, problem=str(error))
    except (ValueError, RecursionError) as error:
        return Manifest(path, problem=f"does not parse: {str(error)[:200]}")
    if not isinstance(table, dict):
        return Manifest(path, problem="not an object")
    scripts = table.get("scripts")
    return Manifest(
        path,
        _string(table.get("name")),
        _string(table.get("main")),
        {k: v for k, v in scripts.items() if isinstance(v, str)} if isinstance(scripts, dict) else {},
        _names(table, "dependencies", "optionalDependencies"),
        _names(table, "devDependencies"),
        _workspaces(tree, posixpath.dirname(path), table.get("workspaces")),
    )


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _names(table: Mapping[str, Any], *sections: str) -> frozenset[str]:
    found: set[str] = set()
    for section in sections:
        value = table.get(section)
        found |= {name for name in value if isinstance(name, str)} if isinstance(value, dict) else set()
    return frozenset(found)


def _workspaces(tree: Tree, directory: str, value: object) -> tuple[str, ...]:
    """The globs of a workspace: npm's and yarn's in the manifest, pnpm's in a file of its own."""
    if isinstance(value, dict):
        value = value.get("packages")
    if isinstance(value, list):
        return tuple(v for v in value if isinstance(v, str))
    path = posixpath.join(directory, "pnpm-workspace.yaml")
    if path in tree.files:
        try:
            documents = tree.yaml(path).documents
        except Unreadable:
            return ()
        found = documents[0].value if documents else None
        packages = found.get("packages") if isinstance(found, Mapping) else None
        return tuple(p for p in packages if isinstance(p, str)) if isinstance(packages, Sequence) and not isinstance(packages, str) else ()
    return ()


def members(root: Manifest, manifests: Mapping[str, Manifest]) -> Sequence[Manifest]:
    """The packages of a workspace."""
    found = []
    for manifest in manifests.values():
        if manifest.path == root.path:
            continue
        below = posixpath.relpath(manifest.directory, root.directory or ".") if manifest.directory else "."
        if not below.startswith("..") and any(fnmatchcase(below, glob.removeprefix("./").rstrip("/").replace("**", "*")) for glob in root.workspaces):
            found.append(manifest)
    return found

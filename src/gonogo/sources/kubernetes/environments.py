"""Which environment a path is for, where a repository keeps one directory or file per environment."""

from __future__ import annotations

import re
from collections.abc import Iterable

PRODUCTION = "production"
_PRODUCTION = re.compile(r"(prod|production|prd|live)([-_.]\w[\w.-]*)?\Z", re.I)
_CANONICAL = {"stg": "staging", "stage": "staging", "development": "dev"}


def is_production(segment: str) -> bool:
    """Whether a directory name means production: `prod`, `production-eu`; not `preprod`, `non-prod`."""
    return _PRODUCTION.match(segment) is not None


def environments_of(directories: Iterable[str]) -> dict[str, str]:
    """The environment of each directory: `` unless the directory or one above it has a production sibling.

    Where `overlays/prod` exists beside other directories of the same kind, those are other environments and named as they
    are (`overlays/dev` is `dev`); where no production sibling exists, nothing can be left out, and all are judged.
    """
    known = sorted(set(directories))
    siblings: dict[str, set[str]] = {}
    for directory in known:
        parts = directory.split("/")
        for depth in range(len(parts)):
            siblings.setdefault("/".join(parts[:depth]), set()).add(parts[depth])
    return {directory: _environment(directory, siblings) for directory in known}


def _environment(directory: str, siblings: dict[str, set[str]]) -> str:
    parts = directory.split("/") if directory else []
    for depth, part in enumerate(parts):
        beside = siblings.get("/".join(parts[:depth]), set())
        if is_production(part):
            return PRODUCTION
        if any(is_production(s) for s in beside):
            return _CANONICAL.get(part.lower(), part)
    return ""

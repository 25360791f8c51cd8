"""Next.js: a file is a route (https://nextjs.org/docs/app/api-reference/file-conventions/route)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gonogo.sources.application.code.events import Event
from gonogo.sources.application.code.routing import Served
from gonogo.sources.application.code.values import Call, Function, Module, flat
from gonogo.sources.application.javascript.evaluate import Evaluator
from gonogo.sources.application.javascript.project import SOURCES, Project
from gonogo.sources.tree import Tree

# What Next.js calls by itself beside the routes.
_FILES = frozenset({"middleware", "instrumentation", "proxy"})
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_GROUP = re.compile(r"\([^)/]*\)/|@[^/]+/")
_ROW = {"rejections_fail": True, "known": True}


def files(tree: Tree, directory: str) -> Iterator[str]:
    """The modules that Next.js loads as routes, or at its start."""
    for path in tree.below(directory):
        below = _below(path, directory)
        stem = path.rpartition("/")[2].partition(".")[0]
        if path.endswith(SOURCES) and tree.files[path].in_scope and (below.startswith("pages/api/") or (below.startswith("app/") and stem == "route") or below.partition(".")[0] in _FILES):
            yield path


def served(project: Project, evaluator: Evaluator, exported: Sequence[str]) -> Iterator[Served]:
    """The routes of the modules that Next.js loads: `route.ts` exports a function for each method, `pages/api` one for all."""
    for path in exported:
        below = _below(path, project.directory)
        module = project.module(path)
        if module is None or not below.startswith(("app/", "pages/api/")):
            continue
        by_method = {name: name for name in _METHODS if name in module.exports} if below.startswith("app/") else {"*": "default"}
        for method, name in by_method.items():
            value = evaluator.exported(Module(path), name)
            node = next((f.node for f in flat(value) if isinstance(f, Function)), module.parsed.root)
            event = Event(Call("next:route", node, path, (value,)), True)
            yield Served(method, _route(below), (value,), event, True, None, _ROW)


def _below(path: str, directory: str) -> str:
    return path[len(directory) + 1 if directory else 0 :].removeprefix("src/")


def _route(below: str) -> str:
    whole = re.sub(r"\.[^./]+\Z", "", below)
    whole = _GROUP.sub("", whole.removeprefix("app/").removeprefix("pages/"))
    whole = re.sub(r"(?:^|/)(?:route|index)\Z", "", whole)
    return "/" + re.sub(r"\[+(?:\.\.\.)?([^\]]+)\]+", r":\1", whole)

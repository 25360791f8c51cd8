"""Reads one Python application."""

from __future__ import annotations

from collections.abc import Iterator

from gonogo.kinds.application import APPLICATION, ROUTE, UNREAD
from gonogo.model.resource import Gap, Resource, Stage
from gonogo.model.value import OpenList, Unknown, Value
from gonogo.sources.application.discovery import SOURCE, Application
from gonogo.sources.application.libraries import Libraries
from gonogo.sources.application.python import caches, django, limits, logs, middleware, telemetry, tokens
from gonogo.sources.application.python.code import Code, both
from gonogo.sources.application.python.entrypoints import entry_points
from gonogo.sources.application.python.handlers import Handlers
from gonogo.sources.application.python.index import ModuleIndex
from gonogo.sources.application.python.installs import installed
from gonogo.sources.application.python.program import Program, Reached
from gonogo.sources.application.python.web import Web
from gonogo.sources.tree import Tree


def read(tree: Tree, application: Application) -> Iterator[Resource | Gap]:
    """The application, and everything of it that is one of the `app/*` kinds."""
    index = ModuleIndex(tree, application.directory, [image.context for image in application.images])
    if not index.files:
        return
    entries = entry_points(tree, application, index)
    program = Program(tree, application, index, entries)
    program.settle()
    settings = django.settings_module(program)
    if settings is not None and not isinstance(settings, Unknown):
        django.follow(program, settings)
    program.read_rest(Libraries("python").words)
    packages = installed(tree, application)
    code = Code(program, packages)
    code.values.settings_module = settings if not isinstance(settings, Unknown) else None
    handlers = Handlers(code)
    web = Web(code, handlers)
    found: Value = [entry.module for entry in entries.found]
    if entries.unknown:
        found = OpenList([entry.module for entry in entries.found], Unknown.because(*entries.unknown))
    yield Resource(
        APPLICATION,
        f"{application.directory or '.'}:python",
        {
            "name": application.directory.rpartition("/")[2] or tree.root.name,
            "directory": application.directory,
            "language": "python",
            "framework": "django" if settings is not None else web.framework,
            "entrypoints": found,
            "manifest": application.manifests[0] if application.manifests else "",
            "image": application.images[0].dockerfile if application.images else "",
        },
        {(): application.place},
        source=SOURCE,
    )
    if entries.unknown:
        # What is not found may be in what is run.
        yield Gap(application.place.file, 0, Stage.DISCOVER, "; ".join(entries.unknown), SOURCE, UNREAD)
    if isinstance(settings, Unknown):
        yield Gap(application.place.file, 0, Stage.DISCOVER, "; ".join(settings.reasons), SOURCE, UNREAD)
    served = [*web.routes(), *django.read(code, handlers)]
    yield from served
    yield from web.documentation()
    for feature in (middleware, limits, tokens, logs, caches):
        yield from feature.read(code)
    yield from telemetry.read(code, _exposed(served))
    yield from program.gaps
    yield from packages.gaps


def _exposed(served: list[Resource]) -> Reached:
    """Whether a route serves metrics to Prometheus."""
    found = [
        both(*(value for value in (one.attributes["reachable"], one.attributes["installed"]) if isinstance(value, bool | Unknown)))
        for one in served
        if one.kind == ROUTE and one.attributes["exposes"] == "prometheus"
    ]
    unknown = [value for value in found if isinstance(value, Unknown)]
    return True if True in found else Unknown.merge(unknown) if unknown else False

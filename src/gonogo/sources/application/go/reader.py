"""Applications in Go: what their code does, as `app/*` resources."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import replace

from gonogo.kinds.application import APPLICATION, UNREAD
from gonogo.model.resource import Gap, Resource, Stage
from gonogo.model.value import OpenList, Unknown, Value
from gonogo.sources.application.code import caching, documentation, identity, observability, policies
from gonogo.sources.application.code.context import Context
from gonogo.sources.application.code.events import Live, Trace
from gonogo.sources.application.code.libraries import Libraries, load_libraries
from gonogo.sources.application.code.routing import Routing
from gonogo.sources.application.code.values import options
from gonogo.sources.application.discovery import Application
from gonogo.sources.application.go.evaluate import Evaluator
from gonogo.sources.application.go.project import GoModule, Project, plain, read_go_mod
from gonogo.sources.application.go.refusal import Refusals
from gonogo.sources.application.go.starts import Built, built
from gonogo.sources.application.go.walk import Walk
from gonogo.sources.application.images import Image
from gonogo.sources.tree import Tree, Unreadable

SOURCE = "application"
MAX_UNREACHED = 600


def read(tree: Tree, application: Application) -> Iterator[Resource | Gap]:
    """The `app/*` resources of what is built in one directory: one application for each module that an image is of."""
    libraries = load_libraries("go")
    for part in _parts(tree, application):
        yield from _read(tree, part, libraries)


def _parts(tree: Tree, application: Application) -> Iterator[Application]:
    by_module: dict[str, list[Image]] = {}
    for image in application.images:
        at = posixpath.dirname(image.dockerfile)
        while at != application.directory and at and posixpath.join(at, "go.mod") not in tree.files:
            at = posixpath.dirname(at)
        by_module.setdefault(at, []).append(image)
    if len(by_module) < 2:
        yield application
        return
    for directory, images in sorted(by_module.items()):
        yield replace(application, directory=directory, images=tuple(images), starts=tuple(c for i in images for c in i.starts))


def _read(tree: Tree, application: Application, libraries: Libraries) -> Iterator[Resource | Gap]:
    modules: list[GoModule] = []
    for path in _go_mods(tree, application.directory):
        try:
            modules.append(read_go_mod(path, tree.text(path)))
        except (Unreadable, ValueError) as error:
            yield Gap(path, 0, Stage.PARSE, f"no go.mod that is understood: {error}", SOURCE, UNREAD)
    project = Project(tree, modules, libraries.data["names"])
    everything = _main_packages(tree, application.directory)
    plan = _plan(application, project, modules, everything)
    evaluator = Evaluator(project, libraries)
    walk = Walk(project, libraries, evaluator)
    live: Live = True if plan.mains or not plan.reasons else Unknown.because(*plan.reasons)
    trace = walk.run(plan.mains or everything, live)
    trace.opaque = trace.opaque or ("; ".join(plan.reasons[:2]) if plan.reasons else "")
    walk.unreached(trace, _unreached(tree, application.directory, project, trace, libraries))
    yield _application(application, plan, modules, trace, libraries)
    required = frozenset(plain(n) for m in modules for n in (*m.direct, *m.indirect))
    own = frozenset(m.name for m in modules)
    context = Context(
        application.directory,
        "go",
        trace,
        libraries,
        lambda path: _installed(path, required, own),
        lambda path: _library(path, required),
        lambda function: options(evaluator.returned(function)),
        lambda node, file: evaluator.value(node, evaluator.file(file)),
        lambda file: [(f.path, f.parsed.root) for f in project.package(evaluator.file(file).package).files],
    )
    routes = list(Routing(context).resources())
    yield from routes
    exposed = any(r.attributes["exposes"] == "prometheus" and r.attributes["reachable"] is not False for r in routes)
    yield from policies.read(context)
    yield from observability.read(context, exposed)
    yield from identity.read(context, Refusals(trace).of)
    yield from caching.read(context)
    yield from documentation.read(context)
    yield from _gaps(project, trace, libraries)


def _go_mods(tree: Tree, directory: str) -> list[str]:
    """The modules below a directory, else the nearest above it."""
    below = [p for p in tree.below(directory) if p.rpartition("/")[2] == "go.mod" and tree.files[p].in_scope]
    above = directory
    while not below and above:
        above = posixpath.dirname(above)
        path = posixpath.join(above, "go.mod")
        if path in tree.files:
            return [path]
    return below


def _main_packages(tree: Tree, directory: str) -> list[str]:
    """The directories below that hold a program, by the package clause of their files."""
    found: set[str] = set()
    for path in tree.below(directory):
        file = tree.files[path]
        if path.endswith(".go") and not path.endswith("_test.go") and file.in_scope and file.directory not in found:
            try:
                text = tree.text(path)
            except Unreadable:
                continue
            if "func main()" in text and any(line.startswith("package main") for line in text.splitlines()):
                found.add(file.directory)
    return sorted(found)


def _plan(application: Application, project: Project, modules: Sequence[GoModule], everything: Sequence[str]) -> Built:
    if not application.images:
        return Built(tuple(everything), ())
    directories = list(dict.fromkeys([*(posixpath.dirname(i.dockerfile) for i in application.images), application.directory, *(m.directory for m in modules)]))
    return built([c for i in application.images for c in (*i.installs, *i.starts)], project, directories, everything)


def _unreached(tree: Tree, directory: str, project: Project, trace: Trace, libraries: Libraries) -> list[str]:
    """Packages that say something of a library: those that are loaded, and those that nothing imports."""
    found = {p.directory for p in project.read()}
    count = 0
    for path in tree.below(directory):
        file = tree.files[path]
        if not path.endswith(".go") or path.endswith("_test.go") or not file.in_scope or file.directory in found:
            continue
        try:
            said = libraries.words.search(tree.text(path)) is not None
        except Unreadable:
            continue
        if said:
            found.add(file.directory)
            count += 1
        if count >= MAX_UNREACHED:
            trace.opaque = trace.opaque or f"more than {MAX_UNREACHED} packages that nothing imports"
            break
    return sorted(found)


def _module_of(path: str, required: frozenset[str]) -> str:
    head = path.partition("(")[0]
    parts = head.split("/")
    for length in range(len(parts), 0, -1):
        name = "/".join(parts[:length])
        # `github.com/redis/go-redis.NewClient`: the last part carries what is done with the package.
        for candidate in (name, name.rpartition(".")[0], name.rpartition("/")[0] + "/" + name.rpartition("/")[2].partition(".")[0]):
            if candidate in required:
                return candidate
    return ""


def _library(path: str, required: frozenset[str]) -> str:
    """The module that a symbolic path begins with; `` for the standard library."""
    if not _is_module(path):
        return ""
    return _module_of(path, required) or "/".join(path.partition("(")[0].split("/")[:3])


def _installed(path: str, required: frozenset[str], own: frozenset[str]) -> Live:
    if not _is_module(path):
        return True
    if not own:
        return Unknown.because("no go.mod says what is required")
    return bool(_module_of(path, required) or any(path.startswith(o) for o in own))


def _is_module(path: str) -> bool:
    """Whether a path begins with a domain: the standard library has none."""
    return "." in path.partition("/")[0] and "/" in path and ":" not in path.partition("/")[0]


def _application(application: Application, plan: Built, modules: Sequence[GoModule], trace: Trace, libraries: Libraries) -> Resource:
    framework = next((name for name, paths in libraries.data["frameworks"].items() if any(libraries.matches(paths, m) for m in trace.mentions)), "")
    mains: list[Value] = list(plan.mains)
    name = modules[0].name if modules else posixpath.basename(application.directory)
    attributes: dict[str, Value] = {
        "name": name,
        "directory": application.directory,
        "language": "go",
        "framework": framework,
        "entrypoints": OpenList(mains, Unknown.because(*plan.reasons[:3])) if plan.reasons else mains,
        "manifest": modules[0].path if modules else "",
        "image": application.images[0].dockerfile if application.images else "",
    }
    return Resource(APPLICATION, f"{application.directory or '.'}:go", attributes, {(): application.place}, source=SOURCE)


def _gaps(project: Project, trace: Trace, libraries: Libraries) -> Iterator[Gap]:
    for path, reason in sorted(project.failed.items()):
        if trace.live_of(posixpath.dirname(path)) is not False:
            yield Gap(path, 0, Stage.READ, reason, SOURCE, UNREAD)
    for package in project.read():
        for file in package.files:
            broken = [line for line, text in file.parsed.errors.items() if libraries.words.search(text)]
            if broken and trace.live_of(package.directory) is not False:
                yield Gap(file.path, min(broken), Stage.PARSE, "source that does not parse: what it does is not known", SOURCE, UNREAD)

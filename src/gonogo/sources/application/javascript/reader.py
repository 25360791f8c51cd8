"""Applications of Node: what their code does, as `app/*` resources."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gonogo.kinds.application import APPLICATION, UNREAD
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Resource, Stage
from gonogo.model.value import OpenList, Unknown, Value
from gonogo.sources.application.code import caching, documentation, identity, observability, policies
from gonogo.sources.application.code.context import Context
from gonogo.sources.application.code.events import Live, Trace
from gonogo.sources.application.code.libraries import Libraries, load_libraries
from gonogo.sources.application.code.places import in_tree
from gonogo.sources.application.code.routing import Routing
from gonogo.sources.application.code.syntax import Node
from gonogo.sources.application.code.values import Function, Opaque, Symbolic, options
from gonogo.sources.application.discovery import Application
from gonogo.sources.application.images import Image, commands_of
from gonogo.sources.application.javascript import nest
from gonogo.sources.application.javascript import next as next_js
from gonogo.sources.application.javascript.evaluate import Evaluator
from gonogo.sources.application.javascript.installed import package_of, read_installs
from gonogo.sources.application.javascript.packages import MANIFEST, Manifest, members, read_manifest
from gonogo.sources.application.javascript.project import SOURCES, Grammars, Project
from gonogo.sources.application.javascript.refusal import Refusals
from gonogo.sources.application.javascript.starts import Packages, Started, options_of_node, started
from gonogo.sources.application.javascript.walk import Walk
from gonogo.sources.tree import Tree, Unreadable

SOURCE = "application"
_NOT_SERVED = (".test.", ".spec.", ".stories.", ".d.ts", ".config.", ".min.")
# Where a server usually begins: only to see what is mounted where, while it stays unknown that it runs.
_USUAL = ("src/index", "src/server", "src/main", "src/app", "index", "server", "main", "app")
MAX_UNREACHED = 600


@dataclass(frozen=True, slots=True)
class Plan:
    """What is known before the code is read: the package, its modules that start, and why more may start."""

    manifests: Sequence[Manifest]
    directory: str
    entries: tuple[str, ...]
    exported: tuple[str, ...]
    preloads: tuple[str, ...]
    reasons: tuple[str, ...]
    serves: bool
    likely: tuple[str, ...] = ()
    """What the package starts by its own script, where it is not known what the image starts."""


def read(tree: Tree, application: Application) -> Iterator[Resource | Gap]:
    """The `app/*` resources of what is built in one directory: one application for each package that an image is of."""
    libraries = load_libraries("javascript")
    manifests = _manifests(tree, application.directory)
    for manifest in manifests.values():
        if manifest.problem:
            yield Gap(manifest.path, 0, Stage.PARSE, manifest.problem, SOURCE, UNREAD)
    grammars = Grammars()
    for part in _parts(application, manifests):
        yield from _read(tree, part, manifests, libraries, grammars)


def _parts(application: Application, manifests: Mapping[str, Manifest]) -> Iterator[Application]:
    """Several images may be built in one directory, each of a package of its own."""
    by_package: dict[str, list[Image]] = {}
    for image in application.images:
        own = _own(replace(application, images=(image,)), manifests)
        by_package.setdefault(own.directory if own is not None else application.directory, []).append(image)
    if len(by_package) < 2:
        yield application
        return
    for directory, images in sorted(by_package.items()):
        environment = {key: value for image in images for key, value in image.environment.items()}
        yield replace(application, directory=directory, images=tuple(images), starts=tuple(c for i in images for c in i.starts), environment=environment)


def _read(
    tree: Tree, application: Application, manifests: Mapping[str, Manifest], libraries: Libraries, grammars: Grammars
) -> Iterator[Resource | Gap]:
    packages = {m.name: m.directory for m in manifests.values() if m.name}
    own = _own(application, manifests)
    project = Project(tree, own.directory if own is not None else application.directory, packages, grammars)
    plan = _plan(tree, application, manifests, own, project)
    evaluator = Evaluator(project, libraries)
    walk = Walk(project, libraries, evaluator)
    live: Live = True if plan.entries or plan.exported else Unknown.because(*plan.reasons[:3])
    trace = walk.run(plan.entries or plan.likely, plan.exported, live)
    trace.opaque = trace.opaque or "; ".join(plan.reasons[:2])
    yield _application(application, plan, trace, libraries)
    if not plan.serves:
        return
    walk.unreached(trace, _unreached(tree, application.directory, manifests, project, trace, libraries))
    trace.events.extend(nest.guards(trace))
    installs = read_installs(application.images, plan.manifests)
    context = Context(application.directory, "javascript", trace, libraries, installs.of, package_of, lambda f: _returned(evaluator, f),
                      lambda node, file: _value(project, evaluator, node, file), lambda file: _tree(project, file))  # fmt: skip
    yield from _resources(context, project, evaluator, trace, plan)
    yield from _gaps(project, trace, libraries)


def _resources(context: Context, project: Project, evaluator: Evaluator, trace: Trace, plan: Plan) -> Iterator[Resource]:
    routes = list(Routing(context).resources([*nest.served(project, evaluator, trace), *next_js.served(project, evaluator, plan.exported)]))
    yield from routes
    exposed = any(r.attributes["exposes"] == "prometheus" and r.attributes["reachable"] is not False for r in routes)
    yield from policies.read(context)
    yield from observability.read(context, exposed)
    yield from identity.read(context, Refusals(trace).of)
    yield from caching.read(context)
    yield from documentation.read(context)


def _returned(evaluator: Evaluator, function: Function) -> Sequence[Symbolic]:
    return options(evaluator.returned(function))


def _value(project: Project, evaluator: Evaluator, node: Node, file: str) -> Symbolic:
    module = project.module(file)
    return evaluator.value(node, module) if module is not None else Opaque(f"{file} was not read")


def _tree(project: Project, file: str) -> Sequence[tuple[str, Node]]:
    """What a module declares it alone sees: what it exports is another matter."""
    module = project.module(file)
    return [(file, module.parsed.root)] if module is not None else []


def _manifests(tree: Tree, directory: str) -> Mapping[str, Manifest]:
    """The manifests below a directory, and those of a workspace around it."""
    found = {path: read_manifest(tree, path) for path in _manifests_below(tree, directory)}
    above = directory
    while above:
        above = posixpath.dirname(above)
        path = posixpath.join(above, MANIFEST)
        if path in tree.files:
            around = found[path] = read_manifest(tree, path)
            if around.workspaces:
                return {**found, **{p: read_manifest(tree, p) for p in _manifests_below(tree, above) if p not in found}}
    return found


def _manifests_below(tree: Tree, directory: str) -> list[str]:
    return [p for p in tree.below(directory) if p.rpartition("/")[2] == MANIFEST and tree.files[p].in_scope]


def _own(application: Application, manifests: Mapping[str, Manifest]) -> Manifest | None:
    """The package that the image is of: beside the Dockerfile, else the context's, else the only one."""
    places = [posixpath.dirname(i.dockerfile) for i in application.images] + [application.directory]
    for place in places:
        at = place
        while True:
            found = manifests.get(posixpath.join(at, MANIFEST))
            if found is not None:
                return found
            if at in (application.directory, ""):
                break
            at = posixpath.dirname(at)
    return next(iter(manifests.values())) if len(manifests) == 1 else None


def _plan(tree: Tree, application: Application, manifests: Mapping[str, Manifest], own: Manifest | None, project: Project) -> Plan:
    found = started(application.starts, Packages(own, list(manifests.values()), any("distroless/nodejs" in base for i in application.images for base in i.bases[:1])))
    if not application.images and not application.starts:
        found = _declared(own)
    found = found + options_of_node(application.environment.get("NODE_OPTIONS", ""))
    reasons = [*found.reasons, *(() if found.files or found.frameworks else found.unknown)]
    directories = list(dict.fromkeys([*([own.directory] if own is not None else []), *(posixpath.dirname(i.dockerfile) for i in application.images),
                                      application.directory, *(m.directory for m in manifests.values())]))  # fmt: skip
    entries: list[str] = []
    for file, workdir in found.files:
        at = _locate(project, file, workdir, directories)
        if at is None and own is not None and "next" in own.production and posixpath.basename(file) == "server.js":
            # What `output: standalone` of Next.js writes.
            found = replace(found, frameworks=(*found.frameworks, "next"))
        elif at is None:
            reasons.append(f"{file}, which is started, is none of the sources")
        else:
            entries.append(at)
    preloads = []
    for preload in found.preloads:
        if not preload.startswith((".", "/")):
            preloads.append(preload)
        elif (at := _locate(project, preload, "", directories)) is not None:
            entries.append(at)
        else:
            reasons.append(f"{preload}, which is loaded first, is none of the sources")
    exported: list[str] = []
    for framework in found.frameworks:
        if framework == "next":
            exported.extend(next_js.files(tree, directories[0]))
        elif framework == "nest" and (at := _locate(project, "src/main", "", directories)) is not None:
            entries.append(at)
        elif framework == "functions-framework" and (at := _locate(project, own.main if own is not None and own.main else "index.js", "", directories)) is not None:
            exported.append(at)
        else:
            reasons.append(f"what {framework} starts was not followed")
    serves = True
    if application.images and not (entries or exported or found.reasons or found.unknown or preloads):
        serves = not _only_files(application, found)
        if not found.files and not found.frameworks:
            reasons.append("no command says what is started")
    if not entries and not exported and not reasons:
        reasons.append("nothing says what is started")
    installed_by = [m for m in manifests.values() if own is not None and (m is own or _around(m, own) or own in members(m, manifests))]
    likely = []
    if not entries and not exported:
        guesses = [*(f for f, _ in _declared(own).files), own.main if own is not None else "", *_USUAL]
        likely = [at for file in guesses if file and (at := project.source_of(posixpath.join(directories[0], file))) is not None][:1]
    return Plan(installed_by, directories[0], tuple(dict.fromkeys(entries)), tuple(exported), tuple(preloads), tuple(reasons), serves, tuple(likely))


def _around(manifest: Manifest, own: Manifest) -> bool:
    """Whether a manifest is of a workspace around a package."""
    return bool(manifest.workspaces) and (manifest.directory == "" or own.directory.startswith(f"{manifest.directory}/"))


def _only_files(application: Application, found: Started) -> bool:
    """Whether the image serves files that were built: its base is no Node, and nothing of Node is started."""
    bases = [i.bases[0] if i.bases else "" for i in application.images]
    node = any(word in base for base in bases for word in ("node", "bun", "deno"))
    return not found.files and (found.other or not application.starts) and not node


def _declared(own: Manifest | None) -> Started:
    """What is started where no image says it: the script `start`, else `main`."""
    if own is None:
        return Started()
    if "start" in own.scripts:
        return started(list(commands_of(own.scripts["start"], Location(own.path, 1))), Packages(own))
    if own.main:
        return Started(files=((own.main, ""),))
    return Started(reasons=("package.json has neither a start script nor a main module",))


def _locate(project: Project, file: str, workdir: str, directories: Sequence[str]) -> str | None:
    for path in in_tree(file, workdir, directories):
        if found := project.source_of(path, None, next((d for d in directories if d and path.startswith(f"{d}/")), "")):
            return found
    # Copied from wherever it lies: the only source of that name.
    name = posixpath.basename(file)
    named = [p for d in directories[:1] for p in project.tree.below(d) if p.rpartition("/")[2] == name and project.tree.files[p].in_scope and p.endswith(SOURCES)]
    return named[0] if len(named) == 1 else None


def _unreached(tree: Tree, directory: str, manifests: Mapping[str, Manifest], project: Project, trace: Trace, libraries: Libraries) -> list[str]:
    """Modules that say something of a library: those that are loaded, and those that nobody imports."""
    found = sorted(m.path for m in project.read())
    known = set(found)
    # What lies in another package is another application's, or a library's that nothing here imports.
    others = tuple(f"{m.directory}/" for m in manifests.values() if m.directory not in ("", directory) and m.directory.startswith(directory))
    for path in tree.below(directory):
        if len(found) - len(known) >= MAX_UNREACHED:
            trace.opaque = trace.opaque or f"more than {MAX_UNREACHED} modules that nothing imports"
            break
        if path in known or not path.endswith(SOURCES) or not tree.files[path].in_scope or path.startswith(others) or any(part in path for part in _NOT_SERVED):
            continue
        try:
            text = tree.text(path)
        except Unreadable:
            continue
        if libraries.words.search(text):
            found.append(path)
    return found


def _application(application: Application, plan: Plan, trace: Trace, libraries: Libraries) -> Resource:
    framework = next((name for name, paths in libraries.data["frameworks"].items() if any(libraries.matches(paths, m) for m in trace.mentions)), "")
    started: list[Value] = [*plan.entries, *plan.exported]
    entrypoints: Value = OpenList(started, Unknown.because(*plan.reasons[:3])) if plan.reasons else started
    attributes: dict[str, Value] = {
        "name": plan.manifests[0].name if plan.manifests and plan.manifests[0].name else posixpath.basename(application.directory),
        "directory": application.directory,
        "language": "javascript",
        "framework": framework,
        "entrypoints": entrypoints,
        "manifest": plan.manifests[0].path if plan.manifests else "",
        "image": application.images[0].dockerfile if application.images else "",
    }
    return Resource(APPLICATION, f"{application.directory or '.'}:javascript", attributes, {(): application.place}, source=SOURCE)


def _gaps(project: Project, trace: Trace, libraries: Libraries) -> Iterator[Gap]:
    """Modules that could not be read, and what does not parse where it names what is looked for."""
    for path, reason in sorted(project.failed.items()):
        if trace.live_of(path) is not False:
            yield Gap(path, 0, Stage.READ, reason, SOURCE, UNREAD)
    for module in project.read():
        broken = [line for line, text in module.parsed.errors.items() if libraries.words.search(text)]
        if broken and trace.live_of(module.path) is not False:
            yield Gap(module.path, min(broken), Stage.PARSE, "source that does not parse: what it does is not known", SOURCE, UNREAD)



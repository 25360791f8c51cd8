"""The reader of Kubernetes manifests, as they are or through kustomize."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from gonogo.model.location import Location
from gonogo.model.resource import Gap, Resource, Stage
from gonogo.model.value import Unknown, Value
from gonogo.sources.classify import KUBERNETES_KINDS, Format
from gonogo.sources.kubernetes.built_images import built_images
from gonogo.sources.kubernetes.charts import charts, unrendered
from gonogo.sources.kubernetes.deployed import UNREFERENCED, Deployment, deployment_of
from gonogo.sources.kubernetes.environments import PRODUCTION
from gonogo.sources.kubernetes.processed import Given, given_parameters
from gonogo.sources.kubernetes.releases import unread_charts
from gonogo.sources.kustomize.build import Build, Builder
from gonogo.sources.kustomize.kustomization import Kustomization
from gonogo.sources.located import Node, located
from gonogo.sources.manifests.objects import is_object, is_tool_file, objects_of
from gonogo.sources.manifests.openshift import Arguments, without_value
from gonogo.sources.manifests.pods import RELEASES, WORKLOADS
from gonogo.sources.manifests.resources import SOURCE, resources_of
from gonogo.sources.manifests.templating import has_unquoted_action, is_template, kinds_in
from gonogo.sources.tree import Tree, TreeFile, Unreadable

NOT_RENDERED = "it is not rendered: --no-render"


class KubernetesSource:
    """Reads the Kubernetes objects that a tree deploys; without `render` charts and kustomizations are gaps."""

    name = SOURCE

    def __init__(self, *, render: bool = True) -> None:
        self._render = render

    def read(self, tree: Tree) -> Iterator[Resource | Gap]:
        """Every object, with kustomizations built and rivals (two bundles that declare the same object) marked."""
        found = [*_read(tree, self._render)]
        resources = [r for r in found if isinstance(r, Resource)]
        yield from mark_rivals(resources)
        for resource in resources:
            yield from _judged(unread_charts(tree, resource), resource.environment)
        yield from (g for g in found if isinstance(g, Gap))
        yield from built_images(tree)


def _read(tree: Tree, render: bool) -> Iterator[Resource | Gap]:
    yield from charts(tree) if render else unrendered(tree, NOT_RENDERED)
    deployment = deployment_of(tree)
    yield from deployment.gaps
    builder = Builder(tree)
    for root, environment in deployment.roots:
        if not render:
            yield from _judged([Gap(root.path, 0, Stage.RENDER, NOT_RENDERED, SOURCE, ("kustomize/Kustomization", "kubernetes/Object", *KUBERNETES_KINDS))], environment)
            continue
        build = builder.build(root)
        yield from resources_of(build.objects, environment, root.directory or ".")
        yield _kustomization(root, build, environment, deployment)
        # One that does not build and holds nothing deploys nothing: it leaves no kind incomplete.
        deploys = bool(build.objects) or not build.problems or bool(build.unsupported)
        yield from _judged(build.gaps, environment if deploys else UNREFERENCED)
    for path, error in deployment.broken:
        yield _broken_kustomization(path, str(error), error.place)
    given, unset = _arguments(tree)
    for file, environment in deployment.manifests:
        for item in _manifest(tree, file, environment, Arguments(given.to(file.path), unset)):
            yield item if isinstance(item, Resource) else next(_judged([item], environment))


def _judged(gaps: Iterable[Gap], environment: str) -> Iterator[Gap]:
    """Gaps have no environment: one in an environment besides production is reported and leaves no kind incomplete."""
    for gap in gaps:
        yield gap if environment in ("", PRODUCTION) else replace(gap, kinds=())


def mark_rivals(resources: list[Resource]) -> Iterator[Resource]:
    """The resources, each with the bundles that declare the same workloads as its own and so are applied in its stead.

    A NetworkPolicy of one way to deploy protects nothing that another way deploys.
    """
    bundles: dict[tuple[str, str], set[str]] = defaultdict(set)
    for resource in resources:
        if resource.kind in WORKLOADS and isinstance(bundle := resource.attributes.get("bundle"), str):
            bundles[resource.kind, resource.name].add(bundle)
    rivals: dict[str, set[str]] = defaultdict(set)
    for declaring in bundles.values():
        for bundle in declaring:
            rivals[bundle] |= declaring - {bundle}
    for resource in resources:
        bundle = resource.attributes.get("bundle")
        if isinstance(bundle, str) and rivals.get(bundle):
            yield replace(resource, attributes={**resource.attributes, "rivals": sorted(rivals[bundle])})
        else:
            yield resource


def _arguments(tree: Tree) -> tuple[Given, frozenset[str]]:
    """What pipelines give to the templates of a tree, and the parameters that some template has no value for.

    A pipeline gives such a parameter to every template alike, so that its default in another template must not be filled
    in: `${NAME}-web` of one file and `${NAME}-web` of the next are the same name whatever NAME is.
    """
    templates: list[tuple[str, Node]] = []
    for file in tree.of(Format.KUBERNETES):
        try:
            documents = tree.yaml(file.path).documents
        except Unreadable:
            continue
        for document in documents:
            if isinstance(document.value, Mapping) and document.value.get("kind") == "Template":
                templates.append((file.path, located(document.value, document.locations)))
    if not templates:
        return Given(), frozenset()
    given = given_parameters(tree)
    return given, frozenset().union(*(without_value(template, given.to(path)) for path, template in templates))


def _manifest(tree: Tree, file: TreeFile, environment: str, arguments: Arguments) -> Iterator[Resource | Gap]:
    """The objects of one plain manifest; a gap for what of it is broken or another tool's template."""
    try:
        text, parsed = tree.text(file.path), tree.yaml(file.path)
    except Unreadable as error:
        yield Gap(file.path, 0, Stage.READ, str(error), SOURCE, file.format.kinds)
        return
    objects = 0
    template_lines: list[int] = []
    for document in parsed.documents:
        root = located(document.value, document.locations)
        if not is_object(root) or is_tool_file(root):
            continue
        if has_unquoted_action(document.value):
            template_lines.append(root.location.line if root.location else 0)
            yield _gap(file, template_lines[-1], _part(text, root.location), "a template of another tool, not rendered", Stage.RENDER)
            continue
        objects += 1
        yield from resources_of(objects_of(root, arguments), environment)
    problem: str | None = None
    if parsed.error and is_template(text):
        template_lines.append(parsed.error_line)
        rest = _after(text, len(parsed.documents), parsed.error_line)
        yield _gap(file, parsed.error_line, rest, "a template of another tool, not rendered", Stage.RENDER)
    elif parsed.error:
        problem = parsed.error
        yield _gap(file, parsed.error_line, _after(text, len(parsed.documents), parsed.error_line), parsed.error, Stage.PARSE)
    if objects or template_lines or problem:
        line = parsed.error_line if problem else 0
        place = Location(file.path, line)
        attributes: dict[str, Value] = {"file": file.path, "problem": problem, "templated": bool(template_lines), "objects": objects}
        yield Resource("kubernetes/Manifest", file.path, attributes, {(): place}, source=SOURCE, environment=environment)


def _gap(file: TreeFile, line: int, text: str, reason: str, stage: Stage) -> Gap:
    return Gap(file.path, line, stage, reason, SOURCE, kinds_in(text))


def _part(text: str, place: Location | None) -> str:
    if place is None:
        return text
    lines = text.splitlines()
    return "\n".join(lines[max(place.line - 1, 0) : place.end_line or len(lines)])


def _after(text: str, documents: int, error_line: int) -> str:
    """The text from the document that could not be read on: the last `---` before the error, or the whole file."""
    lines = text.splitlines()
    if not documents:
        return text
    start = max((n for n, line in enumerate(lines[:error_line]) if line.startswith("---")), default=0)
    return "\n".join(lines[start:])


def _kustomization(root: Kustomization, build: Build, environment: str, deployment: Deployment) -> Resource:
    locations = dict(root.root.locations())
    locations[()] = Location(root.path, locations[()].line if () in locations else 0)
    problem: Value = None
    if build.problems:
        problem, place = build.problems[0]
        if place is not None:
            locations["builds",] = locations["problem",] = place
    attributes: dict[str, Value] = {
        "directory": root.directory or ".",
        "builds": build.builds,
        "problem": problem if problem is not None or not isinstance(build.builds, Unknown) else build.builds,
        "workloads": sum(1 for o in build.objects if o.kind in WORKLOADS | RELEASES),
        "objects": len(build.objects),
        "environments": list(deployment.siblings.get(root.path, ())),
    }
    for name in ("resources", "bases"):
        if (name,) in locations:
            locations["workloads",] = locations["objects",] = locations[(name,)]
    return Resource("kustomize/Kustomization", root.path, attributes, _only(locations, attributes), source=SOURCE, environment=environment)


def _only(locations: Mapping[tuple[str | int, ...], Location], attributes: Mapping[str, Value]) -> dict[tuple[str | int, ...], Location]:
    return {path: place for path, place in locations.items() if not path or path[0] in attributes}


def _broken_kustomization(path: str, problem: str, place: Location | None) -> Resource:
    attributes: dict[str, Value] = {
        "directory": path.rpartition("/")[0] or ".", "builds": False, "problem": problem, "workloads": 0, "objects": 0, "environments": [],
    }  # fmt: skip
    return Resource("kustomize/Kustomization", path, attributes, {(): place or Location(path)}, source=SOURCE)

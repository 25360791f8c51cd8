"""A chart with its values and subcharts, rendered to manifests (https://helm.sh/docs/topics/charts/)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gonogo.formats.yaml_reader import Document, read_yaml
from gonogo.model.location import Location
from gonogo.model.value import Path
from gonogo.sources.helm.functions import KubeVersion, Number, is_true, merge_over
from gonogo.sources.helm.render import Renderer
from gonogo.sources.helm.syntax import TemplateError, parse
from gonogo.sources.manifests.apis import apis
from gonogo.sources.tree import Tree, Unreadable

# The values that are for production, beside the chart's own; the first that exists is laid over `values.yaml`.
_PRODUCTION = tuple(
    name.format(env)
    for env in ("production", "prod", "prd")
    for name in ("values-{}.yaml", "values.{}.yaml", "values_{}.yaml", "{}-values.yaml", "{}.yaml", "values/{}.yaml", "environments/{}.yaml")
)
MAX_SUBCHARTS = 50
# What Helm takes without a cluster: the version of the client it is built with.
_MINOR = 36
_KUBERNETES = f"v1.{_MINOR}.0"


@dataclass(frozen=True, slots=True)
class Failure:
    """A part of a chart that was not rendered; `template` says whether it is one of its templates or a whole subchart."""

    file: str
    line: int
    reason: str
    template: bool


@dataclass(slots=True)
class Rendered:
    """The documents of a chart, placed at the lines of its templates, and what was not rendered."""

    documents: list[Document] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    values_files: list[str] = field(default_factory=list)
    rendered: int = 0
    values: Mapping[str, Any] = field(default_factory=dict)
    """What the chart is rendered with: its own values with those for production over them."""


class ApiVersions:
    """`.Capabilities.APIVersions`: those of a cluster without extensions."""

    def __str__(self) -> str:
        raise TemplateError("the chart writes out all API versions of the cluster")

    def template_Has(self, version: str) -> bool:  # noqa: N802 - the name templates use
        group, _, rest = str(version).rpartition("/")
        # `apps/v1`, `v1`, or with a kind: `apps/v1/Deployment`, `v1/Service`.
        return apis().serves(_MINOR, group, rest) if rest[:1].isupper() else apis().serves(_MINOR, str(version))


@dataclass(frozen=True, slots=True)
class Files:
    """`.Files`: other files of the chart, read through the tree."""

    tree: Tree
    directory: str

    def template_Get(self, name: str) -> str:  # noqa: N802 - the name templates use
        path = posixpath.normpath(posixpath.join(self.directory, str(name)))
        inside = not self.directory or path.startswith(self.directory + "/")
        try:
            return self.tree.text(path) if inside and not path.startswith("..") else ""
        except Unreadable:
            return ""


def render_chart(tree: Tree, directory: str) -> Rendered:
    """Render the chart in `directory` with its default values, and its production values on top where it has some."""
    result = Rendered()
    values = _values(tree, directory, result)
    for name in _PRODUCTION:
        path = posixpath.join(directory, name)
        if path in tree.files:
            values = merge_over(values, _mapping(tree, path, result))
            result.values_files.append(path)
            break
    result.values = values
    _Chart(tree, Renderer(placeholders=True), result, 0).render(directory, values)
    return result


def _values(tree: Tree, directory: str, result: Rendered) -> dict[str, Any]:
    path = posixpath.join(directory, "values.yaml")
    if path not in tree.files:
        return {}
    result.values_files.append(path)
    return _mapping(tree, path, result)


def _mapping(tree: Tree, path: str, result: Rendered) -> dict[str, Any]:
    try:
        parsed = tree.yaml(path)
    except Unreadable as error:
        result.failures.append(Failure(path, 0, str(error), template=False))
        return {}
    if parsed.error:
        result.failures.append(Failure(path, parsed.error_line, parsed.error, template=False))
    value = parsed.documents[0].value if parsed.documents else {}
    return {str(key): _as_helm_reads(inner) for key, inner in value.items()} if isinstance(value, Mapping) else {}


def _as_helm_reads(value: Any) -> Any:
    """A copy, with whole numbers as `Number`."""
    if isinstance(value, Mapping):
        return {str(key): _as_helm_reads(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_as_helm_reads(inner) for inner in value]
    return Number(value) if isinstance(value, int) and not isinstance(value, bool) else value


@dataclass(slots=True)
class _Chart:
    tree: Tree
    renderer: Renderer
    result: Rendered
    depth: int

    def render(self, directory: str, values: dict[str, Any]) -> None:
        """Render a chart and the subcharts that are on, children first as Helm merges their named templates."""
        chart = self._metadata(directory)
        if self.depth > MAX_SUBCHARTS:
            self.result.failures.append(Failure(directory, 0, "charts contain each other without end", template=False))
            return
        for child, child_values in self._children(directory, chart, values):
            _Chart(self.tree, self.renderer, self.result, self.depth + 1).render(child, child_values)
        root = self._root(directory, chart, values)
        bodies: list[tuple[str, Any]] = []
        for path in self._templates(directory):
            try:
                template = parse(self.tree.text(path))
            except Unreadable as error:
                self.result.failures.append(Failure(path, 0, str(error), template=True))
                continue
            except TemplateError as error:
                self.result.failures.append(Failure(path, error.line, str(error), template=True))
                continue
            # A file is a template by its path, too: `include (print $.Template.BasePath "/config.yaml") .` hashes one.
            self.renderer.define({path: template.body, **template.defines})
            if not path.rpartition("/")[2].startswith("_") and not path.endswith("NOTES.txt"):
                bodies.append((path, template.body))
        if chart.get("type") == "library":
            return
        for path, body in bodies:
            self._file(path, body, {**root, "Template": {"Name": path, "BasePath": posixpath.join(directory, "templates")}})

    def _file(self, path: str, body: Any, root: Mapping[str, Any]) -> None:
        try:
            output = self.renderer.render(body, root)
        except TemplateError as error:
            self.result.failures.append(Failure(path, error.line, f"the template is not rendered: {error}", template=True))
            return
        parsed = read_yaml(path, output.text())
        lines = output.lines()
        if parsed.error:
            line = lines[min(max(parsed.error_line, 1), len(lines)) - 1]
            self.result.failures.append(Failure(path, line, f"the template renders to no YAML: {parsed.error}", template=True))
        else:
            self.result.rendered += 1
        self.result.documents.extend(_placed(document, lines) for document in parsed.documents if isinstance(document.value, Mapping) and document.value)

    def _metadata(self, directory: str) -> dict[str, Any]:
        for name in ("Chart.yaml", "Chart.yml"):
            path = posixpath.join(directory, name)
            if path in self.tree.files:
                return _mapping(self.tree, path, self.result)
        return {}

    def _templates(self, directory: str) -> Iterator[str]:
        start = posixpath.join(directory, "templates") + "/"
        for path in sorted(self.tree.files):
            if path.startswith(start) and path.endswith((".yaml", ".yml", ".tpl", ".txt", ".json")) and "/tests/" not in path[len(start) - 1 :]:
                yield path

    def _children(self, directory: str, chart: Mapping[str, Any], values: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        """The subcharts in the tree that are on, with their values: their own, then the parent's for them, then the globals."""
        dependencies = chart.get("dependencies")
        declared = {str(d.get("name")): d for d in dependencies if isinstance(d, Mapping)} if isinstance(dependencies, list) else {}
        found: dict[str, str] = {}
        start = posixpath.join(directory, "charts") + "/"
        for path in self.tree.files:
            if path.startswith(start) and path.endswith("/Chart.yaml") and path.count("/") == start.count("/") + 1:
                found[path[len(start) :].split("/")[0]] = path.rpartition("/")[0]
        for name, dependency in declared.items():
            repository = str(dependency.get("repository") or "")
            if name not in found and repository.startswith("file://"):
                local = posixpath.normpath(posixpath.join(directory, repository.removeprefix("file://")))
                if posixpath.join(local, "Chart.yaml") in self.tree.files:
                    found[name] = local
        for name, child in sorted(found.items()):
            dependency = declared.get(name, {})
            if not enabled(dependency, values):
                continue
            key = str(dependency.get("alias") or name)
            over = values.get(key)
            merged = merge_over(_values(self.tree, child, self.result), over if isinstance(over, dict) else {})
            shared = values.get("global")
            if isinstance(shared, dict):
                own = merged.get("global")
                merged["global"] = merge_over(own if isinstance(own, dict) else {}, shared)
            yield child, merged

    def _root(self, directory: str, chart: Mapping[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        return {
            "Values": values,
            "Chart": {key[:1].upper() + key[1:]: value for key, value in chart.items()},
            "Release": {
                "Name": "release-name", "Namespace": "default", "Service": "Helm", "IsInstall": True, "IsUpgrade": False, "Revision": 1,
            },
            "Capabilities": {
                "KubeVersion": KubeVersion(Version=_KUBERNETES, GitVersion=_KUBERNETES, Major="1", Minor=str(_MINOR)),
                "APIVersions": ApiVersions(),
                "HelmVersion": {"Version": "v3.16.0"},
            },
            "Files": Files(self.tree, directory),
            "Subcharts": {},
        }  # fmt: skip


def enabled(dependency: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Whether a dependency's `condition` holds: the first path that exists decides, none means on."""
    for condition in str(dependency.get("condition") or "").split(","):
        at: Any = values
        for step in condition.strip().split(".") if condition.strip() else ():
            at = at.get(step) if isinstance(at, Mapping) else None
        if condition.strip() and at is not None:
            return is_true(at)
    return True


def _placed(document: Document, lines: list[int]) -> Document:
    """The document with its places moved from rendered lines to those of the template."""

    def original(place: Location) -> Location:
        line = lines[min(max(place.line, 1), len(lines)) - 1]
        end = lines[min(max(place.end_line or place.line, 1), len(lines)) - 1]
        return Location(place.file, line, 1, max(line, end))

    places: dict[Path, Location] = {path: original(place) for path, place in document.locations.items()}
    return Document(document.file, document.index, document.value, places)

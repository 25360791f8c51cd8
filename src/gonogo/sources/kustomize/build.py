"""Builds a kustomization: resources, generators, components and transformers in kustomize's order."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from gonogo.model.location import Location
from gonogo.model.resource import Gap, Stage
from gonogo.model.value import Unknown
from gonogo.sources.classify import KUBERNETES_KINDS
from gonogo.sources.kustomize import images, labels, names, transformers
from gonogo.sources.kustomize.generators import generate
from gonogo.sources.kustomize.item import BuildError, Item, items_of, kind_of
from gonogo.sources.kustomize.kustomization import NAMES, Kustomization, is_remote, read_kustomization, unknown_fields
from gonogo.sources.kustomize.patches import apply_patch, inline
from gonogo.sources.kustomize.replacements import replace
from gonogo.sources.located import Node, located
from gonogo.sources.manifests.objects import KubernetesObject
from gonogo.sources.manifests.templating import kinds_in
from gonogo.sources.tree import Tree, Unreadable

SOURCE = "kustomize"
MAX_DEPTH = 20
MAX_OBJECTS = 20_000
# Fields whose effect is not computed, with the kinds they may add or change; () where they change nothing a rule reads.
_UNSUPPORTED: dict[str, tuple[str, ...]] = {
    "helmCharts": KUBERNETES_KINDS,
    "helmChartInflationGenerator": KUBERNETES_KINDS,
    "generators": KUBERNETES_KINDS,
}


@dataclass(slots=True)
class Build:
    """What came out. `problems` are reasons why kustomize refuses, `unsupported` what gonogo does not compute itself."""

    objects: list[KubernetesObject] = field(default_factory=list)
    problems: list[tuple[str, Location | None]] = field(default_factory=list)
    unsupported: list[str] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)

    @property
    def builds(self) -> bool | Unknown:
        if self.problems:
            return False
        return Unknown.because(*self.unsupported) if self.unsupported else True


def find_kustomization(tree: Tree, directory: str) -> str | None:
    """The kustomization file of a directory."""
    for name in NAMES:
        path = f"{directory}/{name}" if directory else name
        if path in tree.files:
            return path
    return None


def resolve(directory: str, reference: str) -> str | None:
    """A path written in a kustomization as a path of the tree; None where it leaves the tree."""
    path = posixpath.normpath(posixpath.join(directory, reference))
    if path.startswith(("../", "/")) or path == "..":
        return None
    return "" if path == "." else path


class Builder:
    """Builds the kustomizations of one tree."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def build(self, root: Kustomization) -> Build:
        """What `kubectl apply -k` would send; what does not fit is left out, reported and recorded as a gap."""
        result = Build()
        run = _Run(self._tree, result)
        try:
            items = run.run(root, [], ())
            names.follow_renames(items)
        except BuildError as error:
            run.problem(str(error), error.place, KUBERNETES_KINDS)
            return result
        result.objects = [item.object for item in items]
        return result


@dataclass(slots=True)
class _Run:
    tree: Tree
    result: Build

    def run(self, found: Kustomization, items: list[Item], above: tuple[str, ...]) -> list[Item]:
        """`items` after the kustomization; `above` are those that refer to it."""
        at = found.root.location or Location(found.path)
        if found.path in above or len(above) > MAX_DEPTH:
            self.problem("a kustomization refers to itself" if found.path in above else "kustomizations nest too deeply", at)
            return items
        self._check(found)
        above = (*above, found.path)
        for reference in found.references():
            if not _is_component(found, reference):
                items = self._add(items, self._read(found, reference, above))
        items = self._generate(found, items)
        for reference in found.references():
            if _is_component(found, reference):
                items = self._component(found, reference, items, above)
        return self._transform(found, items)

    def _check(self, found: Kustomization) -> None:
        for node in unknown_fields(found):
            self._unsupported("a field of this kustomization is not known", node.location, KUBERNETES_KINDS)
        for member, kinds in _UNSUPPORTED.items():
            used = found.root.get(member)
            if used is not None and used.content:
                self._unsupported(f"{member} of a kustomization is not computed", used.location, kinds)
        for member in ("configurations", "crds"):
            for name in found.root.texts(member):
                if not is_remote(name) and resolve(found.directory, name) not in self.tree.files:
                    self.problem(f"{name} does not exist", (found.root.get(member) or found.root).location)

    def _read(self, found: Kustomization, reference: Node, above: tuple[str, ...]) -> list[Item]:
        text = str(reference.content)
        if is_remote(text):
            self._unsupported(f"remote resource {text} is not in the repository", reference.location, KUBERNETES_KINDS)
            return []
        path = resolve(found.directory, text)
        if path is None:
            self._unsupported(f"{text} is outside of the scanned tree", reference.location, KUBERNETES_KINDS)
            return []
        if path in self.tree.files:
            if found.directory and not path.startswith(f"{found.directory}/"):
                # kustomize reads files above its own directory only with `--load-restrictor LoadRestrictionsNone`.
                self._unsupported(f"{text} lies outside of the kustomization's directory", reference.location, ())
            return self._file(path, reference)
        child = self._kustomization(path, reference)
        return self.run(child, [], above) if child is not None else []

    def _kustomization(self, directory: str, reference: Node) -> Kustomization | None:
        file = find_kustomization(self.tree, directory)
        if file is None:
            problem = "has no kustomization" if self.tree.is_dir(directory) else "does not exist"
            self.problem(f"{reference.content} {problem}", reference.location, KUBERNETES_KINDS)
            return None
        try:
            return read_kustomization(self.tree, file)
        except BuildError as error:
            self.problem(str(error), error.place or Location(file), KUBERNETES_KINDS)
            return None

    def _file(self, path: str, reference: Node) -> list[Item]:
        items: list[Item] = []
        for document in self._documents(path, reference):
            items += items_of(document)
        return items

    def _documents(self, path: str, reference: Node) -> list[Node]:
        try:
            parsed = self.tree.yaml(path)
        except Unreadable as error:
            self.problem(f"{path} {error}", reference.location, KUBERNETES_KINDS)
            return []
        if parsed.error:
            kinds = kinds_in(self.tree.text(path))
            self.problem(f"{path} is {parsed.error}", Location(path, parsed.error_line), kinds)
        return [located(d.value, d.locations) for d in parsed.documents if d.value is not None]

    def _add(self, items: list[Item], new: Iterable[Item]) -> list[Item]:
        present = {(i.kind, i.namespace or "default", i.name) for i in items}
        for item in new:
            key = (item.kind, item.namespace or "default", item.name)
            if key in present and item.name:
                self.problem(f"{item.kind} {item.name} is among the resources twice", item.node.location)
                continue
            present.add(key)
            items.append(item)
            if len(items) > MAX_OBJECTS:
                raise BuildError(f"more than {MAX_OBJECTS} objects", item.node.location)
        return items

    def _component(self, found: Kustomization, reference: Node, items: list[Item], above: tuple[str, ...]) -> list[Item]:
        text = str(reference.content)
        path = None if is_remote(text) else resolve(found.directory, text)
        if path is None:
            self._unsupported(f"component {text} is not in the scanned tree", reference.location, KUBERNETES_KINDS)
            return items
        child = self._kustomization(path, reference)
        return self.run(child, items, above) if child is not None else items

    def _generate(self, found: Kustomization, items: list[Item]) -> list[Item]:
        missing: list[str] = []

        def read(name: str) -> str | Unknown:
            try:
                return self.tree.text(resolve(found.directory, name) or "")
            except Unreadable as error:
                missing.append(f"{name}: {error}")
                return Unknown.because(missing[-1])

        options = found.root.get("generatorOptions")
        for member, kind in (("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")):
            for entry in found.root.maps(member):
                try:
                    items = generate(items, entry, kind, options, read)
                    # A file of secrets is rightly on the deploying machine only; a file of settings should be here.
                    if kind == "ConfigMap":
                        self.result.unsupported += missing
                    missing.clear()
                except BuildError as error:
                    self.problem(str(error), error.place, (f"core/{kind}",))
        return items

    def _transform(self, found: Kustomization, items: list[Item]) -> list[Item]:
        root = found.root
        items = self._patch(found, items, "patchesStrategicMerge")
        items = self._patch(found, items, "patches")
        namespace = root.get("namespace")
        if namespace is not None and isinstance(namespace.content, str):
            names.set_namespace(items, namespace.content, namespace.location)
        if root.text("namePrefix") or root.text("nameSuffix"):
            names.add_affixes(items, root.text("namePrefix"), root.text("nameSuffix"))
        for entry in root.maps("labels"):
            selectors, templates = entry.get("includeSelectors"), entry.get("includeTemplates")
            labels.add_labels(
                items,
                entry.get("pairs") or Node({}),
                selectors is not None and selectors.content is True,
                templates is not None and templates.content is True,
                entry.maps("fields"),
            )
        for member, add in (("commonLabels", True), ("commonAnnotations", False)):
            values = root.get(member)
            if values is not None and values.fields:
                if add:
                    labels.add_labels(items, values, selectors=True, templates=True)
                else:
                    labels.add_annotations(items, values)
        items = self._patch(found, items, "patchesJson6902")
        try:
            images.set_replicas(items, root.maps("replicas"))
        except BuildError as error:
            self.problem(str(error), error.place, ("apps/*",))
        images.set_images(items, [*root.maps("images"), *root.maps("imageTags")])
        for entry in self._replacements(found):
            try:
                replace(items, entry)
            except BuildError as error:
                changed = {f"*/{t.text('select', 'kind') or '*'}" for t in entry.maps("targets")}
                self.problem(str(error), error.place, tuple(sorted(changed)))
        for configuration in self._transformers(found):
            if not transformers.transform(items, configuration):
                kind = configuration.text("kind") or "one"
                self._unsupported(f"{kind} of the transformers of a kustomization is not computed", configuration.location, KUBERNETES_KINDS)
        return items

    def _transformers(self, found: Kustomization) -> Iterator[Node]:
        """The configurations that `transformers` names: files, or YAML written there."""
        listed = found.root.get("transformers")
        for entry in listed.items if listed is not None else []:
            text = str(entry.content)
            path = None if is_remote(text) else resolve(found.directory, text)
            try:
                if "\n" in text:
                    yield from inline(entry)
                elif path is not None and path in self.tree.files:
                    yield from self._documents(path, entry)
                else:
                    yield Node({}, entry.location)
            except BuildError as error:
                self.problem(str(error), error.place, KUBERNETES_KINDS)

    def _replacements(self, found: Kustomization) -> Iterator[Node]:
        for entry in found.root.maps("replacements"):
            name = entry.text("path")
            if not name:
                yield entry
                continue
            path = resolve(found.directory, name)
            if path is None or path not in self.tree.files:
                self.problem(f"{name} does not exist", entry.location, KUBERNETES_KINDS)
                continue
            for document in self._documents(path, entry):
                yield from (document.items if isinstance(document.content, list) else [document])

    def _patch(self, found: Kustomization, items: list[Item], member: str) -> list[Item]:
        listed = found.root.get(member)
        for entry in listed.items if listed is not None else []:
            if member == "patches" and isinstance(entry.content, str):
                # kustomize 1 took file names here; its successors refuse them. What is meant is plain, so it is applied.
                self.problem(f"patches takes mappings with path or patch, not the text {entry.content!r}", entry.location)
            try:
                patches = self._patches(found, entry)
            except BuildError as error:
                self.problem(str(error), error.place, KUBERNETES_KINDS)
                continue
            for patch in patches:
                try:
                    items = apply_patch(items, patch, entry.get("target"))
                except BuildError as error:
                    kind = kind_of(patch) or f"*/{entry.text('target', 'kind') or '*'}"
                    self.problem(str(error), error.place, (kind,))
        return items

    def _patches(self, found: Kustomization, entry: Node) -> list[Node]:
        """The documents of one entry: a path, inline YAML, or a mapping with either."""
        text = entry if isinstance(entry.content, str) else entry.get("patch")
        if text is not None and isinstance(text.content, str) and ("\n" in text.content or not isinstance(entry.content, str)):
            return inline(text)
        name = entry.content if isinstance(entry.content, str) else entry.text("path")
        path = resolve(found.directory, name) if name else None
        if path is None or path not in self.tree.files:
            raise BuildError(f"the patch {name} does not exist" if name else "a patch names no file", entry.location)
        return self._documents(path, entry)

    def problem(self, message: str, place: Location | None, kinds: tuple[str, ...] = ()) -> None:
        """Note why kustomize refuses, with the kinds that are therefore not seen."""
        self.result.problems.append((message, place))
        self.result.gaps.append(_gap(place, f"the kustomization does not build: {message}", kinds))

    def _unsupported(self, message: str, place: Location | None, kinds: tuple[str, ...]) -> None:
        self.result.unsupported.append(message)
        self.result.gaps.append(_gap(place, message, kinds))


def _gap(place: Location | None, reason: str, kinds: tuple[str, ...]) -> Gap:
    return Gap(place.file if place else "", place.line if place else 0, Stage.RENDER, reason, SOURCE, kinds)


def _is_component(found: Kustomization, reference: Node) -> bool:
    listed = found.root.get("components")
    return listed is not None and any(item is reference for item in listed.items)

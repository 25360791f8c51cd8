"""Compose files of the tree as resources, one for each project."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gonogo.kinds.compose import PROJECT
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Resource, Stage
from gonogo.model.value import Path, Unknown, Value, is_list
from gonogo.sources.classify import Format
from gonogo.sources.compose.interpolation import interpolate
from gonogo.sources.tree import Tree, TreeFile, Unreadable

_OVERRIDE = re.compile(r"(?:^|[./-])override\.ya?ml$")
MAX_EXTENDS = 10

Services = dict[str, dict[str, Value]]
Places = dict[Path, Location]


class ComposeSource:
    """Reads every compose project: a main file with its `override` beside it."""

    name = "compose"

    def read(self, tree: Tree) -> Iterator[Resource | Gap]:
        """One `compose/Project` for each main file; a file that does not parse is a project that says so."""
        for file in tree.of(Format.COMPOSE):
            if not _OVERRIDE.search(file.name):
                reader = _Project(tree)
                yield reader.resource(file)
                yield from reader.gaps


@dataclass(slots=True)
class _Project:
    tree: Tree
    gaps: list[Gap] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def resource(self, file: TreeFile) -> Resource:
        places: Places = {(): Location(file.path, 1)}
        services = self._file(file.path, places)
        parses = services is not None
        merged: Services = services or {}
        for override in _overrides(self.tree, file):
            for name, service in (self._file(override, places) or {}).items():
                merged[name] = _merge(merged.get(name, {}), service)
        resolved = {name: self._extended(file.path, name, merged, places, ()) for name in sorted(merged)}
        final: dict[str, Value] = {name: interpolate(service) for name, service in resolved.items()}
        if parses and not final:
            self.problems.append("no services")
        attributes: dict[str, Value] = {
            "file": file.path,
            "parses": parses,
            "problems": list(self.problems),
            "services": final,
            "buildsRepository": any(_from_repository(service) for service in final.values()),
            "images": [s["image"] for s in final.values() if isinstance(s, Mapping) and isinstance(s.get("image"), str)],
        }
        return Resource(PROJECT, file.path, attributes, places, source="compose")

    def _file(self, path: str, places: Places) -> Services | None:
        try:
            parsed = self.tree.yaml(path)
        except Unreadable as error:
            self._gap(path, 0, Stage.READ, str(error))
            return None
        if parsed.error:
            self._gap(path, parsed.error_line, Stage.PARSE, parsed.error)
            places["parses",] = Location(path, parsed.error_line)
            return None
        services: Services = {}
        for document in parsed.documents:
            found = document.value.get("services") if isinstance(document.value, Mapping) else None
            if not isinstance(found, Mapping):
                continue
            for at, place in document.locations.items():
                if at and at[0] == "services":
                    places[at] = place
            for name, service in found.items():
                if isinstance(service, Mapping):
                    services[name] = {key: item for key, item in service.items() if not key.startswith("x-")}
                elif not name.startswith("x-"):
                    self.problems.append(f"the service {name} is not a mapping")
        return services

    def _gap(self, path: str, line: int, stage: Stage, reason: str) -> None:
        self.problems.append(reason)
        self.gaps.append(Gap(path, line, stage, reason, "compose", (PROJECT,)))

    def _extended(self, path: str, name: str, services: Services, places: Places, seen: tuple[tuple[str, str], ...]) -> dict[str, Value]:
        service = services[name]
        extends = service.get("extends")
        if extends is None:
            return service
        target = extends if isinstance(extends, str) else extends.get("service") if isinstance(extends, Mapping) else None
        other = extends.get("file") if isinstance(extends, Mapping) else None
        own = {key: item for key, item in service.items() if key != "extends"}
        if not isinstance(target, str):
            return own
        base_path, base_services = path, services
        if isinstance(other, str):
            base_path = posixpath.normpath(posixpath.join(posixpath.dirname(path), other))
            found = self._file(base_path, {}) if base_path in self.tree.files else None
            if found is None:
                self._gap(path, 0, Stage.EVALUATE, f"{name} extends {other}, which is not in the scanned tree")
                return own
            base_services = found
        if target not in base_services:
            self._gap(path, 0, Stage.EVALUATE, f"{name} extends {target}, which does not exist")
            return own
        if (base_path, target) in seen or len(seen) >= MAX_EXTENDS:
            self._gap(path, 0, Stage.EVALUATE, f"{name} extends itself")
            return own
        base = self._extended(base_path, target, base_services, places, (*seen, (path, name)))
        return _merge(base, own)


def _overrides(tree: Tree, file: TreeFile) -> Iterator[str]:
    stem, _, suffix = file.path.rpartition(".")
    for name in (f"{stem}.override.{suffix}",):
        if name in tree.files:
            yield name


def _merge(base: Mapping[str, Value], over: Mapping[str, Value]) -> dict[str, Value]:
    """Compose's merge: mappings by key, lists appended, the rest replaced (https://docs.docker.com/reference/compose-file/merge/)."""
    merged = dict(base)
    for key, value in over.items():
        before = merged.get(key)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            merged[key] = _merge(before, value)
        elif is_list(before) and is_list(value) and key not in ("command", "entrypoint"):
            merged[key] = [*_items(before), *_items(value)]
        else:
            merged[key] = value
    return merged


def _items(value: Value) -> Sequence[Value]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def _from_repository(service: Value) -> bool:
    """Whether a service is built from this repository, or runs its sources from a bind mount."""
    if not isinstance(service, Mapping):
        return False
    build = service.get("build")
    context = build.get("context", ".") if isinstance(build, Mapping) else build
    if isinstance(context, str):
        return not re.match(r"https?://|git@|ssh://|git://", context)
    if isinstance(context, Unknown):
        return False
    return any(_mounts_sources(volume) for volume in _items(service.get("volumes")))


def _mounts_sources(volume: Value) -> bool:
    """A bind of a directory of the repository: not of a single file, which only configures the image."""
    if isinstance(volume, Mapping):
        source = volume.get("source") if volume.get("type") == "bind" else None
    else:
        source = volume.split(":")[0] if isinstance(volume, str) and ":" in volume else None
    if not isinstance(source, str) or not source.startswith("."):
        return False
    return "." not in source.rstrip("/").rpartition("/")[2].lstrip(".")

"""Compose files merged into one project: overrides, `extends` and `include` (https://docs.docker.com/reference/compose-file/merge/)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass, field

from gonogo.kinds.compose import PROJECT
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Stage
from gonogo.sources.located import Node, located
from gonogo.sources.tree import Tree, Unreadable

MAX_EXTENDS = 20
MAX_FILES = 50
# Lists that a later file replaces; others grow.
_REPLACED = frozenset({"command", "entrypoint", "test"})

Services = dict[str, Node]


@dataclass(slots=True)
class Reader:
    """Reads the services of a project and says what is wrong with it.

    `problems` is what compose refuses; `gaps` is what could not be read. What lies outside the tree is a gap and no problem.
    """

    tree: Tree
    problems: list[str] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    errors: dict[str, int] = field(default_factory=dict)
    """The files that do not parse, with the line of the error."""
    headings: dict[str, Location] = field(default_factory=dict)
    """Where each file says `services`."""
    _files: dict[str, Services | None] = field(default_factory=dict)

    def project(self, paths: Iterable[str]) -> Services:
        """The services of these files, a later one over an earlier, with what they extend."""
        merged: Services = {}
        for path in paths:
            for name, service in (self.services(path) or {}).items():
                merged[name] = merge(merged[name], service) if name in merged else service
        first = next(iter(self._files), "")
        return {name: self._extended(first, name, merged, ()) for name in sorted(merged)}

    def services(self, path: str) -> Services | None:
        """The services of one file and of those it includes; None where it cannot be read or does not parse."""
        if path not in self._files:
            if len(self._files) >= MAX_FILES:
                self._gap(path, 0, Stage.READ, f"more than {MAX_FILES} files in one project")
                return None
            self._files[path] = None  # a file that includes itself adds nothing
            self._files[path] = self._read(path)
        return self._files[path]

    def _read(self, path: str) -> Services | None:
        try:
            parsed = self.tree.yaml(path)
        except Unreadable as error:
            self._gap(path, 0, Stage.READ, str(error))
            return None
        if parsed.error:
            self._gap(path, parsed.error_line, Stage.PARSE, parsed.error)
            # A template is no compose file yet: whether it will parse is for whoever fills it in.
            if not any(mark in self.tree.text(path) for mark in ("{{", "{%", "<%")):
                self.problems.append(parsed.error)
                self.errors[path] = parsed.error_line
            return None
        found: Services = {}
        for document in parsed.documents:
            root = located(document.value, document.locations)
            for name, service in self._included(path, root).items():
                found.setdefault(name, service)
            services = root.get("services")
            if services is not None and services.location is not None:
                self.headings[path] = services.location
            for name, service in (services.fields if services is not None else {}).items():
                if isinstance(service.content, dict):
                    found[name] = canonical(service)
                elif not name.startswith("x-"):
                    self.problems.append(f"the service {name} is not a mapping")
        return found

    def _included(self, path: str, root: Node) -> Services:
        found: Services = {}
        include = root.get("include")
        for item in include.items if include is not None else ():
            names = [item.content] if isinstance(item.content, str) else item.texts("path")
            for name in names:
                other = _below(path, name) if isinstance(name, str) else None
                if other is None or other not in self.tree.files:
                    self._gap(path, item.location.line if item.location else 0, Stage.EVALUATE, f"includes {name}, which is not in the scanned tree")
                    continue
                found.update(self.services(other) or {})
        return found

    def _extended(self, path: str, name: str, services: Services, seen: tuple[tuple[str, str], ...]) -> Node:
        service = services[name]
        extends = service.get("extends")
        if extends is None:
            return service
        own = Node({key: value for key, value in service.fields.items() if key != "extends"}, service.location)
        line = extends.location.line if extends.location else 0
        target = extends.content if isinstance(extends.content, str) else extends.text("service")
        other = extends.text("file")
        base_path = path
        base: Services | None = services
        if other:
            named = _below(path, other)
            if named is None or named not in self.tree.files:
                self._gap(path, line, Stage.EVALUATE, f"{name} extends {other}, which is not in the scanned tree")
                return own
            base_path, base = named, self.services(named)
            if base is None:
                return own
        if (base_path, target) in (*seen, (path, name)) or len(seen) >= MAX_EXTENDS:
            self.problems.append(f"{name} extends itself")
            return own
        if base is None or target not in base:
            self.problems.append(f"{name} extends {target}, which does not exist")
            return own
        return merge(self._extended(base_path, target, base, (*seen, (path, name))), own)

    def _gap(self, path: str, line: int, stage: Stage, reason: str) -> None:
        self.gaps.append(Gap(path, line, stage, reason, "compose", (PROJECT,)))


def _below(path: str, name: str) -> str | None:
    """`name` seen from the directory of `path`; None where it leaves the tree or is not known."""
    found = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
    return None if "$" in name or found.startswith(("..", "/")) else found


def canonical(service: Node) -> Node:
    """A service as `docker compose config` writes it: `build` and `environment` as mappings, no `x-` keys."""
    found = {key: value for key, value in service.fields.items() if not key.startswith("x-")}
    build = found.get("build")
    if build is not None and isinstance(build.content, str):
        found["build"] = Node({"context": build}, build.location)
    environment = found.get("environment")
    if environment is not None and environment.items:
        pairs = [(item, str(item.content).partition("=")) for item in environment.items if isinstance(item.content, str)]
        found["environment"] = Node(
            {name: Node(value if equals else None, item.location) for item, (name, equals, value) in pairs}, environment.location
        )
    return Node(found, service.location)


def merge(base: Node, over: Node, key: str = "") -> Node:
    """`over` laid over `base`: mappings by key, lists appended, the rest replaced."""
    if isinstance(base.content, dict) and isinstance(over.content, dict):
        merged = dict(base.content)
        for name, value in over.content.items():
            merged[name] = merge(merged[name], value, name) if name in merged else value
        return Node(merged, over.location)
    if isinstance(base.content, list) and isinstance(over.content, list) and key not in _REPLACED:
        return Node([*base.content, *over.content], over.location)
    return over

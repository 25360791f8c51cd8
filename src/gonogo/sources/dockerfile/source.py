"""Dockerfiles of the tree as resources."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from gonogo.kinds.docker import BUILD_CONTEXT, DOCKERFILE
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Resource, Stage
from gonogo.model.value import Path, Value
from gonogo.sources.classify import Format
from gonogo.sources.dockerfile.contexts import declared_contexts, likely_context
from gonogo.sources.dockerfile.instructions import DockerfileError, read_instructions
from gonogo.sources.dockerfile.stages import Stages, read_stages
from gonogo.sources.tree import Tree, TreeFile, Unreadable

# A Dockerfile for people at work, not for what is shipped: `Dockerfile.debug`, `dev.Dockerfile`, `.devcontainer/Dockerfile`.
_NOT_SHIPPED = re.compile(r"(?i)(?:^|[._-])(debug|dev|devel|development|devcontainer|local|test|tests|testing|e2e|ci|lint|bench)(?:[._-]|$)")
_NOT_SHIPPED_DIRECTORY = re.compile(r"(?i)(?:^|/)(?:\.devcontainer|devcontainer|\.gitpod|\.github|e2e[-_][\w-]*|[\w-]*[-_](?:testing|tests?|e2e|runner))(?:/|$)")


class DockerfileSource:
    """Reads every Dockerfile that builds something to ship, and the contexts they are built in."""

    name = "dockerfile"

    def read(self, tree: Tree) -> Iterator[Resource | Gap]:
        """One `docker/Dockerfile` for each file, and one `docker/BuildContext` for each context of each file."""
        contexts: Mapping[str, frozenset[str]] | None = None
        for file in tree.of(Format.DOCKERFILE):
            if not shipped(file):
                continue
            try:
                stages = read_stages(file.path, read_instructions(tree.text(file.path)), {})
            except Unreadable as error:
                yield Gap(file.path, 0, Stage.READ, str(error), self.name, (DOCKERFILE,))
                continue
            except DockerfileError as error:
                yield Gap(file.path, error.line, Stage.PARSE, f"not a Dockerfile: {error}", self.name, (DOCKERFILE,))
                continue
            places: dict[Path, Location] = {(): Location(file.path, 1), **stages.locations}
            yield Resource(DOCKERFILE, file.path, stages.attributes, places, source=self.name)
            if contexts is None:
                contexts = declared_contexts(tree)
            yield from _contexts(tree, file, stages, contexts.get(file.path, frozenset()))


def shipped(file: TreeFile) -> bool:
    """Whether a Dockerfile is for the product, judging by its name and directory."""
    return not _NOT_SHIPPED.search(file.name) and not _NOT_SHIPPED_DIRECTORY.search(file.directory)


def _contexts(tree: Tree, file: TreeFile, stages: Stages, declared: frozenset[str]) -> Iterator[Resource]:
    directories = declared or {likely_context(tree, file.path, _sources(stages))}
    for directory in sorted(directories):
        own = f"{file.path}.dockerignore"
        shared = f"{directory}/.dockerignore" if directory else ".dockerignore"
        found = next((path for path in (own, shared) if path in tree.files), None)
        attributes: dict[str, Value] = {"directory": directory or ".", "dockerfile": file.path, "dockerignore": found}
        places: dict[Path, Location] = {(): Location(file.path, 1), ("dockerignore",): Location(found) if found else Location(file.path, 1)}
        name = f"{directory or '.'} ({file.path})"
        yield Resource(BUILD_CONTEXT, name, attributes, places, source="dockerfile")


def _sources(stages: Stages) -> Iterator[str]:
    """What the file copies out of its context."""
    found = stages.attributes["stages"]
    for stage in found if isinstance(found, list) else ():
        for copy in stage["copies"]:
            if copy["fromStage"] is None and copy["fromImage"] is None:
                yield from copy["sources"]

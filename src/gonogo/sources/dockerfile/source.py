"""Dockerfiles of the tree as resources."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from gonogo.kinds.docker import BUILD_CONTEXT, DOCKERFILE
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Resource, Stage
from gonogo.model.value import Path, Value
from gonogo.sources.classify import Format
from gonogo.sources.dockerfile.builds import Build, declared_builds
from gonogo.sources.dockerfile.contexts import likely_context
from gonogo.sources.dockerfile.instructions import DockerfileError, Instruction, read_instructions
from gonogo.sources.dockerfile.stages import Stages, read_stages
from gonogo.sources.tree import Tree, TreeFile, Unreadable

# A Dockerfile for people at work, not for what is shipped: `Dockerfile.debug`, `dev.Dockerfile`, `.devcontainer/Dockerfile`.
_AT_WORK = r"debug|dev|devel|develop|development|devcontainer|local|test|tests|testing|unittest|e2e|ci|lint|bench|benchmark|loadtest|cypress|playwright|storybook|example|sample"
# A stage for tests or development, or one that only builds.
_NO_PRODUCT = re.compile(rf"(?i)(?:^|[._-])(?:{_AT_WORK}|builder|build|deps)(?:[._-]|\Z)")
_PLAIN = frozenset({"Dockerfile", "dockerfile", "Containerfile", "containerfile"})
_NOT_SHIPPED = re.compile(rf"(?i)(?:^|[._-])(?:{_AT_WORK})(?:[._-]|\Z)")
# What is shipped, by the name of a stage or of a file: `production`, `Dockerfile.prod`, `prod.Dockerfile`.
_PRODUCTION = r"prod|production|release"
_FOR_PRODUCTION = re.compile(rf"(?i)(?:^|[._-])(?:{_PRODUCTION})(?:[._-]|\Z)")
_NOT_SHIPPED_DIRECTORY = re.compile(
    r"(?i)(?:^|/)(?:\.devcontainer|devcontainer|\.gitpod|\.github|\.circleci|\.ci|e2e[-_][\w-]*|[\w-]*[-_](?:testing|tests?|e2e))(?:/|\Z)"
)


class DockerfileSource:
    """Reads every Dockerfile that builds something to ship, and the contexts they are built in."""

    name = "dockerfile"

    def read(self, tree: Tree) -> Iterator[Resource | Gap]:
        """One `docker/Dockerfile` for each file, and one `docker/BuildContext` for each context of each file."""
        builds: Mapping[str, tuple[Build, ...]] | None = None
        files = [*tree.of(Format.DOCKERFILE)]
        for_production = {f.directory: f.path for f in files if shipped(f) and _FOR_PRODUCTION.search(f.name)}
        for file in files:
            if not shipped(file):
                yield Gap(file.path, 0, Stage.DISCOVER, "a Dockerfile for development or tests by its name, not judged", self.name)
                continue
            if builds is None:
                builds = declared_builds(tree)
            own = builds.get(file.path, ())
            production = builds.get(for_production.get(file.directory, ""), ())
            if file.name in _PLAIN and file.directory in for_production and _at_work(own, production):
                reason = "a Dockerfile for people at work: one beside it is for production by its name, and no pipeline builds this one"
                yield Gap(file.path, 0, Stage.DISCOVER, reason, self.name)
                continue
            try:
                instructions = read_instructions(tree.text(file.path))
                stages = read_stages(file.path, instructions, _target(own) or _production_stage(instructions, own))
            except Unreadable as error:
                yield Gap(file.path, 0, Stage.READ, str(error), self.name, (DOCKERFILE, BUILD_CONTEXT))
                continue
            except DockerfileError as error:
                yield Gap(file.path, error.line, Stage.PARSE, f"not a Dockerfile: {error}", self.name, (DOCKERFILE, BUILD_CONTEXT))
                continue
            places: dict[Path, Location] = {(): Location(file.path, 1), **stages.locations}
            yield Resource(DOCKERFILE, file.path, stages.attributes, places, source=self.name)
            yield from _contexts(tree, file, stages, own)


def shipped(file: TreeFile) -> bool:
    """Whether a Dockerfile is for the product, judging by its name and directory."""
    return not _NOT_SHIPPED.search(file.name) and not _NOT_SHIPPED_DIRECTORY.search(file.directory)


def _at_work(builds: Sequence[Build], production: Sequence[Build]) -> bool:
    """Whether a plain Dockerfile is for people at work, by its builds and those of the one for production beside it."""
    if any(b.pipeline for b in production):
        return not any(b.pipeline for b in builds)
    return all(b.local for b in builds)


def _target(builds: Sequence[Build]) -> str:
    """The stage that the pipelines build, where they all name the same; the last stage (``) otherwise.

    What compose builds is for people at work, and a stage for tests is not what ships.
    """
    targets = {b.target for b in builds if not b.local}
    wanted = {t for t in targets if not _NO_PRODUCT.search(t)}
    return next(iter(wanted)) if len(wanted) == 1 else ""


def _production_stage(instructions: Sequence[Instruction], builds: Sequence[Build]) -> str:
    """The one stage that is for production by its name, where every declared build stops at a stage for tests or development.

    Then the last stage is none that ships: what deploys names its stage somewhere else.
    """
    if not builds or not all(b.target and _NO_PRODUCT.search(b.target) for b in builds):
        return ""
    words = [i.value.split() for i in instructions if i.keyword == "FROM"]
    named = [w[-1] for w in words if len(w) >= 3 and w[-2].upper() == "AS" and _FOR_PRODUCTION.search(w[-1])]
    return named[0] if len(named) == 1 else ""


def _contexts(tree: Tree, file: TreeFile, stages: Stages, builds: Sequence[Build]) -> Iterator[Resource]:
    directories = {b.context for b in builds} or {likely_context(tree, file.path, stages.context_sources)}
    for directory in sorted(directories):
        # The one beside the Dockerfile comes first (https://docs.docker.com/build/concepts/context/#filename-and-location).
        own = f"{file.path}.dockerignore"
        shared = f"{directory}/.dockerignore" if directory else ".dockerignore"
        found = next((path for path in (own, shared) if path in tree.files), None)
        attributes: dict[str, Value] = {"directory": directory or ".", "dockerfile": file.path, "dockerignore": found}
        place = Location(file.path, 1)
        places: dict[Path, Location] = {(): place, ("dockerignore",): Location(found, 1) if found else place}
        yield Resource(BUILD_CONTEXT, f"{directory or '.'} ({file.path})", attributes, places, source="dockerfile")

"""The stages of a Dockerfile: what each starts from, what it copies, and what it ships."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gonogo.model.location import Location
from gonogo.model.value import Path, Unknown, Value
from gonogo.sources.dockerfile import images
from gonogo.sources.dockerfile.commands import Run, options_of, read_run
from gonogo.sources.dockerfile.expansion import HOLE, Text, arguments, environment, expand, fill, first_word, split
from gonogo.sources.dockerfile.instructions import DockerfileError, Instruction

MAX_STAGES = 200

# Arguments that BuildKit sets (https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope).
_PLATFORM = ("TARGETPLATFORM", "TARGETOS", "TARGETARCH", "TARGETVARIANT", "BUILDPLATFORM", "BUILDOS", "BUILDARCH", "BUILDVARIANT")
_WHOLE_CONTEXT = frozenset({".", "./", "./.", "*", "./*"})
# What was built before it is copied in: to copy it is no build.
_BUILT = re.compile(r"\.(?:jar|war|ear|dll|exe|whl|tgz|tar|tar\.gz|zip|deb|rpm|so|sql|html?|css|conf|cnf|cfg|ini|ya?ml|json|toml|xml|properties|pem|crt|txt|md)\Z|(?:^|/)(?:target|dist|build|bin|out|publish|release)(?:/|\Z)", re.I)
_OFF = frozenset({"", "0", "false", "off", "no"})


@dataclass(slots=True)
class _Stage:
    index: int
    name: str
    parent: int | None
    image: Text
    """The external image at the root, through the parents."""
    user: str | Unknown | None = None
    healthcheck: str | None = None
    copies: list[dict[str, Value]] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    commands: list[Run] = field(default_factory=list)
    triggers: list[Instruction] = field(default_factory=list)
    cache_left: str | None = None
    context_copied: bool = False
    dependencies_installed: bool = False
    sources_before_install: bool = False
    variables: dict[str, str | Unknown] = field(default_factory=dict)
    environment: set[str] = field(default_factory=set)
    """The variables that an ENV sets: no ARG overrides them."""


@dataclass(frozen=True, slots=True)
class Stages:
    """The attributes of a Dockerfile resource, and where each was written."""

    attributes: dict[str, Value]
    locations: dict[Path, Location]

    @property
    def context_sources(self) -> tuple[str, ...]:
        """What is copied out of the build context."""
        found = self.attributes["stages"]
        return tuple(
            source
            for stage in (found if isinstance(found, list) else ())
            for copy in stage["copies"]
            if copy["fromStage"] is None and copy["fromImage"] is None
            for source in copy["sources"]
        )


def read_stages(file: str, instructions: Sequence[Instruction], target: str = "") -> Stages:
    """The stage graph. `target` names the stage that is built where it is not the last. Raises `DockerfileError` without a FROM."""
    builder = _Builder(file)
    for instruction in instructions:
        builder.take(instruction)
    return builder.result(target)


class _Builder:
    def __init__(self, file: str) -> None:
        self._file = file
        self._globals: dict[str, str | Unknown] = {name: Unknown.because(f"{name} is set by the platform that builds") for name in _PLATFORM}
        self._stages: list[_Stage] = []
        self._locations: dict[Path, Location] = {}

    def take(self, instruction: Instruction) -> None:
        """The next instruction of the file."""
        keyword = instruction.keyword
        if keyword == "FROM":
            self._from(instruction)
        elif keyword == "ARG":
            self._arg(instruction.value)
        elif not self._stages:
            raise DockerfileError(f"{keyword} before the first FROM", instruction.line)
        elif keyword == "ONBUILD":
            # Not in this build: in that of an image, or of a later stage, which starts from this one.
            if triggered := instruction.triggered():
                self._stages[-1].triggers.append(triggered)
        elif action := self._ACTIONS.get(keyword):
            action(self, self._stages[-1], instruction)

    def _at(self, instruction: Instruction) -> Location:
        return Location(self._file, instruction.line, 1, instruction.end_line)

    def _arg(self, value: str) -> None:
        stage = self._stages[-1] if self._stages else None
        target = stage.variables if stage is not None else self._globals
        for name, default in arguments(value):
            if stage is not None and name in stage.environment:
                continue  # "Environment variables defined using the ENV instruction always override an ARG instruction of the same name."
            if default is not None:
                target[name] = expand(default, target)
            elif stage is not None and name in self._globals:
                target[name] = self._globals[name]
            elif name not in target:
                target[name] = Unknown.because(f"the build argument {name} has no default")

    def _from(self, instruction: Instruction) -> None:
        words = [w for w in instruction.value.split() if not w.startswith("--")]
        if not words:
            raise DockerfileError("FROM names no image", instruction.line)
        if len(self._stages) >= MAX_STAGES:
            raise DockerfileError(f"more than {MAX_STAGES} stages", instruction.line)
        templated = "{{" in instruction.value or "<%" in instruction.value
        image = fill(" ".join(words) if templated else first_word(words[0]), self._globals)
        named = len(words) >= 3 and words[-2].upper() == "AS"
        found = self._stage_called(image.marked)
        above = self._stages[found] if found is not None else None
        index = len(self._stages)
        stage = _Stage(index, words[-1] if named else str(index), found, image if above is None else above.image)
        place = self._at(instruction)
        self._locations["stages", index] = place
        for attribute in ("base", "image", "rootImage", "flavor", "user", "healthcheck"):
            self._locations["stages", index, attribute] = place
        self._stages.append(stage)
        if above is None:
            return
        stage.user, stage.healthcheck, stage.cache_left = above.user, above.healthcheck, above.cache_left
        stage.dependencies_installed = above.dependencies_installed
        # "An ARG declared inside a stage is inherited by its child stages" (https://docs.docker.com/build/building/variables/#scoping).
        stage.variables, stage.environment = dict(above.variables), set(above.environment)
        for attribute in ("user", "healthcheck", "cacheLeft", "rootImage", "image", "flavor"):
            if inherited := self._locations.get(("stages", above.index, attribute)):
                self._locations["stages", index, attribute] = inherited
        for triggered in above.triggers:
            self.take(triggered)

    def _stage_called(self, name: str) -> int | None:
        """The index of an earlier stage; names are case-insensitive, and a later stage hides an earlier one of the same name."""
        for stage in reversed(self._stages):
            if stage.name.lower() == name.lower():
                return stage.index
        return None

    def _env(self, stage: _Stage, instruction: Instruction) -> None:
        pairs = [(name, expand(text, stage.variables)) for name, text in environment(instruction.value)]
        stage.variables.update(pairs)
        stage.environment.update(name for name, _ in pairs)

    def _user(self, stage: _Stage, instruction: Instruction) -> None:
        stage.user = expand(first_word(instruction.value), stage.variables)
        self._locations["stages", stage.index, "user"] = self._at(instruction)

    def _healthcheck(self, stage: _Stage, instruction: Instruction) -> None:
        _, command = options_of(instruction.value)
        stage.healthcheck = "NONE" if command.upper() == "NONE" else command.strip()
        self._locations["stages", stage.index, "healthcheck"] = self._at(instruction)

    def _run(self, stage: _Stage, instruction: Instruction) -> None:
        run = read_run(instruction.value, instruction.body)
        place = self._at(instruction)
        self._locations["stages", stage.index, "runs", len(stage.runs)] = place
        stage.runs.append(f"{instruction.value}\n{instruction.body}" if instruction.body else instruction.value)
        stage.commands.append(run)
        for mount in run.mounts("bind"):
            if "from" in mount:
                self._take_from(stage, mount["from"], [mount.get("source", mount.get("src", "/"))], mount.get("target", mount.get("dst", "")), place)
        quiet = str(stage.variables.get("PIP_NO_CACHE_DIR", "")).lower() not in _OFF
        if stage.cache_left is None and (left := run.cache_left(quiet)) is not None:
            stage.cache_left = left
            self._locations["stages", stage.index, "cacheLeft"] = place
        if run.resolves_dependencies and not stage.dependencies_installed:
            stage.dependencies_installed = True
            # A cache mount keeps what was fetched, whatever came before.
            stage.sources_before_install = stage.context_copied and not any(True for _ in run.mounts("cache"))

    def _copy(self, stage: _Stage, instruction: Instruction) -> None:
        options, rest = options_of(instruction.value)
        paths = _paths(rest)
        source = next((o.partition("=")[2] for o in options if o.startswith("--from=")), "")
        place = self._at(instruction)
        if source:
            self._take_from(stage, source, paths[:-1], paths[-1] if paths else "", place)
            return
        if _WHOLE_CONTEXT & set(paths[:-1]) and not stage.dependencies_installed:
            stage.context_copied = True
            self._locations["stages", stage.index, "sourcesBeforeInstall"] = place
        self._add_copy(stage, None, None, paths[:-1], paths[-1] if paths else "", place)

    def _take_from(self, stage: _Stage, source: str, paths: Sequence[str], destination: str, place: Location) -> None:
        resolved = expand(source, {**self._globals, **stage.variables})
        if isinstance(resolved, Unknown):
            self._add_copy(stage, resolved, resolved, paths, destination, place)
            return
        index = int(resolved) if resolved.isdigit() and int(resolved) < stage.index else self._stage_called(resolved)
        if index == stage.index:
            index = None
        self._add_copy(stage, index, resolved if index is None else None, paths, destination, place)

    def _add_copy(self, stage: _Stage, from_stage: Value, from_image: Value, sources: Sequence[str], destination: str, place: Location) -> None:
        self._locations["stages", stage.index, "copies", len(stage.copies)] = place
        stage.copies.append({"fromStage": from_stage, "fromImage": from_image, "sources": list(sources), "destination": destination})

    _ACTIONS = {"ENV": _env, "USER": _user, "HEALTHCHECK": _healthcheck, "RUN": _run, "COPY": _copy, "ADD": _copy}

    def result(self, target: str) -> Stages:
        """The attributes of the whole file."""
        if not self._stages:
            raise DockerfileError("no FROM instruction", 1)
        final = self._stage_called(target) if target else None
        final = len(self._stages) - 1 if final is None else final
        self._locations["final",] = self._locations["stages", final]
        self._locations["stages",] = self._locations["stages", 0]
        shipped = list(self._lineage(final))
        taken: list[Value] = []
        for stage in shipped:
            for number, copy in enumerate(stage.copies):
                if copy["fromStage"] is not None:
                    self._locations["takes", len(taken)] = self._locations["stages", stage.index, "copies", number]
                    taken.append(copy["fromStage"])
        attributes: dict[str, Value] = {
            "file": self._file,
            "stages": [_attributes(stage) for stage in self._stages],
            "final": final,
            "takes": taken,
            "buildsApplication": _builds(self._stages, shipped),
        }
        return Stages(attributes, self._locations)

    def _lineage(self, index: int) -> Iterator[_Stage]:
        """A stage and those it starts from."""
        at: int | None = index
        while at is not None:
            yield self._stages[at]
            at = self._stages[at].parent


def _paths(rest: str) -> list[str]:
    """The paths of a COPY or ADD, in either form, without those that a heredoc writes."""
    if rest.startswith("["):
        try:
            words = json.loads(rest)
        except ValueError:
            return split(rest)
        return [str(w) for w in words] if isinstance(words, list) else []
    return [w for w in split(rest) if not w.startswith("<<")]


def _attributes(stage: _Stage) -> dict[str, Value]:
    root = stage.image.value
    return {
        "index": stage.index,
        "name": stage.name,
        "base": root if stage.parent is None else None,
        "external": False if stage.parent is not None else _is_external(stage.image),
        "parent": stage.parent,
        "rootImage": root,
        "image": images.parts(stage.image),
        "flavor": images.flavor(stage.image),
        "user": stage.user,
        "healthcheck": stage.healthcheck,
        "copies": list(stage.copies),
        "runs": list(stage.runs),
        "cacheLeft": stage.cache_left,
        "sourcesBeforeInstall": stage.sources_before_install,
    }


def _is_external(image: Text) -> Value:
    return image.unknown if image.marked == HOLE else image.marked.lower() != "scratch"


def _builds(stages: Sequence[_Stage], shipped: Sequence[_Stage]) -> bool:
    """Whether an application is built: with a language's tools, in several stages, or by putting sources where they run.

    Files copied into a ready runtime (a web server, a database) are no build, nor is what was built before it is copied in.
    """
    if len(stages) > 1 or any(run.builds for stage in stages for run in stage.commands):
        return True
    root = shipped[-1].image
    if images.is_ready_runtime(root):
        return False
    if any(run.installs_system_packages for stage in stages for run in stage.commands):
        return True
    sources = [s for copy in _context_copies(shipped) for s in copy]
    return images.runs_sources(root) and any(not _BUILT.search(source) for source in sources)


def _context_copies(stages: Sequence[_Stage]) -> Iterator[Sequence[str]]:
    copies: Iterator[Mapping[str, Value]] = (copy for stage in stages for copy in stage.copies)
    for copy in copies:
        sources = copy["sources"]
        if copy["fromStage"] is None and copy["fromImage"] is None and isinstance(sources, list):
            yield [s for s in sources if isinstance(s, str)]

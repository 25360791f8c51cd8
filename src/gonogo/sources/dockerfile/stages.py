"""The stages of a Dockerfile: what each starts from, what it copies, and what it ships."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gonogo.model.location import Location
from gonogo.model.value import Path, Unknown, Value
from gonogo.sources.dockerfile.expansion import assignments, expand, split
from gonogo.sources.dockerfile.instructions import DockerfileError, Instruction

# Arguments that BuildKit sets (https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope).
_PLATFORM = ["TARGETPLATFORM", "TARGETOS", "TARGETARCH", "TARGETVARIANT", "BUILDPLATFORM", "BUILDOS", "BUILDARCH", "BUILDVARIANT"]

_INSTALL = re.compile(
    r"\b(?:apt(?:-get)?|apk|yum|dnf|microdnf|zypper|tdnf|pip3?|pipx|uv|poetry|pipenv|conda|mamba|npm|yarn|pnpm|bun|gem|bundle|composer|cargo|go"
    r"|mvn|\./mvnw|gradle|\./gradlew|dotnet|make|cmake|meson|ninja|gcc|g\+\+|clang|javac|sbt|lein|mix|rebar3|stack|cabal|swift|rustc|tsc|webpack"
    r"|vite|ng|bazel|buck2?|nix-build|nix|deno|flutter|dart|hugo|mkdocs|jekyll|python3?\s+setup\.py|python3?\s+-m\s+(?:pip|build|compileall))\b"
)
# What leaves a package manager's cache in the layer, and what in the same RUN keeps it out.
_CACHES = (
    (re.compile(r"\bapt-get\b[^;&|\n]*\binstall\b|\bapt\b[^;&|\n]*\binstall\b"), re.compile(r"rm\s+-rf?\s+[^\n]*/var/lib/apt/lists|--mount=type=cache|apt-get\s+clean\b.*rm"), "apt lists"),
    (re.compile(r"\bapk\b(?:\s+-\S+)*\s+add\b(?![^;&|\n]*--no-cache)"), re.compile(r"--no-cache|rm\s+-rf?\s+[^\n]*/var/cache/apk|--mount=type=cache"), "apk cache"),
    (re.compile(r"\bpip3?\s+install\b"), re.compile(r"--no-cache-dir|PIP_NO_CACHE_DIR|--mount=type=cache|rm\s+-rf?\s+[^\n]*\.cache"), "pip cache"),
    (re.compile(r"\b(?:yum|dnf|microdnf|tdnf)\b[^;&|\n]*\binstall\b"), re.compile(r"\bclean\s+all\b|rm\s+-rf?\s+[^\n]*/var/cache/(?:yum|dnf)|--mount=type=cache"), "yum cache"),
)  # fmt: skip
_DEPENDENCY_INSTALL = re.compile(
    r"\b(?:pip3?\s+install\s+(?:-\S+\s+)*-r|npm\s+(?:ci|install|i)\b|yarn(?:\s+install|\s*$|\s+--)|pnpm\s+(?:i|install)\b|poetry\s+install|uv\s+(?:sync|pip\s+install)"
    r"|pipenv\s+(?:install|sync)|bundle\s+install|composer\s+install|go\s+mod\s+download|mvn\b[^\n]*dependency|cargo\s+fetch|dotnet\s+restore)",
    re.M,
)
_WHOLE_CONTEXT = frozenset({".", "./", "./.", "*"})


@dataclass(slots=True)
class _Stage:
    index: int
    name: str
    base: str | Unknown | None
    parent: int | None
    root_image: str | Unknown
    user: str | Unknown | None
    healthcheck: str | None
    copies: list[dict[str, Value]] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    cache_left: str | None = None
    context_copied: bool = False
    dependencies_installed: bool = False
    sources_before_install: bool = False
    variables: dict[str, str | Unknown] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stages:
    """The attributes of a Dockerfile resource, and where each was written."""

    attributes: dict[str, Value]
    locations: dict[Path, Location]


def read_stages(file: str, instructions: Sequence[Instruction], arguments: dict[str, str]) -> Stages:
    """The stage graph. `arguments` are values given to the build elsewhere. Raises `DockerfileError` without a FROM."""
    builder = _Builder(file, arguments)
    for instruction in instructions:
        builder.take(instruction)
    return builder.result()


class _Builder:
    def __init__(self, file: str, arguments: dict[str, str]) -> None:
        self._file = file
        self._given = arguments
        self._globals: dict[str, str | Unknown] = {
            name: Unknown.because(f"{name} is set by the platform that builds") for name in _PLATFORM
        }
        self._stages: list[_Stage] = []
        self._locations: dict[Path, Location] = {}

    def take(self, instruction: Instruction) -> None:
        keyword, value = instruction.keyword, instruction.value
        if keyword == "ONBUILD":
            return  # runs in the build of an image that starts from this one, not in this build
        if keyword == "FROM":
            self._from(instruction)
        elif keyword == "ARG":
            self._arg(value)
        elif not self._stages:
            raise DockerfileError(f"{keyword} before the first FROM", instruction.line)
        elif keyword == "ENV":
            stage = self._stages[-1]
            for name, text in assignments(value):
                stage.variables[name] = expand(text or "", stage.variables)
        elif keyword == "USER":
            self._set("user", expand(value.strip(), self._stages[-1].variables), instruction)
        elif keyword == "HEALTHCHECK":
            command = value.strip()
            self._set("healthcheck", "NONE" if command.upper() == "NONE" else command, instruction)
        elif keyword == "RUN":
            self._run(instruction)
        elif keyword in ("COPY", "ADD"):
            self._copy(instruction)

    def _at(self, instruction: Instruction) -> Location:
        return Location(self._file, instruction.line, 1, instruction.end_line)

    def _set(self, attribute: str, value: str | Unknown, instruction: Instruction) -> None:
        stage = self._stages[-1]
        setattr(stage, attribute, value)
        self._locations["stages", stage.index, attribute] = self._at(instruction)

    def _arg(self, value: str) -> None:
        target = self._stages[-1].variables if self._stages else self._globals
        for name, default in assignments(value):
            if name in self._given:
                target[name] = self._given[name]
            elif default is not None:
                target[name] = expand(default, target)
            elif self._stages and name in self._globals:
                target[name] = self._globals[name]
            else:
                target[name] = Unknown.because(f"the build argument {name} has no default")

    def _from(self, instruction: Instruction) -> None:
        words = [w for w in instruction.value.split() if not w.startswith("--")]
        if not words:
            raise DockerfileError("FROM names no image", instruction.line)
        named = len(words) >= 3 and words[1].upper() == "AS"
        image = expand(words[0], self._globals)
        parent = self._stage_called(image) if isinstance(image, str) else None
        index = len(self._stages)
        above = self._stages[parent] if parent is not None else None
        stage = _Stage(
            index=index,
            name=words[2] if named else str(index),
            base=image if above is None else None,
            parent=parent,
            root_image=above.root_image if above is not None else image,
            user=above.user if above is not None else None,
            healthcheck=above.healthcheck if above is not None else None,
            variables=dict(above.variables) if above is not None else {},
        )
        self._stages.append(stage)
        place = self._at(instruction)
        for attribute in ("", "base", "rootImage", "flavor"):
            self._locations[("stages", index, attribute) if attribute else ("stages", index)] = place
        if above is not None:
            for attribute in ("user", "healthcheck"):
                if inherited := self._locations.get(("stages", above.index, attribute)):
                    self._locations["stages", index, attribute] = inherited

    def _stage_called(self, name: str) -> int | None:
        """The index of an earlier stage; names are case-insensitive, and a later stage hides an earlier one of the same name."""
        for stage in reversed(self._stages):
            if stage.name.lower() == name.lower():
                return stage.index
        return None

    def _run(self, instruction: Instruction) -> None:
        stage = self._stages[-1]
        text = instruction.value
        self._locations["stages", stage.index, "runs", len(stage.runs)] = self._at(instruction)
        stage.runs.append(text)
        for uses, cleans, name in _CACHES:
            configured = name == "pip cache" and str(stage.variables.get("PIP_NO_CACHE_DIR", "")) not in ("", "0", "false", "off")
            if stage.cache_left is None and uses.search(text) and not cleans.search(text) and not configured:
                stage.cache_left = name
                self._locations["stages", stage.index, "cacheLeft"] = self._at(instruction)
        if _DEPENDENCY_INSTALL.search(text) and not stage.dependencies_installed:
            stage.dependencies_installed = True
            if stage.context_copied:
                stage.sources_before_install = True

    def _copy(self, instruction: Instruction) -> None:
        stage = self._stages[-1]
        flags, paths = _copy_words(instruction.value)
        source = next((f.partition("=")[2] for f in flags if f.startswith("--from=")), "")
        from_stage: int | None = None
        from_image: Value = None
        if source:
            resolved = expand(source, {**self._globals, **stage.variables})
            from_stage = self._index_of(resolved) if isinstance(resolved, str) else None
            from_image = resolved if from_stage is None else None
        elif paths and _WHOLE_CONTEXT & set(paths[:-1]) and not stage.dependencies_installed:
            stage.context_copied = True
            self._locations["stages", stage.index, "sourcesBeforeInstall"] = self._at(instruction)
        at: Path = ("stages", stage.index, "copies", len(stage.copies))
        self._locations[at] = self._at(instruction)
        stage.copies.append(
            {"fromStage": from_stage, "fromImage": from_image, "sources": list(paths[:-1]), "destination": paths[-1] if paths else ""}
        )

    def _index_of(self, reference: str) -> int | None:
        if reference.isdigit() and int(reference) < len(self._stages) - 1:
            return int(reference)
        found = self._stage_called(reference)
        return found if found != len(self._stages) - 1 else None

    def result(self) -> Stages:
        if not self._stages:
            raise DockerfileError("no FROM instruction", 1)
        final = len(self._stages) - 1
        self._locations["final",] = self._locations["stages", final]
        self._locations["stages",] = self._locations["stages", 0]
        attributes: dict[str, Value] = {
            "stages": [_attributes(stage) for stage in self._stages],
            "final": final,
            "buildsApplication": _builds(self._stages),
        }
        return Stages(attributes, self._locations)


def _copy_words(value: str) -> tuple[list[str], list[str]]:
    """The flags and the paths of a COPY or ADD, in either form."""
    flags, rest = [], value.strip()
    while rest.startswith("--"):
        flag, _, rest = rest.partition(" ")
        flags.append(flag)
        rest = rest.lstrip()
    if rest.startswith("["):
        try:
            words = json.loads(rest)
        except ValueError:
            words = split(rest)
        return flags, [str(w) for w in words] if isinstance(words, list) else []
    return flags, [w for w in split(rest) if not w.startswith("<<")]


def _attributes(stage: _Stage) -> dict[str, Value]:
    return {
        "index": stage.index,
        "name": stage.name,
        "base": stage.base,
        "parent": stage.parent,
        "rootImage": stage.root_image,
        "flavor": flavor(stage.root_image),
        "user": stage.user,
        "healthcheck": stage.healthcheck,
        "copies": list(stage.copies),
        "runs": list(stage.runs),
        "cacheLeft": stage.cache_left,
        "sourcesBeforeInstall": stage.sources_before_install,
    }


def flavor(image: str | Unknown) -> Value:
    """How much an image brings along, by its name and tag: scratch, distroless, alpine, slim or full."""
    if isinstance(image, Unknown):
        return image
    name = image.lower()
    if name == "scratch":
        return "scratch"
    if "distroless" in name or name.startswith("cgr.dev/chainguard/"):
        return "distroless"
    if re.search(r"(?:^|[/:_-])(?:alpine|busybox)", name) or "alpine" in name.rpartition(":")[2]:
        return "alpine"
    if re.search(r"slim|minimal|micro|chiseled|-jre|headless", name):
        return "slim"
    return "full"


def _builds(stages: Sequence[_Stage]) -> bool:
    """Whether anything is compiled, installed or packaged; several stages are a build by themselves."""
    if len(stages) > 1:
        return True
    return any(_INSTALL.search(command) for command in _commands(stages))


def _commands(stages: Sequence[_Stage]) -> Iterator[str]:
    for stage in stages:
        yield from stage.runs

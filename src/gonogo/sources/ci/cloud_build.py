"""Cloud Build configurations (https://cloud.google.com/build/docs/build-config-file-schema).

What starts a build is a trigger outside of the file; a configuration that is in the repository is taken to be in use.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gonogo.formats.yaml_reader import Document
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Stage
from gonogo.model.value import Value
from gonogo.sources.ci.follow import Follower, Found
from gonogo.sources.ci.script import in_yaml
from gonogo.sources.ci.shell.parser import parse
from gonogo.sources.ci.shell.run import Counts, Settings, Text, run
from gonogo.sources.ci.shell.words import ShellSyntaxError
from gonogo.sources.ci.steps import Job, Observation, StepContext
from gonogo.sources.ci.tools import Purpose
from gonogo.sources.classify import CI_KINDS, Format
from gonogo.sources.tree import Tree, Unreadable

SYSTEM = "cloud-build"
_SHELLS = frozenset({"bash", "sh", "/bin/bash", "/bin/sh", "/usr/bin/bash", "busybox", "ash", "dash"})

_FOREIGN = frozenset({"image", "commands", "uses", "run", "task", "command", "plugins"})


@dataclass(frozen=True, slots=True)
class CloudBuildReader:
    """Reads every Cloud Build configuration of a tree."""

    tree: Tree
    follower: Follower

    def read(self) -> Iterator[Found]:
        """What the builds run."""
        for file in self.tree.of(Format.CLOUD_BUILD):
            try:
                read = self.tree.yaml(file.path)
                lines = tuple(self.tree.text(file.path).splitlines())
            except Unreadable as error:
                yield Gap(file.path, 0, Stage.READ, str(error), "ci", CI_KINDS)
                continue
            if read.error:
                yield Gap(file.path, read.error_line, Stage.PARSE, read.error, "ci", CI_KINDS)
            for document in read.documents:
                if isinstance(document.value, Mapping) and _are_steps(document.value.get("steps")):
                    yield from self._build(document, document.value, lines)

    def _build(self, document: Document, build: Mapping[str, Value], lines: Sequence[str]) -> Iterator[Found]:
        variables = _substitutions(build.get("substitutions"))
        job = Job(SYSTEM, document.file, "build", document.file, ("build-trigger",))
        steps = build.get("steps")
        for index, step in enumerate(steps if isinstance(steps, list) else []):
            if isinstance(step, Mapping):
                yield from self._step(document, index, step, variables, job, lines)
        images = build.get("images")
        for index, image in enumerate(images if isinstance(images, list) else []):
            at = document.locations.get(("images", index)) or Location(document.file)
            text = _expand(str(image), variables)
            yield Observation(job, "images", at, Purpose({"imagePush": True}, (text,)))

    def _step(
        self, document: Document, index: int, step: Mapping[str, Value], variables: Mapping[str, Text], job: Job, lines: Sequence[str]
    ) -> Iterator[Found]:
        image = _expand(str(step.get("name", "")), variables)
        name = str(step.get("id") or image.text.rpartition("/")[2].partition(":")[0] or index).strip()
        fails = _fails(step)
        context = StepContext(job, name, fails)
        environment = {**variables, **_environment(step.get("env"), variables)}
        directory = posixpath.normpath(str(step.get("dir") or "."))
        place = None if "$" in directory or directory.startswith(("..", "/")) else "" if directory == "." else directory
        at = ("steps", index)
        script = step.get("script")
        if isinstance(script, str):
            found = in_yaml(lines, document.locations.get((*at, "script")) or Location(document.file), script)
            first = script.lstrip().split("\n", 1)[0]
            if first.startswith("#!") and not re.search(r"\b(ba|da|a|z|k)?sh\b", first):
                return
            errexit: Counts = bool(re.search(r"\s-\w*e", first)) if first.startswith("#!") else None
            yield from self.follower.script(found, Settings(errexit, False, place, environment), context)
            return
        words = [_expand(str(argument), variables) for argument in _list(step.get("args"))]
        entry = step.get("entrypoint")
        offsets = [document.locations.get((*at, "args", i)) or document.locations.get((*at, "args")) for i in range(len(words))]
        command = list(words)
        if isinstance(entry, str):
            command = [_expand(entry, variables), *words]
        elif (program := self.follower.toolbox.program(image.text)) is not None and not (words and words[0].text == program):
            command = [Text(program), *words]
        start = document.locations.get((*at, "entrypoint")) if isinstance(entry, str) else offsets[0] if offsets and offsets[0] else None
        place_of = start or document.locations.get((*at, "name")) or document.locations.get(at) or Location(document.file)
        if not command:
            return
        if command[0].text in _SHELLS:
            shift = len(command) - len(words)
            yield from self._shell(document, at, command, shift, Settings(False, False, place, environment), context, lines, place_of)
            return
        yield from self.follower.words(command, place_of, Settings(True, False, place, environment), context)

    def _shell(
        self, document: Document, at: tuple[str, int], command: Sequence[Text], shift: int, settings: Settings, context: StepContext,
        lines: Sequence[str], place: Location,
    ) -> Iterator[Found]:  # fmt: skip
        """`bash -c SCRIPT`, with the script read where it stands."""
        flags, index = "", 1
        while index < len(command) and (
            command[index].text.startswith(("-", "+")) or (command[index].text == "pipefail" and flags.endswith("o"))
        ):
            flags += "P" if command[index].text == "pipefail" else command[index].text.lstrip("-")
            index += 1
        if index == len(command):
            return
        if "c" not in flags:
            yield from self.follower.words(command, place, settings, context)
            return
        item = index - shift
        args = document.value.get("steps") if isinstance(document.value, Mapping) else None
        raw = args[at[1]].get("args") if isinstance(args, list) and isinstance(args[at[1]], Mapping) else None
        text = str(raw[item]) if isinstance(raw, list) and 0 <= item < len(raw) else command[index].text
        where = document.locations.get((*at, "args", item)) or place
        script = in_yaml(lines, where, text.replace("$$", "$"))
        start = Settings("e" in flags, "P" in flags, settings.directory, settings.variables)
        yield from self.follower.script(script, start, context)


def _are_steps(value: Value) -> bool:
    """Whether these are steps of Cloud Build: each names a builder image, and none has the keys of another system's steps."""
    steps = [step for step in _list(value) if isinstance(step, Mapping)]
    return bool(steps) and all("name" in step and not _FOREIGN & set(step) for step in steps)


def _list(value: Value) -> list[Value]:
    return list(value) if isinstance(value, list) else [value] if isinstance(value, str) else []


def _fails(step: Mapping[str, Value]) -> Counts:
    if step.get("allowFailure") in (True, "true"):
        return False
    return None if step.get("allowExitCodes") else True


def _substitutions(value: Value) -> dict[str, Text]:
    """The defaults of the substitutions; one without a default is given by the trigger."""
    found: dict[str, Text] = {}
    for name, item in value.items() if isinstance(value, Mapping) else ():
        if item not in (None, ""):
            found[name] = Text(str(item))
    for _ in range(3):
        found = {name: _expand(text.text, {k: v for k, v in found.items() if k != name}) for name, text in found.items()}
    return found


def _environment(value: Value, variables: Mapping[str, Text]) -> dict[str, Text]:
    found: dict[str, Text] = {}
    for item in _list(value):
        name, equals, text = str(item).partition("=")
        if equals:
            expanded = _expand(text, variables)
            if expanded.known or not re.fullmatch(r"\$\{?\w+\}?", text):
                found[name] = expanded
    return found


def _expand(text: str, variables: Mapping[str, Text]) -> Text:
    """A field with its substitutions replaced: `$NAME` and `${NAME}`, bash-style operators left as they are."""
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`") + '"'
    if "$" not in text or "$(" in text:
        return Text(text, "$" not in text)
    try:
        found = run(parse("x " + quoted.replace("$$", "\\$")), Settings(variables=variables))
    except ShellSyntaxError:
        return Text(text, False)
    return Text(found[0].words[1].text, found[0].words[1].known) if found and len(found[0].words) > 1 else Text(text, False)

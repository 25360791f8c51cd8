"""What a container runs when it starts, or whoever deploys: its commands, with those of the scripts that they call."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gonogo.formats.yaml_reader import Document
from gonogo.model.location import Location
from gonogo.model.value import Path, Value, is_list
from gonogo.sources.application.images import Start, find_script, read_starts
from gonogo.sources.ci.command import Command, ShellText, unwrap
from gonogo.sources.ci.packages import PACKAGE_MANAGERS, package_script, package_scripts
from gonogo.sources.ci.script import Script, on_one_line, whole_file
from gonogo.sources.ci.shell.parser import parse
from gonogo.sources.ci.shell.run import Counts, Settings, Text, run
from gonogo.sources.ci.shell.words import ShellSyntaxError
from gonogo.sources.ci.tools import toolbox
from gonogo.sources.classify import Format
from gonogo.sources.dockerfile.builds import declared_builds
from gonogo.sources.dockerfile.instructions import DockerfileError
from gonogo.sources.members import items
from gonogo.sources.tree import Tree, Unreadable

MAX_DEPTH = 6
MAX_COMMANDS = 5_000
MAX_NESTING = 40
MAX_WORD = 4_096
MAX_SAYING = 100
_TALKS = frozenset({"echo", "printf", "cat", "grep", "logger", ":", "true", "which", "command"})


@dataclass(frozen=True, slots=True)
class Started:
    """A command that is run. `certain` is false where something decides that is not known from the files."""

    text: str
    place: Location
    certain: bool


class _Scripts:
    """The scripts of a tree by what a command calls them; each name is looked for once."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._names = frozenset(path.rpartition("/")[2] for path in tree.files)
        self._found: dict[tuple[str, str], str | None] = {}

    def find(self, context: str, word: str) -> str | None:
        if len(word) > MAX_WORD or word.rpartition("/")[2] not in self._names:
            return None
        if (context, word) not in self._found:
            self._found[context, word] = find_script(self._tree, context, word)
        return self._found[context, word]


def started(tree: Tree, wanted: re.Pattern[str]) -> Iterator[Started]:
    """The commands of every container that the tree starts, and of the scripts that deploy and say, or call one that says, what is wanted."""
    scripts = _Scripts(tree)
    for start in (*_images(tree), *_declared(tree)):
        yield from _Walk(tree, start.context, scripts).start(start)
    for path in _saying(tree, wanted):
        walk = _Walk(tree, "", scripts)
        found = list(walk.start(Start((f"./{path}",), Location(path, 1), "")))
        if walk.deploys:
            yield from found


def _saying(tree: Tree, wanted: re.Pattern[str]) -> Iterator[str]:
    texts: dict[str, str] = {}
    for file in tree.of(Format.SHELL):
        try:
            texts[file.path] = tree.text(file.path)
        except Unreadable:
            continue  # a gap of the source that reads it
    saying = [path for path, text in texts.items() if wanted.search(text)]
    names = {path.rpartition("/")[2] for path in saying[:MAX_SAYING]}
    yield from (path for path, text in texts.items() if path in saying[:MAX_SAYING] or any(name in text for name in names))


def _images(tree: Tree) -> Iterator[Start]:
    builds = declared_builds(tree)
    for file in tree.of(Format.DOCKERFILE):
        try:
            yield from read_starts(tree, file.path, builds.get(file.path, ()))
        except (Unreadable, DockerfileError):
            continue  # a gap of the source that reads it


def _declared(tree: Tree) -> Iterator[Start]:
    """What compose files and manifests let containers run in place of the image's own."""
    for file in tree.of(Format.COMPOSE, Format.KUBERNETES):
        try:
            documents = tree.yaml(file.path).documents
        except Unreadable:
            continue  # a gap of the source that reads it
        for document in documents:
            yield from _containers(document, document.value, ())


def _containers(document: Document, value: Value, path: Path) -> Iterator[Start]:
    if len(path) > MAX_NESTING:
        return
    if is_list(value):
        for number, item in enumerate(items(value)):
            yield from _containers(document, item, (*path, number))
    elif isinstance(value, Mapping):
        # Compose has `entrypoint` and `command`, Kubernetes `command` and `args`.
        words = [word for key in ("entrypoint", "command", "args") for word in _words(value.get(key))]
        if words:
            key = next(key for key in ("command", "args", "entrypoint") if _words(value.get(key)))
            yield Start(tuple(words), document.locations.get((*path, key), Location(document.file, 1)), "")
        for name, item in value.items():
            if isinstance(item, Mapping) or is_list(item):
                yield from _containers(document, item, (*path, name))


def _words(value: Value) -> list[str]:
    if isinstance(value, str):
        try:
            return shlex.split(value)
        except ValueError:
            return value.split()
    return [item for item in items(value) if isinstance(item, str)] if is_list(value) else []


class _Walk:
    """Follows one start through what it calls."""

    def __init__(self, tree: Tree, context: str, scripts: _Scripts) -> None:
        self._tree, self._context, self._scripts = tree, context, scripts
        self._count = 0
        self.deploys = False

    def start(self, start: Start) -> Iterator[Started]:
        variables = {name: Text(value) for name, value in start.environment.items() if "$" not in value}
        words = [Text(word, "$" not in word) for word in start.words]
        yield from self._words(words, start.place, Settings(variables=variables), True, ())

    def _words(self, words: Sequence[Text], place: Location, settings: Settings, taken: Counts, trail: tuple[str, ...]) -> Iterator[Started]:
        for item in unwrap(words):
            if isinstance(item, ShellText):
                yield from self._script(on_one_line(place.file, item.text.text, place.line), replace(settings, arguments=item.arguments), taken, trail)
            else:
                yield from self._command(item, words, place, settings, taken, trail)

    def _command(
        self, command: Command, words: Sequence[Text], place: Location, settings: Settings, taken: Counts, trail: tuple[str, ...]
    ) -> Iterator[Started]:
        self._count += 1
        if self._count > MAX_COMMANDS or command.program in _TALKS:
            return
        self.deploys |= toolbox().command(command, {}).does.get("deploy") is True
        yield Started(str(command), place, taken is True)
        if len(trail) >= MAX_DEPTH:
            return
        if command.program in PACKAGE_MANAGERS:
            yield from self._package(command, settings, taken, trail)
            return
        at = next((n for n, word in enumerate(words[:6]) if self._scripts.find(self._context, word.text)), None)
        path = self._scripts.find(self._context, words[at].text) if at is not None else None
        if path is None or at is None or path in trail:
            return
        try:
            text = self._tree.text(path)
        except Unreadable:
            return  # a gap of the source that reads it
        arguments = tuple(words[at + 1 :])
        # Nothing is behind the words of a start: `$1` is empty then, where in a script that is called it is not known.
        empty = {"1": Text("")} if not arguments and not trail else {}
        yield from self._script(whole_file(path, text), replace(settings, arguments=arguments, variables={**settings.variables, **empty}), taken, (*trail, path))

    def _package(self, command: Command, settings: Settings, taken: Counts, trail: tuple[str, ...]) -> Iterator[Started]:
        name, path = package_script(command) or "", f"{self._context}/package.json".lstrip("/")
        scripts = package_scripts(self._tree, path) or {}
        for wanted in (f"pre{name}", name, f"post{name}") if name in scripts else ():
            label = f"{path}#{wanted}"
            if wanted in scripts and label not in trail:
                text, line = scripts[wanted]
                yield from self._script(on_one_line(path, text, line), replace(settings, arguments=()), taken, (*trail, label))

    def _script(self, script: Script, settings: Settings, taken: Counts, trail: tuple[str, ...]) -> Iterator[Started]:
        try:
            block = parse(script.text)
        except (ShellSyntaxError, RecursionError):
            return
        for invocation in run(block, settings, script.text):
            here: Counts = False if False in (taken, invocation.taken) else None if None in (taken, invocation.taken) else True
            if here is False:
                continue
            yield from self._words(invocation.words, script.at(invocation.offset), replace(settings, arguments=()), here, trail)
            words = [word.text for word in invocation.words]
            if (words[0] == "exec" and len(words) > 1) or (words[0] == "exit" and words[1:] in ([], ["0"])):
                if invocation.taken is True:
                    return
                # Whether what follows is come to, is decided there.
                taken = None

"""What the pipelines of a tree give to its OpenShift templates: `oc process -f deploy.yaml -p REPLICAS=3 --param-file=prod.env`."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gonogo.data import data_directory
from gonogo.formats.yaml_reader import read_yaml
from gonogo.sources.ci.command import Command, unwrap
from gonogo.sources.ci.shell.parser import parse
from gonogo.sources.ci.shell.run import Settings, Text, run
from gonogo.sources.ci.shell.words import ShellSyntaxError
from gonogo.sources.classify import Format
from gonogo.sources.located import Node, located
from gonogo.sources.manifests.openshift import Argument
from gonogo.sources.tree import Tree, Unreadable

FILE = "openshift.yaml"
_PROGRAM, _SUBCOMMAND = re.compile(r"\boc\b"), re.compile(r"\b(process|new-app)\b")
_EXPRESSION = re.compile(r"\$\{\{[^{}]{0,1000}\}\}")
_MAKE_VARIABLE = re.compile(r"\$[({](\w+)[)}]")
# Keys under which GitHub Actions and GitLab have shell text.
_SCRIPTS = frozenset({"run", "script", "before_script", "after_script"})
_NAME = re.compile(r"[A-Za-z0-9_]+\Z")
_FILES = frozenset({"-f", "--filename", "--file"})
_PARAMETERS = frozenset({"-p", "--param"})
_VALUED = frozenset({
    "-n", "--namespace", "-o", "--output", "-l", "--labels", "-t", "--template", "-e", "--env", "--context", "--cluster", "--server",
    "-s", "--token", "--kubeconfig", "--user", "--as", "--name", "--request-timeout",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Action:
    uses: str
    file: str
    parameters: str


@dataclass(frozen=True, slots=True)
class _Call:
    """One call. `file` is a path of the tree, None where it is not known; a value that is not written there is None."""

    file: str | None
    values: Mapping[str, str | None]
    place: str


@dataclass(frozen=True, slots=True)
class Given:
    """The arguments of each template file. `anywhere` are names that a template gets, and nobody knows which."""

    files: Mapping[str, Mapping[str, Argument]] = field(default_factory=dict)
    anywhere: frozenset[str] = frozenset()

    def to(self, file: str) -> Mapping[str, Argument]:
        """What is given to the templates of a file."""
        return {**self.files.get(file, {}), **{name: Argument(None, "") for name in self.anywhere}}


def given_parameters(tree: Tree) -> Given:
    """What is given to the templates of a tree, as far as its pipelines and scripts say."""
    calls: dict[str, list[_Call]] = defaultdict(list)
    anywhere: set[str] = set()
    for call in _calls(tree):
        if call.file is None:
            anywhere.update(call.values)
        else:
            calls[call.file].append(call)
    return Given({file: dict(_agreed(of)) for file, of in calls.items()}, frozenset(anywhere))


def _agreed(calls: Sequence[_Call]) -> Iterator[tuple[str, Argument]]:
    """What all calls of a template give alike; where they do not (production and test), it is not known."""
    for name in sorted({name for call in calls for name in call.values}):
        values = {call.values.get(name) for call in calls}
        value = next(iter(values)) if len(values) == 1 else None
        yield name, Argument(value, f"parameter {name} at {calls[0].place}")


def _calls(tree: Tree) -> Iterator[_Call]:
    actions = _actions()
    for file in tree.of(Format.SHELL, Format.MAKEFILE, Format.GITHUB_WORKFLOW, Format.GITHUB_ACTION, Format.GITLAB_CI):
        try:
            text = tree.text(file.path)
            if not _is_called(text) and not any(action.uses in text for action in actions):
                continue
            if file.format is Format.SHELL:
                yield from _of_script(tree, text, file.path, 1)
            elif file.format is Format.MAKEFILE:
                yield from _of_makefile(tree, text, file.path)
            else:
                for document in tree.yaml(file.path).documents:
                    yield from _of_pipeline(tree, located(document.value, document.locations), actions)
        except Unreadable:
            continue


def _is_called(text: str) -> bool:
    return _PROGRAM.search(text) is not None and _SUBCOMMAND.search(text) is not None


def _of_pipeline(tree: Tree, root: Node, actions: Sequence[_Action]) -> Iterator[_Call]:
    for path, node in root.walk():
        key = next((step for step in reversed(path) if isinstance(step, str)), "")
        if isinstance(node.content, str) and key in _SCRIPTS:
            line = node.location.line if node.location else 0
            yield from _of_script(tree, node.content, node.location.file if node.location else "", line, only=line)
        uses = node.text("uses").partition("@")[0]
        for action in actions:
            if uses == action.uses:
                words = f"oc process -f {node.text('with', action.file)} {node.text('with', action.parameters)}"
                yield from _of_script(tree, words.replace("\n", " "), node.location.file if node.location else "", 0, only=node.location.line if node.location else 0)


def _of_makefile(tree: Tree, text: str, file: str) -> Iterator[_Call]:
    joined = re.sub(r"\\\n\s*", " ", text)
    for line in joined.splitlines():
        if line.startswith("\t") and _is_called(line):
            yield from _of_script(tree, _MAKE_VARIABLE.sub(r"${\1}", line.strip().lstrip("@-+")), file, 0)


def _of_script(tree: Tree, text: str, file: str, line: int, only: int = 0) -> Iterator[_Call]:
    """The calls of a shell script that begins at `line`; with `only` all are said to be there."""
    if not _is_called(text):
        return
    text = _EXPRESSION.sub("${CI_EXPRESSION}", text)
    try:
        invocations = run(parse(text), Settings(), text)
    except ShellSyntaxError:
        return
    for invocation in invocations:
        for command in unwrap(invocation.words):
            if isinstance(command, Command) and command.program == "oc":
                at = only or (line + text.count("\n", 0, invocation.offset) if line else 0)
                call = _call(tree, command, invocation.directory, f"{file}:{at}" if at else file)
                if call is not None:
                    yield call


def _call(tree: Tree, command: Command, directory: str | None, place: str) -> _Call | None:
    if command.begins(["process"]) is None and command.begins(["new-app"]) is None:
        return None
    file: str | None = None
    values: dict[str, str | None] = {}
    for name, word in _options(command.arguments):
        if name in _FILES:
            file = _path(tree, word, directory)
        elif name == "--param-file":
            path = _path(tree, word, directory)
            values.update(_of_parameter_file(tree, path) if path is not None else {})
        elif name in _PARAMETERS or not name:
            parameter, equals, value = word.text.partition("=")
            if equals and _NAME.match(parameter):
                values[parameter] = value if word.known else None
    return _Call(file, values, place)


def _options(words: Sequence[Text]) -> Iterator[tuple[str, Text]]:
    """The options with their values, and the words that are none under an empty name."""
    pending = ""
    for word in words:
        if pending:
            yield pending, word
            pending = ""
        elif word.text in _FILES or word.text in _PARAMETERS or word.text in _VALUED or word.text == "--param-file":
            pending = word.text
        elif word.text.startswith("--") and "=" in word.text:
            name, _, value = word.text.partition("=")
            yield name, Text(value, word.known, word.offset)
        elif re.match(r"-[pf][^-]", word.text):
            yield word.text[:2], Text(word.text[2:].removeprefix("="), word.known, word.offset)
        elif not word.text.startswith("-"):
            yield "", word


def _path(tree: Tree, word: Text, directory: str | None) -> str | None:
    if not word.known or directory is None:
        return None
    path = posixpath.normpath(posixpath.join(directory, word.text))
    return path if path in tree.files else None


def _of_parameter_file(tree: Tree, path: str) -> dict[str, str | None]:
    """The `NAME=value` lines of a file (those of dotenv)."""
    try:
        lines = tree.text(path).splitlines()
    except Unreadable:
        return {}
    found: dict[str, str | None] = {}
    for line in lines:
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        value = value.strip()
        if equals and _NAME.match(name.strip()):
            quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
            found[name.strip()] = None if "$" in value else value[1:-1] if quoted else value
    return found


def _actions() -> tuple[_Action, ...]:
    read = read_yaml(FILE, (data_directory("rules") / "kubernetes" / FILE).read_text("utf-8"))
    table: Any = read.documents[0].value
    rows: Iterable[Any] = table["actions"]
    return tuple(_Action(**row) for row in rows)

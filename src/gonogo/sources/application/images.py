"""What an image installs and runs: the commands of the stages that ship, and what starts a container."""

from __future__ import annotations

import json
import posixpath
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gonogo.model.location import Location
from gonogo.sources.dockerfile.builds import Build
from gonogo.sources.dockerfile.contexts import likely_context
from gonogo.sources.dockerfile.instructions import Instruction, read_instructions
from gonogo.sources.tree import Tree, Unreadable

MAX_WORDS = 5_000
MAX_SCRIPT_LINES = 500
MAX_SCRIPTS = 5
MAX_WORD = 4_096

_OPERATORS = frozenset({"&&", "||", ";", "|", "&", "(", ")", ";;", "\n", "|&", "{", "}", ">", ">>", "<"})
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::?-([^{}]*))?\}|(\w+))")
# What runs what follows it: the process is that of the rest.
_SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh"})
_PLAIN_VARIABLE = re.compile(r"\$(\w+)")
_KEYWORDS = frozenset({"then", "do", "else", "exec", "!", "command", "time", "nohup", "eval"})


@dataclass(frozen=True, slots=True)
class Command:
    """One simple command, with the variables of the image filled in where they are known."""

    words: tuple[str, ...]
    place: Location
    directory: str = ""
    """The working directory in the image."""

    @property
    def program(self) -> str:
        """The name of what is run, without its directory."""
        return self.words[0].rpartition("/")[2] if self.words else ""


@dataclass(frozen=True, slots=True)
class Image:
    """An image that is built here. `installs` are the RUNs of what ships, `starts` what a container runs (nothing: the base's)."""

    dockerfile: str
    context: str
    bases: tuple[str, ...]
    installs: tuple[Command, ...]
    starts: tuple[Command, ...]
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Start:
    """What starts a container: `words` of its ENTRYPOINT and CMD, as an image or whoever runs it gives them."""

    words: tuple[str, ...]
    place: Location
    context: str
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Stage:
    name: str
    base: str
    parent: int | None
    workdir: str = "/"
    environment: dict[str, str] = field(default_factory=dict)
    runs: list[Command] = field(default_factory=list)
    copies_from: list[int] = field(default_factory=list)
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    started_at: Location = Location("")
    sources: list[str] = field(default_factory=list)


def commands_of(text: str, place: Location, directory: str = "", environment: Mapping[str, str] | None = None) -> Iterator[Command]:
    """The simple commands of a shell text, in order; conditions and loops are flattened. A text that is no shell gives nothing."""
    known = dict(environment or {})
    words: list[str] = []
    count = 0
    for line in re.sub(r"\\\r?\n", " ", text).splitlines()[:MAX_SCRIPT_LINES]:
        lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|()<>")
        lexer.whitespace_split = True
        lexer.commenters = "#"
        try:
            parts = list(lexer)
        except ValueError:
            parts = line.split()
        redirected = False
        for part in (*parts, "\n"):
            count += 1
            if redirected or (set(part) <= set("<>&") and set(part) & set("<>")):
                # `2>&1`, `> /dev/null`: neither the sign nor what it names is a word of the command.
                redirected = not redirected and part != "\n"
                if redirected and words and words[-1].isdigit():
                    words.pop()
                if part != "\n":
                    continue
            if count > MAX_WORDS:
                return
            if part in _OPERATORS or set(part) <= set(";&|()<>"):
                assigned = [w for w in words if _ASSIGNMENT.match(w)]
                if assigned and assigned == words[1 if words[0] == "export" else 0 :]:
                    known.update((w.partition("=")[0], _filled(w.partition("=")[2], known)) for w in assigned)
                    words = []
                yield from _command(words, place, directory, known)
                if words[:1] == ["cd"] and len(words) == 2 and part in ("&&", ";", "\n"):
                    directory = posixpath.normpath(posixpath.join(directory, _filled(words[1], known)))
                words = []
            else:
                words.append(part)


def _command(words: Sequence[str], place: Location, directory: str, known: Mapping[str, str]) -> Iterator[Command]:
    at = 0
    while at < len(words) and (words[at] in _KEYWORDS or _ASSIGNMENT.match(words[at])):
        at += 1
    rest = words[at:]
    if len(rest) > 2 and rest[0].rpartition("/")[2] in _SHELLS and re.fullmatch(r"-\w*c", rest[1]):
        yield from commands_of(rest[2], place, directory, known)
    elif rest:
        yield Command(tuple(_filled(word, known) for word in rest), place, directory)


def _filled(word: str, known: Mapping[str, str]) -> str:
    """A word with its variables filled in: those that are known, and the defaults of the others."""

    def value(match: re.Match[str]) -> str:
        name, default = match[1] or match[3], match[2]
        if name in known:
            return known[name]
        return match[0] if default is None else _PLAIN_VARIABLE.sub(lambda m: known.get(m[1], m[0]), default)

    return _VARIABLE.sub(value, word)[:MAX_WORD]


def read_image(tree: Tree, path: str, builds: Sequence[Build]) -> Image | None:
    """The image of the Dockerfile at `path`, None for one without a stage. Raises `Unreadable` and `DockerfileError`."""
    stages = _stages(path, read_instructions(tree.text(path)))
    if not stages:
        return None
    targets = {b.target for b in builds if not b.local and b.target}
    wanted = next(iter(targets)) if len(targets) == 1 else ""
    final = next((n for n, s in enumerate(stages) if s.name == wanted), len(stages) - 1)
    ships = _shipped(stages, final)
    lineage = _lineage(stages, final)
    last = stages[final]
    declared = sorted({b.context for b in builds})
    context = declared[0] if declared else likely_context(tree, path, [s for n in ships for s in stages[n].sources])
    environment = {name: value for n in reversed(lineage) for name, value in stages[n].environment.items()}
    words = (*last.entrypoint, *last.command)
    starts = tuple(_started(tree, context, words, last, environment, 0)) if words else ()
    bases = tuple(dict.fromkeys(stages[n].base for n in (*lineage, *ships) if stages[n].parent is None))
    return Image(path, context, bases, tuple(c for n in ships for c in stages[n].runs), starts, environment)


def read_starts(tree: Tree, path: str, builds: Sequence[Build]) -> Iterator[Start]:
    """What the containers of the stages run that are built: the last one, and those that a build names. Raises `Unreadable` and `DockerfileError`."""
    stages = _stages(path, read_instructions(tree.text(path)))
    named = {b.target for b in builds if b.target}
    declared = sorted({b.context for b in builds})
    for number, stage in enumerate(stages):
        words = (*stage.entrypoint, *stage.command)
        if words and (stage.name in named or number == len(stages) - 1):
            context = declared[0] if declared else likely_context(tree, path, [s for n in _shipped(stages, number) for s in stages[n].sources])
            yield Start(words, stage.started_at, context, stage.environment)


def _stages(path: str, instructions: Sequence[Instruction]) -> list[_Stage]:
    stages: list[_Stage] = []
    arguments: dict[str, str] = {}
    for one in instructions:
        place = Location(path, one.line, 1, one.end_line)
        if one.keyword == "FROM":
            words = [w for w in one.value.split() if not w.startswith("--")]
            if not words:
                continue
            base = _filled(words[0], arguments)
            parent = next((n for n, s in enumerate(stages) if s.name == base), None)
            above = stages[parent] if parent is not None else None
            stage = _Stage(words[-1] if len(words) > 2 else str(len(stages)), base, parent)
            if above is not None:
                stage.workdir, stage.entrypoint, stage.command, stage.started_at = above.workdir, above.entrypoint, above.command, above.started_at
                stage.environment = dict(above.environment)
            stages.append(stage)
        elif one.keyword == "ARG":
            name, equals, value = one.value.strip().partition("=")
            if equals:
                arguments[name] = value.strip("\"'")
        elif stages:
            _take(stages, stages[-1], one, place, arguments)
    return stages


def _take(stages: Sequence[_Stage], stage: _Stage, one: Instruction, place: Location, arguments: Mapping[str, str]) -> None:
    known = {**arguments, **stage.environment}
    match one.keyword:
        case "WORKDIR":
            stage.workdir = posixpath.normpath(posixpath.join(stage.workdir, _filled(one.value.strip().strip("\"'"), known)))
        case "ENV":
            stage.environment.update(_variables(one.value, known))
        case "RUN":
            exec_form = _exec_form(one.value)
            options, rest = _options(one.value)
            stage.copies_from.extend(n for o in options for n in _from(stages, re.sub(r".*\bfrom=([^,]*).*", r"\1", o)) if "from=" in o)
            if exec_form:
                stage.runs.append(Command(exec_form, place, stage.workdir))
            else:
                text = one.body if one.body and "<<" in rest[:4] else rest
                stage.runs.extend(commands_of(text, place, stage.workdir, known))
        case "COPY" | "ADD":
            options, rest = _options(one.value)
            source = next((o.partition("=")[2] for o in options if o.startswith("--from=")), None)
            if source is not None:
                stage.copies_from.extend(_from(stages, source))
            else:
                stage.sources.extend((_exec_form(rest) or tuple(rest.split()))[:-1])
        case "ENTRYPOINT":
            stage.entrypoint, stage.command, stage.started_at = _words(one.value, known), (), place
        case "CMD":
            stage.command, stage.started_at = _words(one.value, known), place


def _options(value: str) -> tuple[list[str], str]:
    options: list[str] = []
    rest = value.strip()
    while rest.startswith("--"):
        option, _, rest = rest.partition(" ")
        options.append(option)
        rest = rest.lstrip()
    return options, rest


def _from(stages: Sequence[_Stage], source: str) -> list[int]:
    return [n for n, s in enumerate(stages[:-1]) if source in (s.name, str(n))]


def _exec_form(value: str) -> tuple[str, ...]:
    if not value.strip().startswith("["):
        return ()
    try:
        parsed = json.loads(value.strip())
    except (ValueError, RecursionError):
        return ()
    return tuple(w for w in parsed if isinstance(w, str)) if isinstance(parsed, list) else ()


def _words(value: str, known: Mapping[str, str]) -> tuple[str, ...]:
    """The exec form, or a shell that runs the text."""
    return tuple(_filled(w, known) for w in _exec_form(value)) or ("sh", "-c", value.strip())


def _variables(value: str, known: Mapping[str, str]) -> dict[str, str]:
    try:
        words = shlex.split(value)
    except ValueError:
        words = value.split()
    if words and "=" not in words[0]:
        return {words[0]: _filled(" ".join(words[1:]), known)}
    return {w.partition("=")[0]: _filled(w.partition("=")[2], known) for w in words if "=" in w}


def _lineage(stages: Sequence[_Stage], at: int) -> list[int]:
    """A stage and those it starts from."""
    found = [at]
    while (parent := stages[found[-1]].parent) is not None:
        found.append(parent)
    return found


def _shipped(stages: Sequence[_Stage], final: int) -> list[int]:
    """The stages of which something is in the image, in their order."""
    found: set[int] = set()
    waiting = [final]
    while waiting:
        at = waiting.pop()
        if at not in found:
            found.add(at)
            waiting.extend((*_lineage(stages, at), *stages[at].copies_from))
    return sorted(found)


def _started(tree: Tree, context: str, words: Sequence[str], stage: _Stage, known: Mapping[str, str], depth: int) -> Iterator[Command]:
    """The commands of a start: of `sh -c TEXT`, and of scripts of the repository."""
    if len(words) > 2 and words[0].rpartition("/")[2] in _SHELLS and re.fullmatch(r"-\w*c", words[1]):
        for command in commands_of(words[2], stage.started_at, stage.workdir, known):
            yield from _scripts(tree, context, command, stage, known, depth)
    else:
        yield from _scripts(tree, context, Command(tuple(words), stage.started_at, stage.workdir), stage, known, depth)


def expanded(tree: Tree, context: str, commands: Sequence[Command], known: Mapping[str, str]) -> Iterator[Command]:
    """Commands with the scripts of the repository that they run in their place."""
    for command in commands:
        yield from _scripts(tree, context, command, _Stage("", "", None), known, 0)


def _scripts(tree: Tree, context: str, command: Command, stage: _Stage, known: Mapping[str, str], depth: int) -> Iterator[Command]:
    words = command.words
    if words and command.program in _SHELLS and len(words) > 1:
        words = words[next((n for n, w in enumerate(words) if n and not w.startswith("-")), len(words)) :]
    at = next((n for n, w in enumerate(words[:6]) if find_script(tree, context, w)), None)
    path = find_script(tree, context, words[at]) if at is not None else None
    if path is None or at is None or depth >= MAX_SCRIPTS:
        yield command
        return
    try:
        text = tree.text(path)
    except Unreadable:
        yield command
        return
    rest = words[at + 1 :]
    for inner in commands_of(text, Location(path, 1), command.directory, known):
        # `exec "$@"`: what follows the script on the command line.
        if inner.words[0] in ("$@", "${@}", "$*"):
            if rest:
                yield from _started(tree, context, rest, stage, known, depth + 1)
        else:
            yield from _scripts(tree, context, inner, stage, known, depth + 1)


def find_script(tree: Tree, context: str, word: str) -> str | None:
    """The shell script of the repository that a word of a command names, by the end of its path: an image lies elsewhere."""
    name = word.lstrip("./").rpartition("/")[2]
    if not name or "." in name and not name.endswith((".sh", ".bash")) or word.startswith("-") or "/" not in word and not name.endswith(".sh"):
        return None
    wanted = posixpath.normpath(word).lstrip("./")
    found = [path for path in tree.below(context) if path.rpartition("/")[2] == name and not path.endswith((".py", ".js"))]
    if not found:
        return None
    return min(found, key=lambda path: (-_shared(path, wanted), path.count("/"), path))


def _shared(path: str, wanted: str) -> int:
    """How many parts the ends of two paths share."""
    count = 0
    for own, other in zip(reversed(path.split("/")), reversed(wanted.split("/")), strict=False):
        if own != other:
            break
        count += 1
    return count

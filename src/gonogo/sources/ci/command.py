"""One command as it is really run: wrappers such as sudo, npx or `docker run` taken off, and its options read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gonogo.sources.ci.shell.run import Text

MAX_WRAPPERS = 8
# What is matched against patterns is bounded: an argument may be as long as its script.
MAX_LINE = 10_000

# Wrappers that run their first word that is no option: the options that take a value of their own.
_PREFIXES: Mapping[str, frozenset[str]] = {
    "sudo": frozenset({"-u", "-g", "-C", "-h", "-p", "-U"}),
    "env": frozenset({"-u", "-C", "-S"}),
    "time": frozenset({"-f", "-o"}),
    "timeout": frozenset({"-s", "-k", "--signal", "--kill-after"}),
    "nice": frozenset({"-n"}),
    "nohup": frozenset(),
    "exec": frozenset({"-a"}),
    "command": frozenset(),
    "builtin": frozenset(),
    "xargs": frozenset({"-I", "-n", "-P", "-L", "-d", "-a", "-E", "-s"}),
    "xvfb-run": frozenset({"-s", "-e", "-n", "-p"}),
    "npx": frozenset({"-p", "--package", "-c"}),
    "bunx": frozenset(),
    "pnpx": frozenset(),
    "uvx": frozenset({"--from", "--with", "-p", "--python"}),
    "pipx": frozenset({"--spec"}),
    "dotenv": frozenset({"-f", "-e"}),
    "chronic": frozenset(),
    "retry": frozenset({"-t", "--tries", "-d", "--delay", "--times", "-s"}),
    "stdbuf": frozenset({"-o", "-e", "-i"}),
    "ionice": frozenset({"-c", "-n"}),
    "setarch": frozenset(),
    "script": frozenset(),
    "doppler": frozenset({"-p", "-c", "--project", "--config"}),
    "yes": frozenset(),
}
# `wrapper verb command …`
_VERBS: Mapping[str, frozenset[str]] = {
    "poetry": frozenset({"run"}), "pipenv": frozenset({"run"}), "uv": frozenset({"run"}), "hatch": frozenset({"run"}),
    "pdm": frozenset({"run"}), "rye": frozenset({"run"}), "pipx": frozenset({"run"}), "bundle": frozenset({"exec"}),
    "pnpm": frozenset({"exec", "dlx"}), "npm": frozenset({"exec", "x"}), "yarn": frozenset({"exec", "dlx"}),
    "bun": frozenset({"x"}), "mise": frozenset({"exec", "x"}), "asdf": frozenset({"exec"}), "rtx": frozenset({"exec"}),
    "doppler": frozenset({"run"}), "op": frozenset({"run"}), "pixi": frozenset({"run"}), "conda": frozenset({"run"}),
    "micromamba": frozenset({"run"}), "direnv": frozenset({"exec"}), "composer": frozenset({"exec"}),
    "opam": frozenset({"exec"}), "stack": frozenset({"exec"}),
}  # fmt: skip
_VERB_VALUES = frozenset(
    {
        "-n",
        "--name",
        "-p",
        "--prefix",
        "--group",
        "--with",
        "--extra",
        "--package",
        "--python",
        "-e",
        "-w",
        "--workspace",
        "-C",
        "--dir",
        "--env-file",
    }
)
_RUN_VALUES_TEXT = """
    -v --volume -e --env -w --workdir --name --network --net -p --publish -u --user --entrypoint --env-file --mount --platform
    --add-host -h --hostname --label -l -m --memory --cpus --pull --shm-size --link --ipc --security-opt --cap-add --device
    --gpus --tmpfs --ulimit --restart --log-driver --volumes-from --cidfile --dns --group-add --runtime --pid --userns
    --stop-timeout -a --attach --expose --cap-drop -f --file --profile -c --context --index --project-name
"""
_RUN_VALUES = frozenset(_RUN_VALUES_TEXT.split())
_SHELLS = frozenset({"bash", "sh", "zsh", "dash", "ash", "ksh", "/bin/bash", "/bin/sh", "busybox"})
_RENAMED = {
    "gradlew": "gradle",
    "gradlew.bat": "gradle",
    "mvnw": "mvn",
    "mvnw.cmd": "mvn",
    "python3": "python",
    "docker-compose-v1": "docker-compose",
    "gmake": "make",
}
_PYTHON = re.compile(r"(python|pypy)[0-9.]*$")


@dataclass(frozen=True, slots=True)
class Command:
    """A program and its arguments. `path` is the program as it was written."""

    program: str
    arguments: tuple[Text, ...]
    path: Text

    @property
    def line(self) -> str:
        """The arguments as one text, for matching."""
        return " ".join(argument.text for argument in self.arguments)[:MAX_LINE]

    def __str__(self) -> str:
        return f"{self.program} {self.line}".strip()

    def words(self) -> list[tuple[int, str]]:
        """The arguments that are no options, each with the number of options before it."""
        options = 0
        found: list[tuple[int, str]] = []
        for argument in self.arguments:
            if argument.text.startswith("-") and len(argument.text) > 1:
                options += "=" not in argument.text
            else:
                found.append((options, argument.text))
        return found

    def begins(self, expected: Sequence[str]) -> int | None:
        """Where `expected` begin among the words, allowing for values of options before them; None where they do not."""
        words = self.words()
        for start, (options, word) in enumerate(words):
            if start > options:
                return None
            if word == expected[0] and [w for _, w in words[start : start + len(expected)]] == list(expected):
                return start
        return None

    def option(self, *names: str) -> list[Text]:
        """Every value of an option: `--name value`, `--name=value`, `-n value`."""
        values: list[Text] = []
        for index, argument in enumerate(self.arguments):
            if argument.text in names:
                values.extend(self.arguments[index + 1 : index + 2])
                continue
            name, equals, value = argument.text.partition("=")
            if equals and name in names:
                values.append(Text(value, argument.known, argument.offset))
        return values


@dataclass(frozen=True, slots=True)
class ShellText:
    """A script given as an argument: `bash -c '…'`, `eval …`. `flags` are those of the shell."""

    text: Text
    flags: str
    arguments: tuple[Text, ...] = ()


def unwrap(words: Sequence[Text], depth: int = 0) -> Iterator[Command | ShellText]:
    """The commands that a simple command runs in the end."""
    if not words or depth > MAX_WRAPPERS:
        return
    words = tuple(_without_assignments(words))
    if not words:
        return
    name = words[0].text.rpartition("/")[2] or words[0].text
    name = _RENAMED.get(name, name.removesuffix(".exe").removesuffix(".cmd"))
    rest = tuple(words[1:])
    inner = _unwrapped(name, rest)
    if inner is not None:
        yield from unwrap(inner, depth + 1)
        return
    if name in _SHELLS or name == "eval":
        text = _shell_text(name, rest)
        if text is not None:
            yield text
            return
    if _PYTHON.match(name):
        module = _python_module(rest)
        if module is not None:
            yield from unwrap(module, depth + 1)
            return
    yield Command(name, rest, words[0])
    if name in ("docker", "podman", "docker-compose", "nerdctl"):
        started = _container_command(rest)
        if started:
            yield from unwrap(started, depth + 1)


def program_of_image(image: str, patterns: Sequence[tuple[re.Pattern[str], str]]) -> str | None:
    """The program that a tool image runs, by its name without registry host and tag."""
    name = image.partition("@")[0]
    head, slash, tail = name.rpartition("/")
    name = head + slash + tail.partition(":")[0]
    host, slash, rest = name.partition("/")
    bare = rest if slash and ("." in host or ":" in host or host == "localhost") else name
    for pattern, program in patterns:
        if pattern.fullmatch(bare) or pattern.fullmatch(name):
            return program
    return None


def _without_assignments(words: Sequence[Text]) -> Sequence[Text]:
    index = 0
    while index < len(words) and re.match(r"[A-Za-z_]\w*=", words[index].text):
        index += 1
    return words[index:]


def _unwrapped(name: str, rest: tuple[Text, ...]) -> tuple[Text, ...] | None:
    if name in _VERBS and rest:
        at = _first(rest, _VERB_VALUES)
        if at is not None and rest[at].text in _VERBS[name]:
            inner = rest[at + 1 :]
            start = _first(inner, _VERB_VALUES)
            return inner[start:] if start is not None else ()
    if name in _PREFIXES and rest:
        start = _first(rest, _PREFIXES[name])
        if start is None:
            return None
        inner = tuple(_without_assignments(rest[start:]))
        if name == "timeout" and inner and re.fullmatch(r"[0-9.]+[smhd]?", inner[0].text):
            inner = inner[1:]
        if name in ("pipx", "doppler"):
            return None
        return inner
    return None


def _first(words: Sequence[Text], valued: frozenset[str]) -> int | None:
    """The first word that is no option, after `--` at the latest."""
    index = 0
    while index < len(words):
        text = words[index].text
        if text == "--":
            return index + 1 if index + 1 < len(words) else None
        if not text.startswith("-") or text == "-":
            return index
        index += 2 if text in valued else 1
    return None


def _shell_text(name: str, rest: tuple[Text, ...]) -> ShellText | None:
    if name == "eval":
        return ShellText(Text(" ".join(w.text for w in rest), all(w.known for w in rest)), "")
    flags = ""
    index = 0
    while index < len(rest) and rest[index].text.startswith(("-", "+")):
        text = rest[index].text
        if not text.startswith("--"):
            flags += text[1:]
        if text.endswith("o") and index + 1 < len(rest) and not text.startswith("--"):
            index += 1
            flags += {"errexit": "e", "pipefail": "P"}.get(rest[index].text, "")
        index += 1
    if "c" in flags and index < len(rest):
        return ShellText(rest[index], flags, rest[index + 2 :])
    return None


def _python_module(rest: tuple[Text, ...]) -> tuple[Text, ...] | None:
    index = 0
    while index < len(rest) and rest[index].text.startswith("-"):
        if rest[index].text == "-m":
            return rest[index + 1 :]
        if rest[index].text in ("-c", "-"):
            return None
        index += 2 if rest[index].text in ("-W", "-X") else 1
    script = rest[index] if index < len(rest) else None
    return rest[index:] if script is not None and script.text.endswith("manage.py") else None


def _container_command(rest: tuple[Text, ...]) -> tuple[Text, ...]:
    """What `docker run IMAGE command` (also exec, and compose) runs; the image itself where no command is given."""
    at = _first(rest, _RUN_VALUES)
    if at is None:
        return ()
    if rest[at].text == "compose":
        rest = rest[at + 1 :]
        at = _first(rest, _RUN_VALUES)
        if at is None:
            return ()
    if rest[at].text == "container":
        at += 1
    if at >= len(rest) or rest[at].text not in ("run", "exec"):
        return ()
    inner = rest[at + 1 :]
    entry = next((inner[i + 1] for i, w in enumerate(inner[:-1]) if w.text == "--entrypoint"), None)
    start = _first(inner, _RUN_VALUES)
    if start is None:
        return ()
    image, command = inner[start], inner[start + 1 :]
    if entry is not None:
        return (entry, *command)
    return (Text(f"image:{image.text}", image.known, image.offset), *command)

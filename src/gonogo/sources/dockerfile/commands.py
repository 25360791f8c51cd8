"""What the commands of a RUN do: install packages, fetch dependencies, build, leave a cache behind."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass

from gonogo.sources.ci.shell.ast import Literal, Simple, Word
from gonogo.sources.ci.shell.parser import parse
from gonogo.sources.ci.shell.words import ShellSyntaxError

MAX_NESTING = 3


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())



# Package managers of the operating system, and the words that make them install.
_SYSTEM = {
    "apt-get": {"install"}, "apt": {"install"}, "aptitude": {"install"}, "apk": {"add"}, "yum": {"install"}, "dnf": {"install"},
    "microdnf": {"install"}, "tdnf": {"install"}, "zypper": {"install", "in"}, "pacman": {"-S", "-Sy", "-Syu"}, "urpmi": {""},
}  # fmt: skip
# Tools that build a program or fetch what it depends on, whatever they are asked to do.
_BUILDERS = _words(
    "pip pipx uv poetry pipenv pdm conda mamba micromamba npm yarn pnpm bun gem bundle bundler composer cargo mvn mvnw gradle gradlew "
    "dotnet make gmake cmake ninja meson gcc g++ cc c++ clang clang++ rustc javac kotlinc sbt lein mix rebar3 stack cabal swift swiftc "
    "tsc webpack vite ng bazel bazelisk buck buck2 nix-build nix flutter hugo mkdocs jekyll zig ant docker-php-ext-install phpize "
    "node-gyp gatsby next nx turbo protoc go rake cpanm luarocks opam raco msbuild npx deno configure autoreconf"
)
_WRAPPERS = _words("sudo env exec time nice command nohup eatmydata xvfb-run gosu su-exec doas corepack")
_SHELLS = _words("sh bash ash dash zsh ksh")
_OPTION = re.compile(r"\s*(--\S*)")
_VERSIONED = re.compile(r"(pip|python|gcc|g\+\+|clang|clang\+\+|php|ruby|node|gem)-?\d[\d.]*\Z")


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its name without its directory and version, its arguments, and the variables set for it."""

    name: str
    arguments: tuple[str, ...]
    assigned: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The arguments that are no options."""
        return tuple(a for a in self.arguments if not a.startswith("-"))


@dataclass(frozen=True, slots=True)
class Run:
    """The options and the commands of one RUN."""

    options: tuple[str, ...]
    commands: tuple[Command, ...]

    def mounts(self, kind: str) -> Iterator[dict[str, str]]:
        """The `--mount` options of this type (the default is `bind`), as mappings."""
        for option in self.options:
            if option.startswith("--mount="):
                pairs = dict(pair.partition("=")[::2] for pair in option.removeprefix("--mount=").split(","))
                if pairs.get("type", "bind") == kind:
                    yield pairs

    @property
    def installs_system_packages(self) -> bool:
        return any(_SYSTEM[c.name] & set(c.arguments) for c in self.commands if c.name in _SYSTEM)

    @property
    def builds(self) -> bool:
        """Whether a language's tools fetch dependencies or build something."""
        return any(c.name in _BUILDERS for c in self.commands)

    @property
    def resolves_dependencies(self) -> bool:
        """Whether dependencies that a file of the repository lists are fetched, by themselves or on the way of a build."""
        return any(_resolves(c) for c in self.commands)

    def cache_left(self, quiet_pip: bool) -> str | None:
        """The package cache that these commands leave in the layer. `quiet_pip`: pip is told by its environment to keep none."""
        if any(True for _ in self.mounts("cache")):
            return None
        removed = " ".join(a for c in self.commands if c.name in ("rm", "find") for a in c.arguments)
        for command in self.commands:
            left = _cache_of(command)
            if left is not None and not any(path in removed for path in _CACHE_PATHS[left]):
                if left == "pip cache" and (quiet_pip or "PIP_NO_CACHE_DIR" in command.assigned):
                    continue
                if left == "yum cache" and any("clean" in c.arguments for c in self.commands):
                    continue
                return left
        return None


_CACHE_PATHS = {
    "apt lists": ("/var/lib/apt",), "apk cache": ("/var/cache/apk", "/var/cache/*", "/var/cache/ "), "pip cache": (".cache",),
    "yum cache": ("/var/cache/yum", "/var/cache/dnf", "/var/cache/*"),
}  # fmt: skip


def read_run(value: str, body: str = "") -> Run:
    """The RUN instruction whose text is `value`, with the text of its heredocs."""
    options, rest = options_of(value)
    return Run(options, tuple(_script(_script_text(rest, body), 0)))


def options_of(value: str) -> tuple[tuple[str, ...], str]:
    """The leading `--name=value` options of an instruction, and what follows them."""
    found: list[str] = []
    at = 0
    while match := _OPTION.match(value, at):
        found.append(match[1])
        at = match.end()
    return tuple(found), value[at:].strip()


def _script_text(rest: str, body: str) -> str:
    if rest.startswith("<<") and body:
        lines = body.split("\n")[:-1]
        other = bool(lines) and lines[0].startswith("#!") and not re.search(r"sh\b", lines[0])
        return "" if other else "\n".join(lines)
    if rest.startswith("["):
        try:
            words = json.loads(rest)
        except ValueError:
            return rest
        return " ".join("'" + str(w).replace("'", "'\\''") + "'" for w in words) if isinstance(words, list) else rest
    return rest


def _script(text: str, nesting: int) -> Iterator[Command]:
    try:
        block: object = parse(text)
    except (ShellSyntaxError, RecursionError):
        # PowerShell, or a part of a script that a tool fills in: the words in command position are all there is.
        for part in re.split(r"&&|\|\||[;|&\n]", text):
            words = part.split()
            if words:
                yield from _command(words, (), nesting)
        return
    for simple in _simple(block):
        words = [_text(word) for word in simple.words]
        if words:
            yield from _command(words, tuple(a.name for a in simple.assignments), nesting)


def _simple(node: object) -> Iterator[Simple]:
    """Every simple command below a node of the shell's tree, in the order it is written."""
    if isinstance(node, Simple):
        yield node
    if isinstance(node, tuple):
        for item in node:
            yield from _simple(item)
    elif is_dataclass(node) and not isinstance(node, type):
        for field in fields(node):
            yield from _simple(getattr(node, field.name))


def _text(word: Word) -> str:
    return "".join(part.text if isinstance(part, Literal) else part.source for part in word.parts)


def _command(words: Sequence[str], assigned: tuple[str, ...], nesting: int) -> Iterator[Command]:
    words = list(words)
    while words and (words[0] in _WRAPPERS or (assigned_here := re.match(r"([A-Za-z_]\w*)=", words[0]))):
        if words[0] not in _WRAPPERS and assigned_here:
            assigned = (*assigned, assigned_here[1])
        words.pop(0)
        while words and words[0].startswith("-"):
            words.pop(0)
    if not words:
        return
    name = words[0].replace("\\", "/").rpartition("/")[2].lower().removesuffix(".exe").removesuffix(".cmd")
    versioned = _VERSIONED.match(name)
    name = versioned[1] if versioned else name
    arguments = tuple(words[1:])
    if name in _SHELLS and "-c" in "".join(a[:4] for a in arguments[:1]) and len(arguments) > 1 and nesting < MAX_NESTING:
        yield from _script(arguments[1], nesting + 1)
        return
    if name == "python" and arguments[:1] == ("-m",) and len(arguments) > 1:
        name, arguments = arguments[1], arguments[2:]
    elif name == "python" and any(a.endswith("setup.py") for a in arguments):
        name = "pip"
    elif name == "php" and any("composer" in a for a in arguments[:1]):
        name, arguments = "composer", arguments[1:]
    yield Command(name, arguments, assigned)


def _resolves(command: Command) -> bool:
    words = command.words
    first = words[0] if words else ""
    known = _RESOLVES.get(command.name)
    return known(first, words[1:], command.arguments) if known is not None else False


def _listed(first: str, rest: Sequence[str], _: Sequence[str]) -> bool:
    """`npm ci`, `npm install` without a package's name."""
    return first == "ci" or (first in ("install", "i") and not rest)


def _pip(first: str, rest: Sequence[str], arguments: Sequence[str]) -> bool:
    return first == "install" and (any(a in ("-r", "--requirement") or a.startswith("--requirement=") for a in arguments) or "." in rest)


def _one_of(*subcommands: str) -> Callable[[str, Sequence[str], Sequence[str]], bool]:
    return lambda first, _rest, _arguments: first in subcommands


_RESOLVES: dict[str, Callable[[str, Sequence[str], Sequence[str]], bool]] = {
    "pip": _pip,
    "uv": lambda first, rest, arguments: first == "sync" or (first == "pip" and _pip(rest[0] if rest else "", rest[1:], arguments)),
    "npm": _listed,
    "pnpm": _listed,
    "bun": _listed,
    "yarn": lambda first, _rest, _arguments: first in ("", "install"),
    "poetry": _one_of("install"),
    "pdm": _one_of("install", "sync"),
    "pipenv": lambda first, rest, _: first == "sync" or (first == "install" and not rest),
    "bundle": _one_of("install", ""),
    "composer": _one_of("install"),
    "go": lambda first, rest, _: first == "build" or (first == "mod" and "download" in rest),
    "cargo": lambda first, rest, _: first in ("build", "fetch", "chef") or (first == "install" and not rest),
    "mvn": lambda first, rest, _: any(w.startswith("dependency") or w in ("package", "install", "verify", "compile") for w in (first, *rest)),
    "gradle": lambda first, rest, _: any(w.rpartition(":")[2] in ("build", "bootJar", "assemble", "dependencies", "shadowJar") for w in (first, *rest)),
    "dotnet": _one_of("restore", "build", "publish"),
}
_RESOLVES |= {"mvnw": _RESOLVES["mvn"], "gradlew": _RESOLVES["gradle"], "bundler": _RESOLVES["bundle"]}


def _cache_of(command: Command) -> str | None:
    """The cache that a command fills unless told otherwise."""
    if command.name in ("apt-get", "apt", "aptitude") and "install" in command.arguments:
        return "apt lists"
    if command.name == "apk" and "add" in command.arguments and "--no-cache" not in command.arguments:
        return "apk cache"
    if command.name == "pip" and "install" in command.arguments and "--no-cache-dir" not in command.arguments:
        return "pip cache"
    if command.name in ("yum", "dnf", "microdnf", "tdnf") and "install" in command.arguments:
        return "yum cache"
    return None

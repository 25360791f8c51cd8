"""What the commands of an image start: the modules that are loaded first, and what Node is told to load before them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from gonogo.sources.application.images import Command, commands_of
from gonogo.sources.application.javascript.packages import Manifest

SUFFIXES = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".tsx")
_RUNTIMES = frozenset({"node", "nodejs", "nodemon", "ts-node", "ts-node-dev", "tsx", "bun", "pm2-runtime", "pm2", "babel-node", "swc-node", "esr", "node-dev"})
_MANAGERS = frozenset({"npm", "yarn", "pnpm", "bun"})
_RUN_A_TOOL = frozenset({"npx", "bunx", "pnpx"})
# Words after which the command that is wanted follows.
_WRAPPERS = frozenset({"tini", "dumb-init", "exec", "env", "gosu", "su-exec", "doppler", "infisical", "dotenv", "cross-env", "catatonit", "nice", "run", "--", "sudo", "op", "dotenvx", "nohup"})
_LOADERS = frozenset({"-r", "--require", "--import", "--loader", "--experimental-loader"})
_WITH_VALUE = frozenset({*_LOADERS, "-C", "--conditions", "--env-file", "--title", "--max-old-space-size", "-P", "--project", "--name", "-i", "--watch", "-w", "--exec"})
# Programs that serve files, run in a shell before, or only prepare; none of them is the application.
_NO_SERVER = frozenset({
    "nginx", "caddy", "httpd", "serve", "http-server", "apachectl", "apache2-foreground", "echo", "sleep", "mkdir", "cd", "rm", "cp", "chown", "chmod", "envsubst", "set", "test", "[",
    "prisma", "sequelize", "knex", "typeorm", "wait-for-it", "wait-for-it.sh", "wait-for", "wait-on", "sed", "cat", "export", "true", "if", "fi", "find", "ls", "tsc", "printenv", "date", "drizzle-kit",
})  # fmt: skip
_OF_PACKAGE = frozenset({"--prefix", "-C", "--dir", "--cwd", "-w", "--workspace", "--filter", "-F"})
MAX_DEPTH = 6


@dataclass(frozen=True, slots=True)
class Started:
    """Files (as the image has them), libraries that are loaded before, and why more may be started than that."""

    files: tuple[tuple[str, str], ...] = ()
    """Each with the working directory."""
    preloads: tuple[str, ...] = ()
    frameworks: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    """Commands that are no program we know: they count where nothing else is started."""
    other: bool = field(default=False)
    """Something else than a server of this language is run."""

    def __add__(self, other: Started) -> Started:
        return Started(
            (*self.files, *other.files),
            (*self.preloads, *other.preloads),
            (*self.frameworks, *other.frameworks),
            (*self.reasons, *other.reasons),
            (*self.unknown, *other.unknown),
            self.other or other.other,
        )


@dataclass(frozen=True, slots=True)
class Packages:
    """The package whose scripts are run, and the others that a command may name, or start in."""

    own: Manifest | None
    others: Sequence[Manifest] = ()
    runs_node: bool = False
    """The image's own entry point is Node: what it is given is a file, whatever it is called."""

    def named(self, name: str) -> Manifest | None:
        """The package that an option names, by its name or its directory."""
        directory = name.removeprefix("./").rstrip("/")
        return next((m for m in self.others if name == m.name or (directory and m.directory.endswith(directory))), None)

    def at(self, workdir: str) -> Manifest | None:
        """The package of a directory of the image: the one whose path it ends with."""
        ends = [m for m in self.others if m.directory and f"{workdir.rstrip('/')}/".endswith(f"/{m.directory}/")]
        return max(ends, key=lambda m: len(m.directory)) if ends else self.own


def started(commands: Sequence[Command], packages: Packages, depth: int = 0) -> Started:
    """What commands start. Scripts of packages are followed."""
    found = Started()
    for command in commands:
        found = found + _command(command, packages, depth)
    return found


def options_of_node(text: str) -> Started:
    """What `NODE_OPTIONS` loads."""
    return Started(preloads=tuple(value for _, value in _loads(text.split())))


def _command(command: Command, packages: Packages, depth: int) -> Started:
    words = list(command.words)
    while words and (_name(words[0]) in _WRAPPERS or words[0].startswith("-") or ("=" in words[0] and not words[0].startswith((".", "/")))):
        user = _name(words[0]) in ("gosu", "su-exec")
        words = words[2 if user else 1 :]
    if not words:
        return Started()
    name = _name(words[0])
    if name in _RUN_A_TOOL or (name in _MANAGERS and words[1:2] in (["exec"], ["dlx"], ["x"])):
        rest = [w for w in words[1:] if w not in ("exec", "dlx", "x", "--", "-y", "--yes", "--no-install")]
        return _command(replace(command, words=tuple(rest)), packages, depth + 1) if rest and depth < MAX_DEPTH else Started()
    if name in _MANAGERS and not (name == "bun" and len(words) > 1 and words[-1].endswith(SUFFIXES)):
        return _script(command, words, packages, depth)
    if name in _RUNTIMES:
        return _runtime(command, words, packages)
    if name in ("next", "nuxt", "remix-serve", "react-router-serve", "nest", "astro", "medusa", "strapi", "gatsby"):
        return Started(frameworks=(name,))
    if words[0].endswith(SUFFIXES) or name.endswith(SUFFIXES):
        return Started(files=((words[0], command.directory),))
    if name in ("functions-framework", "@google-cloud/functions-framework"):
        return Started(frameworks=("functions-framework",))
    if name in _NO_SERVER:
        return Started(other=True)
    if packages.runs_node:
        return Started(files=((words[0], command.directory),))
    return Started(unknown=(f"what `{' '.join(words)[:80]}` starts is not known",), other=True)


def _name(word: str) -> str:
    return word.rpartition("/")[2]


def _loads(words: Sequence[str]) -> Iterator[tuple[int, str]]:
    for index, word in enumerate(words):
        option, equals, value = word.partition("=")
        if option in _LOADERS:
            if equals:
                yield index, value
            elif index + 1 < len(words):
                yield index + 1, words[index + 1]


def _runtime(command: Command, words: Sequence[str], packages: Packages) -> Started:
    preloads = tuple(value for _, value in _loads(words))
    at = 1
    while at < len(words):
        word = words[at]
        if word in ("-e", "--eval", "-p", "--print"):
            return Started(preloads=preloads, reasons=("the code on the command line was not read",))
        if word.startswith("-"):
            at += 2 if word in _WITH_VALUE else 1
            continue
        if word in ("run", "start", "watch", "--") and _name(words[0]) in ("bun", "pm2", "pm2-runtime", "tsx"):
            at += 1
            continue
        if "$" in word:
            return Started(preloads=preloads, reasons=(f"the file in `{' '.join(words)[:80]}` is given at start-up",))
        if word.endswith((".config.js", ".config.cjs", ".json", ".yml", ".yaml")):
            return Started(preloads=preloads, reasons=(f"what {word} starts was not read",))
        return Started(files=((word, command.directory),), preloads=preloads)
    manifest = packages.at(command.directory)
    if _name(words[0]) == "nodemon" and manifest is not None and manifest.main:
        return Started(files=((manifest.main, command.directory),), preloads=preloads)
    return Started(preloads=preloads, reasons=("node is started without a file",))


def _script(command: Command, words: Sequence[str], packages: Packages, depth: int) -> Started:
    """The script of the package that `npm start`, `yarn serve`, `pnpm run start:prod` … run."""
    rest: list[str] = []
    manifest = packages.at(command.directory)
    skip = False
    for word in words[1:]:
        option, equals, value = word.partition("=")
        if skip:
            skip, manifest = False, packages.named(word)
        elif word == "--":
            break
        elif option in _OF_PACKAGE:
            skip = not equals
            manifest = packages.named(value) if equals else manifest
        elif not word.startswith("-"):
            rest.append(word)
    if rest[:1] == ["workspace"] and len(rest) > 1:
        manifest, rest = packages.named(rest[1]), rest[2:]
    if rest[:1] in (["run"], ["run-script"]):
        rest = rest[1:]
    if not rest:
        return Started(reasons=(f"what `{' '.join(words)[:80]}` starts is not known",))
    if rest[0] in ("install", "ci", "i", "add", "prune", "cache", "config", "build"):
        return Started(other=True)
    if manifest is None or depth >= MAX_DEPTH:
        return Started(reasons=("no package.json was found for the script that is run",))
    text = manifest.scripts.get(rest[0])
    if text is None:
        if rest[0] == "start" and not manifest.problem:
            # npm's default (https://docs.npmjs.com/cli/commands/npm-start).
            return Started(files=(("server.js", command.directory),))
        local = [rest[0]] if _name(words[0]) != "npm" else []
        if local:
            return _command(replace(command, words=tuple(rest)), packages, depth + 1)
        return Started(reasons=(f"package.json has no script {rest[0][:40]}",))
    inside = manifest.directory or command.directory
    return started(list(commands_of(text, command.place, inside)), replace(packages, own=manifest), depth + 1)


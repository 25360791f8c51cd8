"""Follows what a pipeline calls: shell scripts, make targets, package scripts. Bounded in depth, safe against cycles."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from gonogo.model.location import Location
from gonogo.model.resource import Gap, Stage
from gonogo.sources.ci.command import Command, ShellText, unwrap
from gonogo.sources.ci.makefile import Makefile, read_makefile
from gonogo.sources.ci.packages import LIFECYCLE, PACKAGE_MANAGERS, after_dashes, package_script, package_scripts
from gonogo.sources.ci.releases import goreleaser_purposes
from gonogo.sources.ci.script import Script, consecutive, on_one_line, whole_file
from gonogo.sources.ci.shell.parser import parse
from gonogo.sources.ci.shell.run import Counts, Invocation, Settings, Text, run
from gonogo.sources.ci.shell.words import ShellSyntaxError
from gonogo.sources.ci.steps import Observation, StepContext
from gonogo.sources.ci.tools import Purpose, Toolbox
from gonogo.sources.ci.tox import nox_recipes, tox_recipes
from gonogo.sources.classify import CI_KINDS, Format
from gonogo.sources.tree import Tree, Unreadable

MAX_DEPTH = 8
MAX_OBSERVATIONS = 20_000

Found: TypeAlias = "Observation | Gap"

_FROM_HERE = re.compile(
    r"^[\"']?(\$\(.*?dirname.*\)|`[^`]*dirname[^`]*`|\$\{(SCRIPT_?DIR|DIR|HERE|BASEDIR|SCRIPT_?PATH|MYDIR|THIS_?DIR|CURRENT_?DIR|dir|here|script_?dir|SCRIPTPATH|BASE_?DIR|__dir)\})[\"']?/"
)
_FROM_ROOT = re.compile(
    r"^(\$\{\{ *github\.workspace *\}\}|\$\{(GITHUB_WORKSPACE|CI_PROJECT_DIR|TRAVIS_BUILD_DIR|WORKSPACE|REPO_ROOT|ROOT_DIR|PROJECT_ROOT"
    r"|ROOT|REPO_DIR|KUBE_ROOT|BUILD_SOURCESDIRECTORY|PWD)\}|/workspace|\$\(git rev-parse --show-toplevel\))/"
)


@dataclass(frozen=True, slots=True)
class Trail:
    """How the follower came to a script: the files it is in, and where each was called, nearest first."""

    files: tuple[str, ...] = ()
    calls: tuple[Location, ...] = ()

    def into(self, file: str, at: Location) -> Trail:
        return Trail((*self.files, file), (at, *self.calls))


@dataclass(slots=True)
class Follower:
    """Turns scripts into what they run. `followed` collects the files that were read as part of a pipeline."""

    tree: Tree
    toolbox: Toolbox
    followed: set[str] = field(default_factory=set)
    makefiles: dict[str, Makefile] = field(default_factory=dict)
    count: int = 0

    def script(self, script: Script, settings: Settings, context: StepContext, trail: Trail = Trail()) -> Iterator[Found]:
        """What a script runs."""
        if len(trail.files) > MAX_DEPTH or self.count > MAX_OBSERVATIONS:
            return
        try:
            block = parse(script.text)
        except ShellSyntaxError as error:
            place = script.at(error.offset)
            yield Gap(place.file, place.line, Stage.PARSE, f"shell script cannot be parsed: {error}", "ci", CI_KINDS)
            return
        for invocation in run(block, settings, script.text):
            at = script.at(invocation.offset)
            environment = {**_texts(settings.variables), **invocation.environment}
            yield from self._invocation(invocation, at, environment, settings, context, trail)

    def words(
        self, words: Sequence[Text], at: Location, settings: Settings, context: StepContext, trail: Trail = Trail()
    ) -> Iterator[Found]:
        """What one command runs that is given as a list of words, as Cloud Build does."""
        invocation = Invocation(tuple(words), {}, 0, settings.counts, settings.directory)
        yield from self._invocation(invocation, at, _texts(settings.variables), settings, context, trail)

    def _invocation(
        self, found: Invocation, at: Location, environment: Mapping[str, Text], settings: Settings, context: StepContext, trail: Trail
    ) -> Iterator[Found]:
        for item in unwrap(found.words):
            inner = replace(settings, directory=found.directory, counts=found.counts, variables=environment)
            if isinstance(item, ShellText):
                text = on_one_line(at.file, item.text.text, at.line)
                start = replace(inner, errexit="e" in item.flags, pipefail="P" in item.flags, arguments=item.arguments)
                yield from self.script(text, start, context, replace(trail, files=(*trail.files, at.file)))
                continue
            for command in self._images(item):
                yield from self._command(command, found, at, inner, context, trail)

    def _images(self, command: Command) -> Iterator[Command]:
        """A container that is run stands for the program of its image; an unknown image for the command given to it."""
        if not command.program.startswith("image:") and not command.path.text.startswith("image:"):
            yield command
            return
        program = self.toolbox.program(command.path.text.removeprefix("image:"))
        if program is not None and (not command.arguments or command.arguments[0].text != program):
            yield Command(program, command.arguments, Text(program))
        for item in unwrap(command.arguments):
            if isinstance(item, Command):
                yield item

    def _command(
        self, command: Command, found: Invocation, at: Location, settings: Settings, context: StepContext, trail: Trail
    ) -> Iterator[Found]:
        purpose = self.toolbox.command(command, _texts(settings.variables))
        nested: list[Found] = []
        if command.program == "make":
            nested = list(self._make(command, at, settings, context, trail))
        elif command.program in PACKAGE_MANAGERS:
            nested, purpose = self._package(command, at, settings, context, trail, purpose)
        elif command.program in ("tox", "nox"):
            nested, purpose = self._environments(command, at, settings, context, trail, purpose)
        elif command.program == "goreleaser":
            yield from self._goreleaser(command, at, settings, context, trail)
        elif found.stdin is not None and command.program in ("bash", "sh") and not command.words():
            nested = list(self.script(on_one_line(at.file, found.stdin.text, at.line), settings, context, trail.into(at.file, at)))
        else:
            called = self._called(command, settings.directory, at.file)
            if called is not None:
                nested = list(self._file(called, command, at, settings, context, trail))
            elif not purpose and _is_script(command):
                purpose = self.toolbox.hinted(posixpath.basename(_script_name(command)), f"`{_script_name(command)}`")
        if purpose or command.program == "gcloud":
            self.count += 1
            yield Observation(
                context.job, context.name, at, purpose, _worst(context.counts, found.counts), context.effective,
                command=command, environment=_texts(settings.variables), script=trail.calls,
            )  # fmt: skip
        yield from nested

    # Scripts

    def _called(self, command: Command, directory: str | None, file: str) -> str | None:
        """The file of the tree that a command runs."""
        name = _script_name(command)
        if not name:
            return None
        candidates = [self._resolve(name, directory, file)]
        if command.program in ("python", "node", "ruby", "php", "perl"):
            return None
        for candidate in candidates:
            held = self.tree.files.get(candidate) if candidate is not None else None
            if held is not None and (held.format is Format.SHELL or self._is_shell(held.path)):
                return held.path
        return None

    def _is_shell(self, path: str) -> bool:
        if self.tree.files[path].format is not Format.OTHER or self.tree.files[path].size > 512 * 1024:
            return False
        try:
            return re.match(r"#!.*\b(ba|z|k|da)?sh\b", self.tree.text(path)) is not None
        except Unreadable:
            return False

    def _resolve(self, name: str, directory: str | None, file: str) -> str | None:
        """A path of a script as a path of the tree."""
        root = f"{self.tree.prefix}/" if self.tree.prefix else ""
        if len(name) > 1_000:
            return None
        here = _FROM_HERE.match(name)
        if here:
            return _clean(posixpath.join(posixpath.dirname(file), name[here.end() :]))
        top = _FROM_ROOT.match(name)
        if top:
            path = _clean(name[top.end() :])
        elif "$" in name or name.startswith("/") or directory is None:
            return None
        else:
            path = _clean(posixpath.join(directory, name))
        if path is None or not path.startswith(root):
            return None if root else path
        return path[len(root) :]

    def _file(self, path: str, command: Command, at: Location, settings: Settings, context: StepContext, trail: Trail) -> Iterator[Found]:
        if path in trail.files:
            return
        try:
            text = self.tree.text(path)
        except Unreadable as error:
            yield Gap(path, 0, Stage.READ, str(error), "ci", CI_KINDS)
            return
        self.followed.add(path)
        sourced = command.program in (".", "source")
        shebang = text.split("\n", 1)[0] if text.startswith("#!") else ""
        flags = " ".join([shebang, *(a.text for a in command.arguments[:2] if a.text.startswith("-"))])
        errexit = settings.errexit if sourced else bool(re.search(r"\s-\w*e", flags))
        arguments = command.arguments[1:] if command.program in ("bash", "sh", "source", ".", "zsh") else command.arguments
        home = settings.home if sourced else posixpath.dirname(posixpath.join(self.tree.prefix, path))
        start = replace(settings, errexit=errexit, pipefail=sourced and settings.pipefail, arguments=arguments, home=home)
        yield from self.script(whole_file(path, text), start, context, trail.into(path, at))

    # make

    def _make(self, command: Command, at: Location, settings: Settings, context: StepContext, trail: Trail) -> Iterator[Found]:
        directory = settings.directory
        changed = command.option("-C", "--directory")
        if changed and directory is not None:
            directory = _clean(posixpath.join(directory, changed[0].text)) if changed[0].known else None
        named = command.option("-f", "--file", "--makefile")
        names = [named[0].text] if named else ["GNUmakefile", "makefile", "Makefile"]
        values = {a.text for option in (changed, named, command.option("-j", "-o", "-I")) for a in option}
        words = [w for _, w in command.words() if w not in values]
        overrides = {w.partition("=")[0]: w.partition("=")[2] for w in words if "=" in w}
        targets = [w for w in words if "=" not in w and not w.isdigit()]
        path = None
        if directory is not None:
            resolved = (self._resolve(name, directory, at.file) for name in names)
            path = next((p for p in resolved if p is not None and p in self.tree.files), None)
        if path is None:
            for target in targets:
                purpose = self.toolbox.hinted(target, f"`make {target}`")
                if purpose:
                    yield Observation(
                        context.job,
                        context.name,
                        at,
                        purpose,
                        _worst(context.counts, settings.counts),
                        context.effective,
                        command=command,
                        script=trail.calls,
                    )
            return
        try:
            makefile = self._makefile(path)
        except Unreadable as error:
            yield Gap(path, 0, Stage.READ, str(error), "ci", CI_KINDS)
            return
        done: set[str] = set()
        start = replace(settings, directory=directory, errexit=False, pipefail=False)
        for target in targets or [makefile.first]:
            yield from self._target(makefile, path, target, overrides, start, context, trail.into(f"{path}#{target}", at), done)

    def make_target(self, path: str, target: str, context: StepContext) -> Iterator[Found]:
        """What the recipe of one target runs, without those it needs."""
        makefile = self._makefile(path)
        rule = makefile.rule(target)
        done = set(rule.prerequisites) if rule is not None else set()
        yield from self._target(makefile, path, target, {}, Settings(), context, Trail((path,)), done)

    def _makefile(self, path: str, depth: int = 0) -> Makefile:
        held = self.makefiles.get(path)
        if held is not None:
            return held
        makefile = self.makefiles[path] = read_makefile(self.tree.text(path))
        self.followed.add(path)
        for rule in makefile.rules.values():
            rule.file = path
        for name in makefile.includes if depth < MAX_DEPTH else ():
            included = _clean(posixpath.join(posixpath.dirname(path), makefile.expand(name, {})))
            if included in self.tree.files and included != path and included is not None:
                other = self._makefile(included, depth + 1)
                # ".ONESHELL … anywhere in the makefile": what is included is a part of it (GNU make manual, 5.3.1 and 3.3).
                makefile.one_shell = makefile.one_shell or other.one_shell
                for target, rule in other.rules.items():
                    makefile.rules.setdefault(target, rule)
                for variable, value in other.variables.items():
                    makefile.variables.setdefault(variable, value)
        return makefile

    def _target(
        self,
        makefile: Makefile,
        path: str,
        target: str,
        overrides: Mapping[str, str],
        settings: Settings,
        context: StepContext,
        trail: Trail,
        done: set[str],
    ) -> Iterator[Found]:
        if target in done or len(done) > 200 or len(trail.files) > MAX_DEPTH * 4:
            return
        done.add(target)
        rule = makefile.rule(target)
        if rule is None:
            return
        for prerequisite in rule.prerequisites:
            yield from self._target(makefile, path, prerequisite, overrides, settings, context, trail, done)
        known = {
            name: text.text
            for name, text in _texts(settings.variables).items()
            if text.known and (name not in makefile.variables or name in makefile.defaults)
        }
        expansions = {**known, **overrides}
        path = rule.file or path
        if makefile.one_shell:
            joined = "\n".join(makefile.expand(line.text, expansions, target) for line in rule.recipe)
            yield from self.script(consecutive(path, joined, rule.line + 1), settings, context, trail)
            return
        for line in rule.recipe:
            text = "\n".join(makefile.expand(piece, expansions, target) for piece in line.text.split("\n"))
            text = re.sub(r"^[\s@+-]+", "", text)
            counts: Counts = False if line.ignored else settings.counts
            yield from self.script(consecutive(path, text, line.line), replace(settings, counts=counts), context, trail)

    # Package scripts

    def _package(
        self, command: Command, at: Location, settings: Settings, context: StepContext, trail: Trail, purpose: Purpose
    ) -> tuple[list[Found], Purpose]:
        name = package_script(command)
        if name is None:
            return [], purpose
        directory = settings.directory
        moved = command.option("--prefix", "--dir", "-C", "--cwd")
        if moved and directory is not None:
            directory = _clean(posixpath.join(directory, moved[0].text)) if moved[0].known else None
        path = self._resolve("package.json", directory, at.file)
        scripts = package_scripts(self.tree, path) if path is not None else None
        label = f"{path}#{name}"
        testing = re.match(r"(test|t|tst)($|[:_-])", name)
        if scripts is None or name not in scripts:
            if scripts is None and name in LIFECYCLE and testing:
                return [], Purpose({"tests": True})
            return [], purpose if scripts is not None else self.toolbox.hinted(name, f"`{command}`")
        if label in trail.files or path is None:
            return [], purpose
        nested: list[Found] = []
        for script in (f"pre{name}", name, f"post{name}"):
            if script in scripts:
                text, line = scripts[script]
                extra = " " + " ".join(a.text for a in after_dashes(command)) if script == name else ""
                start = replace(settings, directory=directory, errexit=False, pipefail=False)
                nested.extend(self.script(on_one_line(path, text + extra, line), start, context, trail.into(label, at)))
        tested = any(isinstance(f, Observation) and "tests" in f.purpose.does for f in nested)
        if (
            testing
            and not tested
            and "no test specified" not in scripts[name][0]
            and not re.match(r"(test|t|tst)[:_-](lint|types|format)", name)
        ):
            purpose = Purpose({**purpose.does, "tests": True})
        return nested, purpose

    # tox and nox

    def _environments(
        self, command: Command, at: Location, settings: Settings, context: StepContext, trail: Trail, purpose: Purpose
    ) -> tuple[list[Found], Purpose]:
        """What the environments run that a command names, else those of the configuration; what cannot be read stays open."""
        names = [*command.option("-e", "--env", "-s", "--session", "--sessions"), *(t for n in ("TOXENV", "NOXSESSION") if isinstance(t := settings.variables.get(n), Text))]
        directory = settings.directory
        if not purpose or directory is None or any(not name.known for name in names):
            return [], purpose
        read = tox_recipes if command.program == "tox" else nox_recipes
        path = self._resolve("tox.ini", directory, at.file)
        recipes = read(self.tree, posixpath.dirname(path), [n for name in names for n in re.split(r"[,\s]+", name.text) if n]) if path is not None else None
        if recipes is None or not recipes or recipes[0].file in trail.files:
            return [], purpose
        nested: list[Found] = []
        for recipe in recipes:
            self.followed.add(recipe.file)
            start = replace(settings, errexit=not recipe.ignored, counts=False if recipe.ignored else settings.counts)
            nested.extend(self.script(on_one_line(recipe.file, recipe.text, recipe.line), start, context, trail.into(recipe.file, at)))
        return nested, Purpose()

    # goreleaser

    def _goreleaser(self, command: Command, at: Location, settings: Settings, context: StepContext, trail: Trail) -> Iterator[Found]:
        for place, purpose in goreleaser_purposes(self.tree, command, settings.directory, self.toolbox):
            yield Observation(
                context.job, context.name, place or at, purpose, _worst(context.counts, settings.counts), context.effective,
                command=command, script=(at, *trail.calls),
            )  # fmt: skip


def _script_name(command: Command) -> str:
    """The path of the script that a command runs, as written."""
    if command.program in ("bash", "sh", "source", ".", "zsh", "ksh", "dash"):
        words = [a for a in command.arguments if not a.text.startswith(("-", "+"))]
        return words[0].text if words else ""
    return command.path.text if "/" in command.path.text else ""


def _is_script(command: Command) -> bool:
    name = _script_name(command)
    return bool(name) and not name.startswith(("/usr", "/bin", "~", "/opt", "<(", "/dev")) and "node_modules/" not in name


def _clean(path: str) -> str | None:
    """A normal path below the root; None where it leaves it."""
    normal = posixpath.normpath(path)
    if normal == ".":
        return ""
    return None if normal.startswith(("..", "/")) else normal


def _worst(one: Counts, other: Counts) -> Counts:
    return False if False in (one, other) else None if None in (one, other) else True


def _texts(variables: Mapping[str, Text]) -> dict[str, Text]:
    return {name: value for name, value in variables.items() if isinstance(value, Text)}

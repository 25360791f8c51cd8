"""What an image installs of Python packages: the requirements, projects and locks that its commands name, and nothing else."""

from __future__ import annotations

import ast
import configparser
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gonogo.kinds.application import UNREAD
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Stage
from gonogo.model.value import Unknown
from gonogo.sources.application.discovery import SOURCE, Application
from gonogo.sources.application.images import Command, commands_of, find_script
from gonogo.sources.tree import Tree, Unreadable

MAX_NAMES = 5_000
MAX_FILES = 60
MAX_LINE = 2_000

_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[([^\]]*)\])?\s*(?:[=<>!~;@(]|\Z)")
# Options of `pip install` that take a value which is no requirement (https://pip.pypa.io/en/stable/cli/pip_install/).
_VALUED = frozenset(
    {
        "-c", "--constraint", "-i", "--index-url", "--extra-index-url", "-f", "--find-links", "-t", "--target", "--prefix", "--root", "--platform",
        "--python-version", "--implementation", "--abi", "--trusted-host", "--timeout", "--retries", "--cache-dir", "-w", "--wheel-dir", "--python", "-p",
        "--progress-bar", "--no-binary", "--only-binary", "--config-settings", "--cert", "--proxy", "--index-strategy", "--src", "--log", "--build-constraint",
        "--index", "--default-index", "--link-mode", "--exclude-newer", "--group", "--extra", "--no-group", "--only-group", "--without", "--with", "--only", "-E", "--extras", "--package",
    }
)  # fmt: skip
_DEV_GROUPS = frozenset({"dev", "test", "tests", "lint", "docs", "typing", "development", "ci"})
_LOCKS = ("uv.lock", "poetry.lock", "Pipfile.lock", "pdm.lock")


@dataclass(slots=True)
class Installed:
    """The normalised names of what is installed. `unknown` says why there may be more; `ready` are images with packages of their own."""

    names: set[str] = field(default_factory=set)
    unknown: list[str] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)

    def has(self, packages: Iterable[str]) -> bool | Unknown:
        """Whether one of these packages is installed."""
        if any(normal(package) in self.names for package in packages):
            return True
        return Unknown.because(*self.unknown) if self.unknown else False


def normal(name: str) -> str:
    """https://packaging.python.org/en/latest/specifications/name-normalization/"""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed(tree: Tree, application: Application) -> Installed:
    """What the images of an application install, all together; without one, what its manifests name directly."""
    reader = _Reader(tree, application)
    for image in application.images:
        for command in image.installs:
            reader.command(command)
        for base in image.bases:
            if re.search(r"tiangolo/uvicorn-gunicorn-fastapi", base):
                reader.result.names.add("fastapi")
    if application.images:
        if not reader.seen:
            reader.result.unknown.append(f"{application.images[0].dockerfile}: nothing says what it installs")
    else:
        reader.manifests()
    return reader.result


class _Reader:
    def __init__(self, tree: Tree, application: Application) -> None:
        self._tree = tree
        self._application = application
        self._files = 0
        self._done: set[str] = set()
        self.result = Installed()
        self.seen = False
        self._builds: Command | None = None
        self._exported: tuple[str, list[str]] | None = None
        self._contexts = [application.directory, *(i.context for i in application.images)]

    def command(self, command: Command) -> None:
        """A RUN of the image."""
        words = list(command.words)
        name = command.program
        if re.fullmatch(r"(?:python|pypy)[\d.]*", name) and words[1:2] == ["-m"]:
            words, name = words[2:], words[2] if len(words) > 2 else ""
        if name == "uv" and words[1:2] == ["pip"]:
            words, name = words[1:], "pip"
        if name in ("poetry", "pdm", "pipenv") and words[1:2] == ["run"] and "pip" in words[2:3]:
            words, name = words[2:], "pip"
        verb = next((w for w in words[1:] if not w.startswith("-")), "")
        if re.fullmatch(r"pip[\d.]*", name) and verb in ("install", "wheel", "sync", "download"):
            self._pip(words[words.index(verb) + 1 :], command, sync=verb == "sync")
        elif name == "pip-sync":
            self._pip(words[1:], command, sync=True)
        elif name in ("poetry", "uv", "pdm", "pipenv") and verb in ("install", "sync"):
            self.seen = True
            self._tool(name, words, command)
        elif name in ("poetry", "uv", "pipenv", "pdm") and verb in ("export", "requirements"):
            self._exported = (name, words)
        elif name in ("poetry", "uv", "pdm") and verb == "add":
            self.seen = True
            self._names(words[words.index("add") + 1 :])
        elif name in ("conda", "mamba", "micromamba") and verb in ("install", "env", "create"):
            self.seen = True
            self.result.unknown.append(f"{command.place}: {name} installs what is not read")
        elif (name in ("python", "python3") and "bdist_wheel" in words) or (verb == "build" and name in ("poetry", "uv", "pdm", "build", "hatch", "flit")) or name == "build":
            self._builds = command
        elif (script := next((s for c in self._contexts for w in words[:3] if (s := find_script(self._tree, c, w))), None)) is not None:
            if script not in self._done:
                self._done.add(script)
                for inner in commands_of(self._text(script), Location(script, 1), command.directory, self._application.environment):
                    self.command(inner)
        elif name in ("make", "just", "task", "invoke"):
            self.result.unknown.append(f"{command.place}: `{' '.join(command.words)[:60]}` may install more")

    def _pip(self, words: Sequence[str], command: Command, *, sync: bool) -> None:
        self.seen = True
        at = 0
        while at < len(words):
            word = words[at]
            at += 1
            option, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
            if option in ("-r", "--requirement", "--requirements", "-e", "--editable"):
                if not equals:
                    value = words[at] if at < len(words) else ""
                    at += 1
                self._project(value, command) if option in ("-e", "--editable") else self._requirements_named(value, command)
            elif word.startswith("-r") and len(word) > 2 and not word.startswith("--"):
                self._requirements_named(word[2:], command)
            elif option in _VALUED:
                at += 0 if equals else 1
            elif word.startswith("-"):
                continue
            elif sync or word.endswith(".txt"):
                self._requirements_named(word, command)
            elif word.startswith((".", "/")) or word.endswith((".whl", ".tar.gz")) or "*" in word:
                self._project(word, command)
            else:
                self._names([word])

    def _names(self, words: Iterable[str]) -> None:
        for word in words:
            match = _REQUIREMENT.match(word[:MAX_LINE])
            if match and len(self.result.names) < MAX_NAMES:
                self.result.names.add(normal(match[1]))
                self._extras(match[1], match[2] or "")

    def _extras(self, name: str, extras: str) -> None:
        """`name[extra]` is kept as such, too: an extra may bring a library."""
        for extra in extras.split(","):
            if extra.strip():
                self.result.names.add(f"{normal(name)}[{normal(extra.strip())}]")

    def _project(self, word: str, command: Command) -> None:
        """`pip install .`, `-e ./lib`, `/wheels/*`."""
        path, _, extras = word.partition("[")
        if "*" in path or path.endswith((".whl", ".tar.gz")) or path.startswith("git+"):
            # What fills a directory with wheels names them: `pip wheel -r`, or a build of the project.
            if self._builds is not None:
                self._pyproject(self._directory(""), [], groups=(), lock=False, command=command)
            elif not self.result.names:
                self.result.unknown.append(f"{command.place}: what {path} holds is not told")
            return
        self._pyproject(self._directory(path), [normal(e.strip()) for e in extras.rstrip("]").split(",") if e.strip()], groups=(), lock=False, command=command)

    def _directory(self, path: str) -> str:
        inner = path.strip("./").strip("/")
        for context in self._contexts:
            joined = f"{context}/{inner}".strip("/")
            if self._manifest_in(joined):
                return joined
        last = inner.rpartition("/")[2]
        for context in self._contexts:
            if last and self._manifest_in(f"{context}/{last}".strip("/")):
                return f"{context}/{last}".strip("/")
        return self._application.directory

    def _manifest_in(self, directory: str) -> bool:
        start = f"{directory}/" if directory else ""
        return any(f"{start}{name}" in self._tree.files for name in ("pyproject.toml", "setup.py", "setup.cfg", "Pipfile"))

    def _requirements_named(self, name: str, command: Command) -> None:
        path = self._find(name)
        if path is None:
            if self._exported:
                self._tool(*self._exported, command)
            else:
                self.result.unknown.append(f"{command.place}: {name} is not in the repository")
            return
        self._requirements(path)

    def _find(self, name: str) -> str | None:
        """The file of the repository that a path of the image names, by the end of the path."""
        parts = [p for p in name.split("/") if p not in ("", ".", "..")]
        for start in range(len(parts)):
            end = "/".join(parts[start:])
            for context in self._contexts:
                if (path := f"{context}/{end}".strip("/")) in self._tree.files:
                    return path
            found = [p for c in self._contexts for p in self._tree.below(c) if p == end or p.endswith(f"/{end}")]
            if found and (start == 0 or len(set(found)) == 1):
                return min(found, key=lambda p: (p.count("/"), p))
        return None

    def _requirements(self, path: str) -> None:
        if path in self._done or self._files >= MAX_FILES:
            return
        self._done.add(path)
        self._files += 1
        for line in self._text(path).replace("\\\n", " ").split("\n"):
            text = re.split(r"(?:^|\s)#", line[:MAX_LINE])[0].strip()
            match = re.match(r"(?:-r|--requirement)[\s=]*(\S+)", text)
            if match:
                inner = "/".join(p for p in f"{path.rpartition('/')[0]}/{match[1]}".split("/") if p not in ("", "."))
                self._requirements(inner) if inner in self._tree.files else self._note(path, match[1])
            elif editable := re.match(r"(?:-e|--editable)[\s=]*(\S+)|(\.\S*)\Z", text):
                self._project((editable[1] or editable[2]).partition("#egg")[0], Command((), Location(path, 1)))
            elif egg := re.search(r"#egg=([\w.-]+)", line):
                self._names([egg[1]])
            else:
                self._names([text])

    def _note(self, path: str, name: str) -> None:
        self.result.unknown.append(f"{path}: {name} is not in the repository")

    def _text(self, path: str) -> str:
        try:
            return self._tree.text(path)
        except Unreadable as error:
            self.result.gaps.append(Gap(path, 0, Stage.READ, str(error), SOURCE, UNREAD))
            self.result.unknown.append(f"{path}: {error}")
            return ""

    def _tool(self, name: str, words: Sequence[str], command: Command) -> None:
        """`poetry install --only main`, `uv sync --no-dev --extra prod`, `pipenv sync`, `pdm install --prod`."""
        options = {w.partition("=")[0]: w.partition("=")[2] for w in words if w.startswith("--") and "=" in w}
        flags = {w.partition("=")[0] for w in words if w.startswith("-")}
        named = {w: words[n + 1] for n, w in enumerate(words[:-1]) if w.startswith("-") and "=" not in w}
        chosen = [normal(e) for key in ("--extra", "--extras", "-E", "--with", "--group", "--only", "-G") for e in re.split(r"[,\s]+", options.get(key, named.get(key, ""))) if e]
        if name == "pipenv":
            self._pipfile(dev="--dev" in flags or "-d" in flags)
            return
        no_dev = bool(flags & {"--no-dev", "--prod", "--production", "--no-default-groups", "--only", "--without", "--without-dev", "--no-group"})
        groups: list[str] = [*chosen]
        if not no_dev:
            groups.append("dev" if name != "poetry" else "*")
        if flags & {"--all-extras", "--all-groups"}:
            groups.append("*")
        self._pyproject(self._directory(""), groups, groups=tuple(groups), lock=True, command=command)

    def _pyproject(self, directory: str, extras: Sequence[str], *, groups: Sequence[str], lock: bool, command: Command) -> None:
        start = f"{directory}/" if directory else ""
        path = f"{start}pyproject.toml"
        self._files += 1
        if path in self._done or self._files >= MAX_FILES:
            return
        if path not in self._tree.files:
            self._setup(start, command)
            return
        self._done.add(path)
        try:
            value = tomllib.loads(self._text(path))
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            self.result.gaps.append(Gap(path, 0, Stage.PARSE, f"not valid TOML: {error}", SOURCE, UNREAD))
            self.result.unknown.append(f"{path}: not valid TOML")
            return
        before = set(self.result.names)
        direct = list(_direct(value, extras, groups))
        self._names(direct)
        if "dependencies" in (_table(value, "project").get("dynamic") or ()):
            self._dynamic(start, value, command)
        if not direct and not _table(value, "project") and not _table(value, "tool", "poetry"):
            self._setup(start, command)
        for member in _members(value, self.result.names):
            self._pyproject(self._directory(member), (), groups=(), lock=False, command=command)
        if lock:
            self._lock(directory, self.result.names - before)

    def _setup(self, start: str, command: Command) -> None:
        for name in ("setup.cfg", "setup.py"):
            if f"{start}{name}" in self._tree.files and f"{start}{name}" not in self._done:
                self._done.add(f"{start}{name}")
                text = self._text(f"{start}{name}")
                names, told = setup_requirements(name, text)
                self._names(names)
                if not told:
                    self.result.unknown.append(f"{start}{name}: install_requires is computed")
                return
        self.result.unknown.append(f"{command.place}: the project it installs has no manifest that is read")

    def _dynamic(self, start: str, value: Mapping[str, Any], command: Command) -> None:
        table = _table(value, "tool", "setuptools", "dynamic", "dependencies")
        files = table.get("file")
        for name in [files] if isinstance(files, str) else files if isinstance(files, list) else ():
            if isinstance(name, str) and f"{start}{name}" in self._tree.files:
                self._requirements(f"{start}{name}")
        if not files:
            self._setup(start, command)

    def _pipfile(self, *, dev: bool) -> None:
        for context in self._contexts:
            path = f"{context}/Pipfile".strip("/")
            if path in self._tree.files:
                try:
                    value = tomllib.loads(self._text(path))
                except (tomllib.TOMLDecodeError, RecursionError):
                    self.result.unknown.append(f"{path}: not valid TOML")
                    return
                for table in ("packages", *(["dev-packages"] if dev else [])):
                    self._names(_table(value, table))
                return
        self.result.unknown.append("pipenv installs a Pipfile that is not in the repository")

    def _lock(self, directory: str, direct: set[str]) -> None:
        """What the lock says that the direct dependencies bring: its development groups are left out."""
        for context in dict.fromkeys((directory, *self._contexts)):
            for name in _LOCKS:
                path = f"{context}/{name}".strip("/")
                if path not in self._tree.files:
                    continue
                try:
                    edges = _edges(tomllib.loads(self._text(path)))
                except (tomllib.TOMLDecodeError, RecursionError):
                    continue  # the direct dependencies are known without it
                waiting = [n.partition("[")[0] for n in direct]
                seen: set[str] = set()
                while waiting:
                    one = waiting.pop()
                    if one not in seen:
                        seen.add(one)
                        waiting.extend(edges.get(one, ()))
                self.result.names |= seen
                return

    def manifests(self) -> None:
        """Without an image: the direct manifests of the directory."""
        place = Command((), self._application.place)
        start = f"{self._application.directory}/" if self._application.directory else ""
        for name in ("requirements.txt", "requirements/production.txt", "requirements/prod.txt", "requirements/base.txt", "requirements.in"):
            if f"{start}{name}" in self._tree.files:
                self._requirements(f"{start}{name}")
        if f"{start}pyproject.toml" in self._tree.files:
            self._pyproject(self._application.directory, ("*",), groups=(), lock=False, command=place)
        elif f"{start}setup.cfg" in self._tree.files or f"{start}setup.py" in self._tree.files:
            self._setup(start, place)
        if f"{start}Pipfile" in self._tree.files:
            self._pipfile(dev=False)


def _table(value: object, *path: str) -> Mapping[str, Any]:
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def _direct(value: Mapping[str, Any], extras: Sequence[str], groups: Sequence[str]) -> Iterator[str]:
    """The requirements that a `pyproject.toml` names for what is installed."""
    project, poetry = _table(value, "project"), _table(value, "tool", "poetry")
    yield from (r for r in project.get("dependencies") or () if isinstance(r, str))
    for name, required in _table(project, "optional-dependencies").items():
        if normal(name) in extras or ("*" in extras and normal(name) not in _DEV_GROUPS):
            yield from (r for r in required if isinstance(r, str))
    for name, required in _table(value, "dependency-groups").items():
        if normal(name) in groups or "*" in groups:
            yield from (r for r in required if isinstance(r, str))
    if "dev" in groups or "*" in groups:
        legacy = _table(value, "tool", "uv").get("dev-dependencies")
        yield from (r for r in (legacy if isinstance(legacy, list) else ()) if isinstance(r, str))
    for name, given in _table(poetry, "dependencies").items():
        if name == "python" or (isinstance(given, Mapping) and given.get("optional") is True and "*" not in extras and not extras):
            continue
        wanted = given.get("extras") if isinstance(given, Mapping) else None
        yield f"{name}[{','.join(e for e in wanted if isinstance(e, str))}]" if isinstance(wanted, list) else name
    for name, group in _table(poetry, "group").items():
        optional = isinstance(group, Mapping) and group.get("optional") is True
        if normal(name) in groups or ("*" in groups and not optional):
            yield from _table(group, "dependencies")
    if "*" in groups:
        yield from _table(poetry, "dev-dependencies")


def _members(value: Mapping[str, Any], names: set[str]) -> Iterator[str]:
    """Packages of the workspace that are installed with it: by a path."""
    for table in (_table(value, "tool", "uv", "sources"), _table(value, "tool", "poetry", "dependencies")):
        for name, given in table.items():
            path = given.get("path") if isinstance(given, Mapping) else None
            if isinstance(path, str) and normal(name) in names:
                yield path
    workspace = _table(value, "tool", "uv", "workspace").get("members")
    if not _table(value, "project").get("dependencies"):
        yield from (m for m in (workspace if isinstance(workspace, list) else ()) if isinstance(m, str) and "*" not in m)


def _edges(value: Mapping[str, Any]) -> dict[str, list[str]]:
    """Package -> what it depends on, of `uv.lock`, `poetry.lock` and `pdm.lock`."""
    found: dict[str, list[str]] = {}
    packages = value.get("package")
    for package in packages if isinstance(packages, list) else ():
        name = package.get("name") if isinstance(package, Mapping) else None
        required = package.get("dependencies") if isinstance(package, Mapping) else None
        if not isinstance(name, str):
            continue
        targets: list[str] = found.setdefault(normal(name), [])
        if isinstance(required, Mapping):
            targets.extend(normal(r) for r in required)
        for one in required if isinstance(required, list) else ():
            inner = one.get("name") if isinstance(one, Mapping) else one
            match = _REQUIREMENT.match(inner) if isinstance(inner, str) else None
            if match:
                targets.append(normal(match[1]))
    return found


def setup_requirements(name: str, text: str) -> tuple[list[str], bool]:
    """`install_requires` of a `setup.cfg` or `setup.py`, and whether all of it is told."""
    if name == "setup.cfg":
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        try:
            parser.read_string(text)
        except configparser.Error:
            return [], False
        return parser.get("options", "install_requires", fallback="").splitlines(), True
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [], False
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg == "install_requires":
                    if not isinstance(keyword.value, ast.List):
                        return [], False
                    return [e.value for e in keyword.value.elts if isinstance(e, ast.Constant) and isinstance(e.value, str)], all(
                        isinstance(e, ast.Constant) for e in keyword.value.elts
                    )
    return [], True

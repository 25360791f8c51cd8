"""Which modules the commands of an image start."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gonogo.model.location import Location
from gonogo.sources.application.discovery import Application
from gonogo.sources.application.images import Command
from gonogo.sources.application.python.index import ModuleIndex
from gonogo.sources.tree import Tree, Unreadable

_TARGET = re.compile(r"([A-Za-z_][\w.]*):([A-Za-z_][\w.]*)(\(.*\))?\Z")
_MODULE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*\Z")
_SERVERS = frozenset({"uvicorn", "gunicorn", "hypercorn", "daphne", "granian", "waitress-serve", "uwsgi", "uvicorn-worker", "ddtrace-run-uvicorn"})
_WORKERS = frozenset({"celery", "arq", "dramatiq", "rq", "taskiq", "huey_consumer", "huey_consumer.py", "faststream", "streamlit", "chainlit", "locust"})
_PYTHON = re.compile(r"(?:python|pypy)[\d.]*\Z")
# Options of the interpreter that take a value (https://docs.python.org/3/using/cmdline.html).
_VALUED = frozenset({"-W", "-X", "--check-hash-based-pycs"})
# Options whose value looks like a module and is none that serves.
_NO_TARGET = frozenset({"-c", "--config", "-b", "--bind", "--host", "-k", "--worker-class", "--log-config", "--access-logfile", "--error-logfile", "-n", "--name", "--pid"})
_DEFAULTS = ("main.py", "app.py", "api.py", "app/main.py", "app/app.py", "app/api.py")
"""Where `fastapi run` looks (fastapi_cli/discover.py)."""
_MANAGE = frozenset({"runserver", "runserver_plus", "daphne", "gunicorn", "uvicorn"})
_BASES = re.compile(r"tiangolo/(?:uvicorn-gunicorn|meinheld-gunicorn)")
_CONVENTIONAL = ("main.py", "app.py", "wsgi.py", "asgi.py", "server.py", "run.py", "application.py", "manage.py", "app/main.py", "src/main.py", "app/__init__.py")
_UWSGI = re.compile(r"^[ \t]*(module|wsgi|wsgi-file)[ \t]*=[ \t]*([\w.:/]+)", re.M)
_NOWHERE = Location("")


@dataclass(frozen=True, slots=True, order=True)
class EntryPoint:
    """A module that is run or served. `script`: its `__main__` block runs. `attribute`: what of it is served, or called."""

    path: str
    module: str
    attribute: str = ""
    script: bool = False


@dataclass(frozen=True, slots=True)
class EntryPoints:
    """`unknown` says why there may be others."""

    found: tuple[EntryPoint, ...]
    unknown: tuple[str, ...]


def entry_points(tree: Tree, application: Application, index: ModuleIndex) -> EntryPoints:
    """What is run of an application: by the commands that start it, else by the names that buildpacks look for."""
    reader = _Reader(tree, application.images[0].context if application.images else application.directory, index, _scripts(tree, application), application.environment, _fastapi_entry(tree, application))
    found = {entry for command in application.starts for entry in reader.entries(command)}
    for image in application.images:
        if not image.starts and any(_BASES.search(base) for base in image.bases):
            found.update(reader.of_target("app.main", "app") or reader.of_target("main", "app"))
    unknown: list[str] = []
    if not found and application.images:
        told = sorted({" ".join(c.words)[:80] for c in application.starts})
        what = f"what `{told[0]}` runs is not told by its words" if told else "the image says nothing of what it runs"
        unknown.append(f"{application.images[0].dockerfile}: {what}")
    elif not found and not application.images:
        # Buildpacks run main.py, app.py, or the application that wsgi.py holds, and nothing else of the repository tells.
        start = f"{application.directory}/" if application.directory else ""
        for name in _CONVENTIONAL:
            if f"{start}{name}" in index.files:
                found.update(reader.of_file(f"{start}{name}"))
        if not found:
            unknown.append(f"nothing says what is run of {application.directory or 'the repository'}")
    return EntryPoints(tuple(sorted(found)), tuple(unknown))


class _Reader:
    def __init__(self, tree: Tree, context: str, index: ModuleIndex, scripts: Mapping[str, tuple[str, str]], environment: Mapping[str, str], fastapi_entry: str) -> None:
        self._tree = tree
        self._context = context
        self._index = index
        self._scripts = scripts
        self._environment = environment
        self._fastapi_entry = fastapi_entry

    def entries(self, command: Command) -> list[EntryPoint]:
        words = list(command.words)
        for at, word in enumerate(words):
            name = word.rpartition("/")[2]
            rest = words[at + 1 :]
            if name in _SERVERS:
                return [*self._served(rest), *(entry for word in rest if name == "uwsgi" for entry in self._ini(word))]
            if _PYTHON.fullmatch(name):
                return self._python(rest)
            if name == "flask":
                return self._flask(rest)
            if name == "fastapi":
                return self._fastapi(rest)
            if name == "functions-framework":
                return self.of_file(_option(rest, "--source") or "main.py", _option(rest, "--target"))
            if name in _WORKERS:
                return self._worker(rest) or (self.of_file("locustfile.py", script=True) if name == "locust" else [])
            if name.endswith(".py"):
                return self._script(word, rest)
            if name in self._scripts:
                return [*self.of_target(*self._scripts[name]), *self._served(rest)]
        return []

    def _served(self, words: Sequence[str]) -> list[EntryPoint]:
        found: list[EntryPoint] = []
        before = ""
        for word in words:
            value = word.partition("=")[2] if word.startswith("-") and "=" in word else word
            option = word.partition("=")[0] if word.startswith("-") and "=" in word else before
            match = _TARGET.match(value)
            if option not in _NO_TARGET:
                if match:
                    found.extend(self.of_target(match[1], match[2]))
                elif _MODULE.match(value) and not before.startswith("-"):
                    found.extend(self.of_target(value, "application"))
            before = word if word.startswith("-") and "=" not in word else ""
        return found

    def _ini(self, word: str) -> list[EntryPoint]:
        """The module that a configuration of uWSGI names."""
        path = find_file(self._tree, word.partition("=")[2] or word, self._context) if word.endswith(".ini") else None
        try:
            text = self._tree.text(path) if path is not None else ""
        except Unreadable:
            return []
        return [entry for m in _UWSGI.finditer(text) for entry in (self.of_file(m[2]) if m[1] == "wsgi-file" else self._served([m[2]]))]

    def _python(self, words: Sequence[str]) -> list[EntryPoint]:
        at = 0
        while at < len(words) and words[at].startswith("-") and words[at] not in ("-m", "-c"):
            at += 2 if words[at] in _VALUED else 1
        if at >= len(words) or words[at] == "-c":
            return []
        if words[at] == "-m":
            if at + 1 >= len(words):
                return []
            name, rest = words[at + 1], words[at + 2 :]
            if name in _SERVERS or name in _WORKERS or name in ("flask", "fastapi", "debugpy", "ddtrace", "coverage", "opentelemetry.instrumentation.auto_instrumentation"):
                return self.entries(Command((name, *rest), _NOWHERE))
            for module in (f"{name}.__main__", name):
                path = self._index.find(module)
                if path is not None:
                    return [EntryPoint(path, module, script=True)]
            return []
        return self._script(words[at], words[at + 1 :])

    def _script(self, word: str, rest: Sequence[str]) -> list[EntryPoint]:
        # `manage.py migrate` before the server is no server.
        if word.rpartition("/")[2] == "manage.py" and rest and rest[0] not in _MANAGE:
            return []
        return self.of_file(word, script=True)

    def _flask(self, words: Sequence[str]) -> list[EntryPoint]:
        if "run" not in words:
            return []
        given = _option(words, "--app") or _option(words, "-A") or self._environment.get("FLASK_APP", "")
        if not given:
            return self.of_file("wsgi.py") or self.of_file("app.py")
        name, _, attribute = given.partition(":")
        if name.endswith(".py") or "/" in name:
            return self.of_file(name if name.endswith(".py") else f"{name}.py", attribute.partition("(")[0])
        return self.of_target(name, attribute.partition("(")[0] or "create_app")

    def _fastapi(self, words: Sequence[str]) -> list[EntryPoint]:
        if not {"run", "dev"} & set(words):
            return []
        for word in words:
            if word.endswith(".py"):
                return self.of_file(word, _option(words, "--app") or "app")
        match = _TARGET.match(_option(words, "--entrypoint") or _option(words, "-e") or self._fastapi_entry)
        if match:
            return self.of_target(match[1], match[2])
        return next((found for name in _DEFAULTS if (found := self.of_file(name, "app"))), [])

    def _worker(self, words: Sequence[str]) -> list[EntryPoint]:
        found: list[EntryPoint] = []
        for word in words:
            value = word.partition("=")[2] if word.startswith("-") and "=" in word else word
            if value.endswith(".py"):
                found.extend(self.of_file(value, script=True))
                continue
            name = value.partition(":")[0]
            if _MODULE.match(name):
                path = self._index.path_of(name) or self._index.path_of(name.rpartition(".")[0])
                if path is not None:
                    found.append(EntryPoint(path, self._index.name_of(path), value.rpartition(".")[2].rpartition(":")[2]))
        return found

    def of_target(self, module: str, attribute: str) -> list[EntryPoint]:
        path = self._index.find(module)
        return [EntryPoint(path, module, attribute)] if path is not None else []

    def of_file(self, name: str, attribute: str = "", *, script: bool = False) -> list[EntryPoint]:
        path = self._index.file(name)
        if path is None:
            return []
        # Its own directory is the first that imports are looked for in; what is served is imported from above its package.
        root = path.rpartition("/")[0]
        while not script and f"{root}/__init__.py" in self._index.files:
            root = root.rpartition("/")[0]
        self._index.add_root(root)
        return [EntryPoint(path, self._index.name_of(path), attribute, script)]


def find_file(tree: Tree, name: str, context: str) -> str | None:
    """The file that a path of the image names, by its last part: the nearest to the context."""
    last = name.rpartition("/")[2]
    found = [path for path in tree.below(context) if path.rpartition("/")[2] == last]
    return min(found, key=lambda path: (path.count("/"), path), default=None)


def _option(words: Sequence[str], name: str) -> str:
    for at, word in enumerate(words):
        if word == name and at + 1 < len(words):
            return words[at + 1]
        if word.startswith(f"{name}="):
            return word.partition("=")[2]
    return ""


def _toml(tree: Tree, application: Application) -> Iterator[Mapping[str, Any]]:
    for path in application.manifests:
        if path.endswith("pyproject.toml"):
            try:
                yield tomllib.loads(tree.text(path))
            except (Unreadable, tomllib.TOMLDecodeError, RecursionError):
                continue  # the reader of dependencies says so


def _scripts(tree: Tree, application: Application) -> dict[str, tuple[str, str]]:
    """Console scripts: name -> module and function."""
    found: dict[str, tuple[str, str]] = {}
    for value in _toml(tree, application):
        project, tool = value.get("project"), value.get("tool")
        poetry = tool.get("poetry") if isinstance(tool, dict) else None
        for table in (project, poetry):
            scripts = table.get("scripts") if isinstance(table, dict) else None
            for name, target in scripts.items() if isinstance(scripts, dict) else ():
                match = _TARGET.match(target) if isinstance(target, str) else None
                if match:
                    found[name] = (match[1], match[2])
    return found


def _fastapi_entry(tree: Tree, application: Application) -> str:
    for value in _toml(tree, application):
        tool = value.get("tool")
        table = tool.get("fastapi") if isinstance(tool, dict) else None
        entry = table.get("entrypoint") if isinstance(table, dict) else None
        if isinstance(entry, str):
            return entry
    return ""

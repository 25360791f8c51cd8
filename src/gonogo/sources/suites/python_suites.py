"""The Python tests of a tree, project by project, as the test runner of each collects them."""

from __future__ import annotations

import ast
import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from gonogo.sources.suites.items import Collected, State, Test
from gonogo.sources.suites.pytest_config import PytestConfig, read_config
from gonogo.sources.suites.pytest_paths import Conftest, collected, read_conftest
from gonogo.sources.suites.python_marks import dotted
from gonogo.sources.suites.python_module import Collector, Modules, package_root
from gonogo.sources.suites.python_names import parse_source
from gonogo.sources.suites.selection import Selected, select
from gonogo.sources.tree import Tree, Unreadable

MAX_FILES = 5_000
_MANIFESTS = ("pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "Pipfile", "manage.py", "tox.ini")
_MENTIONS = re.compile(r"(?i)(^|/)((requirements|constraints|test|dev)[\w.-]*\.(txt|in)|pyproject\.toml|setup\.(cfg|py)|tox\.ini|noxfile\.py|Pipfile|environment\.ya?ml|Makefile|justfile)$")
_PYTEST = re.compile(r"\bpytest\b")


def python_suites(tree: Tree, files: Sequence[str], everything: Sequence[str]) -> Iterator[Collected]:
    """The tests of each project. `files` are the Python files that count, `everything` those that lie there besides."""
    configs: dict[str, PytestConfig] = {}
    for directory in sorted({posixpath.dirname(p) for p in tree.files if posixpath.basename(p) in _CONFIG_NAMES}):
        found = read_config(tree, directory)
        if found is not None:
            configs[directory] = found
    projects: dict[str, list[str]] = defaultdict(list)
    for path in files[:MAX_FILES]:
        projects[_project(tree, path, configs)].append(path)
    for directory, held in sorted(projects.items()):
        config = configs.get(directory) or PytestConfig(directory)
        nested = [d for d in projects if d != directory and (not directory or d.startswith(f"{directory}/"))]
        outside = [p for p in everything if p not in held and _below(p, directory) and not any(_below(p, d) for d in nested)]
        found_tests = _Project(tree, config, held, outside).read()
        if len(files) > MAX_FILES:
            found_tests = replace(found_tests, open=(*found_tests.open, f"more than {MAX_FILES} Python files: the rest was not read"))
        yield found_tests


_CONFIG_NAMES = frozenset({"pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg"})


def _project(tree: Tree, path: str, configs: dict[str, PytestConfig]) -> str:
    """The directory that the tests of a file are run from: the nearest with a configuration, else with a manifest, else the root."""
    above = _upwards(path)
    manifest = next((d for d in above if any(posixpath.join(d, m) in tree.files for m in _MANIFESTS)), "")
    return next((d for d in above if d in configs), manifest)


def _upwards(path: str) -> list[str]:
    found = []
    while path:
        path = posixpath.dirname(path)
        found.append(path)
    return found


def _below(path: str, directory: str) -> bool:
    return not directory or path.startswith(f"{directory}/")


class _Project:
    """One root directory of pytest, and the files below it that belong to it."""

    def __init__(self, tree: Tree, config: PytestConfig, files: Sequence[str], outside: Sequence[str]) -> None:
        self._tree = tree
        self._config = config
        self._files = files
        self._outside = outside
        self._modules = Modules(tree, (config.directory,))
        self._open: list[str] = list(config.doubts)
        self._conftests = list(self._read_conftests())

    def read(self) -> Collected:
        virtualenvs = [posixpath.dirname(p) for p in self._tree.files if posixpath.basename(p) == "pyvenv.cfg"]
        config = self._config
        functions = self._has_pytest()
        if not functions:
            config = replace(config, python_files=("test*.py",), norecursedirs=())
        found = collected(config, self._files, self._conftests, virtualenvs)
        twice = self._same_module(found) if config.by_path and functions else set()
        collector = Collector(self._modules, config, functions)
        tests: list[Test] = []
        ignored: list[Test] = []
        for path in sorted(found):
            here, complete = collector.collect(path)
            sure = found[path] and path not in twice and (functions or self._is_package(path))
            if not complete and path not in self._modules.failed:
                self._open.append(f"{path}: its tests are made when it is imported, or imported from elsewhere")
            for test in here:
                test = test if sure else replace(test, state=State.SKIPPED if test.state is State.SKIPPED else State.MAYBE)
                kept = self._selected(test)
                (ignored if kept is False else tests).append(test if kept is not None else replace(test, state=State.MAYBE))
        loose = Collector(self._modules, replace(config, python_files=("test*.py", "*_test.py", "tests.py")))
        for path in self._files:
            # What its configuration leaves out, or, where nobody runs pytest, what only pytest would run.
            if (path not in found or not functions) and re.fullmatch(r"test.*\.py|.*_test\.py", posixpath.basename(path)):
                ignored.extend(test for test in loose.collect(path)[0] if test.node not in {t.node for t in tests})
        self._open.extend(f"{c.directory or '.'}/conftest.py chooses among the tests when they run" for c in self._conftests if c.selects)
        if any(c.selects for c in self._conftests):
            tests = [replace(t, state=State.SKIPPED if t.state is State.SKIPPED else State.MAYBE) for t in tests]
        outside = set(self._outside).intersection(collected(config, [*self._files, *self._outside], self._conftests, virtualenvs) if self._outside else ())
        if outside:
            self._open.append(f"tests below {posixpath.dirname(min(outside)) or '.'} are out of scope")
        tests = [replace(t, exact=False) if self._multiplied(t) else t for t in tests]
        errors = tuple((p, line, why) for p, (line, why) in sorted(self._modules.failed.items()) if p in found)
        return Collected("pytest" if functions else "unittest", tuple(tests), tuple(ignored), tuple(sorted(set(self._open))), errors)

    def _read_conftests(self) -> Iterator[Conftest]:
        self._parametrized: set[str] = set()
        self._generated: list[str] = []
        self._requests: dict[str, set[str]] = defaultdict(set)
        for path in sorted(p for p in self._tree.files if posixpath.basename(p) == "conftest.py" and (_below(p, self._config.directory) or self._above(p))):
            try:
                tree = parse_source(self._tree.text(path))
            except (Unreadable, ValueError) as error:
                self._open.append(f"{path}: {error}")
                continue
            found = read_conftest(path, tree)
            if found.generates:
                self._generated.append(found.directory)
            if found.plugins:
                self._open.append(f"{path}: it loads plugins of its own")
            self._fixtures(tree)
            yield found
        for path in self._files:
            text = self._text(path)
            if "fixture" in text or "pytest_generate_tests" in text:
                try:
                    tree = parse_source(text)
                except ValueError:
                    continue
                self._fixtures(tree)
                if any(isinstance(n, ast.FunctionDef) and n.name == "pytest_generate_tests" for n in ast.walk(tree)):
                    self._generated.append(path)

    def _above(self, conftest: str) -> bool:
        return _below(f"{self._config.directory}/x", posixpath.dirname(conftest)) and not self._config.file

    def _fixtures(self, tree: ast.Module) -> None:
        """Fixtures with parameters multiply whoever asks for them, or for what asks for them."""
        for node in ast.walk(tree):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for decorator in node.decorator_list:
                call = decorator if isinstance(decorator, ast.Call) else None
                if dotted(call.func if call else decorator).rpartition(".")[2] not in ("fixture", "yield_fixture"):
                    continue
                keywords = {k.arg: k.value for k in call.keywords} if call else {}
                name = keywords.get("name")
                known = name.value if isinstance(name, ast.Constant) and isinstance(name.value, str) else node.name
                self._requests[known].update(a.arg for a in (*node.args.args, *node.args.kwonlyargs))
                if "params" in keywords:
                    self._parametrized.add(known)
                    if "autouse" in keywords:
                        self._open.append("a fixture with parameters is used by every test")

    def _multiplied(self, test: Test) -> bool:
        if any(test.file == place or (not place.endswith(".py") and _below(test.file, place)) for place in self._generated):
            return True
        seen: set[str] = set()
        pending = set(test.fixtures)
        while pending:
            name = pending.pop()
            if name in self._parametrized:
                return True
            if name not in seen:
                seen.add(name)
                pending |= self._requests.get(name, set()) - seen
        return False

    def _text(self, path: str) -> str:
        try:
            return self._tree.text(path)
        except Unreadable:
            return ""

    def _has_pytest(self) -> bool:
        """Whether pytest runs the tests: it is configured, imported by them, or named by what installs or runs them."""
        if self._config.file or self._conftests:
            return True
        if any(re.search(r"^\s*(import|from) pytest\b", self._text(p), re.M) for p in self._files):
            return True
        near = [p for p in self._tree.files if _MENTIONS.search(p) and (_below(p, self._config.directory) or "/" not in p)]
        pipelines = [p for p in self._tree.files if p.startswith(".github/workflows/") or "/" not in p and p.endswith((".yml", ".yaml"))]
        return any(_PYTEST.search(re.sub(r"(?m)(^|\s)#.*", "", self._text(p))) for p in (*near, *pipelines))

    def _is_package(self, path: str) -> bool:
        """unittest's discovery enters packages only; the directory that it begins in need not be one."""
        directory = posixpath.dirname(path)
        return directory == self._config.directory or posixpath.join(directory, "__init__.py") in self._tree.files

    def _same_module(self, found: dict[str, bool]) -> set[str]:
        """Files that pytest imports under one name, or from two packages of one name: all but the first are errors of collection."""
        names: dict[str, str] = {}
        places: dict[str, set[str]] = defaultdict(set)
        for path in found:
            root = package_root(self._tree, path)
            names[path] = path[len(root) + 1 if root else 0 :]
            if "/" in names[path]:
                places[names[path].partition("/")[0]].add(root)
        often = Counter(names.values())
        return {path for path, name in names.items() if often[name] > 1 or len(places.get(name.partition("/")[0], ())) > 1}

    def _selected(self, test: Test) -> Selected:
        """Whether `-m`, `-k` and `--deselect` leave the test in."""
        answers: list[Selected] = [True]
        for expression in self._config.marks:
            answers.append(select(expression, lambda name: True if name in test.marks else False if test.marked else None))
        here = test.node[len(self._config.directory) + 1 if self._config.directory else 0 :]
        words = [*here.partition("::")[0].split("/"), *test.names, *test.marks]
        several = "parametrize" in test.marks or not test.exact
        for expression in self._config.keywords:
            answers.append(select(expression, lambda name: True if any(name.lower() in w.lower() for w in words) else None if several else False))
        for prefix in self._config.deselect:
            answers.append(False if here.startswith(prefix) else None if prefix.startswith(f"{here}[") else True)
        return False if False in answers else None if None in answers else True

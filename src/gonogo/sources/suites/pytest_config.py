"""pytest's configuration: which file holds it, and what it says of collection (https://docs.pytest.org/en/stable/reference/customize.html)."""

from __future__ import annotations

import configparser
import posixpath
import shlex
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gonogo.sources.tree import Tree, Unreadable

# In the order in which pytest looks.
FILES = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")
# Options that take the next word, and those that take none: after any other it cannot be told whether a word is a path.
_VALUED_TEXT = """
    -m -k -p -c -n -W -o -r --cov --cov-report --cov-config --cov-fail-under --junitxml --junit-xml --durations --maxfail --tb --color
    --basetemp --rootdir --confcutdir --ds --dist --timeout --log-level --log-cli-level --html --import-mode --ignore --ignore-glob
    --deselect --reruns --asyncio-mode --numprocesses --override-ini --verbosity --capture --show-capture --benchmark-columns --alluredir
    --env --browser --dc
"""
_BARE_TEXT = """
    -v -vv -vvv -q -qq -s -x -l -ra -rs -rA -rfE -rxXs -rsxX --strict-markers --strict-config --strict --verbose --quiet --showlocals
    --no-header --doctest-modules --exitfirst --no-cov --no-cov-on-fail --cov-branch --disable-warnings --no-migrations --nomigrations
    --reuse-db --create-db --failed-first --ff --lf --last-failed --full-trace --benchmark-skip --benchmark-disable --benchmark-only
    --pyargs --self-contained-html
"""
_VALUED, _BARE = frozenset(_VALUED_TEXT.split()), frozenset(_BARE_TEXT.split())


@dataclass(frozen=True, slots=True)
class PytestConfig:
    """What is configured for one root directory (`directory`), in `file` (empty where nothing is). `doubts`: why it is not all known."""

    directory: str
    file: str = ""
    testpaths: tuple[str, ...] = ()
    python_files: tuple[str, ...] = ("test_*.py", "*_test.py")
    python_classes: tuple[str, ...] = ("Test",)
    python_functions: tuple[str, ...] = ("test",)
    norecursedirs: tuple[str, ...] = ("*.egg", ".*", "_darcs", "build", "CVS", "dist", "node_modules", "venv", "{arch}")
    arguments: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    ignore_glob: tuple[str, ...] = ()
    deselect: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    by_path: bool = True
    """Test files are imported as the modules that their paths make; two of one name are an error."""
    doubts: tuple[str, ...] = field(default=())


def find_config(tree: Tree, directory: str) -> PytestConfig | None:
    """The configuration that lies in `directory`; None where there is none. Raises `ValueError` where it does not parse, `Unreadable`."""
    for name in FILES:
        path = posixpath.join(directory, name)
        if path in tree.files:
            table = _table(name, tree.text(path))
            if table is not None:
                return _config(directory, path, table)
    return None


def _table(name: str, text: str) -> Mapping[str, Any] | None:
    if name.endswith(".toml"):
        document = tomllib.loads(text)
        if name != "pyproject.toml":
            table = document.get("pytest", {})
            return table if isinstance(table, Mapping) else {}
        tool = document.get("tool")
        own = tool.get("pytest") if isinstance(tool, Mapping) else None
        if not isinstance(own, Mapping):
            return None
        native = {key: value for key, value in own.items() if key != "ini_options"}
        options = own.get("ini_options")
        return native or (options if isinstance(options, Mapping) else None)
    parser = configparser.ConfigParser(strict=False, interpolation=None, allow_no_value=True)
    parser.optionxform = str  # type: ignore[assignment, method-assign]  # the documented way to keep the case of options
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise ValueError(str(error).splitlines()[0]) from error
    section = "tool:pytest" if name == "setup.cfg" else "pytest"
    if parser.has_section(section):
        return dict(parser[section])
    return {} if name in ("pytest.ini", ".pytest.ini") else None


def _words(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(shlex.split(value, comments=True))
    return tuple(str(word) for word in value) if isinstance(value, Sequence) else ()


def _config(directory: str, path: str, table: Mapping[str, Any]) -> PytestConfig:
    said = PytestConfig(directory, path)

    def words(name: str, otherwise: tuple[str, ...]) -> tuple[str, ...]:
        return _words(table[name]) if name in table else otherwise

    config = PytestConfig(
        directory, path, words("testpaths", ()), words("python_files", said.python_files), words("python_classes", said.python_classes),
        words("python_functions", said.python_functions), words("norecursedirs", said.norecursedirs),
    )  # fmt: skip
    return _with_options(config, _words(table.get("addopts", "")), table)


def _with_options(config: PytestConfig, words: Sequence[str], table: Mapping[str, Any]) -> PytestConfig:
    values: dict[str, list[str]] = {name: [] for name in ("--ignore", "--ignore-glob", "--deselect", "-m", "-k")}
    paths: list[str] = []
    doubts: list[str] = []
    mode = "prepend"
    previous = ""
    for word in words:
        if previous in _VALUED:
            name, value, previous = previous, word, ""
        elif word.startswith("--") and "=" in word:
            name, _, value = word.partition("=")
            previous = ""
        elif len(word) > 2 and word[:2] in ("-m", "-k") and not word.startswith("--"):
            name, value, previous = word[:2], word[2:].removeprefix("="), ""
        elif word.startswith("-"):
            name, value, previous = word, "", word
        else:
            if previous and previous not in _BARE:
                doubts.append(f"{config.file}: whether `{word}` is a path or the value of {previous} is not known")
            else:
                paths.append(word)
            previous = ""
            continue
        if name in values and (value or name == word.partition("=")[0]):
            if value:
                values[name].append(value)
        elif name in ("-c", "--rootdir", "-o", "--override-ini") or (name == "-p" and not value.startswith("no:")) or name == "--doctest-modules":
            doubts.append(f"{config.file}: addopts has {name} {value}".rstrip())
        elif name == "--import-mode":
            mode = value
    if table.get("collect_imported_tests") not in (None, True, "true", "True"):
        doubts.append(f"{config.file}: collect_imported_tests is set")
    return PytestConfig(
        config.directory, config.file, config.testpaths, config.python_files, config.python_classes, config.python_functions, config.norecursedirs,
        tuple(paths), tuple(values["--ignore"]), tuple(values["--ignore-glob"]), tuple(values["--deselect"]), tuple(values["-m"][-1:]),
        tuple(values["-k"][-1:]), mode != "importlib", tuple(doubts),
    )  # fmt: skip


def read_config(tree: Tree, directory: str) -> PytestConfig | None:
    """As `find_config`, but what cannot be read is a configuration that leaves everything open."""
    try:
        return find_config(tree, directory)
    except (ValueError, Unreadable, RecursionError) as error:
        return PytestConfig(directory, doubts=(f"the configuration of pytest in {directory or 'the root'} cannot be read: {error}",))

"""What tox and nox run: the commands of their environments (https://tox.wiki/en/latest/config.html) and sessions (https://nox.thea.codes)."""

from __future__ import annotations

import ast
import configparser
import itertools
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gonogo.sources.tree import Tree, Unreadable

MAX_ENVIRONMENTS = 60
MAX_TEXT = 200_000


@dataclass(frozen=True, slots=True)
class Recipe:
    """A command of an environment. `ignored`: its failure does not fail the environment."""

    file: str
    line: int
    environment: str
    text: str
    ignored: bool = False


def tox_recipes(tree: Tree, directory: str, wanted: Sequence[str]) -> list[Recipe] | None:
    """What the environments run, those of `env_list` where none is wanted; None where there is no configuration that can be read."""
    for name in ("tox.ini", "setup.cfg", "pyproject.toml", "tox.toml"):
        path = f"{directory}/{name}" if directory else name
        if path in tree.files and tree.files[path].size <= MAX_TEXT:
            try:
                text = tree.text(path)
                found = _toml(path, text, wanted) if name.endswith(".toml") else _ini(path, text, wanted)
            except (Unreadable, ValueError, configparser.Error, RecursionError):
                return None
            if found is not None:
                return found
    return None


def _ini(path: str, text: str, wanted: Sequence[str]) -> list[Recipe] | None:
    parser = configparser.ConfigParser(strict=False, interpolation=None, allow_no_value=True, empty_lines_in_values=True)
    parser.read_string(text)
    tox = next((parser[name] for name in ("tox", "tox:tox") if parser.has_section(name)), None)
    if tox is None and not parser.has_section("testenv"):
        return None
    sections = {name: parser[f"testenv:{spelled}"] for section in parser.sections() if (spelled := section.removeprefix("testenv:")) != section for name in _expanded(spelled)}
    base: Mapping[str, str] = parser["testenv"] if parser.has_section("testenv") else {}
    listed = (tox.get("envlist") or tox.get("env_list") or "") if tox is not None else ""
    names = list(wanted) or [name for one in _split(listed) for name in _expanded(one)] or ["py"]
    found: list[Recipe] = []
    for name in names[:MAX_ENVIRONMENTS]:
        section = sections.get(name, base)
        commands = section.get("commands", base.get("commands")) or ""
        lenient = str(section.get("ignore_outcome", "")).strip().lower() == "true"
        for line in re.sub(r"\\\n", " ", commands).splitlines():
            command = _for_factors(line.strip(), name)
            if command:
                found.append(_recipe(path, text, name, _referred(command, parser), lenient))
    return found


def _toml(path: str, text: str, wanted: Sequence[str]) -> list[Recipe] | None:
    document: Any = tomllib.loads(text)
    tox = _table(_table(document.get("tool")).get("tox")) if path.endswith("pyproject.toml") else document
    if not tox:
        return None
    if isinstance(tox.get("legacy_tox_ini"), str):
        return _ini(path, tox["legacy_tox_ini"], wanted)
    base, own = _table(tox.get("env_run_base")), _table(tox.get("env"))
    names = list(wanted) or [str(name) for name in tox.get("env_list", ["py"]) if isinstance(name, str)]
    found: list[Recipe] = []
    for name in names[:MAX_ENVIRONMENTS]:
        section = _table(own.get(name, base))
        commands = section.get("commands", base.get("commands", []))
        for command in commands if isinstance(commands, list) else []:
            words = [str(word) for word in command if isinstance(word, str)] if isinstance(command, list) else []
            if words:
                found.append(_recipe(path, text, name, " ".join(words), section.get("ignore_outcome") is True))
    return found


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _recipe(path: str, text: str, name: str, command: str, lenient: bool) -> Recipe:
    marks = re.match(r"[-!@]*\s*", command)
    start = marks.end() if marks is not None else 0
    at = text.find(command[start:].split("{")[0].strip())
    bare = re.sub(r"\{posargs(?::([^}]*))?\}", lambda m: m.group(1) or "", command[start:])
    bare = re.sub(r"\{(?:tox_root|toxinidir)\}/?", "", bare)
    bare = re.sub(r"\{env_?python\}", "python", bare)
    bare = re.sub(r"\{([^{}]*)\}", lambda m: "${" + re.sub(r"\W", "_", m.group(1)) + "}", bare)
    return Recipe(path, text.count("\n", 0, max(0, at)) + 1, name, bare, lenient or bool(re.match(r"[-!]", command)))


def _referred(command: str, parser: configparser.ConfigParser) -> str:
    """`{[testenv:lint]commands}` is what stands there."""

    def told(match: re.Match[str]) -> str:
        section = parser[match.group(1)] if parser.has_section(match.group(1)) else {}
        return " && ".join(line.strip() for line in str(section.get(match.group(2)) or "").splitlines() if line.strip())

    return re.sub(r"\{\[([^\]]+)\](\w+)\}", told, command)


def _for_factors(line: str, name: str) -> str:
    """A line without its condition, `` where it is for other environments: `py39,lint: command`, `!slow: command`."""
    conditional = re.match(r"([!\w.,{}-]+):\s+(.*)", line)
    if conditional is None:
        return line
    factors = set(name.split("-"))
    for alternative in (one for part in _split(conditional.group(1)) for one in _expanded(part)):
        if all((factor[1:] not in factors) if factor.startswith("!") else (factor in factors) for factor in alternative.split("-")):
            return conditional.group(2)
    return ""


def _split(text: str) -> list[str]:
    """Names apart, at commas and white space that are not within braces."""
    return [part for part in re.findall(r"(?:[^\s,{}]|\{[^{}]*\})+", text) if part]


def _expanded(text: str) -> Iterator[str]:
    """`py{39,310}-{a,b}` as the four names that it is."""
    pieces = re.split(r"\{([^{}]*)\}", text)
    choices = [[part.strip() for part in piece.split(",")] if index % 2 else [piece] for index, piece in enumerate(pieces)]
    yield from itertools.islice(("".join(chosen) for chosen in itertools.product(*choices)), MAX_ENVIRONMENTS)


def nox_recipes(tree: Tree, directory: str, wanted: Sequence[str]) -> list[Recipe] | None:
    """What the sessions of `noxfile.py` run with literal words; None where it cannot be read."""
    path = f"{directory}/noxfile.py" if directory else "noxfile.py"
    if path not in tree.files or tree.files[path].size > MAX_TEXT:
        return None
    try:
        module = ast.parse(tree.text(path))
    except (Unreadable, SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    found: list[Recipe] = []
    for function in module.body:
        if not isinstance(function, ast.FunctionDef) or not any("session" in ast.unparse(d) for d in function.decorator_list):
            continue
        names = {function.name, *(str(k.value.value) for d in function.decorator_list if isinstance(d, ast.Call) for k in d.keywords if k.arg == "name" and isinstance(k.value, ast.Constant))}
        # `tests-3.12` and `tests(pydantic=2)` are sessions of the function `tests`.
        if wanted and not names & {spelled for one in wanted for spelled in (one, one.partition("(")[0], one.rpartition("-")[0])}:
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "run":
                words = [str(a.value) if isinstance(a, ast.Constant) else "${ARGUMENTS}" for a in node.args if not isinstance(a, ast.Starred)]
                lenient = any(k.arg == "success_codes" for k in node.keywords)
                if words:
                    found.append(Recipe(path, node.lineno, function.name, " ".join(words), lenient))
    return found

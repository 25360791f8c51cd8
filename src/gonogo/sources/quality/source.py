"""Which tools check the code, as their configuration files say, and as hooks before a commit run them. Pipelines are joined by rules."""

from __future__ import annotations

import configparser
import json
import posixpath
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatch

from gonogo.kinds.suites import TOOL_CONFIGURATION
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Resource, Stage
from gonogo.model.value import Unknown, Value
from gonogo.sources.ci.follow import Follower
from gonogo.sources.ci.tools import toolbox
from gonogo.sources.code_tools import Checks, Tool, code_tools
from gonogo.sources.quality.hooks import Hooks
from gonogo.sources.quality.neutral import neutralised
from gonogo.sources.tree import Tree, Unreadable


class ToolSource:
    """Reads the configuration of linters, formatters, type checkers and test runners."""

    name = "quality"

    def read(self, tree: Tree) -> Iterator[Resource | Gap]:
        """One `repo/ToolConfiguration` for each tool, role and place that configures it; one that says so where nothing configures a tool whose files are here."""
        tools = code_tools()
        hooks = Hooks(tree, Follower(tree, toolbox()), tools).checks()
        files: dict[str, list[str]] = {}
        for path in sorted(tree.files):
            if tree.files[path].in_scope or tree.counts_as_test(path):
                files.setdefault(posixpath.basename(path), []).append(path)
        parsed: dict[str, object] = {}
        for tool in tools.tools:
            found = False
            for path, section in [(p, "") for n in tool.files for p in files.get(n, ())] + [(p, s) for n, s in tool.sections for p in files.get(n, ())]:
                try:
                    settings = _settings(tree, path, section, parsed)
                except (ValueError, Unreadable, RecursionError) as error:
                    yield Gap(path, 0, Stage.PARSE, f"the configuration of {tool.tool} cannot be read: {error}", self.name, (TOOL_CONFIGURATION,))
                    continue
                if settings is not None:
                    found = True
                    yield _resource(tree, tool, path, Location(path, _line(tree, path, section)), settings, hooks, configured=True)
            first = _first(tool, files) if not found else None
            if first is not None and (not tool.required or tool.check in hooks.sure):
                yield _resource(tree, tool, "", Location(first, 1), {}, hooks, configured=not tool.required)


def _first(tool: Tool, files: Mapping[str, Sequence[str]]) -> str | None:
    """What speaks of a tool that nothing configures: a file that it is for, or the hooks that run it."""
    wanted = (".pre-commit-config.y*ml", "lefthook.*", "package.json", "pre-commit") if tool.required else tool.applies_to
    return next((paths[0] for name, paths in sorted(files.items()) if any(fnmatch(name, p) for p in wanted)), None)


def _resource(tree: Tree, tool: Tool, path: str, place: Location, settings: object, hooks: Checks, *, configured: bool) -> Resource:
    doubts = [why for role, why in hooks.maybe if role == tool.role]
    in_hook: Value = tool.check in hooks.sure or (Unknown.because(*doubts) if doubts else False)
    attributes: dict[str, Value] = {
        "tool": tool.tool,
        "role": tool.role,
        "configured": configured,
        "required": tool.required,
        "neutralised": neutralised(tree, tool, path, settings) if path else "",
        "replaces": list(tool.replaces),
        "runsInPreCommit": in_hook,
    }
    name = f"{tool.tool}: {tool.role} ({path})" if path else f"{tool.tool}: {tool.role}"
    return Resource(TOOL_CONFIGURATION, name, attributes, {(): place}, source="quality")


def _settings(tree: Tree, path: str, section: str, parsed: dict[str, object]) -> object | None:
    """What a file, or a section of one, says; None where it has no such section. A program says only that it is there. Raises `ValueError`, `Unreadable`."""
    if path not in parsed:
        parsed[path] = _parse(tree, path)
    document = parsed[path]
    if isinstance(document, ValueError):
        raise document
    if not section:
        inner = document.get("mypy") if path.endswith("mypy.ini") and isinstance(document, Mapping) else None
        return {**document, **inner} if isinstance(inner, Mapping) and isinstance(document, Mapping) else _flat(document)
    if path.endswith((".cfg", ".ini")):
        return document.get(section) if isinstance(document, Mapping) else None
    value: object = document
    for part in section.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _flat(document: object) -> object:
    return document if isinstance(document, Mapping) else {}


def _parse(tree: Tree, path: str) -> object:
    text = tree.text(path)
    name = posixpath.basename(path)
    try:
        if name.endswith(".toml"):
            return tomllib.loads(text)
        if name in ("tox.ini", "setup.cfg", ".flake8", ".isort.cfg", ".style.yapf", ".pylintrc", "pylintrc") or name.endswith("mypy.ini"):
            parser = configparser.ConfigParser(strict=False, interpolation=None, allow_no_value=True)
            parser.read_string(text)
            sections: dict[str, object] = {section: dict(parser[section]) for section in parser.sections()}
            # A file of the tool's own has one section, and what it says is asked for without it.
            return {**sections, **(dict(parser["flake8"]) if name == ".flake8" and parser.has_section("flake8") else {})}
        if name == "package.json":
            return json.loads(text)
    except (configparser.Error, RecursionError) as error:
        return ValueError(str(error).splitlines()[0])
    except ValueError as error:
        return error
    if name.endswith((".yml", ".yaml", ".json")):
        found = tree.yaml(path)
        # Several of these files allow comments, so that they are no JSON for a strict reader: the tool reads them all the same.
        return found.documents[0].value if found.documents and not found.error else {}
    return {}


def _line(tree: Tree, path: str, section: str) -> int:
    """The line of the section's head."""
    if not section:
        return 1
    text = tree.text(path)
    heads = (f'"{section}"',) if path.endswith(".json") else (f"[{section}]", f"[{section}.", f"[[{section}")
    at = min((found for head in heads if (found := text.find(head)) >= 0), default=0)
    return text.count("\n", 0, at) + 1

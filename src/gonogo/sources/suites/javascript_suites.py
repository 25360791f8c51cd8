"""The tests of JavaScript and TypeScript: calls of `test` and `it` in the files that vitest, jest, mocha, Playwright or Cypress take."""

from __future__ import annotations

import json
import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatch
from typing import TYPE_CHECKING, Any

from gonogo.data import data_directory
from gonogo.formats.yaml_reader import read_yaml
from gonogo.sources.suites.items import Collected, State, Test, worst
from gonogo.sources.tree import Tree, Unreadable

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

MAX_FILES = 5_000
MAX_NODES = 200_000
SUFFIXES = (".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".mts", ".cts")
MAY_BE_TEST = re.compile(r"(^|/)__tests__/|(^|[./])(test|spec|cy)\.[cm]?[jt]sx?$|(^|/)(test|tests|cypress|e2e)/")
_TESTS = frozenset({"it", "test", "specify"})
_GROUPS = frozenset({"describe", "context", "suite"})
_SKIPS = frozenset({"skip", "todo", "fixme"})
_SKIPPED = frozenset({"xit", "xtest", "xdescribe", "xcontext"})
# What surrounds a test that is made as often as something else says.
_REPEATS = frozenset({"for_statement", "for_in_statement", "while_statement", "do_statement"})


def javascript_suites(tree: Tree, files: Sequence[str]) -> Iterator[Collected]:
    """The tests of each package, by the runner that it depends on."""
    document: Any = read_yaml("javascript-tests.yaml", (data_directory("rules") / "tools" / "javascript-tests.yaml").read_text("utf-8")).documents[0].value
    packages = {path: _package(tree, path) for path in tree.files if posixpath.basename(path) == "package.json"}
    parsers = _Parsers()
    tests: dict[str, list[Test]] = defaultdict(list)
    errors: list[tuple[str, int, str]] = []
    for path in files[:MAX_FILES]:
        runner, sure = _runner(tree, path, packages, document["runners"])
        if runner is None:
            continue
        try:
            root = parsers.of(path).parse(tree.text(path).encode()).root_node
        except (Unreadable, ValueError) as error:
            errors.append((path, 0, str(error)))
            continue
        if root.has_error:
            errors.append((path, 0, "does not parse as JavaScript or TypeScript"))
            continue
        only = re.search(r"\b(it|test|describe|context)\.only\(", tree.text(path)) is not None
        state = State.RUNS if sure and not only else State.MAYBE
        marks = frozenset({runner["type"]} if "type" in runner else ())
        tests[runner["runner"]].extend(_tests(path, root, state, marks))
    for name in sorted({*tests, *(["javascript"] if errors and not tests else [])}):
        yield Collected(name, tuple(tests[name]), errors=tuple(errors))
        errors = []


class _Parsers:
    """A parser for each grammar, made when a file needs it."""

    def __init__(self) -> None:
        self._made: dict[str, Parser] = {}

    def of(self, path: str) -> Parser:
        kind = "tsx" if path.endswith(".tsx") else "typescript" if path.endswith((".ts", ".mts", ".cts")) else "javascript"
        if kind not in self._made:
            import tree_sitter

            if kind == "javascript":
                import tree_sitter_javascript

                language = tree_sitter.Language(tree_sitter_javascript.language())
            else:
                import tree_sitter_typescript

                language = tree_sitter.Language(tree_sitter_typescript.language_tsx() if kind == "tsx" else tree_sitter_typescript.language_typescript())
            self._made[kind] = tree_sitter.Parser(language)
        return self._made[kind]


def _package(tree: Tree, path: str) -> Mapping[str, Any]:
    try:
        value = json.loads(tree.text(path))
    except (Unreadable, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _runner(tree: Tree, path: str, packages: Mapping[str, Mapping[str, Any]], runners: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any] | None, bool]:
    """The runner that takes a file, and whether that is certain: by the nearest package that depends on one, and nothing that changes what it takes."""
    directory = path
    while directory:
        directory = posixpath.dirname(directory)
        package = packages.get(posixpath.join(directory, "package.json"))
        if package is None:
            continue
        held = {name for key in ("dependencies", "devDependencies") if isinstance(package.get(key), dict) for name in package[key]}
        within = path[len(directory) + 1 if directory else 0 :]
        for runner in (r for r in runners if held.intersection(r["packages"])):
            folder = _test_directory(tree, directory, runner)
            if folder is not None and not within.startswith(folder):
                continue
            if re.search(runner["files"], within):
                return runner, not _changed(tree, directory, runner, package)
        known = [r for r in runners if held.intersection(r["packages"])]
        if known:
            # None takes it by default; one whose configuration says what it takes may.
            return ({"runner": known[0]["runner"]}, False) if any(_changed(tree, directory, r, package) for r in known) else (None, False)
    return None, False


def _configuration(tree: Tree, directory: str, runner: Mapping[str, Any]) -> str:
    texts = []
    for path in tree.below(directory):
        if posixpath.dirname(path) == directory and any(fnmatch(posixpath.basename(path), pattern) for pattern in runner["configuration"]):
            try:
                texts.append(tree.text(path))
            except Unreadable:
                continue
    return "\n".join(texts)


def _test_directory(tree: Tree, directory: str, runner: Mapping[str, Any]) -> str | None:
    """Playwright looks below one directory, which it calls `testDir`."""
    if runner["runner"] != "playwright":
        return None
    found = re.search(r"\btestDir\s*:\s*[\"'](?:\./)?([\w./-]*?)/?[\"']", _configuration(tree, directory, runner))
    return f"{found[1]}/" if found and found[1] not in ("", ".") else None


def _changed(tree: Tree, directory: str, runner: Mapping[str, Any], package: Mapping[str, Any]) -> bool:
    own = json.dumps(package.get(runner["runner"], ""))
    return re.search(runner["changed_by"], _configuration(tree, directory, runner) + own) is not None


def _tests(path: str, root: Node, state: State, marks: frozenset[str]) -> Iterator[Test]:
    """The calls that declare a test. Each node is seen once, with what surrounds it."""
    pending: list[tuple[Node, State, bool, tuple[str, ...]]] = [(root, state, True, ())]
    seen = 0
    while pending and seen < MAX_NODES:
        node, held, exact, names = pending.pop()
        seen += 1
        inner, once, path_names = held, exact, names
        if node.type == "call_expression":
            called, modifiers = _called(node.child_by_field_name("function"))
            title = _title(node)
            if called in _TESTS | _GROUPS | _SKIPPED and title is not None:
                skipped = called in _SKIPPED or bool(_SKIPS & set(modifiers))
                under = State.SKIPPED if skipped else State.MAYBE if {"skipIf", "runIf", "if"} & set(modifiers) else State.RUNS
                inner, once = worst(held, under), exact and "each" not in modifiers
                if called in _TESTS or called in ("xit", "xtest"):
                    yield Test(path, (*names, title), node.start_point[0] + 1, exact=once, state=inner, marks=marks)
                    continue
                path_names = (*names, title)
        elif node.type in _REPEATS:
            once = False
        elif node.type == "if_statement":
            inner = worst(held, State.MAYBE)
        elif node.type in ("function_declaration", "method_definition") or (node.type == "arrow_function" and node.parent is not None and node.parent.type == "variable_declarator"):
            inner, once = worst(held, State.MAYBE), False  # who calls it, and how often, is not followed
        pending.extend((child, inner, once, path_names) for child in reversed(node.named_children))


def _called(node: Node | None) -> tuple[str, list[str]]:
    """`test.each([1, 2])` is `test` with the modifier `each`."""
    modifiers: list[str] = []
    while node is not None and node.type in ("member_expression", "call_expression"):
        if node.type == "member_expression":
            modifiers.append(_text(node.child_by_field_name("property")))
            node = node.child_by_field_name("object")
        else:
            node = node.child_by_field_name("function")
    return _text(node) if node is not None and node.type == "identifier" else "", modifiers


def _title(call: Node) -> str | None:
    """The title, where a title and something to run are given: `/x/.test("y")` and `test(value)` declare nothing."""
    arguments = call.child_by_field_name("arguments")
    held = arguments.named_children if arguments is not None else []
    if not held or held[0].type not in ("string", "template_string"):
        return None
    runs = any(a.type in ("arrow_function", "function_expression", "function", "identifier", "call_expression") for a in held[1:])
    return _text(held[0])[1:-1][:200] if runs or len(held) == 1 else None


def _text(node: Node | None) -> str:
    return node.text.decode("utf-8", "replace") if node is not None and node.text is not None else ""

"""The tests of Go: `func TestX(t *testing.T)` in files that end with `_test.go` (https://pkg.go.dev/testing, https://pkg.go.dev/cmd/go#hdr-Test_packages)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gonogo.sources.suites.items import Collected, State, Test
from gonogo.sources.tree import Tree, Unreadable

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

MAX_FILES = 10_000
# "TestXxx, where Xxx does not start with a lowercase letter".
_NAME = re.compile(r"Test(?![a-z])\w*$")
_CONSTRAINT = re.compile(r"^//(?:go:build|\s*\+build)\s+(.+)$")
_SYSTEM = re.compile(r"_(windows|linux|darwin|freebsd|netbsd|openbsd|plan9|solaris|aix|android|ios|js|wasip1|amd64|arm64|arm|386|wasm|s390x|ppc64le|riscv64)_test\.go$")


def go_suites(tree: Tree, files: Sequence[str]) -> Iterator[Collected]:
    """The tests of all modules together: `go test` finds every test of a module, and there is nothing to configure."""
    import tree_sitter
    import tree_sitter_go

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_go.language()))
    tests: list[Test] = []
    errors: list[tuple[str, int, str]] = []
    doubts: list[str] = []
    for path in files[:MAX_FILES]:
        # "Directory and file names that begin with "." or "_" are ignored by the go tool, as are directories named "testdata"."
        if any(part.startswith((".", "_")) or part == "testdata" for part in path.split("/")):
            continue
        try:
            tests.extend(_tests(tree, path, parser))
        except (Unreadable, ValueError) as error:
            errors.append((path, getattr(error, "lineno", 0), str(error)))
    if len(files) > MAX_FILES:
        doubts.append(f"more than {MAX_FILES} Go files: the rest was not read")
    yield Collected("go test", tuple(tests), open=tuple(doubts), errors=tuple(errors))


def _tests(tree: Tree, path: str, parser: Parser) -> Iterator[Test]:
    source = tree.text(path).encode()
    root = parser.parse(source).root_node
    if root.has_error:
        raise ValueError("does not parse as Go")
    tags = _tags(root)
    module = any(posixpath.join(d, "go.mod") in tree.files for d in _upwards(path))
    file_state = State.RUNS if module and not tags and not _SYSTEM.search(path) else State.MAYBE
    for node in root.named_children:
        name = _text(node.child_by_field_name("name"))
        if node.type != "function_declaration" or not _NAME.match(name) or not re.fullmatch(r"\(\s*\w+\s+\*testing\.T,?\s*\)", _text(node.child_by_field_name("parameters"))):
            continue
        body = _text(node.child_by_field_name("body"))
        skip = _skip(node)
        state = State.SKIPPED if skip is State.SKIPPED else State.MAYBE if State.MAYBE in (skip, file_state) else State.RUNS
        yield Test(path, (name,), node.start_point[0] + 1, exact=".Run(" not in body, state=state, marks=frozenset(tags))


def _tags(root: Node) -> set[str]:
    """The words of the build constraint, which stands before the package clause."""
    found: set[str] = set()
    for node in root.children:
        if node.type == "package_clause":
            break
        held = _CONSTRAINT.match(_text(node)) if node.type == "comment" else None
        if held:
            found.update(re.findall(r"!?[\w.]+", held[1]))
    return found


def _skip(function: Node) -> State:
    """Whether a test skips itself: by its first statements, or under a condition. `testing.Short()` is false unless somebody asks."""
    body = function.child_by_field_name("body")
    statements = body.named_children if body is not None else []
    if len(statements) == 1 and statements[0].type == "statement_list":
        statements = statements[0].named_children
    for statement in statements:
        text = _text(statement)
        if statement.type == "expression_statement" and re.match(r"\w+\.Skip(Now|f)?\(", text):
            return State.SKIPPED
        # What a subtest skips is the subtest.
        short = re.match(r"if\s+testing\.Short\(\)\s*\{", text)
        if statement.type == "if_statement" and not short and re.search(r"\.Skip(Now|f)?\(", text):
            return State.MAYBE
    return State.RUNS


def _upwards(path: str) -> Iterator[str]:
    while path:
        path = posixpath.dirname(path)
        yield path


def _text(node: Node | None) -> str:
    return node.text.decode("utf-8", "replace") if node is not None and node.text is not None else ""

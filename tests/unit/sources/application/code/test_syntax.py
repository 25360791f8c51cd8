"""The small tree that a parse is turned into."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from gonogo.sources.application.code.syntax import MAX_BYTES, SourceLimit, parse

if TYPE_CHECKING:
    from tree_sitter import Parser


@pytest.fixture
def parser() -> Parser:
    grammar = pytest.importorskip("tree_sitter_javascript")
    import tree_sitter

    return tree_sitter.Parser(tree_sitter.Language(grammar.language()))


def test_nodes_have_lines_fields_and_parents(parser: Parser) -> None:
    root = parse(parser, "// a comment\nlet a = b;\n").root
    (statement,) = root.children
    declarator = next(n for n in statement.children if n.type == "variable_declarator")
    assert (declarator.line, declarator.fields["name"].text, declarator.fields["value"].text) == (2, "a", "b")
    assert [n.type for n in declarator.above()] == ["lexical_declaration", "program"]


def test_what_does_not_parse_is_told_with_its_lines(parser: Parser) -> None:
    errors = parse(parser, "let a = 1;\nhelmet(((;\n").errors
    assert errors and all("helmet" in text for text in errors.values())


@pytest.mark.parametrize("source", ["[" * 2_000 + "]" * 2_000, "a" * (MAX_BYTES + 1)])
def test_a_source_over_a_limit_is_refused(parser: Parser, source: str) -> None:
    with pytest.raises(SourceLimit):
        parse(parser, source)


@pytest.fixture
def uncollected() -> Iterator[None]:
    """No cyclic garbage collection: it walks what every test before has left alive, which is no part of a parse."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("uncollected")
def test_time_grows_with_the_text(parser: Parser) -> None:
    line = "app.get('/x', async (req, res) => { const a = await b.c({ d: 1 }); res.json(a); });\n"

    def seconds(lines: int) -> float:
        text = line * lines
        started = time.process_time()
        parse(parser, text)
        return time.process_time() - started

    seconds(100)
    assert seconds(4_000) < 40 * max(seconds(400), 0.005)

from __future__ import annotations

import io

import hcl2
import pytest

from gonogo.sources.terraform import ast
from gonogo.sources.terraform.expressions import Budget, Evaluator, NoNames
from gonogo.sources.terraform.syntax import SyntaxLimit, read_source, read_template
from gonogo.sources.terraform.values import Val


def body(text: str) -> ast.Body:
    source = read_source("main.tf", text)
    assert source.broken == ()
    return source.body


def evaluate(expression: str, **names: Val) -> Val:
    return Evaluator(NoNames(), Budget()).evaluate(body(f"x = {expression}\n").attributes[0].value, names)


def test_blocks_have_labels_and_positions() -> None:
    block = body('\nresource "google_sql_database_instance" main {\n  name = "a"\n\n  settings {\n    tier = "b"\n  }\n}\n').blocks[0]
    assert (block.type, block.labels) == ("resource", ("google_sql_database_instance", "main"))
    assert (block.at.file, block.at.line, block.at.column, block.at.end_line) == ("main.tf", 2, 1, 8)
    assert [a.name for a in block.body.attributes] == ["name"]
    assert block.body.blocks[0].body.attributes[0].at.line == 6


def test_columns_count_characters() -> None:
    attributes = body('x = { "é" = 1, b = 2 }\n').attributes
    node = attributes[0].value
    assert isinstance(node, ast.ObjectNode)
    assert [i.at.column for i in node.items] == [7, 16]


def test_a_broken_block_costs_itself_only() -> None:
    text = 'resource "a" "one" {\n  x = 1\n}\n\nresource "google_redis_instance" "two" {\n  x = = 2\n}\n\nresource "a" "three" {\n  x = 3\n}\n'
    source = read_source("main.tf", text)
    assert [b.labels for b in source.body.blocks] == [("a", "one"), ("a", "three")]
    assert source.body.blocks[1].at.line == 9
    assert source.body.blocks[1].body.attributes[0].at.line == 10
    assert [(b.line, b.type, b.labels) for b in source.broken] == [(6, "resource", ("google_redis_instance", "two"))]


def test_a_file_that_is_no_terraform_is_broken() -> None:
    source = read_source("main.tf", "}}}} not terraform {{{")
    assert source.body.blocks == ()
    assert len(source.broken) == 1


def test_deep_nesting_is_refused_not_crashed_on() -> None:
    text = 'resource "a" "b" {\n  x = ' + "[" * 5_000 + "]" * 5_000 + '\n}\n\nresource "a" "c" {}\n'
    source = read_source("main.tf", text)
    assert [b.labels[1] for b in source.body.blocks] == ["c"]
    assert "nested deeper" in source.broken[0].reason


def test_a_heredoc_keeps_its_text() -> None:
    assert evaluate("<<EOT\n  # not a comment\n  a ${1 + 1}\n\nEOT") == "  # not a comment\n  a 2\n\n"


def test_an_indented_heredoc_loses_the_smallest_indentation() -> None:
    assert evaluate("<<-EOT\n    a\n      b\n\n    c\n    EOT") == "a\n  b\n\nc\n"


def test_strip_markers_in_a_heredoc_reach_to_the_end_of_their_line() -> None:
    text = "<<EOT\nstart\n%{ for x in xs ~}\n  - ${x}\n%{ endfor ~}\nend\nEOT"
    assert evaluate(text, xs=("a", "b")) == "start\n  - a\n  - b\nend\n"


def test_a_template_of_one_interpolation_is_its_value() -> None:
    assert evaluate('"${xs}"', xs=(1, 2)) == (1, 2)


def test_operators_have_terraforms_precedence() -> None:
    assert evaluate("1 + 2 * 3 == 7 && !false || 1 / 0 == 1") is True


def test_conditionals_in_a_row_are_tried_in_order() -> None:
    assert evaluate('true ? "a" : true ? "b" : "c"') == "a"
    assert evaluate('false ? "a" : 1 == 2 ? "b" : (true ? false : true) ? "c" : "d"') == "d"


def test_an_exponent_without_a_fraction_is_read_where_it_stands() -> None:
    source = read_source("x.tf", 'a = 1e3\nb = "md5 1e5" # 1e5\nc = [2E-1, local.a1e5]\n')
    assert source.broken == ()
    first, second, third = source.body.attributes
    assert isinstance(first.value, ast.Literal) and first.value.value == 1000
    assert isinstance(second.value, ast.Literal) and second.value.value == "md5 1e5"
    assert isinstance(third.value, ast.TupleNode) and third.value.items[1].at.column == 12


def test_a_number_too_long_to_write_out_is_refused() -> None:
    assert [b.reason for b in read_source("x.tf", "a = 1e999999999\nb = 1.5e999999999\n").broken] == ["a number of more than 4000 digits"] * 2


def test_a_template_file_is_read_as_a_template() -> None:
    template = read_template("a ${b}\n%{ if c }yes%{ endif }")
    assert Evaluator(NoNames(), Budget()).evaluate(template, {"b": 1, "c": True}) == "a 1\nyes"
    with pytest.raises(SyntaxLimit):
        read_template("a ${")


CASES = [
    'resource "google_cloud_run_v2_service" "api" {\n  name = "api"\n  template {\n    scaling {\n      min_instance_count = 1\n    }\n  }\n}\n',
    'variable "x" {\n  default = { a = [1, 2, { b = "c" }], d = true, e = null }\n}\n',
    'locals {\n  a = "x"\n  b = 1.5\n  c = -3\n}\n',
    'module "m" {\n  source  = "./m"\n  version = "~> 1.0"\n}\n',
]


@pytest.mark.parametrize("text", CASES)
def test_python_hcl2_reads_the_same_literals(text: str) -> None:
    theirs = hcl2.load(io.StringIO(text))
    assert _without_marks(theirs) == _as_hcl2(body(text))


def _without_marks(value: object) -> object:
    """python-hcl2 8 keeps quotes around strings and marks blocks; we compare the data."""
    if isinstance(value, dict):
        return {_without_marks(k): _without_marks(v) for k, v in value.items() if not (str(k).startswith("__") and str(k).endswith("__"))}
    if isinstance(value, list):
        return [_without_marks(v) for v in value]
    if isinstance(value, str):
        bare = value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
        if bare.startswith("${") and bare.endswith("}"):
            bare = bare[2:-1]
        return {"null": None, "true": True, "false": False}.get(bare, int(bare) if bare.lstrip("-").isdigit() else bare)
    return value


def _as_hcl2(content: ast.Body) -> dict[object, object]:
    result: dict[object, object] = {a.name: _plain(Evaluator(NoNames(), Budget()).evaluate(a.value, {})) for a in content.attributes}
    for block in content.blocks:
        inner: object = _as_hcl2(block.body)
        for label in reversed(block.labels):
            inner = {label: inner}
        existing = result.setdefault(block.type, [])
        assert isinstance(existing, list)
        existing.append(inner)
    return result


def _plain(value: Val) -> object:
    from gonogo.sources.terraform.values import plain

    return plain(value)

"""Which SQL changes a database, and which only asks or talks."""

from __future__ import annotations

import pytest

from gonogo.model.value import Unknown
from gonogo.sources.migrations.sql import changes, statements


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", False),
        ("-- drop table a;\n/* drop table b; */\n# drop table c;\n", False),
        ("SELECT 1;", False),
        ("BEGIN; SELECT count(*) FROM a; COMMIT;", False),
        ("select 'drop table a'", False),
        ("select $x$ drop table a; $x$", False),
        ("set search_path = b;", False),
        ("drop table a", True),
        ("BEGIN; DROP TABLE a; COMMIT;", True),
        ("BEGIN\nDROP TABLE a\nEND", True),
        ("SET NOCOUNT ON\nGO\nDROP TABLE a\nGO", True),
        ("with gone as (delete from a returning id) select 1", True),
        ("select * into b from a", True),
        ("call undo()", True),
        ("alter table a rename to b; select 'it''s; done'", True),
    ],
)
def test_what_only_asks_changes_nothing(text: str, expected: bool) -> None:
    assert changes(text) is expected


@pytest.mark.parametrize("text", ["select remove_policy('a')", "x" * 600_000])
def test_what_a_function_does_is_not_known(text: str) -> None:
    assert isinstance(changes(text), Unknown)


def test_a_text_that_does_not_end_ends_the_statement() -> None:
    assert list(statements("select 'a; drop table b")) == ["select ''"]
    assert list(statements("a;;b /* c")) == ["a", "b"]

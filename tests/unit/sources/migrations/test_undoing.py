"""Where the chain of Alembic's revisions ends, and what undoes one."""

from __future__ import annotations

import pytest

from gonogo.sources.migrations.undoing import function_does_something, revision_and_before


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('revision = "b"\ndown_revision = "a"\n', ("b", ("a",))),
        ('revision: str = "c"\ndown_revision: tuple[str, ...] = ("a", "b")\n', ("c", ("a", "b"))),
        ('revision = "a"\ndown_revision = None\n', ("a", ())),
        ("revision = name()\n", ("", ())),
        ("revision =\n", ("", ())),
    ],
)
def test_a_revision_names_itself_and_the_ones_before(source: str, expected: tuple[str, tuple[str, ...]]) -> None:
    assert revision_and_before(source, "down_revision") == expected


@pytest.mark.parametrize(("body", "does"), [("pass", False), ('"""nothing"""', False), ("raise NotImplementedError", False), ('op.drop_table("a")', True)])
def test_a_function_that_does_nothing_undoes_nothing(body: str, does: bool) -> None:
    assert function_does_something(f"def downgrade():\n    {body}\n", "downgrade") is does

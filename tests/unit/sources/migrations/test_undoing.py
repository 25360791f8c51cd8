"""Where the chain of Alembic's revisions ends, and what undoes one."""

from __future__ import annotations

import pytest

from gonogo.model.value import Unknown
from gonogo.sources.migrations.undoing import function_does_something, operations_reverse, revision_and_before


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


@pytest.mark.parametrize(
    ("body", "does"),
    [
        ("pass", False),
        ('"""nothing"""', False),
        ("raise NotImplementedError", False),
        ('raise Irreversible(why("a"))', False),
        ('print("todo")', False),
        ('logger.warning("todo")', False),
        ('op.execute("SELECT 1")', False),
        ('op.execute(sa.text("-- drop table a"))', False),
        ("bind = op.get_bind()", False),
        ('return\n    op.drop_table("a")', False),
        ('if False:\n        op.drop_table("a")', False),
        ("nothing()", False),
        ('op.drop_table("a")', True),
        ('op.execute("DROP TABLE a")', True),
        ('op.execute(f"DROP TABLE {name}")', True),
        ('with op.batch_alter_table("a") as batch:\n        batch.drop_column("b")', True),
        ('for table in ("a", "b"):\n        op.drop_table(table)', True),
        ('if op.get_context().dialect.name == "mysql":\n        return\n    op.drop_table("a")', True),
        ("drop()", True),
        ("imported.undo()", True),
    ],
)
def test_a_function_that_does_nothing_undoes_nothing(body: str, does: bool) -> None:
    source = f"def nothing():\n    pass\n\ndef drop():\n    op.drop_table('a')\n\ndef downgrade():\n    {body}\n"
    assert function_does_something(source, "downgrade") is does


def test_a_function_written_elsewhere_is_not_known() -> None:
    assert isinstance(function_does_something("from legacy import downgrade\n", "downgrade"), Unknown)
    assert isinstance(function_does_something('def downgrade():\n    op.execute("select undo()")\n', "downgrade"), Unknown)
    assert function_does_something("def upgrade():\n    op.drop_table('a')\n", "downgrade") is False


@pytest.mark.parametrize(
    ("operation", "reverses"),
    [
        ("migrations.RunPython(fill, migrations.RunPython.noop)", True),
        ("migrations.RunSQL('a', reverse_sql='b')", True),
        ("migrations.RemoveField('a', 'b')", True),
        ("migrations.RunPython(fill)", False),
        ("migrations.RunSQL('a', reverse_sql=None)", False),
        ("migrations.RunPython(fill, None)", False),
    ],
)
def test_an_operation_of_django_reverses_where_it_says_how(operation: str, reverses: bool) -> None:
    assert operations_reverse(f"class Migration:\n    operations = [{operation}]\n") is reverses

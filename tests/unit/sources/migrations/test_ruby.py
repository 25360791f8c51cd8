"""Which migrations of Rails can be undone."""

from __future__ import annotations

import pytest

from gonogo.sources.migrations.ruby import goes_back


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("  def change\n    add_column :a, :b, :string\n  end\n", True),
        ("  def change\n    execute 'drop table a'\n  end\n", False),
        ("  def change\n    reversible do |way|\n      way.up { execute 'x' }\n      way.down { execute 'y' }\n    end\n  end\n", True),
        ("  def up\n    drop_table :a\n  end\n  def down\n    create_table :a\n  end\n", True),
        ("  def up\n    drop_table :a\n  end\n  def down\n    # later\n  end\n", False),
        ("  def up\n    drop_table :a\n  end\n  def down; end\n", False),
        ("  def up\n    drop_table :a\n  end\n  def down = raise(ActiveRecord::IrreversibleMigration)\n", False),
        ("  def up\n    drop_table :a\n  end\n", False),
    ],
)
def test_a_way_back_does_something(body: str, expected: bool) -> None:
    assert goes_back(f"class A < ActiveRecord::Migration[7.1]\n{body}end\n") is expected

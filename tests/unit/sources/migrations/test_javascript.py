"""Which functions of JavaScript undo something."""

from __future__ import annotations

import pytest

from gonogo.model.value import Unknown
from gonogo.sources.migrations.javascript import function_of_module


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("exports.down = (knex) => knex.schema.dropTable('a');", True),
        ("exports.down = async (knex) => { await knex.raw(`DROP TABLE ${name}`) };", True),
        ("module.exports = { up, down };\nasync function down(db) { await db.query('delete from a'); }", True),
        ("export const down = async (knex) => { await gone(knex); };", True),
        ("exports.down = () => {};", False),
        ("exports.down = false;", False),
        ("exports.down = () => Promise.resolve();", False),
        ("exports.down = () => { throw new Error(why()); };", False),
        ("exports.down = (knex) => { return; knex.schema.dropTable('a'); };", False),
        ("exports.down = (knex) => knex.raw('SELECT 1');", False),
        ("exports.up = (knex) => knex.schema.dropTable('a');", False),
    ],
)
def test_a_function_that_changes_nothing_undoes_nothing(source: str, expected: bool) -> None:
    assert function_of_module("a.js", source, "down") is expected


@pytest.mark.parametrize("source", ["exports.down = require('./other').down;", "exports.down = (", "a" * 1_100_000])
def test_what_is_written_elsewhere_is_not_known(source: str) -> None:
    assert isinstance(function_of_module("a.js", source, "down"), Unknown)

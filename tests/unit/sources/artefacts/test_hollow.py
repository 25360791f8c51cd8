"""Which fields of a record say nothing of a drill that was held."""

from __future__ import annotations

import pytest

from gonogo.sources.artefacts.hollow import hollow
from gonogo.sources.artefacts.table import load_table


@pytest.mark.parametrize("text", ["TBD", "TODO", "todo: who?", "N/A", "??", "--", "<name>", "[instance]", "{{ subject }}", "xxx", "미정", "Placeholder."])
def test_a_field_that_was_never_filled_in(text: str) -> None:
    assert "never filled in" in hollow("by", text, load_table().hollow)


@pytest.mark.parametrize("text", ["planned for next month", "orders-db (to be tested)", "Not yet done", "주문 DB, 다음 달 예정", "scheduled for Friday"])
def test_a_drill_that_is_yet_to_come(text: str) -> None:
    assert "yet to come" in hollow("subject", text, load_table().hollow)


@pytest.mark.parametrize(
    "text", ["orders-db, backup 1732060800", "kim@example.com", "the scheduled nightly backup of orders-db", "planned failover of eu-west1", "todos-db", "Tod O'Neil", "주문 DB"]
)
def test_a_record_of_what_was_done(text: str) -> None:
    assert hollow("subject", text, load_table().hollow) == ""

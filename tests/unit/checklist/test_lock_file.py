"""The lock file is written by lines: what nobody touched stays byte for byte, and what is written is read back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.checklist import ChecklistError
from gonogo.checklist.lock import Entry, read_lock
from gonogo.checklist.lock_file import rewritten
from gonogo.data import data_directory
from gonogo.formats.yaml_reader import read_yaml

KNOWN: dict[str, dict[str, str]] = {"waf": {}, "hsts": {}, "documentation-file": {"file": "string"}, "latency-p95": {"below": "double"}}
ENTRY = Entry("0123456789ab", 0, "a" * 64, "WAF", ("S",), ("waf",), decided_by="kim", on="2025-11-03", source="alias")
OTHER = replace(ENTRY, id="ba9876543210", controls=("hsts",), reviewed=False)
WRITTEN = """# ours
schema: gonogo.map/v1
items:
  # the firewall
  0123456789ab: {text: WAF,  sha256: AAAA, controls: [waf],
    decided_by: kim, on: 2025-11-03}   # agreed
  111111111111:
    sha256: BBBB
    manual: true
    reason: |
      because
      of that
    decided_by: lee
    on: 2025-11-04
# the end
""".replace("AAAA", "a" * 64).replace("BBBB", "b" * 64)


def read(tmp_path: Path, text: str) -> dict[str, Entry]:
    path = tmp_path / "map.yaml"
    path.write_bytes(text.encode())
    return dict(read_lock(path, KNOWN).entries)


def test_a_new_file_is_what_its_schema_says(tmp_path: Path) -> None:
    files = replace(OTHER, controls=("documentation-file",), parameters={"file": ["A.md", "B: c.md"]})
    text = rewritten("", "map.yaml", {ENTRY.id: ENTRY, files.id: files}, frozenset())
    value = read_yaml("map.yaml", text).documents[0].value
    schema = json.loads((data_directory("schemas") / "map.v1.json").read_text("utf-8"))
    assert [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(value)] == []
    entries = read(tmp_path, text)
    assert entries[ENTRY.id] == replace(ENTRY, line=5)
    assert entries[files.id].parameters == {"file": ["A.md", "B: c.md"]}
    assert not entries[files.id].reviewed


def test_what_is_added_leaves_the_rest_byte_for_byte(tmp_path: Path) -> None:
    text = rewritten(WRITTEN, "map.yaml", {OTHER.id: OTHER}, frozenset())
    assert text.replace(rewritten("", "x", {OTHER.id: OTHER}, frozenset()).split("items:\n")[1], "") == WRITTEN
    assert list(read(tmp_path, text)) == ["0123456789ab", "111111111111", OTHER.id]


def test_what_is_taken_out_is_taken_out_whole(tmp_path: Path) -> None:
    text = rewritten(WRITTEN, "map.yaml", {}, frozenset({"111111111111"}))
    assert text == WRITTEN[: WRITTEN.index("  111111111111")] + "# the end\n"
    first = rewritten(WRITTEN, "map.yaml", {}, frozenset({"0123456789ab"}))
    assert "# the firewall\n  111111111111:" in first
    none = rewritten(WRITTEN, "map.yaml", {}, frozenset({"0123456789ab", "111111111111"}))
    assert read(tmp_path, none) == {}
    assert list(read(tmp_path, rewritten(none, "map.yaml", {OTHER.id: OTHER}, frozenset()))) == [OTHER.id]


def test_what_is_reviewed_is_written_in_its_place(tmp_path: Path) -> None:
    text = rewritten(WRITTEN, "map.yaml", {ENTRY.id: replace(ENTRY, decided_by="lee")}, frozenset())
    assert read(tmp_path, text)[ENTRY.id].decided_by == "lee"
    assert text.endswith(WRITTEN[WRITTEN.index("  111111111111") :])


def test_line_ends_are_those_of_the_file(tmp_path: Path) -> None:
    text = rewritten(WRITTEN.replace("\n", "\r\n"), "map.yaml", {OTHER.id: OTHER}, frozenset())
    assert text.count("\n") == text.count("\r\n")
    assert len(read(tmp_path, text)) == 3


def test_a_file_without_its_last_line_end_is_ended() -> None:
    cut = WRITTEN[: WRITTEN.index("# the end") - 1]
    assert "on: 2025-11-04\n  ba9876543210:" in rewritten(cut, "map.yaml", {OTHER.id: OTHER}, frozenset())


@pytest.mark.parametrize(
    ("text", "message"),
    [("schema: gonogo.map/v1\n", "has no items to add to"), ("schema: gonogo.map/v1\nitems: {a: {}}\n", "map.yaml:2: the items are written in braces")],
)
def test_a_file_that_cannot_be_added_to_says_what_to_do(text: str, message: str) -> None:
    with pytest.raises(ChecklistError, match=message):
        rewritten(text, "map.yaml", {OTHER.id: OTHER}, frozenset())


@given(st.text(max_size=40), st.text(max_size=20))
def test_whatever_an_item_says_is_read_back(text: str, name: str) -> None:
    made = rewritten("", "map.yaml", {ENTRY.id: replace(ENTRY, text=text, section=(name,))}, frozenset())
    value = read_yaml("map.yaml", made).documents[0].value
    assert isinstance(value, dict)
    row = value["items"][ENTRY.id]
    assert (row["text"], row["section"]) == (text, [name])

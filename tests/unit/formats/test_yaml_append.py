"""An entry more at the end of a list, and every other byte as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.formats.yaml_append import AppendError, appended
from gonogo.formats.yaml_reader import read_yaml

ENTRY = {"control": "c", "expires": "2027-01-01"}


def entries(text: str) -> object:
    (document,) = read_yaml("f", text).documents
    assert isinstance(document.value, dict)
    return document.value["entries"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("entries: []\n", 'entries:\n  - control: "c"\n    expires: 2027-01-01\n'),
        ("entries: [] # none yet\n# end\n", 'entries: # none yet\n  - control: "c"\n    expires: 2027-01-01\n# end\n'),
        ("# top\nentries:\n- a: 1 # why\n", '# top\nentries:\n- a: 1 # why\n- control: "c"\n  expires: 2027-01-01\n'),
        ("\ufeffentries:\n- a: 1\n", '\ufeffentries:\n- a: 1\n- control: "c"\n  expires: 2027-01-01\n'),
        ("entries:\n    - a: 1", 'entries:\n    - a: 1\n    - control: "c"\n      expires: 2027-01-01\n'),
        ("entries:\r\n  - a: 1\r\n\r\n# end\r\n", 'entries:\r\n  - a: 1\r\n  - control: "c"\r\n    expires: 2027-01-01\r\n\r\n# end\r\n'),
        ("entries:\n  - a: |\n      text\n\n  # about what follows\nschema: x\n", 'entries:\n  - a: |\n      text\n\n  - control: "c"\n    expires: 2027-01-01\n  # about what follows\nschema: x\n'),
        ("entries:\n  - {a: 1,\n     b: 2}\nschema: x\n", 'entries:\n  - {a: 1,\n     b: 2}\n  - control: "c"\n    expires: 2027-01-01\nschema: x\n'),
        ("entries:\n  - a:\n      - b\n      - [c, d]\n", 'entries:\n  - a:\n      - b\n      - [c, d]\n  - control: "c"\n    expires: 2027-01-01\n'),
    ],
)
def test_the_rest_keeps_its_bytes(before: str, after: str) -> None:
    assert appended(before, "entries", ENTRY) == after


@pytest.mark.parametrize(
    ("before", "message"),
    [
        ("entries: [{a: 1}]\n", "in \\[brackets\\]"),
        ("schema: x\n", "entries is no list"),
        ("- a\n", "entries is no list"),
        ("entries: {a: 1}\n", "entries is no list"),
        ("entries: [\n]\n", "over several lines"),
    ],
)
def test_what_is_written_otherwise_is_refused(before: str, message: str) -> None:
    with pytest.raises(AppendError, match=message):
        appended(before, "entries", ENTRY)


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.text(st.characters(exclude_categories=["Cs"]), max_size=20), min_size=1), max_size=3))
def test_any_text_comes_back(rows: list[dict[str, str]]) -> None:
    text = "# kept\nentries: []\n"
    for row in rows:
        text = appended(text, "entries", row)
    assert entries(text) == (rows if rows else [])
    assert text.startswith("# kept\n")

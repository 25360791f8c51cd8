"""What was written is read back as it was; anything else is refused in a sentence."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gonogo.model.assessment import Assessment
from gonogo.report.json_document import document
from gonogo.report.read_document import DocumentError, read_document
from property.assessments import assessments


@settings(deadline=None, max_examples=150)
@given(assessments())
def test_a_document_read_and_written_is_the_same(assessment: Assessment) -> None:
    written = document(assessment)
    assert document(read_document(json.dumps(written).encode())) == written


json_values = st.recursive(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3), max_leaves=5)  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(assessments(), st.data())
def test_whatever_stands_where_something_stood_is_read_or_refused(assessment: Assessment, data: st.DataObject) -> None:
    written = json.loads(json.dumps(document(assessment)))
    parents: list[tuple[Any, Any]] = []
    node: Any = written
    while isinstance(node, dict | list) and node and (not parents or data.draw(st.booleans())):
        key = data.draw(st.sampled_from(sorted(node))) if isinstance(node, dict) else data.draw(st.integers(0, len(node) - 1))
        parents.append((node, key))
        node = node[key]
    owner, key = parents[-1]
    owner[key] = data.draw(json_values)
    try:
        read = read_document(json.dumps(written).encode())
    except DocumentError as error:
        assert str(error).isprintable() and str(error)
    else:
        assert document(read)["schema"] == written["schema"]


@settings(deadline=None)
@given(st.binary(max_size=50))
def test_any_bytes_are_refused(content: bytes) -> None:
    try:
        read_document(content)
    except DocumentError as error:
        assert str(error).isprintable()
    else:
        raise AssertionError("no assessment is as short as that")

"""Whatever an assessment holds, each format is written, twice the same, and read by what it is for."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings

from gonogo.model.assessment import Assessment
from property.assessments import assessments
from reports import MODULES, rendered
from unit.report import readers

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff\ufffe\uffff]")


@pytest.mark.parametrize("name", sorted(set(MODULES) - {"json"}))
@settings(deadline=None, max_examples=60)
@given(assessments())
def test_any_assessment_is_written(name: str, assessment: Assessment) -> None:
    written = rendered(name, assessment)
    assert written == rendered(name, assessment)
    if name == "csv":
        readers.table(written)
    elif name == "github":
        readers.commands(written)
    elif name in ("markdown", "comment"):
        readers.html(written)
    elif name == "gitlab":
        entries = json.loads(written)
        assert len({e["fingerprint"] for e in entries}) == len(entries)
    elif name == "cyclonedx":
        readers.valid_cyclonedx(written)
    if name == "junit":
        assert not _CONTROL.search(written)

from __future__ import annotations

import json
from typing import Any

import pytest

from gonogo.report import read_document as module
from gonogo.report.read_document import DocumentError, read_document

CONTROL = {"id": "c", "title": "C", "severity": "high", "verdict": "violated", "by_origin": {}, "reasons": [], "findings": []}
LEAST: dict[str, Any] = {
    "schema": "gonogo.assessment/v1", "decision": "NO-GO", "summary": {"items": {}, "agreements": {}, "controls": {"violated": 1}, "gaps": 0},
    "items": [], "controls": [CONTROL], "findings": [], "gaps": [], "warnings": [], "inputs": {}, "versions": {"gonogo": "1"},
    "started": "2026-11-23T10:00:00Z", "finished": "2026-11-23T10:00:00Z",
}  # fmt: skip


def refused(content: bytes) -> str:
    with pytest.raises(DocumentError) as caught:
        read_document(content)
    assert str(caught.value).isprintable() and len(str(caught.value)) < 600
    return str(caught.value)


def changed(**more: object) -> bytes:
    return json.dumps({**LEAST, **more}).encode()


def test_the_least_document_is_read() -> None:
    assert read_document(b"\xef\xbb\xbf" + changed()).controls[0].id == "c"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe{}", "not UTF-8"),
        (b"{", "not JSON"),
        (b"[" * 200_000, "nested too deeply"),
        (b"1" * 10_000, "not JSON"),
        (b"NaN", "no number of JSON"),
        (b"null", "no assessment"),
        (b"[]", "no assessment"),
        (b'{"version": "2.1.0", "runs": []}', "no assessment"),
        (changed(schema="gonogo.assessment/v2"), "$.schema"),
        (changed(decision="PROBABLY"), "$.decision"),
        (changed(more=1), "'more' was unexpected"),
        (changed(items="\x1b[2J" * 500), "$.items"),
        (changed(controls=[{**CONTROL, "findings": ["0123456789abcdef"]}]), "rests on a finding that is not in it"),
        (changed(inputs={"fail_on": "sometimes"}), "$.inputs.fail_on"),
    ],
)
def test_what_is_none_is_refused_in_a_sentence(content: bytes, said: str) -> None:
    assert said in refused(content)


def test_a_document_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 100)
    assert "larger than" in refused(changed())


def test_one_fingerprint_is_one_finding() -> None:
    finding = {
        "fingerprint": "0123456789abcdef", "rule": "r", "control": "c", "verdict": "violated", "severity": "high", "message": "m",
        "subject": {"kind": "k", "name": "n", "origin": "live", "environment": ""}, "reasons": [], "evidence": [],
    }  # fmt: skip
    assert "two findings have one fingerprint" in refused(changed(findings=[finding, finding]))
    waived = {**finding, "waiver": {"reason": "r", "file": "f", "line": 1, "until": "soon"}}
    assert "soon is no date" in refused(changed(findings=[waived]))

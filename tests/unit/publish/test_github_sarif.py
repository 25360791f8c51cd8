"""What a SARIF says of its own run, and what is made of it."""

from __future__ import annotations

import base64
import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from gonogo.formats.sarif import SarifError, failures, read_sarif, shortfalls, uri
from gonogo.publish.errors import PublishError
from gonogo.publish.github_sarif import STALE, pack, with_category, with_known
from unit.publish.samples import log, result, run, sarif, written


def note(level: str | None, text: str = "no permission to list buckets") -> dict[str, Any]:
    return {"message": {"text": text}, **({"level": level} if level else {})}


@pytest.mark.parametrize(
    ("invocation", "failed", "short"),
    [
        ({"executionSuccessful": True}, [], []),
        ({}, [], []),
        ({"executionSuccessful": False}, ["executionSuccessful is false"], []),
        ({"executionSuccessful": False, "exitCodeDescription": "killed"}, ["executionSuccessful is false: killed"], []),
        ({"executionSuccessful": True, "toolExecutionNotifications": [note("error")]}, [], ["no permission to list buckets"]),
        ({"executionSuccessful": True, "toolConfigurationNotifications": [note("error", "")]}, [], ["a notification of level error"]),
        ({"executionSuccessful": True, "toolExecutionNotifications": [note("warning"), note("note"), note(None)]}, [], []),
        ({"toolExecutionNotifications": "none", "executionSuccessful": "no"}, [], []),
    ],
)
def test_how_a_run_says_that_it_failed_or_fell_short(invocation: dict[str, Any], failed: list[str], short: list[str], tmp_path: Path) -> None:
    (found,) = sarif(tmp_path, run(invocations=[invocation])).runs()
    assert (failures(found), shortfalls(found)) == (failed, short)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"version": "2.1.0"}', '{"version": "2.0.0", "runs": []}', "[" * 100_000, '"\\ud800"'])
def test_what_is_no_sarif_is_said(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.sarif").write_text(text)
    with pytest.raises(SarifError, match=r"x\.sarif: no "):
        read_sarif(tmp_path / "x.sarif")


@pytest.mark.parametrize("runs", [[1, None, "x"], [{"results": {}, "tool": [], "invocations": [None]}], [{"results": [1, {"locations": 3}]}]])
def test_nonsense_inside_is_no_crash(runs: list[Any], tmp_path: Path) -> None:
    found = read_sarif(written(tmp_path / "x.sarif", {"version": "2.1.0", "runs": runs}))
    assert [(failures(row), shortfalls(row)) for row in found.runs()] == [([], [])] * len(list(found.runs()))
    assert [uri(row) for row in found.results()] in ([], [""])


def test_a_file_is_packed_as_it_is_but_for_its_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "x.sarif"
    text = json.dumps(log(run(result())), indent=7)
    path.write_text(text, "utf-8-sig")
    assert gzip.decompress(base64.b64decode(pack(read_sarif(path)))).decode() == text
    assert pack(read_sarif(path)) == pack(read_sarif(path)), "no time of the day in it"


def test_a_file_that_github_would_not_take_is_not_sent(tmp_path: Path) -> None:
    big = sarif(tmp_path, run(result(message={"text": base64.b64encode(os.urandom(12 << 20)).decode()})))
    with pytest.raises(PublishError, match="compressed"):
        pack(big)


def test_a_category_is_set_on_every_run(tmp_path: Path) -> None:
    found = with_category(sarif(tmp_path, run(category="a/b"), run(name="other")), "gonogo/live/prod")
    assert [r["automationDetails"]["id"] for r in found.runs()] == ["gonogo/live/prod/"] * 2
    assert json.loads(found.text) == found.log


def line(value: str) -> dict[str, Any]:
    return {"partialFingerprints": {"primaryLocationLineHash": value}}


def test_a_partial_run_says_again_what_was_known(tmp_path: Path) -> None:
    fell_short = [{"executionSuccessful": True, "toolExecutionNotifications": [note("error")]}]
    now = sarif(tmp_path, run(result("a", **line("1:1")), rules=[{"id": "a"}], invocations=fell_short))
    (tmp_path / "then").mkdir()
    before = run(result("a", **line("1:1")), result(None, ruleIndex=1, **line("2:1")), rules=[{"id": "a"}, {"id": "b", "name": "B"}])  # type: ignore[arg-type]
    completed, added = with_known(now, sarif(tmp_path / "then", before))
    (found,) = completed.runs()
    assert added == 1
    assert [row["ruleId"] for row in found["results"]] == ["a", "b"]
    assert found["results"][1]["message"]["text"].endswith(STALE)
    assert "ruleIndex" not in found["results"][1]
    assert [rule["id"] for rule in found["tool"]["driver"]["rules"]] == ["a", "b"]
    again, added = with_known(now, completed)
    assert added == 1
    assert list(again.runs())[0]["results"][1]["message"]["text"].count(STALE) == 1
    assert len(list(now.results())) == 1, "what was read is not changed"


@pytest.mark.parametrize(
    ("known", "message"), [([run(name="trivy")], "an earlier run of the same tool"), ([run(), run()], "has 2 runs"), ([], "has 0 runs")]
)
def test_what_is_known_must_be_of_the_same_tool(known: list[dict[str, Any]], message: str, tmp_path: Path) -> None:
    (tmp_path / "then").mkdir()
    with pytest.raises(PublishError, match=message):
        with_known(sarif(tmp_path, run()), sarif(tmp_path / "then", *known))

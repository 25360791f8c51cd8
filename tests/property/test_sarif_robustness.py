"""SARIF as anybody may have written it costs no crash: any member of a good log may be anything."""

from __future__ import annotations

import copy
import json
import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gonogo.formats.sarif import Sarif, SarifError, failures, read_sarif, shortfalls
from gonogo.publish.errors import PublishError
from gonogo.publish.github_culprit import culprits
from gonogo.publish.github_sarif import pack, with_category, with_known
from gonogo.sources.scan_reports import ReportError, load_imports, read_scans

GOOD: dict[str, Any] = {
    "version": "2.1.0",
    "runs": [{
        "tool": {"driver": {"name": "CodeQL", "version": "2", "rules": [{"id": "R", "defaultConfiguration": {"level": "error"}, "properties": {"security-severity": "8.0"}}]},
                 "extensions": [{"name": "x", "rules": [{"id": "E"}]}]},
        "invocations": [{"executionSuccessful": True, "endTimeUtc": "2026-11-22T12:00:00Z", "toolExecutionNotifications": [{"level": "error", "message": {"text": "n"}}]}],
        "automationDetails": {"id": "a/"},
        "results": [{
            "ruleId": "R", "ruleIndex": 0, "rule": {"id": "R", "index": 0, "toolComponent": {"index": 0}}, "level": "error", "message": {"text": "m"},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a.tf"}, "region": {"startLine": 1}}}],
            "partialFingerprints": {"primaryLocationLineHash": "a:1"}, "suppressions": [{"status": "accepted"}], "kind": "fail", "properties": {"security-severity": 9},
        }],
        "properties": {"imageName": "a"},
    }],
}  # fmt: skip
ANYTHING = st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.floats(allow_nan=False), st.text(max_size=5), st.just([]), st.just({}), st.just([1, None, "x", {}]), st.just({"a": [{}]}))
ERRORS = ("expected at least one location", "expected a physical location", "expected artifact location", "invalid URI", "URI scheme", "security severity", "other")


def paths(value: object, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(path for key, member in below for path in paths(member, (*at, key)))]


PATHS = [path for path in paths(GOOD) if len(path) > 1]


@given(st.lists(st.tuples(st.sampled_from(PATHS), ANYTHING), min_size=1, max_size=3))
@settings(max_examples=300, deadline=None)
def test_any_member_may_be_anything(changes: list[tuple[tuple[str | int, ...], Any]]) -> None:
    document = json.loads(json.dumps(GOOD))
    for path, value in changes:
        owner: Any = document
        try:
            for step in path[:-1]:
                owner = owner[step]
            owner[path[-1]] = copy.deepcopy(value)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took it away
    with TemporaryDirectory() as directory:
        file = Path(directory) / "x.sarif"
        file.write_text(json.dumps(document))
        try:
            sarif = read_sarif(file)
        except SarifError:
            return
        use(sarif)
        try:
            found = read_scans(f"dast={file}", Path(directory), datetime(2026, 11, 23, tzinfo=UTC), timedelta(days=7), load_imports())
        except ReportError:
            return
        assert all(resource.attributes["control"] == "dast" for resource in found)


def use(sarif: Sarif) -> None:
    for run in sarif.runs():
        assert all(isinstance(reason, str) for reason in (*failures(run), *shortfalls(run)))
    for error in ERRORS:
        # A letter that this Python's Unicode does not know yet (Cn) is none that a terminal obeys; U+200D joins letters and emoji.
        obeyed = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
        assert all(unicodedata.category(c) not in obeyed or c == "\u200d" for name in culprits(error, sarif) for c in name)
    good = Sarif("good", GOOD, b"{}")
    for now, known in ((sarif, good), (good, sarif)):
        try:
            completed, added = with_known(now, known)
        except PublishError:
            continue
        assert added >= 0
        assert pack(with_category(completed, "a"))

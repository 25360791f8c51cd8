"""A SARIF file on its way to code scanning: read, asked whether its run was whole, completed from an earlier one, packed."""

from __future__ import annotations

import base64
import codecs
import gzip
import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gonogo.publish.errors import PublishError

MAX_BYTES = 256 * 1024 * 1024
MAX_PACKED = 10 * 1024 * 1024
"""GitHub takes 10 MB, compressed (docs: SARIF support for code scanning)."""
STALE = "Last seen by an earlier run; this one could not check it again."


@dataclass(frozen=True, slots=True)
class Sarif:
    """A SARIF log. `text` is what the file holds, for as long as nothing was changed."""

    file: str
    log: Mapping[str, Any]
    text: bytes

    def runs(self) -> Iterator[dict[str, Any]]:
        yield from members(self.log, "runs")

    def results(self) -> Iterator[dict[str, Any]]:
        """Every result that is an object, in order."""
        for run in self.runs():
            yield from members(run, "results")


def members(owner: Mapping[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """The objects of a list that may not be one."""
    found = owner.get(name)
    yield from (row for row in (found if isinstance(found, list) else ()) if isinstance(row, dict))


def read_sarif(path: Path) -> Sarif:
    """The log in a file. Raises `PublishError` where it is no SARIF 2.1.0."""
    try:
        with path.open("rb") as opened:
            text = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise PublishError(f"{path}: cannot be read: {error.strerror or error}", user=True) from error
    if len(text) > MAX_BYTES:
        raise PublishError(f"{path}: larger than {MAX_BYTES} bytes; GitHub takes 25,000 results", user=True)
    try:
        log = json.loads(text.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise PublishError(f"{path}: no JSON: {error}", user=True) from error
    if not isinstance(log, dict) or log.get("version") != "2.1.0" or not isinstance(log.get("runs"), list):
        raise PublishError(f"{path}: no SARIF 2.1.0 (`version` and `runs` are expected); gonogo scan -o sarif={path} writes one", user=True)
    return Sarif(str(path), log, text.removeprefix(codecs.BOM_UTF8))


def failures(sarif: Sarif) -> list[str]:
    """Why a run is said to have failed; nothing where it says that it succeeded, or says nothing."""
    return [
        "executionSuccessful is false" + (f": {row['exitCodeDescription']}" if isinstance(row.get("exitCodeDescription"), str) else "")
        for run in sarif.runs()
        for row in members(run, "invocations")
        if row.get("executionSuccessful") is False
    ]


def shortfalls(sarif: Sarif) -> list[str]:
    """What a run says it could not do: its notifications of level `error` (3.58.6; without a level it is a warning)."""
    return [
        _message(note) or "a notification of level error"
        for run in sarif.runs()
        for row in members(run, "invocations")
        for kind in ("toolExecutionNotifications", "toolConfigurationNotifications")
        for note in members(row, kind)
        if note.get("level") == "error"
    ]


def _message(row: Mapping[str, Any]) -> str:
    message = row.get("message")
    text = message.get("text") if isinstance(message, dict) else None
    return text if isinstance(text, str) else ""


def with_category(sarif: Sarif, category: str) -> Sarif:
    """The log with this category on every run; `automationDetails.id` is category and run id, parted by the last slash."""
    log = deepcopy(dict(sarif.log))
    for run in Sarif("", log, b"").runs():
        details = run.get("automationDetails")
        run["automationDetails"] = {**(details if isinstance(details, dict) else {}), "id": category.rstrip("/") + "/"}
    return _changed(sarif, log)


def with_known(sarif: Sarif, known: Sarif) -> tuple[Sarif, int]:
    """The log of a partial run, with what an earlier run found and this one did not, marked; and how many those are.

    GitHub takes what an upload lacks for fixed. Of a partial run it may only be out of sight, so it is said again. Raises
    `PublishError` where the two are not one run of one tool each.
    """
    log = deepcopy(dict(sarif.log))
    now, then = _only_run(replace(sarif, log=log)), _only_run(known)
    if _tool(now).get("name") != _tool(then).get("name"):
        raise PublishError(f"{known.file} is of {_tool(then).get('name')}, {sarif.file} of {_tool(now).get('name')}: give an earlier run of the same tool", user=True)
    seen = {identity(result, now) for result in members(now, "results")}
    rules = _tool(now).setdefault("rules", [])
    described = {rule.get("id") for rule in members(_tool(now), "rules")}
    before = {rule.get("id"): rule for rule in members(_tool(then), "rules")}
    added = 0
    for result in members(then, "results"):
        key = identity(result, then)
        if key in seen:
            continue
        seen.add(key)
        rule = rule_id(result, then)
        if rule in before and rule not in described:
            described.add(rule)
            rules.append(before[rule])
        kept = {name: value for name, value in result.items() if name not in ("ruleIndex", "rule")}
        text = _message(result)
        now.setdefault("results", []).append({**kept, "ruleId": rule, "message": {"text": text if STALE in text else f"{text} {STALE}".strip()}})
        added += 1
    for row in members(now, "invocations"):
        row["executionSuccessful"] = True  # else GitHub leaves the alerts as they were, and the new findings out
    return _changed(sarif, log), added


def _only_run(sarif: Sarif) -> dict[str, Any]:
    runs = list(sarif.runs())
    if len(runs) != 1:
        raise PublishError(f"{sarif.file} has {len(runs)} runs; what is known is completed for one", user=True)
    return runs[0]


def _tool(run: Mapping[str, Any]) -> dict[str, Any]:
    tool = run.get("tool")
    driver = tool.get("driver") if isinstance(tool, dict) else None
    return driver if isinstance(driver, dict) else {}


def rule_id(result: Mapping[str, Any], run: Mapping[str, Any]) -> str:
    """The id of a result's rule, by any of the three ways to name it (3.27.5 to 3.27.7)."""
    rule = result.get("rule")
    reference = rule if isinstance(rule, dict) else {}
    for value in (result.get("ruleId"), reference.get("id")):
        if isinstance(value, str):
            return value
    index = result.get("ruleIndex", reference.get("index"))
    rules = list(members(_tool(run), "rules"))
    found = rules[index].get("id") if isinstance(index, int) and 0 <= index < len(rules) else ""
    return found if isinstance(found, str) else ""


def identity(result: Mapping[str, Any], run: Mapping[str, Any]) -> tuple[str, str, str]:
    """What GitHub tells alerts apart by: the rule, the file, the hash of the line (else what is said of it)."""
    prints = result.get("partialFingerprints")
    line = prints.get("primaryLocationLineHash") if isinstance(prints, dict) else None
    return rule_id(result, run), uri(result), line if isinstance(line, str) else _message(result).replace(STALE, "").strip()


def uri(result: Mapping[str, Any]) -> str:
    """The URI of a result's first location, empty where it has none."""
    value: object = next(members(result, "locations"), {})
    for step in ("physicalLocation", "artifactLocation", "uri"):
        value = value.get(step) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def _changed(sarif: Sarif, log: Mapping[str, Any]) -> Sarif:
    return replace(sarif, log=log, text=json.dumps(log, separators=(",", ":")).encode("ascii"))


def pack(sarif: Sarif) -> str:
    """gzip, then base64 without line breaks, as the API wants it. Raises `PublishError` where GitHub would not take it."""
    packed = gzip.compress(sarif.text, mtime=0)
    if len(packed) > MAX_PACKED:
        raise PublishError(f"{sarif.file}: {len(packed)} bytes compressed, and GitHub takes {MAX_PACKED}; narrow the scan or give a severity", user=True)
    return base64.b64encode(packed).decode("ascii")

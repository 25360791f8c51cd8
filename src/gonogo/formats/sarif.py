"""SARIF 2.1.0 as anybody may have written it: read within bounds, with no member taken for granted.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html; numbers in parentheses are its sections.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 100
"""How deep a log may be nested: what is read is copied and written again. The format itself asks for some twenty."""


class SarifError(Exception):
    """A file that is no SARIF log; the message is one sentence that says what to do."""


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
    """The log in a file. Raises `SarifError` where it is no SARIF 2.1.0."""
    try:
        with path.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise SarifError(f"{path}: cannot be read: {error.strerror or error}") from error
    if len(content) > MAX_BYTES:
        raise SarifError(f"{path}: larger than {MAX_BYTES} bytes; GitHub takes 25,000 results")
    try:
        log = json.loads(content.decode("utf-8-sig"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise SarifError(f"{path}: no JSON: {error}") from error
    if not isinstance(log, dict) or log.get("version") != "2.1.0" or not isinstance(log.get("runs"), list):
        raise SarifError(f"{path}: no SARIF 2.1.0: `version` and `runs` are expected")
    if _deeper(log, MAX_DEPTH):
        raise SarifError(f"{path}: nested more than {MAX_DEPTH} deep, which no SARIF needs")
    return Sarif(str(path), log, content.removeprefix(codecs.BOM_UTF8))


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is no number of JSON")


def _deeper(document: object, most: int) -> bool:
    level = [document]
    for _ in range(most):
        below = [node.values() if isinstance(node, dict) else node for node in level if isinstance(node, dict | list)]
        level = [child for children in below for child in children if isinstance(child, dict | list)]
        if not level:
            return False
    return True


def failures(run: Mapping[str, Any]) -> list[str]:
    """Why a run is said to have failed; nothing where it says that it succeeded, or says nothing."""
    return [
        "executionSuccessful is false" + (f": {row['exitCodeDescription']}" if isinstance(row.get("exitCodeDescription"), str) else "")
        for row in members(run, "invocations")
        if row.get("executionSuccessful") is False
    ]


def shortfalls(run: Mapping[str, Any]) -> list[str]:
    """What a run says it could not do: its notifications of level `error` (3.58.6; without a level it is a warning)."""
    return [
        message(note) or "a notification of level error"
        for row in members(run, "invocations")
        for kind in ("toolExecutionNotifications", "toolConfigurationNotifications")
        for note in members(row, kind)
        if note.get("level") == "error"
    ]


def message(row: Mapping[str, Any]) -> str:
    """The plain text of a result or a notification, empty where it has none."""
    return text(part(row, "message"), "text")


def driver(run: Mapping[str, Any]) -> dict[str, Any]:
    """The tool's own component, empty where there is none."""
    return part(part(run, "tool"), "driver")


def part(owner: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A member that is an object, else an empty one."""
    found = owner.get(name)
    return found if isinstance(found, dict) else {}


def text(owner: Mapping[str, Any], name: str) -> str:
    """A member that is a text, else an empty one."""
    found = owner.get(name)
    return found if isinstance(found, str) else ""


def rule_of(result: Mapping[str, Any], run: Mapping[str, Any]) -> dict[str, Any]:
    """The description of a result's rule, in the driver or in an extension (3.27.5 to 3.27.7); empty where there is none."""
    reference = part(result, "rule")
    extensions = list(members(part(run, "tool"), "extensions"))
    at = part(reference, "toolComponent").get("index")
    rules = list(members(extensions[at] if isinstance(at, int) and 0 <= at < len(extensions) else driver(run), "rules"))
    index = result.get("ruleIndex", reference.get("index"))
    if isinstance(index, int) and 0 <= index < len(rules):
        return rules[index]
    # `CA2101/1` is a case of `CA2101` (3.52.4).
    wanted = text(result, "ruleId") or text(reference, "id")
    found = {text(rule, "id"): rule for component in (*extensions, driver(run)) for rule in members(component, "rules")}
    while wanted and wanted not in found:
        wanted = wanted.rpartition("/")[0]
    return found.get(wanted, {})


def rule_id(result: Mapping[str, Any], run: Mapping[str, Any]) -> str:
    """The id of a result's rule, by any of the three ways to name it."""
    return text(result, "ruleId") or text(part(result, "rule"), "id") or text(rule_of(result, run), "id")


def uri(result: Mapping[str, Any]) -> str:
    """The URI of a result's first location, empty where it has none."""
    place = next(members(result, "locations"), {})
    return text(part(part(place, "physicalLocation"), "artifactLocation"), "uri")

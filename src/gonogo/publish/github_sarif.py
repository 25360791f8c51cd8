"""A SARIF file on its way to code scanning: given a category, completed from an earlier one, packed."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from gonogo.formats.sarif import Sarif, driver, members, message, part, rule_id, rule_of, text, uri
from gonogo.publish.errors import PublishError

MAX_PACKED = 10 * 1024 * 1024
"""GitHub takes 10 MB, compressed (docs: SARIF support for code scanning)."""
STALE = "Last seen by an earlier run; this one could not check it again."


def with_category(sarif: Sarif, category: str) -> Sarif:
    """The log with this category on every run; `automationDetails.id` is category and run id, parted by the last slash."""
    log = deepcopy(dict(sarif.log))
    for run in Sarif("", log, b"").runs():
        run["automationDetails"] = {**part(run, "automationDetails"), "id": category.rstrip("/") + "/"}
    return _changed(sarif, log)


def with_known(sarif: Sarif, known: Sarif) -> tuple[Sarif, int]:
    """The log of a partial run, with what an earlier run found and this one did not, marked; and how many those are.

    GitHub takes what an upload lacks for fixed. Of a partial run it may only be out of sight, so it is said again. Raises
    `PublishError` where the two are not one run of one tool each.
    """
    log = deepcopy(dict(sarif.log))
    now, then = _only_run(replace(sarif, log=log)), _only_run(known)
    if driver(now).get("name") != driver(then).get("name"):
        raise PublishError(f"{known.file} is of {driver(then).get('name')}, {sarif.file} of {driver(now).get('name')}: give an earlier run of the same tool", user=True)
    results, rules = list(members(now, "results")), list(members(driver(now), "rules"))
    seen = {identity(result, now) for result in results}
    described = {text(rule, "id") for rule in rules}
    before = len(results)
    for result in members(then, "results"):
        key, about = identity(result, then), rule_of(result, then)
        if key in seen:
            continue
        seen.add(key)
        if about and text(about, "id") not in described:
            described.add(text(about, "id"))
            rules.append(about)
        kept = {name: value for name, value in result.items() if name not in ("ruleIndex", "rule")}
        said = message(result)
        results.append({**kept, "ruleId": rule_id(result, then), "message": {"text": said if STALE in said else f"{said} {STALE}".strip()}})
    now["results"] = results
    driver(now)["rules"] = rules
    return _changed(sarif, log), len(results) - before


def _only_run(sarif: Sarif) -> dict[str, Any]:
    runs = list(sarif.runs())
    if len(runs) != 1:
        raise PublishError(f"{sarif.file} has {len(runs)} runs; what is known is completed for one", user=True)
    return runs[0]


def identity(result: Mapping[str, Any], run: Mapping[str, Any]) -> tuple[str, str, str]:
    """What GitHub tells alerts apart by: the rule, the file, the hash of the line (else what is said of it)."""
    line = text(part(result, "partialFingerprints"), "primaryLocationLineHash")
    return rule_id(result, run), uri(result), line or message(result).replace(STALE, "").strip()


def _changed(sarif: Sarif, log: Mapping[str, Any]) -> Sarif:
    return replace(sarif, log=log, text=json.dumps(log, separators=(",", ":")).encode("ascii"))


def pack(sarif: Sarif) -> str:
    """gzip, then base64 without line breaks, as the API wants it. Raises `PublishError` where GitHub would not take it."""
    packed = gzip.compress(sarif.text, mtime=0)
    if len(packed) > MAX_PACKED:
        raise PublishError(f"{sarif.file}: {len(packed)} bytes compressed, and GitHub takes {MAX_PACKED}; narrow the scan or give a severity", user=True)
    return base64.b64encode(packed).decode("ascii")

"""What code scanning says of a SARIF, in its own words as issues quote them (github/codeql-action #390, #754, #1316, #2456, #3051)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

MAX_RUNS = 20


def refused(sarif: dict[str, Any]) -> str:
    """Why an upload is refused at once, with 422; empty where it is taken."""
    return "Invalid request.\n\nNo subschema in \"anyOf\" matched.\n1 item required; only 0 were supplied." if not sarif["runs"] else ""


def errors(sarif: dict[str, Any], checkout_uri: str = "") -> list[str]:
    """The errors of processing; none where it is complete."""
    runs = sarif["runs"]
    if len(runs) > MAX_RUNS:
        return [f"rejecting SARIF, as there are more runs than allowed ({len(runs)} > {MAX_RUNS})"]
    keys = [(r["tool"]["driver"]["name"], r.get("automationDetails", {}).get("id", "")) for r in runs]
    if len(set(keys)) < len(keys):
        return ["A delivery cannot contain multiple runs with the same category"]
    found: list[str] = []
    for run in runs:
        if any(i.get("executionSuccessful") is False for i in run.get("invocations", [])):
            return ["unsuccessful execution"]
        found += dict.fromkeys(_rules(run))
        found += dict.fromkeys(error for result in run["results"] for error in _result(result, checkout_uri))
    return found


def _rules(run: dict[str, Any]) -> Iterator[str]:
    for rule in run["tool"]["driver"].get("rules", []):
        value = rule.get("properties", {}).get("security-severity")
        if value is not None and not (isinstance(value, str) and re.fullmatch(r"[0-9.]+", value)):
            yield "could not convert rules: invalid security severity value, is not a number"
        if rule["id"].startswith("exploding-"):
            yield "rejecting delivery as the repository has too many logical alerts"


def _result(result: dict[str, Any], checkout_uri: str) -> Iterator[str]:
    locations = result.get("locations") or []
    if not locations:
        yield "locationFromSarifResult: expected at least one location"
        return
    physical = locations[0].get("physicalLocation")
    if not physical:
        yield "locationFromSarifResult: expected a physical location"
        return
    uri = physical.get("artifactLocation", {}).get("uri")
    if not uri:
        yield "locationFromSarifResult: expected artifact location"
        return
    if " " in uri or "\\" in uri:
        yield "an invalid URI was provided as a SARIF location"
        return
    scheme, checkout = urlsplit(uri).scheme, urlsplit(checkout_uri).scheme
    if scheme and checkout and scheme != checkout:
        yield f'SARIF URI scheme "{scheme}" did not match the checkout URI scheme "{checkout}"'
    elif scheme and scheme != checkout:
        yield "unrecognized SARIF location URI scheme"

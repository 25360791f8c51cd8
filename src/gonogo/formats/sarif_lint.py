"""What GitHub code scanning would refuse, cut or misread in a SARIF log, most of which the public validators do not tell.

The rules are those of its documentation (`SARIF support for code scanning`) and of issues of github/codeql-action, which are
cited where a rule comes from one; Microsoft's multitool and the JSON schema of SARIF say the rest.
"""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from urllib.parse import unquote

from gonogo.formats.sarif import Sarif, driver, members, part, text

MAX_RUNS, MAX_RESULTS, KEPT_RESULTS, MAX_RULES = 20, 25_000, 5_000, 25_000
MAX_LOCATIONS, MAX_TAGS, KEPT_TAGS = 1_000, 20, 10
MAX_NAME, MAX_DESCRIPTION = 255, 1_024
MAX_PACKED = 10 * 1024 * 1024
MAX_EACH = 100
"""So many flaws of one kind are told: 25,000 missing fingerprints must not hide the one result that loses the upload."""
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_LEVELS = ("none", "note", "warning", "error")


class Weight(StrEnum):
    """What is refused loses the whole upload, an error an alert or the truth, a warning comfort."""

    REFUSED = "refused"
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing wrong, at a JSON pointer (RFC 6901); the message says what it does and what to do."""

    rule: str
    weight: Weight
    pointer: str
    message: str


def lint(sarif: Sarif) -> list[Flaw]:
    """The flaws of a log, in the order of the file; of one kind at most `MAX_EACH`, and last how many more there are."""
    found: list[Flaw] = []
    last: dict[str, Flaw] = {}
    counts: Counter[str] = Counter()
    for flaw in _log(sarif):
        counts[flaw.rule] += 1
        last[flaw.rule] = flaw
        if counts[flaw.rule] <= MAX_EACH:
            found.append(flaw)
    more = [replace(last[rule], message=f"the last of {count - MAX_EACH} more: {last[rule].message}") for rule, count in counts.items() if count > MAX_EACH]
    return [*found, *more]


def _log(sarif: Sarif) -> Iterator[Flaw]:
    log = sarif.log
    if not text(log, "$schema"):
        yield _warning("schema-missing", "/$schema", "$schema is not given; GitHub asks for it: https://json.schemastore.org/sarif-2.1.0.json")
    runs = log.get("runs")
    runs = runs if isinstance(runs, list) else []
    if not runs:
        yield _refused("no-runs", "/runs", "there is no run: GitHub refuses the file; a run without results says that nothing was found")
    if len(runs) > MAX_RUNS:
        yield _refused("too-many-runs", "/runs", f"{len(runs)} runs; GitHub takes {MAX_RUNS}: merge those of one tool, or upload several files")
    yield from _equal_runs(runs)
    for at, run in enumerate(runs):
        pointer = f"/runs/{at}"
        if isinstance(run, dict):
            yield from _run(run, pointer)
        else:
            yield _refused("no-object", pointer, "a run is an object")
    size = len(gzip.compress(sarif.text, compresslevel=6, mtime=0)) if len(sarif.text) > MAX_PACKED // 2 else 0
    if size > MAX_PACKED:
        yield _refused("too-large", "", f"{size} bytes compressed; GitHub takes {MAX_PACKED}: report the worst, with fewer code flows and shorter texts")


def _equal_runs(runs: list[Any]) -> Iterator[Flaw]:
    """GitHub has one analysis of a tool and a category for each commit (codeql-action#3051)."""
    seen: dict[tuple[object, ...], int] = {}
    for at, run in enumerate(runs):
        if isinstance(run, dict):
            about = driver(run)
            key = (*(str(about.get(name)) for name in ("name", "fullName", "version", "semanticVersion", "guid")), text(part(run, "automationDetails"), "id"))
            if key in seen:
                yield _refused("equal-runs", f"/runs/{at}", f"the same tool and category as /runs/{seen[key]}: GitHub refuses the file; merge them, or give each an automationDetails.id")
            seen.setdefault(key, at)


def _run(run: dict[str, Any], pointer: str) -> Iterator[Flaw]:
    if not text(driver(run), "name"):
        yield _refused("no-tool", f"{pointer}/tool/driver/name", "tool.driver.name is not given: name the tool")
    if "/" not in text(part(run, "automationDetails"), "id"):
        yield _warning("no-category", f"{pointer}/automationDetails/id", "no category (`name/`): another upload of the tool replaces this one; give automationDetails.id")
    if run.get("columnKind") == "unicodeCodePoints":
        yield _warning("column-kind", f"{pointer}/columnKind", "GitHub and the multitool count columns in UTF-16 code units whatever is said here: count so, and say utf16CodeUnits")
    for at, row in enumerate(members(run, "invocations")):
        if row.get("executionSuccessful") is False:  # codeql-action#1316
            yield _error("unsuccessful", f"{pointer}/invocations/{at}/executionSuccessful", "GitHub answers `unsuccessful execution` and leaves its alerts as they were; findings are no failed execution: say true, and what went wrong in notifications")
    results = run.get("results")
    if not isinstance(results, list):
        yield _refused("no-results", f"{pointer}/results", "results is not given: write an empty list where nothing was found")
        results = []
    if len(results) > MAX_RESULTS:
        yield _refused("too-many-results", f"{pointer}/results", f"{len(results)} results; GitHub takes {MAX_RESULTS}: keep the worst")
    elif len(results) > KEPT_RESULTS:
        yield _warning("many-results", f"{pointer}/results", f"{len(results)} results; GitHub keeps the {KEPT_RESULTS} of the highest severity")
    components = [("tool/driver", driver(run)), *((f"tool/extensions/{at}", row) for at, row in enumerate(members(part(run, "tool"), "extensions")))]
    for where, component in components:
        rules = list(members(component, "rules"))
        if len(rules) > MAX_RULES:
            yield _refused("too-many-rules", f"{pointer}/{where}/rules", f"{len(rules)} rules; GitHub takes {MAX_RULES}: describe those that results name")
        twice = [name for name, count in Counter(text(rule, "id") for rule in rules).items() if count > 1 and name]
        if twice:
            yield _error("rule-twice", f"{pointer}/{where}/rules", f"{twice[0]} is described twice: describe each rule once")
        for at, rule in enumerate(rules):
            yield from _rule(rule, f"{pointer}/{where}/rules/{at}")
    described = len(list(members(driver(run), "rules")))
    for at, result in enumerate(results):
        where = f"{pointer}/results/{at}"
        if isinstance(result, dict):
            for check in _RESULT_CHECKS:
                yield from check(result, where)
            index = result.get("ruleIndex")
            if isinstance(index, int) and not isinstance(index, bool) and index >= described and not part(result, "rule"):
                yield _error("rule-index", f"{where}/ruleIndex", f"there is no rule {index}; the tool describes {described}: point to one of them, or give ruleId alone")
        else:
            yield _refused("no-object", where, "a result is an object")


def _rule(rule: dict[str, Any], pointer: str) -> Iterator[Flaw]:
    if not text(rule, "id"):
        yield _error("no-rule-id", f"{pointer}/id", "a rule has an id: give one that does not change")
    if len(text(rule, "name")) > MAX_NAME:
        yield _error("long-name", f"{pointer}/name", f"the name has {len(text(rule, 'name'))} characters; GitHub takes {MAX_NAME}: shorten it")
    for name in ("shortDescription", "fullDescription"):
        told = text(part(rule, name), "text")
        if not told:
            yield _warning("no-description", f"{pointer}/{name}", f"{name}.text is not given; GitHub shows it as the title and the text of the alert")
        elif len(told) > MAX_DESCRIPTION:
            yield _error("long-description", f"{pointer}/{name}/text", f"{len(told)} characters; GitHub takes {MAX_DESCRIPTION}: shorten it")
    if not text(part(rule, "help"), "text"):
        yield _warning("no-help", f"{pointer}/help", "help.text is not given; helpUri is not shown by GitHub, so put the link there")
    properties = part(rule, "properties")
    tags = properties.get("tags")
    if isinstance(tags, list) and len(tags) > MAX_TAGS:
        yield _refused("too-many-tags", f"{pointer}/properties/tags", f"{len(tags)} tags; GitHub takes {MAX_TAGS} and keeps {KEPT_TAGS}: leave some out")
    if "security-severity" in properties:
        yield from _security_severity(properties["security-severity"], f"{pointer}/properties/security-severity")


def _security_severity(value: object, pointer: str) -> Iterator[Flaw]:
    number = re.fullmatch(r"\d{1,2}(?:\.\d+)?", value) if isinstance(value, str) else None
    if number is None:
        yield _refused("security-severity", pointer, 'security-severity is a number as a text, "8.0": GitHub refuses the file')
    elif not 0 < float(number[0]) <= 10:
        yield _warning("security-severity-range", pointer, f"{number[0]} is not above 0 and at most 10: GitHub shows no severity; give one, or leave it out")


def _kind(result: dict[str, Any], pointer: str) -> Iterator[Flaw]:
    if result.get("kind", "fail") != "fail":
        yield _error("kind", f"{pointer}/kind", f"GitHub ignores `kind` and shows this `{str(result['kind'])[:40]}` as an open alert; leave the result out")
    if result.get("level", "warning") not in _LEVELS:
        yield _error("level", f"{pointer}/level", f"level is one of {', '.join(_LEVELS)}")


def _suppressions(result: dict[str, Any], pointer: str) -> Iterator[Flaw]:
    if result.get("suppressions"):  # codeql-action#1230
        yield _error("suppressed", f"{pointer}/suppressions", "GitHub ignores suppressions and shows this as an open alert; leave the result out")


def _message(result: dict[str, Any], pointer: str) -> Iterator[Flaw]:
    message = part(result, "message")
    if not text(message, "text") and not text(message, "id"):
        yield _error("no-message", f"{pointer}/message/text", "message.text is not given; it is the title of the alert: give one")


def _rule_reference(result: dict[str, Any], pointer: str) -> Iterator[Flaw]:
    if not text(result, "ruleId") and "ruleIndex" not in result and not part(result, "rule"):
        yield _error("no-rule", pointer, "neither ruleId, ruleIndex nor rule says which rule this is of: give ruleId")


def _fingerprint(result: dict[str, Any], pointer: str) -> Iterator[Flaw]:
    if not text(part(result, "partialFingerprints"), "primaryLocationLineHash"):
        yield _warning("no-fingerprint", f"{pointer}/partialFingerprints", "no primaryLocationLineHash: uploaded by the API, the alert is another one whenever its line moves; give it, or upload with github/codeql-action, which adds it")


def _locations(result: dict[str, Any], pointer: str) -> Iterator[Flaw]:
    where = f"{pointer}/locations"
    found = result.get("locations")
    if not isinstance(found, list) or not found:  # codeql-action#1738
        yield _refused("no-location", where, "no location: GitHub refuses the whole file; name the file that somebody would open, or leave the result out")
        return
    if len(found) > MAX_LOCATIONS:
        yield _error("too-many-locations", where, f"{len(found)} locations; GitHub takes {MAX_LOCATIONS} and uses the first: leave the others out")
    physical = part(found[0], "physicalLocation") if isinstance(found[0], dict) else {}
    if not physical:
        yield _refused("no-physical-location", f"{where}/0", "a logical location alone: GitHub expects a physical location, and refuses the file; add the path of a file of the repository")
        return
    uri = part(physical, "artifactLocation").get("uri")
    if not isinstance(uri, str) or not uri:  # codeql-action#2456
        yield _refused("no-uri", f"{where}/0/physicalLocation/artifactLocation/uri", "no artifact location: GitHub refuses the whole file; give the path of a file of the repository")
    else:
        yield from _uri(uri, f"{where}/0/physicalLocation/artifactLocation/uri")
    yield from _region(physical, f"{where}/0/physicalLocation/region")


def _uri(uri: str, pointer: str) -> Iterator[Flaw]:
    scheme = _SCHEME.match(uri)
    if scheme is not None and scheme[0].lower() != "file:":
        yield _refused("uri-scheme", pointer, f"{scheme[0]} is no scheme that GitHub reads: give a path from the top of the repository (a colon in it is %3A)")
        return
    if scheme is not None:
        yield _warning("uri-absolute", pointer, "an absolute URI: GitHub needs a checkout_uri of the same scheme to find the file; give a path from the top of the repository")
        return
    path = unquote(uri)
    if re.search(r"[\s\\<>\"{}|^`?#]|[^\x00-\x7f]", uri) or re.search(r"%(?![0-9A-Fa-f]{2})", uri):
        yield _error("uri-characters", pointer, "a space, a backslash or another character that a path in a URI has only percent-encoded: a%20b.tf")
    elif "\\" in path or any(ord(character) < 32 for character in path):
        yield _error("uri-characters", pointer, "a backslash or a control character: write paths with `/` between their parts")
    if path.startswith("/") or any(step in ("", ".", "..") for step in path.split("/")):
        yield _error("uri-path", pointer, "no path from the top of the repository: no leading `/` or `./`, no `..`, no `//`")


def _region(physical: Mapping[str, Any], pointer: str) -> Iterator[Flaw]:
    region = part(physical, "region")
    start, end = region.get("startLine"), region.get("endLine", region.get("startLine"))
    if not isinstance(start, int) or isinstance(start, bool) or start < 1:
        yield _error("no-line", f"{pointer}/startLine", "no startLine of 1 or more: the alert has no place in its file; give 1 where it is of the whole file")
    elif not isinstance(end, int) or isinstance(end, bool) or end < start:
        yield _error("end-before-start", f"{pointer}/endLine", "endLine is before startLine: leave it out, or put them right")
    elif end > start:  # zizmor-action#43
        yield _warning("many-lines", pointer, f"{end - start + 1} lines: a pull request shows the alert only where all of them are in its diff; point to the line that decides")


def _refused(rule: str, pointer: str, message: str) -> Flaw:
    return Flaw(rule, Weight.REFUSED, pointer, message)


def _error(rule: str, pointer: str, message: str) -> Flaw:
    return Flaw(rule, Weight.ERROR, pointer, message)


def _warning(rule: str, pointer: str, message: str) -> Flaw:
    return Flaw(rule, Weight.WARNING, pointer, message)


_RESULT_CHECKS: tuple[Callable[[dict[str, Any], str], Iterator[Flaw]], ...] = (
    _rule_reference, _kind, _suppressions, _message, _fingerprint, _locations,
)  # fmt: skip

"""Test reports: JUnit XML as pytest, Maven, Playwright and others write it, and pytest-json-report.

https://github.com/testmoapp/junitxml, https://docs.pytest.org/en/stable/how-to/output.html, https://pypi.org/project/pytest-json-report/.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from gonogo.sources.artefacts.reading import Artefact, Foreign, Unfit, mapping, number
from gonogo.sources.artefacts.xml_reader import read_xml
from gonogo.sources.dating import moment

_ZONE = re.compile(r"(Z|[+-]\d\d:?\d\d)$")
_PYTEST_JSON = {"passed": "passed", "failed": "failures", "error": "errors", "skipped": "skipped", "xfailed": "expected", "xpassed": "passed"}


@dataclass(frozen=True, slots=True)
class Case:
    """One test. `outcome` is one of passed, failures, errors, skipped, expected (an expected failure)."""

    name: str
    outcome: str
    suite: str = ""


@dataclass(slots=True)
class Outcomes:
    """What a report tells. `short` says why its cases are not all of them."""

    tool: str
    cases: list[Case] = field(default_factory=list)
    produced: list[datetime] = field(default_factory=list)
    local: bool = False
    properties: dict[str, str] = field(default_factory=dict)
    beyond: Counter[str] = field(default_factory=Counter)
    """Outcomes that it counts and does not list: an error while collecting, a test that was not selected."""
    short: str = ""

    def counts(self, cases: Iterable[Case] | None = None) -> Counter[str]:
        return Counter(case.outcome for case in (self.cases if cases is None else cases))


def read_tests(artefact: Artefact, suites: Mapping[str, Any]) -> Outcomes:
    """The tests of a report. Raises `Unfit`."""
    start = artefact.data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"<":
        found = _junit(read_xml(artefact.data))
    elif start == b"{":
        found = _pytest_json(mapping(artefact.json()))
    else:
        raise Unfit("not a test report that gonogo knows")
    found.cases = [replace(case, suite=suite_of(re.split(r"[./\\:]+", case.name.partition("::")[0]), suites)) for case in found.cases]
    return found


def suite_of(segments: Iterable[str], suites: Mapping[str, Any]) -> str:
    """The suite that a path, a module or a class speaks of by a whole word: `tests/e2e`, `test_e2e`, `smoke_tests`."""
    for segment in segments:
        lowered = segment.lower()
        for suite, words in suites.items():
            if any(re.fullmatch(rf"(tests?[_-])?{re.escape(word)}([_-](tests?|spec))?", lowered) for word in words):
                return str(suite)
    return ""


def named_suite(path: str, suites: Mapping[str, Any]) -> str:
    """The suite that the name of a report, or of a directory it lies in, speaks of: `junit-e2e.xml`, `e2e/results.xml`."""
    *directories, name = path.split("/")
    words = re.split(r"[-_.]", name)
    pairs = [*words, *("-".join(words[at : at + 3]) for at in range(len(words) - 2))]
    return suite_of([*pairs, *reversed(directories)], suites)


def _junit(root: ET.Element) -> Outcomes:
    if root.tag not in ("testsuites", "testsuite"):
        raise Foreign(f"an XML document <{root.tag[:40]}>, not a test report")
    found = Outcomes("junit")
    for suite in [root, *root.iter("testsuite")]:
        written = suite.get("timestamp", "")
        if written and (time := moment(written)) is not None:
            found.produced.append(time)
            found.local |= not _ZONE.search(written)
        # A property of a single test says nothing of the run.
        for prop in [*suite.iterfind("properties/property"), *suite.iterfind("property")]:
            found.properties.setdefault(prop.get("name", ""), prop.get("value") or prop.text or "")
    for case in root.iter("testcase"):
        where = case.get("file") or case.get("classname") or ""
        found.cases.append(Case(f"{where.replace(chr(92), '/')}::{case.get('name', '')}", _outcome(case)))
    _compare(root, found)
    return found


def _outcome(case: ET.Element) -> str:
    if case.find("error") is not None:
        return "errors"
    if case.find("failure") is not None:
        return "failures"
    skipped = case.find("skipped")
    if skipped is not None:
        return "expected" if skipped.get("type") == "pytest.xfail" else "skipped"
    if case.get("status", "").lower() in ("notrun", "disabled", "skipped") or case.get("result", "").lower() in ("skipped", "suppressed"):
        return "skipped"
    return "passed"


def _compare(root: ET.Element, found: Outcomes) -> None:
    """What the suites count against what they list. The outermost that counts is taken: counts of inner suites are in it."""
    declared = {name: _declared(root, name) for name in ("tests", "failures", "errors")}
    if declared["tests"] > len(found.cases):
        found.short = f"it counts {declared['tests']} tests and lists {len(found.cases)}"
    for name in ("failures", "errors"):
        listed = found.counts()[name]
        if declared[name] > listed:
            found.beyond[name] = declared[name] - listed


def _declared(suite: ET.Element, name: str) -> int:
    own = number(suite.get(name))
    inner = sum(_declared(child, name) for child in suite.iterfind("testsuite"))
    return max(int(own) if own is not None and own >= 0 else 0, inner)


def _pytest_json(root: Mapping[str, Any]) -> Outcomes:
    summary, created = root.get("summary"), number(root.get("created"))
    if not isinstance(summary, Mapping) or "exitcode" not in root:
        raise Unfit("a JSON document, not a test report that gonogo knows")
    found = Outcomes("pytest-json-report")
    if created is not None and created > 0:
        try:
            found.produced.append(datetime.fromtimestamp(created, UTC))
        except (ValueError, OverflowError, OSError):
            raise Unfit("a time of creation that is none") from None
    for row in root["tests"] if isinstance(root.get("tests"), list) else ():
        nodeid = str(mapping(row).get("nodeid", ""))
        found.cases.append(Case(nodeid, _PYTEST_JSON.get(str(mapping(row).get("outcome")), "errors")))
    for section in ("environment", "metadata"):
        found.properties |= {str(key): value for key, value in mapping(root.get(section)).items() if isinstance(value, str)}
    total, deselected = number(summary.get("total")), number(summary.get("deselected"))
    if total is not None and total > len(found.cases):
        found.short = f"it counts {int(total)} tests and lists {len(found.cases)}"
    if deselected is not None and deselected > 0:
        found.beyond["skipped"] = int(deselected)
    if root["exitcode"] not in (0, 1, 5) or (root["exitcode"] == 1 and not (found.counts()["failures"] or found.counts()["errors"])):
        found.beyond["errors"] = 1  # interrupted, a usage error, or an error while collecting
    return found

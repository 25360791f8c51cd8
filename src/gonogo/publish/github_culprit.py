"""GitHub's errors name no result: this finds the ones that each is about.

The errors are those of code scanning's ingestion as issues of github/codeql-action and of scanners quote them (#390, #754, #1316, #2456,
#3051, trivy#8054).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from gonogo.formats.sarif import Sarif, driver, members, message, part, rule_id, uri
from gonogo.report.escape import printable

MAX_NAMED = 5
_Result: TypeAlias = Mapping[str, Any]
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def culprits(error: str, sarif: Sarif) -> list[str]:
    """The results or rules that an error of GitHub is about, at most a few; empty where it is about something else."""
    if "security severity" in error:
        found = list(_rules(sarif))
    else:
        test = next((test for words, test in _TESTS if words in error), None)
        found = [_named(at, number, result, run) for at, run in enumerate(sarif.runs()) for number, result in enumerate(members(run, "results")) if test and test(result)]
    left = len(found) - MAX_NAMED
    return [*found[:MAX_NAMED], *([f"and {left} more"] if left > 0 else [])]


def _rules(sarif: Sarif) -> Iterator[str]:
    for at, run in enumerate(sarif.runs()):
        for number, rule in enumerate(members(driver(run), "rules")):
            value = part(rule, "properties").get("security-severity")
            if value is not None and not (isinstance(value, str) and _NUMBER.fullmatch(value)):
                yield printable(f"runs[{at}].tool.driver.rules[{number}] {rule.get('id')}: security-severity is {value!r}")


def _named(at: int, number: int, result: _Result, run: _Result) -> str:
    return printable(f"runs[{at}].results[{number}] {rule_id(result, run)}: {message(result)[:120]}" + (f" ({uri(result)!r})" if uri(result) else ""))


def _first(result: _Result) -> _Result:
    return next(members(result, "locations"), {})


def _no_location(result: _Result) -> bool:
    return not _first(result)


def _no_physical(result: _Result) -> bool:
    return bool(_first(result)) and not part(_first(result), "physicalLocation")


def _no_artifact(result: _Result) -> bool:
    physical = part(_first(result), "physicalLocation")
    return bool(physical) and not part(physical, "artifactLocation").get("uri")


def _scheme(result: _Result) -> bool:
    return bool(_SCHEME.match(uri(result)))


def _bad_uri(result: _Result) -> bool:
    return bool(re.search(r"[\s\\<>^`{|}\x00-\x1f]|%(?![0-9A-Fa-f]{2})", uri(result)))


_TESTS: tuple[tuple[str, Callable[[_Result], bool]], ...] = (
    ("expected at least one location", _no_location),
    ("expected a physical location", _no_physical),
    ("expected artifact location", _no_artifact),
    ("invalid URI", _bad_uri),
    ("URI scheme", _scheme),
)

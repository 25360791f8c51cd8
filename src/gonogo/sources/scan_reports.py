"""`--import`: the SARIF of another scanner as evidence for a control, as old and as whole as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from gonogo.data import data_directory
from gonogo.formats.sarif import Sarif, SarifError, driver, failures, members, part, read_sarif, rule_of, shortfalls, text
from gonogo.formats.yaml_reader import read_yaml
from gonogo.kinds.reports import SCAN
from gonogo.model.location import Location
from gonogo.model.resource import Resource
from gonogo.model.value import Unknown, Value
from gonogo.sources.dating import BY_FILE, CLOCKS_APART, by_file, in_words, moment

_AGE = re.compile(r"([1-9][0-9]{0,4})([hd])")
_HIGH = 7.0
"""`security-severity` from which GitHub calls a result high; some scanners give every result the level `warning`."""


class ReportError(Exception):
    """A report that cannot be used as evidence; the message is one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Imports:
    """The table of `rules/imports/tools.yaml`: what may be shown by an import, and by whose without saying so."""

    controls: tuple[str, ...]
    tools: tuple[Mapping[str, str], ...]

    def meant(self, run: Mapping[str, Any]) -> tuple[str, ...]:
        """The controls that a run of a known tool is evidence for; empty where the tool, or this use of it, is not known."""
        name, properties = text(driver(run), "name").casefold(), part(run, "properties")
        mine = [row for row in self.tools if fnmatchcase(name, row["tool"].casefold())]
        return tuple(row["control"] for row in mine if "of" not in row or row["of"] in properties)


def load_imports() -> Imports:
    """The shipped table."""
    document: Any = read_yaml("tools.yaml", (data_directory("rules") / "imports" / "tools.yaml").read_text("utf-8")).documents[0].value
    return Imports(tuple(document["controls"]), tuple(document["tools"]))


def age(given: str) -> timedelta:
    """`36h` or `7d`. Raises `ReportError`."""
    found = _AGE.fullmatch(given)
    if found is None:
        raise ReportError(f"--max-age {given}: write hours or days, 36h or 7d")
    return timedelta(hours=int(found[1])) if found[2] == "h" else timedelta(days=int(found[1]))


def read_scans(given: str, root: Path, now: datetime, max_age: timedelta, imports: Imports) -> tuple[Resource, ...]:
    """The runs of `[CONTROL=]FILE` as resources. Raises `ReportError`."""
    control, separator, path = given.partition("=")
    if not separator or control not in imports.controls:
        control, path = "", given
    try:
        sarif = read_sarif(Path(path))
    except SarifError as error:
        raise ReportError(str(error)) from None
    runs = list(sarif.runs())
    if not runs:
        raise ReportError(f"{path} holds no run: it shows nothing")
    shown = _shown(Path(path), root)
    return tuple(_resource(run, _control(run, control, shown, imports), shown, at, sarif, now, max_age) for at, run in enumerate(runs))


def _control(run: Mapping[str, Any], given: str, shown: str, imports: Imports) -> str:
    tool, meant = text(driver(run), "name") or "a tool without a name", imports.meant(run)
    if given:
        if meant and given not in meant:
            raise ReportError(f"{shown}: {tool} is evidence for {', '.join(meant)}, not for {given}")
        return given
    if len(meant) != 1:
        raise ReportError(f"{shown}: say what this run of {tool} is evidence for: --import CONTROL={shown}, with one of {', '.join(imports.controls)}")
    return meant[0]


def _resource(
    run: Mapping[str, Any], control: str, shown: str, at: int, sarif: Sarif, now: datetime, max_age: timedelta
) -> Resource:
    tool = driver(run)
    finished, note = _finished(run, Path(sarif.file))
    results = [result for result in members(run, "results") if _counts(result)]
    errors = sum(1 for result in results if _is_error(result, run))
    attributes: dict[str, Value] = {
        "control": control,
        "tool": text(tool, "name"),
        "version": text(tool, "semanticVersion") or text(tool, "version"),
        "finished": finished if isinstance(finished, Unknown) else finished.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "results": len(results),
        "errors": _judged(run, errors, finished, now, max_age),
    }
    name = f"{shown} ({text(tool, 'name')})" if at == 0 else f"{shown} ({text(tool, 'name')}, run {at + 1})"
    return Resource(SCAN, name, attributes, {(): Location(shown, note=note)}, source="import")


def _judged(run: Mapping[str, Any], errors: int, finished: datetime | Unknown, now: datetime, max_age: timedelta) -> Value:
    """How many errors there are today. A report that is too old says nothing; one that is not whole, nothing but what it found."""
    if isinstance(finished, Unknown):
        return finished
    if finished > now + CLOCKS_APART:
        return Unknown.because(f"the report ended at {finished:%Y-%m-%d %H:%M} UTC, which has not been yet")
    if now - finished > max_age:
        return Unknown.because(f"the report of {finished:%Y-%m-%d} is older than {in_words(max_age)}; scan again, or say how old it may be (--max-age)")
    short = [*failures(run), *shortfalls(run)]
    if not isinstance(run.get("results"), list):
        short.append("it has no results, not even an empty list: nothing was scanned (3.14.23)")
    if short and not errors:
        return Unknown.because(f"the scan was not whole: {short[0]}")
    return errors


def _finished(run: Mapping[str, Any], path: Path) -> tuple[datetime | Unknown, str]:
    """When the run ended, by itself, else by the file's time of modification (and a note on that): of a file that git checked out it says nothing."""
    said = [moment(text(row, "endTimeUtc") or text(row, "startTimeUtc")) for row in members(run, "invocations")]
    times = [time for time in said if time is not None]
    if times:
        return min(times), ""
    found = by_file(path)
    return found, "" if isinstance(found, Unknown) else BY_FILE


def _counts(result: Mapping[str, Any]) -> bool:
    """Whether a result is a failure that stands: not one of a pass (3.27.9), suppressed (3.27.23), or of an earlier run (3.27.24)."""
    suppressed = any(row.get("status", "accepted") == "accepted" for row in members(result, "suppressions"))
    return result.get("kind", "fail") == "fail" and not suppressed and result.get("baselineState") != "absent"


def _is_error(result: Mapping[str, Any], run: Mapping[str, Any]) -> bool:
    rule = rule_of(result, run)
    level = text(result, "level") or text(part(rule, "defaultConfiguration"), "level") or "warning"
    scores: Sequence[object] = [part(owner, "properties").get("security-severity") for owner in (result, rule)]
    return level == "error" or any(_score(score) >= _HIGH for score in scores)


def _score(value: object) -> float:
    try:
        return float(value) if isinstance(value, str | int | float) else 0.0
    except ValueError:
        return 0.0


def _shown(path: Path, root: Path) -> str:
    """The name of a file in reports: from the scanned root where it lies there, else without its directory."""
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return path.name

"""Coverage: Cobertura XML (also coverage.py's), Clover, JaCoCo, coverage.py's JSON, Istanbul's JSON, lcov, and Go's profiles.

https://coverage.readthedocs.io/, https://www.jacoco.org/jacoco/trunk/coverage/report.dtd, geninfo(1), https://go.dev/blog/cover.
Counted line by line where lines are listed: a rate that a file writes about itself is not taken over.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from gonogo.sources.artefacts.reading import Artefact, Unfit, mapping, number
from gonogo.sources.artefacts.xml_reader import read_xml
from gonogo.sources.dating import moment

_BRANCHES = re.compile(r"\((\d{1,9})/(\d{1,9})\)")
_GO_BLOCK = re.compile(r"(.+):(\d+\.\d+,\d+\.\d+) (\d{1,9}) (\d{1,18})")


@dataclass(slots=True)
class Measured:
    """What was measured; `counts` are the covered lines and all lines of each file, `` for what is of no file that is told.

    `branches` and `taken` stay None where nobody counted them.
    """

    tool: str
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)
    taken: int | None = None
    branches: int | None = None
    files: set[str] = field(default_factory=set)
    roots: set[str] = field(default_factory=set)
    produced: datetime | None = None
    local: bool = False

    @property
    def covered(self) -> int:
        return sum(covered for covered, _ in self.counts.values())

    @property
    def lines(self) -> int:
        return sum(lines for _, lines in self.counts.values())

    def count(self, name: str, covered: int, lines: int) -> None:
        before = self.counts.get(name, (0, 0))
        self.counts[name] = (before[0] + covered, before[1] + lines)

    def branch(self, taken: int, of: int) -> None:
        self.taken, self.branches = (self.taken or 0) + taken, (self.branches or 0) + of


def read_coverage(artefact: Artefact) -> Measured:
    """The coverage that a report tells. Raises `Unfit`."""
    start = artefact.data.lstrip(b"\xef\xbb\xbf \t\r\n")[:64]
    if start.startswith(b"<"):
        found = _xml(read_xml(artefact.data))
    elif start.startswith(b"{"):
        found = _json(mapping(artefact.json()))
    elif start.startswith(b"mode:"):
        found = _go(artefact.text)
    elif start.startswith((b"TN:", b"SF:", b"VER:")):
        found = _lcov(artefact.text)
    else:
        raise Unfit("not a coverage report that gonogo knows")
    if found.covered > found.lines or (found.taken or 0) > (found.branches or 0):
        raise Unfit("it has more lines covered than lines")
    return found


def _xml(root: ET.Element) -> Measured:
    if root.tag == "report" and root.find("counter") is not None:
        return _jacoco(root)
    if root.tag == "coverage" and root.find("project") is not None:
        return _clover(root)
    if root.tag == "coverage" and (root.find("packages") is not None or "line-rate" in root.attrib):
        return _cobertura(root)
    raise Unfit(f"an XML document <{root.tag[:40]}>, not a coverage report that gonogo knows")


def _cobertura(root: ET.Element) -> Measured:
    found = Measured("cobertura")
    found.produced = _epoch(root.get("timestamp"))
    found.roots = {text for source in root.iterfind("sources/source") if (text := (source.text or "").strip())}
    hits: dict[tuple[str, int], int] = {}
    conditions: dict[tuple[str, int], tuple[int, int]] = {}
    for written in root.iter("class"):
        name = written.get("filename", "").replace("\\", "/")
        found.files.add(name)
        for line in written.iterfind("lines/line"):
            at = (name, _count(line.get("number")))
            hits[at] = max(hits.get(at, 0), _count(line.get("hits")))
            if branch := _BRANCHES.search(line.get("condition-coverage", "")):
                one = (int(branch[1]), int(branch[2]))
                conditions[at] = max(conditions.get(at, one), one)
    for (name, _), count in hits.items():
        found.count(name, count > 0, 1)
    for taken, of in conditions.values():
        found.branch(taken, of)
    return found


def _clover(root: ET.Element) -> Measured:
    found = Measured("clover", produced=_epoch(root.get("generated")))
    for file in root.iter("file"):
        name = (file.get("path") or file.get("name") or "").replace("\\", "/")
        found.files.add(name)
        for line in file.iterfind("line"):
            if line.get("type") == "cond":
                taken = (_count(line.get("truecount")) > 0) + (_count(line.get("falsecount")) > 0)
                found.branch(taken, 2)
            found.count(name, any(_count(line.get(key, "0")) for key in ("count", "truecount", "falsecount")), 1)
    return found


def _jacoco(root: ET.Element) -> Measured:
    times = [time for session in root.iter("sessioninfo") if (time := _epoch(session.get("dump"))) is not None]
    found = Measured("jacoco", produced=min(times, default=None))
    total = (0, 0)
    for counter in root.iterfind("counter"):
        covered, missed = _count(counter.get("covered")), _count(counter.get("missed"))
        if counter.get("type") == "LINE":
            total = (covered, covered + missed)
        elif counter.get("type") == "BRANCH":
            found.branch(covered, covered + missed)
    for package in root.iter("package"):
        for file in package.iterfind("sourcefile"):
            name = f"{package.get('name', '')}/{file.get('name', '')}"
            found.files.add(name)
            for counter in file.iterfind("counter"):
                if counter.get("type") == "LINE":
                    covered, missed = _count(counter.get("covered")), _count(counter.get("missed"))
                    found.count(name, covered, covered + missed)
    return _in_all(found, total)


def _json(root: Mapping[str, Any]) -> Measured:
    if "meta" in root and isinstance(root.get("files"), Mapping):
        return _coverage_py(root)
    if isinstance(root.get("total"), Mapping):
        return _istanbul_summary(root)
    if root and all(isinstance(row, Mapping) and "statementMap" in row for row in root.values()):
        return _istanbul(root)
    raise Unfit("a JSON document, not a coverage report that gonogo knows")


def _coverage_py(root: Mapping[str, Any]) -> Measured:
    written = str(mapping(root["meta"]).get("timestamp", ""))
    found = Measured("coverage.py", produced=moment(written), local=not re.search(r"(Z|[+-]\d\d:?\d\d)$", written))
    for name, file in root["files"].items():
        found.files.add(str(name).replace("\\", "/"))
        executed, missing = mapping(file).get("executed_lines"), mapping(file).get("missing_lines")
        if not isinstance(executed, list) or not isinstance(missing, list):
            raise Unfit(f"of {str(name)[:200]} it does not list the lines")
        covered = len(set(map(str, executed)))
        found.count(str(name).replace("\\", "/"), covered, covered + len(set(map(str, missing))))
        summary = mapping(mapping(file).get("summary"))
        if "num_branches" in summary:
            found.branch(_count(summary.get("covered_branches")), _count(summary["num_branches"]))
    return found


def _istanbul_summary(root: Mapping[str, Any]) -> Measured:
    """https://github.com/istanbuljs/istanbuljs/tree/main/packages/istanbul-reports (json-summary): lists no lines, and no time."""
    total = mapping(root["total"])
    lines, branches = mapping(total.get("lines")), mapping(total.get("branches"))
    if "total" not in lines or "covered" not in lines:
        raise Unfit("its total has no lines")
    found = Measured("istanbul", files={str(name).replace("\\", "/") for name in root if name != "total"})
    for name, file in root.items():
        own = mapping(mapping(file).get("lines"))
        if name != "total" and "total" in own and "covered" in own:
            found.count(str(name).replace("\\", "/"), _count(own["covered"]), _count(own["total"]))
    if "total" in branches:
        found.branch(_count(branches.get("covered")), _count(branches["total"]))
    return _in_all(found, (_count(lines["covered"]), _count(lines["total"])))


def _in_all(found: Measured, total: tuple[int, int]) -> Measured:
    """Of a report that counts in all and by file: the files where they add up, else the whole."""
    if (found.covered, found.lines) != total:
        found.counts = {"": total}
    return found


def _istanbul(root: Mapping[str, Any]) -> Measured:
    """coverage-final.json: a line is covered where a statement that begins on it was run."""
    found = Measured("istanbul", files={str(name).replace("\\", "/") for name in root})
    for name, file in root.items():
        lines: dict[int, int] = {}
        counts = mapping(file.get("s"))
        for key, span in mapping(file["statementMap"]).items():
            at = _count(mapping(mapping(span).get("start")).get("line"))
            lines[at] = max(lines.get(at, 0), _count(counts.get(key, 0)))
        found.count(str(name).replace("\\", "/"), sum(1 for count in lines.values() if count), len(lines))
        for row in mapping(file.get("b")).values():
            if isinstance(row, list):
                found.branch(sum(1 for count in row if _count(count)), len(row))
    return found


def _lcov(text: str) -> Measured:
    found = Measured("lcov")
    name = ""
    hits: dict[tuple[str, int], int] = {}
    branches: dict[tuple[str, str], bool] = {}
    for row in text.splitlines():
        key, _, rest = row.strip().partition(":")
        if key == "SF":
            name = rest.replace("\\", "/")
            found.files.add(name)
        elif key == "DA":
            line, _, count = rest.partition(",")
            at = (name, _count(line))
            hits[at] = max(hits.get(at, 0), _count(count.partition(",")[0]))
        elif key == "BRDA":
            where, _, taken = rest.rpartition(",")
            at_branch = (name, where)
            branches[at_branch] = branches.get(at_branch, False) or taken not in ("-", "0")
    for (name, _), hit in hits.items():
        found.count(name, hit > 0, 1)
    if branches:
        found.branch(sum(branches.values()), len(branches))
    return found


def _go(text: str) -> Measured:
    """Statements, as `go tool cover` counts them; of a block that several packages' tests ran the best counts."""
    found = Measured("go")
    blocks: dict[tuple[str, str], tuple[int, int]] = {}
    for number_, row in enumerate(text.splitlines()[1:], 2):
        if not row.strip() or row.startswith("mode:"):
            continue
        block = _GO_BLOCK.fullmatch(row.strip())
        if block is None:
            raise Unfit(f"line {number_} is no block of a Go cover profile")
        found.files.add(block[1])
        at = (block[1], block[2])
        blocks[at] = (int(block[3]), max(int(block[4]), blocks.get(at, (0, 0))[1]))
    for (name, _), (statements, count) in blocks.items():
        found.count(name, statements if count else 0, statements)
    return found


def _epoch(written: str | None) -> datetime | None:
    """Seconds, or milliseconds, since 1970."""
    value = number(written)
    if value is None or value <= 0:
        return None
    try:
        return datetime.fromtimestamp(value / 1000 if value > 1e11 else value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _count(written: object) -> int:
    value = number(written)
    if value is None or value < 0:
        raise Unfit(f"{str(written)[:40]!r} stands where a count should")
    return int(value)


def directories(files: set[str]) -> Iterator[str]:
    """The directories of the measured files, sorted."""
    found: defaultdict[str, int] = defaultdict(int)
    for file in files:
        found[file.rpartition("/")[0]] += 1
    yield from sorted(found)

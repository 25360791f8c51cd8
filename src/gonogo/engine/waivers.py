"""Inline waivers: `# gonogo: ignore[control,…] until=YYYY-MM-DD -- reason`, an accepted gap beside what it excuses.

A waiver covers its own line, the line below it, and the whole of a block that starts on or directly below its line. A
reason is mandatory, `*` is not allowed, and an expired waiver no longer counts (dates are UTC, the day itself included). A
waived violation is reported as waived; nothing ever becomes satisfied by a waiver.

Those of the waivers' file (`engine.accepted`) cover a control wherever it is violated, or the things that they name, in the plane that they
say: a glob of live names never matches what a scan of manifests finds, and nobody notices (devantler-tech/platform PR #3085).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches
from fnmatch import fnmatchcase

from gonogo.engine.register import iso_date
from gonogo.model.finding import Finding, Role, Verdict, Waiver
from gonogo.model.location import Location
from gonogo.model.resource import Origin

# A `#` inside a string or a block scalar is text, but a directive so exact is no accident there either.
_DIRECTIVE = re.compile(
    r"(?:#|//|<!--)\s*gonogo:\s*(?P<scope>ignore-file|ignore)\b(?:\[(?P<ids>[^\]]*)\])?(?P<rest>[^\n]*)"
)
_ANNOTATION = re.compile(r"""^\s*["']?ignore\.gonogo\.dev/(?P<ids>[a-z0-9-]+)["']?\s*:\s*["']?(?P<rest>[^"'\n]*)""")
_REST = re.compile(r"\s*(?:until=(?P<until>\S+)\s+)?--\s*(?P<reason>.*?)\s*(?:-->)?\s*\Z")
WHOLE_FILE = 0


@dataclass(frozen=True, slots=True)
class Waivers:
    """The waivers in force; `apply` uses them, `unused` tells of those that excused nothing."""

    waivers: tuple[Waiver, ...]
    _used: set[Waiver] = field(default_factory=set)

    def apply(self, findings: Iterable[Finding]) -> list[Finding]:
        """The findings, with a waiver on each violation that one covers."""
        by_control: dict[str, list[Waiver]] = {}
        for waiver in self.waivers:
            by_control.setdefault(waiver.control, []).append(waiver)
        return [self._apply_one(finding, by_control.get(finding.control, ())) for finding in findings]

    def whole(self, control: str, planes: Collection[str]) -> Waiver | None:
        """A waiver of all of a control wherever it was looked at: it excuses that nothing is there, or that it could not be checked, too."""
        for waiver in self.waivers:
            if waiver.control == control and waiver.plane and not waiver.resource and all(_in_plane(waiver, plane) for plane in planes):
                self._used.add(waiver)
                return waiver
        return None

    def active(self) -> int:
        """How many are in force, of ours, and of other tools' ignores those that excused something."""
        return sum(1 for waiver in set(self.waivers) if not waiver.tool or waiver in self._used)

    def unused(self, asked: Collection[str], planes: Collection[str], findings: Iterable[Finding]) -> tuple[str, ...]:
        """One warning for each waiver of ours that excused no violation, or leaves those of another origin, of the controls that were
        `asked`, and of the `planes` looked at. `findings` is what came of it all."""
        left: dict[str, set[tuple[str, str]]] = {}
        for f in findings:
            if f.verdict is Verdict.VIOLATED and f.waiver is None and not f.superseded:
                left.setdefault(f.control, set()).add((f.subject.origin.view, f.subject.name))
        ours = (w for w in self.waivers if not w.tool and w.control in asked)
        return tuple(f"{w.location}: the waiver of {w.control} {why}" for w in ours if (why := self._why_unused(w, planes, sorted(left.get(w.control, ())))))

    def _why_unused(self, waiver: Waiver, planes: Collection[str], left: Sequence[tuple[str, str]]) -> str:
        near = [name for plane, name in left if _in_plane(waiver, plane)]
        if waiver.plane and left and not near:
            return f"covers origin {waiver.plane}, and what is violated here is of origin {left[0][0]}: {_few(name for _, name in left)}"
        if waiver in self._used:
            return ""
        if waiver.resource and near:
            return f"excuses nothing: {waiver.resource} is none of what is violated: {_few(near)}"
        looked = not waiver.plane or any(_in_plane(waiver, plane) for plane in planes)
        return "excuses nothing; remove it" if looked else ""

    def _apply_one(self, finding: Finding, waivers: Sequence[Waiver]) -> Finding:
        if finding.verdict is not Verdict.VIOLATED:
            return finding
        for waiver in waivers:
            if _covers(waiver, finding):
                self._used.add(waiver)
                return replace(finding, waiver=waiver)
        return finding


def _few(names: Iterable[str]) -> str:
    listed = list(names)
    return ", ".join(listed[:3]) + (f" and {len(listed) - 3} more" if len(listed) > 3 else "")


def _in_plane(waiver: Waiver, plane: str) -> bool:
    return waiver.plane in ("any", plane)


def _covers(waiver: Waiver, finding: Finding) -> bool:
    if waiver.plane:
        return _in_plane(waiver, finding.subject.origin.view) and (not waiver.resource or any(fnmatchcase(n, waiver.resource) for n in _names(finding)))
    live = finding.subject.origin is Origin.LIVE  # whose declaration is beside the primary evidence
    return any((live or e.role is Role.PRIMARY) and _holds_at(waiver, e.location) for e in finding.evidence)


def _names(finding: Finding) -> Iterator[str]:
    yield finding.subject.name
    for evidence in finding.evidence:
        if evidence.role is Role.PRIMARY:
            yield from filter(None, (evidence.location.resource, evidence.location.file))


def _holds_at(waiver: Waiver, place: Location) -> bool:
    if waiver.location.file != place.file:
        return False
    line = waiver.location.line
    if line == WHOLE_FILE:
        return True
    # `end_line` of the waiver is the last line of the block it stands above, where one starts there.
    return line <= place.line <= max(line + 1, waiver.location.end_line)


def joined(own: Waivers, others: Sequence[Waiver]) -> Waivers:
    """The waivers of both; where both cover a finding, ours is named."""
    return Waivers((*own.waivers, *others))


def collect(files: Iterable[tuple[str, str]], controls: Mapping[str, bool], today: date) -> tuple[Waivers, tuple[str, ...]]:
    """The waivers in force in `files` (path, text), and one warning for each that is malformed, unknown, not allowed or expired.

    `controls` says of each control whether it may be waived.
    """
    found: list[Waiver] = []
    warnings: list[str] = []
    for path, text in files:
        if "gonogo" not in text:
            continue
        lines = text.splitlines()
        for number, line in enumerate(lines, start=1):
            match = _DIRECTIVE.search(line) or _ANNOTATION.search(line)
            if match is not None:
                _read(path, number, lines, match, controls, today, found, warnings)
    return Waivers(tuple(found)), tuple(warnings)


def _read(
    path: str,
    number: int,
    lines: Sequence[str],
    match: re.Match[str],
    controls: Mapping[str, bool],
    today: date,
    found: list[Waiver],
    warnings: list[str],
) -> None:
    place = f"{path}:{number}"
    identifiers = [part.strip() for part in (match["ids"] or "").split(",") if part.strip()]
    rest = _REST.match(match["rest"])
    if not identifiers:
        warnings.append(f"{place}: a waiver names its controls: gonogo: ignore[control-id] -- reason")
        return
    if rest is None or not rest["reason"]:
        warnings.append(f"{place}: a waiver needs a reason: gonogo: ignore[{','.join(identifiers)}] until=YYYY-MM-DD -- reason")
        return
    until = None
    if rest["until"]:
        until = iso_date(rest["until"])
        if until is None:
            warnings.append(f"{place}: until={rest['until']} is not a date; write until=YYYY-MM-DD")
            return
        if until < today:
            warnings.append(f"{place}: the waiver of {', '.join(identifiers)} expired on {until}; it no longer counts")
            return
    location = _extent(path, number, lines, match)
    for identifier in identifiers:
        if identifier not in controls:
            close = get_close_matches(identifier, controls, 1)
            hint = f"; did you mean {close[0]}?" if close else ""
            warnings.append(f"{place}: no control is called {identifier}{hint}")
            continue
        if not controls[identifier]:
            warnings.append(f"{place}: {identifier} may not be waived")
            continue
        found.append(Waiver(identifier, rest["reason"], location, until))


def _extent(path: str, number: int, lines: Sequence[str], match: re.Match[str]) -> Location:
    """Where a waiver holds: the file, the object an annotation belongs to, or a line with the block that starts at it."""
    groups = match.groupdict()
    if groups.get("scope") == "ignore-file":
        return Location(path, WHOLE_FILE)
    if "scope" not in groups:
        start, end = document(lines, number)
        return Location(path, start, 0, end)
    own = lines[number - 1][: match.start()].strip()
    first = number if own else number + 1
    return Location(path, number, 0, block_end(lines, first))


def document(lines: Sequence[str], number: int) -> tuple[int, int]:
    """The first and last line of the YAML document that holds line `number`."""
    start = number
    while start > 1 and not lines[start - 2].startswith("---"):
        start -= 1
    end = number
    while end < len(lines) and not lines[end].startswith("---"):
        end += 1
    return start, end


def block_end(lines: Sequence[str], first: int) -> int:
    """The last line of the block that line `first` opens, by its indentation; `first` where it opens none."""
    if first > len(lines):
        return first
    opener = lines[first - 1]
    if not opener.rstrip().endswith(("{", ":", "[", "(")) and not opener.lstrip().startswith("- "):
        return first
    indent = _indent(opener)
    end = first
    for number in range(first + 1, len(lines) + 1):
        line = lines[number - 1]
        if not line.strip():
            continue
        if _indent(line) <= indent:
            return number if line.strip()[0] in "}])" else end
        end = number
    return end


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())

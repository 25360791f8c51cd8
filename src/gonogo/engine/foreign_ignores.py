"""Ignores of other tools, where somebody asks for them and the tool's rule asks what a control of ours asks.

Each tool's own scope: checkov's holds in the block of Terraform that it stands in, or in its Dockerfile, trivy's and tfsec's on its line
and the next, or the block that begins there, hadolint's on the instruction below, kube-linter's and checkov's annotations in their object. Blanket forms (`ignore-all`, `*`, no id) are never honoured. Such a waiver is as strong as one of ours, and says whose it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from gonogo.data import data_directory
from gonogo.engine.waivers import WHOLE_FILE, block_end, document
from gonogo.formats.yaml_reader import read_yaml
from gonogo.model.finding import Waiver
from gonogo.model.location import Location

_CHECKOV = re.compile(r"(?:#|//|/\*)\s*(?:checkov|bridgecrew|cortex):skip=\s*(?P<ids>[A-Za-z0-9_]+(?:,[A-Za-z0-9_]+)*)(?::(?P<reason>.*))?")
_CHECKOV_ANNOTATION = re.compile(r"""^\s*["']?checkov\.io/skip\d+["']?\s*:\s*["']?(?P<ids>[A-Za-z0-9_]+)(?:=(?P<reason>[^"']*))?""")
_TRIVY = re.compile(r"(?:#|//|/\*|\s)\s*(?P<tool>trivy|tfsec):ignore:(?P<id>[A-Za-z0-9_*-]+)(?P<rest>(?:(?!\s(?:trivy|tfsec):ignore:).)*)")
_TRIVY_COMMENT = re.compile(r"(?:#|//|/\*)\s*(?:trivy|tfsec):ignore:")
_EXPIRES = re.compile(r":exp:(\d{4}-\d{2}-\d{2})(?=[:\s]|\Z)")
_AVD = re.compile(r"(?:AVD-)?([A-Z]+)-?(\d{1,4})", re.IGNORECASE)
_HADOLINT = re.compile(r"^\s*#\s*hadolint\s+(?P<all>global\s+)?ignore\s*=\s*(?P<ids>[A-Z]+\d+(?:\s*,\s*[A-Z]+\d+)*)(?:\s+#?\s*(?P<reason>.*))?", re.IGNORECASE)
_KUBE_LINTER = re.compile(r"""^\s*["']?ignore-check\.kube-linter\.io/(?P<ids>[a-z0-9-]+)["']?\s*:\s*["']?(?P<reason>[^"'\n]*)""")
_ZIZMOR = re.compile(r"#\s*zizmor:\s*ignore\[(?P<ids>[a-z-]+(?:\s*,\s*[a-z-]+)*)\]\s*(?P<reason>.*)")
_TOP_LEVEL = re.compile(r"\S.*\{\s*\Z")


@dataclass(frozen=True, slots=True)
class Ignore:
    """One ignore of one rule of a tool, and where it holds. `conditional` is one that holds for some values only."""

    tool: str
    rule: str
    reason: str
    location: Location
    until: date | None = None
    conditional: bool = False


def tools() -> Mapping[str, Mapping[str, str]]:
    """The tools that are known, and of each the rules that ask what a control asks."""
    found: Any = read_yaml("tools.yaml", (data_directory("rules") / "ignores" / "tools.yaml").read_text("utf-8")).documents[0].value
    known: Mapping[str, Mapping[str, str]] = found["tools"]
    return known


def foreign_waivers(files: Iterable[tuple[str, str]], honoured: Sequence[str], today: date) -> tuple[tuple[Waiver, ...], tuple[str, ...]]:
    """The waivers in files (path, text) that ignores of these tools amount to, and a remark on those that do not."""
    if not honoured:
        return (), ()
    known = tools()
    found: list[Waiver] = []
    others: dict[str, Counter[str]] = {}
    expired: list[str] = []
    for path, text in files:
        for ignore in _ignores(path, text.splitlines()):
            if ignore.tool not in honoured:
                continue
            control = _control(known, ignore)
            if control is None:
                others.setdefault(ignore.tool, Counter())[ignore.rule] += 1
            elif ignore.until is not None and ignore.until < today:
                expired.append(f"{ignore.location}: the {ignore.tool} ignore of {ignore.rule} expired on {ignore.until}; it no longer counts")
            else:
                reason = f"{ignore.reason or 'no reason is given'} ({ignore.tool} ignore of {ignore.rule})"
                found.append(Waiver(control, reason, ignore.location, ignore.until, ignore.tool))
    return tuple(found), (*expired, *_not_honoured(others))


def _control(known: Mapping[str, Mapping[str, str]], ignore: Ignore) -> str | None:
    if ignore.conditional:
        return None
    if ignore.tool in ("trivy", "tfsec"):  # one became the other, and each reads the ids of both
        both = {**known["tfsec"], **known["trivy"]}
        avd = _AVD.fullmatch(ignore.rule)
        return both.get(f"{avd[1].upper()}-{int(avd[2]):04}") if avd else both.get(ignore.rule.lower())
    return known[ignore.tool].get(ignore.rule)


def _not_honoured(others: Mapping[str, Counter[str]]) -> Iterator[str]:
    for tool, rules in sorted(others.items()):
        few = ", ".join(sorted(rules)[:5]) + (", …" if len(rules) > 5 else "")
        yield f"{sum(rules.values())} ignores of {tool} waive nothing here, as no control asks the same: {few}"


def _ignores(path: str, lines: Sequence[str]) -> Iterator[Ignore]:
    dockerfile = _is_dockerfile(path)
    for number, line in enumerate(lines, start=1):
        if found := _CHECKOV.search(line):
            place = Location(path, WHOLE_FILE) if dockerfile else _around(path, number, lines)
            yield from _each("checkov", found, place) if place is not None else ()
        elif found := _CHECKOV_ANNOTATION.match(line):
            yield from _each("checkov", found, _object(path, number, lines))
        elif dockerfile and (found := _HADOLINT.match(line)):
            yield from _each("hadolint", found, Location(path, WHOLE_FILE) if found["all"] else _below(path, number, lines))
        elif found := _KUBE_LINTER.match(line):
            yield from _each("kube-linter", found, _object(path, number, lines))
        elif found := _ZIZMOR.search(line):
            yield from _each("zizmor", found, Location(path, number, 0, number))
        elif comment := _TRIVY_COMMENT.search(line):
            for one in _TRIVY.finditer(line, max(comment.start() - 1, 0)):
                yield _trivy(one, _below(path, number, lines, own=bool(line[: comment.start()].strip())))


def _each(tool: str, found: re.Match[str], location: Location) -> Iterator[Ignore]:
    reason = (found["reason"] or "").strip().removesuffix("*/").strip()
    for rule in found["ids"].split(","):
        yield Ignore(tool, rule.strip(), reason, location)


def _trivy(found: re.Match[str], location: Location) -> Ignore:
    options, _, said = found["rest"].partition(" ")
    until = None
    conditional = options.startswith("[") or ":ws:" in options or "*" in found["id"]
    if given := _EXPIRES.search(options):
        try:
            until = date.fromisoformat(given[1])
        except ValueError:
            conditional = True
    reason = (f"{options} {said}" if not given else said).strip(" :-").removesuffix("*/").strip()
    return Ignore(found["tool"].lower(), found["id"], reason, location, until, conditional)


def _below(path: str, number: int, lines: Sequence[str], *, own: bool = False) -> Location:
    """The line of a comment and, where it stands alone, what comes after it and after further comments: a line, or the block that it opens."""
    if own:
        return Location(path, number, 0, block_end(lines, number))
    first = number + 1
    while first <= len(lines) and lines[first - 1].lstrip().startswith(("#", "//")):
        first += 1
    return Location(path, number, 0, block_end(lines, first))


def _around(path: str, number: int, lines: Sequence[str]) -> Location | None:
    """The top-level block of Terraform that holds a line; between two blocks it holds nowhere."""
    start = number
    while start >= 1 and not _TOP_LEVEL.match(lines[start - 1]):
        start -= 1
    end = block_end(lines, start) if start >= 1 else 0
    return Location(path, start, 0, end) if number <= end else None


def _is_dockerfile(path: str) -> bool:
    name = path.rpartition("/")[2].lower()
    return "dockerfile" in name or "containerfile" in name


def _object(path: str, number: int, lines: Sequence[str]) -> Location:
    start, end = document(lines, number)
    return Location(path, start, 0, end)

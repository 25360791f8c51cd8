"""Which files are artefacts: those that somebody names, and those that lie where a tool leaves them, mostly ignored by git."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from gonogo.model.evidence import EvidenceFile, EvidenceRequest
from gonogo.model.resource import Gap, Stage
from gonogo.sources.artefacts.table import Table
from gonogo.sources.classify import Format
from gonogo.sources.tree import Scope

MAX_ENTRIES = 100_000
MAX_ARTEFACTS = 5_000
SOURCE = "artefacts"


@dataclass(frozen=True, slots=True)
class Found:
    """An artefact: where it is, what it is called in reports, and what was said of it; `group` is shared by the files of one run."""

    path: Path
    shown: str
    told: EvidenceFile
    named: bool
    group: str


def find(root: Path, request: EvidenceRequest, table: Table) -> Iterator[Found | Gap]:
    """Every artefact once, what is named first; a gap for what is named and not there."""
    seen: set[Path] = set()
    count = 0
    for found in (*_given(root, request), *_configured(root, request), *_conventional(root, table, Scope(request.exclude, ()))):
        if isinstance(found, Gap):
            yield found
            continue
        resolved = found.path.resolve()
        if found.named or resolved not in seen:
            count += 1
            if count > MAX_ARTEFACTS:
                yield Gap("", 0, Stage.READ, f"more than {MAX_ARTEFACTS} artefacts: the rest was not read", SOURCE, ("evidence/*",))
                return
            yield found
        seen.add(resolved)


def _given(root: Path, request: EvidenceRequest) -> Iterator[Found]:
    for kind, path in dict.fromkeys(request.given):
        shown = _shown(Path(path), root)
        yield Found(Path(path), shown, EvidenceFile(kind, path), True, shown)


def _configured(root: Path, request: EvidenceRequest) -> Iterator[Found | Gap]:
    resolved = root.resolve()
    for told in request.settings.files:
        paths = sorted(_matches(root, told.path))
        if not paths:
            yield Gap(told.path, 0, Stage.DISCOVER, "named as evidence in the configuration, and not there", SOURCE, ("evidence/*",))
        for path in paths:
            shown = _shown(path, root)
            if not path.resolve().is_relative_to(resolved):
                yield Gap(shown, 0, Stage.DISCOVER, "a link out of the scanned tree, not followed", SOURCE, ("evidence/*",))
                continue
            yield Found(path, shown, told, True, told.path)


def _matches(root: Path, written: str) -> Iterator[Path]:
    """The files of a path or a glob below `root`."""
    try:
        for count, path in enumerate(root.glob(written) if any(sign in written for sign in "*?[") else [root / written]):
            if count > MAX_ENTRIES:
                return
            if path.is_file():
                yield path
    except (OSError, ValueError, NotImplementedError):
        return


def _conventional(root: Path, table: Table, scope: Scope) -> Iterator[Found | Gap]:
    """Looks at the directory itself and not at what git knows of it: what tests leave is ignored."""
    entries = 0
    for directory, names, files in os.walk(root, followlinks=False):
        names[:] = sorted(name for name in names if name not in table.skipped)
        relative = os.path.relpath(directory, root).replace(os.sep, "/")
        base = "" if relative == "." else f"{relative}/"
        entries += len(names) + len(files)
        if entries > MAX_ENTRIES:
            yield Gap("", 0, Stage.DISCOVER, f"more than {MAX_ENTRIES} files: evidence was not looked for in all of them", SOURCE, ("evidence/*",))
            return
        for name in sorted(files):
            kind = table.kind_of(base + name)
            path = Path(directory, name)
            if kind and scope.covers(base + name, Format.OTHER) and stat.S_ISREG(path.lstat().st_mode):
                group = f"{base}*{PurePosixPath(name).suffix}" if kind == "tests" else base + name
                yield Found(path, base + name, EvidenceFile(kind, base + name), False, group)


def _shown(path: Path, root: Path) -> str:
    """The name of a file in reports: from the scanned root where it lies there, else without its directory."""
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return path.name

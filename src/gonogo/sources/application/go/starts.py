"""Which programs an image builds: the `main` packages of `go build`, `go install` and `go run`."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gonogo.sources.application.code.places import in_tree
from gonogo.sources.application.go.project import Project
from gonogo.sources.application.images import Command

_WITH_VALUE = frozenset({"-o", "-ldflags", "-tags", "-mod", "-gcflags", "-asmflags", "-p", "-modfile", "-overlay", "-pkgdir", "-installsuffix", "-C", "-buildmode", "-compiler", "-toolexec", "-pgo"})
MAX_MAINS = 100


@dataclass(frozen=True, slots=True)
class Built:
    """Directories of `main` packages, and why others may be built, too."""

    mains: tuple[str, ...]
    reasons: tuple[str, ...]


def built(commands: Sequence[Command], project: Project, directories: Sequence[str], everything: Sequence[str]) -> Built:
    """What the commands build. `directories` are where the image's sources may lie in the tree, `everything` the mains there are."""
    mains: list[str] = []
    reasons: list[str] = []
    seen = False
    for command in commands:
        words = command.words
        at = next((n for n, w in enumerate(words[:6]) if w.rpartition("/")[2] == "go"), None)
        verb = words[at + 1] if at is not None and at + 1 < len(words) else ""
        if at is None or verb not in ("build", "install", "run"):
            continue
        targets = list(_targets(words[at + 2 :], verb))
        if targets == ["tool"] or any("@" in t for t in targets) or (verb == "install" and targets and all("." in t.partition("/")[0] and not t.startswith(".") for t in targets)):
            continue  # a tool of somebody else's
        seen = True
        for target in targets or ["."]:
            if "$" in target:
                reasons.append(f"which package `{' '.join(words)[:80]}` builds, a build argument tells")
                continue
            found = list(_mains(target, command.directory, project, directories, everything))
            if not found:
                reasons.append(f"{target}, which is built, is no main package of the tree")
            mains.extend(found)
    if not seen:
        if len(everything) == 1:
            return Built(tuple(everything), ())
        reasons.append("which of the main packages the image holds is not known")
    return Built(tuple(dict.fromkeys(mains)), tuple(reasons))


def _targets(words: Sequence[str], verb: str) -> Iterator[str]:
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = word in _WITH_VALUE or (word.startswith("--") and word[1:] in _WITH_VALUE)
        else:
            yield word
            if verb == "run":
                return


def _mains(target: str, workdir: str, project: Project, directories: Sequence[str], everything: Sequence[str]) -> Iterator[str]:
    if target.endswith("..."):
        start = posixpath.normpath(target.removesuffix("...").rstrip("/") or ".")
        for candidate in in_tree(start, workdir, directories):
            normal = _normal(candidate)
            below = [m for m in everything if normal == "" or m == normal or m.startswith(f"{normal}/")]
            if below:
                yield from below[:MAX_MAINS]
                return
        return
    if target.endswith("/*"):
        target = target.removesuffix("/*")
    elif target.endswith(".go"):
        target = posixpath.dirname(target) or "."
    local = project.directory_of(target) if not target.startswith(".") else None
    if local is not None and local in everything:
        yield local
        return
    for candidate in in_tree(target, workdir, directories):
        if _normal(candidate) in everything:
            yield _normal(candidate)
            return


def _normal(path: str) -> str:
    normal = posixpath.normpath(path)
    return "" if normal == "." else normal

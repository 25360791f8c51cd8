"""One walk over a repository: which files there are, what they are, and their text, read at most once."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from gonogo.formats.yaml_reader import YamlFile, read_yaml
from gonogo.model.resource import Gap, Stage
from gonogo.sources.classify import Format, classify
from gonogo.sources.git import git

if TYPE_CHECKING:
    import pathspec

MAX_FILE_BYTES = 8 * 1024 * 1024
MAX_FILES = 200_000
MAX_PATTERN = 4_096

# Directories whose infrastructure is not deployed. A directory of that name anywhere below the scanned root is out of
# scope; the root itself may have any name.
DEFAULT_EXCLUDE = (
    "test", "tests", "testing", "testdata", "test-data", "__tests__", "e2e", "fixtures", "__fixtures__",
    "example", "examples", "sample", "samples", "demo-data", "vendor", "third_party", "third-party", "node_modules", "cue.mod",
    ".terraform", ".terragrunt-cache", ".venv", "venv", "site-packages",
    # Optional extras, trials, and what is kept only for the record.
    "extras", "contrib", "experimental", "experiments", "archive", "archived", "deprecated", "attic",
    # Scaffolding for somebody else's repository: its placeholders are filled in when it is used.
    "*.templates", "boilerplate", "scaffold", "scaffolding", "skeleton", "cookiecutter*", "{{*",
    # Documentation shows manifests without deploying them; scripts and images that lie there may be in use.
    "manifests:docs", "manifests:doc", "manifests:documentation",
)  # fmt: skip
_MANIFESTS = frozenset({
    Format.COMPOSE, Format.KUBERNETES, Format.KUBERNETES_TEMPLATE, Format.KUSTOMIZATION, Format.HELM_CHART, Format.HELM_TEMPLATE, Format.JSONNET,
    Format.TERRAFORM, Format.TERRAFORM_JSON, Format.TFVARS, Format.TERRAGRUNT,
})  # fmt: skip
# Pipelines are run by the CI system wherever they lie, so a pipeline below a test directory still counts.
_PIPELINES_IN = frozenset({"test", "tests", "testing", "e2e"})
# Directories that are left out for being tests, and not for being somebody else's.
TEST_DIRECTORIES = frozenset({"test", "tests", "testing", "__tests__", "e2e"})
# What a submodule of such a name holds is deployed with the repository; others are libraries.
_INFRASTRUCTURE = re.compile(r"(?i)(?:^|[/_.-])(?:infra(?:structure)?|deploy(?:ment)?s?|terraform|k8s|kubernetes|helm|charts?|manifests?|iac|ops|gitops)(?:$|[/_.-])")
_TERRAFORM = (".tf", ".tf.json", ".tofu", ".tofu.json")
_PIPELINES = frozenset({Format.CLOUD_BUILD, Format.GITHUB_WORKFLOW, Format.GITLAB_CI})


class Unreadable(Exception):
    """The text of a file cannot be had; the message says why, for a gap."""


@dataclass(frozen=True, slots=True)
class TreeFile:
    """A file of the tree. `path` is relative to the scanned root, with `/`."""

    path: str
    size: int
    tracked: bool
    format: Format
    in_scope: bool

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def directory(self) -> str:
        """`` for the root."""
        return self.path.rpartition("/")[0]


@dataclass(slots=True)
class Tree:
    """The files below `root`. `prefix` is the root's own path below the git work tree, `` where they are the same."""

    root: Path
    files: dict[str, TreeFile]
    gaps: list[Gap] = field(default_factory=list)
    prefix: str = ""
    is_git: bool = False
    scope: Scope | None = None
    _paths: list[str] = field(default_factory=list, repr=False)
    """The keys of `files`, sorted; made when first asked for."""
    _texts: dict[str, str] = field(default_factory=dict, repr=False)
    _yaml: dict[str, YamlFile] = field(default_factory=dict, repr=False)

    def of(self, *formats: Format, in_scope: bool = True) -> Iterator[TreeFile]:
        """The files of these formats, by path; only those in scope unless told otherwise."""
        for path in sorted(self.files):
            file = self.files[path]
            if file.format in formats and (file.in_scope or not in_scope):
                yield file

    def counts_as_test(self, path: str) -> bool:
        """Whether a file is in scope for who looks at tests on purpose: as it lies, or but for the names of test directories."""
        file = self.files[path]
        return file.in_scope or (self.scope is not None and self.scope.covers(path, file.format, TEST_DIRECTORIES))

    def is_dir(self, path: str) -> bool:
        return path in ("", ".") or next(self.below(path), None) is not None

    def below(self, directory: str) -> Iterator[str]:
        """The paths of the files below a directory, `` for the root, in order."""
        start = directory.strip("/") + "/" if directory else ""
        if len(self._paths) != len(self.files):
            self._paths[:] = sorted(self.files)
        for position in range(bisect_left(self._paths, start), len(self._paths)):
            path = self._paths[position]
            if not path.startswith(start):
                return
            yield path

    def bytes(self, path: str) -> bytes:
        """The content of a file of this tree. Raises `Unreadable`."""
        file = self.files.get(path)
        if file is None:
            raise Unreadable("no such file in the scanned tree")
        if file.size > MAX_FILE_BYTES:
            raise Unreadable(f"file of {file.size} bytes is over the limit of {MAX_FILE_BYTES}")
        try:
            return (self.root / path).read_bytes()
        except OSError as error:
            raise Unreadable(f"cannot be read: {error.strerror or error}") from error

    def text(self, path: str) -> str:
        """The text of a file, UTF-8 with or without a byte order mark. Raises `Unreadable`."""
        cached = self._texts.get(path)
        if cached is not None:
            return cached
        raw = self.bytes(path)
        if b"\0" in raw[:8192]:
            raise Unreadable("binary file")
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Unreadable(f"not UTF-8 (byte {error.start})") from error
        self._texts[path] = text
        return text

    def yaml(self, path: str) -> YamlFile:
        """The YAML (or JSON) documents of a file, parsed once. Raises `Unreadable`."""
        found = self._yaml.get(path)
        if found is None:
            found = self._yaml[path] = read_yaml(path, self.text(path))
        return found


def open_tree(
    root: Path, exclude: Sequence[str] = DEFAULT_EXCLUDE, include: Sequence[str] = (), *, standalone: bool = False, installed: bool = True
) -> Tree:
    """Walk `root` once. `exclude` names directories (or globs of paths) that are out of scope, `include` takes back.

    `standalone` takes `root` for the top of a repository even where it lies in another one, as fixtures do. Not
    `installed`, what `terraform init` has downloaded is left out.
    """
    tree = Tree(root=root, files={})
    listed = _git_files(root)
    if listed is not None:
        tree.is_git = True
        prefix, entries = listed
        tree.prefix = "" if standalone else prefix
    else:
        entries = _walked_files(root)
    if installed:
        entries.extend(_initialised_modules(root, {path.rpartition("/")[0] for path, _ in entries if path.endswith(_TERRAFORM)}))
    scope = tree.scope = Scope(exclude, include)
    resolved_root = os.path.realpath(root)
    for count, (path, tracked) in enumerate(sorted(set(entries))):
        if count >= MAX_FILES:
            tree.gaps.append(Gap(path, 0, Stage.DISCOVER, f"more than {MAX_FILES} files: the rest was not read", "tree", ("*/*",)))
            break
        _add(tree, resolved_root, path, tracked, scope)
    return tree


def _add(tree: Tree, resolved_root: str, path: str, tracked: bool, scope: Scope) -> None:
    full = os.path.join(resolved_root, path)
    try:
        info = os.lstat(full)
        if stat.S_ISLNK(info.st_mode):
            target = os.path.realpath(full)
            if not (target + os.sep).startswith(resolved_root + os.sep):
                tree.gaps.append(Gap(path, 0, Stage.DISCOVER, "symbolic link out of the scanned tree, not followed", "tree"))
                return
            info = os.stat(full)
    except OSError:
        # Tracked but deleted in the work tree, or a dangling link: there is nothing to read.
        return
    if stat.S_ISDIR(info.st_mode):
        if os.path.islink(full):
            return  # what it leads to is listed by its own name
        kinds = ("*",) if _INFRASTRUCTURE.search(path) and scope.covers(f"{path}/x", Format.OTHER) else ()
        tree.gaps.append(Gap(path, 0, Stage.DISCOVER, "a git submodule, not read; scan it by itself", "tree", kinds))
        return
    if not stat.S_ISREG(info.st_mode):
        return
    file_format = classify(path, lambda: _head(full))
    in_scope = scope.covers(path, file_format)
    tree.files[path] = TreeFile(path, info.st_size, tracked, file_format, in_scope)
    if info.st_size > MAX_FILE_BYTES and file_format is not Format.OTHER:
        reason = f"file of {info.st_size} bytes is over the limit of {MAX_FILE_BYTES}, not read"
        tree.gaps.append(Gap(path, 0, Stage.READ, reason, "tree", file_format.kinds))


def _head(full: str) -> str:
    """The start of a file, enough to tell what it is."""
    try:
        with open(full, "rb") as stream:
            return stream.read(64 * 1024).decode("utf-8", "replace")
    except OSError:
        return ""


class Scope:
    """Which files count: directory names (`manifests:docs` only for manifests below it) and path globs out, other globs back in."""

    def __init__(self, exclude: Sequence[str], include: Sequence[str]) -> None:
        self._for_manifests = frozenset(e.removeprefix("manifests:") for e in exclude if e.startswith("manifests:"))
        self._names = frozenset(e for e in exclude if not re.search(r"[*?/\[]", e))
        self._name_globs = tuple(e for e in exclude if e not in self._names and "/" not in e)
        self._globs = tuple(e for e in exclude if "/" in e)
        self._include = tuple(include)

    def covers(self, path: str, file_format: Format, allowed: frozenset[str] = frozenset()) -> bool:
        """Whether a file is in scope; directories whose names are `allowed` leave nothing out."""
        pure = PurePosixPath(path)
        if any(pure.match(glob) or path.startswith(glob.rstrip("*/") + "/") for glob in self._include):
            return True
        if any(pure.match(glob) or path.startswith(glob.rstrip("*/") + "/") for glob in self._globs):
            return False
        directories = pure.parts[:-1]
        if any(fnmatchcase(part, glob) for glob in self._name_globs for part in pure.parts):
            return False
        hit = self._names.intersection(directories) - allowed
        if hit and file_format in _PIPELINES:
            return hit <= _PIPELINES_IN
        return not hit and (file_format not in _MANIFESTS or not self._for_manifests.intersection(directories))


def _git_files(root: Path) -> tuple[str, list[tuple[str, bool]]] | None:
    """Git's view of the tree: its prefix below the work tree, and tracked and unignored files. None where git has none."""
    prefix = git(root, "rev-parse", "--show-prefix")
    listed = git(root, "ls-files", "-z", "-t", "--cached", "--others", "--exclude-standard") if prefix is not None else None
    if prefix is None or not listed:
        return None
    entries = []
    for record in listed.split(b"\0"):
        tag, _, name = record.partition(b" ")
        if name:
            entries.append((name.decode("utf-8", "surrogateescape"), tag != b"?"))
    return prefix.decode("utf-8", "replace").strip().rstrip("/"), entries


def ignore_rules(text: str) -> pathspec.GitIgnoreSpec:
    """The rules of a `.gitignore`. A line that is no pattern (`[z-a]`) matches nothing, as in git.

    A pattern of many wildcards is matched by backtracking and would hang on a hostile file name: it is left out, its line
    kept, so that more is scanned and not less. So is one that is longer than any path.
    """
    import pathspec

    def valid(line: str) -> bool:
        if len(line) > MAX_PATTERN or len(re.findall(r"\*+", line)) > 3 or "***" in line:
            return False
        try:
            pathspec.GitIgnoreSpec.from_lines([line])
        except (ValueError, re.error):
            return False
        return True

    return pathspec.GitIgnoreSpec.from_lines(line if valid(line) else "" for line in text.splitlines())


def _initialised_modules(root: Path, directories: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """What `terraform init` has put below these directories: every project ignores it, and it holds what the calls mean."""
    left = MAX_FILES
    for directory in sorted(directories):
        modules = os.path.join(directory, ".terraform", "modules")
        if not os.path.isfile(root / modules / "modules.json"):
            continue
        for below, names, files in os.walk(root / modules, followlinks=False):
            names[:] = sorted(name for name in names if name != ".git")
            relative = os.path.relpath(below, root).replace(os.sep, "/")
            yield from ((f"{relative}/{name}", False) for name in files)
            left -= len(files)
            if left < 0:
                return


def _walked_files(root: Path) -> list[tuple[str, bool]]:
    """The files of a directory that git does not know, less what its `.gitignore` files exclude."""
    ignores: dict[str, pathspec.GitIgnoreSpec] = {}
    entries: list[tuple[str, bool]] = []

    def ignored(path: str) -> bool:
        parts = path.split("/")
        return any(
            ignores[base].match_file("/".join(parts[depth:]))
            for depth in range(len(parts))
            if (base := "/".join(parts[:depth])) in ignores
        )

    for directory, names, files in os.walk(root, followlinks=False):
        relative = os.path.relpath(directory, root).replace(os.sep, "/")
        base = "" if relative == "." else relative
        if ".gitignore" in files:
            with contextlib.suppress(OSError, ValueError):
                ignores[base] = ignore_rules(Path(directory, ".gitignore").read_text("utf-8", "replace"))
        join = f"{base}/" if base else ""
        names[:] = sorted(n for n in names if n != ".git" and not ignored(f"{join}{n}/"))
        entries.extend((join + f, False) for f in files if not ignored(join + f))
        if len(entries) > MAX_FILES:
            break
    return entries

"""The tree of an earlier commit, as files, with nothing of the repository being run.

The repository is not trusted: a `git archive` or `git worktree add` in it runs the filters (and hooks) that its configuration names. The
commit is therefore checked out by an empty repository of ours that only borrows the objects.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gonogo.sources.git import git
from gonogo.sources.tree import MAX_FILES

MAX_TREE_BYTES = 4 * 1024 * 1024 * 1024


class BaseError(Exception):
    """There is no earlier state to compare with; the message is one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Base:
    """The state before a change: the commit at which it left what `ref` names."""

    ref: str
    commit: str


def merge_base(root: Path, ref: str) -> Base:
    """Where the commit that is checked out at `root` and `ref` parted. Raises `BaseError`."""
    if _line(root, "rev-parse", "--is-inside-work-tree") != "true":
        raise BaseError(f"{root} is no git work tree: --diff compares with a commit")
    head = _line(root, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    if not head:
        raise BaseError(f"{root} has no commit yet: there is nothing to compare with")
    # In a pipeline a branch is often known by its remote name only.
    found = next((c for name in (ref, f"origin/{ref}") if (c := _line(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"))), "")
    shallow = _line(root, "rev-parse", "--is-shallow-repository") == "true"
    branch = ref.removeprefix("origin/")
    if not found:
        raise BaseError(
            f"{ref} is not in this clone; fetch it: git fetch origin +refs/heads/{branch}:refs/remotes/origin/{branch}"
            + (" (the clone is shallow; with actions/checkout: fetch-depth: 0)" if shallow else "")
        )
    commit = _line(root, "merge-base", head, found)
    if not commit:
        raise BaseError(
            f"this clone does not reach back to where {ref} and HEAD parted; fetch it: git fetch --unshallow (with actions/checkout: fetch-depth: 0)"
            if shallow
            else f"{ref} and HEAD have no commit in common"
        )
    return Base(ref, commit)


def renames(root: Path, commit: str) -> Mapping[str, str]:
    """The files that were moved below `root` between a commit and HEAD, and the directories that they moved from, by their old paths."""
    listed = git(root, "diff", "--name-status", "-z", "--find-renames", "--diff-filter=R", "--relative", "--no-ext-diff", "--no-textconv", commit, "HEAD")
    fields = (listed or b"").decode("utf-8", "surrogateescape").split("\0")
    found: dict[str, str] = {}
    for old, new in zip(fields[1::3], fields[2::3], strict=False):
        found[old] = new
        before, _, name = old.rpartition("/")
        after, _, same = new.rpartition("/")
        if before and name == same:
            found.setdefault(before, after or ".")
    return found


@contextmanager
def checked_out(root: Path, commit: str) -> Iterator[Path]:
    """The directory `root` as it was at a commit; it does not exist where it did not then. Raises `BaseError`."""
    prefix = _line(root, "rev-parse", "--show-prefix")
    objects = (root / _line(root, "rev-parse", "--git-path", "objects")).resolve()
    _check_size(root, commit)
    if "\n" in str(objects):
        raise BaseError("the path of the repository holds a line break")
    with tempfile.TemporaryDirectory(prefix="gonogo-", ignore_cleanup_errors=True) as temporary:
        # The same name: a report and some resources are named by it.
        top = Path(temporary) / (Path(_line(root, "rev-parse", "--show-toplevel")).name or "base")
        top.mkdir()
        form = _line(root, "rev-parse", "--show-object-format") or "sha1"
        made = git(top, "init", "--quiet", "--template=", f"--object-format={form}")
        if made is not None:
            info = top / ".git" / "objects" / "info"
            info.mkdir(exist_ok=True)
            (info / "alternates").write_text(f"{objects}\n", "utf-8", "surrogateescape")
            made = git(top, "read-tree", commit)
        if made is None or git(top, "checkout-index", "--all", "--quiet") is None:
            raise _lacking(commit)
        yield top / prefix


def _check_size(root: Path, commit: str) -> None:
    """A tree may name one blob a million times. Raises `BaseError`."""
    listed = git(root, "ls-tree", "-r", "-l", "-z", "--full-tree", commit)
    if listed is None:
        raise _lacking(commit)
    rows = listed.split(b"\0")[:-1]
    sizes = [row.partition(b"\t")[0].split()[-1] for row in rows]
    if len(rows) > MAX_FILES or sum(int(size) for size in sizes if size.isdigit()) > MAX_TREE_BYTES:
        raise BaseError(f"commit {commit[:12]} has more than {MAX_FILES} files or {MAX_TREE_BYTES} bytes: too much to compare with")


def _lacking(commit: str) -> BaseError:
    return BaseError(
        f"commit {commit[:12]} cannot be checked out beside the work tree: the clone lacks some of it, or it is no sound tree; complete a"
        " partial clone first: git fetch --refetch --no-filter origin (with actions/checkout: no `filter`)"
    )


def _line(root: Path, *arguments: str) -> str:
    """What a git command prints, without the line end; empty where it fails."""
    return (git(root, *arguments) or b"").decode("utf-8", "surrogateescape").removesuffix("\n")

"""Earlier trees of repositories that nobody vouches for."""

from __future__ import annotations

from pathlib import Path

import pytest

from git_repository import Repository, repository
from gonogo.sources import earlier
from gonogo.sources.earlier import BaseError, checked_out, merge_base


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    return repository(tmp_path / "shop")


def contents(root: Path) -> dict[str, str]:
    return {p.relative_to(root).as_posix(): p.read_text() for p in sorted(root.rglob("*")) if p.is_file() and ".git" not in p.parts}


def test_the_tree_is_that_of_the_commit_where_the_branches_parted(repo: Repository) -> None:
    parted = repo.commit({"a.tf": "old", "deploy/b.tf": "b"})
    repo.git("checkout", "--quiet", "-b", "feature")
    repo.commit({"a.tf": "new", "deploy/b.tf": None})
    repo.git("checkout", "--quiet", "main")
    repo.commit({"c.tf": "later"})
    repo.git("checkout", "--quiet", "feature")
    base = merge_base(repo.path, "main")
    assert base.commit == parted
    with checked_out(repo.path, base.commit) as root:
        assert root.name == "shop"
        assert contents(root) == {"a.tf": "old", "deploy/b.tf": "b"}
        outside = root
    assert not outside.exists()
    assert contents(repo.path) == {"a.tf": "new"}, "the work tree is as it was"
    assert repo.git("status", "--porcelain") == ""


def test_below_the_top_the_same_directory_is_meant(repo: Repository) -> None:
    commit = repo.commit({"infra/a.tf": "a", "x": ""})
    (repo.path / "later").mkdir()
    with checked_out(repo.path / "infra", commit) as root:
        assert contents(root) == {"a.tf": "a"}
    with checked_out(repo.path / "later", commit) as root:
        assert not root.exists()


def test_a_hostile_configuration_runs_nothing(repo: Repository, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    hook = tmp_path / "hook.sh"
    hook.write_text(f"#!/bin/sh\ntouch {marker}\ncat\n")
    hook.chmod(0o755)
    commit = repo.commit({"a.tf": "plain", ".gitattributes": "* filter=evil diff=evil merge=evil\n"})
    for name in ("filter.evil.smudge", "filter.evil.clean", "filter.evil.process", "core.fsmonitor", "core.sshCommand", "diff.evil.textconv", "core.pager"):
        repo.git("config", name, str(hook))
    repo.git("config", "core.hooksPath", str(tmp_path))
    (repo.path / ".git" / "hooks").mkdir(exist_ok=True)
    for name in ("post-checkout", "post-index-change", "reference-transaction"):
        (repo.path / ".git" / "hooks" / name).write_text(hook.read_text())
        (repo.path / ".git" / "hooks" / name).chmod(0o755)
        (tmp_path / name).write_text(hook.read_text())
        (tmp_path / name).chmod(0o755)
    with checked_out(repo.path, merge_base(repo.path, "HEAD").commit) as root:
        assert (root / "a.tf").read_text() == "plain"
    assert merge_base(repo.path, "HEAD").commit == commit
    assert not marker.exists()


def test_a_partial_clone_fetches_nothing_by_commands_of_its_own(repo: Repository, tmp_path: Path) -> None:
    repo.commit({"a.tf": "first"})
    repo.commit({"a.tf": "second"})
    repo.git("config", "uploadpack.allowFilter", "true")
    clone = Repository(tmp_path / "clone")
    repo.git("clone", "--quiet", "--filter=blob:none", f"file://{repo.path}", str(clone.path))
    marker, evil = tmp_path / "ran", tmp_path / "evil.sh"
    evil.write_text(f"#!/bin/sh\ntouch {marker}\nexit 1\n")
    evil.chmod(0o755)
    clone.git("config", "remote.origin.uploadpack", str(evil))
    with pytest.raises(BaseError, match="complete a partial clone first"), checked_out(clone.path, merge_base(clone.path, "HEAD~1").commit):
        pass
    assert not marker.exists()


@pytest.mark.parametrize("name", ["../escaped", ".git/hooks/post-checkout", "/absolute"])
def test_a_tree_that_leads_out_of_itself_is_refused(name: str, repo: Repository, tmp_path: Path) -> None:
    blob = repo.git("hash-object", "-w", "--stdin", given=b"x")
    directory, _, last = name.rpartition("/")
    entry = bytes.fromhex(blob)
    tree = _tree(repo, b"100644 " + last.encode() + b"\0" + entry)
    for part in reversed(directory.split("/")):
        tree = _tree(repo, b"40000 " + part.encode() + b"\0" + bytes.fromhex(tree))
    commit = repo.git("commit-tree", tree, "-m", "evil")
    with pytest.raises(BaseError, match="cannot be checked out"), checked_out(repo.path, commit):
        pass
    assert not (tmp_path / "escaped").exists()


def _tree(repo: Repository, content: bytes) -> str:
    return repo.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", given=content)


def test_a_link_out_of_the_tree_is_a_link_and_nothing_is_written_through_it(repo: Repository, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (repo.path / "link").symlink_to(outside)
    commit = repo.commit({"a.tf": ""})
    with checked_out(repo.path, commit) as root:
        assert (root / "link").is_symlink()
    assert list(outside.iterdir()) == []


def test_a_bomb_is_refused(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = repo.commit({f"{n}.tf": "x" * 1000 for n in range(20)})
    monkeypatch.setattr(earlier, "MAX_TREE_BYTES", 10_000)
    with pytest.raises(BaseError, match="too much to compare with"), checked_out(repo.path, commit):
        pass


def test_what_is_no_repository_or_has_no_commit_is_said(tmp_path: Path) -> None:
    with pytest.raises(BaseError, match="no git work tree"):
        merge_base(tmp_path, "main")
    with pytest.raises(BaseError, match="no commit yet"):
        merge_base(repository(tmp_path / "new").path, "main")


@pytest.mark.parametrize("ref", ["nope", "--upload-pack=touch x", "-h", "", "main..HEAD", "HEAD:a.tf"])
def test_a_base_that_is_none_names_the_fetch_to_do(ref: str, repo: Repository) -> None:
    repo.commit({"a.tf": ""})
    with pytest.raises(BaseError, match="is not in this clone; fetch it: git fetch origin"):
        merge_base(repo.path, ref)


def test_a_branch_that_is_only_known_by_its_remote_name_is_found(repo: Repository, tmp_path: Path) -> None:
    commit = repo.commit({"a.tf": ""})
    clone = Repository(tmp_path / "clone")
    repo.git("clone", "--quiet", str(repo.path), str(clone.path))
    clone.git("checkout", "--quiet", "-b", "feature")
    clone.git("branch", "--quiet", "-D", "main")
    clone.commit({"b.tf": ""})
    assert merge_base(clone.path, "main").commit == commit


def test_a_shallow_clone_names_the_depth_to_fetch(repo: Repository, tmp_path: Path) -> None:
    repo.commit({"a.tf": "1"})
    repo.git("checkout", "--quiet", "-b", "feature")
    repo.commit({"a.tf": "2"})
    repo.git("checkout", "--quiet", "main")
    repo.commit({"b.tf": "1"})
    clone = Repository(tmp_path / "clone")
    repo.git("clone", "--quiet", "--depth", "1", "--branch", "feature", f"file://{repo.path}", str(clone.path))
    with pytest.raises(BaseError, match=r"main is not in this clone.*the clone is shallow.*fetch-depth: 0"):
        merge_base(clone.path, "main")
    clone.git("fetch", "--quiet", "--depth", "1", "origin", "+refs/heads/main:refs/remotes/origin/main")
    with pytest.raises(BaseError, match=r"does not reach back.*git fetch --unshallow.*fetch-depth: 0"):
        merge_base(clone.path, "main")
    clone.git("fetch", "--quiet", "--unshallow", "origin", "+refs/heads/*:refs/remotes/origin/*")
    with checked_out(clone.path, merge_base(clone.path, "main").commit) as root:
        assert contents(root) == {"a.tf": "1"}


def test_the_merge_commit_of_a_pull_request_needs_a_depth_of_two(repo: Repository, tmp_path: Path) -> None:
    repo.commit({"a.tf": "1"})
    repo.git("checkout", "--quiet", "-b", "feature")
    repo.commit({"b.tf": "2"})
    repo.git("checkout", "--quiet", "main")
    repo.commit({"c.tf": "3"})
    repo.git("merge", "--quiet", "--no-ff", "feature", "-m", "merge")
    clone = Repository(tmp_path / "clone")
    repo.git("clone", "--quiet", "--depth", "2", f"file://{repo.path}", str(clone.path))
    with checked_out(clone.path, merge_base(clone.path, "HEAD^1").commit) as root:
        assert contents(root) == {"a.tf": "1", "c.tf": "3"}, "what the pull request is merged into"


def test_a_linked_work_tree_and_sha256_are_read_too(tmp_path: Path) -> None:
    repo = Repository(tmp_path / "shop")
    repo.path.mkdir()
    repo.git("init", "--quiet", "--template=", "--object-format=sha256", "--initial-branch=main")
    commit = repo.commit({"a.tf": "1"})
    repo.git("worktree", "add", "--quiet", str(tmp_path / "linked"), "-b", "feature")
    assert len(commit) == 64
    with checked_out(tmp_path / "linked", merge_base(tmp_path / "linked", "main").commit) as root:
        assert contents(root) == {"a.tf": "1"}

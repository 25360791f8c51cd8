from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from gonogo.sources.classify import Format
from gonogo.sources.tree import MAX_FILE_BYTES, Unreadable, open_tree


def write(root: Path, **files: str) -> Path:
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True)


def test_git_lists_tracked_and_unignored_files(tmp_path: Path) -> None:
    git(tmp_path, "init")
    (tmp_path / ".gitignore").write_text("secret.txt\n")
    (tmp_path / "secret.txt").write_text("")
    (tmp_path / "tracked.tf").write_text("")
    git(tmp_path, "add", "tracked.tf")
    (tmp_path / "new.tf").write_text("")
    tree = open_tree(tmp_path)
    assert {f.path: f.tracked for f in tree.files.values()} == {".gitignore": False, "new.tf": False, "tracked.tf": True}


def test_what_terraform_init_downloaded_is_there_although_git_ignores_it(tmp_path: Path) -> None:
    git(tmp_path, "init")
    write(tmp_path, main__tf="", **{".gitignore": ".terraform/\n", "live/main.tf": "", "live/.terraform/modules/modules.json": "{}"})
    write(tmp_path, **{"live/.terraform/modules/db/main.tf": "", "live/.terraform/modules/db/.git/config": "", "live/.terraform/providers/x": ""})
    write(tmp_path, **{"other/.terraform/modules/modules.json": "{}"})
    found = {path: file.in_scope for path, file in open_tree(tmp_path).files.items() if ".terraform" in path}
    assert found == {"live/.terraform/modules/modules.json": False, "live/.terraform/modules/db/main.tf": False}


def test_a_hostile_git_configuration_runs_nothing(tmp_path: Path) -> None:
    git(tmp_path, "init")
    marker = tmp_path / "ran"
    hook = tmp_path / "hook.sh"
    hook.write_text(f"#!/bin/sh\ntouch {marker}\n")
    hook.chmod(0o755)
    git(tmp_path, "config", "core.fsmonitor", str(hook))
    (tmp_path / "main.tf").write_text("")
    assert "main.tf" in open_tree(tmp_path).files
    assert not marker.exists()


def test_submodules_are_gaps_and_those_that_deploy_leave_everything_incomplete(tmp_path: Path) -> None:
    other = tmp_path / "other"
    root = tmp_path / "root"
    for path in (other, root):
        path.mkdir()
        git(path, "init")
    (other / "main.tf").write_text("")
    git(other, "add", "main.tf")
    git(other, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-m", "x")
    for name in ("infra", "library"):
        git(root, "-c", "protocol.file.allow=always", "submodule", "add", str(other), name)
    gaps = {g.file: g for g in open_tree(root).gaps}
    assert gaps["infra"].touches("sqladmin.googleapis.com/Instance")
    assert gaps["library"].kinds == ()


def test_the_environment_of_a_git_hook_does_not_lead_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(tmp_path, "init")
    (tmp_path / "main.tf").write_text("")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    assert open_tree(tmp_path).is_git


def test_without_git_the_gitignore_files_count(tmp_path: Path) -> None:
    write(tmp_path, main__a="x", keep="y")
    (tmp_path / ".gitignore").write_text("main/\n")
    tree = open_tree(tmp_path)
    assert not tree.is_git
    assert sorted(tree.files) == [".gitignore", "keep"]


def test_links_out_of_the_root_are_gaps(tmp_path: Path) -> None:
    outside = tmp_path / "outside.tf"
    outside.write_text("x")
    root = tmp_path / "root"
    root.mkdir()
    (root / "link.tf").symlink_to(outside)
    (root / "passwd.yaml").symlink_to("/etc/passwd")
    tree = open_tree(root)
    assert tree.files == {}
    assert [(g.file, g.reason) for g in tree.gaps] == [
        ("link.tf", "symbolic link out of the scanned tree, not followed"),
        ("passwd.yaml", "symbolic link out of the scanned tree, not followed"),
    ]


def test_directory_loops_end(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "a" / "x.tf").write_text("")
    assert sorted(open_tree(tmp_path).files) == ["a/x.tf"]


def test_huge_files_of_a_known_format_are_gaps(tmp_path: Path) -> None:
    with (tmp_path / "big.tf").open("wb") as out:
        out.truncate(MAX_FILE_BYTES + 1)
    tree = open_tree(tmp_path)
    assert [g.file for g in tree.gaps] == ["big.tf"]
    assert tree.gaps[0].touches("sqladmin.googleapis.com/Instance")
    with pytest.raises(Unreadable, match="over the limit"):
        tree.text("big.tf")


def test_a_link_to_a_directory_of_the_tree_is_no_submodule(tmp_path: Path) -> None:
    git(tmp_path, "init")
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "main.tf").write_text("")
    (tmp_path / "terraform").symlink_to("infra")
    tree = open_tree(tmp_path)
    assert (sorted(tree.files), tree.gaps) == (["infra/main.tf"], [])


def test_fifos_and_sockets_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    assert open_tree(tmp_path).files == {}


def test_test_directories_are_out_of_scope_but_pipelines_in_them_are_not(tmp_path: Path) -> None:
    write(tmp_path, test__Dockerfile="FROM a", test__x__cloudbuild="")
    (tmp_path / "test" / "cloudbuild.yaml").write_text("steps:\n- name: gcr.io/cloud-builders/docker\n")
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "cloudbuild.yaml").write_text("steps:\n- name: gcr.io/cloud-builders/docker\n")
    tree = open_tree(tmp_path)
    assert [f.path for f in tree.of(Format.DOCKERFILE)] == []
    assert [f.path for f in tree.of(Format.CLOUD_BUILD)] == ["test/cloudbuild.yaml"]
    assert [f.path for f in open_tree(tmp_path, include=["test/*"]).of(Format.DOCKERFILE)] == ["test/Dockerfile"]


def test_binary_and_foreign_encodings_are_unreadable(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"a: \0\n")
    (tmp_path / "b.yaml").write_bytes("a: é\n".encode("latin-1"))
    (tmp_path / "c.yaml").write_bytes(b"\xef\xbb\xbfa: 1\n")
    tree = open_tree(tmp_path)
    with pytest.raises(Unreadable, match="binary"):
        tree.text("a.yaml")
    with pytest.raises(Unreadable, match="not UTF-8"):
        tree.text("b.yaml")
    assert tree.text("c.yaml") == "a: 1\n"


def test_manifests_in_documentation_are_illustrations_and_scripts_there_may_be_in_use(tmp_path: Path) -> None:
    deployment = "apiVersion: apps/v1\nkind: Deployment\n"
    texts = {"docs/web.yaml": deployment, "docs/main.tf": "", "docs/Dockerfile": "FROM scratch\n", "docs/release.sh": "make\n", "deploy/web.yaml": deployment}
    for path, text in texts.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    in_scope = {f.path: f.in_scope for f in open_tree(tmp_path).files.values()}
    assert not in_scope["docs/web.yaml"] and not in_scope["docs/main.tf"]
    assert in_scope["deploy/web.yaml"] and in_scope["docs/Dockerfile"] and in_scope["docs/release.sh"]
    assert open_tree(tmp_path, include=["docs/*"]).files["docs/web.yaml"].in_scope

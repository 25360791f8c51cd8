"""Which commit of which repository an upload is for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gonogo.config import GitHubSurroundings, read_github
from gonogo.publish.errors import PublishError
from gonogo.publish.github_target import Target, target

MERGE, HEAD, BASE = "a" * 40, "b" * 40, "c" * 40


def around(tmp_path: Path, event_name: str = "push", event: object = None, **more: str) -> GitHubSurroundings:
    path = tmp_path / "event.json"
    path.write_text(json.dumps(event or {}))
    said = {"repository": "acme/app", "ref": "refs/heads/main", "sha": BASE, "event_name": event_name, "event_path": str(path), **more}
    return GitHubSurroundings(**said)


def pull(fork: str | None = "acme/app") -> dict[str, Any]:
    head: dict[str, Any] = {"sha": HEAD, "repo": {"full_name": fork, "fork": True} if fork else None}
    return {"pull_request": {"number": 7, "head": head, "base": {"sha": BASE, "repo": {"full_name": "acme/app"}}}}


def test_a_push_is_what_actions_says(tmp_path: Path) -> None:
    assert target(around(tmp_path)) == Target("https://api.github.com", "acme/app", "refs/heads/main", BASE)


def test_flags_go_before_surroundings(tmp_path: Path) -> None:
    found = target(around(tmp_path), repository="o/n", ref="refs/tags/v1", sha=HEAD, api_url="https://ghe.example.com/api/v3/")
    assert found == Target("https://ghe.example.com/api/v3", "o/n", "refs/tags/v1", HEAD)


def test_the_merge_commit_of_a_pull_request_is_what_was_scanned(tmp_path: Path) -> None:
    said = around(tmp_path, "pull_request", pull(), ref="refs/pull/7/merge", sha=MERGE)
    assert target(said, checked_out=MERGE) == Target("https://api.github.com", "acme/app", "refs/pull/7/merge", MERGE)


@pytest.mark.parametrize(("event", "ref", "sha"), [("pull_request", "refs/pull/7/merge", MERGE), ("pull_request_target", "refs/heads/main", BASE)])
def test_where_the_head_was_checked_out_the_upload_is_for_the_head(event: str, ref: str, sha: str, tmp_path: Path) -> None:
    found = target(around(tmp_path, event, pull(), ref=ref, sha=sha), checked_out=HEAD)
    assert (found.ref, found.sha) == ("refs/pull/7/head", HEAD)


@pytest.mark.parametrize(("fork", "expected"), [("acme/app", False), ("mallory/app", True), (None, True)])
def test_a_fork_is_a_pull_request_from_another_repository(fork: str | None, expected: bool, tmp_path: Path) -> None:
    said = around(tmp_path, "pull_request", pull(fork), ref="refs/pull/7/merge", sha=MERGE)
    assert target(said).from_fork is expected, "a fork's own pull requests are none of a fork"


def test_a_workflow_run_says_nothing_of_what_was_scanned(tmp_path: Path) -> None:
    with pytest.raises(PublishError, match="give --ref and --sha") as raised:
        target(around(tmp_path, "workflow_run"))
    assert raised.value.user
    assert target(around(tmp_path, "workflow_run"), ref="refs/pull/7/head", sha=HEAD).sha == HEAD


@pytest.mark.parametrize(
    ("said", "api"),
    [
        ({}, "https://api.github.com"),
        ({"server_url": "https://github.com"}, "https://api.github.com"),
        ({"server_url": "https://acme.ghe.com"}, "https://api.acme.ghe.com"),
        ({"server_url": "https://github.example.com"}, "https://github.example.com/api/v3"),
        ({"server_url": "https://github.example.com", "api_url": "https://github.example.com/api/v3"}, "https://github.example.com/api/v3"),
        ({"api_url": "http://127.0.0.1:8080"}, "http://127.0.0.1:8080"),
        ({"api_url": "http://[::1]:8080/"}, "http://[::1]:8080"),
    ],
)
def test_the_api_of_each_kind_of_server(said: dict[str, str], api: str, tmp_path: Path) -> None:
    assert target(around(tmp_path, **said)).api == api


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"repository": "acme"}, "OWNER/NAME"),
        ({"repository": "acme/../x"}, "OWNER/NAME"),
        ({"repository": "../app"}, "OWNER/NAME"),
        ({"ref": "main", "sha": HEAD}, "refs/heads/BRANCH"),
        ({"ref": "refs/heads/main", "sha": "abc123"}, "40 hexadecimal digits"),
        ({"api_url": "http://ghe.example.com"}, "in the clear"),
        ({"api_url": "ftp://ghe.example.com"}, "no URL"),
        ({"api_url": "https://user:secret@ghe.example.com"}, "no URL"),
        ({"server_url": "https://ghe.example.com:port"}, "no URL"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(given: dict[str, str], message: str, tmp_path: Path) -> None:
    with pytest.raises(PublishError, match=message) as raised:
        target(around(tmp_path), **given)
    assert raised.value.user


def test_nothing_is_guessed(tmp_path: Path) -> None:
    with pytest.raises(PublishError, match="--ref is missing, and so is GITHUB_REF"):
        target(GitHubSurroundings(repository="acme/app"), checked_out=HEAD)


@pytest.mark.parametrize("text", ["{", "[" * 100_000, ""])
def test_an_event_that_cannot_be_read_is_said(text: str, tmp_path: Path) -> None:
    said = around(tmp_path, "pull_request")
    Path(said.event_path).write_text(text)
    with pytest.raises(PublishError, match="GITHUB_EVENT_PATH"):
        target(said)


def test_the_token_is_the_environments_and_never_shown() -> None:
    found = read_github({"GITHUB_TOKEN": "", "GH_TOKEN": "ghp_secret\n", "GITHUB_REPOSITORY": "acme/app", "GITHUB_SHA": HEAD})
    assert (found.token, found.repository, found.sha) == ("ghp_secret", "acme/app", HEAD)
    assert "ghp_secret" not in repr(found)
    assert read_github({"GITHUB_TOKEN": "a", "GH_TOKEN": "b"}).token == "a"

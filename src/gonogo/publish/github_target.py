"""Which repository, commit and server of GitHub an analysis is for: flags, else what GitHub Actions says, never a guess.

Rules of `getRef` and `getCommitOid` of github/codeql-action (src/git-utils.ts). Its `base_ref` and `base_sha` of a pull request belong to an
endpoint of GitHub's own; the documented one refuses them, and works out the base by itself.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gonogo.config import GitHubSurroundings
from gonogo.publish.errors import PublishError

MAX_EVENT = 32 * 1024 * 1024
_REPOSITORY = re.compile(r"(?!\.{1,2}/)[A-Za-z0-9_.-]+/(?!\.{1,2}\Z)[A-Za-z0-9_.-]+")
_REF = re.compile(r"refs/(?:heads/.+|tags/.+|pull/[0-9]+/(?:merge|head))")
_SHA = re.compile(r"(?:[0-9a-fA-F]{40}|[0-9a-fA-F]{64})")


@dataclass(frozen=True, slots=True)
class Target:
    """Where an analysis goes. `api` is a URL without a final slash; `from_fork` says that it is of a pull request of a fork."""

    api: str
    repository: str
    ref: str
    sha: str
    from_fork: bool = False

    @property
    def path(self) -> str:
        """The path of the documented endpoint, below `api`."""
        return f"/repos/{self.repository}/code-scanning/sarifs"


def target(
    around: GitHubSurroundings,
    *,
    repository: str = "",
    ref: str = "",
    sha: str = "",
    server_url: str = "",
    api_url: str = "",
    checked_out: str = "",
) -> Target:
    """The target of flags over surroundings. `checked_out` is the commit of the work tree, empty where it is none. Raises `PublishError`."""
    event = _event(around)
    seen_ref, seen_sha = ("", "") if ref or sha else _commit(around, event, checked_out)
    return Target(
        api=_api(api_url, server_url) if api_url or server_url else _api(around.api_url, around.server_url),
        repository=_valid(repository or around.repository, _REPOSITORY, "--repository", "GITHUB_REPOSITORY", "OWNER/NAME"),
        ref=_valid(ref or seen_ref, _REF, "--ref", "GITHUB_REF", "refs/heads/BRANCH, refs/tags/TAG or refs/pull/NUMBER/merge"),
        sha=_valid(sha or seen_sha, _SHA, "--sha", "GITHUB_SHA", "the full commit id, 40 hexadecimal digits"),
        from_fork=_from_fork(event),
    )


def _valid(value: str, pattern: re.Pattern[str], flag: str, variable: str, form: str) -> str:
    if not value:
        raise PublishError(f"{flag} is missing, and so is {variable}: give {flag} as {form} (--ref and --sha go together)", user=True)
    if not pattern.fullmatch(value):
        raise PublishError(f"{flag} (or {variable}) is {value!r}; write {form}", user=True)
    return value


def _commit(around: GitHubSurroundings, event: Mapping[str, Any], checked_out: str) -> tuple[str, str]:
    """The ref and the commit that the scanned files are of, which is not always what Actions says."""
    if around.event_name == "workflow_run":
        # Ref and commit are those of the default branch here: a fork's findings would open and close alerts on it.
        raise PublishError("in a workflow_run, GITHUB_REF is the default branch, not what was scanned: give --ref and --sha of that", user=True)
    pull = event.get("pull_request")
    head = _at(pull, "head", "sha")
    if isinstance(pull, Mapping) and isinstance(pull.get("number"), int) and head and head == checked_out != around.sha:
        # The head was checked out, not the merge commit; under pull_request_target Actions even says the base branch.
        return f"refs/pull/{pull['number']}/head", checked_out
    return around.ref, around.sha


def _from_fork(event: Mapping[str, Any]) -> bool:
    """Whether a pull request comes from another repository; one whose fork was deleted does."""
    pull = event.get("pull_request")
    return isinstance(pull, Mapping) and _at(pull, "head", "repo", "full_name") != _at(pull, "base", "repo", "full_name")


def _at(value: object, *path: str) -> object:
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _event(around: GitHubSurroundings) -> Mapping[str, Any]:
    """What triggered the workflow; empty where that was no pull request."""
    if not around.event_path or not around.event_name.startswith("pull_request"):
        return {}
    try:
        with Path(around.event_path).open("rb") as opened:
            event = json.loads(opened.read(MAX_EVENT))
    except (OSError, ValueError, RecursionError) as error:
        raise PublishError(f"GITHUB_EVENT_PATH: {around.event_path} cannot be read ({error}); give --ref and --sha", user=True) from error
    return event if isinstance(event, Mapping) else {}


def _api(api_url: str, server_url: str) -> str:
    """The REST API's URL. That of a GitHub Enterprise Server is below its own, that of github.com and ghe.com is another host."""
    if api_url:
        return _url(api_url, "--api-url (or GITHUB_API_URL)")
    server = _url(server_url or "https://github.com", "--server-url (or GITHUB_SERVER_URL)")
    parts = urlsplit(server)
    if parts.netloc == "github.com" or parts.netloc.endswith(".ghe.com"):
        return f"https://api.{parts.netloc}"
    return f"{server}/api/v3"


def _url(url: str, flag: str) -> str:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise PublishError(f"{flag}: {url} is no URL: {error}", user=True) from error
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.password or parts.query or parts.fragment:
        raise PublishError(f"{flag}: {url} is no URL like https://github.example.com", user=True)
    if parts.scheme == "http" and not is_loopback(host):
        raise PublishError(f"{flag}: {url} would send the token in the clear; plain http is for loopback addresses only", user=True)
    return url.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

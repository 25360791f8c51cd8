"""Which projects there are below a folder or an organization, and what the account may read in one."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from gonogo.sources.gcp.collection import Shortfall
from gonogo.sources.gcp.pages import next_token
from gonogo.sources.gcp.problems import Asked, Cause, Problem
from gonogo.sources.gcp.session import LiveSession
from gonogo.sources.gcp.surfaces import Surfaces

SERVICE = "cloudresourcemanager"
_PAGE = 300
_MAX_FOLDERS = 10_000
_MOST_PERMISSIONS = 100
"""testIamPermissions takes no more in one call."""
FOLDERS, PROJECTS = "resourcemanager.folders.list", "resourcemanager.projects.list"
"""What the walk below a folder or an organization needs there."""


@dataclass(frozen=True, slots=True)
class Projects:
    """The active projects found, sorted. A folder that could not be listed is a shortfall of every kind: what is in it is not known."""

    ids: tuple[str, ...]
    shortfalls: tuple[Shortfall, ...] = ()


def projects_below(session: LiveSession, surfaces: Surfaces, parents: Sequence[str]) -> Projects:
    """The projects below `folders/9` and `organizations/9`, through all folders.

    The search API would be one call, but it leaves out what may not be seen without saying so: the tree is walked instead.
    """
    waiting = deque(dict.fromkeys(parents))
    seen = set(waiting)
    ids: set[str] = set()
    shortfalls: list[Shortfall] = []

    def lost(parent: str, problem: Problem) -> None:
        shortfalls.append(Shortfall("", "projects", parent, problem.cause, problem.reason, problem.permission, ("*.googleapis.com/*",)))

    while waiting:
        parent = waiting.popleft()
        try:
            for entry in _listed(session, surfaces, "projects", parent, PROJECTS):
                if entry.get("state", "ACTIVE") == "ACTIVE" and isinstance(entry.get("projectId"), str):
                    ids.add(entry["projectId"])
            for entry in _listed(session, surfaces, "folders", parent, FOLDERS):
                name = entry.get("name")
                if entry.get("state", "ACTIVE") == "ACTIVE" and isinstance(name, str) and name not in seen:
                    seen.add(name)
                    waiting.append(name)
        except Problem as problem:
            lost(parent, problem)
        if len(seen) > _MAX_FOLDERS:
            lost(parent, Problem(Cause.INVALID, f"there are more than {_MAX_FOLDERS} folders; name them one by one"))
            break
    return Projects(tuple(sorted(ids)), tuple(sorted(shortfalls)))


def _listed(session: LiveSession, surfaces: Surfaces, what: str, parent: str, permission: str) -> Iterator[dict[str, Any]]:
    about = surfaces.services[SERVICE]
    asked = Asked(about.title, about.host, parent, permission, "roles/resourcemanager.folderViewer", session.identity.who)
    token, tokens = "", {""}
    while True:
        params = [("parent", parent), ("pageSize", str(_PAGE)), *([("pageToken", token)] if token else [])]
        page = session.read(SERVICE, f"/v3/{what}", params, asked=asked)
        found = page.get(what, [])
        if not isinstance(found, list):
            raise Problem(Cause.INVALID, f"`{what}` of the answer is no list")
        yield from (entry for entry in found if isinstance(entry, dict))
        token = next_token(page)
        if not token:
            return
        if token in tokens:
            raise Problem(Cause.INVALID, f"the {about.title} names a page twice in one list, so that it does not end")
        tokens.add(token)


def missing_permissions(session: LiveSession, surfaces: Surfaces, project: str) -> tuple[str, ...]:
    """The permissions of the audit that the account lacks in a project. Needs none itself. Raises `Problem`."""
    held = _held(session, surfaces, f"projects/{project}", surfaces.permissions)
    return tuple(permission for permission in surfaces.permissions if permission not in held)


@dataclass(frozen=True, slots=True)
class Held:
    """Which permissions an account has, and which could not be asked about, with the reason."""

    held: frozenset[str] = frozenset()
    refused: tuple[tuple[str, str], ...] = ()


def permissions_held(session: LiveSession, surfaces: Surfaces, resource: str, wanted: Sequence[str]) -> Held:
    """Which of `wanted` the account has on `projects/p`, `folders/9` or `organizations/9`. Needs none itself. Raises `Problem`.

    The API refuses a call with one permission that it does not know for the resource, whatever the others are
    (https://github.com/googleapis/google-cloud-java/issues/722): that one is found by halving.
    """
    try:
        return Held(_held(session, surfaces, resource, wanted))
    except Problem as problem:
        if problem.cause is not Cause.REQUEST:
            raise
        if len(wanted) == 1:
            return Held(refused=((wanted[0], problem.reason),))
    halves = wanted[: len(wanted) // 2], wanted[len(wanted) // 2 :]
    low, high = (permissions_held(session, surfaces, resource, half) for half in halves)
    return Held(low.held | high.held, (*low.refused, *high.refused))


def _held(session: LiveSession, surfaces: Surfaces, resource: str, wanted: Sequence[str]) -> frozenset[str]:
    about = surfaces.services[SERVICE]
    asked = Asked(about.title, about.host, resource, who=session.identity.who)
    collection, _, name = resource.partition("/")
    path = f"/{'v1' if collection == 'projects' else 'v3'}/{collection}/{quote(name, safe='')}:testIamPermissions"
    held: set[str] = set()
    for start in range(0, len(wanted), _MOST_PERMISSIONS):
        answer = session.read(SERVICE, path, asked=asked, document={"permissions": list(wanted[start : start + _MOST_PERMISSIONS])})
        permissions = answer.get("permissions", [])  # left out where none is held
        if not isinstance(permissions, list):
            raise Problem(Cause.INVALID, "`permissions` of the answer is no list")
        held.update(p for p in permissions if isinstance(p, str))
    return frozenset(held)

"""Reads one list to its end: pages, scopes, members, and every way in which an API says that the list is not whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from gonogo.sources.gcp.problems import Asked, Cause, Problem
from gonogo.sources.gcp.session import LiveSession
from gonogo.sources.gcp.surfaces import Service, Surface

MAX_PAGES = 10_000

# Compute says in a warning that a scope is empty; every other warning may stand for something that is missing.
_HARMLESS = {"NO_RESULTS_ON_PAGE", "DEPRECATED_RESOURCE_USED", "DEPRECATED_TYPE_USED", "EXPERIMENTAL_TYPE_USED"}
# What stands beside a list, or alone where the list is empty and therefore left out.
_BESIDE = {
    *("kind", "id", "etag", "selfLink", "nextPageToken", "totalSize", "apiVersion", "metadata"),
    *("warning", "warnings", "unreachable", "unreachables", "missingZones"),
}
_LOCATION = re.compile(r"/(?:locations|regions|zones)/([^/]+)")


@dataclass(frozen=True, slots=True)
class Target:
    """What one request of a surface is about: a project, and a member of the list above where there is one."""

    surface: Surface
    service: Service
    project: str
    parent: str = ""
    parent_name: str = ""

    @property
    def path(self) -> str:
        return self.surface.path.format(project=quote(self.project, safe=":"), parent=self.parent)

    def asked(self, who: str) -> Asked:
        return Asked(self.service.title, self.service.host, f"projects/{self.project}", self.surface.permission, self.service.role, who)


@dataclass(frozen=True, slots=True)
class Partial:
    """A part that the API says it could not look at. `location` is empty where it does not say which."""

    location: str
    reason: str


Pages = Callable[[LiveSession, Target], Iterator[dict[str, Any]]]
"""Gives the pages of a target's list, each the JSON of one answer."""


def rest_pages(session: LiveSession, target: Target) -> Iterator[dict[str, Any]]:
    """The pages of a list that is only a path and parameters."""
    surface = target.surface
    params = [(key, value) for key, value in (*surface.query.items(), *((k, str(v)) for k, v in surface.size.items()))]
    token = ""
    while True:
        page = session.read(
            surface.service,
            target.path,
            [*params, ("pageToken", token)] if token else params,
            asked=target.asked(session.identity.who),
        )
        yield page
        token = next_token(page)
        if not token:
            return


def next_token(page: Mapping[str, Any]) -> str:
    """The token of the next page, empty where there is none. Raises `Problem` for what is no token: a list may not end there."""
    token = page.get("nextPageToken") or ""
    if not isinstance(token, str):
        raise Problem(Cause.INVALID, "`nextPageToken` of the answer is no text, so that the rest of the list is out of reach")
    return token


def read_pages(session: LiveSession, target: Target, pages: Pages) -> Iterator[dict[str, Any]]:
    """The pages, to the end. Raises `Problem` where the list leads back to where it was, or does not end."""
    seen: set[str] = set()
    for number, page in enumerate(pages(session, target), start=1):
        yield page
        token = next_token(page)
        if not token or target.surface.first_page:
            return
        if token in seen or number >= MAX_PAGES:
            loops = "names a page twice" if token in seen else f"has more than {MAX_PAGES} pages"
            raise Problem(Cause.INVALID, f"the {target.service.title} {loops} in one list, so that it does not end")
        seen.add(token)


def members(page: Mapping[str, Any], surface: Surface) -> Iterator[object]:
    """The things that a page lists; raises `Problem` where it is not shaped as the API documents it."""
    key = "items" if surface.scoped else surface.items
    if key and key not in page and page.keys() - _BESIDE:
        raise Problem(
            Cause.INVALID,
            f"the answer has {', '.join(sorted(page.keys() - _BESIDE)[:3])} where `{key}` was expected; is the endpoint right?",
        )
    if surface.scoped:
        for scope in _mapping(page.get("items"), "items").values():
            yield from _list(_mapping(scope, "items").get(surface.scoped), surface.scoped)
    elif surface.items:
        yield from _list(page.get(surface.items), surface.items)
    else:
        yield page


def partials(page: Mapping[str, Any], surface: Surface) -> Iterator[Partial]:
    """What the page says is missing: `warnings` (Cloud SQL), `warning`, `unreachables` (Compute), `unreachable`, `missingZones`."""
    for key in ("unreachable", "unreachables", "missingZones"):
        for place in _list(page.get(key), key):
            yield Partial(place_of(f"/{place}") or str(place), "could not be reached by the API; what is there is not known")
    for warning in _list(page.get("warnings"), "warnings"):
        yield from _warning(warning, "")
    yield from _warning(page.get("warning"), "")
    if surface.scoped:
        for name, scope in _mapping(page.get("items"), "items").items():
            yield from _warning(_mapping(scope, "items").get("warning"), place_of(f"/{name}") or name)


def _warning(warning: object, location: str) -> Iterator[Partial]:
    if warning is None or (isinstance(warning, Mapping) and warning.get("code") in _HARMLESS):
        return
    warning = warning if isinstance(warning, Mapping) else {"message": warning}
    region = warning.get("region")
    said = " ".join(str(warning.get("message") or "").split())[:200]
    yield Partial(
        region if isinstance(region, str) else location,
        f"the API warns {warning.get('code') or ''}".rstrip() + (f": {said}" if said else ""),
    )


def stand_in(body: Mapping[str, Any]) -> bool:
    """Whether an item is no resource but Redis's way of saying that a region did not answer: `…/instances/-`."""
    name = body.get("name")
    return isinstance(name, str) and name.endswith("/-")


def place_of(name: str) -> str:
    """The region, zone or `global` of a resource name or self link; empty where it has none."""
    found = _LOCATION.search(name)
    if found:
        return found[1]
    return "global" if "/global/" in name or name.endswith("/global") else ""


def full_name(body: Mapping[str, Any], target: Target) -> str:
    """The full resource name of an item, empty where the item does not say what it is called."""
    template = target.surface.name
    if template:
        own = {key: value for key, value in body.items() if isinstance(value, str | int)}
        try:
            return template.format(**{**own, "project": target.project, "parent": target.parent})
        except KeyError:
            return ""
    link = body.get("selfLink")
    if isinstance(link, str) and (found := re.search(r"/(projects/.+)", link)):
        return f"//{target.service.host}/{found[1]}"
    name = body.get("name")
    return f"//{target.service.host}/{name}" if isinstance(name, str) and name else ""


def _list(value: object, key: str) -> list[Any]:
    """An empty list is not written at all (proto3), so that a missing key is one."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise Problem(Cause.INVALID, f"`{key}` of the answer is no list")
    return value


def _mapping(value: object, key: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise Problem(Cause.INVALID, f"`{key}` of the answer is no object")
    return value

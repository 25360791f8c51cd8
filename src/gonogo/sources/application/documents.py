"""What documents say beside the code: committed OpenAPI descriptions, and how an application caches."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from gonogo.kinds.application import API_DOCUMENTATION, CACHE_STRATEGY
from gonogo.model.location import Location
from gonogo.model.resource import Resource
from gonogo.model.value import Value
from gonogo.sources.application.discovery import SOURCE
from gonogo.sources.tree import Tree, Unreadable

MAX_SECTION = 20_000

_OPENAPI = re.compile(r"(?i)(?:^|/)(?:openapi|swagger)(?:[._-][\w.-]+)?\.(?:json|ya?ml)\Z")
_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$", re.M)
_ABOUT_CACHES = re.compile(r"(?i)\bcach(?:e|es|ed|ing)\b|캐시|캐싱|キャッシュ|缓存")
# What a strategy tells: which keys, for how long, and what makes them invalid.
_TELLS = (
    ("expiry", re.compile(r"(?i)\bttl\b|time[- ]to[- ]live|expir|만료|有効期限|过期")),
    ("invalidation", re.compile(r"(?i)\binvalidat|\bevict|\bpurg|무효화|無効化|失效")),
    ("keys", re.compile(r"(?i)\bkeys?\b|키\b|キー|键")),
)


def read_openapi(tree: Tree) -> Iterator[Resource]:
    """One `app/ApiDocumentation` for each committed description; `enabled` where it is a valid one of OpenAPI 3."""
    for path in sorted(tree.files):
        if not tree.files[path].in_scope or not _OPENAPI.search(path):
            continue
        try:
            parsed = tree.yaml(path)
        except Unreadable:
            value: Value = None
        else:
            value = parsed.documents[0].value if parsed.documents and not parsed.error else None
        attributes: dict[str, Value] = {
            "application": "", "language": "", "library": "", "module": path, "installed": True, "reachable": True,
            "kind": "openapi", "path": "", "enabled": is_openapi(value),
        }  # fmt: skip
        yield Resource(API_DOCUMENTATION, path, attributes, {(): Location(path, 1)}, source=SOURCE)


def is_openapi(value: Value) -> bool:
    """Whether it has what every description must have (https://spec.openapis.org/oas/v3.1.0#openapi-object)."""
    if not isinstance(value, Mapping) or not str(value.get("openapi", "")).startswith("3."):
        return False
    info = value.get("info")
    described = any(isinstance(value.get(key), Mapping) for key in ("paths", "components", "webhooks"))
    return isinstance(info, Mapping) and isinstance(info.get("title"), str) and info.get("version") is not None and described


def read_strategies(tree: Tree, directories: Sequence[str]) -> Iterator[Resource]:
    """One `app/CacheStrategy` for each section of a Markdown document about caches, for each application that it is above of."""
    for path in sorted(tree.files):
        if not path.lower().endswith(".md") or not tree.files[path].in_scope:
            continue
        try:
            text = tree.text(path)
        except Unreadable:
            continue
        if not _ABOUT_CACHES.search(text):
            continue
        for title, line, section in _sections(text):
            tells: list[Value] = [name for name, words in _TELLS if words.search(section)]
            if not tells:
                continue
            above = path.rpartition("/")[0].removesuffix("docs").rstrip("/")
            for directory in directories:
                if not above or directory == above or directory.startswith(f"{above}/") or above.startswith(f"{directory}/"):
                    attributes: dict[str, Value] = {"application": directory, "file": path, "title": title, "tells": tells}
                    yield Resource(CACHE_STRATEGY, f"{directory or '.'}:{path}#{title}", attributes, {(): Location(path, line)}, source=SOURCE)


def _sections(text: str) -> Iterator[tuple[str, int, str]]:
    """The sections whose heading is about caches, with what stands below it up to the next heading of its level."""
    headings = [*_HEADING.finditer(text)]
    for number, heading in enumerate(headings):
        if _ABOUT_CACHES.search(heading[2]):
            end = next((h.start() for h in headings[number + 1 :] if len(h[1]) <= len(heading[1])), len(text))
            yield heading[2][:100], text.count("\n", 0, heading.start()) + 1, text[heading.end() : min(end, heading.end() + MAX_SECTION)]

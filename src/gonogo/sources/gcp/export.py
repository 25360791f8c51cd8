"""Reads an export of the Cloud Asset Inventory: the same audit without credentials, as of the day of the export.

Takes what `gcloud asset export` writes (one asset a line), `gcloud asset list --format=json` (a list) and the API's own
answer (`{"assets": […]}`), with `asset_type` or `assetType`. https://cloud.google.com/asset-inventory/docs/exporting-to-cloud-storage
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gonogo.sources.gcp.collection import Asset, Collected, Coverage, Shortfall
from gonogo.sources.gcp.pages import place_of
from gonogo.sources.gcp.problems import Cause
from gonogo.sources.gcp.redact import redacted, whole_characters
from gonogo.sources.gcp.surfaces import Surface, Surfaces

MAX_BYTES = 512 * 1024 * 1024
_NOT_SPACE = re.compile(r"\S")
_EVERYTHING = ("*.googleapis.com/*",)
_PROJECT = re.compile(r"(?:^|/)projects/([^/]+)")
# Regional and global variants have asset types of their own and the shape of the plain one.
_VARIANT = re.compile(r"^(compute\.googleapis\.com/)(?:Region|Global)(?=[A-Z])")
_POLICIES = {"run.googleapis.com/Service": "run.googleapis.com/ServiceIamPolicy"}


class ExportError(Exception):
    """An export that cannot be read at all; the message is one sentence."""


def read_export(path: Path, surfaces: Surfaces) -> Collected:
    """The assets of an export, of the kinds that the audit reads. `observed` is when it was made, where the API's own answer
    tells it (`readTime`), else when the newest asset was updated: an export says nothing of the time since then.

    What an export does not hold is not known to be absent: it may have been made for some types, or without IAM policies.
    Raises `ExportError`.
    """
    by_kind = {surface.kind: surface for surface in surfaces.surfaces if surface.kind}
    assets: dict[tuple[str, str], Asset] = {}
    shortfalls: list[Shortfall] = []
    with_policies = False
    bare: dict[tuple[str, str], Surface] = {}
    updated: dict[tuple[str, str], str] = {}
    newest = ""
    read_times: set[str] = set()
    for place, entry, read_time in _entries(path):
        read_times.add(read_time)
        kind = entry.get("asset_type", entry.get("assetType")) if isinstance(entry, Mapping) else None
        name = entry.get("name") if isinstance(entry, Mapping) else None
        if not isinstance(entry, Mapping) or not isinstance(kind, str) or not isinstance(name, str):
            reason = "no asset with a name and a type stands there, so that something is missing"
            shortfalls.append(Shortfall("", "export", place, Cause.INVALID, reason, kinds=_EVERYTHING))
            continue
        written = str(entry.get("update_time", entry.get("updateTime")) or "")
        newest = max(newest, written)
        policy = entry.get("iam_policy", entry.get("iamPolicy"))
        # That other things have their policies says nothing of these: an export of policies may be of some types.
        with_policies = with_policies or (kind in _POLICIES and isinstance(policy, Mapping))
        surface = by_kind.get(_VARIANT.sub(r"\1", kind))
        if surface is not None and not isinstance(_data(entry), Mapping):
            bare[kind, name] = surface
        for of_kind, body in ((kind, _data(entry)), (_POLICIES.get(kind), policy)):
            if surface is not None and of_kind is not None and isinstance(body, Mapping):
                if written < updated.get((of_kind, name), ""):
                    continue  # as it was before
                updated[of_kind, name] = written
                try:
                    assets[of_kind, name] = _asset(of_kind, name, entry, body, by_kind.get(of_kind, surface))
                except RecursionError:
                    reason = f"{name} is nested too deeply to be read"
                    shortfalls.append(Shortfall("", "export", place, Cause.INVALID, reason, kinds=surfaces.kinds(surface)))
    shortfalls.extend(_bare(surfaces, {key: surface for key, surface in bare.items() if key not in assets}))
    seen = {*(asset.surface for asset in assets.values()), *(surface.id for surface in bare.values())}
    shortfalls.extend(_missing(surfaces, seen, with_policies))
    found = tuple(asset for _, asset in sorted(assets.items()))
    dated = "" not in read_times and bool(read_times)
    observed = _moment(min(read_times) if dated else newest)
    return Collected(found, tuple(sorted(shortfalls)), _coverage(surfaces, found, shortfalls), {}, observed, dated)


def _entries(path: Path) -> Iterator[tuple[str, Any, str]]:
    """The entries of the file, each with its place and when it was read, where that is told; None for one that is no JSON."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ExportError(f"{path}: larger than {MAX_BYTES // 1024**2} MiB; export some asset types or projects at a time")
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ExportError(f"{path}: cannot be read: {error}") from error
    for place, document in _documents(text):
        read_time = ""
        if isinstance(document, dict) and isinstance(document.get("assets"), list):
            read_time = document["readTime"] if isinstance(document.get("readTime"), str) else ""
            document = document["assets"]
        if isinstance(document, list):
            yield from ((f"{place}, entry {number}", entry, read_time) for number, entry in enumerate(document, start=1))
        else:
            yield place, document, read_time


def _documents(text: str) -> Iterator[tuple[str, Any]]:
    """The JSON texts one after the other, on a line each or not; None where some lines are none."""
    decoder = json.JSONDecoder()
    position, line, damaged = 0, 1, False
    while (start := _NOT_SPACE.search(text, position)) is not None:
        line += text.count("\n", position, start.start())
        position = start.start()
        try:
            document, end = decoder.raw_decode(text, position)
            document, damaged = whole_characters(document), False
        except (ValueError, RecursionError):
            document, end = None, text.find("\n", position) + 1 or len(text)
            if not damaged:
                yield f"line {line}", None
            damaged = True
        else:
            yield f"line {line}", document
        line += text.count("\n", position, end)
        position = end


def _data(entry: Mapping[str, Any]) -> object:
    """What the API answers for an asset: of an export or `assets list`, else of `search-all-resources --read-mask='*'`."""
    resource = entry.get("resource")
    if isinstance(resource, Mapping):
        return resource.get("data")
    versions = entry.get("versionedResources", entry.get("versioned_resources"))
    first = versions[0] if isinstance(versions, list) and versions else None
    return first.get("resource") if isinstance(first, Mapping) else None


def _bare(surfaces: Surfaces, without: Mapping[tuple[str, str], Surface]) -> Iterator[Shortfall]:
    """Assets of which the export has only that they are there: as many shortfalls as kinds."""
    for kind in sorted({kind for kind, _ in without}):
        names = sorted(name for of_kind, name in without if of_kind == kind)
        surface = without[kind, names[0]]
        reason = (
            f"{len(names)} assets of type {kind} are there without what the API says of them ({names[0]}); "
            "export them with `--content-type=resource`"
        )
        yield Shortfall("", surface.id, "", Cause.NOT_COLLECTED, reason, kinds=surfaces.kinds(surface))


def _asset(kind: str, name: str, entry: Mapping[str, Any], body: Mapping[str, Any], surface: Surface) -> Asset:
    resource = entry.get("resource")
    location = resource.get("location") if isinstance(resource, Mapping) else None
    ancestors = entry.get("ancestors")
    project = _PROJECT.search(name) or _PROJECT.search(str(ancestors[0]) if isinstance(ancestors, list) and ancestors else "")
    parent = name.rpartition("/")[0].rpartition("/")[0] if surface.over else ""
    where = location if isinstance(location, str) else place_of(name)
    return Asset(kind, name, project[1] if project else "", where, redacted(body, surface), surface.id, parent)


def _missing(surfaces: Surfaces, seen: set[str], with_policies: bool) -> Iterator[Shortfall]:
    for surface in surfaces.surfaces:
        if not surface.kind or surface.id in seen or (surface.kind in _POLICIES.values() and with_policies):
            continue
        cause = Cause.NOT_COLLECTED if seen & {surface.over, surface.beside} else Cause.NOT_EXPORTED
        reason = f"the export holds nothing of type {surface.kind}: there is none, or the export was made without it"
        yield Shortfall("", surface.id, "", cause, reason, kinds=surfaces.kinds(surface))


def _coverage(surfaces: Surfaces, assets: tuple[Asset, ...], shortfalls: list[Shortfall]) -> tuple[Coverage, ...]:
    broken = {shortfall.surface for shortfall in shortfalls}
    projects = sorted({asset.project for asset in assets})
    counts: dict[tuple[str, str], int] = {}
    for asset in assets:
        counts[asset.project, asset.surface] = counts.get((asset.project, asset.surface), 0) + 1
    return tuple(
        Coverage(project, surface.id, not broken & {surface.id, "export"}, counts.get((project, surface.id), 0), 0, surfaces.kinds(surface))
        for project in projects
        for surface in sorted(surfaces.surfaces, key=lambda s: s.id)
        if surface.kind
    )


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)

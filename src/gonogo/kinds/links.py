"""Resolves the settings that name other resources to the keys of those resources, so that rules join on equality."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gonogo.kinds.assets import collection_of, relative_name, with_project_ids
from gonogo.kinds.fields import members
from gonogo.kinds.spec import Link, Spec, key_of, last_segment
from gonogo.model.resource import Resource
from gonogo.model.value import OpenList, Path, Unknown, Value, is_list, lookup

_REFERENCE = re.compile(r"\$\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class _Targets:
    """The resources of one kind that links can name."""

    by_key: Mapping[str, Resource]
    by_name: Mapping[str, tuple[str, ...]]
    by_path: Mapping[str, str]
    """Those of which it is known what the APIs call them."""
    rests: frozenset[str]
    """Their paths without the project."""
    nameless: tuple[str, ...]
    """Those whose own name is not known."""


def resolve_links(resources: Iterable[Resource], specs: Sequence[Spec], numbers: Mapping[str, str]) -> tuple[Resource, ...]:
    """The resources with `links` filled in. Resources of kinds without links pass through unchanged.

    `numbers` are the ids of projects by number: some answers name a project by the one, some by the other.
    """
    everything = tuple(resources)
    links = {spec.kind: spec.links for spec in specs if spec.links}
    wanted = {kind for of_kind in links.values() for link in of_kind for kind in link.to}
    targets = {kind: _targets([r for r in everything if r.kind == kind], numbers) for kind in wanted}
    return tuple(_resolved(r, links[r.kind], targets, numbers) if r.kind in links else r for r in everything)


def _targets(resources: Sequence[Resource], numbers: Mapping[str, str]) -> _Targets:
    by_name: dict[str, list[str]] = defaultdict(list)
    nameless = []
    for resource in resources:
        name = resource.attributes.get("name")
        if isinstance(name, str) and ("${" not in name or _answered(resource)):
            by_name[name].append(str(resource.attributes["key"]))
        elif isinstance(name, Unknown | str):
            nameless.append(resource.name)
    keys = {str(r.attributes["key"]): r for r in resources}
    named = ((r.attributes.get("path"), str(r.attributes["key"])) for r in resources)
    paths = {with_project_ids(path, numbers): key for path, key in named if isinstance(path, str)}
    rests = frozenset(path.split("/", 2)[-1] for path in paths)
    return _Targets(keys, {name: tuple(found) for name, found in by_name.items()}, paths, rests, tuple(sorted(nameless)))


def _answered(resource: Resource) -> bool:
    """Whether the API answered with it, so that it bears its full name, and its texts are what they say."""
    return resource.name.startswith("//")


def _resolved(resource: Resource, links: Sequence[Link], targets: Mapping[str, _Targets], numbers: Mapping[str, str]) -> Resource:
    found: dict[str, Value] = {}
    locations = dict(resource.locations)
    for link in links:
        found[link.name] = _keys(resource, link, [targets[kind] for kind in link.to], numbers)
        place = resource.locate(_static(link.field))
        if place is not None:
            locations["links", link.name] = place
    return replace(resource, attributes={**resource.attributes, "links": found}, locations=locations)


def _static(field: str) -> Path:
    return tuple(field.partition("[]")[0].split("."))


def _keys(resource: Resource, link: Link, targets: Sequence[_Targets], numbers: Mapping[str, str]) -> Value:
    keys: dict[str, None] = {}
    reasons: list[Value] = []
    for text in _written(resource.attributes, link.field.split("[]")):
        for key in _named(resource, link, text, targets, numbers):
            if isinstance(key, Unknown):
                reasons.append(key)
            else:
                keys[key] = None
    return OpenList(keys, Unknown.merge(reasons)) if reasons else list(keys)


def _written(value: Value, parts: Sequence[str]) -> Iterator[Value]:
    """Every text at a path such as `backends[].group`; `Unknown` for what an open list hides."""
    path: Path = tuple(step for step in parts[0].split(".") if step)
    found = lookup(value, *path)
    if isinstance(found, Unknown):
        yield found
        return
    for member in members(found):
        if isinstance(member, Unknown) or len(parts) == 1:
            yield member
        else:
            yield from _written(member, parts[1:])
    if isinstance(found, OpenList):
        yield found.unknown


def _named(
    resource: Resource, link: Link, text: Value, targets: Sequence[_Targets], numbers: Mapping[str, str]
) -> Iterator[str | Unknown]:
    if isinstance(text, Unknown):
        yield text
        return
    if text is None or is_list(text) or isinstance(text, Mapping) or text == "":
        return
    if _answered(resource):
        yield from _of_answer(resource, link, str(text), targets, numbers)
        return
    exact = [target.by_path[path] for path in [relative_name(str(text))] for target in targets if path in target.by_path]
    if exact:
        yield exact[0]
        return
    scope, environment, _ = str(resource.attributes["key"]).split("|", 2)
    addresses = _REFERENCE.findall(str(text))
    nameless = [name for target in targets for name in target.nameless]
    if addresses:
        keys = [key for reference in addresses for key in _prefixes(scope, environment, reference)]
        hits = [key for key in keys if any(key in target.by_key for target in targets)]
        if hits:
            yield hits[0]
        elif nameless and not _names_another(str(text), addresses):
            yield Unknown.because(f"whether `{text}` is {min(nameless)} is not known: its name is not")
        elif link.required:
            yield Unknown.because(f"{text} is not one of the resources that were read")
        return
    name = str(last_segment(text))
    named = [key for target in targets for key in target.by_name.get(name, ()) if _near(resource, link, target.by_key[key])]
    same = [key for key in named if key.startswith(f"{scope}|{environment}|")]
    if named:
        yield from same or named
    elif nameless:
        yield Unknown.because(f"whether `{name}` is {min(nameless)} is not known: its name is not")
    elif link.required:
        yield Unknown.because(f"`{name}` is not declared in this repository")


def _of_answer(
    resource: Resource, link: Link, text: str, targets: Sequence[_Targets], numbers: Mapping[str, str]
) -> Iterator[str | Unknown]:
    """An answer names another thing in full, or one of its own project: the same short name elsewhere is another thing."""
    path = with_project_ids(relative_name(text), numbers)
    if path:
        found = [target.by_path[path] for target in targets if path in target.by_path]
    else:
        own = str(resource.attributes["key"]).rpartition("|")[0]
        named = ((target, key) for target in targets for key in target.by_name.get(text, ()))
        found = [key for target, key in named if key.startswith(f"{own}|") and _near(resource, link, target.by_key[key])]
    if found:
        yield from found[:1] if path else found
    elif path and _numbered(path, targets):
        yield Unknown.because(f"`{path}`: which project has this number is not known")
    elif link.required or path.split("/")[-2:-1] in [[collection_of(kind)] for kind in link.to]:
        # Even where such a name may be of another kind, the path says that it is not.
        yield Unknown.because(f"`{path or text}` is not one of the resources that were read")


def _numbered(path: str, targets: Sequence[_Targets]) -> bool:
    """Whether a path names its project by a number that nobody explained, and a resource of another spelling may be meant."""
    owner, number, rest = [*path.split("/", 2), "", ""][:3]
    return owner == "projects" and number.isdigit() and any(rest in target.rests for target in targets)


def _near(resource: Resource, link: Link, other: Resource) -> bool:
    """Whether a thing of the right name is not known to be in another place than it would have to be."""
    if link.near is None:
        return True
    here, there = lookup(resource.attributes, link.near[0]), lookup(other.attributes, link.near[1])
    return not (isinstance(here, str) and isinstance(there, str)) or "$" in here + there or here == there


def _names_another(text: str, addresses: Sequence[str]) -> bool:
    """Whether a reference that is none of the resources is another one, and not a part of a name (`web-${random_id.x.hex}`)."""
    return text == f"${{{addresses[0]}}}" and re.search(r"(?:^|\.)google_", addresses[0]) is not None


def _prefixes(scope: str, environment: str, reference: str) -> Iterator[str]:
    """The keys that a reference may mean: the address is the longest part before the attribute that names something."""
    cut = len(reference)
    while cut > 0:
        yield key_of(scope, environment, reference[:cut])
        cut = reference.rfind(".", 0, cut)

"""What `gcloud run` commands say about Cloud Run services, and how that goes with what other files declare."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from gonogo.kinds.cloudrun import KIND, secret_source, serve
from gonogo.kinds.fields import Draft, ServerChooses, members
from gonogo.model.location import Location
from gonogo.model.resource import Resource
from gonogo.model.value import OpenList, Path, Unknown, Value, lookup

KEEPS = "the command changes what it mentions and keeps the rest, which is not declared here"
HIDDEN = "some words of the command are not known"

_ENV_FLAGS = (("set-env-vars", False), ("update-env-vars", False), ("set-secrets", True), ("update-secrets", True))
_ENV: Path = ("template", "containers", 0, "env")


def read_flags(flags: Mapping[str, Value], locations: Mapping[str, Location], draft: Draft, absent: ServerChooses | None) -> None:
    """The environment, the traffic and the invokers of `gcloud run deploy|services update`.

    `absent` says why what the command does not mention is not known; None where it is what gcloud does by default.
    """
    env: list[Value] = []
    hidden: list[Value] = [Unknown.because(absent.reason)] if absent is not None else []
    unknown = list(hidden)
    for flag, secret in _ENV_FLAGS:
        for text in members(flags.get(flag)):
            if isinstance(text, Unknown):
                unknown.append(text)
                continue
            for name, value in _pairs(str(text)):
                if flag in locations:
                    draft.locations[(*_ENV, len(env))] = locations[flag]
                env.append(_entry(name, value, secret))
    if (file := flags.get("env-vars-file")) is not None:
        unknown.append(Unknown.because(f"the environment is in {file}" if isinstance(file, str) else "the environment is in a file"))
    draft.put(("template", "containers"), [{"name": None, "image": flags.get("image"), "env": _list(env, unknown)}])
    draft.attributes["rollout"] = False
    draft.attributes["unmanaged"] = []
    serve(draft)
    public = flags.get("allow-unauthenticated")
    if public is True:
        draft.attributes["invokers"] = ["allUsers"]
    else:
        draft.attributes["invokers"] = _list([], [public] if isinstance(public, Unknown) else hidden if public is None else [])
    if "allow-unauthenticated" in locations:
        draft.locations["invokers",] = locations["allow-unauthenticated"]
        draft.written.add(("invokers",))


def _list(items: Sequence[Value], unknown: Sequence[Value]) -> Value:
    return OpenList(items, Unknown.merge(unknown)) if unknown else list(items)


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """`A=1,B=2`, or with another delimiter `^@^A=1,2@B=3` (`gcloud topic escaping`)."""
    delimiter = ","
    escaped = re.match(r"\^(.{1,4}?)\^", text)
    if escaped:
        delimiter, text = escaped[1], text[escaped.end() :]
    for part in text.split(delimiter):
        name, _, value = part.partition("=")
        if name.strip():
            yield name.strip(), value


def _entry(name: str, value: str, secret: bool) -> dict[str, Value]:
    held, _, version = value.partition(":")
    entry: dict[str, Value] = {
        "name": name,
        "value": None if secret else value,
        "valueSource": {"secretKeyRef": {"secret": held if secret else None, "version": (version or None) if secret else None}},
    }
    # `DB_PASSWORD=$DB_PASSWORD` is filled in where the command runs. It may be a pointer at a secret as well as one.
    if not secret and "$" in value:
        entry["value"] = Unknown.because(f"the value of {name} is filled in where the command runs")
    entry["source"] = secret_source(entry)
    return entry


def reconcile(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    """One description of each Cloud Run service out of several declarations.

    `gcloud run deploy` on a service that Terraform or Knative describes keeps the settings it does not mention: it is a
    rollout, and the description is judged. A command counts as one where a description of its name exists, or where
    either name is not known. `gcloud run services update` never makes a service: it is a rollout where anything else
    declares one. Deployments without a description complete each other: what one sets, another keeps. What Terraform
    makes once and then leaves to whatever deploys (`ignore_changes`) is judged as whatever deploys has it.
    """
    everything = tuple(resources)
    services = [r for r in everything if r.kind == KIND]
    described = [r for r in services if not _is_command(r)]
    commands = [r for r in services if _is_command(r)]
    made = any(not _is_update(r) for r in services)

    def placed(resource: Resource) -> Resource:
        if resource.kind != KIND:
            return resource
        return _placed(resource, described, commands, made) if _is_command(resource) else _handed_over(resource, services)

    return tuple(map(placed, everything))


def _handed_over(resource: Resource, services: Sequence[Resource]) -> Resource:
    """A description whose unmanaged settings are as another description, or a command, of the same service has them."""
    unmanaged = [tuple(path.split(".")) for path in members(resource.attributes["unmanaged"]) if isinstance(path, str)]
    wanted = (resource.environment, "production", "")
    others = [r for r in services if r is not resource and _same_service(r, resource) and r.environment in wanted and not r.attributes["unmanaged"]]
    other = min(others, key=lambda r: (_is_command(r), wanted.index(r.environment)), default=None)
    if not unmanaged or other is None:
        return resource
    attributes, locations = dict(resource.attributes), dict(resource.locations)
    for path in unmanaged:
        found = {at: place for at, place in other.locations.items() if at[: len(path)] == path}
        if not found and _is_command(other):
            continue  # a command keeps what it does not mention
        attributes = _with(attributes, path, lookup(other.attributes, *path))
        locations = {at: place for at, place in locations.items() if at[: len(path)] != path}
        locations.update(found or {path: other.locations[()]})
    return replace(resource, attributes=attributes, locations=locations)


def _placed(command: Resource, described: Sequence[Resource], commands: Sequence[Resource], made: bool) -> Resource:
    if any(_may_be_same(command, other) for other in described) or (made and _is_update(command)):
        return _rollout(command)
    return _completed(command, [other for other in commands if other is not command and _same(command, other)])


def _rollout(command: Resource) -> Resource:
    """The command without what it keeps: that is described where the service is, and judged there."""
    attributes = {**command.attributes, "rollout": True}
    for path in (("traffic",), ("template", "volumes"), ("multiRegionSettings", "regions")):
        if path not in command.locations:
            attributes = _with(attributes, path, [])
    for path in (("invokers",), ("template", "containers")):
        attributes = _with(attributes, path, _closed(lookup(attributes, *path)))
    return replace(command, attributes=attributes)


def _closed(value: Value) -> Value:
    """A list without its being open for what the command keeps."""
    if isinstance(value, OpenList) and value.unknown.reasons in ((KEEPS,), (HIDDEN,)):
        return [_closed(item) for item in value]
    if isinstance(value, list):
        return [_closed(item) for item in value]
    if isinstance(value, dict) and "env" in value:
        return {**value, "env": _closed(value["env"])}
    return value


def _is_command(resource: Resource) -> bool:
    return str(resource.attributes["declaredBy"]).startswith("gcloud")


def _is_update(resource: Resource) -> bool:
    return resource.attributes["declaredBy"] == "gcloud run services update"


def _known_name(resource: Resource) -> str:
    name = resource.attributes["name"]
    return name if isinstance(name, str) and "$" not in name else ""


def _same_service(one: Resource, other: Resource) -> bool:
    return bool(_known_name(one)) and _known_name(one) == _known_name(other)


def _same(one: Resource, other: Resource) -> bool:
    return _same_service(one, other) and one.environment == other.environment


def _may_be_same(one: Resource, other: Resource) -> bool:
    names = (_known_name(one), _known_name(other))
    return not all(names) or names[0] == names[1]


def _completed(command: Resource, others: Sequence[Resource]) -> Resource:
    attributes = dict(command.attributes)
    locations = dict(command.locations)
    for other in others:
        for path, place in other.locations.items():
            if path and path not in locations and path[:2] != ("template", "containers"):
                attributes = _with(attributes, path, lookup(other.attributes, *path))
                locations[path] = place
    return replace(command, attributes=attributes, locations=locations)


def _with(attributes: Mapping[str, Value], path: Path, value: Value) -> dict[str, Value]:
    head, rest = str(path[0]), path[1:]
    inner = attributes.get(head)
    if rest and isinstance(inner, Mapping):
        return {**attributes, head: _with(inner, rest, value)}
    return {**attributes, head: value}

"""OpenShift Templates as `oc process` expands them, and what a DeploymentConfig adds to its pods.

https://docs.openshift.com/container-platform/latest/openshift_images/using-templates.html; where that is silent,
`templateprocessing` of github.com/openshift/library-go decides.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from gonogo.model.location import Location
from gonogo.model.value import Unknown, Value
from gonogo.sources.located import Node, written

LEGACY_RBAC = ("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding")
"""Kinds of `authorization.openshift.io`, which OpenShift keeps as those of Kubernetes."""
MAX_FILLED = 8_000_000
"""Characters that the parameters of one template may come to; what is beyond them stays as it is written, which is unknown."""
_PARAMETER = re.compile(r"\$\{([A-Za-z0-9_]+)\}")
_CONTAINER = re.compile(r"""containers\[\?\(@\.name==["']([^"']+)["']\)\]\.image""")
_TYPED_PARAMETER = re.compile(r"\$\{\{([A-Za-z0-9_]+)\}\}\Z")


@dataclass(frozen=True, slots=True)
class Argument:
    """What a pipeline gives for a parameter; `value` is None where that is not written there."""

    value: str | None
    note: str


@dataclass(frozen=True, slots=True)
class Arguments:
    """What is known of the parameters beside their defaults: `given` to this template, and `unset`, unknown wherever they stand."""

    given: Mapping[str, Argument] = field(default_factory=dict)
    unset: frozenset[str] = frozenset()


NOTHING = Arguments()


@dataclass(frozen=True, slots=True)
class _Filled:
    text: str
    note: str


def expand(template: Node, arguments: Arguments = NOTHING) -> Iterator[Node]:
    """The objects of a template with its parameters filled in, in place. What has no value here stays `${NAME}`."""
    values = _values(template, arguments)
    budget = [MAX_FILLED]
    labels = template.get("labels")
    if labels is not None:
        _fill(labels, values, budget)
    for item in template.maps("objects"):
        _strip_namespace(item)
        _fill(item, values, budget)
        if labels is not None and labels.fields:
            budget[0] -= len(labels.fields)
            if budget[0] >= 0:
                _label(item, labels)
        yield item


def without_value(template: Node, given: Mapping[str, Argument]) -> frozenset[str]:
    """The parameters of a template whose value is not known here: required and generated ones without one, and what a pipeline computes."""
    found = _values(template, Arguments(given))
    return frozenset(name for p in template.maps("parameters") if (name := p.text("name")) not in found)


def _values(template: Node, arguments: Arguments) -> dict[str, _Filled]:
    found: dict[str, _Filled] = {}
    for parameter in template.maps("parameters"):
        name = parameter.text("name")
        value = _value(parameter, arguments.given.get(name))
        # The last of the same name wins, as in a map.
        found.pop(name, None)
        if value is not None and name not in arguments.unset:
            found[name] = value
    return found


def _value(parameter: Node, given: Argument | None) -> _Filled | None:
    if given is not None:
        return None if given.value is None else _Filled(given.value, given.note)
    own = parameter.get("value")
    # `oc` takes an empty text where no default is written at all; who writes none counts on somebody to give one.
    text = _text(own) if own is not None else None
    required = parameter.get("required")
    if text is None or (not text and (parameter.get("generate") is not None or (required is not None and required.content is not False))):
        return None
    return _Filled(text, f"default of the parameter {parameter.text('name')}")


def _text(value: Node) -> str | None:
    """A value as text; None where it is no scalar."""
    content = value.content
    if isinstance(content, str):
        return content
    if isinstance(content, bool):
        return str(content).lower()
    return str(content) if isinstance(content, int | float) else None


def _strip_namespace(item: Node) -> None:
    """A fixed namespace is taken out of an object; one that holds a parameter is kept."""
    metadata = item.get("metadata")
    namespace = item.get("metadata", "namespace")
    if metadata is not None and namespace is not None and not (isinstance(namespace.content, str) and _PARAMETER.search(namespace.content)):
        metadata.fields.pop("namespace")


def _label(item: Node, labels: Node) -> None:
    metadata = item.fields.setdefault("metadata", Node({}, item.location))
    if isinstance(metadata.content, dict):
        own = metadata.get("labels")
        merged = {**(own.fields if own is not None else {}), **labels.fields}
        metadata.content["labels"] = Node(merged, own.location if own is not None else labels.location)


def _fill(node: Node, values: Mapping[str, _Filled], budget: list[int]) -> None:
    # What is filled in is not looked at again, hence the list.
    for child in [child for _, child in node.walk()]:
        if isinstance(child.content, str) and "${" in child.content:
            _fill_text(child, values, budget)
        elif isinstance(child.content, dict) and any("${" in key for key in child.content):
            child.content = {_substituted(key, values, budget)[0]: value for key, value in child.content.items()}


def _fill_text(node: Node, values: Mapping[str, _Filled], budget: list[int]) -> None:
    text = str(node.content)
    typed = _TYPED_PARAMETER.match(text)
    if typed is not None and typed[1] in values:
        filled = values[typed[1]]
        budget[0] -= len(filled.text)
        if budget[0] >= 0:
            node.location = _noted(node.location, filled.note)
            node.content = written(_json(filled.text), node.location).content
        return
    substituted, notes = _substituted(text, values, budget)
    node.content = substituted
    node.location = _noted(node.location, ", ".join(dict.fromkeys(notes)))


def _substituted(text: str, values: Mapping[str, _Filled], budget: list[int]) -> tuple[str, list[str]]:
    """A text with its parameters filled in, and whose values they are."""
    used = [name for name in _PARAMETER.findall(text) if name in values]
    budget[0] -= sum(len(values[name].text) for name in used)
    if budget[0] < 0:
        return text, []
    return _PARAMETER.sub(lambda m: values[m[1]].text if m[1] in values else m[0], text), [values[name].note for name in used]


def _noted(place: Location | None, note: str) -> Location | None:
    return replace(place, note=note) if place is not None and note else place


def _json(text: str) -> Value:
    """The JSON that `${{NAME}}` stands for; what is none is a string."""
    try:
        value: Value = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return text
    return value


def _no_number(text: str) -> None:
    raise ValueError(text)


def stream_tags(objects: Iterable[Node]) -> dict[str, Node]:
    """What the tags of ImageStreams among `objects` stand for, by `name:tag`, where that is an image of a registry."""
    return {
        f"{stream.text('metadata', 'name')}:{tag.text('name')}": name
        for stream in objects
        if stream.text("kind") == "ImageStream"
        for tag in stream.maps("spec", "tags")
        if tag.text("from", "kind") == "DockerImage" and (name := tag.get("from", "name")) is not None and isinstance(name.content, str)
    }


def triggered_images(workload: Node, streams: Mapping[str, Node] = MappingProxyType({})) -> dict[str, Node]:
    """The images that triggers put into the containers of a workload, by container: `namespace/name:tag` of an ImageStream, or what
    that stands for where it is among `streams`.

    A controller writes what the tag stands for into the container, whatever is written there: for a DeploymentConfig that of
    `spec.triggers`, for other workloads that of the annotation `image.openshift.io/triggers`.
    """
    found: dict[str, Node] = {}
    for trigger in workload.maps("spec", "triggers"):
        source = trigger.get("imageChangeParams", "from")
        if trigger.text("type") == "ImageChange" and source is not None:
            found.update(dict.fromkeys(trigger.texts("imageChangeParams", "containerNames"), _stream_tag(source, streams)))
    annotation = workload.get("metadata", "annotations", "image.openshift.io/triggers")
    if annotation is not None and isinstance(annotation.content, str):
        for trigger in written({"of": _json(annotation.content)}, annotation.location).maps("of"):
            named, source = _CONTAINER.search(trigger.text("fieldPath")), trigger.get("from")
            if named is not None and source is not None and trigger.text("paused") != "true":
                found[named[1]] = _stream_tag(source, streams)
    return found


def _stream_tag(source: Node, streams: Mapping[str, Node]) -> Node:
    name, namespace = source.get("name"), source.text("namespace")
    at = name if name is not None else source
    if source.text("kind") not in ("", "ImageStreamTag") or name is None or not isinstance(name.content, str):
        return Node(Unknown.because(f"{at.location}: what the trigger puts in is not known"), at.location)
    if not namespace and name.content in streams:
        return streams[name.content]
    return Node(f"{namespace}/{name.content}" if namespace else name.content, at.location)


def legacy_binding(binding: Node) -> Node:
    """A binding of `authorization.openshift.io` as one of Kubernetes: the role is of the cluster unless it has a namespace.

    `userNames` and `groupNames` are the older form of `subjects`; what either names is taken to be bound.
    https://docs.openshift.com/container-platform/latest/rest_api/role_apis/rolebinding-authorization-openshift-io-v1.html
    """
    fields = dict(binding.fields)
    role = binding.get("roleRef")
    if role is not None and isinstance(role.content, dict) and not role.text("kind"):
        kind = "Role" if role.text("namespace") else "ClusterRole"
        fields["roleRef"] = Node({**role.content, "kind": Node(kind, role.location)}, role.location)
    subjects = binding.get("subjects")
    named = [_subject(item, "User") for item in (binding.get("userNames") or Node([])).items]
    named += [_subject(item, "Group") for item in (binding.get("groupNames") or Node([])).items]
    if named:
        fields["subjects"] = Node([*(subjects.items if subjects is not None else []), *named], (subjects or binding).location)
    return Node(fields, binding.location)


def _subject(name: Node, kind: str) -> Node:
    parts = str(name.content).split(":")
    fields = {"kind": kind, "name": str(name.content)}
    if kind == "User" and len(parts) == 4 and parts[:2] == ["system", "serviceaccount"]:
        fields = {"kind": "ServiceAccount", "namespace": parts[2], "name": parts[3]}
    return written(dict(fields), name.location)

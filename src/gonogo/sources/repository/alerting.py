"""Alerting kept as code outside Terraform and Kubernetes: Prometheus with Alertmanager, Grafana's provisioning, exported monitors."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from gonogo.formats.yaml_reader import Document, read_yaml
from gonogo.kinds.repository import ALERTING
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Resource, Stage
from gonogo.model.value import OpenList, Path, Unknown, Value, is_list
from gonogo.sources.classify import Format
from gonogo.sources.members import items
from gonogo.sources.tree import Tree, TreeFile, Unreadable

MAX_DEPTH = 6

_CONFIGS = "_configs"
# Whom the message of a Datadog monitor tells (https://docs.datadoghq.com/monitors/notify/#notifications).
_MENTION = re.compile(r"@(slack|pagerduty|opsgenie|webhook|teams|victorops|[\w.+-]+@[\w-]+\.\w+)")
_DATADOG = frozenset(
    {"metric alert", "query alert", "service check", "event alert", "event-v2 alert", "log alert", "composite", "slo alert", "process alert", "synthetics alert"}
)


@dataclass(slots=True)
class _Found:
    """Alerting rules of one tool by file, and the receivers that its notifications reach."""

    rules: dict[str, tuple[int, Location]] = field(default_factory=dict)
    receivers: dict[str, tuple[set[str], Location]] = field(default_factory=dict)


def read(tree: Tree) -> Iterator[Resource | Gap]:
    """One `repo/Alerting` for each file of alerting rules or of receivers, each with the receivers that the tree's routes reach."""
    prometheus, grafana = _Found(), _Found()
    for file in _files(tree):
        try:
            text = tree.text(file.path)
        except Unreadable:
            continue  # a YAML file of no known format declares nothing
        if not _is_alerting(text):
            continue
        parsed = tree.yaml(file.path)
        if file.format is Format.KUBERNETES:
            # The manifest reader reports what does not parse; objects of the Prometheus operator are kinds of their own.
            for document in parsed.documents:
                for inner in _mounted(document):
                    _walk(inner, inner.value, (), prometheus, grafana)
            continue
        if parsed.error:
            yield Gap(file.path, parsed.error_line, Stage.PARSE, parsed.error, "repository", (ALERTING,))
        for document in parsed.documents:
            _walk(document, document.value, (), prometheus, grafana)
    yield from _resources("prometheus", "alertmanager", prometheus, "no Alertmanager configuration is in the repository")
    yield from _resources("grafana", "grafana", grafana, "no contact point is in the repository: Grafana's default one is set where it runs")
    yield from _monitors(tree)


def _files(tree: Tree) -> Iterator[TreeFile]:
    """YAML files of no other format, manifests, and Prometheus rules under their older name (`alert.rules`)."""
    yield from tree.of(Format.YAML, Format.KUBERNETES)
    yield from (f for f in tree.of(Format.OTHER) if f.name.endswith(".rules"))


def _is_alerting(text: str) -> bool:
    alerts = "alert:" in text and "expr:" in text and "groups:" in text
    receivers = "receivers:" in text and "route:" in text
    provisioned = "contactPoints:" in text or ("groups:" in text and "condition:" in text and "title:" in text)
    return alerts or receivers or provisioned


def _mounted(document: Document) -> Iterator[Document]:
    """The files that a ConfigMap or Secret holds, each as a document whose every place is that of its key."""
    value = document.value
    if not isinstance(value, Mapping) or value.get("kind") not in ("ConfigMap", "Secret"):
        return
    for member in ("data", "stringData"):
        files = value.get(member)
        for key, text in files.items() if isinstance(files, Mapping) else ():
            if isinstance(text, str) and _is_alerting(text):
                place = document.locations.get((member, key), Location(document.file, 1))
                for inner in read_yaml(document.file, text).documents:
                    yield replace(inner, locations=dict.fromkeys(inner.locations, place))


def _walk(document: Document, value: Value, path: Path, prometheus: _Found, grafana: _Found) -> None:
    """Alerting anywhere in a document: the values of a chart hold it some levels down."""
    if not isinstance(value, Mapping) or len(path) > MAX_DEPTH:
        return
    place = document.locations.get(path, Location(document.file, 1))
    groups = items(value.get("groups"))
    rules = [rule for group in groups if isinstance(group, Mapping) for rule in items(group.get("rules")) if isinstance(rule, Mapping)]
    for found, keys in ((prometheus, ("alert", "expr")), (grafana, ("condition", "data"))):
        count = sum(1 for rule in rules if all(key in rule for key in keys))
        if count:
            before = found.rules.get(document.file, (0, document.locations.get((*path, "groups"), place)))
            found.rules[document.file] = (before[0] + count, before[1])
    if is_list(value.get("receivers")) and isinstance(value.get("route"), Mapping):
        kinds = _routed(value)
        prometheus.receivers[document.file] = (kinds, document.locations.get((*path, "receivers"), place))
    points = [point for point in items(value.get("contactPoints")) if isinstance(point, Mapping)]
    if points:
        types = {str(r.get("type", "")) for point in points for r in items(point.get("receivers")) if isinstance(r, Mapping)}
        grafana.receivers[document.file] = (types - {""}, document.locations.get((*path, "contactPoints"), place))
    for key, child in value.items():
        _walk(document, child, (*path, key), prometheus, grafana)


def _routed(value: Mapping[str, Value]) -> set[str]:
    """The kinds of integrations of the receivers that a route names (https://prometheus.io/docs/alerting/latest/configuration/)."""
    named: set[str] = set()
    routes: list[Value] = [value.get("route")]
    while routes:
        route = routes.pop()
        if isinstance(route, Mapping):
            named.add(str(route.get("receiver", "")))
            routes.extend(items(route.get("routes")))
    return {
        key.removesuffix(_CONFIGS)
        for receiver in items(value.get("receivers"))
        if isinstance(receiver, Mapping) and str(receiver.get("name", "")) in named
        for key, configs in receiver.items()
        if key.endswith(_CONFIGS) and items(configs)
    }


def _resources(tool: str, router: str, found: _Found, missing: str) -> Iterator[Resource]:
    reached = sorted({kind for kinds, _ in found.receivers.values() for kind in kinds})
    receivers: Value = reached if found.receivers else OpenList([], Unknown.because(missing))
    for path, (count, place) in sorted(found.rules.items()):
        yield _resource(path, tool, count, receivers, place)
    total = sum(count for count, _ in found.rules.values())
    for path, (kinds, place) in sorted(found.receivers.items()):
        if path not in found.rules:
            yield _resource(path, router, total, sorted(kinds), place)


def _resource(path: str, tool: str, rules: int, receivers: Value, place: Location) -> Resource:
    attributes: dict[str, Value] = {"tool": tool, "rules": rules, "receivers": receivers, "enabled": True}
    return Resource(ALERTING, path, attributes, {(): place}, source="repository")


def _monitors(tree: Tree) -> Iterator[Resource]:
    """Monitors in the JSON of a monitoring service's API: Sysdig (`notificationChannelConfigList`) and Datadog."""
    for file in tree.of(Format.JSON):
        try:
            text = tree.text(file.path)
            if '"notificationChannelConfigList"' not in text and not ('"query"' in text and '"message"' in text and '"type"' in text):
                continue
            value = json.loads(text)
        except (Unreadable, ValueError, RecursionError):
            continue  # an export that does not parse alerts nobody
        for monitor in value if isinstance(value, list) else [value]:
            found = _monitor(monitor)
            if found is not None:
                tool, kinds, mark = found
                line = text.count("\n", 0, text.index(mark)) + 1
                yield _resource(file.path, tool, 1, sorted(kinds), Location(file.path, line))
                break


def _monitor(value: object) -> tuple[str, set[str], str] | None:
    if not isinstance(value, dict) or value.get("enabled") is False:
        return None
    channels = value.get("notificationChannelConfigList")
    if isinstance(channels, list):
        return "sysdig", {str(c.get("type", "")).lower() for c in channels if isinstance(c, dict)}, '"notificationChannelConfigList"'
    if value.get("type") in _DATADOG and isinstance(value.get("query"), str) and isinstance(value.get("message"), str):
        mentioned = {"email" if "@" in name else name for name in _MENTION.findall(value["message"])}
        return "datadog", mentioned, '"message"'
    return None

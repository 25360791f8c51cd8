"""Alerting kept as code outside Terraform and Kubernetes: Prometheus with Alertmanager, Grafana's provisioning, exported monitors."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gonogo.formats.yaml_reader import Document, read_yaml
from gonogo.kinds.repository import ALERTING
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Resource, Stage
from gonogo.model.value import OpenList, Path, Unknown, Value, is_list
from gonogo.sources.alert_routes import Labels, Route, read_route, told
from gonogo.sources.classify import Format
from gonogo.sources.members import items
from gonogo.sources.tree import Tree, TreeFile, Unreadable

MAX_DEPTH = 6

_CONFIGS = "_configs"
_PROMETHEUS = ("alert", "expr")
# Whom the message of a Datadog monitor tells (https://docs.datadoghq.com/monitors/notify/#notifications).
_MENTION = re.compile(r"@(slack|pagerduty|opsgenie|webhook|teams|victorops|[\w.+-]+@[\w-]+\.\w+)")
_DATADOG = frozenset(
    {"metric alert", "query alert", "service check", "event alert", "event-v2 alert", "log alert", "composite", "slo alert", "process alert", "synthetics alert"}
)


@dataclass(frozen=True, slots=True)
class _Config:
    """Who is told. Without a `route` everybody whose `kinds` are told of; `alone`: no chart around it brings alerts of its own."""

    place: Location
    kinds: frozenset[str]
    route: Route | None = None
    receivers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    alone: bool = True

    def told(self, labels: Labels) -> frozenset[frozenset[str]]:
        """The kinds that may be told of an alert with these labels, one set for each way it may go."""
        if self.route is None:
            return frozenset({self.kinds})
        return told(self.route, labels, lambda name: self.receivers.get(name, frozenset()))


@dataclass(slots=True)
class _Found:
    """Alerting rules of one tool by file, with the labels of each, and who is told. `others` are the labels of rules that are kinds of their own."""

    rules: dict[str, tuple[list[Labels], Location]] = field(default_factory=dict)
    configs: dict[str, _Config] = field(default_factory=dict)
    others: list[Labels] = field(default_factory=list)
    relabelled: bool = False
    """Prometheus changes labels before it sends an alert."""

    def labels(self, path: str | None = None) -> list[Labels]:
        """Those of the rules of a file, else of all."""
        found = self.rules[path][0] if path is not None else [*self.others, *(labels for rules, _ in self.rules.values() for labels in rules)]
        return [{} for _ in found] if self.relabelled else found


def read(tree: Tree) -> Iterator[Resource | Gap]:
    """One `repo/Alerting` for each file of alerting rules or of receivers, each with the receivers that the tree's routes reach."""
    prometheus, grafana = _Found(), _Found()
    for file in _files(tree):
        try:
            text = tree.text(file.path)
        except Unreadable:
            continue  # a YAML file of no known format declares nothing
        prometheus.relabelled |= "alert_relabel_configs:" in text
        if not _is_alerting(text):
            continue
        parsed = tree.yaml(file.path)
        if file.format is Format.KUBERNETES:
            # The manifest reader reports what does not parse; objects of the Prometheus operator are kinds of their own.
            for document in parsed.documents:
                value = document.value
                if isinstance(value, Mapping) and value.get("kind") == "PrometheusRule":
                    prometheus.others.extend(_labels(rule) for rule in _rules(value.get("spec")) if all(key in rule for key in _PROMETHEUS))
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
    rules = _rules(value)
    for found, keys in ((prometheus, _PROMETHEUS), (grafana, ("condition", "data"))):
        labels = [_labels(rule) for rule in rules if all(key in rule for key in keys)]
        if labels:
            before = found.rules.get(document.file, ([], document.locations.get((*path, "groups"), place)))
            found.rules[document.file] = ([*before[0], *labels], before[1])
    if is_list(value.get("receivers")) and isinstance(value.get("route"), Mapping):
        route, receivers = read_route(value.get("route")), _receivers(value)
        kinds = frozenset[str]().union(*(receivers.get(name, frozenset()) for name in route.receivers()))
        prometheus.configs[document.file] = _Config(document.locations.get((*path, "receivers"), place), kinds, route, receivers, not path)
    points = [point for point in items(value.get("contactPoints")) if isinstance(point, Mapping)]
    if points:
        types = {str(r.get("type", "")) for point in points for r in items(point.get("receivers")) if isinstance(r, Mapping)}
        grafana.configs[document.file] = _Config(document.locations.get((*path, "contactPoints"), place), frozenset(types - {""}))
    for key, child in value.items():
        _walk(document, child, (*path, key), prometheus, grafana)


def _rules(value: Value) -> list[Mapping[str, Value]]:
    """The rules of all groups, each with the labels of its group."""
    groups = [group for group in items(value.get("groups")) if isinstance(group, Mapping)] if isinstance(value, Mapping) else []
    return [
        {**rule, "labels": {**_table(group.get("labels")), **_table(rule.get("labels"))}}
        for group in groups
        for rule in items(group.get("rules"))
        if isinstance(rule, Mapping)
    ]


def _labels(rule: Mapping[str, Value]) -> Labels:
    """The labels whose value is written out; those of the series that the expression gives are not known."""
    held = {"alertname": rule.get("alert"), **_table(rule.get("labels"))}
    return {name: str(value) for name, value in held.items() if isinstance(value, str | int | float) and "{{" not in str(value)}


def _table(value: Value) -> Mapping[str, Value]:
    return value if isinstance(value, Mapping) else {}


def _receivers(value: Mapping[str, Value]) -> Mapping[str, frozenset[str]]:
    """The kinds of integrations of each receiver (https://prometheus.io/docs/alerting/latest/configuration/)."""
    return {
        str(receiver.get("name", "")): frozenset(key.removesuffix(_CONFIGS) for key, configs in receiver.items() if key.endswith(_CONFIGS) and items(configs))
        for receiver in items(value.get("receivers"))
        if isinstance(receiver, Mapping)
    }


def _resources(tool: str, router: str, found: _Found, missing: str) -> Iterator[Resource]:
    nobody = Unknown.because(missing)
    for path, (rules, place) in sorted(found.rules.items()):
        reach = _reach(found.labels(path), list(found.configs.values())) if found.configs else _Reach(OpenList([], nobody), nobody)
        yield _resource(path, tool, len(rules), reach, place)
    total = sum(len(rules) for rules, _ in found.rules.values())
    for path, config in sorted(found.configs.items()):
        if path not in found.rules:
            alerts = found.labels() if config.alone else []
            yield _resource(path, router, total, _reach(alerts, [config]) if alerts else _all_told(config.kinds), config.place)


@dataclass(frozen=True, slots=True)
class _Reach:
    """The kinds of receivers that alerts reach, and whether one of them reaches any."""

    receivers: Value
    reached: Value


def _all_told(kinds: frozenset[str] | set[str]) -> _Reach:
    return _Reach(sorted(kinds), bool(kinds))


def _reach(alerts: Sequence[Labels], configs: Sequence[_Config]) -> _Reach:
    certain, possible, reached = set[str](), set[str](), False
    for labels in alerts:
        for config in configs:
            ways = config.told(labels)
            certain |= frozenset.intersection(*ways)
            possible |= frozenset().union(*ways)
            reached |= all(ways)
    if possible <= certain:
        return _all_told(certain)
    why = Unknown.because("which route takes the alerts is decided by labels that their rules do not set")
    return _Reach(OpenList(sorted(certain), why), reached or why)


def _resource(path: str, tool: str, rules: int, reach: _Reach, place: Location) -> Resource:
    attributes: dict[str, Value] = {"tool": tool, "rules": rules, "receivers": reach.receivers, "reached": reach.reached, "enabled": True}
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
                yield _resource(file.path, tool, 1, _all_told(kinds), Location(file.path, line))
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

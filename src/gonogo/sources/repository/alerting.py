"""Alerting kept as code outside Terraform: Prometheus rules with Alertmanager receivers, and monitors exported as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from gonogo.kinds.repository import ALERTING
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Resource, Stage
from gonogo.model.value import Value
from gonogo.sources.classify import Format
from gonogo.sources.tree import Tree, Unreadable

_RECEIVER_SUFFIX = "_configs"


def read(tree: Tree) -> Iterator[Resource | Gap]:
    """One `repo/Alerting` for each file of alerting rules, with the receivers that the tree's Alertmanagers reach."""
    rules: list[tuple[str, int, int]] = []
    receivers: set[str] = set()
    for file in tree.of(Format.YAML):
        try:
            text = tree.text(file.path)
        except Unreadable:
            continue  # a YAML file of no known format declares nothing
        if "alert:" in text and "expr:" in text and "groups:" in text:
            parsed = tree.yaml(file.path)
            if parsed.error:
                yield Gap(file.path, parsed.error_line, Stage.PARSE, parsed.error, "repository", (ALERTING,))
                continue
            count, line = _prometheus([d.value for d in parsed.documents]), text.count("\n", 0, text.index("alert:")) + 1
            if count:
                rules.append((file.path, count, line))
        elif "receivers:" in text and _RECEIVER_SUFFIX in text:
            for document in tree.yaml(file.path).documents:
                receivers |= _alertmanager(document.value)
    for path, count, line in rules:
        yield _resource(path, "prometheus", count, sorted(receivers), line)
    yield from _monitors(tree)


def _resource(path: str, tool: str, rules: int, receivers: Sequence[str], line: int) -> Resource:
    attributes: dict[str, Value] = {"tool": tool, "rules": rules, "receivers": list(receivers), "enabled": True}
    return Resource(ALERTING, path, attributes, {(): Location(path, line)}, source="repository")


def _prometheus(documents: Sequence[Value]) -> int:
    count = 0
    for document in documents:
        groups = document.get("groups") if isinstance(document, Mapping) else None
        for group in _items(groups):
            rules = group.get("rules") if isinstance(group, Mapping) else None
            count += sum(1 for rule in _items(rules) if isinstance(rule, Mapping) and "alert" in rule and "expr" in rule)
    return count


def _alertmanager(value: Value) -> set[str]:
    """The kinds of integrations that receivers which a route names have."""
    receivers = value.get("receivers") if isinstance(value, Mapping) else None
    found: set[str] = set()
    for receiver in _items(receivers):
        for key, configs in receiver.items() if isinstance(receiver, Mapping) else ():
            if key.endswith(_RECEIVER_SUFFIX) and _items(configs):
                found.add(key.removesuffix(_RECEIVER_SUFFIX))
    return found


def _items(value: Value) -> Sequence[Value]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def _monitors(tree: Tree) -> Iterator[Resource]:
    """Alert definitions in the JSON of a monitoring service's API: Sysdig (`notificationChannelConfigList`)."""
    for file in tree.of(Format.JSON):
        try:
            text = tree.text(file.path)
        except Unreadable:
            continue
        if '"notificationChannelConfigList"' not in text:
            continue
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            continue  # an export that does not parse alerts nobody
        channels = value.get("notificationChannelConfigList") if isinstance(value, dict) else None
        if not isinstance(channels, list) or value.get("enabled") is False:
            continue
        kinds = sorted({str(c.get("type", "")).lower() for c in channels if isinstance(c, dict)})
        line = text.count("\n", 0, text.index('"notificationChannelConfigList"')) + 1
        yield _resource(file.path, "sysdig", 1, kinds, line)

"""What platform objects mean: secrets written out, scaling targets, alerts and their receivers, load-balancer policies."""

from __future__ import annotations

import base64
import binascii
import json
import re

from gonogo.formats.yaml_reader import read_yaml
from gonogo.kinds.dashboard_panels import panels
from gonogo.model.value import Unknown
from gonogo.sources.alert_routes import read_route
from gonogo.sources.located import Leaf, Node, located
from gonogo.sources.manifests import pods
from gonogo.sources.manifests.objects import KubernetesObject, canonical_kind
from gonogo.sources.manifests.placeholders import has_placeholder, integer

# Keys of a Secret that are no secret by themselves.
_HARMLESS = re.compile(
    r"(ca\.crt|tls\.crt|.*\.pub|"
    r"(.*[-_.])?(user(_?name)?|host(name)?|port|(database|db)([-_]?name)?|namespace|region|bucket|type|enabled"
    r"|name|profiles?([-_.]active)?|environment|env|ur[il]|endpoint|realm|audience|issuer|email|path|dir(ectory)?))\Z", re.I
)
_EMPTY = re.compile(r"\s*(|null|none|<.*>|\.\.\.|x{3,}|todo|tbd|replace[-_ ]?me|change[-_ ]?me.*|your[-_ ].*)\s*\Z", re.I | re.S)
_RECEIVERS = {
    "pagerdutyConfigs": "pagerduty", "slackConfigs": "slack", "emailConfigs": "email", "webhookConfigs": "webhook",
}  # fmt: skip


def secret(found: KubernetesObject) -> dict[str, Node]:
    """The `type` of a Secret and the keys whose data is written out (`literals`)."""
    node = found.node
    keys: list[Node] = []
    for member in ("data", "stringData"):
        data = node.get(member)
        for key, value in data.fields.items() if data is not None else ():
            # Unknown data comes from a file that is not in the repository: exactly where it should be.
            if not _HARMLESS.match(key) and _written_out(value.content, encoded=member == "data"):
                keys.append(Node(key, value.location))
    if node.get("sops") is not None:
        keys = []  # encrypted in place with SOPS
    return {"type": Node(node.text("type") or "Opaque", node.location), "literals": Node(list(keys), (node.get("data") or node).location)}


def _written_out(content: object, encoded: bool) -> bool:
    if not isinstance(content, str | int | float) or isinstance(content, bool):
        return False
    text = str(content)
    if has_placeholder(text) or text.startswith(("ENC[", "AQICA", "vault:", "ref+")):
        return False
    if encoded:
        try:
            text = base64.b64decode(text, validate=False).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return False
    return not _EMPTY.match(text) and not has_placeholder(text)


def config_map(found: KubernetesObject) -> dict[str, Node]:
    """The settings and the dashboards in a ConfigMap, and the receivers of an Alertmanager configuration in it."""
    node = found.node
    data = node.get("data") or Node({}, node.location)
    settings: list[Node] = []
    dashboards: list[Node] = []
    receivers: list[Node] = []
    for key, value in data.fields.items():
        if not isinstance(value.content, str):
            continue
        if "\n" not in value.content.strip():
            settings.append(pods.setting(key, value))
        if key.endswith(".json") and '"panels"' in value.content and _shows_data(value.content):
            dashboards.append(Node(key, value.location))
        if re.fullmatch(r"(alertmanager|config)\.ya?ml", key) and "receivers:" in value.content and "route:" in value.content:
            receivers += _alertmanager(value)
    return {
        "data": data,
        "settings": Node(list(settings), data.location),
        "dashboards": Node(list(dashboards), data.location),
        "receivers": Node(list(receivers), data.location),
    }


def _shows_data(text: str) -> bool:
    try:
        return panels(json.loads(text)) > 0
    except (ValueError, RecursionError):
        return False


def _alertmanager(text: Node) -> list[Node]:
    """The kinds of the receivers that a route names, of an Alertmanager configuration file held in a string."""
    parsed = read_yaml("", str(text.content))
    if parsed.error or not parsed.documents:
        return []
    root = located(parsed.documents[0].value, {})
    found: list[Node] = []
    routed = _routed(root)
    for receiver in root.maps("receivers"):
        for member, configs in receiver.fields.items():
            if receiver.text("name") in routed and member.endswith("_configs") and configs.items:
                found.append(Node(member.removesuffix("_configs"), text.location))
    return found


def _routed(configuration: Node) -> frozenset[str]:
    """The receivers that a route names."""
    route = configuration.get("route")
    return read_route(route.value()).receivers() if route is not None else frozenset()


def alertmanager_config(found: KubernetesObject) -> dict[str, Node]:
    """The kinds of the receivers that a route of an AlertmanagerConfig names."""
    spec = found.node.get("spec") or Node({}, found.node.location)
    routed = _routed(spec)
    kinds = [
        Node(_RECEIVERS.get(member, member.removesuffix("Configs")), configs.location)
        for receiver in spec.maps("receivers")
        for member, configs in receiver.fields.items()
        if receiver.text("name") in routed and member.endswith("Configs") and configs.items
    ]
    return {"receivers": Node(list(kinds), spec.location)}


def prometheus_rule(found: KubernetesObject) -> dict[str, Node]:
    """The names of the alerts of a PrometheusRule; recording rules are none."""
    spec = found.node.get("spec") or Node({}, found.node.location)
    alerts = [
        Node(name.content, name.location)
        for group in spec.maps("groups")
        for rule in group.maps("rules")
        if (name := rule.get("alert")) is not None and isinstance(name.content, str)
    ]
    elsewhere = Unknown.because(f"{spec.location}: which Alertmanager takes these alerts, and whom it tells, is not in the repository")
    return {"alerts": Node(list(alerts), spec.location), "undeclaredRoute": Node(elsewhere, spec.location)}


def scaling_target(found: KubernetesObject) -> dict[str, Node]:
    """`target`: the workload that a HorizontalPodAutoscaler, ScaledObject or Canary names, as `kind namespace/name`. `scales`: whether
    there is room between its limits, and nobody paused it."""
    spec = found.node.get("spec") or Node({}, found.node.location)
    reference = spec.get("targetRef") if found.kind == "flagger.app/Canary" else spec.get("scaleTargetRef")
    if reference is None or reference.content is None:
        if spec.content is None or isinstance(spec.content, dict):
            return {"target": Node(None, spec.location), "scales": Node(False, spec.location)}
        return _filled(spec)
    name = reference.get("name")
    if not isinstance(reference.content, dict) or (name is not None and isinstance(name.content, Unknown)):
        return _filled(reference)
    named = reference.text("kind") or "Deployment"
    kind = canonical_kind(reference.text("apiVersion") or ("apps.openshift.io/v1" if named == "DeploymentConfig" else "apps/v1"), named)
    target: Leaf = f"{kind} {found.namespace or 'default'}/{reference.text('name')}" if reference.text("name") else None
    return {"target": Node(target, (name or reference).location), "scales": _scales(found, spec)}


def _filled(node: Node) -> dict[str, Node]:
    filled = Unknown.because(f"{node.location}: what it targets is filled in before it is applied")
    return {"target": Node(filled, node.location), "scales": Node(filled, node.location)}


# https://keda.sh/docs/latest/reference/scaledobject-spec/; an HPA has no default for its maximum.
_LIMITS = {"keda.sh/ScaledObject": (("minReplicaCount", 0), ("maxReplicaCount", 100))}
_PAUSED = "autoscaling.keda.sh/paused"


def _scales(found: KubernetesObject, spec: Node) -> Node:
    (low, least), (high, most) = _LIMITS.get(found.kind, (("minReplicas", 1), ("maxReplicas", None)))
    numbers = [integer(spec.get(low)), integer(spec.get(high))]
    place = (spec.get(high) or spec).location
    annotations = found.node.get("metadata", "annotations") or Node({})
    paused = next((node for key, node in annotations.fields.items() if key.startswith(_PAUSED) and node.content not in (False, "false")), None)
    if found.kind in _LIMITS and paused is not None:
        return Node(False, paused.location)
    unknown = [number for number in numbers if isinstance(number, Unknown)]
    if unknown:
        return Node(Unknown.merge(unknown), place)
    minimum, maximum = (default if number is None else number for number, default in zip(numbers, (least, most), strict=True))
    return Node(isinstance(minimum, int) and isinstance(maximum, int) and maximum > minimum, place)


def backend_policy(found: KubernetesObject) -> dict[str, Node]:
    """The Cloud Armor policy of a BackendConfig (`spec.securityPolicy.name`) or GCPBackendPolicy (`spec.default.securityPolicy`)."""
    spec = found.node.get("spec") or Node({}, found.node.location)
    if found.kind == "cloud.google.com/BackendConfig":
        name = spec.get("securityPolicy", "name")
        return {"securityPolicy": Node(spec.text("securityPolicy", "name") or None, (name or spec).location)}
    name = spec.get("default", "securityPolicy")
    target = f"{found.namespace or 'default'}/{spec.text('targetRef', 'name')}" if spec.text("targetRef", "name") else None
    return {
        "securityPolicy": Node(spec.text("default", "securityPolicy") or None, (name or spec).location),
        "target": Node(target, (spec.get("targetRef") or spec).location),
    }


def frontend_policy(found: KubernetesObject) -> dict[str, Node]:
    """The SSL policy that a FrontendConfig or GCPGatewayPolicy names."""
    path = ("spec", "sslPolicy") if found.kind.endswith("FrontendConfig") else ("spec", "default", "sslPolicy")
    at = found.node.get(*path) or found.node
    name = found.node.text(*path)
    elsewhere = Unknown.because(f"{at.location}: the SSL policy {name} is not declared in the repository")
    return {"sslPolicy": Node(name or None, at.location), "undeclaredPolicy": Node(elsewhere, at.location)}

"""The pod that a workload runs, in one shape whatever the workload is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gonogo.model.location import Location
from gonogo.model.value import Unknown
from gonogo.sources.located import Leaf, Node
from gonogo.sources.manifests.objects import KubernetesObject
from gonogo.sources.manifests.openshift import triggered_images
from gonogo.sources.manifests.placeholders import boolean, has_placeholder, integer

DEPLOYMENT_CONFIG = "apps.openshift.io/DeploymentConfig"
_TEMPLATE: dict[str, tuple[str, ...]] = {
    "apps/Deployment": ("spec", "template"),
    "apps/StatefulSet": ("spec", "template"),
    "apps/DaemonSet": ("spec", "template"),
    "apps/ReplicaSet": ("spec", "template"),
    DEPLOYMENT_CONFIG: ("spec", "template"),
    "argoproj.io/Rollout": ("spec", "template"),
    "batch/Job": ("spec", "template"),
    "batch/CronJob": ("spec", "jobTemplate", "spec", "template"),
    "core/Pod": (),
}
WORKLOADS = frozenset(_TEMPLATE) - {"apps/ReplicaSet"}
# Objects that have an operator install a Helm chart, whose workloads they stand for (Flux, K3s).
RELEASES = frozenset({"helm.toolkit.fluxcd.io/HelmRelease", "helm.cattle.io/HelmChart"})
REPLICATED = frozenset({"apps/Deployment", "apps/StatefulSet", "argoproj.io/Rollout", DEPLOYMENT_CONFIG})

_REDIS = re.compile(r"(^|/)(redis|valkey|redis-stack(-server)?|dragonfly|keydb)(:|@|$)", re.I)
_PROBES = ("exec", "httpGet", "tcpSocket", "grpc")
# https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
_QUANTITY = re.compile(r"\+?(\d+\.?\d*|\.\d+)(m|u|n|[kKMGTPE]i?|[eE][-+]?\d+)?\Z")
_REFERENCE = re.compile(r"^(sm|vault|secret|gcp-?secret|berglas|ssm|arn|file|projects/[^/]+/secrets)\b[:/]", re.I)
# Words that switch something rather than open it: MYSQL_ALLOW_EMPTY_PASSWORD=yes.
_SWITCH = re.compile(r"\s*(true|false|yes|no|on|off|enabled?|disabled?|none|null|0|1)\s*", re.I)


def template(found: KubernetesObject) -> Node | None:
    """The pod template of a workload (`metadata`, `spec`); None for other objects and for a Rollout with `workloadRef`."""
    path = _TEMPLATE.get(found.kind)
    return None if path is None else found.node.get(*path)


def pod(found: KubernetesObject) -> Node:
    """The pod in the shape of `kinds.kubernetes.POD`; null where the object has no template."""
    source = template(found)
    spec = source.get("spec") if source is not None else None
    if source is None or spec is None or not isinstance(spec.content, dict):
        return Node(None, found.node.location)
    account = spec.get("serviceAccountName") or spec.get("serviceAccount")
    name = account.content if account is not None and account.content else "default"
    namespace = found.namespace or "default"
    of_triggers = triggered_images(found.node, found.streams)
    containers = [*_containers(spec.get("containers"), spec, of_triggers)] or [Node(Unknown.because(f"{spec.location}: no container is written here"), spec.location)]
    inits: list[Node] = []
    for init in spec.maps("initContainers"):
        # One that is restarted runs beside the others (https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/).
        (containers if init.text("restartPolicy") == "Always" else inits).append(_container(init, spec))
    fields = {
        "labels": source.get("metadata", "labels") or Node({}, source.location),
        "hostNetwork": _leaf(_or(boolean(spec.get("hostNetwork")), False), spec.get("hostNetwork"), spec),
        "serviceAccount": _leaf(f"{namespace}/{name}" if isinstance(name, str) else _unknown(name), account, spec),
        "defaultServiceAccount": _leaf(name == "default", account, spec),
        "mountsToken": _token(spec),
        "containers": Node(containers, _place(spec.get("containers"), spec)),
        "initContainers": Node(inits, _place(spec.get("initContainers"), spec)),
        "env": Node([e for c in (*containers, *inits) for e in c.maps("env")], spec.location),
        "secrets": Node([*_secrets(spec)], spec.location),
        "secretProviders": Node([*_providers(spec)], spec.location),
        "redis": _redis(found, containers, spec),
    }
    if not isinstance(fields["labels"].content, dict):
        fields["labels"] = Node({}, fields["labels"].location)
    if found.kind == DEPLOYMENT_CONFIG:
        # What its controller adds to each pod (`MakeDeployment` of openshift/library-go), so that Services may select by it.
        own = Node(found.name, found.node.location)
        fields["labels"] = Node({**fields["labels"].fields, "deploymentconfig": own}, fields["labels"].location)
    return Node(fields, spec.location)


def _containers(written: Node | None, spec: Node, images: dict[str, Node]) -> Iterator[Node]:
    """The containers of a list; an unknown for each that something else fills in. `images` are put in place of their own, by name."""
    if written is not None and written.content is not None and not isinstance(written.content, list):
        yield Node(Unknown.because(f"{written.location}: the containers are filled in at deployment"), written.location)
    for item in written.items if written is not None else ():
        if isinstance(item.content, dict):
            yield _container(item, spec, images.get(item.text("name")))
        else:
            yield Node(Unknown.because(f"{item.location}: a container is filled in at deployment"), item.location)


def _token(spec: Node) -> Node:
    """Whether the pod has a token of the API server: one that it mounts itself has an audience of nobody else."""
    for volume in spec.maps("volumes"):
        for source in volume.maps("projected", "sources"):
            token = source.get("serviceAccountToken")
            if token is not None and isinstance(token.content, dict) and not token.text("audience"):
                return _leaf(True, token, spec)
    written = spec.get("automountServiceAccountToken")
    return _leaf(boolean(written), written, spec)


def replicas(found: KubernetesObject) -> Node:
    """The replicas in force: 1 where the workload does not say; null for what has none."""
    if found.kind not in REPLICATED:
        return Node(None, found.node.location)
    written = found.node.get("spec", "replicas")
    return _leaf(_or(integer(written), 1), written, found.node.get("spec") or found.node)


def _container(container: Node, spec: Node, image: Node | None = None) -> Node:
    """A container in the shape of `kinds.kubernetes.CONTAINER`. `image` is what is put in place of its own."""
    resources = _mapping(container.get("resources"), container)
    # What is set for the whole pod holds for each container (PodLevelResources, Kubernetes 1.34).
    of_pod = {name: _mapping(spec.get("resources", name), spec) for name in ("limits", "requests")}
    limits = _quantities(_mapping(resources.get("limits"), resources), resources, of_pod["limits"])
    env = container.get("env")
    fields: dict[str, Node] = {
        "name": _leaf(container.text("name"), container.get("name"), container),
        "image": image if image is not None else _leaf(container.text("image"), container.get("image"), container),
        "command": _strings(container, "command"),
        "args": _strings(container, "args"),
        "ports": Node([_leaf(integer(p.get("containerPort")), p, p) for p in container.maps("ports")], container.location),
        "env": Node([_variable(e) for e in container.maps("env")], _place(env, container)),
        "requests": _quantities(_mapping(resources.get("requests"), resources), resources, of_pod["requests"], limits),
        "limits": limits,
    }
    for probe in ("readinessProbe", "livenessProbe", "startupProbe"):
        # One without a handler is refused, or what an overlay has taken the handler from.
        handled = _mapping(container.get(probe), container)
        if not isinstance(handled.content, Unknown) and all(handled.get(kind) is None for kind in _PROBES):
            handled = Node(None, container.location)
        fields[probe] = handled
    for name, read in (("runAsNonRoot", boolean), ("runAsUser", integer)):
        contexts = [_mapping(n.get("securityContext"), n) for n in (container, spec)]
        unknown = next((c for c in contexts if isinstance(c.content, Unknown)), None)
        if unknown is not None:
            fields[name] = unknown
            continue
        own, shared = (context.get(name) for context in contexts)
        chosen = own if own is not None and own.content is not None else shared
        fields[name] = _leaf(read(chosen), chosen, container)
    return Node(fields, container.location)


def _mapping(node: Node | None, container: Node) -> Node:
    """A mapping field, null where it is missing or empty; `Unknown` where a placeholder stands for it."""
    if node is None or not node.content:
        return Node(None, container.location)
    if isinstance(node.content, dict | Unknown):
        return node
    return Node(Unknown.because(f"{node.location}: {node.content} is filled in at deployment"), node.location)


def _quantities(written: Node, resources: Node, *elsewhere: Node) -> Node:
    """CPU and memory as they are written, else as the first of the other places has them."""
    unknown = next((n.content for n in (resources, written) if isinstance(n.content, Unknown)), None)
    if unknown is not None:
        return Node({name: Node(unknown, written.location) for name in ("cpu", "memory")}, written.location)
    fields = {}
    for name in ("cpu", "memory"):
        said = (node for place in (written, *elsewhere) if (node := place.get(name)) is not None and node.content is not None)
        chosen = next(said, None)
        fields[name] = _leaf(_quantity(chosen), chosen, written)
    return Node(fields, written.location)


def _quantity(written: Node | None) -> Leaf:
    """A quantity as text; null where it is zero, which is none."""
    if written is None or written.content is None or isinstance(written.content, Unknown):
        return written.content if written is not None and isinstance(written.content, Unknown) else None
    text = str(written.content)
    if has_placeholder(text):
        return text
    if _QUANTITY.match(text) is None:
        return Unknown.because(f"{written.location}: {text} is no quantity")
    return text if re.search("[1-9]", re.split("[A-Za-z]", text)[0]) else None


def _variable(variable: Node) -> Node:
    value = variable.get("value")
    content: Leaf = None
    if value is not None and value.content is not None:
        content = value.content if isinstance(value.content, Unknown) else str(value.value())
    secret = variable.text("valueFrom", "secretKeyRef", "name") or None
    return Node(
        {
            "name": _leaf(variable.text("name"), variable.get("name"), variable),
            "value": _leaf(content, value, variable),
            "literal": _leaf(content if isinstance(content, Unknown) else is_literal(content), value, variable),
            "secret": _leaf(secret, variable.get("valueFrom", "secretKeyRef"), variable),
        },
        variable.location,
    )


def setting(name: str, value: Node) -> Node:
    """A variable of this name as a ConfigMap holds it, in the shape of `kinds.kubernetes.ENVIRONMENT_VARIABLE`."""
    content = value.content if isinstance(value.content, str) else None
    fields = {"name": name, "value": content, "literal": is_literal(content), "secret": None}
    return Node({key: Node(leaf, value.location) for key, leaf in fields.items()}, value.location)


def is_literal(text: Leaf) -> bool:
    """Whether `text` could be a secret written out: not empty, a switch, a path, a placeholder or a reference."""
    if not isinstance(text, str) or not text.strip():
        return False
    if _SWITCH.fullmatch(text) or has_placeholder(text) or _REFERENCE.match(text):
        return False
    return not text.startswith("/")


def _secrets(spec: Node) -> list[Node]:
    found: list[Node] = []
    for container in (*spec.maps("containers"), *spec.maps("initContainers")):
        found += [ref for v in container.maps("env") if (ref := v.get("valueFrom", "secretKeyRef", "name")) is not None]
        found += [ref for v in container.maps("envFrom") if (ref := v.get("secretRef", "name")) is not None]
    for volume in spec.maps("volumes"):
        named = [volume.get("secret", "secretName"), *(s.get("secret", "name") for s in volume.maps("projected", "sources"))]
        found += [ref for ref in named if ref is not None]
    return [Node(ref.content, ref.location) for ref in found if isinstance(ref.content, str)]


def _providers(spec: Node) -> list[Node]:
    found = []
    for volume in spec.maps("volumes"):
        name = volume.get("csi", "volumeAttributes", "secretProviderClass")
        if name is not None and isinstance(name.content, str):
            found.append(Node(name.content, name.location))
    return found


def _redis(found: KubernetesObject, containers: list[Node], spec: Node) -> Node:
    servers = [c for c in containers if _REDIS.search(c.text("image"))]
    if not servers:
        return Node({name: Node(False, spec.location) for name in ("present", "replicated", "auth", "tls")}, spec.location)
    server = servers[0]
    words = [*server.texts("command"), *server.texts("args")]
    text = " ".join(words)
    variables = {v.text("name") for v in server.maps("env")}
    place = _place(server.get("args"), server)
    configured = any(word.endswith(".conf") for word in words) or re.search(r"\S+\.conf\b", text) is not None
    elsewhere = Unknown.because(f"{place or found.name}: Redis reads its settings from a file that is not interpreted")

    def setting(here: bool) -> Leaf:
        return True if here else elsewhere if configured else False

    auth = "--requirepass" in text or "--aclfile" in text or bool(variables & {"REDIS_PASSWORD", "REDIS_PASSWORD_FILE"})
    # Several replicas of a standalone server are several empty servers; only Sentinel or Cluster make them one.
    said = " ".join(w for c in containers for w in (c.text("image"), *c.texts("command"), *c.texts("args")))
    clustered = "sentinel" in said or "--cluster-enabled yes" in text
    count = replicas(found).content
    several = isinstance(count, int) and count > 1
    return Node(
        {
            "present": Node(True, _place(server.get("image"), server)),
            "replicated": Node(setting(clustered) if several else count if isinstance(count, Unknown) else False, place),
            "auth": Node(setting(auth), place),
            "tls": Node(setting("--tls-port" in text), place),
        },
        server.location,
    )



def _strings(node: Node, member: str) -> Node:
    found = node.get(member)
    words = [Node(str(i.value()), i.location) for i in found.items] if found is not None else []
    return Node(list(words), _place(found, node))


def _place(node: Node | None, otherwise: Node) -> Location | None:
    return node.location if node is not None and node.location is not None else otherwise.location


def _leaf(content: Leaf, at: Node | None, otherwise: Node) -> Node:
    return Node(content, _place(at, otherwise))


def _or(value: Leaf, default: Leaf) -> Leaf:
    return default if value is None else value


def _unknown(content: object) -> Unknown:
    return content if isinstance(content, Unknown) else Unknown.because("the name is not a string")

"""Namespaces, name prefixes and suffixes, and the references that must follow a renamed object."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gonogo.model.location import Location
from gonogo.sources.kustomize.item import Item, metadata
from gonogo.sources.located import Node
from gonogo.sources.manifests.objects import CLUSTER_SCOPED, canonical_kind
from gonogo.sources.manifests.pods import template

# kustomize's default config: these keep their name, and no cluster-scoped object is given a namespace.
_KEEP_NAME = frozenset({"apiextensions.k8s.io/CustomResourceDefinition", "apiregistration.k8s.io/APIService", "core/Namespace"})
_BINDINGS = frozenset({"rbac.authorization.k8s.io/RoleBinding", "rbac.authorization.k8s.io/ClusterRoleBinding"})


def set_namespace(items: Sequence[Item], namespace: str, place: Location | None) -> None:
    """Put every namespaced object into `namespace`."""
    for item in items:
        if item.kind == "core/Namespace":
            metadata(item.node).fields["name"] = Node(namespace, place)
            item.renamed()
        elif item.kind not in CLUSTER_SCOPED:
            metadata(item.node).fields["namespace"] = Node(namespace, place)
            item.renamed()
        if item.kind in _BINDINGS:
            for subject in item.node.maps("subjects"):
                if subject.text("kind") == "ServiceAccount" and subject.text("name") == "default":
                    subject.fields["namespace"] = Node(namespace, place)


def add_affixes(items: Sequence[Item], prefix: str, suffix: str) -> None:
    """Rename every object; its name keeps the place where the object was written."""
    for item in items:
        name = item.node.get("metadata", "name")
        item.affixes = (*item.affixes, f"{prefix}*{suffix}")
        if item.kind not in _KEEP_NAME and name is not None and isinstance(name.content, str):
            name.content = f"{prefix}{name.content}{suffix}"
            item.renamed()


def follow_renames(items: Sequence[Item]) -> None:
    """Make every reference name the present name of the object it was written for."""
    for item in items:
        references = list(_references(item))
        for kind, name, namespace in references:
            if not isinstance(name.content, str):
                continue
            target = _target(items, item, kind, name.content, namespace.content if namespace is not None else None)
            if target is not None:
                name.content = target.name
                if namespace is not None and target.namespace:
                    namespace.content = target.namespace
        for subject in item.node.maps("subjects"):
            if (made := subject.get("namespace")) is not None and made.content is None:
                del subject.fields["namespace"]


def _target(items: Sequence[Item], referrer: Item, kind: str, name: str, namespace: object) -> Item | None:
    candidates = [i for i in items if i.kind == kind and any(n == name for _, n in (*i.names, ("", i.name)))]
    if isinstance(namespace, str) and namespace:
        candidates = [i for i in candidates if any((ns or "default") == namespace for ns, _ in (*i.names, (i.namespace, "")))] or candidates
    elif len(candidates) > 1 and kind not in CLUSTER_SCOPED:
        candidates = [i for i in candidates if i.namespace == referrer.namespace] or candidates
    if len(candidates) > 1:
        candidates = [i for i in candidates if i.affixes[: len(referrer.affixes)] == referrer.affixes] or candidates
    if len(candidates) > 1:
        candidates = [i for i in candidates if i.name == name] or candidates
    return candidates[0] if len(candidates) == 1 else None


def _references(item: Item) -> Iterator[tuple[str, Node, Node | None]]:
    """(kind, name node, namespace node) of each reference of an object (kustomize's default name references)."""
    node = item.node
    pod = template(item.object)
    spec = pod.get("spec") if pod is not None else None
    if spec is not None:
        yield from _pod_references(spec)
    if item.kind in _BINDINGS:
        yield from _named(f"rbac.authorization.k8s.io/{node.text('roleRef', 'kind')}", node.get("roleRef", "name"))
        for subject in node.maps("subjects"):
            if subject.text("kind") == "ServiceAccount" and (name := subject.get("name")) is not None:
                # The namespace of the account is filled in with its name, so a place is made for it.
                yield "core/ServiceAccount", name, subject.fields.setdefault("namespace", Node(None, name.location))
    elif item.kind == "core/ServiceAccount":
        for entry in (*node.maps("secrets"), *node.maps("imagePullSecrets")):
            yield from _named("core/Secret", entry.get("name"))
    elif item.kind == "apps/StatefulSet":
        yield from _named("core/Service", node.get("spec", "serviceName"))
    elif item.kind == "networking.k8s.io/Ingress":
        yield from _ingress_references(node)
    elif item.kind == "autoscaling/HorizontalPodAutoscaler":
        reference = node.get("spec", "scaleTargetRef")
        if reference is not None:
            yield from _named(canonical_kind(reference.text("apiVersion"), reference.text("kind")), reference.get("name"))


def _pod_references(spec: Node) -> Iterator[tuple[str, Node, Node | None]]:
    yield from _named("core/ServiceAccount", spec.get("serviceAccountName"))
    yield from _named("core/ServiceAccount", spec.get("serviceAccount"))
    yield from _named("scheduling.k8s.io/PriorityClass", spec.get("priorityClassName"))
    for entry in spec.maps("imagePullSecrets"):
        yield from _named("core/Secret", entry.get("name"))
    for container in (*spec.maps("containers"), *spec.maps("initContainers")):
        for variable in container.maps("env"):
            yield from _named("core/ConfigMap", variable.get("valueFrom", "configMapKeyRef", "name"))
            yield from _named("core/Secret", variable.get("valueFrom", "secretKeyRef", "name"))
        for source in container.maps("envFrom"):
            yield from _named("core/ConfigMap", source.get("configMapRef", "name"))
            yield from _named("core/Secret", source.get("secretRef", "name"))
    for volume in spec.maps("volumes"):
        yield from _named("core/ConfigMap", volume.get("configMap", "name"))
        yield from _named("core/Secret", volume.get("secret", "secretName"))
        yield from _named("core/PersistentVolumeClaim", volume.get("persistentVolumeClaim", "claimName"))
        for source in volume.maps("projected", "sources"):
            yield from _named("core/ConfigMap", source.get("configMap", "name"))
            yield from _named("core/Secret", source.get("secret", "name"))


def _ingress_references(node: Node) -> Iterator[tuple[str, Node, Node | None]]:
    for entry in node.maps("spec", "tls"):
        yield from _named("core/Secret", entry.get("secretName"))
    backends = [node.get("spec", "defaultBackend"), node.get("spec", "backend")]
    for rule in node.maps("spec", "rules"):
        backends += [path.get("backend") for path in rule.maps("http", "paths")]
    for backend in backends:
        if backend is not None:
            yield from _named("core/Service", backend.get("service", "name"))
            yield from _named("core/Service", backend.get("serviceName"))


def _named(kind: str, name: Node | None) -> Iterator[tuple[str, Node, Node | None]]:
    if name is not None:
        yield kind, name, None

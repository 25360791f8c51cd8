"""Kubernetes objects as resources: the object, and beside it what was worked out of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from gonogo.formats.yaml_reader import Document
from gonogo.kinds.gcp import from_config_connector, from_knative
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Resource, Stage
from gonogo.model.value import Path, Value
from gonogo.sources.classify import KUBERNETES_KINDS
from gonogo.sources.located import Node, located
from gonogo.sources.manifests import network, platform, pods, rbac
from gonogo.sources.manifests.apis import written_in
from gonogo.sources.manifests.objects import KubernetesObject, objects_of
from gonogo.sources.manifests.openshift import NOTHING, Arguments
from gonogo.sources.manifests.placeholders import has_placeholder
from gonogo.sources.manifests.structure import misfits
from gonogo.sources.manifests.templating import kinds_of
from gonogo.sources.manifests.validity import problems

SOURCE = "kubernetes"

Enrich = Callable[[KubernetesObject], Mapping[str, Node]]


def _workload(found: KubernetesObject) -> dict[str, Node]:
    identity = f"{found.kind} {found.namespace or 'default'}/{found.name}"
    place = found.node.location
    told = Node(f"{place.file}:{place.line}" if place is not None else "", place)
    return {"identity": Node(identity, place), "place": told, "pod": pods.pod(found), "replicas": pods.replicas(found)}


def _own(_: KubernetesObject) -> dict[str, Node]:
    return {}


_ENRICH: Mapping[str, Enrich] = {
    **dict.fromkeys(pods.WORKLOADS, _workload),
    "networking.k8s.io/NetworkPolicy": network.network_policy,
    "core/Service": network.service,
    "networking.k8s.io/Ingress": network.ingress,
    "gateway.networking.k8s.io/Gateway": network.gateway,
    "networking.istio.io/Gateway": network.istio_gateway,
    "route.openshift.io/Route": network.route,
    "gateway.networking.k8s.io/HTTPRoute": network.http_route,
    "networking.istio.io/VirtualService": network.http_route,
    "traefik.io/Middleware": network.middleware,
    "core/ServiceAccount": rbac.service_account,
    "rbac.authorization.k8s.io/Role": rbac.role,
    "rbac.authorization.k8s.io/ClusterRole": rbac.role,
    "rbac.authorization.k8s.io/RoleBinding": rbac.binding,
    "rbac.authorization.k8s.io/ClusterRoleBinding": rbac.binding,
    "core/Secret": platform.secret,
    "core/ConfigMap": platform.config_map,
    "autoscaling/HorizontalPodAutoscaler": platform.scaling_target,
    "keda.sh/ScaledObject": platform.scaling_target,
    "flagger.app/Canary": platform.scaling_target,
    "monitoring.coreos.com/PrometheusRule": platform.prometheus_rule,
    "monitoring.coreos.com/AlertmanagerConfig": platform.alertmanager_config,
    "cloud.google.com/BackendConfig": platform.backend_policy,
    "networking.gke.io/GCPBackendPolicy": platform.backend_policy,
    "networking.gke.io/FrontendConfig": platform.frontend_policy,
    "networking.gke.io/GCPGatewayPolicy": platform.frontend_policy,
}
# Kinds whose `spec` rules may read: a missing one is null rather than an error.
_WITHOUT_SPEC = ("rbac.authorization.k8s.io/", "core/ServiceAccount", "core/Secret", "core/ConfigMap")
_WITH_SPEC = frozenset(kind for kind in _ENRICH if not kind.startswith(_WITHOUT_SPEC))
_CHECKED = pods.WORKLOADS | pods.RELEASES | {
    "networking.k8s.io/NetworkPolicy",
    "core/Service",
    "networking.k8s.io/Ingress",
    "gateway.networking.k8s.io/Gateway",
    "networking.istio.io/Gateway",
    "route.openshift.io/Route",
    "autoscaling/HorizontalPodAutoscaler",
}


def resources_from_documents(
    documents: Iterable[Document], environment: str = "", bundle: str = "", arguments: Arguments = NOTHING
) -> Iterator[Resource | Gap]:
    """The resources of rendered Kubernetes documents: the seam for readers that render (Helm, kustomize).

    `bundle` names what the documents are applied with; `arguments` are those of OpenShift templates.
    """
    for document in documents:
        root = located(document.value, document.locations)
        yield from resources_of(objects_of(root, arguments), environment, bundle)


def resources_of(objects: Iterable[KubernetesObject], environment: str = "", bundle: str = "") -> Iterator[Resource | Gap]:
    """The resources of objects that are applied together."""
    for found in objects:
        try:
            yield from list(_resources(found, environment, bundle))
        except Exception as error:  # noqa: BLE001 - somebody's odd object must cost itself, not the file
            place = found.node.location or Location("")
            reason = f"{found.kind} {found.name} cannot be understood ({type(error).__name__}: {error})"
            kinds = kinds_of(found.node.text("apiVersion"), found.node.text("kind"))
            yield Gap(place.file, place.line, Stage.EVALUATE, reason, SOURCE, kinds)


def _resources(found: KubernetesObject, environment: str, bundle: str) -> Iterator[Resource | Gap]:
    if not isinstance(found.node.content, dict):
        return
    if has_placeholder(found.kind):
        place = found.node.location or Location("")
        yield Gap(place.file, place.line, Stage.EVALUATE, f"what {found.kind.rpartition('/')[2][:60]} is, is filled in at deployment", SOURCE, KUBERNETES_KINDS)
        return
    google = _google(found, environment)
    if google is not None:
        yield from google
        return
    fields = dict(found.node.content)
    at = found.node.location
    silent = frozenset[Path]()
    if not found.cluster_scoped:
        silent = frozenset() if found.namespace else frozenset({("metadata", "namespace")})
        fields["metadata"] = _with_namespace(fields.get("metadata"), at)
        found = replace(found, node=Node(fields, at))
    elif "metadata" not in fields:
        fields["metadata"] = Node({}, at)
    wrong = misfits(found, whole=found.kind in _CHECKED)  # before what is worked out of it stands beside it
    if found.kind in _WITH_SPEC:
        fields.setdefault("spec", Node(None, at))
    fields["bundle"] = Node(bundle, at)
    fields["rivals"] = Node([], at)
    fields.update(_ENRICH.get(found.kind, _own)(found))
    whole = Node(fields, at)
    attributes = whole.value()
    if isinstance(attributes, Mapping):
        name = found.name if found.cluster_scoped else f"{found.namespace}/{found.name}"
        yield Resource(found.kind, name, attributes, whole.locations(), source=SOURCE, environment=environment, silent=silent)
        if found.kind in _CHECKED:
            told = problems(found)
            already = {str(t.content) for t in told}
            wrong = [*told, *(w for w in wrong if str(w.content).replace("`", "") not in already)]
        api = written_in(found)
        if found.kind in _CHECKED or wrong or api is not None:
            yield _validity(found, wrong, api, name, environment)


def _validity(found: KubernetesObject, wrong: list[Node], api: Node | None, name: str, environment: str) -> Resource:
    """What the API server would refuse, as a resource of its own: it is asked of what the repository holds and of nothing else."""
    at = found.node.location
    facts = Node(
        {
            "kind": Node(found.kind, (found.node.get("kind") or found.node).location),
            "workload": Node(found.kind in pods.WORKLOADS | pods.RELEASES, at),
            "problems": Node([*wrong], at),
            "api": api if api is not None else Node(None, at),
        },
        at,
    )
    attributes = facts.value()
    fields = attributes if isinstance(attributes, Mapping) else {}
    return Resource("kubernetes/Object", f"{found.kind} {name}", fields, facts.locations(), source=SOURCE, environment=environment)


def _with_namespace(metadata: Node | None, at: Location | None) -> Node:
    if metadata is None or not isinstance(metadata.content, dict):
        metadata = Node({}, at)
    fields = dict(metadata.fields)
    namespace = fields.get("namespace")
    if namespace is None or not namespace.content:
        fields["namespace"] = Node("default", metadata.location)
    return Node(fields, metadata.location)


def _google(found: KubernetesObject, environment: str) -> list[Resource | Gap] | None:
    """The Google Cloud resources that an object declares; None for an object of the cluster itself."""
    node = found.node
    if found.group.endswith(".cnrm.cloud.google.com"):
        read: Callable[[Value, Mapping[tuple[str | int, ...], Location], str], tuple[Resource, ...]] = from_config_connector
    elif found.kind == "serving.knative.dev/Service":
        read = from_knative
    else:
        return None
    return [*read(node.value(), node.locations(), environment)]

"""Kubernetes objects out of documents: lists and OpenShift templates are opened, groups are named canonically."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from gonogo.sources.located import Node
from gonogo.sources.manifests.openshift import LEGACY_RBAC, NOTHING, Arguments, expand, legacy_binding, stream_tags

# Kinds that moved out of `extensions`, and OpenShift kinds once written with the bare version `v1`.
_MOVED = {
    ("extensions", "Ingress"): "networking.k8s.io",
    ("extensions", "NetworkPolicy"): "networking.k8s.io",
    ("extensions", "Deployment"): "apps",
    ("extensions", "DaemonSet"): "apps",
    ("extensions", "ReplicaSet"): "apps",
    ("", "Template"): "template.openshift.io",
    ("", "Route"): "route.openshift.io",
    ("", "DeploymentConfig"): "apps.openshift.io",
    ("", "ImageStream"): "image.openshift.io",
    ("", "BuildConfig"): "build.openshift.io",
    **{(group, kind): "rbac.authorization.k8s.io" for group in ("", "authorization.openshift.io") for kind in LEGACY_RBAC},
}
# Files of tools that borrow `apiVersion` and `kind` but are never sent to an API server.
_TOOL_GROUP = re.compile(r"(^|\.)config\.k8s\.io$|^(skaffold|kind\.x-k8s\.io|kubeadm\.k8s\.io|ctlptl\.dev|eksctl\.io)$")
TEMPLATE = "template.openshift.io/Template"

CLUSTER_SCOPED = frozenset({
    "core/Namespace", "core/Node", "core/PersistentVolume", "rbac.authorization.k8s.io/ClusterRole",
    "rbac.authorization.k8s.io/ClusterRoleBinding", "storage.k8s.io/StorageClass", "scheduling.k8s.io/PriorityClass",
    "apiextensions.k8s.io/CustomResourceDefinition", "apiregistration.k8s.io/APIService", "networking.k8s.io/IngressClass",
    "admissionregistration.k8s.io/ValidatingWebhookConfiguration", "admissionregistration.k8s.io/MutatingWebhookConfiguration",
    "admissionregistration.k8s.io/ValidatingAdmissionPolicy", "admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding",
    "policy/PodSecurityPolicy", "gateway.networking.k8s.io/GatewayClass", "cert-manager.io/ClusterIssuer",
    "external-secrets.io/ClusterSecretStore", "external-secrets.io/ClusterExternalSecret", "node.k8s.io/RuntimeClass",
    "certificates.k8s.io/CertificateSigningRequest", "storage.k8s.io/CSIDriver", "storage.k8s.io/VolumeAttachment",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class KubernetesObject:
    """One object as it would be sent to the API server. `kind` is canonical: `apps/Deployment`, `core/Service`."""

    kind: str
    node: Node
    streams: Mapping[str, Node] = field(default_factory=dict, compare=False)
    """What the tags of the ImageStreams beside it stand for: `name:tag` to an image."""

    @property
    def name(self) -> str:
        return self.node.text("metadata", "name") or self.node.text("metadata", "generateName")

    @property
    def namespace(self) -> str:
        return self.node.text("metadata", "namespace")

    @property
    def cluster_scoped(self) -> bool:
        return self.kind in CLUSTER_SCOPED

    @property
    def group(self) -> str:
        return self.kind.rpartition("/")[0]


def canonical_kind(api_version: str, kind: str) -> str:
    """`apps/v1` and `Deployment` to `apps/Deployment`."""
    group = api_version.rpartition("/")[0]
    group = _MOVED.get((group, kind), group)
    return f"{group or 'core'}/{kind}"


def is_object(node: Node) -> bool:
    """Whether a document says of itself that it is a Kubernetes object."""
    return bool(node.text("apiVersion") and node.text("kind"))


def is_tool_file(node: Node) -> bool:
    """Whether the document configures a client-side tool (skaffold, kind, kubeadm, kustomize)."""
    return bool(_TOOL_GROUP.search(node.text("apiVersion").rpartition("/")[0]))


def objects_of(node: Node, arguments: Arguments = NOTHING) -> Iterator[KubernetesObject]:
    """The objects of one document. `arguments` are those of OpenShift templates in it."""
    if not is_object(node) or is_tool_file(node):
        return
    kind = canonical_kind(node.text("apiVersion"), node.text("kind"))
    if kind == TEMPLATE:
        items = [*expand(node, arguments)]
        streams = stream_tags(items)
        for item in items:
            # A template in a template becomes an object `Template`, which nothing expands.
            if canonical_kind(item.text("apiVersion"), item.text("kind")) != TEMPLATE:
                yield from (replace(found, streams=streams) for found in objects_of(item, arguments))
    elif kind.endswith("List") and node.get("items") is not None:
        for item in node.maps("items"):
            yield from objects_of(item, arguments)
    else:
        legacy = kind.endswith("Binding") and node.text("apiVersion") in ("v1", "authorization.openshift.io/v1")
        yield KubernetesObject(kind, legacy_binding(node) if legacy else node)

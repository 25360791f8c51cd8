"""Kubernetes objects out of documents: lists and OpenShift templates are opened, groups are named canonically."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from gonogo.formats.yaml_reader import Document, scalar
from gonogo.sources.located import Node, located, written

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
    # The same objects through OpenShift's own front (https://docs.openshift.com/container-platform/latest/rest_api/role_apis/).
    **{(group, kind): "rbac.authorization.k8s.io" for group in ("", "authorization.openshift.io") for kind in ("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding")},
}
# Files of tools that borrow `apiVersion` and `kind` but are never sent to an API server.
_TOOL_GROUP = re.compile(r"(^|\.)config\.k8s\.io$|^(skaffold|kind\.x-k8s\.io|kubeadm\.k8s\.io|ctlptl\.dev|eksctl\.io)$")
_PARAMETER = re.compile(r"\$\{([A-Za-z0-9_]+)\}")
_TYPED_PARAMETER = re.compile(r"\$\{\{([A-Za-z0-9_]+)\}\}\Z")

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


def objects_of(node: Node, unset: frozenset[str] = frozenset()) -> Iterator[KubernetesObject]:
    """The objects of one document. `unset` are template parameters that keep their `${NAME}` form (see `fill`)."""
    if not is_object(node) or is_tool_file(node):
        return
    kind = canonical_kind(node.text("apiVersion"), node.text("kind"))
    if kind == "template.openshift.io/Template":
        values = parameters(node, unset)
        for item in node.maps("objects"):
            fill(item, values)
            yield from objects_of(item, unset)
    elif kind.endswith("List") and node.get("items") is not None:
        for item in node.maps("items"):
            yield from objects_of(item, unset)
    else:
        yield KubernetesObject(kind, node)


def parameters(template: Node, unset: frozenset[str] = frozenset()) -> dict[str, str]:
    """The parameters of an OpenShift template that have a value, less those in `unset`."""
    return {name: value for name, value in _declared(template).items() if value is not None and name not in unset}


def _declared(template: Node) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for parameter in template.maps("parameters"):
        value = parameter.get("value")
        text = None if value is None or value.content is None else str(value.value())
        found[parameter.text("name")] = text
    return found


def unset_parameters(documents: Iterable[Document]) -> frozenset[str]:
    """Names that some template declares without a value.

    The pipeline gives such a parameter to every template alike, so that its default in another template must not be filled
    in: `${NAME}-web` of one file and `${NAME}-web` of the next are the same name whatever NAME is.
    """
    names: set[str] = set()
    for document in documents:
        value = document.value
        if isinstance(value, Mapping) and value.get("kind") == "Template":
            declared = _declared(located(value, document.locations))
            names.update(name for name, text in declared.items() if text is None)
    return frozenset(names)


def fill(node: Node, values: Mapping[str, str]) -> None:
    """Fill `${NAME}` and `${{NAME}}` in place; a parameter without a value stays as it is written."""
    for _, child in node.walk():
        text = child.content
        if not isinstance(text, str) or "${" not in text:
            continue
        typed = _TYPED_PARAMETER.match(text)
        if typed is not None:
            if typed[1] in values:
                child.content = written(scalar(values[typed[1]]), child.location).content
            continue
        child.content = _PARAMETER.sub(lambda m: values.get(m[1], m[0]), text)

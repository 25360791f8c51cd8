"""Kubernetes kinds: the object as it is written, and beside it what the reader worked out of it, in one closed shape.

`metadata.namespace` is always set on namespaced objects (`default` where nothing says otherwise).
"""

from __future__ import annotations

from collections.abc import Mapping

from gonogo.kinds.base import Kind
from gonogo.model.shape import ANY, BOOL, INT, STRING, ListOf, MapOf, Record, Shape, record

QUANTITIES = record(cpu=STRING, memory=STRING)
"""Null where it is not set."""

ENVIRONMENT_VARIABLE = record(
    name=STRING,
    value=STRING,  # null where it comes from elsewhere
    literal=BOOL,  # a value that is written out here: neither empty, nor a placeholder, nor a reference
    secret=STRING,  # the Kubernetes Secret it is taken from, null where it is not
)

CONTAINER = record(
    name=STRING,
    image=STRING,
    command=ListOf(STRING),
    args=ListOf(STRING),
    ports=ListOf(INT),
    env=ListOf(ENVIRONMENT_VARIABLE),
    readinessProbe=ANY,  # null where there is none
    livenessProbe=ANY,
    startupProbe=ANY,
    requests=QUANTITIES,  # what is in force: Kubernetes sets a request that is not written to the limit
    limits=QUANTITIES,
    runAsNonRoot=BOOL,  # what is in force: the container's own, else the pod's; null where neither is set
    runAsUser=INT,
)

POD = record(
    labels=MapOf(STRING),
    hostNetwork=BOOL,
    serviceAccount=STRING,  # `namespace/name`
    defaultServiceAccount=BOOL,
    mountsToken=BOOL,  # true unless the pod turns it off; null where the pod leaves it to its ServiceAccount
    containers=ListOf(CONTAINER),
    initContainers=ListOf(CONTAINER),
    env=ListOf(ENVIRONMENT_VARIABLE),  # of all its containers
    secrets=ListOf(STRING),  # names of the Secrets that it takes values from
    secretProviders=ListOf(STRING),  # SecretProviderClasses it mounts
    redis=record(present=BOOL, replicated=BOOL, auth=BOOL, tls=BOOL),
)

BUNDLE: Mapping[str, Shape] = {
    "bundle": STRING,  # what it is applied with: a kustomization, a chart, `` for plain manifests
    "rivals": ListOf(STRING),  # bundles that declare the same objects, hence are applied instead of this one
}

EXPOSURE = record(
    public=BOOL,  # reachable from outside of the network of the cluster
    http=BOOL,  # plain HTTP is served
    https=BOOL,
    redirects=BOOL,  # plain HTTP is only redirected
    hsts=BOOL,
)


API = record(
    version=STRING,  # as it is written: `batch/v1beta1`
    known=BOOL,  # whether it is known which versions of Kubernetes serve it
    since=INT,  # minor versions of Kubernetes 1: the first that serves it, 0 where that is long ago
    deprecated=INT,  # null where it is not
    removed=INT,  # the first that does not serve it any more, null where each does
    instead=STRING,
    optional=BOOL,  # served only where an operator turned it on
    newest=INT,  # the newest Kubernetes that is known
)
"""Null for a kind that is not Kubernetes' own."""


def _object(name: str, title: str, **extra: Shape) -> Kind:
    fields: dict[str, Shape] = {"apiVersion": STRING, "kind": STRING, "metadata": ANY, **BUNDLE, **extra}
    return Kind(name, title, Record(fields))


def _workload(name: str, title: str) -> Kind:
    # `identity` is `apps/Deployment namespace/name`, what an autoscaler's target is compared with.
    # `place` tells two of one identity apart that different files declare.
    return _object(name, title, spec=ANY, identity=STRING, place=STRING, pod=POD, replicas=INT)


WORKLOADS: tuple[Kind, ...] = (
    _workload("apps/Deployment", "Deployment"),
    _workload("apps/StatefulSet", "StatefulSet"),
    _workload("apps/DaemonSet", "DaemonSet"),
    _workload("apps.openshift.io/DeploymentConfig", "OpenShift DeploymentConfig"),
    _workload("argoproj.io/Rollout", "Argo Rollout"),
    _workload("batch/Job", "Job"),
    _workload("batch/CronJob", "CronJob"),
    _workload("core/Pod", "Pod"),
)
"""Everything that runs pods. `pod` is null where the template is elsewhere (a Rollout with `workloadRef`)."""

NETWORK: tuple[Kind, ...] = (
    _object(
        "networking.k8s.io/NetworkPolicy",
        "NetworkPolicy",
        spec=ANY,
        podSelector=ANY,
        isolatesIngress=BOOL,  # has the policy type Ingress
        allowsAll=BOOL,  # some ingress rule lets everything in
    ),
    _object(
        "core/Service",
        "Service",
        spec=ANY,
        podSelector=ANY,  # a LabelSelector; null for a Service without a selector
        exposure=EXPOSURE,
        backendConfigs=ListOf(STRING),  # BackendConfigs its annotation names
    ),
    _object("networking.k8s.io/Ingress", "Ingress", spec=ANY, exposure=EXPOSURE),
    _object("gateway.networking.k8s.io/Gateway", "Gateway", spec=ANY, exposure=EXPOSURE),
    _object("networking.istio.io/Gateway", "Istio Gateway", spec=ANY, exposure=EXPOSURE),
    _object("route.openshift.io/Route", "OpenShift Route", spec=ANY, exposure=EXPOSURE),
    _object("gateway.networking.k8s.io/HTTPRoute", "HTTPRoute", spec=ANY, splitsTraffic=BOOL, setsHsts=BOOL),
    _object("networking.istio.io/VirtualService", "Istio VirtualService", spec=ANY, splitsTraffic=BOOL, setsHsts=BOOL),
    _object("traefik.io/Middleware", "Traefik Middleware", spec=ANY, setsHsts=BOOL),
    _object("cloud.google.com/BackendConfig", "GKE BackendConfig", spec=ANY, securityPolicy=STRING),
    _object("networking.gke.io/GCPBackendPolicy", "GKE backend policy", spec=ANY, securityPolicy=STRING, target=STRING),
    _object("networking.gke.io/FrontendConfig", "GKE FrontendConfig", spec=ANY, sslPolicy=STRING, undeclaredPolicy=BOOL),
    _object("networking.gke.io/GCPGatewayPolicy", "GKE gateway policy", spec=ANY, sslPolicy=STRING, undeclaredPolicy=BOOL),
)

RBAC: tuple[Kind, ...] = (
    _object("core/ServiceAccount", "ServiceAccount", identity=STRING, mountsToken=BOOL),
    _object("rbac.authorization.k8s.io/Role", "Role", identity=STRING, rules=ANY, wildcards=ListOf(STRING)),
    _object("rbac.authorization.k8s.io/ClusterRole", "ClusterRole", identity=STRING, rules=ANY, wildcards=ListOf(STRING)),
    _object(
        "rbac.authorization.k8s.io/RoleBinding",
        "RoleBinding",
        role=STRING,  # `ClusterRole//view`, `Role/default/reader`: the identity of the role
        roleName=STRING,
        grantsAdmin=BOOL,  # cluster-admin, admin or edit
        serviceAccounts=ListOf(STRING),  # `namespace/name` of the ServiceAccounts among the subjects
        undeclaredRole=BOOL,  # always unknown: the answer where the role is not declared in the repository
    ),
    _object(
        "rbac.authorization.k8s.io/ClusterRoleBinding",
        "ClusterRoleBinding",
        role=STRING,
        roleName=STRING,
        grantsAdmin=BOOL,
        serviceAccounts=ListOf(STRING),
        undeclaredRole=BOOL,
    ),
)

PLATFORM: tuple[Kind, ...] = (
    _object("core/Secret", "Secret", type=STRING, literals=ListOf(STRING)),  # keys whose data is written out
    _object(
        "core/ConfigMap",
        "ConfigMap",
        data=ANY,
        settings=ListOf(ENVIRONMENT_VARIABLE),  # its values of one line, which a container may take for its environment
        dashboards=ListOf(STRING),
        receivers=ListOf(STRING),
    ),
    _object("autoscaling/HorizontalPodAutoscaler", "HorizontalPodAutoscaler", spec=ANY, target=STRING, scales=BOOL),
    _object("keda.sh/ScaledObject", "KEDA ScaledObject", spec=ANY, target=STRING, scales=BOOL),
    _object("monitoring.coreos.com/PrometheusRule", "PrometheusRule", spec=ANY, alerts=ListOf(STRING), undeclaredRoute=BOOL),
    _object("monitoring.coreos.com/AlertmanagerConfig", "AlertmanagerConfig", spec=ANY, receivers=ListOf(STRING)),
    _object("flagger.app/Canary", "Flagger Canary", spec=ANY, target=STRING, scales=BOOL),
)

# Kinds that rules only ask to exist, or read as they are written.
FREE: tuple[Kind, ...] = tuple(
    Kind(name, title, ANY)
    for name, title in (
        ("apps/ReplicaSet", "ReplicaSet"),
        ("core/Namespace", "Namespace"),
        ("core/PersistentVolumeClaim", "PersistentVolumeClaim"),
        ("policy/PodDisruptionBudget", "PodDisruptionBudget"),
        ("scheduling.k8s.io/PriorityClass", "PriorityClass"),
        ("networking.gke.io/ManagedCertificate", "GKE managed certificate"),
        ("cert-manager.io/Certificate", "cert-manager Certificate"),
        ("cert-manager.io/ClusterIssuer", "cert-manager ClusterIssuer"),
        ("cert-manager.io/Issuer", "cert-manager Issuer"),
        ("external-secrets.io/ExternalSecret", "ExternalSecret"),
        ("external-secrets.io/ClusterExternalSecret", "ClusterExternalSecret"),
        ("secrets-store.csi.x-k8s.io/SecretProviderClass", "SecretProviderClass"),
        ("secrets-store.csi.x-k8s.io/SecretSync", "SecretSync"),
        ("secrets.hashicorp.com/VaultStaticSecret", "VaultStaticSecret"),
        ("secrets.hashicorp.com/VaultDynamicSecret", "VaultDynamicSecret"),
        ("bitnami.com/SealedSecret", "SealedSecret"),
        ("helm.toolkit.fluxcd.io/HelmRelease", "Flux HelmRelease"),
        ("helm.cattle.io/HelmChart", "K3s HelmChart"),
        ("argoproj.io/Application", "Argo CD Application"),
        ("monitoring.coreos.com/ServiceMonitor", "ServiceMonitor"),
        ("monitoring.coreos.com/PodMonitor", "PodMonitor"),
        ("monitoring.coreos.com/Alertmanager", "Alertmanager"),
    )
)

FILES: tuple[Kind, ...] = (
    Kind(
        "helm/Chart",
        "Helm chart",
        record(name=STRING, directory=STRING, builds=BOOL, problem=STRING, templates=INT),
    ),
    Kind(
        "kubernetes/Manifest",
        "Kubernetes manifest",
        # One per file: `problem` is null where it parses; `templated` where another tool fills it in first.
        record(file=STRING, problem=STRING, templated=BOOL, objects=INT),
    ),
    Kind(
        "kubernetes/Object",
        "Kubernetes object",
        # One per object of a kind of Kubernetes' own, release of a chart and network object that is written in the repository: what the
        # API server would refuse in it, and the API version it is written in.
        record(kind=STRING, workload=BOOL, problems=ListOf(STRING), api=API),
    ),
    Kind(
        "kustomize/Kustomization",
        "kustomization",
        record(
            directory=STRING,
            builds=BOOL,
            problem=STRING,  # null where it builds
            workloads=INT,  # and releases of charts, which stand for theirs
            objects=INT,
            environments=ListOf(STRING),  # the other environments that have a kustomization beside this one
        ),
    ),
)

KINDS: tuple[Kind, ...] = (*WORKLOADS, *NETWORK, *RBAC, *PLATFORM, *FREE, *FILES)

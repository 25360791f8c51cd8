"""What Kubernetes makes of a workload together with what stands around it: worked out by `gonogo.cluster.effective`."""

from __future__ import annotations

from collections.abc import Mapping

from gonogo.kinds.base import Kind
from gonogo.model.shape import BOOL, STRING, ListOf, record

POD_ISOLATION = "kubernetes/PodIsolation"
PERMISSIONS = "kubernetes/Permissions"
POD_SECURITY = "kubernetes/PodSecurity"

DERIVED: Mapping[str, tuple[str, ...]] = {
    POD_ISOLATION: ("networking.k8s.io/NetworkPolicy",),
    PERMISSIONS: (
        "rbac.authorization.k8s.io/Role", "rbac.authorization.k8s.io/ClusterRole", "rbac.authorization.k8s.io/RoleBinding",
        "rbac.authorization.k8s.io/ClusterRoleBinding",
    ),
}  # fmt: skip
"""What each is worked out of besides the workload, which a rule asks about it."""

# isolated: a policy selects the pod for this direction. policies: which. unrestricted: everything gets through all the same.
# anywhere: any address gets through, on some port at least; anyPod: any pod of any namespace.
_DIRECTION = record(isolated=BOOL, policies=ListOf(STRING), unrestricted=BOOL, anywhere=BOOL, anyPod=BOOL)

KINDS = (
    # workload: the identity of the workload, `apps/Deployment namespace/name`. metadataServer: the pod reaches that of its node.
    # enforced: false where the cluster that is declared does not enforce NetworkPolicies.
    Kind(
        POD_ISOLATION,
        "isolation of a pod",
        record(
            workload=STRING, bundle=STRING, place=STRING, hostNetwork=BOOL, ingress=_DIRECTION, egress=_DIRECTION, metadataServer=BOOL, enforced=BOOL
        ),
    ),
    # account: `namespace/name`. powers: what of it is a way to the rest of the cluster, by which binding of which role; `namespace` is
    # empty where it holds everywhere. held: those of them that are certain, in words. wildcards: the parts of rules that are everything. Both are open where a role is not declared.
    Kind(
        PERMISSIONS,
        "permissions of a workload",
        record(
            workload=STRING,
            bundle=STRING,
            place=STRING,
            account=STRING,
            mountsToken=BOOL,
            powers=ListOf(record(power=STRING, namespace=STRING, role=STRING, binding=STRING, certain=BOOL)),
            held=ListOf(STRING),
            wildcards=ListOf(record(part=STRING, namespace=STRING, role=STRING, binding=STRING)),
        ),
    ),
    # baseline, restricted: whether the pod meets the level; breaches: what keeps it from `restricted`.
    Kind(
        POD_SECURITY,
        "confinement of a pod",
        record(workload=STRING, bundle=STRING, place=STRING, baseline=BOOL, restricted=BOOL, breaches=ListOf(record(check=STRING, level=STRING, setting=STRING, certain=BOOL))),
    ),
)

"""The kinds that a block could declare, by its labels: what a gap in it leaves incomplete."""

from __future__ import annotations

from collections.abc import Sequence

from gonogo.kinds.terraform import VALIDATION
from gonogo.sources.classify import GCP_KINDS, KUBERNETES_KINDS

# By the longest prefix of the resource type. Policies and members on any resource are of IAM and of the resource's service.
_PREFIXES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("google_sql_", ("sqladmin.googleapis.com/*",)),
    ("google_cloud_run_", ("run.googleapis.com/*",)),
    ("google_compute_", ("compute.googleapis.com/*",)),
    ("google_redis_", ("redis.googleapis.com/*",)),
    ("google_memorystore_", ("memorystore.googleapis.com/*", "redis.googleapis.com/*")),
    ("google_secret_manager_", ("secretmanager.googleapis.com/*",)),
    ("google_monitoring_", ("monitoring.googleapis.com/*",)),
    ("google_logging_", ("logging.googleapis.com/*",)),
    ("google_container_", ("container.googleapis.com/*",)),
    ("google_artifact_registry_", ("artifactregistry.googleapis.com/*",)),
    ("google_binary_authorization_", ("binaryauthorization.googleapis.com/*",)),
    ("google_iam_", ("iam.googleapis.com/*",)),
    ("google_service_account", ("iam.googleapis.com/*",)),
    ("google_vpc_access_", ("vpcaccess.googleapis.com/*",)),
    ("google_dns_", ("dns.googleapis.com/*",)),
    ("google_storage_", ("storage.googleapis.com/*",)),
    ("google_pubsub_", ("pubsub.googleapis.com/*",)),
    ("google_kms_", ("cloudkms.googleapis.com/*",)),
    ("google_certificate_manager_", ("certificatemanager.googleapis.com/*",)),
    ("google_clouddeploy_", ("clouddeploy.googleapis.com/*",)),
    ("google_cloudbuild_", ("cloudbuild.googleapis.com/*",)),
    ("google_project_service", ("serviceusage.googleapis.com/*",)),
    ("google_", GCP_KINDS),
    ("kubernetes_", KUBERNETES_KINDS),
    ("kubectl_", KUBERNETES_KINDS),
    ("helm_", KUBERNETES_KINDS),
)
_DECLARE_NOTHING = frozenset({"moved", "import", "removed", "check", "output", "provider", "terraform"})


def kinds_of_type(resource_type: str) -> tuple[str, ...]:
    """The kinds of a resource type; none for providers that declare no kind of ours."""
    for prefix, kinds in _PREFIXES:
        if resource_type.startswith(prefix):
            if "_iam_" in resource_type:
                return tuple(dict.fromkeys((*kinds, "iam.googleapis.com/*", "cloudresourcemanager.googleapis.com/*")))
            return kinds
    return ()


def kinds_of_block(block_type: str, labels: Sequence[str]) -> tuple[str, ...]:
    """The kinds that a block which could not be read leaves incomplete."""
    if block_type in _DECLARE_NOTHING:
        return ()
    if block_type in ("resource", "data") and labels:
        return kinds_of_type(labels[0])
    # A module may hold anything; a variable or local that is missing makes what uses it unknown, and says so there.
    return {"variable": (VALIDATION,), "locals": ()}.get(block_type, GCP_KINDS)

"""What a module that is not in the tree could hold, by its source: a gap is to touch what it can hide and nothing else.

Rows are tried in order. A source that no row names may hold anything of Google Cloud. A row stands for a registry module
whose documentation says what it makes, or for a last path segment that says what the module is for.
"""

from __future__ import annotations

from gonogo.sources.terraform.remote import RemoteKinds

_COMPUTE = ("compute.googleapis.com/*",)
_MONITORING = ("monitoring.googleapis.com/*",)
_SQL = ("sqladmin.googleapis.com/*",)
_REDIS = ("redis.googleapis.com/*", "memorystore.googleapis.com/*")
_RUN = ("run.googleapis.com/*",)
_IAM = ("iam.googleapis.com/*",)
_GRANTS = ("cloudresourcemanager.googleapis.com/*", "run.googleapis.com/ServiceIamBinding")
_NOTHING: tuple[str, ...] = ()

_REGISTRY: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("terraform-google-modules/project-factory/google//modules/project_services", _NOTHING),
    ("terraform-google-modules/project-factory/google*", ("cloudresourcemanager.googleapis.com/*",)),
    ("terraform-google-modules/network/google//modules/vpc-serverless-connector*", ("vpcaccess.googleapis.com/*",)),
    ("terraform-google-modules/network/google*", ("vpcaccess.googleapis.com/*",)),
    ("terraform-google-modules/sql-db/google*", _SQL),
    ("googlecloudplatform/sql-db/google*", _SQL),
    ("terraform-google-modules/memorystore/google*", _REDIS),
    ("googlecloudplatform/lb-http/google*", _COMPUTE),
    ("terraform-google-modules/lb-http/google*", _COMPUTE),
    ("terraform-google-modules/lb*/google*", _COMPUTE),
    ("googlecloudplatform/cloud-armor/google*", _COMPUTE),
    ("terraform-google-modules/address/google*", _NOTHING),
    ("terraform-google-modules/cloud-router/google*", _NOTHING),
    ("terraform-google-modules/cloud-nat/google*", _NOTHING),
    ("terraform-google-modules/cloud-dns/google*", _NOTHING),
    ("terraform-google-modules/cloud-storage/google*", _NOTHING),
    ("terraform-google-modules/bigquery/google*", _NOTHING),
    ("terraform-google-modules/pubsub/google*", _NOTHING),
    ("terraform-google-modules/kms/google*", _NOTHING),
    ("terraform-google-modules/vm/google*", _NOTHING),
    ("terraform-google-modules/bastion-host/google*", _NOTHING),
    ("terraform-google-modules/container-vm/google*", _NOTHING),
    ("terraform-google-modules/folders/google*", _NOTHING),
    ("terraform-google-modules/org-policy/google*", _NOTHING),
    ("terraform-google-modules/gcloud/google*", _NOTHING),
    ("terraform-google-modules/kubernetes-engine/google//modules/workload-identity", _GRANTS),
    ("terraform-google-modules/kubernetes-engine/google//modules/binary-authorization", ("binaryauthorization.googleapis.com/*",)),
    ("terraform-google-modules/kubernetes-engine/google*", _NOTHING),
    ("terraform-google-modules/service-accounts/google*", (*_IAM, *_GRANTS)),
    ("terraform-google-modules/iam/google*", (*_IAM, *_GRANTS)),
    ("terraform-google-modules/github-actions-runners/google//modules/gh-oidc", _IAM),
    ("terraform-google-modules/log-export/google*", ("logging.googleapis.com/*",)),
    ("googlecloudplatform/secret-manager/google*", ("secretmanager.googleapis.com/*",)),
    ("googlecloudplatform/artifact-registry/google*", ("artifactregistry.googleapis.com/*",)),
    ("googlecloudplatform/cloud-deploy/google*", ("clouddeploy.googleapis.com/*",)),
    # Other clouds, and providers that make nothing of Google's: the registry's third part is the provider.
    *(
        (pattern, _NOTHING)
        for provider in ("aws", "azurerm", "azuread", "kubernetes", "helm", "random", "null", "cloudflare", "datadog", "github")
        for pattern in (f"*/*/{provider}", f"*/*/{provider}//*")
    ),
)

# The last segment of the path says what the module is for. Load balancers and alerts for Cloud Run come before Cloud Run.
_NAMED: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("alerts", "alerts[-_]*", "alerting", "*[-_]alerts", "monitoring", "monitoring[-_]*", "uptime[-_]*", "dashboards"), _MONITORING),
    (
        ("gclb", "gclb[-_]*", "lb", "lb[-_]*", "*[-_]lb", "load[-_]balancer*", "cloud[-_]armor*", "net[-_]lb*", "*[-_]load[-_]balancer"),
        _COMPUTE,
    ),
    (("cloud[-_]run", "cloudrun", "cloud[-_]run[-_]v2", "cloud[-_]run[-_]service", "cloudrun[-_]service"), _RUN),
    (("cloud[-_]sql", "cloudsql", "cloudsql[-_]instance"), _SQL),
    (("redis", "memorystore"), _REDIS),
    (("secret[-_]manager",), ("secretmanager.googleapis.com/*",)),
    (("artifact[-_]registry",), ("artifactregistry.googleapis.com/*",)),
    (("workload[-_]identity*", "wif", "gh[-_]oidc", "github[-_]wif", "github[-_]oidc"), (*_IAM, *_GRANTS)),
    (("iam[-_]service[-_]account", "service[-_]account", "service[-_]accounts"), (*_IAM, *_GRANTS)),
    (("project[-_]services", "net[-_]vpc", "vpc", "gcs", "bigquery[-_]dataset", "pubsub", "kms", "dns", "gke[-_]*", "gke"), _NOTHING),
)

MODULE_KINDS: tuple[RemoteKinds, ...] = (
    *(RemoteKinds(source, "*", kinds) for source, kinds in _REGISTRY),
    *(RemoteKinds(f"*/{segment}", "*", kinds) for segments, kinds in _NAMED for segment in segments),
)

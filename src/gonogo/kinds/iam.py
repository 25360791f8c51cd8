"""Workload Identity Federation, service account keys and grants on projects."""

from __future__ import annotations

from gonogo.kinds.fields import Default, Field
from gonogo.kinds.spec import Link, Spec, TerraformType, boolean, last_segment, strings
from gonogo.model.shape import ANY, BOOL, STRING, ListOf

POOL_KIND = "iam.googleapis.com/WorkloadIdentityPool"
PROVIDER_KIND = "iam.googleapis.com/WorkloadIdentityPoolProvider"
KEY_KIND = "iam.googleapis.com/ServiceAccountKey"
PROJECT_GRANT_KIND = "cloudresourcemanager.googleapis.com/ProjectIamBinding"

_DISABLED = Field(
    "disabled",
    BOOL,
    ("disabled",),
    gcloud=("disabled",),
    absent=Default(False, "https://cloud.google.com/iam/docs/reference/rest/v1/projects.locations.workloadIdentityPools"),
    convert=boolean,
)

POOL = Spec(
    POOL_KIND,
    "workload identity pool",
    (
        Field("name", STRING, ("workload_identity_pool_id", "resourceID", "metadata.name"), gcloud=("0",), api=("asset.id",)),
        _DISABLED,
    ),
    {"google_iam_workload_identity_pool": TerraformType()},
    ("iam/IAMWorkloadIdentityPool",),
)

PROVIDER = Spec(
    PROVIDER_KIND,
    "provider of a workload identity pool",
    (
        Field("name", STRING, ("workload_identity_pool_provider_id", "resourceID", "metadata.name"), gcloud=("0",), api=("asset.id",)),
        Field(
            "pool",
            STRING,
            ("workload_identity_pool_id", "workload_identity_pool"),
            gcloud=("workload-identity-pool",),
            reference=True,
            api=("asset.parent",),
        ),
        _DISABLED,
        Field("attributeCondition", STRING, ("attribute_condition",), gcloud=("attribute-condition",)),
        Field("attributeMapping", ANY, ("attribute_mapping",), gcloud=("attribute-mapping",)),
        Field("oidc.issuerUri", STRING, ("oidc.issuer_uri",), gcloud=("issuer-uri",)),
        Field("aws.accountId", STRING, ("aws.account_id",), gcloud=("account-id",)),
        Field("saml.idpMetadataXml", STRING, ("saml.idp_metadata_xml",)),
        Field("x509.trustStore", ANY, ("x509.trust_store",)),
    ),
    {"google_iam_workload_identity_pool_provider": TerraformType()},
    ("iam/IAMWorkloadIdentityPoolProvider",),
    links=(Link("pool", "pool", (POOL_KIND,), required=False),),
)

KEY = Spec(
    KEY_KIND,
    "service account key",
    (
        Field(
            "name",  # the account that it is of
            STRING,
            ("service_account_id", "service_account_ref"),
            gcloud=("iam-account",),
            convert=last_segment,
            reference=True,
            api=("asset.parent",),
        ),
    ),
    {"google_service_account_key": TerraformType()},
    ("iam/IAMServiceAccountKey",),
    # Google keeps and rotates keys of its own for every account; nobody can download them.
    holds=lambda answer: answer.get("keyType") != "SYSTEM_MANAGED",
)

PROJECT_GRANT = Spec(
    PROJECT_GRANT_KIND,
    "grant on a project",
    (
        Field("name", STRING, ("project",), reference=True, api=("asset.id",)),
        Field("role", STRING, ("role",)),
        Field("members", ListOf(STRING), ("members", "member"), convert=strings),
    ),
    {
        "google_project_iam_member": TerraformType(),
        "google_project_iam_binding": TerraformType(),
        "google_project_iam_policy": TerraformType(),
    },
)

SPECS = (POOL, PROVIDER, KEY, PROJECT_GRANT)

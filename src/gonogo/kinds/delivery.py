"""What stands between a build and production: Artifact Registry, Binary Authorization, Cloud Deploy; and VPC connectors."""

from __future__ import annotations

from gonogo.kinds.fields import Default, Draft, Field, Found, Items, Written, members
from gonogo.kinds.spec import Spec, TerraformType, at, boolean, last_segment
from gonogo.model.shape import BOOL, STRING, ListOf
from gonogo.model.value import Unknown

REPOSITORY_KIND = "artifactregistry.googleapis.com/Repository"
POLICY_KIND = "binaryauthorization.googleapis.com/Policy"
ATTESTOR_KIND = "binaryauthorization.googleapis.com/Attestor"
PIPELINE_KIND = "clouddeploy.googleapis.com/DeliveryPipeline"
CONNECTOR_KIND = "vpcaccess.googleapis.com/Connector"


def _scanning(draft: Draft, _: Written) -> None:
    """INHERITED scans where the project has the scanning API on, which is no fact of this repository."""
    state = at(draft.attributes, "vulnerabilityScanningConfig.enablementState")
    config = at(draft.attributes, "vulnerabilityScanningConfig.enablementConfig")
    place = draft.locations.get(("vulnerabilityScanningConfig", "enablementConfig"))
    if place is not None:
        draft.locations["scanning",] = place
    if state is not None and not (isinstance(state, Unknown) and config is not None):
        draft.attributes["scanning"] = state if isinstance(state, Unknown) else state == "SCANNING_ACTIVE"
    elif isinstance(config, Unknown) or config is None:
        draft.attributes["scanning"] = config
    elif config == "DISABLED":
        draft.attributes["scanning"] = False
    else:
        draft.attributes["scanning"] = Unknown.because(
            f"{config}: the registry scans where the Container Scanning API is on in the project"
        )


REPOSITORY = Spec(
    REPOSITORY_KIND,
    "Artifact Registry repository",
    (
        Field(
            "name",
            STRING,
            ("repository_id", "resourceID", "metadata.name"),
            gcloud=("0",),
            convert=last_segment,
            api=("asset.id",),
        ),
        Field("format", STRING, ("format",), gcloud=("repository-format",), convert=lambda v: v.upper() if isinstance(v, str) else v),
        Field("location", STRING, ("location",), gcloud=("location",), api=("asset.location",)),
        Field(
            "vulnerabilityScanningConfig.enablementConfig",
            STRING,
            ("vulnerability_scanning_config.enablement_config",),
            values=("INHERITED", "DISABLED"),
        ),
        Field(
            "vulnerabilityScanningConfig.enablementState",
            STRING,
            ("vulnerability_scanning_config.enablement_state",),
            values=("SCANNING_ACTIVE", "SCANNING_DISABLED", "SCANNING_UNSUPPORTED"),
        ),
    ),
    {"google_artifact_registry_repository": TerraformType()},
    ("artifactregistry/ArtifactRegistryRepository",),
    derive=_scanning,
    derived={"scanning": BOOL},
)

_RULE = (
    Field("evaluationMode", STRING, ("evaluation_mode",)),
    Field("enforcementMode", STRING, ("enforcement_mode",)),
)
POLICY = Spec(
    POLICY_KIND,
    "Binary Authorization policy",
    (
        Field("name", STRING, ("project", "metadata.name"), reference=True, api=("asset.project",)),
        Field("globalPolicyEvaluationMode", STRING, ("global_policy_evaluation_mode",)),
        Field("defaultAdmissionRule.evaluationMode", STRING, ("default_admission_rule.evaluation_mode",)),
        Field("defaultAdmissionRule.enforcementMode", STRING, ("default_admission_rule.enforcement_mode",)),
        Field(
            "defaultAdmissionRule.requireAttestationsBy",
            ListOf(STRING),
            ("default_admission_rule.require_attestations_by",),
            absent=Default([], "none"),
            reference=True,
        ),
        Items("clusterAdmissionRules", _RULE, ("cluster_admission_rules",), by_key=True),
    ),
    {"google_binary_authorization_policy": TerraformType()},
    ("binaryauthorization/BinaryAuthorizationPolicy",),
)

ATTESTOR = Spec(
    ATTESTOR_KIND,
    "Binary Authorization attestor",
    (Field("name", STRING, ("name", "resourceID", "metadata.name"), convert=last_segment),),
    {"google_binary_authorization_attestor": TerraformType()},
    ("binaryauthorization/BinaryAuthorizationAttestor",),
)


def _canary(draft: Draft, written: Written) -> None:
    """Whether a stage shifts traffic step by step, in each of the places Cloud Deploy lets one say so."""
    draft.attributes["canary"] = False
    for prefix in ("serial_pipeline.stages", "serialPipeline.stages"):
        stages = written.find(prefix)
        if not isinstance(stages, Found):
            continue
        if isinstance(stages.value, Unknown):
            draft.attributes["canary"] = stages.value
            return
        for number, stage in enumerate(members(stages.value)):
            strategy = written.within(stage, (*stages.path, number)).find("strategy.canary")
            if isinstance(strategy, Found) and strategy.value != []:
                draft.attributes["canary"] = written.settle(strategy.value) if isinstance(strategy.value, Unknown) else True
                draft.place(("canary",), written, strategy.path)
                return


PIPELINE = Spec(
    PIPELINE_KIND,
    "Cloud Deploy pipeline",
    (
        Field("name", STRING, ("name", "resourceID", "metadata.name"), convert=last_segment),
        Field("suspended", BOOL, ("suspended",), absent=Default(False, "google_clouddeploy_delivery_pipeline.suspended"), convert=boolean),
    ),
    {"google_clouddeploy_delivery_pipeline": TerraformType()},
    ("clouddeploy/CloudDeployDeliveryPipeline",),
    derive=_canary,
    derived={"canary": BOOL},
)

CONNECTOR = Spec(
    CONNECTOR_KIND,
    "Serverless VPC Access connector",
    (
        Field("name", STRING, ("name", "resourceID", "metadata.name"), gcloud=("0",), convert=last_segment, api=("asset.id",)),
        Field("region", STRING, ("region", "location"), gcloud=("region",), api=("asset.location",)),
    ),
    {"google_vpc_access_connector": TerraformType()},
    ("vpcaccess/VPCAccessConnector",),
)

SPECS = (REPOSITORY, POLICY, ATTESTOR, PIPELINE, CONNECTOR)

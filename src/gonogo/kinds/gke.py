"""GKE clusters: what of them decides whether the objects inside are obeyed."""

from __future__ import annotations

from gonogo.kinds.fields import Default, Draft, Field, Written
from gonogo.kinds.spec import Spec, TerraformType, at, boolean, last_segment
from gonogo.model.shape import BOOL, STRING
from gonogo.model.value import Unknown

CLUSTER_KIND = "container.googleapis.com/Cluster"

_API = "https://cloud.google.com/kubernetes-engine/docs/reference/rest/v1/projects.locations.clusters"
_OFF = Default(False, f"{_API}#NetworkPolicy")
_STANDARD = Default(False, f"{_API}#Autopilot")
_LEGACY = Default("LEGACY_DATAPATH", f"{_API}#NetworkConfig: by default, uses the IPTables-based kube-proxy implementation")
_ENFORCING = {"autopilot.enabled": True, "networkConfig.datapathProvider": "ADVANCED_DATAPATH", "networkPolicy.enabled": True}
"""Each by itself: Autopilot runs GKE Dataplane V2 (https://cloud.google.com/kubernetes-engine/docs/how-to/network-policy)."""
_DATAPATH = ("networkConfig", "datapathProvider")
_MIGRATING = frozenset({"MIGRATE_TO_ADVANCED_DATAPATH", "MIGRATE_TO_LEGACY_DATAPATH"})


def _enforcement(draft: Draft, _: Written) -> None:
    """Whether the nodes enforce NetworkPolicies: without one of the three the API server stores them, and nothing obeys."""
    autopilot = at(draft.attributes, "autopilot.enabled")
    if autopilot is not False and _DATAPATH not in draft.written:
        draft.put(_DATAPATH, autopilot if isinstance(autopilot, Unknown) else "ADVANCED_DATAPATH")
    found = {path: at(draft.attributes, path) for path in _ENFORCING}
    for path, wanted in _ENFORCING.items():
        if found[path] == wanted:
            draft.attributes["enforcesNetworkPolicies"] = True
            if (place := draft.locations.get(tuple(path.split(".")))) is not None:
                draft.locations["enforcesNetworkPolicies",] = place
            return
    unknown = [value for value in found.values() if isinstance(value, Unknown)]
    if found["networkConfig.datapathProvider"] in _MIGRATING:
        unknown.append(Unknown.because("its nodes are on their way from one datapath to another"))
    draft.attributes["enforcesNetworkPolicies"] = Unknown.merge(unknown) if unknown else False


CLUSTER = Spec(
    CLUSTER_KIND,
    "GKE cluster",
    (
        Field("name", STRING, ("name", "resourceID", "metadata.name"), convert=last_segment, api=("asset.id",)),
        Field("location", STRING, ("location",), api=("asset.location",)),
        Field("autopilot.enabled", BOOL, ("enable_autopilot",), absent=_STANDARD, api_absent=_STANDARD, convert=boolean),
        Field(
            "networkConfig.datapathProvider",
            STRING,
            ("datapath_provider",),
            absent=_LEGACY,
            api_absent=_LEGACY,
            values=("LEGACY_DATAPATH", "ADVANCED_DATAPATH", "DATAPATH_PROVIDER_UNSPECIFIED", *sorted(_MIGRATING)),
        ),
        Field("networkPolicy.enabled", BOOL, ("network_policy.enabled",), absent=_OFF, api_absent=_OFF, convert=boolean),
    ),
    {"google_container_cluster": TerraformType()},
    ("container/ContainerCluster",),
    derive=_enforcement,
    derived={"enforcesNetworkPolicies": BOOL},
)

SPECS = (CLUSTER,)

"""Cloud Run services (https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services).

Terraform's `google_cloud_run_service` (v1) and Knative YAML spell them alike, in annotations; `google_cloud_run_v2_service`
and Config Connector spell the v2 API.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from gonogo.kinds.fields import UNSAID, Default, Draft, Field, Found, Items, Spelling, Written, members
from gonogo.kinds.spec import Link, Spec, TerraformType, at, boolean, integer, last_segment, strings
from gonogo.lang.functions import secret_like
from gonogo.model.shape import BOOL, INT, STRING, ListOf, record
from gonogo.model.value import Hidden, OpenList, Path, Unknown, Value, lookup

KIND = "run.googleapis.com/Service"
IAM_KIND = "run.googleapis.com/ServiceIamBinding"

_DOCS = "https://cloud.google.com/run/docs/configuring"
_LATEST = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"
_ON_SERVICE = "metadata.annotations"
_ON_REVISION = "template.metadata.annotations"

_INGRESS = {
    "all": "INGRESS_TRAFFIC_ALL",
    "internal": "INGRESS_TRAFFIC_INTERNAL_ONLY",
    "internal-and-cloud-load-balancing": "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER",
}


def _ingress(value: Value) -> Value:
    return _INGRESS.get(value, value) if isinstance(value, str) else value


def _minimum(value: Value) -> Value:
    return 0 if value == "default" else integer(value)


def _maximum(value: Value) -> Value:
    """No service has a maximum of zero: it is how a state writes that there is none."""
    number = None if value == "default" else integer(value)
    return None if number == 0 else number


def _connector(value: Value) -> Value:
    return None if value == "" else value


def _interfaces(value: Value) -> Value:
    """The annotation holds the blocks as a JSON list, a flag the name of a network or subnetwork."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return Unknown.because("the annotation of the network interfaces is no JSON")
    entries = [_interface(entry) for entry in members(value) if entry != ""]
    return OpenList(entries, value.unknown) if isinstance(value, OpenList) else entries


def _interface(entry: Value) -> Value:
    if isinstance(entry, Mapping):
        return {name: last_segment(entry.get(name, entry.get(f"{name}Ref"))) for name in ("network", "subnetwork")}
    return entry if isinstance(entry, Unknown) else {"network": last_segment(entry), "subnetwork": None}


def _allocation(value: Value) -> Value:
    """Knative says `latestRevision: true` or names a revision."""
    kinds = {True: _LATEST, False: "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION"}
    return kinds[value] if isinstance(value, bool) else value


def _no_default(value: Value) -> Value:
    return None if value == "default" else value


_SECRET_REF = (
    Field("secret", STRING, ("secret",), ("name",), reference=True),
    Field("version", STRING, ("version",), ("key",), reference=True),
)
_ENV = (
    Field("name", STRING, ("name",), ("name",)),
    Field("value", STRING, ("value",), ("value",), reference=True),
    Field(
        "valueSource.secretKeyRef.secret",
        STRING,
        ("value_source.secret_key_ref.secret",),
        ("value_from.secret_key_ref.name",),
        reference=True,
    ),
    Field(
        "valueSource.secretKeyRef.version",
        STRING,
        ("value_source.secret_key_ref.version",),
        ("value_from.secret_key_ref.key",),
        reference=True,
    ),
    Field("source", STRING),  # nobody writes it: `_environment` works it out
)
_CONTAINER = (
    Field("name", STRING, ("name",), ("name",)),
    Field("image", STRING, ("image",), ("image",)),
    Items("env", _ENV, ("env",), ("env",)),
)
_VOLUME = (
    Field("name", STRING, ("name",), ("name",)),
    Field("secret", STRING, ("secret.secret",), ("secret.secret_name",), reference=True, api=("secret.secret",)),
)
_TRAFFIC = (
    Field("type", STRING, ("type",), ("latest_revision",), convert=_allocation),
    Field("revision", STRING, ("revision",), ("revision_name",)),
    Field("percent", INT, ("percent",), ("percent",), convert=integer, api_absent=Default(0, "this defaults to zero if unspecified")),
    Field("tag", STRING, ("tag",), ("tag",)),
)

SERVICE_TABLE = (
    Field("name", STRING, ("name", "resourceID", "metadata.name"), ("name", "metadata.name"), ("0",), api=("asset.id",)),
    Field(
        "location",
        STRING,
        ("location",),
        ("location", 'metadata.labels["cloud.googleapis.com/location"]'),
        ("region",),
        api=("asset.location",),
    ),
    Field(
        "ingress",
        STRING,
        ("ingress",),
        (f'{_ON_SERVICE}["run.googleapis.com/ingress"]',),
        ("ingress",),
        convert=_ingress,
        absent=Default("INGRESS_TRAFFIC_ALL", "https://cloud.google.com/run/docs/securing/ingress: all is the default"),
        api_absent=UNSAID,  # "or INGRESS_TRAFFIC_UNSPECIFIED if no revision is active"
        values=(*_INGRESS.values(), "INGRESS_TRAFFIC_NONE"),
    ),
    Field(
        "invokerIamDisabled",
        BOOL,
        ("invoker_iam_disabled",),
        (f'{_ON_SERVICE}["run.googleapis.com/invoker-iam-disabled"]',),
        ("invoker-iam-disabled",),
        absent=Default(False, "https://cloud.google.com/run/docs/securing/managing-access"),
        convert=boolean,
    ),
    Field(
        "defaultUriDisabled",
        BOOL,
        ("default_uri_disabled",),
        (f'{_ON_SERVICE}["run.googleapis.com/default-url-disabled"]',),
        ("default-url-disabled",),
        absent=Default(False, "https://cloud.google.com/run/docs/securing/ingress#disable-url"),
        convert=boolean,
    ),
    Field(
        "iapEnabled",
        BOOL,
        ("iap_enabled",),
        (f'{_ON_SERVICE}["run.googleapis.com/iap-enabled"]',),
        ("iap",),
        absent=Default(False, "https://cloud.google.com/run/docs/securing/identity-aware-proxy-cloud-run"),
        convert=boolean,
    ),
    Field(
        "scaling.minInstanceCount",
        INT,
        ("scaling.min_instance_count",),
        (f'{_ON_SERVICE}["run.googleapis.com/minScale"]',),
        ("min",),
        absent=Default(0, f"{_DOCS}/min-instances"),
        convert=_minimum,
    ),
    Field(
        "scaling.maxInstanceCount",
        INT,
        ("scaling.max_instance_count",),
        (f'{_ON_SERVICE}["run.googleapis.com/maxScale"]',),
        ("max",),
        convert=_maximum,
    ),
    Field(
        "scaling.scalingMode",
        STRING,
        ("scaling.scaling_mode",),
        (f'{_ON_SERVICE}["run.googleapis.com/scalingMode"]',),
        absent=Default("AUTOMATIC", f"{_DOCS}/services/manual-scaling"),
        api_absent=Default("AUTOMATIC", f"{_DOCS}/services/manual-scaling"),
        convert=lambda v: v.upper() if isinstance(v, str) else v,
        values=("AUTOMATIC", "MANUAL"),
    ),
    Field(
        "scaling.manualInstanceCount",
        INT,
        ("scaling.manual_instance_count",),
        (f'{_ON_SERVICE}["run.googleapis.com/manualInstanceCount"]',),
        convert=integer,
    ),
    Field(
        "template.scaling.minInstanceCount",
        INT,
        ("template.scaling.min_instance_count",),
        (f'{_ON_REVISION}["autoscaling.knative.dev/minScale"]',),
        ("min-instances",),
        absent=Default(0, f"{_DOCS}/min-instances"),
        convert=_minimum,
    ),
    # Nothing written means that the server chooses (100, or by quota): not an explicit maximum.
    Field(
        "template.scaling.maxInstanceCount",
        INT,
        ("template.scaling.max_instance_count",),
        (f'{_ON_REVISION}["autoscaling.knative.dev/maxScale"]',),
        ("max-instances",),
        convert=_maximum,
    ),
    Field(
        "template.vpcAccess.connector",
        STRING,
        ("template.vpc_access.connector",),
        (f'{_ON_REVISION}["run.googleapis.com/vpc-access-connector"]',),
        ("vpc-connector",),
        convert=_connector,
        reference=True,
    ),
    Field(
        "template.vpcAccess.egress",
        STRING,
        ("template.vpc_access.egress",),
        (f'{_ON_REVISION}["run.googleapis.com/vpc-access-egress"]',),
        ("vpc-egress",),
    ),
    # Direct VPC egress: blocks, or a JSON text in the annotation, or --network/--subnet.
    Field(
        "template.vpcAccess.networkInterfaces",
        ListOf(record(network=STRING, subnetwork=STRING)),
        ("template.vpc_access.network_interfaces",),
        (f'{_ON_REVISION}["run.googleapis.com/network-interfaces"]',),
        ("network", "subnet"),
        absent=Default([], f"{_DOCS}/vpc-direct-vpc"),
        convert=_interfaces,
        reference=True,
    ),
    Field(
        "template.serviceAccount",
        STRING,
        ("template.service_account",),
        ("template.spec.service_account_name",),
        ("service-account",),
        reference=True,
    ),
    Items("template.containers", _CONTAINER, ("template.containers",), ("template.spec.containers",)),
    Items("template.volumes", _VOLUME, ("template.volumes",), ("template.spec.volumes",)),
    Items("traffic", _TRAFFIC, ("traffic",), ("traffic",)),
    Field(
        "multiRegionSettings.regions",
        ListOf(STRING),
        ("multi_region_settings.regions",),
        gcloud=("regions",),
        absent=Default([], "one region"),
        convert=strings,
    ),
    # The annotation and the flag hold `default` or the name of a policy.
    Field(
        "binaryAuthorization.policy",
        STRING,
        ("binary_authorization.policy",),
        (f'{_ON_SERVICE}["run.googleapis.com/binary-authorization"]',),
        ("binary-authorization",),
        convert=_no_default,
    ),
    Field(
        "binaryAuthorization.useDefault",
        BOOL,
        ("binary_authorization.use_default",),
        (f'{_ON_SERVICE}["run.googleapis.com/binary-authorization"]',),
        ("binary-authorization",),
        absent=Default(False, f"{_DOCS}/binary-authorization"),
        convert=lambda v: v is True or v in ("default", "true"),
    ),
)

# Where an environment value is a pointer at a secret that the program itself follows.
SECRET_POINTER = re.compile(r"(secret|sm|gsm|gcpsm|berglas|gcp-secretmanager|vault)(manager)?:(//)?|projects/[^/]+/secrets/|op://")
# What is read from these holds no secret whatever the attribute: a KMS key never leaves KMS, so that all one gets is its name
# or public half, and the configuration of a Firebase web app is sent to every browser.
_NO_SECRET = re.compile(
    r"(after apply: |data source (data\.)?)(google_kms_(key_ring|crypto_key|crypto_key_version)|google_firebase_web_app_config)\."
)
# Attributes that hold a secret itself: putting one into an environment variable writes the secret there.
_PLAIN = re.compile(
    r"\$\{[^}]*(\.secret_data|random_password\.[^}]*\.result|\.private_key|\.password|_password|\.auth_string|secretmanager_secret_version[^}]*\.secret_data)\}"
)


def secret_source(entry: Mapping[str, Value], *, answered: bool = False) -> Value:
    """Where the value of an environment variable comes from: `secret`, `literal`, `reference` or null where it is empty.

    In what the API `answered` there are no references: `${…}` is a text that nothing fills in.
    What a variable with a plain name holds decides nothing, so that only a name of a secret leaves it unknown.
    """
    reference, value = at(entry, "valueSource.secretKeyRef.secret"), entry.get("value")
    if isinstance(reference, Unknown) and isinstance(value, Unknown):
        return reference
    # A variable has a value or a reference: where the value is known there is no reference, whatever is not seen.
    if reference is not None and not (isinstance(reference, Unknown) and value is not None):
        return "secret"
    if value is None or value == "":
        return None
    if isinstance(value, Unknown):
        name = entry.get("name")
        plain = isinstance(name, str) and not secret_like(name)
        if isinstance(value, Hidden) and isinstance(name, str) and not plain:
            return "literal"  # a plan or a state holds the text itself
        return "reference" if plain or all(_NO_SECRET.search(reason) for reason in value.reasons) else value
    if not isinstance(value, str):
        return "literal"
    if SECRET_POINTER.match(value):
        return "secret"
    if "${" in value and not answered:
        if _PLAIN.search(value):
            return "literal"
        return "secret" if "google_secret_manager_secret" in value else "reference"
    return "literal"


def _environment(draft: Draft, answered: bool) -> None:
    """Say of each environment variable where its value comes from, and take back values that were only kept for that."""
    for number, container in enumerate(members(at(draft.attributes, "template.containers"))):
        for place, entry in enumerate(members(container["env"])) if isinstance(container, dict) else ():
            if not isinstance(entry, dict):
                continue
            entry["source"] = secret_source(entry, answered=answered)
            path: Path = ("template", "containers", number, "env", place)
            held = ("valueSource", "secretKeyRef", "secret") if entry["source"] == "secret" and entry["value"] is None else ("value",)
            if (*path, *held) in draft.locations:
                draft.locations[*path, "source"] = draft.locations[*path, *held]
            value = entry["value"]
            if isinstance(value, str) and "${" in value and not answered:
                entry["value"] = Unknown.because("known only after apply")


def _derive(draft: Draft, written: Written) -> None:
    _environment(draft, written.answered)
    draft.attributes["invokers"] = []
    draft.attributes["rollout"] = False
    draft.attributes["unmanaged"] = [e.path for e in SERVICE_TABLE if any(map(written.left_alone, (*e.terraform, *e.knative)))]
    serve(draft)
    if written.answered:
        draft.put(("serving", "project"), lookup(written.value, "asset", "project"))
        draft.put(("serving", "template"), _all_to_newest(draft, written))


def _all_to_newest(draft: Draft, written: Written) -> Value:
    """Whether all that is sent to a service is answered by the revision that was made last: the template is that one's."""
    created, ready = (
        found.value.rpartition("/")[2] if isinstance(found, Found) and isinstance(found.value, str) else None
        for found in map(written.find, ("latest_created_revision", "latest_ready_revision"))
    )
    newest: list[Value] = []
    for target in members(draft.attributes["traffic"]):
        percent, kind = (target["percent"], target["type"]) if isinstance(target, Mapping) else (target, target)
        if percent == 0:
            continue
        if isinstance(percent, Unknown) or isinstance(kind, Unknown):
            newest.append(Unknown.merge([percent, kind]))
        elif isinstance(target, Mapping):
            # Sent to the latest one, it is answered by the latest that is ready.
            newest.append(created is None or ready in (None, created) if kind == _LATEST else target["revision"] == created)
    # "If traffic is empty or not provided, defaults to 100% traffic to the latest Ready Revision."
    newest = newest or [created is None or ready in (None, created)]
    return False if False in newest else next((value for value in newest if isinstance(value, Unknown)), True)


def serve(draft: Draft) -> None:
    """What serves where, as far as it is known: what is not known is no evidence of a second region."""
    for name, field in (("name", "name"), ("region", "location")):
        value = draft.attributes[field]
        draft.put(("serving", name), value if isinstance(value, str) and "$" not in value else None)
    draft.put(("serving", "project"), "")
    draft.put(("serving", "template"), True)


_SERVING = {"serving.name": STRING, "serving.project": STRING, "serving.region": STRING, "serving.template": BOOL}
SERVICE = Spec(
    KIND,
    "Cloud Run service",
    SERVICE_TABLE,
    terraform={"google_cloud_run_v2_service": TerraformType(), "google_cloud_run_service": TerraformType(Spelling.KNATIVE)},
    config_connector=("run/RunService",),
    derive=_derive,
    # `invokers`: members the declaration itself grants to (`--allow-unauthenticated`, a module's input).
    # `rollout`: a deploy command on a service that is declared elsewhere; it is no description of the service.
    # `serving`: what serves where, the project of what is live only; `template`: whether it is made of the template, not of an older one.
    # `unmanaged`: the settings that the declaration makes once and then leaves to whatever deploys (`ignore_changes`).
    derived={"invokers": ListOf(STRING), "rollout": BOOL, "unmanaged": ListOf(STRING), **_SERVING},
)


BINDING_TABLE = (
    Field("service", STRING, ("name", "service"), gcloud=("0",), reference=True, api=("asset.name",)),
    Field("location", STRING, ("location",), gcloud=("region",), reference=True, api=("asset.location",)),
    Field("role", STRING, ("role",), gcloud=("role",)),
    # The text of `serviceAccount:${google_service_account.run.email}` is enough to say that it is not everybody.
    Field("members", ListOf(STRING), ("members", "member"), gcloud=("member",), convert=strings, reference=True),
)
SERVICE_IAM = Spec(
    IAM_KIND,
    "grant on a Cloud Run service",
    BINDING_TABLE,
    terraform={
        f"google_cloud_run_{version}service_iam_{what}": TerraformType()
        for version in ("", "v2_")
        for what in ("member", "binding", "policy")
    },
    links=(Link("service", "service", (KIND,), required=False),),
)

SPECS = (SERVICE, SERVICE_IAM)

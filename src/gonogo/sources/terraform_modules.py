"""Well-known modules that are not in the repository: which of their inputs decide which field of which kind.

A module is only as known as the inputs that are passed to it: a field that no input decides is unknown, never a default.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

from gonogo.kinds import cloudrun, cloudsql, loadbalancing, redis
from gonogo.kinds.cloudrun import secret_source, serve
from gonogo.kinds.fields import Draft, Field, Found, Items, ServerChooses, Spelling, Table, Written, members, read_table
from gonogo.kinds.spec import Declaration, Spec, finish
from gonogo.model.resource import Resource
from gonogo.model.value import OpenList, OpenMap, Unknown, Value
from gonogo.sources.terraform.result import OpaqueModule, settled

_Complete = Callable[[Draft, Written, Unknown], None]


@dataclass(frozen=True, slots=True)
class Adapter:
    """A family of modules: `source` matches the module's source, `inputs` spells each field by the module's inputs."""

    source: re.Pattern[str]
    spec: Spec
    inputs: Mapping[str, tuple[str, ...]]
    complete: _Complete | None = None
    decides: tuple[str, ...] = ()
    """The kinds that are fully accounted for by this adapter: the module leaves them no longer incomplete."""
    when: str = ""
    """An input that must not be false for the module to make this resource."""


def _scaling(bound: str, annotation: str) -> tuple[str, ...]:
    """The inputs by which Cloud Run modules take a bound of instances."""
    annotations = ("template_annotations", "additional_revision_annotations", "revision_annotations", "annotations")
    return (
        f"{bound}_instances",
        f"{bound}_instance_count",
        f"{bound}_scale",
        f"template_scaling.{bound}_instance_count",
        f"scaling.{bound}_instance_count",
        f"revision.scaling.{bound}_instance_count",
        f"revision.{bound}_instance_count",
        f"autoscaling.{bound}_instance_count",
        *(f'{name}["autoscaling.knative.dev/{annotation}"]' for name in annotations),
    )


# Inputs that hold environment variables, and whether they are references to secrets.
_ENV_INPUTS = (
    ("env_vars", False),
    ("envvars", False),
    ("environment_variables", False),
    ("env", False),
    ("secret_envvars", True),
    ("env_secret_vars", True),
    ("env_from_key", True),
    ("secret_env_vars", True),
    ("secrets_env", True),
)


def _run_environment(draft: Draft, written: Written, reason: Unknown) -> None:
    """Environment from `env_vars` and the like (a map, or a list of name and value), secrets from their own inputs."""
    entries: list[Value] = []
    given = False
    containers = written.find("containers")
    scopes = [written]
    if isinstance(containers, Found):
        listed = list(containers.value.items()) if isinstance(containers.value, Mapping) else list(enumerate(members(containers.value)))
        scopes.extend(written.within(value, (*containers.path, step)) for step, value in listed if isinstance(value, Mapping))
    for scope, (name, secret) in product(scopes, _ENV_INPUTS):
        found = scope.find(name)
        if isinstance(found, Found):
            given = True
            for entry in _entries(found.value, secret):
                draft.place(("template", "containers", 0, "env", len(entries)), written, found.path)
                entries.append(entry)
    # Inputs for the environment say all of it; a module that is given none may set its own.
    env: Value = entries if given else OpenList(entries, reason)
    draft.put(("template", "containers"), [{"name": None, "image": None, "env": env}])


def _entries(value: Value, secret: bool) -> Iterator[Value]:
    pairs: list[tuple[Value, Value]] = []
    if isinstance(value, Mapping):
        pairs = list(value.items())
        if isinstance(value, OpenMap):
            yield value.unknown
    elif isinstance(value, Unknown):
        yield value
    else:
        pairs = [(item.get("name"), item.get("value")) for item in members(value) if isinstance(item, Mapping)]
    for name, held in pairs:
        text = str.__str__(held) if isinstance(held, str) else held
        entry: dict[str, Value] = {
            "name": name,
            "value": None if secret else text,
            "valueSource": {"secretKeyRef": {"secret": str(name) if secret else None, "version": None}},
        }
        entry["source"] = secret_source(entry)
        entry["value"] = settled(None if secret else held)
        yield entry


def _run_access(draft: Draft, written: Written, reason: Unknown) -> None:
    """Who may invoke. Inputs that name the invokers say all; without any, the module may do as it likes."""
    draft.attributes["rollout"] = False
    draft.attributes["unmanaged"] = []
    found = written.first(("service_iam.invokers", "invokers", "invoker_members", 'iam["roles/run.invoker"]', "members"))
    public = written.first(("allow_unauthenticated", "allow_public_access", "allow_public", "public_access", "allow_all_users"))
    if isinstance(found, Found):
        listed = [str.__str__(m) if isinstance(m, str) else m for m in members(found.value)]
        draft.attributes["invokers"] = OpenList(listed, found.value.unknown) if isinstance(found.value, OpenList) else listed
        draft.place(("invokers",), written, found.path)
        if ("invokerIamDisabled",) not in draft.written:
            # Naming invokers makes no sense where the check is off, so that a module would not turn it off by itself.
            draft.attributes["invokerIamDisabled"] = False
    elif isinstance(public, Found):
        value = settled(public.value)
        draft.attributes["invokers"] = ["allUsers"] if value is True else [] if value is False else OpenList([], _unknown(value, reason))
        draft.place(("invokers",), written, public.path)
        if value is False and ("invokerIamDisabled",) not in draft.written:
            draft.attributes["invokerIamDisabled"] = False
    else:
        draft.attributes["invokers"] = OpenList([], reason)


def _unknown(value: Value, reason: Unknown) -> Unknown:
    return value if isinstance(value, Unknown) else reason


def _run(draft: Draft, written: Written, reason: Unknown) -> None:
    bounds = (("scaling", "minInstanceCount"), ("template", "scaling", "minInstanceCount"), ("template", "scaling", "maxInstanceCount"))
    if any(path in draft.written for path in bounds):
        # A module that is given a minimum or a maximum scales between them.
        draft.put(("scaling", "scalingMode"), "AUTOMATIC")
    if ("multiRegionSettings", "regions") not in draft.written:
        draft.put(("multiRegionSettings", "regions"), [])  # a module that is given no list of regions deploys to one
    serve(draft)
    _run_environment(draft, written, reason)
    _run_access(draft, written, reason)


def _sql(draft: Draft, written: Written, _: Unknown) -> None:
    # The modules of this family make the primary; replicas come from an input of their own.
    draft.attributes["instanceType"] = "CLOUD_SQL_INSTANCE"
    required = written.find("ip_configuration.require_ssl")
    if ("settings", "ipConfiguration", "sslMode") not in draft.written and isinstance(required, Found) and required.value is True:
        draft.put(("settings", "ipConfiguration", "sslMode"), "TRUSTED_CLIENT_CERTIFICATE_REQUIRED")
        draft.place(("settings", "ipConfiguration", "sslMode"), written, required.path)


_ANNOTATED = ("additional_service_annotations", "service_annotations", "annotations")

ADAPTERS: tuple[Adapter, ...] = (
    Adapter(
        # `…//modules/cloud_run`, `GoogleCloudPlatform/cloud-run/google//modules/v2`, `…/cloud-run-v2`; not load balancers,
        # alerts or jobs for Cloud Run, whose last word says so.
        re.compile(r"(^|/)((simple|secure|serverless)[-_])?cloud[-_]?run([-_](v2|service|core))?(/google)?(//modules/v2)?$"),
        cloudrun.SERVICE,
        {
            "name": ("service_name", "name"),
            "location": ("location", "region"),
            "multiRegionSettings.regions": ("regions", "locations", "multi_region_settings.regions"),
            "ingress": ("ingress", *(f'{name}["run.googleapis.com/ingress"]' for name in _ANNOTATED)),
            "invokerIamDisabled": ("invoker_iam_disabled", *(f'{name}["run.googleapis.com/invoker-iam-disabled"]' for name in _ANNOTATED)),
            "scaling.minInstanceCount": ("service_scaling.min_instance_count",),
            "template.scaling.minInstanceCount": _scaling("min", "minScale"),
            "template.scaling.maxInstanceCount": _scaling("max", "maxScale"),
            "template.vpcAccess.connector": (
                "vpc_access.connector",
                "vpc_connector",
                "vpc_access_connector",
                "revision.vpc_access.connector",
                'template_annotations["run.googleapis.com/vpc-access-connector"]',
                'additional_revision_annotations["run.googleapis.com/vpc-access-connector"]',
            ),
            "template.vpcAccess.networkInterfaces": ("vpc_access.network_interfaces", "revision.vpc_access.network"),
            "template.serviceAccount": ("service_account_email", "service_account"),
        },
        _run,
        decides=(cloudrun.KIND, cloudrun.IAM_KIND),
    ),
    Adapter(
        re.compile(r"(^|/)sql-db/google(//modules/(postgresql|mysql|mssql|safer_mysql|safer-mysql))?$|/modules/cloudsql-instance$"),
        cloudsql.INSTANCE,
        {
            "name": ("name",),
            "region": ("region",),
            "databaseVersion": ("database_version",),
            "settings.availabilityType": ("availability_type",),
            "settings.backupConfiguration.enabled": ("backup_configuration.enabled",),
            "settings.backupConfiguration.pointInTimeRecoveryEnabled": ("backup_configuration.point_in_time_recovery_enabled",),
            "settings.backupConfiguration.binaryLogEnabled": ("backup_configuration.binary_log_enabled",),
            "settings.backupConfiguration.transactionLogRetentionDays": ("backup_configuration.transaction_log_retention_days",),
            "settings.backupConfiguration.backupRetentionSettings.retainedBackups": ("backup_configuration.retained_backups",),
            "settings.ipConfiguration.ipv4Enabled": ("ip_configuration.ipv4_enabled", "assign_public_ip"),
            "settings.ipConfiguration.privateNetwork": ("ip_configuration.private_network",),
            "settings.ipConfiguration.sslMode": ("ip_configuration.ssl_mode", "ssl_mode"),
            "settings.insightsConfig.queryInsightsEnabled": ("insights_config.query_insights_enabled",),
            "settings.deletionProtectionEnabled": ("deletion_protection_enabled",),
        },
        _sql,
        decides=(cloudsql.KIND,),
    ),
    Adapter(
        re.compile(r"(^|/)memorystore/google$"),
        redis.INSTANCE,
        {
            "name": ("name",),
            "region": ("region",),
            "tier": ("tier",),
            "authEnabled": ("auth_enabled",),
            "transitEncryptionMode": ("transit_encryption_mode",),
            "replicaCount": ("replica_count",),
        },
        decides=(redis.INSTANCE_KIND,),
    ),
    Adapter(
        re.compile(r"(^|/)lb-http/google(//modules/\w+)?$"),
        loadbalancing.TARGET_HTTPS,
        {"name": ("name",), "sslPolicy": ("ssl_policy",), "sslCertificates": ("ssl_certificates", "managed_ssl_certificate_domains")},
        when="ssl",
        decides=(loadbalancing.HTTPS_PROXY,),
    ),
    Adapter(
        re.compile(r"(^|/)lb-http/google(//modules/\w+)?$"),
        loadbalancing.BACKEND,
        {
            "name": ("name",),
            "loadBalancingScheme": ("load_balancing_scheme",),
            "securityPolicy": ("security_policy", "backends.default.security_policy"),
        },
        decides=(loadbalancing.BACKEND_SERVICE,),
    ),
)


@dataclass(frozen=True, slots=True)
class Adapted:
    """What is known of an opaque module: its resources, and the kinds that it no longer leaves incomplete."""

    resources: tuple[Resource, ...]
    decides: tuple[str, ...]


def adapt(module: OpaqueModule) -> Adapted:
    """The resources that the inputs of a module describe; nothing where the module is not one of the known families."""
    source = normalised(module.source)
    resources: list[Resource] = []
    decides: list[str] = []
    for adapter in ADAPTERS:
        if adapter.source.search(source) is None:
            continue
        made = _build(adapter, module)
        if made is not None:
            resources.append(made)
            decides.extend(adapter.decides)
    return Adapted(tuple(resources), tuple(decides))


def _build(adapter: Adapter, module: OpaqueModule) -> Resource | None:
    reason = Unknown.because(f"{module.address} ({module.source}) is not in the repository, and no input of it says this")
    written = Written(module.inputs, module.locations, module.chains, settle=settled)
    conditional = module.conditional
    if adapter.when:
        switch = settled(module.inputs.get(adapter.when, reason))
        if switch is False:
            return None
        if isinstance(switch, Unknown):
            conditional = Unknown.merge([switch, conditional])
    table = _respelled(adapter.spec.table, adapter.inputs)
    draft = read_table(table, written, Spelling.TERRAFORM, ServerChooses(reason.reasons[0]))
    for name, _ in adapter.spec.derived.items():
        draft.attributes.setdefault(name, reason)
    if adapter.complete is not None:
        adapter.complete(draft, written, reason)
    declared = Declaration(module.address, "module", "terraform", module.environment, module.root, conditional)
    return finish(adapter.spec, draft, declared, module.locations.get(()))


def _respelled(table: Table, inputs: Mapping[str, tuple[str, ...]]) -> Table:
    return tuple(
        replace(entry, terraform=inputs.get(entry.path, ())) if isinstance(entry, Field) else Items(entry.path, entry.table)
        for entry in table
    )


def normalised(source: str) -> str:
    """`git::https://host/o/r.git//modules/x?ref=1` and `registry/ns/x/google//modules/y` without protocol, query and version."""
    text = source.partition("?")[0].removeprefix("git::")
    text = re.sub(r"^[a-z+]+://", "", text).rstrip("/")
    return text.replace(".git//", "//")

"""Google Cloud resources from every way of declaring them: the seam for the readers of Terraform, YAML and pipelines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from gonogo.kinds import cloudrun, cloudsql, delivery, gke, iam, identityplatform, loadbalancing, monitoring, redis, secretmanager, storage
from gonogo.kinds.assets import full_name, named
from gonogo.kinds.base import Kind
from gonogo.kinds.cloudrun_commands import HIDDEN, KEEPS, read_flags, reconcile
from gonogo.kinds.fields import Absent, ServerChooses, Spelling, Written, read_table, reference_text
from gonogo.kinds.links import resolve_links
from gonogo.kinds.spec import Declaration, Spec, build, finish, with_absent
from gonogo.model.location import Location, Locations
from gonogo.model.resource import Origin, Resource
from gonogo.model.value import Path, Unknown, Value, lookup

SPECS: tuple[Spec, ...] = (
    *cloudsql.SPECS,
    *cloudrun.SPECS,
    *loadbalancing.SPECS,
    *redis.SPECS,
    *secretmanager.SPECS,
    *iam.SPECS,
    *identityplatform.SPECS,
    *monitoring.SPECS,
    *delivery.SPECS,
    *gke.SPECS,
    *storage.SPECS,
)
KINDS: tuple[Kind, ...] = tuple(spec.as_kind() for spec in SPECS)

_BY_TERRAFORM: Mapping[str, Spec] = {name: spec for spec in SPECS for name in spec.terraform}
_BY_CONNECTOR: Mapping[str, Spec] = {name: spec for spec in SPECS for name in spec.config_connector}
_BY_ASSET: Mapping[str, Spec] = {name: spec for spec in SPECS for name in (spec.kind, *spec.assets)}
ASSET_TYPES = tuple(sorted(set(_BY_ASSET) - {cloudrun.IAM_KIND, iam.PROJECT_GRANT_KIND}))
"""The asset types of the Cloud Asset Inventory that `from_api` understands."""
_GRANTS: Mapping[str, Spec] = {cloudrun.KIND: cloudrun.SERVICE_IAM, "cloudresourcemanager.googleapis.com/Project": iam.PROJECT_GRANT}
_CONNECTOR_SUFFIX = ".cnrm.cloud.google.com"
_KEEPS = ServerChooses(KEEPS)
_HIDDEN = ServerChooses(HIDDEN)
_IN_FILE = ServerChooses("the policy is in a file that the command sends")

# Command words -> the kind, and what the command does that the API would not.
_COMMANDS: Mapping[tuple[str, ...], tuple[Spec, Mapping[str, Absent], bool]] = {
    ("sql", "instances", "create"): (cloudsql.INSTANCE, cloudsql.GCLOUD_CREATE, False),
    ("sql", "instances", "patch"): (cloudsql.INSTANCE, {}, True),
    ("run", "deploy"): (cloudrun.SERVICE, {}, False),
    ("run", "services", "update"): (cloudrun.SERVICE, {}, True),
    ("run", "services", "add-iam-policy-binding"): (cloudrun.SERVICE_IAM, {}, False),
    ("run", "services", "set-iam-policy"): (cloudrun.SERVICE_IAM, {"role": _IN_FILE, "members": _IN_FILE}, False),
    ("redis", "instances", "create"): (redis.INSTANCE, {}, False),
    ("redis", "instances", "update"): (redis.INSTANCE, {}, True),
    ("secrets", "create"): (secretmanager.SECRET, {}, False),
    ("iam", "workload-identity-pools", "create"): (iam.POOL, {}, False),
    ("iam", "workload-identity-pools", "providers", "create-oidc"): (iam.PROVIDER, {}, False),
    ("iam", "workload-identity-pools", "providers", "create-aws"): (iam.PROVIDER, {}, False),
    ("iam", "service-accounts", "keys", "create"): (iam.KEY, {}, False),
    ("logging", "sinks", "create"): (monitoring.SINK, {}, False),
    ("artifacts", "repositories", "create"): (delivery.REPOSITORY, {}, False),
    ("compute", "networks", "vpc-access", "connectors", "create"): (delivery.CONNECTOR, {}, False),
}
GCLOUD_COMMANDS = tuple(sorted(_COMMANDS))
"""The commands that `from_gcloud` understands."""


def spec_of_terraform(resource_type: str) -> Spec | None:
    """The kind that a Terraform resource type declares."""
    return _BY_TERRAFORM.get(resource_type)


def from_terraform(
    resource_type: str, address: str, written: Written, environment: str = "", root: str = "", conditional: Unknown | None = None
) -> tuple[Resource, ...]:
    """The canonical resources of one Terraform instance; none where its type is not one of ours. Links are not resolved yet."""
    spec = _BY_TERRAFORM.get(resource_type)
    if spec is None:
        return ()
    how = spec.terraform[resource_type]
    declaration = Declaration(address, "terraform", "terraform", environment, root, conditional)
    return (build(spec, written, declaration, how.spelling, own_absent=how.absent),)


def from_api(
    asset_type: str,
    data: Value,
    name: str = "",
    scope: str = "",
    origin: Origin = Origin.LIVE,
    environment: str = "",
    observed: datetime | None = None,
) -> tuple[Resource, ...]:
    """The canonical resource of what the REST API answers to a `get`, or of one entry of a `list`; none where it is not one of ours.

    `asset_type` is a Cloud Asset Inventory type (`ASSET_TYPES`). `name` is what was asked for, with or without a host; it
    is needed where the answer does not say it (log sinks, Cloud Run through v1). The resource bears the full resource name.
    `scope` sets apart what is read together, the project for instance: short names mean things of the same scope.
    `observed` is when it was read, by the servers' clock: ages count from then, and are unknown where nobody tells.
    """
    spec = _BY_ASSET.get(asset_type)
    if spec is None or asset_type not in ASSET_TYPES or not isinstance(data, Mapping) or not spec.holds(data):
        return ()
    full = full_name(asset_type, data, name)
    declaration = Declaration(full, "api", "gcp", environment, scope)
    version = data.get("apiVersion")
    if isinstance(version, str) and version.startswith("serving.knative.dev/"):
        written = replace(_flat(data, {}), answered=True)
        asset = lookup(named({}, full).value, "asset")
        if isinstance(written.value, Mapping) and isinstance(asset, Mapping):
            place = {} if asset.get("location") is None else {"location": asset["location"]}
            written = replace(written, value={**place, **written.value, "asset": asset})
        made = build(spec, written, declaration, Spelling.KNATIVE)
    else:
        made = build(spec, named(data, full, observed), declaration, Spelling.API)
    return (replace(made, name=full, origin=origin),)


def from_iam_policy(
    asset_type: str, policy: Value, name: str, scope: str = "", origin: Origin = Origin.LIVE, environment: str = ""
) -> tuple[Resource, ...]:
    """One grant per binding of the IAM policy of a resource (`getIamPolicy`), where grants on its type are judged.

    `name` is the resource that the policy is of. A binding under a condition is a grant like any other: it may hold.
    """
    spec = _GRANTS.get(asset_type)
    if spec is None:
        return ()
    full = full_name(asset_type, {}, name)
    bindings = lookup(policy, "bindings", default=[])
    if not isinstance(bindings, Sequence) or isinstance(bindings, str):
        reason = Unknown.because("the bindings of the IAM policy could not be read")
        bindings = [{"role": reason, "members": reason}]
    made: list[Resource] = []
    for number, binding in enumerate(b for b in bindings if isinstance(b, Mapping)):
        declaration = Declaration(f"{full}#{number}", "api", "gcp", environment, scope)
        resource = build(spec, named(binding, full), declaration, Spelling.API)
        made.append(replace(resource, name=declaration.name, origin=origin))
    return tuple(made)


def from_asset(asset: Value, scope: str = "", origin: Origin = Origin.LIVE, environment: str = "") -> tuple[Resource, ...]:
    """The canonical resources of a Cloud Asset Inventory asset, its IAM policy's grants among them.

    Reads both spellings of an asset: `assetType` of `assets.list`, `asset_type` of an export. `assets.list` gives content
    of one type at a time, so an asset without `resource.data` is none of ours, not an empty one.
    """
    kind, name = (_first(asset, *keys) for keys in (("assetType", "asset_type"), ("name",)))
    if not isinstance(kind, str) or not isinstance(name, str):
        return ()
    data, policy = lookup(_first(asset, "resource"), "data"), _first(asset, "iamPolicy", "iam_policy")
    resources = from_api(kind, data, name, scope, origin, environment)
    grants = from_iam_policy(kind, policy, name, scope, origin, environment) if isinstance(policy, Mapping) else ()
    return resources + grants


def _first(value: Value, *names: str) -> Value:
    return next((found for name in names if (found := lookup(value, name)) is not None), None)


def from_config_connector(document: Value, locations: Locations, environment: str = "") -> tuple[Resource, ...]:
    """The canonical resources of a Config Connector object (`apiVersion: *.cnrm.cloud.google.com/…`); none where it is not one of ours."""
    version, kind, name = (lookup(document, *path) for path in (("apiVersion",), ("kind",), ("metadata", "name")))
    if not isinstance(document, Mapping) or not isinstance(version, str) or not isinstance(kind, str) or not isinstance(name, str):
        return ()
    group, _, _ = version.partition("/")
    if not group.endswith(_CONNECTOR_SUFFIX):
        return ()
    known = f"{group.removesuffix(_CONNECTOR_SUFFIX)}/{kind}"
    namespace = lookup(document, "metadata", "namespace")
    declared = Declaration(f"{namespace}/{name}" if isinstance(namespace, str) else name, "config-connector", "kubernetes", environment)
    written = _flat(document, locations)
    if known in ("iam/IAMPolicyMember", "iam/IAMPolicy", "iam/IAMPartialPolicy"):
        return tuple(_connector_grants(written, declared))
    spec = _BY_CONNECTOR.get(known)
    return (build(spec, written, declared, Spelling.TERRAFORM),) if spec is not None else ()


def from_knative(document: Value, locations: Locations, environment: str = "") -> tuple[Resource, ...]:
    """The canonical resources of a Knative Service (`apiVersion: serving.knative.dev/v1, kind: Service`) for Cloud Run; else none."""
    version, name = lookup(document, "apiVersion"), lookup(document, "metadata", "name")
    if not isinstance(document, Mapping) or document.get("kind") != "Service" or not isinstance(version, str):
        return ()
    if not version.startswith("serving.knative.dev/"):
        return ()
    declared = Declaration(name if isinstance(name, str) else "service", "knative", "kubernetes", environment)
    return (build(cloudrun.SERVICE, _flat(document, locations), declared, Spelling.KNATIVE),)


def from_gcloud(
    command: Sequence[str],
    arguments: Sequence[Value],
    flags: Mapping[str, Value],
    locations: Mapping[str, Location],
    at: Location,
    environment: str = "",
) -> tuple[Resource, ...]:
    """The canonical resources that a gcloud command declares; none where it declares none of ours.

    `command` is the words without `gcloud` and a release track: (`run`, `deploy`), (`sql`, `instances`, `create`).
    `arguments` are the positional ones. `flags` have their names without `--`; a flag without a value is True, one given
    several times a list, one whose value could not be resolved `Unknown`. `locations` has the place of each flag by name,
    `at` is the place of the command.
    """
    words = tuple(word for word in command if word not in ("alpha", "beta"))
    known = _COMMANDS.get(words)
    if known is None:
        return ()
    spec, own, partial = known
    given, places = _flags(flags, locations)
    given.update({str(i): value for i, value in enumerate(arguments)})
    if spec.kind == cloudrun.KIND and "0" not in given:
        given["0"] = Unknown.because("the command names no service")
    written = Written(given, {**{(name,): place for name, place in places.items()}, (): at})
    # `gcloud run deploy api $FLAGS`: what is not seen may be among the words that are not known.
    hidden = any(isinstance(value, Unknown) for value in arguments[1:])
    absent = _KEEPS if partial else _HIDDEN if hidden else None
    draft = read_table(with_absent(spec.table, own), written, Spelling.GCLOUD, absent)
    if spec.kind == cloudrun.KIND:
        read_flags(given, places, draft, absent)
    elif spec.derive is not None:
        spec.derive(draft, written)
    name = draft.attributes.get("name", draft.attributes.get("service"))
    shown = name if isinstance(name, str) else f"gcloud {' '.join(words)} in {at.file}"
    # A change is no declaration; a deployment to Cloud Run is one, whichever command makes it.
    by = "gcloud " + " ".join(words)
    changes = partial and spec.kind != cloudrun.KIND
    elsewhere = Unknown.because(f"{by} changes what is not declared here") if changes else None
    declared = Declaration(shown, by, "ci", environment, "gcloud", elsewhere)
    return (finish(spec, draft, declared, at, name=shown),)


def _flags(flags: Mapping[str, Value], locations: Mapping[str, Location]) -> tuple[dict[str, Value], dict[str, Location]]:
    """`--no-backup` is `--backup` with the value false; `--no-invoker-iam-check` says what the API calls invokerIamDisabled."""
    given: dict[str, Value] = dict(flags)
    places = dict(locations)
    for flag, value in flags.items():
        if flag.startswith("no-") and isinstance(value, bool):
            given[flag.removeprefix("no-")] = not value
            if flag in places:
                places[flag.removeprefix("no-")] = places[flag]
    for flag, disabled in (("invoker-iam-check", "invoker-iam-disabled"), ("default-url", "default-url-disabled")):
        on = given.get(flag)
        if flag in given:
            given[disabled] = not on if isinstance(on, bool) else on
            if flag in places:
                places[disabled] = places[flag]
    return given, places


def _flat(document: Mapping[str, Value], locations: Locations) -> Written:
    """A Kubernetes-style object with `spec` taken off, beside its `metadata`."""
    spec = document.get("spec")
    value: dict[str, Value] = {"metadata": document.get("metadata")}
    if isinstance(spec, Mapping):
        value.update(spec)
    elif isinstance(spec, Unknown):
        return Written(spec, locations)
    places: dict[Path, Location] = {}
    for path, place in locations.items():
        if path[:1] == ("spec",):
            places[path[1:]] = place
        elif path[:1] in ((), ("metadata",)):
            places[path] = place
    if () in locations:
        places[()] = locations[()]
    return Written(value, places)


def _connector_grants(written: Written, declared: Declaration) -> Iterable[Resource]:
    """`IAMPolicyMember` and the two policies, where they are about a Cloud Run service."""
    value = written.value
    if lookup(value, "resourceRef", "kind") != "RunService":
        return
    service = reference_text(lookup(value, "resourceRef"))
    bindings = lookup(value, "bindings", default=None)
    grants = [value] if bindings is None else bindings
    if isinstance(grants, Unknown) or not isinstance(grants, Sequence):
        grants = [{"role": Unknown.because("the bindings are not known"), "members": Unknown.because("the bindings are not known")}]
    for number, grant in enumerate(grants):
        if not isinstance(grant, Mapping):
            continue
        members = grant.get("members", grant.get("member"))
        if isinstance(members, Sequence) and not isinstance(members, str):
            members = [m.get("member") if isinstance(m, Mapping) else m for m in members]
        inner = written.within({"name": service, "role": grant.get("role"), "members": members}, ())
        name = f"{declared.name}#{number}" if bindings is not None else declared.name
        yield build(cloudrun.SERVICE_IAM, inner, Declaration(name, declared.by, declared.source, declared.environment), Spelling.TERRAFORM)


def settle(resources: Iterable[Resource], numbers: Mapping[str, str] | None = None) -> tuple[Resource, ...]:
    """All resources of a scan with what they say about each other worked out: links resolved, deployments reconciled.

    `numbers` are the ids of projects by number, for what the APIs answered.
    """
    return tuple(_only_environments(reconcile(resolve_links(_without_changes(resources), SPECS, numbers or {}))))


def _only_environments(resources: Sequence[Resource]) -> Iterator[Resource]:
    """The resources, with what only commands for another environment declare counted for every environment.

    A deployment to staging is not judged where production has one of its own; where it is the only one, it is what there is.
    """
    produced = {r.kind for r in resources if r.environment in ("", "production")}
    for resource in resources:
        alone = resource.source == "gcloud" and resource.kind not in produced
        yield replace(resource, environment="") if alone else resource


def _without_changes(resources: Iterable[Resource]) -> Iterator[Resource]:
    """The resources without the commands that only change one (`gcloud sql instances patch`), where one is declared.

    A change says little of the thing it changes; what is declared is judged. Cloud Run has a rule of its own (`reconcile`).
    """
    everything = tuple(resources)
    changes = {"gcloud " + " ".join(words): spec.kind for words, (spec, _, partial) in _COMMANDS.items() if partial}
    declared = {r.kind for r in everything if r.attributes.get("declaredBy") not in changes}
    for resource in everything:
        kind = changes.get(str(resource.attributes.get("declaredBy")))
        if kind is None or kind == cloudrun.KIND or kind not in declared:
            yield resource

"""The seam of the live side: answers of the REST API and assets of the inventory as canonical resources."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gonogo.formats.yaml_reader import read_yaml
from gonogo.kinds import all_kinds
from gonogo.kinds.assets import full_name, relative_name
from gonogo.kinds.fields import UNSAID, Default, Field, Items, ServerChooses, Spelling, Table
from gonogo.kinds.gcp import ASSET_TYPES, SPECS, from_api, from_asset, from_config_connector, from_iam_policy, from_knative, settle
from gonogo.kinds.spec import Spec
from gonogo.model.resource import Origin, Resource
from gonogo.model.shape import STRING, Record
from gonogo.model.value import Unknown, Value, lookup

SQL, RUN = "sqladmin.googleapis.com/Instance", "run.googleapis.com/Service"
COMPUTE = "https://www.googleapis.com/compute/v1/projects/p/"
MANAGED: dict[str, Value] = {"managed": {}}


def answer(kind: str, data: Value, name: str = "") -> Resource:
    (resource,) = from_api(kind, data, name)
    return resource


def get(resource: Resource, path: str) -> Value:
    return lookup(resource.attributes, *path.split("."))


def fields(table: Table) -> Iterator[Field]:
    for entry in table:
        if isinstance(entry, Items):
            yield from fields(entry.table)
        else:
            yield entry


def said(asset_type: str) -> dict[str, Value]:
    return dict(MANAGED) if "Certificate" in asset_type else {}


# --- Every kind


@pytest.mark.parametrize("asset_type", ASSET_TYPES)
def test_every_field_of_the_shape_is_always_there(asset_type: str) -> None:
    made = answer(asset_type, said(asset_type))
    shape = next(kind.shape for kind in all_kinds() if kind.name == made.kind)
    assert isinstance(shape, Record)
    assert made.attributes.keys() == shape.fields.keys()
    assert made.origin is Origin.LIVE


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.kind)
def test_what_the_provider_fills_in_is_not_assumed_of_an_answer(spec: Spec) -> None:
    """The zero of the protocol may be left out of an answer; anything else has to be documented for the API itself."""
    for entry in fields(spec.table):
        zero = isinstance(entry.absent, Default) and entry.absent.value in (False, 0, [])
        if isinstance(entry.absent, Default) and not zero:
            assert entry.api_absent is not None, f"{spec.kind} {entry.path}"


@pytest.mark.parametrize("asset_type", ASSET_TYPES)
def test_an_enumeration_given_as_a_number_is_unknown(asset_type: str) -> None:
    spec = next(spec for spec in SPECS if asset_type in (spec.kind, *spec.assets))
    for entry in spec.table:
        if isinstance(entry, Items) or entry.shape is not STRING or entry.convert is not None or entry.api:
            continue
        *parents, last = entry.path.split(".")
        data: dict[str, Value] = {last: 3}
        for step in reversed(parents):
            data = {step: data}
        assert isinstance(get(answer(asset_type, said(asset_type) | data), entry.path), Unknown), entry.path


def test_other_types_and_what_is_no_answer_are_none_of_ours() -> None:
    assert from_api("compute.googleapis.com/Disk", {"name": "d"}) == ()
    assert from_api(SQL, None) == ()
    assert from_api(SQL, Unknown.because("403")) == ()
    assert from_api("run.googleapis.com/ServiceIamBinding", {}) == ()
    assert from_asset({"name": "//run.googleapis.com/projects/p/locations/l/services/s"}) == ()
    assert from_asset(None) == ()


# --- Names


def test_a_thing_is_known_by_its_full_name_whatever_names_it() -> None:
    expected = "//compute.googleapis.com/projects/p/global/urlMaps/m"
    kind = "compute.googleapis.com/UrlMap"
    assert answer(kind, {"name": "m", "selfLink": COMPUTE + "global/urlMaps/m"}).name == expected
    assert answer(kind, {"name": "m"}, "projects/p/global/urlMaps/m").name == expected
    assert answer(kind, {"name": "m"}, expected).name == expected
    assert full_name(SQL, {"selfLink": "https://sqladmin.googleapis.com/sql/v1beta4/projects/p/instances/i"}) == (
        "//cloudsql.googleapis.com/projects/p/instances/i"
    )
    assert full_name("logging.googleapis.com/LogSink", {"name": "audit"}) == "//logging.googleapis.com/audit"
    assert relative_name("default") == ""


def test_names_and_places_come_from_the_full_name() -> None:
    service = answer(RUN, {"name": "projects/p/locations/europe-west1/services/api"})
    assert (get(service, "name"), get(service, "location")) == ("api", "europe-west1")
    assert get(service, "serving.region") == "europe-west1"
    cache = answer("redis.googleapis.com/Instance", {"name": "projects/p/locations/us-east1/instances/c", "locationId": "us-east1-b"})
    assert (get(cache, "name"), get(cache, "region")) == ("c", "us-east1")
    rule = answer("compute.googleapis.com/ForwardingRule", {"name": "r", "region": COMPUTE + "regions/us-east1"})
    assert get(rule, "region") == "us-east1"
    provider = answer(
        "iam.googleapis.com/WorkloadIdentityPoolProvider", {"name": "projects/1/locations/global/workloadIdentityPools/ci/providers/gh"}
    )
    assert (get(provider, "name"), get(provider, "pool")) == ("gh", "ci")
    policy = answer("binaryauthorization.googleapis.com/Policy", {"name": "projects/shop/policy"})
    assert get(policy, "name") == "shop"


# --- Silence in an answer


def test_what_a_database_answer_leaves_out() -> None:
    bare = answer(SQL, {"name": "db", "settings": {"tier": "x"}})
    assert get(bare, "settings.backupConfiguration.enabled") is False
    assert get(bare, "settings.availabilityType") == "ZONAL"
    assert get(bare, "settings.insightsConfig.queryInsightsEnabled") is False
    assert isinstance(get(bare, "settings.ipConfiguration.ipv4Enabled"), Unknown)
    assert isinstance(get(bare, "databaseVersion"), Unknown)
    assert get(bare, "instanceType") == "CLOUD_SQL_INSTANCE"


def test_encryption_of_a_database_is_the_mode_and_else_what_was_before_it() -> None:
    def mode(**configuration: Value) -> Value:
        return get(answer(SQL, {"name": "db", "settings": {"ipConfiguration": configuration}}), "settings.ipConfiguration.sslMode")

    assert mode(sslMode="ENCRYPTED_ONLY", requireSsl=False) == "ENCRYPTED_ONLY"
    assert mode(requireSsl=True) == "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"
    assert mode() == "ALLOW_UNENCRYPTED_AND_ENCRYPTED"
    assert isinstance(mode(sslMode=2), Unknown)


def test_a_replica_names_its_primary_with_the_project() -> None:
    assert get(answer(SQL, {"masterInstanceName": "example.org:p:main"}), "masterInstanceName") == "main"


def test_choices_that_are_not_said_are_unknown() -> None:
    assert isinstance(get(answer(RUN, {"name": "projects/p/locations/l/services/s"}), "ingress"), Unknown)
    assert isinstance(get(answer("monitoring.googleapis.com/AlertPolicy", {"displayName": "a"}), "enabled"), Unknown)
    assert isinstance(get(answer("redis.googleapis.com/Instance", {}), "tier"), Unknown)
    assert get(answer("redis.googleapis.com/Instance", {}), "authEnabled") is False
    assert get(answer("compute.googleapis.com/SslPolicy", {"minTlsVersion": ""}), "minTlsVersion") == Unknown.because(UNSAID.reason)


def test_the_zero_of_an_enumeration_says_nothing() -> None:
    cache = answer(
        "redis.googleapis.com/Instance", {"transitEncryptionMode": "TRANSIT_ENCRYPTION_MODE_UNSPECIFIED", "tier": "TIER_UNSPECIFIED"}
    )
    assert get(cache, "transitEncryptionMode") == "DISABLED"
    assert isinstance(get(cache, "tier"), Unknown)


def test_declarations_keep_their_own_silence() -> None:
    entry = Field("a", absent=Default(True, "provider"), api_absent=ServerChooses("not said"))
    assert entry.unwritten(Spelling.TERRAFORM) == Default(True, "provider")
    assert entry.unwritten(Spelling.API) == ServerChooses("not said")


def test_numbers_written_as_text_are_numbers() -> None:
    service = answer(RUN, {"template": {"scaling": {"minInstanceCount": "2"}}, "traffic": [{"percent": "100"}, {"revision": "r"}]})
    assert get(service, "template.scaling.minInstanceCount") == 2
    assert [lookup(get(service, "traffic"), i, "percent") for i in (0, 1)] == [100, 0]


# --- What an answer is not, or is more than once


def test_keys_of_google_and_certificates_of_ones_own_are_not_judged() -> None:
    name = "projects/p/serviceAccounts/a@p.iam.gserviceaccount.com/keys/1"
    assert from_api("iam.googleapis.com/ServiceAccountKey", {"name": name, "keyType": "SYSTEM_MANAGED"}) == ()
    assert get(answer("iam.googleapis.com/ServiceAccountKey", {"name": name}), "name") == "a@p.iam.gserviceaccount.com"
    assert from_api("compute.googleapis.com/SslCertificate", {"name": "c", "selfManaged": {}}) == ()
    managed = answer("compute.googleapis.com/SslCertificate", {"name": "c", "managed": {"domains": ["example.org"]}})
    assert (managed.kind, get(managed, "domains")) == ("compute.googleapis.com/ManagedSslCertificate", ["example.org"])


def test_regional_and_global_things_are_one_kind() -> None:
    assert answer("compute.googleapis.com/GlobalForwardingRule", {"name": "r"}).kind == "compute.googleapis.com/ForwardingRule"
    assert answer("compute.googleapis.com/RegionBackendService", {"name": "b"}).kind == "compute.googleapis.com/BackendService"


def test_a_service_of_the_first_version_is_read_as_knative() -> None:
    document: Value = {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": "web", "annotations": {"run.googleapis.com/ingress": "internal"}},
        "spec": {"template": {"spec": {"containers": [{"image": "a:1"}]}}, "traffic": [{"latestRevision": True, "percent": 100}]},
    }
    service = answer(RUN, document, "//run.googleapis.com/projects/p/locations/us-central1/services/web")
    assert (get(service, "name"), get(service, "location")) == ("web", "us-central1")
    assert get(service, "ingress") == "INGRESS_TRAFFIC_INTERNAL_ONLY"
    assert lookup(get(service, "traffic"), 0, "type") == "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"


def test_grants_come_from_the_policy_and_belong_to_their_service() -> None:
    name = "//run.googleapis.com/projects/p/locations/l/services/api"
    policy: Value = {
        "bindings": [{"role": "roles/run.invoker", "members": ["allUsers"]}, {"role": "roles/run.admin", "members": ["user:a@b.c"]}]
    }
    asset: Value = {"name": name, "assetType": RUN, "resource": {"data": {"name": name}}, "iamPolicy": policy}
    other = from_api(RUN, {"name": "projects/other/locations/l/services/api"})
    service, *grants, _ = settle((*from_asset(asset), *other))
    assert [get(g, "members") for g in grants] == [["allUsers"], ["user:a@b.c"]]
    assert [get(g, "links.service") for g in grants] == [[service.attributes["key"]]] * 2


def test_a_policy_without_bindings_grants_nothing_and_one_that_cannot_be_read_is_unknown() -> None:
    name = "projects/p/locations/l/services/api"
    assert from_iam_policy(RUN, {"etag": "x"}, name) == ()
    (grant,) = from_iam_policy(RUN, {"bindings": Unknown.because("403")}, name)
    assert isinstance(get(grant, "members"), Unknown)
    assert from_iam_policy("storage.googleapis.com/Bucket", {"bindings": []}, "b") == ()


def test_links_are_followed_by_full_name() -> None:
    policies = [
        *from_api("compute.googleapis.com/SecurityPolicy", {"name": "edge", "selfLink": COMPUTE + "global/securityPolicies/edge"}),
        *from_api("compute.googleapis.com/SecurityPolicy", {"name": "edge", "selfLink": COMPUTE + "regions/r/securityPolicies/edge"}),
    ]

    def linked(to: str) -> Value:
        service = answer("compute.googleapis.com/BackendService", {"name": "b", "selfLink": COMPUTE + "b/b", "securityPolicy": to})
        return get(settle((service, *policies))[0], "links.securityPolicy")

    assert linked(COMPUTE + "global/securityPolicies/edge") == [policies[0].attributes["key"]]
    assert linked("https://compute.googleapis.com/compute/beta/projects/p/regions/r/securityPolicies/edge") == [
        policies[1].attributes["key"]
    ]
    elsewhere = linked("https://www.googleapis.com/compute/v1/projects/other/global/securityPolicies/edge")
    assert "projects/other" in repr(elsewhere)
    assert len(elsewhere) == 0  # type: ignore[arg-type]  # an open list: the policy was not read


def test_an_alert_is_linked_to_its_channel_by_number() -> None:
    channel = answer(
        "monitoring.googleapis.com/NotificationChannel", {"name": "projects/p/notificationChannels/1", "displayName": "On call"}
    )
    alert = answer(
        "monitoring.googleapis.com/AlertPolicy",
        {"name": "projects/p/alertPolicies/2", "displayName": "a", "notificationChannels": ["projects/p/notificationChannels/1"]},
    )
    assert get(settle((alert, channel))[0], "links.channels") == [channel.attributes["key"]]
    assert get(channel, "name") == "On call"


def test_a_registry_says_whether_it_scans() -> None:
    def scanning(**config: Value) -> Value:
        return get(answer("artifactregistry.googleapis.com/Repository", {"vulnerabilityScanningConfig": config}), "scanning")

    assert scanning(enablementConfig="INHERITED", enablementState="SCANNING_ACTIVE") is True
    assert scanning(enablementConfig="INHERITED", enablementState="SCANNING_DISABLED") is False
    assert isinstance(scanning(enablementConfig="INHERITED"), Unknown)


def test_admission_rules_of_clusters_are_a_map_in_the_api() -> None:
    rules = {"b.two": {"evaluationMode": "ALWAYS_DENY"}, "a.one": {"evaluationMode": "ALWAYS_ALLOW"}}
    policy = answer("binaryauthorization.googleapis.com/Policy", {"clusterAdmissionRules": rules})
    assert [lookup(get(policy, "clusterAdmissionRules"), i, "evaluationMode") for i in (0, 1)] == ["ALWAYS_ALLOW", "ALWAYS_DENY"]


# --- Found by setting declarations against answers


def yaml(text: str) -> Resource:
    document = read_yaml("x.yaml", text).documents[0]
    (resource,) = (*from_config_connector(document.value, document.locations), *from_knative(document.value, document.locations))
    return resource


def test_config_connector_references_stand_in_a_field_per_kind() -> None:
    head = "apiVersion: compute.cnrm.cloud.google.com/v1beta1\nkind: {}\nmetadata: {{name: a}}\nspec: {}\n"
    rule = yaml(head.format("ComputeForwardingRule", "{location: global, portRange: 443, target: {targetHTTPSProxyRef: {name: https}}}"))
    assert (get(rule, "target"), get(rule, "portRange"), get(rule, "region")) == ("https", "443-443", None)
    url_map = yaml(head.format("ComputeURLMap", "{defaultService: {backendBucketRef: {external: static}}}"))
    assert (get(url_map, "defaultService"), get(url_map, "services")) == ("static", ["static"])
    service = yaml(head.format("ComputeBackendService", "{backend: [{group: {networkEndpointGroupRef: {name: neg}}}]}"))
    assert lookup(get(service, "backends"), 0, "group") == "neg"
    assert get(yaml(head.format("ComputeBackendBucket", "{bucketRef: {name: files}}")), "bucketName") == "files"


def test_a_secret_is_named_in_knative_as_in_the_api() -> None:
    env = "env: [{name: KEY, valueFrom: {secretKeyRef: {name: api-key, key: '2'}}}]"
    knative = yaml(
        "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: a}\n"
        f"spec: {{template: {{spec: {{containers: [{{image: a, {env}}}]}}}}}}\n"
    )
    held = {"secretKeyRef": {"secret": "api-key", "version": "2"}}
    live = answer(RUN, {"template": {"containers": [{"image": "a", "env": [{"name": "KEY", "valueSource": held}]}]}})
    for service in (knative, live):
        entry = lookup(service.attributes, "template", "containers", 0, "env", 0)
        assert (lookup(entry, "valueSource"), lookup(entry, "source")) == (held, "secret")


def test_direct_vpc_egress_has_one_shape() -> None:
    expected = [{"network": "private", "subnetwork": None}]
    live = answer(RUN, {"template": {"vpcAccess": {"networkInterfaces": [{"network": "projects/p/global/networks/private"}]}}})
    annotated = yaml(
        "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: a}\nspec: {template: {metadata: {annotations: "
        """{run.googleapis.com/network-interfaces: '[{"network":"private"}]'}}}}\n"""
    )
    connected = yaml(
        "apiVersion: run.cnrm.cloud.google.com/v1beta1\nkind: RunService\nmetadata: {name: a}\n"
        "spec: {template: {vpcAccess: {networkInterfaces: [{networkRef: {name: private}}]}}}\n"
    )
    for service in (live, annotated, connected):
        assert get(service, "template.vpcAccess.networkInterfaces") == expected


def test_binary_authorization_of_a_service_is_the_default_policy_or_a_named_one() -> None:
    document = "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {{name: a, annotations: {{run.googleapis.com/binary-authorization: {}}}}}\nspec: {{}}\n"
    default, named = yaml(document.format("default")), yaml(document.format("strict"))
    assert (get(default, "binaryAuthorization.useDefault"), get(default, "binaryAuthorization.policy")) == (True, None)
    assert (get(named, "binaryAuthorization.useDefault"), get(named, "binaryAuthorization.policy")) == (False, "strict")

"""The seam: Terraform attributes, Config Connector and Knative documents and gcloud flags as canonical resources."""

from __future__ import annotations

import pytest

from gonogo.formats.yaml_reader import read_yaml
from gonogo.kinds import all_kinds
from gonogo.kinds.fields import Written
from gonogo.kinds.gcp import GCLOUD_COMMANDS, SPECS, from_config_connector, from_gcloud, from_knative, from_terraform, settle
from gonogo.kinds.spec import Spec
from gonogo.model.location import Location
from gonogo.model.resource import Resource
from gonogo.model.shape import Record
from gonogo.model.value import OpenList, Unknown, Value, lookup

WHY = Unknown.because("a variable without a value")
AT = Location("cloudbuild.yaml", 4)


def terraform(resource_type: str, attributes: Value, name: str = "main") -> Resource:
    (resource,) = from_terraform(resource_type, f"{resource_type}.{name}", Written(attributes, {(): Location("main.tf", 1)}))
    return resource


def yaml(text: str) -> tuple[Resource, ...]:
    document = read_yaml("x.yaml", text).documents[0]
    return from_config_connector(document.value, document.locations) + from_knative(document.value, document.locations)


def gcloud(*words: str, **flags: Value) -> Resource:
    named = {name.replace("_", "-"): value for name, value in flags.items()}
    (resource,) = from_gcloud(words, ["api"], named, dict.fromkeys(named, AT), AT)
    return resource


def get(resource: Resource, path: str) -> Value:
    return lookup(resource.attributes, *path.split("."))


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.kind)
def test_every_field_of_the_shape_is_always_written(spec: Spec) -> None:
    shape = next(kind.shape for kind in all_kinds() if kind.name == spec.kind)
    assert isinstance(shape, Record)
    for resource_type in spec.terraform:
        nothing: tuple[Value, ...] = ({}, WHY)
        for attributes in nothing:
            assert_complete(shape, terraform(resource_type, attributes).attributes, spec.kind)


def assert_complete(shape: Record, value: Value, where: str) -> None:
    assert isinstance(value, dict), where
    assert value.keys() == shape.fields.keys(), where
    for name, inner in shape.fields.items():
        if isinstance(inner, Record):
            assert_complete(inner, value[name], f"{where}.{name}")


def test_no_terraform_type_and_no_connector_belongs_to_two_kinds() -> None:
    types = [name for spec in SPECS for name in spec.terraform]
    objects = [name for spec in SPECS for name in spec.config_connector]
    assert len(types) == len(set(types))
    assert len(objects) == len(set(objects))


def test_other_types_are_none_of_ours() -> None:
    assert from_terraform("aws_instance", "aws_instance.a", Written({})) == ()
    assert yaml("apiVersion: v1\nkind: Service\nmetadata: {name: a}\n") == ()
    assert from_gcloud(("compute", "instances", "list"), [], {}, {}, AT) == ()


def source(service: Resource, number: int) -> Value:
    return lookup(service.attributes, "template", "containers", 0, "env", number, "source")


# --- Cloud SQL: what an absent setting means


def test_a_bare_instance_has_the_documented_defaults() -> None:
    bare = terraform("google_sql_database_instance", {"database_version": "POSTGRES_15", "settings": [{"tier": "x"}]})
    assert get(bare, "settings.backupConfiguration.enabled") is False
    assert get(bare, "settings.backupConfiguration.backupRetentionSettings.retainedBackups") is None
    assert get(bare, "settings.ipConfiguration.ipv4Enabled") is True
    assert get(bare, "settings.ipConfiguration.sslMode") == "ALLOW_UNENCRYPTED_AND_ENCRYPTED"
    assert get(bare, "settings.availabilityType") == "ZONAL"
    assert get(bare, "instanceType") == "CLOUD_SQL_INSTANCE"


@pytest.mark.parametrize(
    ("ip", "mode"),
    [
        ({"require_ssl": True}, "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"),
        ({"require_ssl": False}, "ALLOW_UNENCRYPTED_AND_ENCRYPTED"),
        ({"require_ssl": False, "ssl_mode": "ENCRYPTED_ONLY"}, "ENCRYPTED_ONLY"),
        ({"require_ssl": WHY}, WHY),
    ],
)
def test_the_ssl_mode_wins_over_the_older_switch(ip: Value, mode: Value) -> None:
    instance = terraform("google_sql_database_instance", {"settings": [{"ip_configuration": [ip]}]})
    assert get(instance, "settings.ipConfiguration.sslMode") == mode


def test_an_instance_with_a_primary_is_a_replica_and_may_be_one_where_that_is_unknown() -> None:
    assert get(terraform("google_sql_database_instance", {"master_instance_name": "main"}), "instanceType") == "READ_REPLICA_INSTANCE"
    assert isinstance(get(terraform("google_sql_database_instance", {"master_instance_name": WHY}), "instanceType"), Unknown)


def test_gcloud_creates_with_backups_where_the_api_does_not() -> None:
    assert get(gcloud("sql", "instances", "create"), "settings.backupConfiguration.enabled") is True
    assert get(gcloud("sql", "instances", "create", no_backup=True), "settings.backupConfiguration.enabled") is False
    assert get(gcloud("sql", "instances", "create", no_assign_ip=True), "settings.ipConfiguration.ipv4Enabled") is False


def test_a_patch_keeps_what_it_does_not_mention() -> None:
    patch = gcloud("sql", "instances", "patch", availability_type="REGIONAL")
    assert get(patch, "settings.availabilityType") == "REGIONAL"
    assert isinstance(get(patch, "settings.backupConfiguration.enabled"), Unknown)


def test_a_patch_does_not_blur_the_instance_that_is_declared() -> None:
    declared = terraform("google_sql_database_instance", {"name": "main"})
    patch = gcloud("sql", "instances", "patch", availability_type="REGIONAL")
    assert settle([declared, patch]) == (declared,)
    assert settle([patch]) == (patch,)


def test_a_policy_in_a_file_is_unknown() -> None:
    grant = gcloud("run", "services", "set-iam-policy")
    assert isinstance(get(grant, "members"), Unknown)


# --- Cloud Run in four spellings

V1 = {"template": [{"metadata": [{"annotations": {"autoscaling.knative.dev/minScale": "1", "autoscaling.knative.dev/maxScale": "10"}}]}]}
V2 = {"template": [{"scaling": [{"min_instance_count": 1, "max_instance_count": 10}]}]}
KNATIVE = """
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: api, annotations: {run.googleapis.com/ingress: internal}}
spec:
  template:
    metadata: {annotations: {autoscaling.knative.dev/minScale: "1", autoscaling.knative.dev/maxScale: "10"}}
    spec:
      containers:
        - env: [{name: MODE, value: production}, {name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: db, key: latest}}}]
"""
CONNECTOR = """
apiVersion: run.cnrm.cloud.google.com/v1beta1
kind: RunService
metadata: {name: api}
spec: {location: europe-west1, template: {scaling: {minInstanceCount: 1, maxInstanceCount: 10}}}
"""


@pytest.mark.parametrize(
    "service",
    [
        terraform("google_cloud_run_service", V1),
        terraform("google_cloud_run_v2_service", V2),
        *yaml(KNATIVE),
        *yaml(CONNECTOR),
        gcloud("run", "deploy", min_instances="1", max_instances=10),
    ],
    ids=["v1", "v2", "knative", "connector", "gcloud"],
)
def test_every_spelling_of_a_service_says_the_same(service: Resource) -> None:
    assert service.kind == "run.googleapis.com/Service"
    assert get(service, "template.scaling.minInstanceCount") == 1
    assert get(service, "template.scaling.maxInstanceCount") == 10
    assert get(service, "scaling.minInstanceCount") == 0
    assert get(service, "template.vpcAccess.connector") is None


def test_knative_places_and_environment() -> None:
    (service,) = yaml(KNATIVE)
    assert get(service, "ingress") == "INGRESS_TRAFFIC_INTERNAL_ONLY"
    assert [source(service, number) for number in (0, 1)] == ["literal", "secret"]
    assert service.locate(("template", "containers", 0, "env", 1)) == Location("x.yaml", 10, 50, 10)


def test_a_deploy_sets_environment_secrets_and_invokers() -> None:
    service = gcloud("run", "deploy", set_env_vars="A=1,B=$B", set_secrets="DB_PASSWORD=db:latest", allow_unauthenticated=True)
    env = lookup(get(service, "template.containers"), 0, "env")
    assert isinstance(env, list)
    assert [(lookup(e, "name"), lookup(e, "source")) for e in env] == [("A", "literal"), ("B", "reference"), ("DB_PASSWORD", "secret")]
    assert get(service, "invokers") == ["allUsers"]


def test_gcloud_delimiters() -> None:
    env = lookup(get(gcloud("run", "deploy", set_env_vars="^@^A=1,2@B=3"), "template.containers"), 0, "env")
    assert isinstance(env, list)
    assert [(lookup(e, "name"), lookup(e, "value")) for e in env] == [("A", "1,2"), ("B", "3")]


def test_switches_that_gcloud_spells_the_other_way_round() -> None:
    assert get(gcloud("run", "deploy", no_invoker_iam_check=True), "invokerIamDisabled") is True
    assert get(gcloud("run", "deploy", no_default_url=True), "defaultUriDisabled") is True
    assert get(gcloud("run", "deploy"), "invokerIamDisabled") is False


def test_words_that_are_not_known_may_hold_any_flag() -> None:
    (service,) = from_gcloud(("run", "deploy"), ["api", WHY], {"max-instances": "3"}, {}, AT)
    assert get(service, "template.scaling.maxInstanceCount") == 3
    assert isinstance(get(service, "template.scaling.minInstanceCount"), Unknown)
    assert isinstance(get(service, "invokers"), OpenList)


# --- several declarations of one service


def test_a_deploy_of_a_described_service_is_a_rollout() -> None:
    described = terraform("google_cloud_run_v2_service", {**V2, "name": "api"})
    rollout = next(r for r in settle([described, gcloud("run", "deploy")]) if r.source == "ci")
    assert rollout.attributes["rollout"] is True


def test_a_deploy_of_another_service_stands_for_itself() -> None:
    described = terraform("google_cloud_run_v2_service", {**V2, "name": "web"})
    deployed = next(r for r in settle([described, gcloud("run", "deploy")]) if r.source == "ci")
    assert deployed.attributes["rollout"] is False


def test_a_deploy_of_an_unknown_name_may_be_of_the_described_service() -> None:
    described = terraform("google_cloud_run_v2_service", {**V2, "name": "web"})
    (deploy,) = from_gcloud(("run", "deploy"), [WHY], {}, {}, AT)
    assert next(r for r in settle([described, deploy]) if r.source == "ci").attributes["rollout"] is True


def test_an_update_never_makes_a_service() -> None:
    described = terraform("google_cloud_run_v2_service", {**V2, "name": "web"})
    update = gcloud("run", "services", "update", update_env_vars="A=1")
    rollout = next(r for r in settle([described, update]) if r.source == "ci")
    assert rollout.attributes["rollout"] is True
    assert get(rollout, "traffic") == []
    env = lookup(get(rollout, "template.containers"), 0, "env")
    assert isinstance(env, list)
    assert [lookup(e, "name") for e in env] == ["A"]
    (alone,) = settle([update])
    assert alone.attributes["rollout"] is False
    assert isinstance(get(alone, "template.scaling.minInstanceCount"), Unknown)


def test_commands_for_one_service_complete_each_other() -> None:
    first, second = settle([gcloud("run", "deploy", min_instances="2"), gcloud("run", "deploy", max_instances="5")])
    for service in (first, second):
        assert get(service, "template.scaling.minInstanceCount") == 2
        assert get(service, "template.scaling.maxInstanceCount") == 5


# --- links


def test_links_follow_references_and_names() -> None:
    policy = terraform("google_compute_ssl_policy", {"name": "tls"})
    by_reference = terraform("google_compute_target_https_proxy", {"ssl_policy": "${google_compute_ssl_policy.main.id}"}, "a")
    by_name = terraform("google_compute_target_https_proxy", {"ssl_policy": "projects/p/global/sslPolicies/tls"}, "b")
    nothing = terraform("google_compute_target_https_proxy", {}, "c")
    _, one, two, three = settle([policy, by_reference, by_name, nothing])
    assert get(one, "links.sslPolicy") == get(two, "links.sslPolicy") == [policy.attributes["key"]]
    assert get(three, "links.sslPolicy") == []


def test_a_policy_that_is_not_in_the_repository_is_unknown() -> None:
    (proxy,) = settle([terraform("google_compute_target_https_proxy", {"ssl_policy": "org-policy"})])
    assert isinstance(get(proxy, "links.sslPolicy"), OpenList)


def test_a_grant_on_a_service_elsewhere_touches_nothing_here() -> None:
    (grant,) = settle([terraform("google_cloud_run_v2_service_iam_member", {"name": "other", "member": "allUsers"})])
    assert get(grant, "links.service") == []
    assert get(grant, "members") == ["allUsers"]


def test_a_name_may_be_that_of_a_resource_whose_name_is_unknown() -> None:
    service = terraform("google_cloud_run_v2_service", {"name": WHY})
    grant = terraform("google_cloud_run_v2_service_iam_member", {"name": "api", "member": "allUsers"})
    assert isinstance(get(settle([service, grant])[1], "links.service"), OpenList)


def test_config_connector_grants() -> None:
    text = """
apiVersion: iam.cnrm.cloud.google.com/v1beta1
kind: IAMPolicyMember
metadata: {name: public}
spec: {member: allUsers, role: roles/run.invoker, resourceRef: {kind: RunService, name: api}}
"""
    (grant,) = yaml(text)
    (service,) = yaml(CONNECTOR)
    linked, _ = settle([grant, service])
    assert get(linked, "links.service") == [service.attributes["key"]]
    assert get(linked, "members") == ["allUsers"]


@pytest.mark.parametrize("words", GCLOUD_COMMANDS)
def test_every_command_survives_odd_flags(words: tuple[str, ...]) -> None:
    odd: dict[str, Value] = {"region": WHY, "set-env-vars": ["A", "=", "B=1,,"], "min-instances": True, "allow-unauthenticated": WHY}
    assert len(from_gcloud(words, [], odd, {}, AT)) == 1
    assert len(from_gcloud(words, [WHY, None, 3], {}, {}, AT)) == 1

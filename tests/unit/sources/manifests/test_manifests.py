"""What is worked out of objects, beyond what the rules' fixtures show."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from gonogo.formats.yaml_reader import read_yaml
from gonogo.model.resource import Resource
from gonogo.model.value import Unknown, Value, lookup
from gonogo.sources.manifests import resources_from_documents
from gonogo.sources.manifests.placeholders import has_placeholder, is_placeholder
from gonogo.sources.manifests.pods import is_literal
from gonogo.sources.manifests.templating import kinds_in


def resources(text: str) -> list[Resource]:
    return [r for r in resources_from_documents(read_yaml("a.yaml", text).documents) if isinstance(r, Resource)]


def attributes(text: str) -> Mapping[str, Value]:
    return resources(text)[0].attributes


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("hunter2", True),
        ("", False),
        ("  ", False),
        ("true", False),
        ("${PASSWORD}", False),
        ("$(DB_PASSWORD)", False),
        ("/run/secrets/db", False),
        ("projects/p/secrets/s/versions/1", False),
        ("vault:secret/data/x#y", False),
        ("12345678", True),
        ("<password>", False),
    ],
)
def test_a_literal_is_what_could_be_a_secret(text: str, literal: bool) -> None:
    assert is_literal(text) is literal


def test_placeholders_are_told_from_text() -> None:
    assert has_placeholder("postgres://${HOST}/x") and not is_placeholder("postgres://${HOST}/x")
    assert is_placeholder("${A}-${B}") and not has_placeholder("a $ b")


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("kind: Deployment\napiVersion: apps/v1\n", ("apps/Deployment",)),
        ("apiVersion: {{ x }}\nkind: Ingress\n", ("*/Ingress",)),
        ("apiVersion: v1\nkind: List\nitems:\n  - kind: Service\n", ("core/Service",)),
        ("apiVersion: serving.knative.dev/v1\nkind: Service\n", ("run.googleapis.com/*",)),
        ("apiVersion: sql.cnrm.cloud.google.com/v1beta1\nkind: SQLInstance\n", ("*.googleapis.com/*",)),
        ("kind: Service\napiVersion: v1\nspec:\n  kind: Deployment\n---\n# only a comment\n", ("core/Service",)),
    ],
)
def test_unread_text_names_its_kinds(text: str, kinds: tuple[str, ...]) -> None:
    assert kinds_in(text) == (*kinds, "kubernetes/Object")


def test_text_that_names_no_kind_may_hold_any() -> None:
    assert "apps/*" in kinds_in("a: {b\n") and "apps/*" in kinds_in("kind: {{ .kind }}\napiVersion: v1\n")


def test_a_rollout_with_its_template_elsewhere_has_no_pod() -> None:
    assert (
        attributes("apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: r}\nspec: {workloadRef: {name: web}}\n")["pod"]
        is None
    )


def test_the_container_overrides_the_pod_and_a_placeholder_is_unknown() -> None:
    found = attributes(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: shop}\nspec:\n  securityContext: {runAsNonRoot: true, runAsUser: 5}\n"
        "  containers:\n    - {name: a, image: a, securityContext: {runAsNonRoot: false}}\n"
        "    - {name: b, image: b, securityContext: '${X}'}\n"
        "    - {name: c, image: c, securityContext: {runAsUser: '${UID}'}}\n"
    )
    containers = [lookup(found, "pod", "containers", i) for i in range(3)]
    assert [lookup(c, "runAsNonRoot") for c in (containers[0], containers[2])] == [False, True]
    assert lookup(containers[0], "runAsUser") == 5
    assert isinstance(lookup(containers[1], "runAsNonRoot"), Unknown) and isinstance(lookup(containers[2], "runAsUser"), Unknown)
    assert lookup(found, "pod", "serviceAccount") == "shop/default"


def test_old_groups_have_their_present_names() -> None:
    text = (
        "apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: a}\nspec: {}\n---\n"
        "apiVersion: v1\nkind: Route\nmetadata: {name: b}\nspec: {to: {}}\n"
    )
    assert [r.kind for r in resources(text) if r.kind != "kubernetes/Object"] == ["networking.k8s.io/Ingress", "route.openshift.io/Route"]


@pytest.mark.parametrize("kind", ["Config", "Cluster"])
def test_files_of_tools_are_no_objects(kind: str) -> None:
    group = "skaffold/v2" if kind == "Config" else "kind.x-k8s.io/v1alpha4"
    assert resources(f"apiVersion: {group}\nkind: {kind}\n") == []


@pytest.mark.parametrize(
    ("data", "literals"),
    [
        ("data: {password: aHVudGVyMg==}", ["password"]),
        ("stringData: {password: hunter2, user: app}", ["password"]),
        ("stringData: {password: '${P}'}", []),
        ("data: {ca.crt: aHVudGVyMg==}", []),
        ("stringData: {password: 'ENC[AES256_GCM,data:x]'}\nsops: {mac: x}", []),
        ("stringData: {password: <password>}", []),
        ("data: {password: ''}", []),
    ],
)
def test_a_secret_tells_which_values_are_written_out(data: str, literals: list[str]) -> None:
    assert attributes(f"apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\n{data}\n")["literals"] == literals


@pytest.mark.parametrize(
    ("ingress", "public"),
    [
        ("spec: {rules: [{host: shop.example.com}]}", True),
        ("spec: {rules: [{host: shop.local}]}", False),
        ("spec: {ingressClassName: nginx-internal}", False),
    ],
)
def test_an_ingress_is_public_unless_it_says_otherwise(ingress: str, public: bool) -> None:
    found = attributes(f"apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: i}}\n{ingress}\n")
    assert lookup(found, "exposure", "public") is public


def test_google_cloud_objects_become_what_they_declare() -> None:
    text = (
        "apiVersion: sql.cnrm.cloud.google.com/v1beta1\nkind: SQLInstance\nmetadata: {name: db}\n"
        "spec: {databaseVersion: POSTGRES_16, settings: {tier: db-f1-micro, backupConfiguration: {enabled: true}}}\n---\n"
        "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: api}\n"
        "spec: {template: {spec: {containers: [{image: gcr.io/p/api}]}}}\n"
    )
    found = {r.kind: r for r in resources(text)}
    assert lookup(found["sqladmin.googleapis.com/Instance"].attributes, "settings", "backupConfiguration", "enabled") is True
    assert "run.googleapis.com/Service" in found
    assert not any(kind.startswith(("core/", "serving.")) for kind in found)


@pytest.mark.parametrize(("name", "problems"), [("generateName: job-", 0), ("name: Job_1", 1), ("name: '${NAME}_x'", 0), ("labels: {}", 1)])
def test_the_name_must_be_one_the_api_server_takes(name: str, problems: int) -> None:
    text = f"apiVersion: v1\nkind: Pod\nmetadata: {{{name}}}\nspec: {{containers: [{{name: a, image: a}}]}}\n"
    found = next(r for r in resources(text) if r.kind == "kubernetes/Object").attributes["problems"]
    assert isinstance(found, list) and len(found) == problems

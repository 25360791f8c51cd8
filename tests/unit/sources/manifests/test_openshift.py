"""OpenShift templates: the cases of `templateprocessing` of github.com/openshift/library-go, and what its clusters add."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gonogo.formats.yaml_reader import read_yaml
from gonogo.model.resource import Gap, Resource
from gonogo.model.value import Unknown
from gonogo.sources.located import Node, located, written
from gonogo.sources.manifests import openshift
from gonogo.sources.manifests.objects import objects_of
from gonogo.sources.manifests.openshift import Argument, Arguments, expand, without_value
from gonogo.sources.manifests.resources import resources_from_documents


def template(*objects: dict[str, Any], parameters: list[dict[str, Any]] | None = None, **fields: Any) -> Node:
    return written({"kind": "Template", "apiVersion": "template.openshift.io/v1", "objects": [*objects], "parameters": parameters or [], **fields}, None)


def service(**metadata: Any) -> dict[str, Any]:
    return {"kind": "Service", "apiVersion": "v1", "metadata": metadata}


def expanded(found: Node, arguments: Arguments = openshift.NOTHING) -> list[Any]:
    return [item.value() for item in expand(found, arguments)]


# TestProcessValue
VALUES = {
    "VALUE": "1", "STRING_1": "string1", "STRING_2": "string2", "INT_1": "1", "VALID_JSON_MAP": '{"key":"value"}',
    "INVALID_JSON_MAP": '{"key":"value"', "VALID_JSON_ARRAY": '["key","value"]', "INVALID_JSON_ARRAY": '["key":"value"',
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${{INT_1}}", 1),
        ("${{INVALID_JSON_MAP}}", '{"key":"value"'),
        ("${{INVALID_JSON_ARRAY}}", '["key":"value"'),
        ("${VALUE}", "1"),
        ("$${VALUE}", "$1"),
        ("${{STRING_1}}", "string1"),
        ("${STRING_1}_${STRING_1}", "string1_string1"),
        ("${STRING_1}_${STRING_2}", "string1_string2"),
        ("a${{INT_1}}", "a${{INT_1}}"),
        ("${{INT_1}}a", "${{INT_1}}a"),
        ("${{INVALID_PARAMETER}}", "${{INVALID_PARAMETER}}"),
        ("${{INVALID PARAMETER}}", "${{INVALID PARAMETER}}"),
        ("${{VALID_JSON_MAP}}", {"key": "value"}),
        ("${{VALID_JSON_ARRAY}}", ["key", "value"]),
    ],
)
def test_a_value_is_filled_in_as_oc_does(text: str, expected: object) -> None:
    parameters = [{"name": name, "value": value} for name, value in VALUES.items()]
    [found] = expanded(template(service(labels={"label": text}), parameters=parameters))
    assert found["metadata"]["labels"]["label"] == expected


# TestEvaluateLabels
KEYS = {"key1": "v1", "key2": "v2"}


@pytest.mark.parametrize(
    ("metadata", "labels", "expected"),
    [
        ({"labels": KEYS}, None, KEYS),
        ({"labels": KEYS}, {"key3": "v3"}, {**KEYS, "key3": "v3"}),
        ({}, {"key3": "v3"}, {"key3": "v3"}),
        ({"labels": KEYS}, {"key2": "v3"}, {"key1": "v1", "key2": "v3"}),
        ({"labels": KEYS}, {"${KEY}": "${VALUE}"}, {**KEYS, "key": "value"}),
    ],
)
def test_labels_of_the_template_are_given_to_its_objects(metadata: dict[str, Any], labels: Any, expected: object) -> None:
    parameters = [{"name": "KEY", "value": "key"}, {"name": "VALUE", "value": "value"}]
    [found] = expanded(template(service(**metadata), parameters=parameters, **({"labels": labels} if labels else {})))
    assert found["metadata"]["labels"] == expected


# TestParameterGenerators: what is generated, and what fails for want of a value, has no value here. Nor has what has no default,
# for which `oc` takes an empty text.
@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        ({"value": "X"}, "X"),
        ({"value": "X", "generate": "expression", "from": "[A-Z]{8}"}, "X"),
        ({"generate": "expression", "from": "[A-Z]{8}"}, "${P}"),
        ({"value": "", "generate": "expression"}, "${P}"),
        ({"required": True}, "${P}"),
        ({"value": "", "required": True}, "${P}"),
        ({"value": "X", "required": True}, "X"),
        ({"value": ""}, ""),
        ({"value": "", "required": False}, ""),
        ({}, "${P}"),
        ({"value": None, "required": False}, "${P}"),
        ({"value": 3}, "3"),
        ({"value": True}, "true"),
        ({"value": ["a"]}, "${P}"),
        ({"value": {"a": "b"}, "required": "no"}, "${P}"),
    ],
)
def test_a_parameter_has_its_default_or_none(parameter: dict[str, Any], expected: str) -> None:
    found = template(service(name="${P}"), parameters=[{"name": "P", **parameter}])
    assert without_value(found, {}) == (frozenset({"P"}) if expected == "${P}" else frozenset())
    assert expanded(found)[0]["metadata"]["name"] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("${{P}}", 3), ("${{ABSENT}}", "${{ABSENT}}")],
)
def test_what_a_pipeline_gives_comes_before_the_default(text: str, expected: object) -> None:
    found = template(service(labels={"x": text}), parameters=[{"name": "P", "value": "2"}])
    given = {"P": Argument("3", "parameter P at deploy.sh:2")}
    assert expanded(found, Arguments(given))[0]["metadata"]["labels"]["x"] == expected


def test_what_a_pipeline_computes_is_not_the_default() -> None:
    found = template(service(name="${P}"), parameters=[{"name": "P", "value": "2"}])
    assert expanded(found, Arguments({"P": Argument(None, "")}))[0]["metadata"]["name"] == "${P}"


@pytest.mark.parametrize(
    ("namespace", "expected"), [("fixed", None), ("${NS}", "prod"), ("a-${NS}", "a-prod"), ("${{NS}}", None), (7, None)]
)
def test_a_fixed_namespace_is_stripped_and_one_of_a_parameter_is_kept(namespace: object, expected: object) -> None:
    [found] = expanded(template(service(name="x", namespace=namespace), parameters=[{"name": "NS", "value": "prod"}]))
    assert found["metadata"].get("namespace") == expected


def test_a_value_that_was_filled_in_is_not_filled_in_again() -> None:
    parameters = [{"name": "A", "value": '{"x": "${B}"}'}, {"name": "B", "value": "b"}]
    [found] = expanded(template(service(labels={"typed": "${{A}}"}), parameters=parameters))
    assert found["metadata"]["labels"]["typed"] == {"x": "${B}"}


@pytest.mark.parametrize("value", ["NaN", "Infinity", "[" * 100_000, "1" * 10_000, "{'a': 1}", "yes", "0644", ""])
def test_what_is_no_json_is_a_string(value: str) -> None:
    [found] = expanded(template(service(labels={"x": "${{P}}"}), parameters=[{"name": "P", "value": value}]))
    assert found["metadata"]["labels"]["x"] == value


def test_the_bytes_of_a_template_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openshift, "MAX_FILLED", 1_000)
    found = template(*(service(name="${P}") for _ in range(50)), parameters=[{"name": "P", "value": "x" * 100}])
    names = [item["metadata"]["name"] for item in expanded(found)]
    assert (names.count("x" * 100), names.count("${P}")) == (10, 40)


@pytest.mark.parametrize(
    "text",
    [
        "kind: Template\napiVersion: v1\nparameters: 7\nobjects: [1, null, [], {}]\nlabels: x\n",
        "kind: Template\napiVersion: v1\nparameters: [{name: []}, 3, {value: x}]\nobjects: {a: b}\n",
        "kind: Template\napiVersion: v1\nlabels: {a: b}\nobjects: [{kind: Pod, apiVersion: v1, metadata: 3}, {kind: Pod, apiVersion: v1}]\n",
        "kind: Template\napiVersion: v1\nobjects: [{kind: DeploymentConfig, apiVersion: v1, spec: {triggers: [1, {type: ImageChange}], template: {spec: {containers: [{}]}}}}]\n",
        "kind: Template\napiVersion: v1\nobjects: [{kind: Route, apiVersion: v1, spec: 3}, {kind: Route, apiVersion: v1, spec: {tls: [1], host: 4}}]\n",
    ],
)
def test_an_odd_template_costs_itself(text: str) -> None:
    found = list(resources_from_documents(read_yaml("a.yaml", text).documents))
    assert all(isinstance(item, Resource) for item in found)


def test_a_template_in_a_template_is_an_object_that_nothing_expands() -> None:
    inner = template(service(name="inner")).value()
    outer = template(service(name="outer"), inner)  # type: ignore[arg-type]
    assert [found.name for found in objects_of(outer)] == ["outer"]


def test_whose_a_value_is_stands_at_its_place() -> None:
    text = "kind: Template\napiVersion: v1\nparameters: [{name: TAG, value: '1'}]\nobjects:\n- kind: Service\n  apiVersion: v1\n  metadata: {name: 'web-${TAG}'}\n"
    document = read_yaml("a.yaml", text).documents[0]
    [item] = expand(located(document.value, document.locations))
    name = item.get("metadata", "name")
    assert name is not None
    assert name.location is not None
    assert (name.content, name.location.line, name.location.note) == ("web-1", 7, "default of the parameter TAG")


# https://docs.openshift.com/container-platform/latest/networking/routes/secured-routes.html
@pytest.mark.parametrize(
    ("tls", "http", "https", "redirects"),
    [
        (None, True, False, False),
        ({}, True, False, False),
        ({"termination": "edge"}, False, True, False),
        ({"termination": "edge", "insecureEdgeTerminationPolicy": "None"}, False, True, False),
        ({"termination": "edge", "insecureEdgeTerminationPolicy": "Allow"}, True, True, False),
        ({"termination": "edge", "insecureEdgeTerminationPolicy": "Redirect"}, True, True, True),
        ({"termination": "reencrypt", "insecureEdgeTerminationPolicy": "Redirect"}, True, True, True),
        ({"termination": "passthrough", "insecureEdgeTerminationPolicy": "Redirect"}, True, True, True),
        ({"termination": "passthrough"}, False, True, False),
        ({"termination": "${T}"}, Unknown, Unknown, False),
        ({"termination": "edge", "insecureEdgeTerminationPolicy": "${P}"}, Unknown, True, Unknown),
        ({"termination": "edge", "insecureEdgeTerminationPolicy": "redirect"}, Unknown, True, Unknown),
        ({"termination": "none"}, Unknown, Unknown, False),
        ("${{TLS}}", Unknown, Unknown, False),
    ],
)
def test_what_a_route_serves(tls: object, http: object, https: object, redirects: object) -> None:
    spec = {"to": {"kind": "Service", "name": "web"}, **({"tls": tls} if tls is not None else {})}
    text = json.dumps({"apiVersion": "route.openshift.io/v1", "kind": "Route", "metadata": {"name": "web"}, "spec": spec})
    found = next(r for r in resources_from_documents(read_yaml("a.json", text).documents) if isinstance(r, Resource) and r.kind.endswith("/Route"))
    exposure: Any = found.attributes["exposure"]
    for name, expected in (("http", http), ("https", https), ("redirects", redirects)):
        assert isinstance(exposure[name], Unknown) if expected is Unknown else exposure[name] is expected, name


@pytest.mark.parametrize(
    ("source", "image"),
    [
        ({"kind": "ImageStreamTag", "name": "web:1.4"}, "web:1.4"),
        ({"kind": "ImageStreamTag", "name": "postgresql:12", "namespace": "openshift"}, "openshift/postgresql:12"),
        ({"name": "web:1.4"}, "web:1.4"),
        ({"kind": "DockerImage", "name": "x"}, Unknown),
        ({"kind": "ImageStreamTag"}, Unknown),
    ],
)
def test_a_trigger_puts_an_image_into_a_deployment_config(source: dict[str, str], image: object) -> None:
    trigger = {"type": "ImageChange", "imageChangeParams": {"containerNames": ["main"], "from": source}}
    containers = [{"name": "main", "image": " "}, {"name": "side", "image": "side:1"}]
    spec = {"triggers": [{"type": "ConfigChange"}, trigger], "template": {"spec": {"containers": containers}}}
    text = json.dumps({"apiVersion": "v1", "kind": "DeploymentConfig", "metadata": {"name": "web"}, "spec": spec})
    pod: Any = next(r.attributes["pod"] for r in resources_from_documents(read_yaml("a.json", text).documents) if isinstance(r, Resource) and "pod" in r.attributes)
    main, side = (c["image"] for c in pod["containers"])
    assert isinstance(main, Unknown) if image is Unknown else main == image
    assert side == "side:1"
    assert pod["labels"] == {"deploymentconfig": "web"}


def test_the_annotation_of_a_deployment_puts_an_image_into_it() -> None:
    triggers = [
        {"from": {"kind": "ImageStreamTag", "name": "web:1.4"}, "fieldPath": 'spec.template.spec.containers[?(@.name=="main")].image'},
        {"from": {"kind": "ImageStreamTag", "name": "x:1"}, "fieldPath": "spec.template.spec.containers[?(@.name=='side')].image", "paused": "true"},
        {"fieldPath": 3},
    ]
    metadata = {"name": "web", "annotations": {"image.openshift.io/triggers": json.dumps(triggers)}}
    containers = [{"name": "main", "image": " "}, {"name": "side", "image": "side:1"}]
    text = json.dumps({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {"template": {"spec": {"containers": containers}}}})
    pod: Any = next(r.attributes["pod"] for r in resources_from_documents(read_yaml("a.json", text).documents) if isinstance(r, Resource) and "pod" in r.attributes)
    assert [c["image"] for c in pod["containers"]] == ["web:1.4", "side:1"]


@pytest.mark.parametrize(
    ("fields", "role", "accounts"),
    [
        ({"roleRef": {"name": "edit"}, "userNames": ["system:serviceaccount:shop:web", "ann"]}, "ClusterRole//edit", ["shop/web"]),
        ({"roleRef": {"name": "own", "namespace": "shop"}, "subjects": [{"kind": "ServiceAccount", "name": "web"}]}, "Role/default/own", ["default/web"]),
        ({"roleRef": {"kind": "Role", "name": "own"}, "groupNames": ["system:serviceaccounts:shop"]}, "Role/default/own", []),
        ({"roleRef": 7, "userNames": 8, "subjects": {"a": 1}}, "//", []),
    ],
)
@pytest.mark.parametrize("version", ["v1", "authorization.openshift.io/v1"])
def test_a_binding_of_openshift_is_one_of_kubernetes(version: str, fields: dict[str, Any], role: str, accounts: list[str]) -> None:
    text = json.dumps({"apiVersion": version, "kind": "RoleBinding", "metadata": {"name": "web"}, **fields})
    [found] = [r for r in resources_from_documents(read_yaml("a.json", text).documents) if isinstance(r, Resource) and r.kind.startswith("rbac")]
    assert (found.kind, found.attributes["role"], found.attributes["serviceAccounts"]) == ("rbac.authorization.k8s.io/RoleBinding", role, accounts)


@pytest.mark.parametrize(
    ("tag", "image"),
    [
        ({"name": "1.4", "from": {"kind": "DockerImage", "name": "quay.io/shop/web:1.4.2"}}, "quay.io/shop/web:1.4.2"),
        ({"name": "1.4", "from": {"kind": "ImageStreamTag", "name": "base:1"}}, "web:1.4"),
        ({"name": "1.5", "from": {"kind": "DockerImage", "name": "quay.io/shop/web:1.5"}}, "web:1.4"),
        ({"name": "1.4", "from": 7}, "web:1.4"),
    ],
)
def test_a_tag_of_an_image_stream_beside_it_is_what_it_stands_for(tag: dict[str, Any], image: str) -> None:
    stream = {"apiVersion": "image.openshift.io/v1", "kind": "ImageStream", "metadata": {"name": "web"}, "spec": {"tags": [tag]}}
    trigger = {"type": "ImageChange", "imageChangeParams": {"containerNames": ["main"], "from": {"kind": "ImageStreamTag", "name": "web:1.4"}}}
    spec = {"triggers": [trigger], "template": {"spec": {"containers": [{"name": "main"}]}}}
    config = {"apiVersion": "apps.openshift.io/v1", "kind": "DeploymentConfig", "metadata": {"name": "web"}, "spec": spec}
    text = json.dumps({"apiVersion": "v1", "kind": "Template", "objects": [config, stream]})
    pod: Any = next(r.attributes["pod"] for r in resources_from_documents(read_yaml("a.json", text).documents) if isinstance(r, Resource) and "pod" in r.attributes)
    assert [c["image"] for c in pod["containers"]] == [image]


def test_an_object_whose_kind_is_a_parameter_is_a_gap() -> None:
    item = {"apiVersion": "apps/v1", "kind": "${KIND}", "metadata": {"name": "web"}}
    text = json.dumps({"apiVersion": "v1", "kind": "Template", "parameters": [{"name": "KIND", "required": True}], "objects": [item]})
    [found] = resources_from_documents(read_yaml("a.json", text).documents)
    assert isinstance(found, Gap)
    assert "apps/*" in found.kinds

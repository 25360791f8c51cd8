"""Which objects of a tree are deployed, and what is said about the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from gonogo.model.resource import Gap, Resource
from gonogo.model.value import Unknown
from gonogo.sources.kubernetes import KubernetesSource
from gonogo.sources.tree import open_tree

Read = Callable[[Mapping[str, str]], tuple[list[Resource], list[Gap]]]


def config_map(name: str, **data: str) -> str:
    lines = "".join(f"  {key}: {value}\n" for key, value in data.items())
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n{lines or '  a: b'}\n"


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def run(files: Mapping[str, str]) -> tuple[list[Resource], list[Gap]]:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        found = [*KubernetesSource().read(open_tree(tmp_path))]
        return [r for r in found if isinstance(r, Resource)], [g for g in found if isinstance(g, Gap)]

    return run


def maps(resources: list[Resource]) -> list[tuple[str, str]]:
    return sorted((r.name, r.environment) for r in resources if r.kind == "core/ConfigMap")


def test_documents_lists_and_json_are_opened(read: Read) -> None:
    resources, gaps = read(
        {
            "a.yaml": config_map("one") + "---\n# nothing\n---\n" + config_map("two"),
            "b.json": '{"apiVersion": "v1", "kind": "List", '
            '"items": [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "three"}}]}',
        }
    )
    assert maps(resources) == [("default/one", ""), ("default/three", ""), ("default/two", "")]
    assert gaps == []


def test_a_template_parameter_is_filled_in_only_where_every_template_gives_it_a_value(read: Read) -> None:
    template = (
        "apiVersion: template.openshift.io/v1\nkind: Template\nparameters:\n{p}objects:\n"
        "  - apiVersion: v1\n    kind: ConfigMap\n    metadata:\n"
        "      name: ${{NAME}}-${{PART}}\n    data: {{replicas: '${{{{COUNT}}}}'}}\n"
    )
    part = "  - {{name: PART, value: {0}}}\n  - {{name: COUNT, value: '3'}}\n"
    resources, _ = read(
        {
            "web.yaml": template.format(p="  - {name: NAME, required: true}\n" + part.format("web")),
            "db.yaml": template.format(p="  - {name: NAME, value: shop}\n" + part.format("db")),
        }
    )
    assert [name for name, _ in maps(resources)] == ["default/${NAME}-db", "default/${NAME}-web"]
    data = [r.attributes["data"] for r in resources if r.kind == "core/ConfigMap"]
    assert data == [{"replicas": 3}, {"replicas": 3}]


def test_broken_yaml_keeps_the_documents_before_it_and_names_the_kinds_it_loses(read: Read) -> None:
    text = config_map("one") + "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web\nspec: 1\n"
    resources, gaps = read({"a.yaml": text})
    assert maps(resources) == [("default/one", "")]
    assert [(g.file, g.stage, g.kinds) for g in gaps] == [("a.yaml", "parse", ("apps/Deployment", "kubernetes/Object"))]
    assert gaps[0].line >= 11


def test_a_go_template_is_a_gap_and_not_a_broken_manifest(read: Read) -> None:
    text = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .name }}\n{{ if .x }}\nspec: {}\n{{ end }}\n"
    resources, gaps = read({"a.yaml": text})
    assert [(g.stage, g.kinds) for g in gaps] == [("render", ("apps/Deployment", "kubernetes/Object"))]
    assert [(r.kind, r.attributes["problem"], r.attributes["templated"]) for r in resources] == [("kubernetes/Manifest", None, True)]


def test_quoted_actions_are_text(read: Read) -> None:
    text = (
        "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: r}\nspec:\n"
        "  groups:\n    - rules:\n        - alert: A\n          annotations: {summary: '{{ $labels.pod }} is down'}\n"
    )
    resources, gaps = read({"a.yaml": text})
    assert gaps == []
    assert [r.attributes["alerts"] for r in resources if r.kind.startswith("monitoring")] == [["A"]]


def test_an_unquoted_action_that_parses_is_a_template_all_the_same(read: Read) -> None:
    _, gaps = read({"a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ name }}\n"})
    assert [(g.stage, g.kinds) for g in gaps] == [("render", ("core/ConfigMap", "kubernetes/Object"))]


def test_a_production_overlay_is_judged_and_its_siblings_are_other_environments(read: Read) -> None:
    overlay = "resources: [../../base]\n"
    resources, _ = read(
        {
            "base/kustomization.yaml": "resources: [a.yaml]\n",
            "base/a.yaml": config_map("one"),
            "overlays/prod/kustomization.yaml": overlay + "namePrefix: prod-\n",
            "overlays/stg/kustomization.yaml": overlay,
            "overlays/minikube/kustomization.yaml": overlay,
        }
    )
    assert maps(resources) == [("default/one", "minikube"), ("default/one", "staging"), ("default/prod-one", "production")]


def test_without_a_production_overlay_every_root_is_judged(read: Read) -> None:
    resources, _ = read(
        {
            "base/kustomization.yaml": "resources: [a.yaml]\n",
            "base/a.yaml": config_map("one"),
            "overlays/dev/kustomization.yaml": "resources: [../../base]\n",
            "overlays/staging/kustomization.yaml": "resources: [../../base]\n",
        }
    )
    assert maps(resources) == [("default/one", ""), ("default/one", "")]


def test_what_a_kustomization_leaves_out_is_not_deployed(read: Read) -> None:
    resources, _ = read(
        {
            "k8s/kustomization.yaml": "resources:\n  - a.yaml\n  # - b.yaml\n",
            "k8s/a.yaml": config_map("one"),
            "k8s/b.yaml": config_map("two"),
            "k8s/optional/kustomization.yaml": "kind: Component\nresources: [c.yaml]\n",
            "k8s/optional/c.yaml": config_map("three"),
            "other/d.yaml": config_map("four"),
        }
    )
    assert maps(resources) == [("default/four", ""), ("default/one", ""), ("default/two", "unreferenced")]


def test_skaffold_applies_raw_manifests_beside_a_kustomization(read: Read) -> None:
    resources, _ = read(
        {
            "skaffold.yaml": "apiVersion: skaffold/v4beta6\nkind: Config\nmanifests:\n  rawYaml: [k8s/b*.yaml]\n",
            "k8s/kustomization.yaml": "resources: [a.yaml]\n",
            "k8s/a.yaml": config_map("one"),
            "k8s/b.yaml": config_map("two"),
        }
    )
    assert maps(resources) == [("default/one", ""), ("default/two", "")]


def test_what_is_not_in_the_repository_is_a_gap(read: Read) -> None:
    _, gaps = read({"kustomization.yaml": "resources:\n  - https://github.com/example/x//deploy?ref=v1\n  - ../outside\n"})
    assert [(g.line, "core/*" in g.kinds) for g in gaps] == [(2, True), (3, True)]


def test_a_kustomization_that_does_not_build_and_holds_nothing_leaves_no_kind_incomplete(read: Read) -> None:
    resources, gaps = read({"kustomization.yaml": "resources: [missing.yaml]\n"})
    assert [(g.kinds, "missing.yaml does not exist" in g.reason) for g in gaps] == [((), True)]
    assert [r.attributes["builds"] for r in resources] == [False]


def test_a_partly_missing_kustomization_leaves_every_kind_incomplete(read: Read) -> None:
    _, gaps = read({"kustomization.yaml": "resources: [a.yaml, missing.yaml]\n", "a.yaml": config_map("one")})
    assert ["apps/*" in g.kinds for g in gaps] == [True]


@pytest.mark.parametrize(
    ("kustomization", "builds"),
    [
        ("resources: [a.yaml]\nvars: [{name: X, objref: {kind: ConfigMap, name: one, apiVersion: v1}}]\n", True),
        ("resources: [a.yaml]\nconfigurations: [missing.yaml]\n", False),
        ("resources: [a.yaml]\npatches: [a.yaml]\n", False),
        ("resources: [a.yaml, a.yaml]\n", False),
        ("resources: [../outside.yaml]\n", None),
        ("resources: [a.yaml]\nhelmCharts: [{name: redis}]\n", None),
        ("resources: [a.yaml]\ncolour: blue\n", None),
        ("resources: [a.yaml]\nreplacements: [{source: {kind: Service}, targets: []}]\n", False),
        ("resources: [a.yaml]\nreplacements: [{sourceValue: x, targets: [{select: {kind: ConfigMap}, fieldPaths: [data.x]}]}]\n", False),
        ("resources: [a.yaml]\nreplacements: [{path: missing.yaml}]\n", False),
        ("resources: [a.yaml]\nreplicas: [{name: web, count: 2}]\n", False),
    ],
)
def test_a_kustomization_says_whether_it_builds(read: Read, kustomization: str, builds: bool | None) -> None:
    resources, _ = read({"k/kustomization.yaml": kustomization, "k/a.yaml": config_map("one"), "outside.yaml": config_map("two")})
    found = [r.attributes["builds"] for r in resources if r.kind == "kustomize/Kustomization"]
    assert found == [builds] if builds is not None else isinstance(found[0], Unknown)


def test_a_generator_takes_lines_without_a_value_from_where_it_runs(read: Read) -> None:
    resources, _ = read({"kustomization.yaml": "configMapGenerator:\n  - {name: env, envs: [x.env]}\n", "x.env": "A=1\nB\n"})
    data = next(r.attributes["data"] for r in resources if r.kind == "core/ConfigMap")
    assert isinstance(data, Mapping) and data["A"] == "1" and isinstance(data["B"], Unknown)


def test_kustomizations_that_refer_to_each_other_end(read: Read) -> None:
    resources, gaps = read(
        {
            "a/kustomization.yaml": "resources: [../b]\n",
            "b/kustomization.yaml": "resources: [../a]\n",
            "kustomization.yaml": "resources: [a]\n",
        }
    )
    assert [g.reason for g in gaps] == ["the kustomization does not build: a kustomization refers to itself"]
    assert [r.name for r in resources] == ["kustomization.yaml"]


def test_a_flux_kustomization_is_an_object_like_any_other(read: Read) -> None:
    text = (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps, namespace: flux-system}\n"
        "spec: {path: ./apps}\n"
    )
    resources, gaps = read({"flux/kustomization.yaml": text})
    assert [(r.kind, r.name) for r in resources if r.kind != "kubernetes/Manifest"] == [
        ("kustomize.toolkit.fluxcd.io/Kustomization", "flux-system/apps")
    ]
    assert gaps == []


def test_bundles_that_declare_the_same_workload_are_rivals(read: Read) -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: a, image: a}]}\n"
    resources, _ = read(
        {
            "a/kustomization.yaml": "resources: [pod.yaml]\n",
            "a/pod.yaml": pod,
            "b/kustomization.yaml": "resources: [pod.yaml]\n",
            "b/pod.yaml": pod,
            "c/x.yaml": config_map("x"),
        }
    )
    assert {r.attributes["bundle"]: r.attributes["rivals"] for r in resources if r.kind.startswith("core/")} == {
        "a": ["b"],
        "b": ["a"],
        "": [],
    }

"""What only a cluster can tell of workloads: its PriorityClasses, the labels of its namespaces, its disruption budgets and autoscalers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loopback_kubernetes.server import Cluster, Running, forbidden, serving, shop
from running import Ran, run

pytest.importorskip("kubernetes", reason="the extra `kubernetes` is not installed")

DEPLOYMENTS = "/apis/apps/v1/deployments"
NAMESPACES = "/api/v1/namespaces"
CLASSES = "/apis/scheduling.k8s.io/v1/priorityclasses"
BUDGETS = "/apis/policy/v1/poddisruptionbudgets"
SCALERS = "/apis/autoscaling/v2/horizontalpodautoscalers"
CONTROLS = ("k8s-pdb", "k8s-topology-spread", "k8s-image-pins", "k8s-priority-class", "k8s-namespace-pod-security")


@pytest.fixture
def cluster() -> Cluster:
    """The shop with web alone in its namespace."""
    found = shop()
    for path, objects in found.lists.items():
        if path.startswith(("/apis/apps/", "/apis/batch/", "/api/v1/pods", SCALERS, BUDGETS)):
            objects[:] = [o for o in objects if path == DEPLOYMENTS and o["metadata"]["name"] == "web"]
    return found


@pytest.fixture
def running(cluster: Cluster) -> Iterator[Running]:
    with serving(cluster) as server:
        yield server


def verdicts(running: Running, here: Path) -> dict[str, str]:
    checklist = here / "CHECKLIST.md"
    checklist.write_text("# Go live\n\n" + "".join(f"- [x] {control} <!-- gonogo: {control} -->\n" for control in CONTROLS))
    ran: Ran = run(
        "audit", "--kube-context", "shop", "--kubeconfig", running.kubeconfig(here / "kubeconfig"), "--checklist", checklist, "--no-store", "-o", "json"
    )
    return {control["id"]: control["verdict"] for control in ran.document["controls"]}


def web(cluster: Cluster) -> dict[str, Any]:
    found: dict[str, Any] = cluster.one(DEPLOYMENTS, "web")["spec"]
    found["replicas"] = 2
    return found


def budget(labels: dict[str, str], name: str = "web", **limit: object) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "shop", "uid": name}, "spec": {"selector": {"matchLabels": labels}, **limit}}


def test_a_class_that_the_cluster_lists_exists(cluster: Cluster, running: Running, tmp_path: Path) -> None:
    web(cluster)["template"]["spec"]["priorityClassName"] = "business"
    cluster.add(CLASSES, {"metadata": {"name": "business", "uid": "c"}, "value": 1000})
    assert verdicts(running, tmp_path)["k8s-priority-class"] == "satisfied"


def test_a_class_that_the_cluster_does_not_list_does_not_exist(cluster: Cluster, running: Running, tmp_path: Path) -> None:
    web(cluster)["template"]["spec"]["priorityClassName"] = "business"
    assert verdicts(running, tmp_path)["k8s-priority-class"] == "violated"


def test_a_class_is_not_known_where_the_classes_may_not_be_listed(cluster: Cluster, running: Running, tmp_path: Path) -> None:
    web(cluster)["template"]["spec"]["priorityClassName"] = "business"
    cluster.faults[CLASSES] = forbidden("priorityclasses", "scheduling.k8s.io")
    assert verdicts(running, tmp_path)["k8s-priority-class"] == "unknown"


@pytest.mark.parametrize(("level", "verdict"), [("restricted", "satisfied"), ("baseline", "satisfied"), ("privileged", "violated"), (None, "violated")])
def test_the_labels_of_the_namespace_decide(cluster: Cluster, running: Running, tmp_path: Path, level: str | None, verdict: str) -> None:
    if level is not None:
        cluster.one(NAMESPACES, "shop")["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] = level
    assert verdicts(running, tmp_path)["k8s-namespace-pod-security"] == verdict


def test_namespaces_that_may_not_be_listed_leave_their_labels_unknown(cluster: Cluster, running: Running, tmp_path: Path) -> None:
    cluster.faults[NAMESPACES] = forbidden("namespaces")
    assert verdicts(running, tmp_path)["k8s-namespace-pod-security"] == "unknown"


def test_a_budget_is_held_against_the_minimum_of_the_autoscaler(cluster: Cluster, running: Running, tmp_path: Path) -> None:
    labels = web(cluster)["template"]["metadata"]["labels"]
    web(cluster)["replicas"] = 7
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    cluster.add(SCALERS, {"metadata": {"name": "web", "namespace": "shop", "uid": "h"}, "spec": {"scaleTargetRef": target, "minReplicas": 3, "maxReplicas": 9}})
    cluster.add(BUDGETS, budget(labels, minAvailable=3))
    assert verdicts(running, tmp_path)["k8s-pdb"] == "violated"
    cluster.lists[BUDGETS] = [budget(labels, minAvailable=2)]
    assert verdicts(running, tmp_path)["k8s-pdb"] == "satisfied"


@pytest.mark.parametrize(("path", "resource", "group"), [(BUDGETS, "poddisruptionbudgets", "policy"), (SCALERS, "horizontalpodautoscalers", "autoscaling")])
def test_a_list_that_budgets_rest_on_leaves_a_missing_one_unknown(
    cluster: Cluster, running: Running, tmp_path: Path, path: str, resource: str, group: str
) -> None:
    web(cluster)
    cluster.faults[path] = forbidden(resource, group)
    assert verdicts(running, tmp_path)["k8s-pdb"] == "unknown"


def test_pods_without_a_constraint_are_not_spread(cluster: Cluster, running: Running, tmp_path: Path) -> None:
    spec = web(cluster)["template"]["spec"]
    assert verdicts(running, tmp_path)["k8s-topology-spread"] == "violated"
    selector = {"matchLabels": web(cluster)["template"]["metadata"]["labels"]}
    spec["topologySpreadConstraints"] = [{"maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "DoNotSchedule", "labelSelector": selector}]
    assert verdicts(running, tmp_path)["k8s-topology-spread"] == "satisfied"

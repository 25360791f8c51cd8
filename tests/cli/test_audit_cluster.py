"""gonogo audit --kube-context, as a command against a loopback API server, through the real client."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loopback_kubernetes.server import Cluster, Fault, Running, forbidden, serving, shop
from running import Ran, run

pytest.importorskip("kubernetes", reason="the extra `kubernetes` is not installed")

DEPLOYMENTS = "/apis/apps/v1/deployments"
POLICIES = "/apis/networking.k8s.io/v1/networkpolicies"
CHECKLIST = """# Go live

- [x] NetworkPolicies <!-- gonogo: k8s-network-policy -->
- [x] Least privilege <!-- gonogo: k8s-rbac -->
- [x] Probes <!-- gonogo: k8s-probes -->
- [x] Confined pods <!-- gonogo: k8s-pod-security -->
"""
WEB = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: web
      containers:
        - name: main
          image: europe-docker.pkg.dev/shop/web/web:1.4.2
          ports: [{containerPort: 8080}]
          readinessProbe: {httpGet: {path: /healthz, port: 8080}}
          resources: {requests: {cpu: 100m, memory: 128Mi}, limits: {cpu: "0.5", memory: 256Mi}}
          securityContext:
            allowPrivilegeEscalation: false
            capabilities: {drop: [ALL]}
            runAsNonRoot: true
            seccompProfile: {type: RuntimeDefault}
"""


@pytest.fixture
def cluster() -> Cluster:
    return shop()


@pytest.fixture
def running(cluster: Cluster) -> Iterator[Running]:
    with serving(cluster) as server:
        yield server
        assert server.complaints == [], "something else than GET was sent"
        assert all(path == "/apis" or path.count("/") in (3, 4) for path, _, _ in server.requests), "something else than a list was asked for"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "CHECKLIST.md").write_text(CHECKLIST)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.delenv("GONOGO_STORE", raising=False)
    return tmp_path


def audit(running: Running, here: Path, *arguments: str | Path) -> Ran:
    return audit_of(running.kubeconfig(here / "kubeconfig"), here, *arguments)


def audit_of(kubeconfig: Path, here: Path, *arguments: str | Path) -> Ran:
    return run(
        "audit", "--kube-context", "shop", "--kubeconfig", kubeconfig, "--checklist", here / "CHECKLIST.md", "--no-store", "-o", "json", *arguments
    )


def verdict(ran: Ran, control: str) -> str:
    return str(next(c["verdict"] for c in ran.document["controls"] if c["id"] == control))


def findings(ran: Ran, verdict: str) -> list[dict[str, Any]]:
    return [f for f in ran.document["findings"] if f["verdict"] == verdict]


def container(cluster: Cluster) -> dict[str, Any]:
    """The container of the web Deployment."""
    found: dict[str, Any] = cluster.one(DEPLOYMENTS, "web")["spec"]["template"]["spec"]["containers"][0]
    return found


def test_what_holds_in_the_cluster_is_a_go(running: Running, here: Path) -> None:
    ran = audit(running, here)
    assert (ran.code, ran.document["decision"]) == (0, "GO"), ran.out + ran.err
    shown = next(f for f in ran.document["findings"] if f["rule"] == "containers-have-probes" and f["subject"]["name"] == "shop/web")
    assert shown["evidence"][0]["resource"] == "//k8s/shop/apis/apps/v1/namespaces/shop/deployments/web"


def test_what_somebody_changed_by_hand_is_a_no_go(cluster: Cluster, running: Running, here: Path) -> None:
    container(cluster).pop("readinessProbe")
    ran = audit(running, here)
    assert (ran.code, ran.document["decision"]) == (1, "NO-GO")
    assert [f["subject"]["name"] for f in findings(ran, "violated") if f["control"] == "k8s-probes"] == ["shop/web"]


def test_a_policy_of_another_namespace_isolates_nothing(cluster: Cluster, running: Running, here: Path) -> None:
    cluster.lists[POLICIES][0]["metadata"]["namespace"] = "default"
    ran = audit(running, here)
    assert verdict(ran, "k8s-network-policy") == "violated"


def test_the_clusters_own_objects_are_said_and_not_judged(cluster: Cluster, running: Running, here: Path) -> None:
    ran = audit(running, here)
    assert not [f for f in ran.document["findings"] if "coredns" in f["subject"]["name"]]
    assert any("objects of the cluster itself are not judged" in w and "kube-system" in w for w in ran.document["warnings"])
    judged = audit(running, here, "--system-namespaces")
    assert [f["subject"]["name"] for f in findings(judged, "violated") if "coredns" in f["subject"]["name"]]


def test_what_a_system_binding_grants_to_an_application_counts(cluster: Cluster, running: Running, here: Path) -> None:
    binding = cluster.one("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", "addon-controller")
    binding["subjects"].append({"kind": "ServiceAccount", "name": "web", "namespace": "shop"})
    assert verdict(audit(running, here), "k8s-rbac") == "violated"


def test_pods_are_left_to_their_controllers_and_judged_without_one(cluster: Cluster, running: Running, here: Path) -> None:
    names = [f["subject"]["name"] for f in audit(running, here).document["findings"]]
    assert not [n for n in names if n.startswith("shop/web-")]
    assert not [n for n in names if n.startswith("shop/report-")]
    for pod in cluster.lists["/api/v1/pods"][:2]:
        pod["metadata"]["ownerReferences"][0] |= {"kind": "Widget", "apiVersion": "example.com/v1", "uid": "x"}
    names = [f["subject"]["name"] for f in audit(running, here).document["findings"]]
    assert {n for n in names if n.startswith("shop/web-")} == {"shop/web-6f7d-a", "shop/web-6f7d-b"}


def test_a_bare_replica_set_runs_pods_that_are_judged(cluster: Cluster, running: Running, here: Path) -> None:
    cluster.lists["/apis/apps/v1/replicasets"][0]["metadata"].pop("ownerReferences")
    names = [f["subject"]["name"] for f in audit(running, here).document["findings"]]
    assert {n for n in names if n.startswith("shop/web-")} == {"shop/web-6f7d-a", "shop/web-6f7d-b"}


def test_no_value_of_a_secret_is_asked_for_or_kept(running: Running, here: Path) -> None:
    ran = audit(running, here)
    accepted = {path: accept for path, _, accept in running.requests}
    for path in ("/api/v1/secrets", "/api/v1/configmaps"):
        assert accepted[path] == "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
    assert "aHVudGVyMg" not in ran.out


def test_what_a_config_map_holds_is_unknown(cluster: Cluster, running: Running, here: Path) -> None:
    cluster.add("/api/v1/configmaps", {"metadata": {"name": "settings", "namespace": "shop"}, "data": {"DB_PASSWORD": "hunter2"}})
    (here / "CHECKLIST.md").write_text("# Go live\n\n- [x] Secrets <!-- gonogo: secrets-manager -->\n")
    ran = audit(running, here)
    assert verdict(ran, "secrets-manager") == "unknown"
    assert "only its metadata is read" in ran.out
    assert "hunter2" not in ran.out


@pytest.mark.parametrize(
    ("path", "resource", "group", "control"),
    [
        (DEPLOYMENTS, "deployments", "apps", "k8s-probes"),
        (POLICIES, "networkpolicies", "networking.k8s.io", "k8s-network-policy"),
        ("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", "clusterrolebindings", "rbac.authorization.k8s.io", "k8s-rbac"),
        ("/api/v1/pods", "pods", "", "k8s-pod-security"),
    ],
)
def test_a_list_that_may_not_be_read_is_a_gap_with_the_permission(
    cluster: Cluster, running: Running, here: Path, path: str, resource: str, group: str, control: str
) -> None:
    cluster.faults[path] = forbidden(resource, group)
    ran = audit(running, here)
    assert (ran.code, verdict(ran, control)) == (3, "unknown"), ran.out
    gap = next(g["reason"] for g in ran.document["gaps"] if resource in g["reason"])
    assert 'User "auditor" cannot list resource' in gap
    assert f'grant {{apiGroups: ["{group}"], resources: ["{resource}"], verbs: ["list"]}}' in gap


def test_secrets_that_may_not_be_listed_block_nothing(cluster: Cluster, running: Running, here: Path) -> None:
    cluster.faults["/api/v1/secrets"] = forbidden("secrets")
    ran = audit(running, here)
    assert ran.code == 0
    assert any("secrets" in g["reason"] for g in ran.document["gaps"])


def test_lists_are_read_page_by_page(cluster: Cluster, running: Running, here: Path) -> None:
    cluster.page = 1
    assert audit(running, here).code == 0
    continued = [query for path, query, _ in running.requests if path == DEPLOYMENTS]
    assert [q.get("continue") for q in continued] == [None, "1", "2"]
    assert {q["limit"] for q in continued} == {"500"}


def test_an_expired_list_is_started_again_once(cluster: Cluster, running: Running, here: Path) -> None:
    cluster.page = 1
    cluster.faults[DEPLOYMENTS] = Fault(410, reason="Expired", message="The provided continue parameter is too old", times=1, only_continued=True)
    ran = audit(running, here)
    assert ran.code == 0
    names = [f["subject"]["name"] for f in ran.document["findings"] if f["rule"] == "containers-have-probes"]
    assert names == ["shop/cart", "shop/web"], "each object once"
    cluster.faults[DEPLOYMENTS].times = 2
    ran = audit(running, here)
    assert (ran.code, verdict(ran, "k8s-probes")) == (3, "unknown")
    assert "too old" in ran.out


def test_too_many_requests_are_sent_again_when_the_server_says(cluster: Cluster, running: Running, here: Path) -> None:
    cluster.faults[DEPLOYMENTS] = Fault(429, headers={"retry-after": "0"}, reason="TooManyRequests", message="slow down", times=2)
    assert audit(running, here).code == 0
    assert sum(path == DEPLOYMENTS for path, _, _ in running.requests) == 3


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault(429, headers={"retry-after": "999999"}, reason="TooManyRequests", message="slow down"), "slow down"),
        (Fault(500, reason="InternalError", message="etcd is gone", headers={"retry-after": "0"}), "etcd is gone"),
        (Fault(503, body=b"<html>upstream</html>", headers={"retry-after": "0"}), "status 503"),
        (Fault(200, body=b'{"kind": "DeploymentList", "items": ['), "no JSON"),
        (Fault(200, body=b'{"kind": "DeploymentList", "items": [{"metadata": {}}]}'), "without a name"),
        (Fault(200, body=b'{"kind": "DeploymentList", "items": 7}'), "without items"),
        (Fault(200, body=b'{"kind": "Deployment", "metadata": {"name": "web"}}'), "where its list was asked for"),
        (Fault(200, body=b"[" * 100_000), "no JSON"),
        (Fault(200, body=b'{"kind": "DeploymentList", "items": [], "metadata": {"continue": "x"}}'), "again and again"),
        (Fault(403, body=b"denied by the proxy"), "without saying why"),
        (Fault(404, reason="NotFound", message="the server could not find the requested resource"), "which every cluster does"),
        (Fault(302, headers={"location": "http://127.0.0.1:1/"}), "status 302"),
    ],
)
def test_what_is_no_answer_is_a_gap(cluster: Cluster, running: Running, here: Path, fault: Fault, said: str) -> None:
    cluster.faults[DEPLOYMENTS] = fault
    ran = audit(running, here)
    assert (ran.code, verdict(ran, "k8s-probes")) == (3, "unknown"), ran.out + ran.err
    assert said in next(g["reason"] for g in ran.document["gaps"] if "apps/Deployment" in g["kinds"])


def test_a_kind_that_the_cluster_does_not_have_is_none_of_them(cluster: Cluster, running: Running, here: Path) -> None:
    assert audit(running, here).document["gaps"][0]["reason"].startswith("Google Cloud was not looked at")
    cluster.lists.pop("/apis/argoproj.io/v1alpha1/applications")
    assert len(audit(running, here).document["gaps"]) == 1


def test_a_kind_in_a_version_that_nobody_knows_is_a_gap(cluster: Cluster, running: Running, here: Path) -> None:
    cluster.kinds["/apis/keda.sh/v9/scaledobjects"] = "ScaledObject"
    cluster.lists["/apis/keda.sh/v9/scaledobjects"] = [{"metadata": {"name": "web", "namespace": "shop"}}]
    ran = audit(running, here)
    assert any("served as v9" in g["reason"] and "keda.sh/ScaledObject" in g["kinds"] for g in ran.document["gaps"])


@pytest.mark.parametrize("name", ["policies", "groups"])
def test_policies_of_a_plugin_leave_isolation_unknown(cluster: Cluster, running: Running, here: Path, name: str) -> None:
    path = "/apis/cilium.io/v2/ciliumnetworkpolicies"
    cluster.kinds[path], cluster.lists[path] = "CiliumNetworkPolicy", []
    cluster.lists[POLICIES].clear()
    if name == "policies":
        cluster.add(path, {"metadata": {"name": "web", "namespace": "shop"}, "spec": {"endpointSelector": {}}})
    else:
        cluster.faults[path] = forbidden("ciliumnetworkpolicies", "cilium.io")
    assert verdict(audit(running, here), "k8s-network-policy") == "unknown"


def test_credentials_that_are_refused_are_one_clear_error(running: Running, here: Path) -> None:
    kubeconfig = running.kubeconfig(here / "kubeconfig", token="stale")
    ran = run("audit", "--kube-context", "shop", "--kubeconfig", kubeconfig, "--no-store")
    assert ran.code == 2
    assert ran.err == "gonogo: the cluster shop did not accept the credentials: Unauthorized; log in to it again\n"


def test_a_context_that_is_not_there_is_one_clear_error(running: Running, here: Path) -> None:
    kubeconfig = running.kubeconfig(here / "kubeconfig")
    ran = run("audit", "--kube-context", "prod", "--kubeconfig", kubeconfig, "--no-store")
    assert (ran.code, ran.err) == (2, f"gonogo: no context is called prod in {kubeconfig}; there are shop\n")


def test_a_cluster_that_is_not_there_was_not_looked_at(running: Running, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from gonogo.sources.cluster import opening
    from gonogo.sources.gcp.pacing import Limits

    monkeypatch.setattr(opening.open_cluster, "__defaults__", (Limits(tries=1),))
    kubeconfig = here / "kubeconfig"
    Running("http://127.0.0.1:9").kubeconfig(kubeconfig)
    ran = run("audit", "--kube-context", "shop", "--kubeconfig", kubeconfig, "--checklist", here / "CHECKLIST.md", "--no-store", "-o", "json")
    assert (ran.code, verdict(ran, "k8s-probes")) == (3, "unknown"), ran.err
    assert "could not be reached" in ran.out


def test_a_token_is_not_sent_in_clear_text(here: Path) -> None:
    kubeconfig = Running("http://192.0.2.1:8080").kubeconfig(here / "kubeconfig")
    ran = run("audit", "--kube-context", "shop", "--kubeconfig", kubeconfig, "--no-store")
    assert ran.code == 2
    assert "plain http is only for this machine" in ran.err


def test_a_plugin_that_fails_is_one_clear_error(running: Running, here: Path) -> None:
    kubeconfig = running.kubeconfig(here / "kubeconfig")
    exec_ = "exec: {apiVersion: client.authentication.k8s.io/v1, command: /nonexistent/plugin, interactiveMode: Never}"
    kubeconfig.write_text(kubeconfig.read_text().replace("token: loopback-token", exec_))
    ran = run("audit", "--kube-context", "shop", "--kubeconfig", kubeconfig, "--no-store")
    assert ran.code == 2
    assert "the plugin that the context shop logs in with gave no credentials" in ran.err
    assert ran.err.count("\n") == 1


@pytest.fixture
def certificate(here: Path) -> tuple[Path, Path]:
    """A certificate for this machine that nobody has signed, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: it makes the certificate")
    certificate, key = here / "cert.pem", here / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(certificate), "-days", "2"]
    subprocess.run([*command, "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    return certificate, key


def test_a_certificate_that_is_not_trusted_is_one_clear_error(cluster: Cluster, here: Path, certificate: tuple[Path, Path]) -> None:
    with serving(cluster, certificate) as server:
        ran = run("audit", "--kube-context", "shop", "--kubeconfig", server.kubeconfig(here / "kubeconfig"), "--no-store")
        assert ran.code == 2
        assert "is not trusted by the context shop" in ran.err
        trusted = {"certificate-authority": str(certificate[0])}
        ran = run("audit", "--kube-context", "shop", "--kubeconfig", server.kubeconfig(here / "kubeconfig", **trusted), "--no-store")
        assert ran.code != 2, ran.err


def test_declared_and_live_differ_only_where_somebody_changed_something(cluster: Cluster, running: Running, here: Path) -> None:
    repo = here / "repo"
    (repo / "k8s").mkdir(parents=True)
    (repo / "k8s" / "web.yaml").write_text(WEB)

    def drift(ran: Ran) -> list[tuple[str, str, str, str]]:
        return [(d["status"], d["name"], d.get("field", ""), d.get("reason", "")) for d in ran.document["drift"] if d["kind"] == "apps/Deployment"]

    unmanaged = ("unmanaged_live", "shop/cart", "", "Helm: shop/cart")
    assert drift(audit(running, here, "--repo", repo)) == [unmanaged]
    container(cluster)["image"] = "europe-docker.pkg.dev/shop/web/web:hotfix"
    cluster.one(DEPLOYMENTS, "web")["spec"]["template"]["spec"]["hostNetwork"] = True
    ran = audit(running, here, "--repo", repo)
    assert drift(ran) == [
        unmanaged,
        ("differs", "shop/web", "spec.template.spec.containers.main.image", ""),
        ("differs", "shop/web", "spec.template.spec.hostNetwork", ""),
    ]


def test_what_is_live_decides_and_points_at_its_declaration(cluster: Cluster, running: Running, here: Path) -> None:
    (here / "web.yaml").write_text(WEB)
    container(cluster).pop("readinessProbe")
    ran = audit(running, here, "--repo", here)
    found = next(f for f in findings(ran, "violated") if f["rule"] == "containers-have-probes")
    assert found["subject"]["origin"] == "live"
    assert found["evidence"][0]["resource"].startswith("//k8s/shop/")
    assert any(e.get("file") == "web.yaml" for e in found["evidence"])
    superseded = [f for f in ran.document["findings"] if f.get("superseded") and f["rule"] == "containers-have-probes"]
    assert [f["verdict"] for f in superseded] == ["satisfied"], "the declaration was fine, and is not what is live"


def test_a_declaration_in_a_system_namespace_has_its_object_judged(cluster: Cluster, running: Running, here: Path) -> None:
    (here / "dns.yaml").write_text(WEB.replace("name: web\n  labels", "name: coredns\n  namespace: kube-system\n  labels"))
    ran = audit(running, here, "--repo", here)
    assert [f for f in findings(ran, "violated") if f["subject"]["name"] == "kube-system/coredns" and f["subject"]["origin"] == "live"]


def test_objects_of_two_clusters_do_not_stand_in_for_each_other(cluster: Cluster, running: Running, here: Path) -> None:
    """The NetworkPolicy of one cluster isolates nothing in the other."""
    other = shop()
    other.lists[POLICIES].clear()
    with serving(other) as second:
        one, two = running.kubeconfig(here / "one"), second.kubeconfig(here / "two", context="other")
        two.write_text(two.read_text().replace("name: here", "name: there").replace("cluster: here", "cluster: there"))
        ran = run(
            "audit", "--kube-context", "shop", "--kube-context", "other", "--kubeconfig", f"{one}:{two}", "--checklist", here / "CHECKLIST.md",
            "--no-store", "-o", "json",
        )  # fmt: skip
    assert ran.code == 1, ran.err
    wrong = [f["subject"]["name"] for f in findings(ran, "violated") if f["rule"] == "pods-selected-by-network-policy"]
    assert wrong
    assert all(name.startswith("other: ") for name in wrong)


def test_runs_of_a_cluster_are_compared_with_each_other(cluster: Cluster, running: Running, here: Path) -> None:
    kubeconfig = running.kubeconfig(here / "kubeconfig")
    arguments: list[str | Path] = ["audit", "--kube-context", "shop", "--kubeconfig", kubeconfig, "--checklist", here / "CHECKLIST.md"]
    assert run(*arguments).code == 0
    container(cluster).pop("readinessProbe")
    ran = run(*arguments)
    assert ran.code == 1
    assert "regressed" in ran.out
    cluster.faults[DEPLOYMENTS] = forbidden("deployments", "apps")
    ran = run(*arguments)
    assert ran.code == 3
    assert "removed" not in ran.out


def test_kubectl_reads_the_same(cluster: Cluster, here: Path, certificate: tuple[Path, Path]) -> None:
    """The lists are such that kubectl, another client, shows the same objects as an audit counts."""
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is not installed")
    with serving(cluster, certificate) as server:
        kubeconfig = server.kubeconfig(here / "kubeconfig", **{"certificate-authority": str(certificate[0])})
        counted = audit_of(kubeconfig, here).document["inputs"]["objects"]
        for kind, resource in (("apps/Deployment", "deployments.apps"), ("core/ServiceAccount", "serviceaccounts"), ("batch/CronJob", "cronjobs.batch")):
            command = [kubectl, "--kubeconfig", str(kubeconfig), "--cache-dir", str(here / "cache"), "--context", "shop"]
            command += ["get", resource, "-A", "-o", "json"]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
            assert done.returncode == 0, done.stderr
            shown = [item["metadata"]["uid"] for item in json.loads(done.stdout)["items"]]
            name, _, group = resource.partition(".")
            assert shown == [item["metadata"]["uid"] for item in cluster.lists[f"/apis/{group}/v1/{name}" if group else f"/api/v1/{name}"]]
            assert len(shown) == counted[kind]


def test_a_cluster_beside_its_project(running: Running, here: Path) -> None:
    """What Google answers and what the cluster lists are judged together; nothing of either is left out then."""
    from loopback.seed import read_seed
    from loopback.server import loopback

    cloud = read_seed("shop").copy()
    with loopback(cloud) as google:
        alone = run("audit", "--project", "shop-prod", "--endpoint", f"*={google.url}", "--no-store", "-o", "json")
        ran = audit(running, here, "--project", "shop-prod", "--endpoint", f"*={google.url}")
    assert ran.code == 0, ran.out + ran.err
    assert {f["subject"]["origin"] for f in ran.document["findings"]} == {"live"}
    assert not [g for g in ran.document["gaps"] if "was not looked at" in g["reason"]]
    assert {c["id"]: c["verdict"] for c in alone.document["controls"]}["cloudsql-ha"] == verdict(ran, "cloudsql-ha")


@pytest.mark.parametrize(("answer", "expected"), [({"enabled": True}, "satisfied"), ({}, "violated")])
def test_what_google_tells_of_the_cluster_decides_whether_policies_are_obeyed(running: Running, here: Path, answer: dict[str, Any], expected: str) -> None:
    from loopback.seed import read_seed
    from loopback.server import loopback

    cloud = read_seed("shop").copy()
    (gke,) = cloud.collections["container"]["projects/shop-prod/locations/europe-west1/clusters"]
    gke["networkPolicy"] = answer
    with loopback(cloud) as google:
        ran = audit(running, here, "--project", "shop-prod", "--endpoint", f"*={google.url}")
    assert verdict(ran, "k8s-network-policy") == expected
    if expected == "violated":
        assert "does not enforce" in ran.out
        assert gke["selfLink"].removeprefix("https:").replace("/v1/", "/") in ran.out


OPENSHIFT = """apiVersion: template.openshift.io/v1
kind: Template
parameters:
  - {name: POLICY, value: Redirect}
  - {name: NS, value: shop}
objects:
  - apiVersion: route.openshift.io/v1
    kind: Route
    metadata: {name: web, namespace: "${NS}"}
    spec:
      to: {kind: Service, name: web}
      tls: {termination: edge, insecureEdgeTerminationPolicy: "${POLICY}"}
  - apiVersion: apps.openshift.io/v1
    kind: DeploymentConfig
    metadata: {name: old, namespace: "${NS}"}
    spec:
      replicas: 2
      selector: {deploymentconfig: old}
      template:
        metadata: {labels: {app: old}}
        spec:
          containers:
            - name: main
              image: registry.example.com/old:1
              readinessProbe: {httpGet: {path: /, port: 8080}}
"""


def test_what_openshift_fills_in_is_no_drift(cluster: Cluster, running: Running, here: Path) -> None:
    repo = here / "repo"
    repo.mkdir()
    (repo / "web.yaml").write_text(OPENSHIFT)
    routes, configs = "/apis/route.openshift.io/v1/routes", "/apis/apps.openshift.io/v1/deploymentconfigs"
    cluster.kinds |= {routes: "Route", configs: "DeploymentConfig"}
    tls = {"termination": "edge", "insecureEdgeTerminationPolicy": "Redirect"}
    cluster.lists[routes] = [{
        "metadata": {"name": "web", "namespace": "shop", "annotations": {"openshift.io/host.generated": "true"}},
        "spec": {"host": "web-shop.apps.example.com", "to": {"kind": "Service", "name": "web", "weight": 100}, "tls": tls, "wildcardPolicy": "None"},
        "status": {"ingress": [{"host": "web-shop.apps.example.com"}]},
    }]  # fmt: skip
    probe = {"httpGet": {"path": "/", "port": 8080, "scheme": "HTTP"}, "timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
    main = {
        "name": "main", "image": "registry.example.com/old:1", "readinessProbe": probe, "resources": {}, "imagePullPolicy": "IfNotPresent",
        "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
    }  # fmt: skip
    rolling = {"updatePeriodSeconds": 1, "intervalSeconds": 1, "timeoutSeconds": 600, "maxUnavailable": "25%", "maxSurge": "25%"}
    cluster.lists[configs] = [{
        "metadata": {"name": "old", "namespace": "shop"},
        "spec": {
            "replicas": 2, "revisionHistoryLimit": 10, "test": False, "selector": {"deploymentconfig": "old"}, "triggers": [{"type": "ConfigChange"}],
            "strategy": {"type": "Rolling", "rollingParams": rolling, "resources": {}, "activeDeadlineSeconds": 21600},
            "template": {
                "metadata": {"creationTimestamp": None, "labels": {"app": "old"}},
                "spec": {
                    "containers": [main], "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst",
                    "securityContext": {}, "schedulerName": "default-scheduler",
                },
            },
        },
    }]  # fmt: skip

    def drift(ran: Ran) -> list[tuple[str, str, str]]:
        return [(d["status"], d["name"], d.get("field", "")) for d in ran.document["drift"] if ".openshift.io/" in d["kind"]]

    assert drift(audit(running, here, "--repo", repo)) == []
    tls["insecureEdgeTerminationPolicy"] = "Allow"
    main.pop("readinessProbe")
    changed = {field.partition(".readinessProbe")[0] for _, _, field in drift(audit(running, here, "--repo", repo))}
    assert changed == {"spec.tls.insecureEdgeTerminationPolicy", "spec.template.spec.containers.main"}

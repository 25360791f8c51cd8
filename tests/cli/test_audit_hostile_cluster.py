"""gonogo audit --kube-context against API servers that lie, dawdle, or break off."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from loopback_kubernetes.server import TOKEN, Cluster, Fault, Running, forbidden, serving, shop
from running import Ran, run

pytest.importorskip("kubernetes", reason="the extra `kubernetes` is not installed")

DEPLOYMENTS = "/apis/apps/v1/deployments"
ROUTES = "/apis/route.openshift.io/v1/routes"
CHECKLIST = "# Go live\n\n- [x] Probes <!-- gonogo: k8s-probes -->\n"


@pytest.fixture
def cluster() -> Cluster:
    return shop()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "CHECKLIST.md").write_text(CHECKLIST)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.delenv("GONOGO_STORE", raising=False)
    return tmp_path


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    from gonogo.sources.cluster import opening
    from gonogo.sources.gcp.pacing import Limits

    def set_to(**seconds: Any) -> None:
        monkeypatch.setattr(opening.open_cluster, "__defaults__", (Limits(**seconds),))

    return set_to


def audit(cluster: Cluster, here: Path, *arguments: str, form: str = "json") -> Ran:
    with serving(cluster) as running:
        return audit_of(running, here, *arguments, form=form)


def audit_of(running: Running, here: Path, *arguments: str, form: str = "json") -> Ran:
    kubeconfig = running.kubeconfig(here / "kubeconfig")
    return run(
        "audit", "--kube-context", "shop", "--kubeconfig", kubeconfig, "--checklist", here / "CHECKLIST.md", "--no-store", "-o", form, *arguments
    )


def reasons(ran: Ran, kind: str) -> list[str]:
    return [g["reason"] for g in ran.document["gaps"] if kind in g["kinds"]]


def probes(ran: Ran) -> str:
    return str(next(c["verdict"] for c in ran.document["controls"] if c["id"] == "k8s-probes"))


def listing(*items: object, **metadata: object) -> Fault:
    return Fault(200, body=json.dumps({"kind": "DeploymentList", "metadata": metadata, "items": items}).encode())


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    "item",
    [
        7, None, "web", [], {}, {"metadata": None}, {"metadata": []}, {"metadata": {"name": 7}}, {"metadata": {"name": "web", "namespace": 7}},
        {"metadata": {"name": "web", "namespace": "shop", "labels": 7, "annotations": "x", "ownerReferences": {"a": 1}, "uid": []}, "spec": []},
        {"metadata": {"name": "web", "namespace": "shop", "ownerReferences": [7, {"controller": True}]}, "spec": {"template": {"spec": "x"}}},
        {"metadata": {"name": "web", "namespace": "shop"}, "spec": {"template": {"spec": {"containers": {"a": 1}, "volumes": 3}}}},
        {"metadata": {"name": "web", "namespace": "shop"}, "spec": {"replicas": "x", "template": {"spec": {"containers": [7, None, {"env": 1, "resources": 1}]}}}},
    ],
)  # fmt: skip
def test_an_odd_item_is_no_crash_and_no_pass(cluster: Cluster, here: Path, item: object) -> None:
    cluster.faults[DEPLOYMENTS] = listing(item)
    ran = audit(cluster, here)
    assert ran.code in (1, 3), ran.err
    assert probes(ran) in ("unknown", "violated", "absent")


@pytest.mark.parametrize("depth", [300, 450, 700, 900])
def test_a_deeply_nested_object_is_a_gap(cluster: Cluster, here: Path, depth: int) -> None:
    cluster.faults[DEPLOYMENTS] = listing({"metadata": {"name": "deep", "namespace": "shop"}, "spec": nested(depth)})
    ran = audit(cluster, here)
    assert ran.code in (1, 3), ran.err[-500:]
    assert probes(ran) in ("unknown", "violated", "absent")


@pytest.mark.parametrize(
    "groups",
    [
        [7, {"name": 7}, {"name": "apps", "versions": 7}],
        [{"name": "apps", "versions": [{"version": "../../v1/secrets"}, {"version": 7}], "preferredVersion": {"version": "v1?x="}}],
        [{"name": "apps", "versions": {"a": 1}, "preferredVersion": []}],
    ],
)
def test_odd_api_groups_are_gaps(cluster: Cluster, here: Path, groups: object) -> None:
    cluster.faults["/apis"] = Fault(200, body=json.dumps({"kind": "APIGroupList", "groups": groups}).encode())
    ran = audit(cluster, here)
    assert (ran.code, probes(ran)) == (3, "unknown"), ran.err
    assert reasons(ran, "apps/Deployment")


def test_a_version_of_an_api_that_is_none_of_ours_costs_nothing(cluster: Cluster, here: Path) -> None:
    cluster.kinds["/apis/example.com/stable/widgets"], cluster.lists["/apis/example.com/stable/widgets"] = "Widget", []
    assert audit(cluster, here).code == 0


def test_an_aggregated_api_that_fails_is_a_gap_and_one_that_is_absent_is_not(cluster: Cluster, here: Path) -> None:
    assert not reasons(audit(cluster, here), "route.openshift.io/Route")
    cluster.kinds[ROUTES], cluster.lists[ROUTES] = "Route", []
    assert not reasons(audit(cluster, here), "route.openshift.io/Route")
    cluster.faults[ROUTES] = Fault(503, reason="ServiceUnavailable", message="the server is currently unable to handle the request", headers={"retry-after": "0"})
    assert "unable to handle" in reasons(audit(cluster, here), "route.openshift.io/Route")[0]
    cluster.faults[ROUTES] = Fault(404, body=b"404 page not found\n")
    assert reasons(audit(cluster, here), "route.openshift.io/Route")


def test_openshift_kinds_are_judged_where_there_are_some(cluster: Cluster, here: Path) -> None:
    (here / "CHECKLIST.md").write_text("# Go live\n\n- [x] TLS <!-- gonogo: https-lb -->\n")
    cluster.kinds[ROUTES] = "Route"
    cluster.lists[ROUTES] = [{"metadata": {"name": "web", "namespace": "shop"}, "spec": {"to": {"kind": "Service", "name": "web"}}}]
    ran = audit(cluster, here)
    assert [f["subject"]["name"] for f in ran.document["findings"] if f["verdict"] == "violated" and f["rule"] == "entry-points-serve-https"] == ["shop/web"]


def test_a_token_that_a_server_repeats_is_not_repeated(cluster: Cluster, here: Path) -> None:
    cluster.faults[DEPLOYMENTS] = Fault(400, reason="BadRequest", message=f"cannot read the header Authorization: Bearer {TOKEN}")
    ran = audit(cluster, here)
    assert "cannot read the header" in ran.out
    assert TOKEN not in ran.out + ran.err


def test_a_token_in_a_refusal_is_not_repeated(cluster: Cluster, here: Path) -> None:
    cluster.faults["/apis"] = Fault(401, reason="Unauthorized", message=f"who is {TOKEN}?")
    ran = audit(cluster, here)
    assert ran.code == 2
    assert TOKEN not in ran.out + ran.err


@pytest.mark.parametrize("server", ["https://u:pa55word@127.0.0.1:1", "http://u:pa55word@192.0.2.1:8080"])
def test_a_password_in_the_address_of_a_server_is_not_repeated(here: Path, limits: Callable[..., None], server: str) -> None:
    limits(tries=1)
    ran = audit_of(Running(server), here)
    assert ran.code in (2, 3)
    assert "pa55word" not in ran.out + ran.err


@pytest.mark.parametrize("form", ["text", "concise", "markdown", "json"])
def test_control_characters_of_names_and_messages_are_not_written(cluster: Cluster, here: Path, form: str) -> None:
    cluster.one(DEPLOYMENTS, "web")["metadata"]["name"] = "we\x1b[31mb\x07\u202e"
    cluster.one(DEPLOYMENTS, "we\x1b[31mb\x07\u202e")["spec"]["template"]["spec"]["containers"][0].pop("readinessProbe")
    cluster.faults["/api/v1/services"] = Fault(400, reason="BadRequest", message="oh \x1b]0;title\x07 no")
    ran = audit(cluster, here, form=form)
    assert ran.code in (1, 3), ran.err
    assert not {"\x1b", "\x07"} & set(ran.out + ran.err)


def test_an_answer_that_breaks_off_is_a_gap(here: Path, limits: Callable[..., None]) -> None:
    limits(tries=1)
    body = b'{"kind": "DeploymentList", "items": []}'
    with raw(lambda c: c.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 4000\r\n\r\n" + body)) as running:
        ran = audit_of(running, here)
    assert (ran.code, probes(ran)) == (3, "unknown"), ran.err


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 4000\r\n\r\n"], ids=["headers", "body"])
def test_a_server_that_drips_is_left(here: Path, limits: Callable[..., None], head: bytes) -> None:
    limits(tries=1, read=1.0, answer=2.0, budget=20.0)

    def drip(connection: socket.socket) -> None:
        connection.sendall(head or b"HTTP/1.1 200 OK\r\nx: ")
        for _ in range(300):
            connection.sendall(b"x")
            time.sleep(0.1)

    started = time.monotonic()
    with raw(drip) as running:
        ran = audit_of(running, here)
    assert time.monotonic() - started < 15
    assert (ran.code, probes(ran)) == (3, "unknown"), ran.err


def test_what_is_read_of_a_cluster_is_bounded(cluster: Cluster, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from gonogo.sources.cluster import session

    monkeypatch.setattr(session, "MAX_BYTES", 3_000)
    ran = audit(cluster, here)
    assert (ran.code, probes(ran)) == (3, "unknown"), ran.err
    assert any("more than" in reason for g in ran.document["gaps"] if (reason := g["reason"]))


def test_a_page_that_names_no_next_one_in_words_is_a_gap(cluster: Cluster, here: Path) -> None:
    cluster.faults[DEPLOYMENTS] = listing(**{"continue": "x" * 200_000})
    ran = audit(cluster, here)
    assert (ran.code, probes(ran)) == (3, "unknown"), ran.err


def test_the_cluster_role_that_is_printed_is_enough(cluster: Cluster, here: Path) -> None:
    printed = run("doctor", "--role", "kubernetes")
    assert printed.code == 0
    rules = [rule for rule in yaml.safe_load(printed.out)["rules"] if "apiGroups" in rule]
    granted = {(group, resource) for rule in rules for group in rule["apiGroups"] for resource in rule["resources"]}
    refused = {path for path in cluster.lists if (path.split("/")[2] if path.startswith("/apis/") else "", path.rpartition("/")[2]) not in granted}
    assert refused >= {"/api/v1/secrets"}
    for path in refused:
        cluster.faults[path] = forbidden(path.rpartition("/")[2])
    ran = audit(cluster, here)
    assert (ran.code, probes(ran)) == (0, "satisfied"), ran.err


@contextmanager
def raw(answer: Callable[[socket.socket], object]) -> Iterator[Running]:
    """A server on this machine that writes what it likes."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)
    ended = threading.Event()

    def one(connection: socket.socket) -> None:
        with connection:
            try:
                connection.settimeout(5)
                connection.recv(65536)
                answer(connection)
            except OSError:
                return

    def serve() -> None:
        while not ended.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            threading.Thread(target=one, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield Running(f"http://127.0.0.1:{listener.getsockname()[1]}")
    finally:
        ended.set()
        thread.join()
        listener.close()

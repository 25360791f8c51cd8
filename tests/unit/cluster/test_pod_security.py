"""The Pod Security Standards, check by check."""

from __future__ import annotations

from typing import Any

import pytest

from gonogo.cluster.pod_security import LATEST, Level, Pod, breaches, meets
from gonogo.model.value import OpenList, Unknown

HIDDEN = Unknown.because("a template fills it in")
SAFE: dict[str, Any] = {
    "allowPrivilegeEscalation": False, "runAsNonRoot": True, "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"},
}  # fmt: skip


def pod(container: Any = None, security: Any = None, annotations: Any = None, **spec: Any) -> Pod:
    """A pod with one container that is restricted but for what is given."""
    context = {**SAFE, **(security or {})}
    return Pod({"containers": [{"name": "c", "securityContext": context, **(container or {})}], **spec}, annotations)


def checks(found: Pod, level: Level = Level.RESTRICTED, version: tuple[int, int] = LATEST) -> list[str]:
    return [breach.check for breach in breaches(found, level, version)]


def test_what_is_restricted_meets_every_level() -> None:
    assert [meets(pod(), level) for level in Level] == [True, True, True]
    bare = Pod({"containers": [{"name": "c"}]})
    assert [meets(bare, level) for level in Level] == [True, True, False]


@pytest.mark.parametrize(
    ("found", "check"),
    [
        (pod(hostNetwork=True), "hostNamespaces"),
        (pod(hostPID=True), "hostNamespaces"),
        (pod(hostIPC=True), "hostNamespaces"),
        (pod(security={"privileged": True}), "privileged"),
        (pod(security={"windowsOptions": {"hostProcess": True}}), "windowsHostProcess"),
        (pod(securityContext={"windowsOptions": {"hostProcess": True}}), "windowsHostProcess"),
        (pod(security={"capabilities": {"drop": ["ALL"], "add": ["SYS_ADMIN"]}}), "capabilities_baseline"),
        (pod(volumes=[{"name": "v", "hostPath": {"path": "/"}}]), "hostPathVolumes"),
        (pod({"ports": [{"containerPort": 80, "hostPort": 80}]}), "hostPorts"),
        (pod({"livenessProbe": {"httpGet": {"host": "10.0.0.1"}}}), "hostProbesAndHostLifecycle"),
        (pod({"lifecycle": {"preStop": {"tcpSocket": {"host": "x"}}}}), "hostProbesAndHostLifecycle"),
        (pod(security={"appArmorProfile": {"type": "Unconfined"}}), "appArmorProfile"),
        (pod(annotations={"container.apparmor.security.beta.kubernetes.io/c": "unconfined"}), "appArmorProfile"),
        (pod(security={"seLinuxOptions": {"type": "spc_t"}}), "seLinuxOptions"),
        (pod(securityContext={"seLinuxOptions": {"user": "root"}}), "seLinuxOptions"),
        (pod(security={"procMount": "Unmasked"}), "procMount"),
        (pod(security={"seccompProfile": {"type": "Unconfined"}}), "seccompProfile_baseline"),
        (pod(securityContext={"sysctls": [{"name": "kernel.msgmax", "value": "1"}]}), "sysctls"),
    ],
)
def test_what_is_not_baseline(found: Pod, check: str) -> None:
    assert check in checks(found, Level.BASELINE)
    assert meets(found, Level.BASELINE) is False


@pytest.mark.parametrize(
    ("found", "check"),
    [
        (pod(volumes=[{"name": "v", "nfs": {"server": "x", "path": "/"}}]), "restrictedVolumes"),
        (pod(security={"allowPrivilegeEscalation": True}), "allowPrivilegeEscalation"),
        (pod(security={"allowPrivilegeEscalation": None}), "allowPrivilegeEscalation"),
        (pod(security={"runAsNonRoot": None}), "runAsNonRoot"),
        (pod(security={"runAsNonRoot": False}), "runAsNonRoot"),
        (pod(securityContext={"runAsNonRoot": False}), "runAsNonRoot"),
        (pod(security={"runAsUser": 0}), "runAsUser"),
        (pod(securityContext={"runAsUser": 0}), "runAsUser"),
        (pod(security={"seccompProfile": None}), "seccompProfile_restricted"),
        (pod(security={"capabilities": None}), "capabilities_restricted"),
        (pod(security={"capabilities": {"drop": ["all"]}}), "capabilities_restricted"),
        (pod(security={"capabilities": {"drop": ["ALL"], "add": ["CHOWN"]}}), "capabilities_restricted"),
        (pod(security={"procMount": "Unmasked"}, hostUsers=False), "procMount_restricted"),
        (pod(initContainers=[{"name": "i"}]), "runAsNonRoot"),
    ],
)
def test_what_is_baseline_and_not_restricted(found: Pod, check: str) -> None:
    assert check in checks(found)
    assert meets(found, Level.BASELINE) is True or check.startswith(("seccomp", "procMount"))


@pytest.mark.parametrize(
    "found",
    [
        pod(security={"capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}}),
        pod(security={"runAsNonRoot": None, "seccompProfile": None}, securityContext={"runAsNonRoot": True, "seccompProfile": {"type": "Localhost"}}),
        pod(security={"runAsNonRoot": None}, hostUsers=False),
        pod({"ports": [{"containerPort": 80, "hostPort": 0}]}),
        pod({"livenessProbe": {"httpGet": {"port": 80}}}),
        pod(volumes=[{"name": "v"}, {"name": "w", "emptyDir": {}}]),
        pod(annotations={"container.apparmor.security.beta.kubernetes.io/c": "localhost/mine"}),
        pod(securityContext={"sysctls": [{"name": "net.ipv4.tcp_rmem", "value": "1"}]}),
        Pod({"os": {"name": "windows"}, "containers": [{"name": "c", "securityContext": {"runAsNonRoot": True}}]}),
    ],
)
def test_what_is_restricted(found: Pod) -> None:
    assert checks(found) == []


def test_versions_differ() -> None:
    rmem = pod(securityContext={"sysctls": [{"name": "net.ipv4.tcp_rmem", "value": "1"}]})
    assert (checks(rmem, version=(1, 31)), checks(rmem, version=(1, 32))) == (["sysctls"], [])
    probe = pod({"livenessProbe": {"httpGet": {"host": "x"}}})
    assert (checks(probe, version=(1, 33)), checks(probe, version=(1, 34))) == ([], ["hostProbesAndHostLifecycle"])
    assert checks(pod(security={"runAsUser": 0}, hostUsers=False), version=(1, 34)) == ["runAsUser"]


def test_where_it_is_written_is_told() -> None:
    [breach] = breaches(pod(security={"capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE", "SYS_ADMIN"]}}), Level.BASELINE)
    assert breach.path == ("containers", 0, "securityContext", "capabilities", "add", 1)


@pytest.mark.parametrize(
    ("found", "baseline", "restricted"),
    [
        (pod(hostNetwork=HIDDEN), HIDDEN, HIDDEN),
        (pod(security={"runAsNonRoot": HIDDEN}), True, HIDDEN),
        (pod(security={"runAsNonRoot": HIDDEN, "privileged": True}), False, False),
        (Pod(HIDDEN), HIDDEN, HIDDEN),
        (Pod({"containers": HIDDEN}), HIDDEN, HIDDEN),
        (Pod({"containers": OpenList([{"name": "c", "securityContext": SAFE}], HIDDEN)}), HIDDEN, HIDDEN),
        (pod(security={"capabilities": {"drop": OpenList([], HIDDEN)}}), True, HIDDEN),
        (pod(security={"capabilities": {"drop": OpenList(["ALL"], HIDDEN)}}), True, True),
        (pod(security={"runAsNonRoot": None}, hostUsers=HIDDEN), True, HIDDEN),
        (pod(volumes=[HIDDEN]), HIDDEN, HIDDEN),
    ],
)
def test_what_is_not_known_is_no_pass(found: Pod, baseline: Any, restricted: Any) -> None:
    assert (meets(found, Level.BASELINE), meets(found, Level.RESTRICTED)) == (baseline, restricted)

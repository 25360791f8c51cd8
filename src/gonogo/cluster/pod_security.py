"""How far a pod is confined: the Pod Security Standards, check by check, as Kubernetes' own admission plugin applies them.

https://kubernetes.io/docs/concepts/security/pod-security-standards/; the versions in which a check changed are those of
k8s.io/pod-security-admission/policy. Policies older than 1.25 are not told apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from gonogo.cluster.members import members
from gonogo.cluster.truth import Truth, all_of, any_of, negated
from gonogo.model.value import Path, Unknown, Value, lookup

Version: TypeAlias = tuple[int, int]
OLDEST: Version = (1, 25)
LATEST: Version = (1, 37)
_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")
_APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/"
_CAPABILITIES = frozenset({
    "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
})  # fmt: skip
_VOLUMES = frozenset({"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret"})
_PROFILES = frozenset({"RuntimeDefault", "Localhost"})
_SELINUX: tuple[tuple[Version, frozenset[str]], ...] = (
    ((1, 0), frozenset({"", "container_t", "container_init_t", "container_kvm_t"})),
    ((1, 31), frozenset({"container_engine_t"})),
)
_SYSCTLS: tuple[tuple[Version, frozenset[str]], ...] = (
    (
        (1, 0),
        frozenset({
            "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range",
            "net.ipv4.ip_unprivileged_port_start",
        }),
    ),
    ((1, 27), frozenset({"net.ipv4.ip_local_reserved_ports"})),
    ((1, 29), frozenset({"net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes"})),
    ((1, 32), frozenset({"net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"})),
    ((1, 37), frozenset({"net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat"})),
)  # fmt: skip


class Level(StrEnum):
    PRIVILEGED = "privileged"
    BASELINE = "baseline"
    RESTRICTED = "restricted"


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod template: its spec as it is written, and its annotations."""

    spec: Value
    annotations: Value = None


@dataclass(frozen=True, slots=True)
class Breach:
    """A setting that a level does not allow, or may not: the check, and where in the spec."""

    check: str
    level: Level
    path: Path
    certain: Truth


Found: TypeAlias = Iterator[tuple[Path, Truth]]
"""Settings, and whether each is a breach."""
Check: TypeAlias = Callable[[Pod, Version], Found]


def breaches(pod: Pod, level: Level, version: Version = LATEST) -> tuple[Breach, ...]:
    """What keeps a pod from a level: every breach of it and of the levels below it, certain or not."""
    checks = _BASELINE if level is Level.BASELINE else (*_BASELINE, *_RESTRICTED) if level is Level.RESTRICTED else ()
    return tuple(
        Breach(name, own, path, certain) for name, own, check in checks for path, certain in check(pod, version) if certain is not False
    )


def meets(pod: Pod, level: Level, version: Version = LATEST) -> Truth:
    """Whether a pod meets a level."""
    return negated(any_of(breach.certain for breach in breaches(pod, level, version)))


# --- reading ---


def _members(value: Value) -> Iterator[tuple[int, Value]]:
    """The members of a list by index; an unknown, at -1, for those that are not known."""
    for at, member in enumerate(members(value)):
        yield (-1 if isinstance(member, Unknown) else at), member


def _containers(pod: Pod) -> Iterator[tuple[Path, Value]]:
    for kind in _CONTAINERS:
        for at, container in _members(lookup(pod.spec, kind)):
            yield (kind, at), container


def _settings(pod: Pod, *path: str) -> Iterator[tuple[Path, Value]]:
    """A setting of the security context of the pod and of each container, where it is written."""
    for prefix, owner in (((), pod.spec), *_containers(pod)):
        found = lookup(owner, "securityContext", *path)
        if found is not None:
            yield (*prefix, "securityContext", *path), found


def _is(value: Value, bad: Callable[[Value], bool]) -> Truth:
    return value if isinstance(value, Unknown) else bad(value)


def _flag(value: Value, bad: bool = True) -> Truth:
    """Whether a flag is set so. A text stands for one that is filled in."""
    if value is None or isinstance(value, bool):
        return value is bad
    return value if isinstance(value, Unknown) else Unknown.because(f"{str(value)[:80]} stands where true or false belongs")


def _bad(found: Iterator[tuple[Path, Value]], bad: Callable[[Value], bool]) -> Found:
    for path, value in found:
        yield path, _is(value, bad)


def _allowed(table: tuple[tuple[Version, frozenset[str]], ...], version: Version) -> frozenset[str]:
    return frozenset(name for since, names in table if since <= version for name in names)


def _windows(pod: Pod) -> Truth:
    return _is(lookup(pod.spec, "os", "name"), lambda name: name == "windows")


def _own_users(pod: Pod) -> Truth:
    """Whether it runs in a user namespace of its own."""
    return _flag(lookup(pod.spec, "hostUsers"), bad=False)


def _unless(found: Found, excused: Truth) -> Found:
    if excused is True:
        return
    for path, certain in found:
        yield path, certain if excused is False else all_of([certain, excused])


# --- baseline ---


def _host_namespaces(pod: Pod, _: Version) -> Found:
    for name in ("hostNetwork", "hostPID", "hostIPC"):
        yield (name,), _flag(lookup(pod.spec, name))


def _host_process(pod: Pod, _: Version) -> Found:
    for path, value in _settings(pod, "windowsOptions", "hostProcess"):
        yield path, _flag(value)


def _privileged(pod: Pod, _: Version) -> Found:
    for prefix, container in _containers(pod):
        yield (*prefix, "securityContext", "privileged"), _flag(lookup(container, "securityContext", "privileged"))


def _added(pod: Pod, allowed: frozenset[str]) -> Found:
    for prefix, container in _containers(pod):
        for at, name in _members(lookup(container, "securityContext", "capabilities", "add")):
            yield (*prefix, "securityContext", "capabilities", "add", at), _is(name, lambda value: value not in allowed)


def _capabilities(pod: Pod, _: Version) -> Found:
    yield from _added(pod, _CAPABILITIES)


def _host_paths(pod: Pod, _: Version) -> Found:
    for at, volume in _members(lookup(pod.spec, "volumes")):
        yield ("volumes", at), _is(lookup(volume, "hostPath"), lambda value: value is not None)


def _host_ports(pod: Pod, _: Version) -> Found:
    for prefix, container in _containers(pod):
        for at, port in _members(lookup(container, "ports")):
            yield (*prefix, "ports", at, "hostPort"), _is(lookup(port, "hostPort"), lambda value: value not in (None, 0))


def _host_probes(pod: Pod, version: Version) -> Found:
    if version < (1, 34):
        return
    handlers = (("livenessProbe",), ("readinessProbe",), ("startupProbe",), ("lifecycle", "postStart"), ("lifecycle", "preStop"))
    for prefix, container in _containers(pod):
        for handler in handlers:
            for kind in ("httpGet", "tcpSocket"):
                path = (*handler, kind, "host")
                yield (*prefix, *path), _is(lookup(container, *path), lambda value: value not in (None, ""))


def _app_armor(pod: Pod, _: Version) -> Found:
    yield from _bad(_settings(pod, "appArmorProfile", "type"), lambda value: value not in _PROFILES)
    annotations = pod.annotations
    if isinstance(annotations, Unknown):
        yield ("annotations",), annotations
    for key, value in annotations.items() if isinstance(annotations, Mapping) else ():
        if key.startswith(_APP_ARMOR):
            yield ("annotations", key), _is(value, lambda text: str(text) not in ("", "runtime/default") and not str(text).startswith("localhost/"))


def _selinux(pod: Pod, version: Version) -> Found:
    allowed = _allowed(_SELINUX, version)
    yield from _bad(_settings(pod, "seLinuxOptions", "type"), lambda value: value not in allowed)
    for name in ("user", "role"):
        yield from _bad(_settings(pod, "seLinuxOptions", name), lambda value: value != "")


def _unmasked(pod: Pod) -> Found:
    for prefix, container in _containers(pod):
        yield (*prefix, "securityContext", "procMount"), _is(lookup(container, "securityContext", "procMount"), lambda value: value not in (None, "Default"))


def _proc_mount(pod: Pod, version: Version) -> Found:
    yield from _unless(_unmasked(pod), _own_users(pod) if version >= (1, 35) else False)


def _seccomp(pod: Pod, _: Version) -> Found:
    yield from _bad(_settings(pod, "seccompProfile", "type"), lambda value: value not in _PROFILES)


def _sysctls(pod: Pod, version: Version) -> Found:
    allowed = _allowed(_SYSCTLS, version)
    for at, sysctl in _members(lookup(pod.spec, "securityContext", "sysctls")):
        yield ("securityContext", "sysctls", at, "name"), _is(lookup(sysctl, "name"), lambda name: name not in allowed)


# --- restricted ---


def _volume_types(pod: Pod, _: Version) -> Found:
    for at, volume in _members(lookup(pod.spec, "volumes")):
        yield ("volumes", at), volume if isinstance(volume, Unknown) else _is_other_volume(volume)


def _is_other_volume(volume: Value) -> bool:
    """The API server makes a volume without a source an emptyDir (SetDefaults_Volume, kubernetes/pkg/apis/core/v1/defaults.go)."""
    sources = {key for key, value in volume.items() if key != "name" and value is not None} if isinstance(volume, Mapping) else set()
    return bool(sources) and not sources & _VOLUMES


def _escalation(pod: Pod, _: Version) -> Found:
    def found() -> Found:
        for prefix, container in _containers(pod):
            path = ("securityContext", "allowPrivilegeEscalation")
            yield (*prefix, *path), negated(_flag(lookup(container, *path), bad=False))

    yield from _unless(found(), _windows(pod))


def _in_force(pod: Pod, path: tuple[str, ...], bad: Callable[[Value], bool]) -> Found:
    """A setting that has to be good for each container, its own or the pod's; a bad one of the pod is bad for whoever overrides it, too."""
    of_pod = lookup(pod.spec, "securityContext", *path)
    if of_pod is not None:
        yield ("securityContext", *path), _is(of_pod, bad)
    for prefix, container in _containers(pod):
        own = lookup(container, "securityContext", *path)
        value = of_pod if own is None else own
        yield (*prefix, "securityContext", *path), _is(value, lambda v: v is None or bad(v))


def _non_root(pod: Pod, version: Version) -> Found:
    yield from _unless(_in_force(pod, ("runAsNonRoot",), lambda value: value is not True), _own_users(pod) if version >= (1, 35) else False)


def _user(pod: Pod, version: Version) -> Found:
    found = _bad(_settings(pod, "runAsUser"), lambda value: value == 0 and value is not False)
    yield from _unless(found, _own_users(pod) if version >= (1, 35) else False)


def _seccomp_set(pod: Pod, _: Version) -> Found:
    yield from _unless(_in_force(pod, ("seccompProfile", "type"), lambda value: value not in _PROFILES), _windows(pod))


def _dropped(pod: Pod, _: Version) -> Found:
    def found() -> Found:
        for prefix, container in _containers(pod):
            path = ("securityContext", "capabilities", "drop")
            dropped = _members(lookup(container, *path))
            yield (*prefix, *path), negated(any_of(_is(name, lambda value: value == "ALL") for _, name in dropped))
        yield from _added(pod, frozenset({"NET_BIND_SERVICE"}))

    yield from _unless(found(), _windows(pod))


def _proc_mount_always(pod: Pod, version: Version) -> Found:
    if version >= (1, 35):
        yield from _unmasked(pod)


_BASELINE: tuple[tuple[str, Level, Check], ...] = tuple(
    (name, Level.BASELINE, check)
    for name, check in (
        ("hostNamespaces", _host_namespaces), ("windowsHostProcess", _host_process), ("privileged", _privileged), ("capabilities_baseline", _capabilities),
        ("hostPathVolumes", _host_paths), ("hostPorts", _host_ports), ("hostProbesAndHostLifecycle", _host_probes), ("appArmorProfile", _app_armor),
        ("seLinuxOptions", _selinux), ("procMount", _proc_mount), ("seccompProfile_baseline", _seccomp), ("sysctls", _sysctls),
    )
)  # fmt: skip
_RESTRICTED: tuple[tuple[str, Level, Check], ...] = tuple(
    (name, Level.RESTRICTED, check)
    for name, check in (
        ("restrictedVolumes", _volume_types), ("allowPrivilegeEscalation", _escalation), ("runAsNonRoot", _non_root), ("runAsUser", _user),
        ("seccompProfile_restricted", _seccomp_set), ("capabilities_restricted", _dropped), ("procMount_restricted", _proc_mount_always),
    )
)  # fmt: skip

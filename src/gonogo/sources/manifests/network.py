"""What network objects mean: whom a policy selects, and how an entry point is exposed."""

from __future__ import annotations

import json
import re

from gonogo.model.value import Unknown
from gonogo.sources.located import Leaf, Node
from gonogo.sources.manifests.objects import KubernetesObject
from gonogo.sources.manifests.placeholders import boolean, has_placeholder, integer

_HTTP_PORTS = frozenset({80, 8080, 8000, 8008, 3000, 5000, 8888, 9080})
_TLS_PORTS = frozenset({443, 8443, 6443, 9443})
_INTERNAL = re.compile(r"internal|private", re.I)
_STS = re.compile(r"strict-transport-security", re.I)
# Annotations by which a controller is given a certificate outside of `spec.tls`.
_CERTIFICATES = (
    "networking.gke.io/managed-certificates", "networking.gke.io/v1beta1.managed-certificates",
    "networking.gke.io/certmap", "ingress.gcp.kubernetes.io/pre-shared-cert", "kubernetes.io/ingress.pre-shared-cert",
    "alb.ingress.kubernetes.io/certificate-arn", "service.beta.kubernetes.io/aws-load-balancer-ssl-cert",
    "appgw.ingress.kubernetes.io/appgw-ssl-certificate", "ingress.kubernetes.io/ssl-cert",
)  # fmt: skip
_REDIRECTS = (
    "nginx.ingress.kubernetes.io/force-ssl-redirect", "alb.ingress.kubernetes.io/ssl-redirect", "appgw.ingress.kubernetes.io/ssl-redirect",
    "traefik.ingress.kubernetes.io/redirect-entry-point", "ingress.kubernetes.io/ssl-redirect", "haproxy.org/ssl-redirect",
)  # fmt: skip


def network_policy(found: KubernetesObject) -> dict[str, Node]:
    """`podSelector`, `isolatesIngress` and `allowsAll` of a NetworkPolicy."""
    spec = found.node.get("spec") or Node({}, found.node.location)
    selector = spec.get("podSelector")
    types = spec.get("policyTypes")
    # Without policyTypes a policy always isolates ingress (NetworkPolicySpec in the API reference).
    isolates = "Ingress" in spec.texts("policyTypes") if types is not None and types.content else True
    ingress = spec.get("ingress")
    rules = ingress.items if ingress is not None else []
    allows = any(not rule.maps("from") and not rule.maps("ports") for rule in rules)
    return {
        "podSelector": selector if selector is not None and isinstance(selector.content, dict) else Node({}, spec.location),
        "isolatesIngress": Node(isolates, (types or spec).location),
        "allowsAll": Node(allows, (ingress or spec).location),
    }


def service(found: KubernetesObject) -> dict[str, Node]:
    """`podSelector`, `exposure` and `backendConfigs` of a core Service."""
    node = found.node
    spec = node.get("spec") or Node({}, node.location)
    selector = spec.get("selector")
    chosen = Node(None, spec.location)
    if selector is not None and selector.fields:
        chosen = Node({"matchLabels": selector}, selector.location)
    annotations = node.get("metadata", "annotations") or Node({}, node.location)
    balanced = spec.text("type") == "LoadBalancer"
    internal = any(_says_internal(key, value) for key, value in annotations.fields.items())
    ports = spec.maps("ports")
    numbers = {port for p in ports if isinstance(port := integer(p.get("port")), int)}
    names = {p.text("name") for p in ports} | {p.text("appProtocol") for p in ports}
    https = bool(numbers & _TLS_PORTS) or any(n.startswith(("https", "tls")) for n in names)
    https = https or any(a in annotations.fields for a in _CERTIFICATES)
    http = bool(numbers & _HTTP_PORTS) or any(n.startswith("http") and not n.startswith("https") for n in names)
    return {
        "podSelector": chosen,
        "exposure": _exposure(spec, public=balanced and not internal, http=http, https=https),
        "backendConfigs": Node([*_backend_configs(annotations)], annotations.location),
    }


def _says_internal(key: str, value: Node) -> bool:
    """`networking.gke.io/load-balancer-type: Internal`, `service.beta.kubernetes.io/azure-load-balancer-internal: "true"`."""
    if key.endswith(("load-balancer-type", "load-balancer-scheme")):
        return _INTERNAL.search(str(value.content)) is not None
    return _INTERNAL.search(key) is not None and _on(value)


def _backend_configs(annotations: Node) -> list[Node]:
    for key in ("cloud.google.com/backend-config", "beta.cloud.google.com/backend-config"):
        found = annotations.get(key)
        if found is None or not isinstance(found.content, str):
            continue
        try:
            named = json.loads(found.content)
        except ValueError:
            return [Node(Unknown.because(f"{found.location}: the annotation {key} is not JSON"), found.location)]
        if isinstance(named, dict):
            names = [named.get("default"), *(named["ports"].values() if isinstance(named.get("ports"), dict) else ())]
            return [Node(name, found.location) for name in names if isinstance(name, str)]
    return []


def ingress(found: KubernetesObject) -> dict[str, Node]:
    """`exposure` of an Ingress."""
    node = found.node
    spec = node.get("spec") or Node({}, node.location)
    annotations = node.get("metadata", "annotations") or Node({}, node.location)
    tls = spec.get("tls")
    https = bool(tls is not None and tls.items) or any(a in annotations.fields for a in _CERTIFICATES)
    https = https or "HTTPS" in annotations.text("alb.ingress.kubernetes.io/listen-ports")
    klass = spec.text("ingressClassName") or annotations.text("kubernetes.io/ingress.class")
    scheme = annotations.text("alb.ingress.kubernetes.io/scheme")
    public = not _INTERNAL.search(klass) and scheme != "internal" and not _only_local(spec)
    refuses_http = annotations.get("kubernetes.io/ingress.allow-http")
    redirects = any(_on(annotations.fields[a]) for a in _REDIRECTS if a in annotations.fields)
    # ingress-nginx redirects by default where there is a certificate; other controllers serve both unless told.
    redirects = redirects or (https and "nginx" in klass)
    place = tls if tls is not None else spec
    return {
        "exposure": _exposure(
            place,
            public=public,
            http=not (refuses_http is not None and str(refuses_http.content).lower() == "false"),
            https=https,
            redirects=redirects,
            hsts=_sends_hsts(annotations),
        )
    }


def _only_local(spec: Node) -> bool:
    """Whether every host is one of a developer's machine."""
    hosts = [rule.text("host") for rule in spec.maps("rules")]
    return bool(hosts) and all(h == "localhost" or h.endswith((".localhost", ".local", ".test")) for h in hosts)


def gateway(found: KubernetesObject) -> dict[str, Node]:
    """`exposure` of a Gateway of the Gateway API."""
    node = found.node
    spec = node.get("spec") or Node({}, node.location)
    listeners = spec.maps("listeners")
    protocols = {listener.text("protocol") for listener in listeners}
    klass = spec.text("gatewayClassName")
    public: Leaf = _INTERNAL.search(klass) is None and not re.search(r"-rilb\b|mesh|waypoint", klass)
    return {"exposure": _exposure(spec.get("listeners") or spec, public, "HTTP" in protocols, bool(protocols & {"HTTPS", "TLS"}))}


def istio_gateway(found: KubernetesObject) -> dict[str, Node]:
    """`exposure` of an Istio Gateway. Only those of an ingress gateway are public."""
    spec = found.node.get("spec") or Node({}, found.node.location)
    servers = spec.maps("servers")
    protocols = {s.text("port", "protocol").upper() for s in servers}
    plain = [s for s in servers if s.text("port", "protocol").upper() in ("HTTP", "HTTP2")]
    redirects = bool(plain) and all(boolean(s.get("tls", "httpsRedirect")) is True for s in plain)
    https = any(s.text("tls", "mode") for s in servers) or bool(protocols & {"HTTPS", "TLS"})
    selector = " ".join(str(v.content) for v in (spec.get("selector") or Node({})).fields.values())
    return {"exposure": _exposure(spec.get("servers") or spec, "egress" not in selector, bool(plain), https, redirects)}


def route(found: KubernetesObject) -> dict[str, Node]:
    """`exposure` of an OpenShift Route: without `insecureEdgeTerminationPolicy` plain HTTP is refused.

    A passthrough Route leaves headers to the pod. https://docs.openshift.com/container-platform/latest/networking/routes/secured-routes.html
    """
    node = found.node
    spec = node.get("spec") or Node({}, node.location)
    tls = spec.get("tls")
    termination, policy = spec.get("tls", "termination"), spec.get("tls", "insecureEdgeTerminationPolicy")
    https = _one_of(termination, {"edge": True, "passthrough": True, "reencrypt": True, "": False})
    if tls is not None and isinstance(tls.content, str | Unknown):
        https = _one_of(tls, {"": False})
    plain = _one_of(policy, {"Allow": True, "Redirect": True, "None": False, "": False})
    host = spec.text("host")
    annotations = node.get("metadata", "annotations") or Node({}, node.location)
    sets = re.search(r"max-age=\s*[1-9]", annotations.text("haproxy.router.openshift.io/hsts_header")) is not None
    return {
        "exposure": _exposure(
            tls if tls is not None else spec,
            public=not host.endswith((".localhost", ".local", ".test")),
            http=True if https is False else https if isinstance(https, Unknown) else plain,
            https=https,
            redirects=_one_of(policy, {"Redirect": True, "Allow": False, "None": False, "": False}),
            hsts=sets and https is True and spec.text("tls", "termination") in ("edge", "reencrypt"),
        )
    }


def _one_of(node: Node | None, meanings: dict[str, bool]) -> bool | Unknown:
    """What a word of an enumeration means; `Unknown` for one that the API does not know, or that is filled in at deployment."""
    content = node.content if node is not None else None
    meaning = meanings.get(content or "") if content is None or isinstance(content, str) else None
    if meaning is not None:
        return meaning
    return content if isinstance(content, Unknown) else Unknown.because(f"{node.location if node else ''}: {str(content)[:80]} is none of {', '.join(filter(None, meanings))}")


def http_route(found: KubernetesObject) -> dict[str, Node]:
    """Whether an HTTPRoute or VirtualService splits traffic by weight, and whether it sets HSTS."""
    spec = found.node.get("spec") or Node({}, found.node.location)
    member = "backendRefs" if found.kind.startswith("gateway.") else "route"
    splits = False
    for rule in (*spec.maps("rules"), *spec.maps("http")):
        weights = [w.content for b in rule.maps(member) if (w := b.get("weight")) is not None]
        splits = splits or len([w for w in weights if isinstance(w, int) and w > 0]) > 1
    return {"splitsTraffic": Node(splits, spec.location), "setsHsts": Node(_header(spec), spec.location)}


def middleware(found: KubernetesObject) -> dict[str, Node]:
    """Whether a Traefik Middleware sets HSTS."""
    seconds = found.node.get("spec", "headers", "stsSeconds")
    sets = seconds is not None and isinstance(seconds.content, int) and seconds.content > 0
    return {"setsHsts": Node(sets or _header(found.node), (seconds or found.node).location)}


def _header(node: Node) -> bool:
    """Whether a response header of that name is set anywhere below: as a key, or as the `name` of a header entry."""
    for path, child in node.walk():
        if path and isinstance(path[-1], str) and _STS.fullmatch(path[-1]):
            return True
        if path and path[-1] == "name" and isinstance(child.content, str) and _STS.fullmatch(child.content):
            return True
    return False


def _sends_hsts(annotations: Node) -> bool:
    return any(isinstance(v.content, str) and _STS.search(v.content) and "max-age=0" not in v.content for v in annotations.fields.values())


def _exposure(at: Node, public: Leaf, http: Leaf, https: Leaf, redirects: Leaf = False, hsts: Leaf = False) -> Node:
    facts: dict[str, Leaf] = {"public": public, "http": http, "https": https, "redirects": redirects, "hsts": hsts}
    return Node({name: Node(value, at.location) for name, value in facts.items()}, at.location)



def _on(value: Node) -> bool:
    text = str(value.content).strip().lower()
    return text not in ("", "false", "none", "0") and not has_placeholder(text)

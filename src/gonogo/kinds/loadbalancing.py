"""External load balancing: forwarding rule -> proxy -> URL map -> backend service -> network endpoint group.

The REST API is https://cloud.google.com/compute/docs/reference/rest/v1. Global and regional types are one kind each.
"""

from __future__ import annotations

from gonogo.kinds.fields import UNSAID, Default, Draft, Field, Found, Items, Table, Written, members
from gonogo.kinds.spec import Link, Spec, TerraformType, boolean, integer, last_segment, strings
from gonogo.model.shape import ANY, BOOL, INT, STRING, ListOf
from gonogo.model.value import OpenList, OpenMap, Unknown, Value, is_list

FORWARDING_RULE = "compute.googleapis.com/ForwardingRule"
HTTPS_PROXY = "compute.googleapis.com/TargetHttpsProxy"
HTTP_PROXY = "compute.googleapis.com/TargetHttpProxy"
URL_MAP = "compute.googleapis.com/UrlMap"
BACKEND_SERVICE = "compute.googleapis.com/BackendService"
BACKEND_BUCKET = "compute.googleapis.com/BackendBucket"
NEG = "compute.googleapis.com/NetworkEndpointGroup"
SSL_POLICY = "compute.googleapis.com/SslPolicy"
SSL_CERTIFICATE = "compute.googleapis.com/ManagedSslCertificate"
SECURITY_POLICY = "compute.googleapis.com/SecurityPolicy"

_NAME: Table = (Field("name", STRING, ("name", "resourceID", "metadata.name")),)
# An answer has the region's URL; Config Connector says `global` where the others say nothing.
_REGION = Field("region", STRING, ("region", "location"), convert=lambda v: None if v == "global" else last_segment(v))
_GLOBAL = Default("EXTERNAL", "provider google before 8.0: load_balancing_scheme defaults to EXTERNAL")
_REGIONAL = Default("INTERNAL", "google_compute_region_backend_service.load_balancing_scheme defaults to INTERNAL")

_SCHEME = Field(
    "loadBalancingScheme",
    STRING,
    ("load_balancing_scheme",),
    absent=_GLOBAL,
    api_absent=UNSAID,
    values=("EXTERNAL", "EXTERNAL_MANAGED", "EXTERNAL_PASSTHROUGH", "INTERNAL", "INTERNAL_MANAGED", "INTERNAL_SELF_MANAGED"),
)

# Exports of the Cloud Asset Inventory call some lists by the singular, as the protocol buffers do (`rule`, `srcIpRange`: recorded in
# github.com/forseti-security/forseti-security, tests/services/inventory/test_data/mock_cai_resources.dump).
_HEADERS = Field(
    "customResponseHeaders",
    ListOf(STRING),
    ("custom_response_headers",),
    absent=Default([], "none"),
    convert=strings,
    api=("customResponseHeaders", "customResponseHeader"),
)


def _ports(value: Value) -> Value:
    """One port is a range of one, which is how the API writes it: `443-443`."""
    text = str(value)
    return f"{text}-{text}" if text.isdigit() else value


def _iap(value: Value) -> Value:
    return value if isinstance(value, bool) or value in ("true", "false") else value not in (None, "")


def _types(*names: str) -> dict[str, TerraformType]:
    return {name: TerraformType() for name in names}


def _services(draft: Draft, written: Written) -> None:
    """Every backend that a URL map sends traffic to, wherever in it: default, host, path or route rule."""
    found: list[Value] = []
    unknown: list[Value] = []
    headers: list[Value] = []
    redirects = written.find("default_url_redirect.https_redirect")
    draft.attributes["httpsRedirect"] = written.settle(redirects.value) if isinstance(redirects, Found) else False
    _walk(written.value, found, unknown, headers)
    draft.attributes["services"] = OpenList(found, Unknown.merge(unknown)) if unknown else found
    settled = written.settle(headers)
    draft.attributes["responseHeaders"] = OpenList(headers, Unknown.merge(unknown)) if unknown else settled


def _walk(value: Value, found: list[Value], unknown: list[Value], headers: list[Value]) -> None:
    if isinstance(value, OpenList | OpenMap):
        unknown.append(value.unknown)
    if isinstance(value, dict | OpenMap):
        for key, item in value.items():
            if key in ("default_service", "service", "backend_service", "defaultService", "backendService"):
                _backend(item, found, unknown)
            elif key in ("header_name", "headerName"):
                headers.append(item)
            elif not isinstance(item, str):
                _walk(item, found, unknown, headers)
    elif is_list(value):
        for item in members(value):
            _walk(item, found, unknown, headers)


def _backend(item: Value, found: list[Value], unknown: list[Value]) -> None:
    if isinstance(item, Unknown):
        unknown.append(item)
    elif isinstance(item, str):
        if item:  # a state writes what is not set as an empty text
            found.append(str.__str__(item))
    elif isinstance(item, dict):
        reference = item.get("backendServiceRef", item.get("backendBucketRef", item))
        name = reference.get("external") or reference.get("name") if isinstance(reference, dict) else None
        if isinstance(name, str):
            found.append(name)


FORWARDING = Spec(
    FORWARDING_RULE,
    "forwarding rule",
    (
        *_NAME,
        _REGION,
        _SCHEME,
        Field("portRange", STRING, ("port_range",), convert=_ports),
        Field("target", STRING, ("target",), reference=True),
    ),
    _types("google_compute_forwarding_rule", "google_compute_global_forwarding_rule"),
    ("compute/ComputeForwardingRule",),
    assets=("compute.googleapis.com/GlobalForwardingRule",),
    links=(Link("target", "target", (HTTPS_PROXY, HTTP_PROXY), required=False),),
)

TARGET_HTTPS = Spec(
    HTTPS_PROXY,
    "target HTTPS proxy",
    (
        *_NAME,
        _REGION,
        Field("urlMap", STRING, ("url_map",), reference=True),
        Field("sslPolicy", STRING, ("ssl_policy",), reference=True),
        Field(
            "sslCertificates",
            ListOf(STRING),
            ("ssl_certificates", "certificate_manager_certificates"),
            absent=Default([], "none"),
            reference=True,
        ),
        Field("certificateMap", STRING, ("certificate_map",), reference=True),
    ),
    _types("google_compute_target_https_proxy", "google_compute_region_target_https_proxy", "google_compute_target_ssl_proxy"),
    ("compute/ComputeTargetHTTPSProxy", "compute/ComputeTargetSSLProxy"),
    assets=("compute.googleapis.com/RegionTargetHttpsProxy", "compute.googleapis.com/TargetSslProxy"),
    links=(Link("urlMap", "urlMap", (URL_MAP,)), Link("sslPolicy", "sslPolicy", (SSL_POLICY,))),
)

TARGET_HTTP = Spec(
    HTTP_PROXY,
    "target HTTP proxy",
    (*_NAME, _REGION, Field("urlMap", STRING, ("url_map",), reference=True)),
    _types("google_compute_target_http_proxy", "google_compute_region_target_http_proxy"),
    ("compute/ComputeTargetHTTPProxy",),
    assets=("compute.googleapis.com/RegionTargetHttpProxy",),
    links=(Link("urlMap", "urlMap", (URL_MAP,)),),
)

MAP = Spec(
    URL_MAP,
    "URL map",
    (*_NAME, _REGION, Field("defaultService", STRING, ("default_service",), reference=True)),
    _types("google_compute_url_map", "google_compute_region_url_map"),
    ("compute/ComputeURLMap",),
    assets=("compute.googleapis.com/RegionUrlMap",),
    derive=_services,
    derived={"httpsRedirect": BOOL, "services": ListOf(STRING), "responseHeaders": ListOf(STRING)},
    links=(Link("services", "services", (BACKEND_SERVICE, BACKEND_BUCKET), required=False),),
)

BACKEND = Spec(
    BACKEND_SERVICE,
    "backend service",
    (
        *_NAME,
        _REGION,
        _SCHEME,
        Field(
            "protocol",
            STRING,
            ("protocol",),
            absent=Default("HTTP", "google_compute_backend_service.protocol"),
            api_absent=UNSAID,
            values=("HTTP", "HTTPS", "HTTP2", "H2C", "GRPC", "TCP", "SSL", "UDP", "ALL", "UNSPECIFIED"),
        ),
        Field("securityPolicy", STRING, ("security_policy",), reference=True),
        Field("edgeSecurityPolicy", STRING, ("edge_security_policy",), reference=True),
        _HEADERS,
        # Before provider google 6.0 the block had no `enabled`: an OAuth client in it was what turned the proxy on.
        Field(
            "iap.enabled",
            BOOL,
            ("iap.enabled", "iap.oauth2_client_id"),
            absent=Default(False, "https://cloud.google.com/iap/docs"),
            convert=_iap,
        ),
        Items(
            "backends",
            (Field("group", STRING, ("group",), reference=True),),
            ("backend",),
            api=("backends", "backend"),
        ),
    ),
    {
        "google_compute_backend_service": TerraformType(),
        "google_compute_region_backend_service": TerraformType(
            absent={"loadBalancingScheme": _REGIONAL, "protocol": Default("TCP", "an internal passthrough load balancer")}
        ),
    },
    ("compute/ComputeBackendService",),
    assets=("compute.googleapis.com/RegionBackendService",),
    links=(
        Link("securityPolicy", "securityPolicy", (SECURITY_POLICY,)),
        Link("groups", "backends[].group", (NEG,), required=False),
    ),
)

BUCKET = Spec(
    BACKEND_BUCKET,
    "backend bucket",
    (
        *_NAME,
        Field("bucketName", STRING, ("bucket_name", "bucket"), reference=True),
        Field("edgeSecurityPolicy", STRING, ("edge_security_policy",), reference=True),
        _HEADERS,
    ),
    _types("google_compute_backend_bucket"),
    ("compute/ComputeBackendBucket",),
)

def _masked(draft: Draft, _: Written) -> None:
    """A URL mask takes the name of the service out of each request's address: it may be any."""
    backend = draft.attributes["cloudRun"]
    if isinstance(backend, dict) and backend["service"] in (None, "") and backend["urlMask"] not in (None, ""):
        backend["service"] = Unknown.because("its URL mask takes the service from the address of each request")


ENDPOINTS = Spec(
    NEG,
    "network endpoint group",
    (
        *_NAME,
        _REGION,
        Field("networkEndpointType", STRING, ("network_endpoint_type",)),
        Field("cloudRun.service", STRING, ("cloud_run.service",), reference=True),
        Field("cloudRun.urlMask", STRING, ("cloud_run.url_mask",)),
    ),
    {
        "google_compute_region_network_endpoint_group": TerraformType(
            absent={"networkEndpointType": Default("SERVERLESS", "google_compute_region_network_endpoint_group.network_endpoint_type")}
        ),
        "google_compute_network_endpoint_group": TerraformType(
            absent={"networkEndpointType": Default("GCE_VM_IP_PORT", "google_compute_network_endpoint_group.network_endpoint_type")}
        ),
        "google_compute_global_network_endpoint_group": TerraformType(),
    },
    ("compute/ComputeNetworkEndpointGroup", "compute/ComputeRegionNetworkEndpointGroup"),
    assets=("compute.googleapis.com/GlobalNetworkEndpointGroup", "compute.googleapis.com/RegionNetworkEndpointGroup"),
    derive=_masked,
    links=(Link("cloudRun", "cloudRun.service", ("run.googleapis.com/Service",), near=("region", "location")),),
)

POLICY = Spec(
    SSL_POLICY,
    "SSL policy",
    (
        *_NAME,
        _REGION,
        Field(
            "profile",
            STRING,
            ("profile",),
            absent=Default("COMPATIBLE", "google_compute_ssl_policy.profile"),
            api_absent=UNSAID,
            values=("COMPATIBLE", "MODERN", "RESTRICTED", "CUSTOM", "FIPS_202205"),
        ),
        Field(
            "minTlsVersion",
            STRING,
            ("min_tls_version",),
            absent=Default("TLS_1_0", "google_compute_ssl_policy.min_tls_version"),
            api_absent=UNSAID,
            values=("TLS_1_0", "TLS_1_1", "TLS_1_2", "TLS_1_3"),
        ),
        # What MODERN adds to COMPATIBLE's taking away: the key exchange without forward secrecy, TLS_RSA_*.
        Field(
            "customFeatures",
            ListOf(STRING),
            ("custom_features",),
            absent=Default([], "of the profile CUSTOM only"),
            api=("customFeatures", "customFeature"),
        ),
    ),
    _types("google_compute_ssl_policy", "google_compute_region_ssl_policy"),
    ("compute/ComputeSSLPolicy",),
    assets=("compute.googleapis.com/RegionSslPolicy",),
)

CERTIFICATE = Spec(
    SSL_CERTIFICATE,
    "managed certificate",
    (
        Field("name", STRING, ("name", "resourceID", "metadata.name"), convert=last_segment),
        Field("domains", ANY, ("managed.domains",), api=("managed.domains",)),
    ),
    _types("google_compute_managed_ssl_certificate", "google_certificate_manager_certificate"),
    ("compute/ComputeManagedSSLCertificate",),
    assets=("compute.googleapis.com/SslCertificate", "certificatemanager.googleapis.com/Certificate"),
    holds=lambda answer: answer.get("managed") is not None,
)

_RULE: Table = (
    Field("priority", INT, ("priority",), convert=integer, api_absent=Default(0, "the highest priority")),
    Field("action", STRING, ("action",), api_absent=UNSAID),
    Field("preview", BOOL, ("preview",), absent=Default(False, "google_compute_security_policy.rule.preview"), convert=boolean),
    Field("match.versionedExpr", STRING, ("match.versioned_expr",)),
    Field(
        "match.config.srcIpRanges",
        ListOf(STRING),
        ("match.config.src_ip_ranges",),
        absent=Default([], "none"),
        convert=strings,
        api=("match.config.srcIpRanges", "match.config.srcIpRange"),
    ),
    Field("match.expr.expression", STRING, ("match.expr.expression",)),
)

ARMOR = Spec(
    SECURITY_POLICY,
    "Cloud Armor policy",
    (
        *_NAME,
        _REGION,
        Field(
            "type",
            STRING,
            ("type",),
            absent=Default("CLOUD_ARMOR", "google_compute_security_policy.type"),
            api_absent=UNSAID,
            values=("CLOUD_ARMOR", "CLOUD_ARMOR_EDGE", "CLOUD_ARMOR_INTERNAL_SERVICE", "CLOUD_ARMOR_NETWORK"),
        ),
        Field(
            "adaptiveProtectionConfig.layer7DdosDefenseConfig.enable",
            BOOL,
            ("adaptive_protection_config.layer_7_ddos_defense_config.enable",),
            absent=Default(False, "google_compute_security_policy"),
            convert=boolean,
        ),
        Items("rules", _RULE, ("rule", "rules"), api=("rules", "rule")),
    ),
    _types("google_compute_security_policy", "google_compute_region_security_policy"),
    ("compute/ComputeSecurityPolicy",),
    assets=("compute.googleapis.com/RegionSecurityPolicy",),
    derive=lambda draft, _: draft.attributes.update(attachedElsewhere=False),
    # Unknown where a module that is not in the repository gets this policy: whether it attaches it is not known.
    derived={"attachedElsewhere": BOOL},
)

ARMOR_RULE = Spec(
    "compute.googleapis.com/SecurityPolicyRule",
    "Cloud Armor rule",
    (
        Field("name", STRING, ("priority",), convert=lambda v: str(v)),
        Field("securityPolicy", STRING, ("security_policy",), reference=True),
        *_RULE,
    ),
    _types("google_compute_security_policy_rule", "google_compute_region_security_policy_rule"),
    links=(Link("securityPolicy", "securityPolicy", (SECURITY_POLICY,), required=False),),
)

SPECS = (FORWARDING, TARGET_HTTPS, TARGET_HTTP, MAP, BACKEND, BUCKET, ENDPOINTS, POLICY, CERTIFICATE, ARMOR, ARMOR_RULE)

"""What the name and tag of an image tell about it."""

from __future__ import annotations

import re

from gonogo.model.value import Unknown, Value
from gonogo.sources.dockerfile.expansion import HOLE, Text


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Official images and vendors' images that are a whole operating system unless a tag says otherwise, by the last part of their name.
_FULL = _words(
    "debian ubuntu centos fedora rockylinux almalinux amazonlinux oraclelinux opensuse leap tumbleweed archlinux kali-rolling "
    "buildpack-deps python node golang ruby php perl openjdk java eclipse-temurin amazoncorretto ibmjava sapmachine maven gradle rust "
    "elixir erlang haskell swift gcc clojure groovy julia r-base rocker dart pypy mono nginx httpd tomcat jetty redis postgres mysql "
    "mariadb mongo cassandra elasticsearch kibana logstash wordpress drupal joomla ghost cloud-sdk "
    "ubi8 ubi9 ubi ubi10 rhel rhel7 miniconda3 anaconda3 playwright conda mambaforge servercore windows "
    "rabbitmq memcached haproxy"
)
_SMALL = (
    ("distroless", re.compile(r"distroless|(?:^|/)cgr\.dev/chainguard/|(?:^|/)chainguard/")),
    ("alpine", re.compile(r"(?:^|[/:_.-])(?:alpine|busybox)|alpine\d*(?:\.\d+)*(?:[-_.]|\Z)|(?:^|/)wolfi-base")),
    ("slim", re.compile(r"slim|[-_:/.]minimal|[-_:/.]micro(?:[-_:.]|\Z)|chisel|nanoserver|azurelinux/distroless|mariner/distroless")),
)
_ALPINE_BY_DEFAULT = _words("traefik registry composer docker caddy")
# Images that serve, store or run what they are given: files copied into one make no application build.
_READY = re.compile(
    r"(?:^|/)(?:(?:nginx|httpd|apache|caddy|traefik|haproxy|envoy|openresty|varnish|kong|mysql|mariadb|postgres|postgis|pgvector|timescaledb|mongo|mongodb"
    r"|redis|valkey|memcached|rabbitmq|kafka|zookeeper|cassandra|elasticsearch|opensearch|kibana|logstash|filebeat|metricbeat|grafana"
    r"|prometheus|alertmanager|loki|promtail|tempo|jaeger|fluentd|fluent-bit|telegraf|influxdb|vault|consul|keycloak|minio|solr|neo4j"
    r"|flyway|liquibase|registry|wiremock|mockserver|localstack|mailhog|pgbouncer|pgadmin4|adminer|rundeck|nats|mosquitto|coredns"
    r"|opentelemetry-collector|otelcol|vector|squid|bind9|unbound|sonarqube|nexus3|jenkins|metabase|superset|clickhouse-server)[\w.-]*)\Z"
)
# Images in which sources run as they are copied.
_INTERPRETER = re.compile(r"(?:^|/)(?:python|node|ruby|php|perl|pypy|deno|bun|r-base|julia|golang|rust|elixir|clojure|groovy|nodejs|jruby|uvicorn-gunicorn)[\w.-]*\Z")
_BARE = re.compile(
    r"(?:^|/)(?:alpine|busybox|debian|ubuntu|centos|fedora|rockylinux|almalinux|amazonlinux|oraclelinux|archlinux|photon|wolfi-base|ubi[\w-]*"
    r"|rhel[\w-]*|leap|tumbleweed|buildpack-deps|debian-base|alpine-[\w-]*|cbl-mariner|azurelinux|servercore|nanoserver)\Z"
)


def parts(image: Text) -> dict[str, Value]:
    """`registry`, `repository`, `tag` and `digest` of an image reference; each unknown only as far as it is."""
    rest, at, digest = image.marked.partition("@")
    head, slash, last = rest.rpartition("/")
    name, colon, tag = last.partition(":")
    path = f"{head}{slash}{name}"
    first, _, remainder = path.partition("/")
    hosted = bool(remainder) and ("." in first or ":" in first or first == "localhost")
    # A hole that no `:` or `@` follows may hold a tag and a digest.
    hidden = HOLE in last and not colon and not at
    known: Value = image.part(digest) if at else image.unknown if hidden or HOLE in tag else None
    return {
        "registry": image.part(first) if HOLE in first or hosted else None,
        "repository": image.part(remainder if hosted else path),
        "tag": image.part(tag) if colon else image.unknown if hidden else None,
        "digest": known,
    }


def flavor(image: Text) -> Value:
    """How much an image brings along, by its name and tag: scratch, distroless, alpine, slim or full; unknown for other names."""
    text = image.marked.lower().partition("@")[0]
    if text == "scratch":
        return "scratch"
    for name, pattern in _SMALL:
        if pattern.search(text):
            return name
    if HOLE in text:
        return image.unknown
    repository = text if ":" not in text.rpartition("/")[2] else text.rpartition(":")[0]
    last = repository.rpartition("/")[2]
    if last in _ALPINE_BY_DEFAULT and "/" not in repository.removeprefix("docker.io/").removeprefix("library/"):
        return "alpine"
    if last in _FULL or _BARE.search(repository) or "/dotnet/" in repository:
        return "full"
    return Unknown.because(f"what {image.marked} is built on is not in its name")


def is_ready_runtime(image: Text) -> bool:
    """Whether the image is a server, a store or a tool that runs what it is given."""
    return bool(_READY.search(_repository(image)))


def runs_sources(image: Text) -> bool:
    """Whether the image runs or compiles sources that are copied into it."""
    return bool(_INTERPRETER.search(_repository(image)))


def is_bare_system(image: Text) -> bool:
    """Whether the image is an operating system and nothing more."""
    return bool(_BARE.search(_repository(image)))


def _repository(image: Text) -> str:
    text = image.marked.lower().partition("@")[0]
    return text.rpartition(":")[0] if ":" in text.rpartition("/")[2] else text

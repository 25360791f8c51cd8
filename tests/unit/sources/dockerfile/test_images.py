from __future__ import annotations

import pytest

from gonogo.model.value import Unknown
from gonogo.sources.dockerfile.expansion import HOLE, Text
from gonogo.sources.dockerfile.images import flavor, parts


def image(text: str) -> Text:
    return Text(text, Unknown.because("hidden"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("scratch", "scratch"),
        ("gcr.io/distroless/base-debian12", "distroless"),
        ("cgr.dev/chainguard/python:latest", "distroless"),
        ("node:22-alpine3.21", "alpine"),
        ("alpine", "alpine"),
        ("caddy:2", "alpine"),
        ("python:3.12-slim-bookworm", "slim"),
        ("registry.access.redhat.com/ubi9/ubi-minimal:9.5", "slim"),
        ("mcr.microsoft.com/dotnet/runtime-deps:9.0-noble-chiseled", "slim"),
        ("python:3.12", "full"),
        ("docker.io/library/ubuntu", "full"),
        ("mcr.microsoft.com/dotnet/aspnet:9.0", "full"),
        ("eclipse-temurin:21-jre", "full"),
        (f"python:{HOLE}-slim", "slim"),
    ],
)
def test_flavor(name: str, expected: str) -> None:
    assert flavor(image(name)) == expected


@pytest.mark.parametrize("name", ["registry.example.com/team/base:7", f"python:{HOLE}", "acme/alpinist:1"])
def test_a_flavor_that_no_name_tells_is_unknown(name: str) -> None:
    assert isinstance(flavor(image(name)), Unknown)


def test_parts() -> None:
    assert parts(image("localhost:5000/a/b:1@sha256:x")) == {"registry": "localhost:5000", "repository": "a/b", "tag": "1", "digest": "sha256:x"}
    assert parts(image("library/redis")) == {"registry": None, "repository": "library/redis", "tag": None, "digest": None}

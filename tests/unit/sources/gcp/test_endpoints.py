from __future__ import annotations

import pytest

from gonogo.sources.gcp.credentials import Anonymous
from gonogo.sources.gcp.endpoints import EndpointError, read_endpoints
from gonogo.sources.gcp.problems import Problem

HOSTS = {"run": "run.googleapis.com", "redis-cluster": "redis.googleapis.com", "sqladmin": "sqladmin.googleapis.com"}


def bases(*options: str, **environment: str) -> dict[str, str]:
    return {name: endpoint.base for name, endpoint in read_endpoints(HOSTS, options, environment).by_service.items()}


def test_google_answers_where_nothing_else_is_said() -> None:
    assert bases() == {name: f"https://{host}" for name, host in HOSTS.items()}


def test_a_service_of_its_own_outweighs_all_and_an_option_the_environment() -> None:
    found = bases(
        "*=https://{service}.example.com/",
        "run=https://run.example.net",
        GONOGO_ENDPOINT_RUN="https://x",
        GONOGO_ENDPOINT_REDIS_CLUSTER="https://y",
    )
    assert found == {"run": "https://run.example.net", "redis-cluster": "https://y", "sqladmin": "https://sqladmin.example.com"}
    assert bases(GONOGO_ENDPOINT_ALL="http://127.0.0.1:1")["run"] == "http://127.0.0.1:1"


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("run", "write SERVICE=URL"),
        ("sqladmn=https://a", "did you mean sqladmin?"),
        ("zz=https://a", "it is one of redis-cluster, run, sqladmin"),
        ("run=ftp://a", "http:// or https://"),
        ("run=run.example.com", "http:// or https://"),
        ("run=https://[::1", "not a URL"),
        ("run=https://a:99999", "not a URL"),
        ("run=https://me:secret@a", "without user"),
        ("run=https://a?b", "without user"),
        ("run=http://run.example.com", "plain http is for loopback"),
        ("run=http://127.0.0.1.example.com", "plain http is for loopback"),
        ("run=http://10.0.0.1", "plain http is for loopback"),
        ("run=http://0.0.0.0", "plain http is for loopback"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_sentence(option: str, words: str) -> None:
    with pytest.raises(EndpointError, match=words.replace("?", r"\?")):
        read_endpoints(HOSTS, [option])


@pytest.mark.parametrize("host", ["127.0.0.1:80", "127.9.9.9", "[::1]:8080", "localhost:1"])
def test_plain_http_goes_to_loopback_addresses(host: str) -> None:
    assert read_endpoints(HOSTS, [f"*=http://{host}"]).all_loopback()


def test_nobody_asks_anonymously_where_one_endpoint_is_outside() -> None:
    outside = read_endpoints(HOSTS, ["run=http://127.0.0.1"])
    with pytest.raises(Problem, match="loopback endpoints only"):
        Anonymous(outside)

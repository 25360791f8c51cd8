from __future__ import annotations

import pytest

from gonogo.engine.redaction import display
from gonogo.lang.functions import secret_like


@pytest.mark.parametrize(
    ("value", "path", "shown"),
    [
        ({"password": "hunter2"}, ("password",), "[redacted]"),
        ({"env": [{"name": "DB_PASSWORD", "value": "hunter2"}]}, ("env", 0, "value"), "[redacted]"),
        ({"env": [{"name": "LOG_LEVEL", "value": "info"}]}, ("env", 0, "value"), "info"),
        ({"run": "curl -H x ghp_" + "a" * 36}, ("run",), "[redacted]"),
        ({"url": "postgres://app:hunter2@db/app"}, ("url",), "[redacted]"),
        ({"run": "docker login --password hunter2"}, ("run",), "docker login --password [redacted]"),
        ({"args": ["--token=abc", "x"]}, ("args",), "[--token=[redacted] x]"),
        ({"a": {"b": None}}, ("a", "b"), "null"),
        ({"a": {"b": True}}, ("a", "b"), "true"),
        ({"a": "x\n\ty"}, ("a",), "x y"),
    ],
)
def test_display(value: dict[str, object], path: tuple[str | int, ...], shown: str) -> None:
    found = display(value, path)  # type: ignore[arg-type]  # plain data
    assert "hunter2" not in found and "abc" not in found
    assert found.replace(",", "") == shown.replace(",", "")


@pytest.mark.parametrize("name", ["DB_PASSWORD", "password", "API_KEY", "apiKey", "SECRET", "JWT_SECRET", "authToken", "AWS_SECRET_ACCESS_KEY", "db.password"])
def test_secret_like(name: str) -> None:
    assert secret_like(name)


@pytest.mark.parametrize("name", ["DB_PASSWORD_FILE", "SECRET_NAME", "TOKEN_URL", "KEYBOARD", "passenger", "TOKEN_TTL", "PUBLIC_KEY", "MONKEY", "LOG_LEVEL", "apiKeyName"])
def test_not_secret_like(name: str) -> None:
    assert not secret_like(name)

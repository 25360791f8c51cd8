from __future__ import annotations

import pytest

from gonogo.sources.dockerfile.commands import read_run


def names(value: str, body: str = "") -> list[str]:
    return [command.name for command in read_run(value, body).commands]


def test_commands_of_a_run() -> None:
    assert names("--mount=type=cache,target=/x set -e; A=1 /opt/venv/bin/pip3.12 install x && sudo -E env B=2 make | tee log") == ["set", "pip", "make", "tee"]
    assert names('["bash", "-c", "npm ci && npm run build"]') == ["npm", "npm"]
    assert names("if [ -f go.mod ]; then go build ./...; fi") == ["[", "go"]
    assert names("python3 -m pip install x; python setup.py install; php composer.phar install") == ["pip", "pip", "composer"]
    assert names("<<EOF", "#!/bin/sh\ngo build\nEOF") == ["go"]
    assert names("powershell -Command \"& { 'a }; choco install x") != []


@pytest.mark.parametrize(
    ("value", "left"),
    [
        ("apt-get update && apt-get install -y curl", "apt lists"),
        ("apt-get update && apt-get -y install curl && rm -rf /var/lib/apt/lists/*", None),
        ("apt-get update && apt-get install -y curl && apt-get clean && rm -fr /var/cache/apt/* /var/lib/apt/lists", None),
        ("--mount=type=cache,target=/var/lib/apt apt-get install -y curl", None),
        ("apk add curl", "apk cache"),
        ("apk --no-cache add curl", None),
        ("apk add --update curl && rm -rf /var/cache/apk/*", None),
        ("pip install flask", "pip cache"),
        ("pip install --no-cache-dir flask", None),
        ("PIP_NO_CACHE_DIR=1 pip install flask", None),
        ("echo apt-get install", None),
        ("dnf install -y nginx", "yum cache"),
        ("microdnf install nginx && microdnf clean all", None),
    ],
)
def test_caches_left_in_a_layer(value: str, left: str | None) -> None:
    assert read_run(value).cache_left(quiet_pip=False) == left


@pytest.mark.parametrize(
    ("value", "resolves"),
    [
        ("pip install -r requirements.txt", True),
        ("pip install gunicorn", False),
        ("npm ci", True),
        ("npm install -g pnpm", False),
        ("yarn --frozen-lockfile", True),
        ("yarn build", False),
        ("uv sync --frozen", True),
        ("uv pip install -r requirements.txt", True),
        ("go mod download", True),
        ("go vet ./...", False),
        ("./mvnw -B package", True),
        ("gradle :app:bootJar", True),
        ("dotnet restore", True),
        ("cargo fetch", True),
    ],
)
def test_fetching_what_the_repository_lists(value: str, resolves: bool) -> None:
    assert read_run(value).resolves_dependencies is resolves

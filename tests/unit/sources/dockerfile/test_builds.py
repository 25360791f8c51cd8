from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.sources.dockerfile.builds import Build, declared_builds
from gonogo.sources.tree import open_tree

DOCKERFILES = ("Dockerfile", "docker/api.Dockerfile", "web/Dockerfile")


def builds(root: Path, files: dict[str, str]) -> dict[str, tuple[Build, ...]]:
    for path, text in {**dict.fromkeys(DOCKERFILES, "FROM alpine:3\n"), **files}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return dict(declared_builds(open_tree(root, standalone=True)))


@pytest.mark.parametrize(
    ("path", "text", "dockerfile", "context"),
    [
        ("build.sh", "docker build --pull -t api --file docker/api.Dockerfile \\\n  --build-arg A=b .\n", "docker/api.Dockerfile", ""),
        ("build.sh", "docker buildx build . --push -t web -f web/Dockerfile\n", "web/Dockerfile", ""),
        ("build.sh", "(cd web && podman build -t web .)\n", "web/Dockerfile", "web"),
        ("web/Makefile", "image:\n\tdocker build -t web .. -f Dockerfile\n", "web/Dockerfile", ""),
        ("compose.yaml", "services:\n  a:\n    build: {context: ., dockerfile: docker/api.Dockerfile}\n", "docker/api.Dockerfile", ""),
        ("cloudbuild.yaml", "steps:\n- name: docker\n  dir: web\n  args: [build, -t, web, .]\n", "web/Dockerfile", "web"),
        ("skaffold.yaml", "apiVersion: skaffold/v4beta1\nkind: Config\nbuild:\n  artifacts:\n  - image: web\n    context: web\n    docker: {}\n", "web/Dockerfile", "web"),
        (".github/workflows/a.yml", "jobs:\n  a:\n    steps:\n    - with:\n        file: docker/api.Dockerfile\n        push: true\n", "docker/api.Dockerfile", ""),
    ],
)
def test_who_declares_a_build(tmp_path: Path, path: str, text: str, dockerfile: str, context: str) -> None:
    assert [build.context for build in builds(tmp_path, {path: text})[dockerfile]] == [context]


def test_names_keep_what_is_written_and_star_what_is_filled_in(tmp_path: Path) -> None:
    found = builds(tmp_path, {"build.sh": 'docker build -t "${REGISTRY}/shop/web:$(git rev-parse HEAD)" web\n'})
    (build,) = found["web/Dockerfile"]
    assert build.makes("ghcr.io/acme/shop/web")
    assert not build.makes("ghcr.io/acme/shop/api")
    assert not Build("d", "", images=("*",)).makes("postgres")


@pytest.mark.parametrize("text", ["docker build https://example.com/x.git\n", "docker build ../..\n", "docker build $DIR\n", "docker build\n", "docker build -f\n"])
def test_what_is_not_in_the_tree_declares_nothing(tmp_path: Path, text: str) -> None:
    assert builds(tmp_path, {"build.sh": text}) == {}

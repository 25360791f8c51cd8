from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gonogo.kinds import all_kinds
from gonogo.kinds.application import API_DOCUMENTATION, APPLICATION, CACHE_STRATEGY, KINDS, UNREAD
from gonogo.model.resource import Gap, Resource
from gonogo.model.shape import Record
from gonogo.sources.application import ApplicationSource
from gonogo.sources.tree import open_tree


def read(root: Path, files: dict[str, str]) -> tuple[list[Resource], list[Gap]]:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    found = list(ApplicationSource().read(open_tree(root, standalone=True)))
    return [f for f in found if isinstance(f, Resource)], [f for f in found if isinstance(f, Gap)]


def applications(found: list[Resource]) -> list[tuple[object, object, object]]:
    return [(r.attributes["directory"], r.attributes["framework"], r.attributes["image"]) for r in found if r.kind == APPLICATION]


PYTHON = "FROM python:3.12\nCOPY . .\nRUN pip install -r requirements.txt\nCMD uvicorn main:app\n"
FASTAPI = {"requirements.txt": "fastapi\n", "main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n"}


def test_resources_have_every_field_of_their_kind(tmp_path: Path) -> None:
    found, gaps = read(tmp_path, {"Dockerfile": PYTHON, **FASTAPI, "docs/c.md": "# Caches\n\nKeys expire, and are invalidated.\n", "openapi.yaml": "openapi: 3.0.0\n"})
    shapes = {kind.name: kind.shape for kind in KINDS}
    assert {r.kind for r in found} == {APPLICATION, API_DOCUMENTATION, CACHE_STRATEGY}
    for resource in found:
        shape = shapes[resource.kind]
        assert isinstance(shape, Record)
        assert set(resource.attributes) == set(shape.fields), resource.kind
    assert gaps == []
    assert {kind.name for kind in KINDS} <= {kind.name for kind in all_kinds()}


def test_one_application_for_each_image(tmp_path: Path) -> None:
    files = {f"services/{name}/{path}": text for name in ("a", "b") for path, text in {"Dockerfile": PYTHON, **FASTAPI}.items()}
    found, _ = read(tmp_path, {**files, "pyproject.toml": "[tool.ruff]\n"})
    assert applications(found) == [("services/a", "fastapi", "services/a/Dockerfile"), ("services/b", "fastapi", "services/b/Dockerfile")]


def test_without_an_image_the_manifest_makes_an_application(tmp_path: Path) -> None:
    found, gaps = read(tmp_path, FASTAPI)
    assert applications(found) == [("", "fastapi", "")]
    assert gaps == []


@pytest.mark.parametrize(
    ("files", "language"),
    [
        ({"Dockerfile": "FROM maven:3 AS b\nRUN mvn package\nFROM eclipse-temurin:21\nCMD java -jar a.jar\n", "pom.xml": "<project/>"}, "java"),
        ({"Dockerfile": "FROM ruby:3\nCMD bundle exec puma\n", "Gemfile": "gem 'rails'\n"}, "ruby"),
        ({"Dockerfile": "FROM rust:1\nRUN cargo build\nCMD ./a\n", "Cargo.toml": "[package]\n"}, "rust"),
    ],
)
def test_an_application_in_a_language_that_is_not_read_is_a_gap(tmp_path: Path, files: dict[str, str], language: str) -> None:
    found, gaps = read(tmp_path, files)
    assert found == []
    assert [(g.file, g.reason, g.kinds) for g in gaps] == [("Dockerfile", f"an application in {language}, whose code is not read", UNREAD)]


def test_tooling_in_another_language_is_no_application(tmp_path: Path) -> None:
    found, gaps = read(tmp_path, {"Gemfile": "gem 'jekyll'\n", "infra/main.tf": ""})
    assert (found, gaps) == ([], [])


def test_an_image_that_tells_nothing_of_what_it_runs_is_a_gap(tmp_path: Path) -> None:
    _, gaps = read(tmp_path, {**FASTAPI, "Dockerfile": PYTHON.replace("uvicorn main:app", "/start")})
    assert [(g.file, g.kinds) for g in gaps] == [("Dockerfile", UNREAD)]


def test_a_broken_dockerfile_is_a_gap(tmp_path: Path) -> None:
    _, gaps = read(tmp_path, {**FASTAPI, "Dockerfile": "FROM python:3.12\nFOO bar\n"})
    assert [(g.file, g.kinds) for g in gaps] == [("Dockerfile", UNREAD)]


def test_nothing_of_a_repository_is_run(tmp_path: Path) -> None:
    read(tmp_path, {**FASTAPI, "Dockerfile": PYTHON, "main.py": "open('touched', 'w')\n" + FASTAPI["main.py"], "setup.py": "open('touched', 'w')\n"})
    listed = subprocess.run(["ls", str(tmp_path)], check=True, capture_output=True, text=True).stdout
    assert "touched" not in listed

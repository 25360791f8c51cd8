from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gonogo.kinds.compose import PROJECT
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Resource
from gonogo.model.value import OpenList, Unknown
from gonogo.sources.compose import ComposeSource
from gonogo.sources.compose.interpolation import interpolate, is_literal, shown
from gonogo.sources.tree import open_tree


def read(root: Path, files: dict[str, str]) -> tuple[dict[str, Resource], list[Gap]]:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    found = list(ComposeSource().read(open_tree(root, standalone=True)))
    return {f.name: f for f in found if isinstance(f, Resource)}, [f for f in found if isinstance(f, Gap)]


def project(root: Path, files: dict[str, str]) -> Any:
    resources, _ = read(root, files)
    return resources["compose.yaml"].attributes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain $$5", "plain $5"),
        ("${A}/${B:-two}", "one/two"),
        ("$A-x", "one-x"),
        ("${EMPTY:-default}", "default"),
        ("${EMPTY-default}", ""),
        ("${A:+set}${NONE:+set}", "set"),
        ("${NONE:-${ALSO:-${A}}}", "one"),
    ],
)
def test_interpolation(text: str, expected: str) -> None:
    assert interpolate(text, {"A": "one", "EMPTY": ""}) == expected


@pytest.mark.parametrize("text", ["${NONE}", "${NONE:?must be set}", "a$NONE", "${NONE:-$ALSO}"])
def test_a_variable_without_a_default_is_unknown(text: str) -> None:
    assert isinstance(interpolate({"a": [text]}, {})["a"][0], Unknown)  # type: ignore[index, call-overload]  # the shape that was given
    assert "*" in shown(text, {})


def test_nested_defaults_are_bounded() -> None:
    deep = "x"
    for _ in range(12):
        deep = "${A:-" + deep + "}"
    assert isinstance(interpolate(deep, {}), str | Unknown)


def test_only_what_is_written_is_a_literal() -> None:
    assert is_literal("s3cret")
    assert is_literal("prefix-${A}")
    assert is_literal(12345)
    assert not is_literal("${A}")
    assert not is_literal("${A:-}${B}")
    assert not is_literal(None)


def test_services_are_merged_over_overrides_includes_and_extends(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        {
            "compose.yaml": (
                "include: [shared/compose.yaml]\nx-env: &env {A: '1', B: '2'}\nservices:\n  api:\n    x-note: no\n    extends: {file: base/base.yml, service: app}\n"
                "    environment: {<<: *env, B: '3'}\n    ports: ['80:80']\n"
            ),
            "compose.override.yaml": "services:\n  api:\n    build: ./api\n    environment: [C=4, D]\n    ports: ['81:81']\n    command: [b]\n",
            "base/base.yml": "services:\n  app:\n    image: base\n    command: [a]\n    environment: [A=0, E=5]\n",
            "shared/compose.yaml": "services:\n  db: {image: postgres}\n",
        },
    )
    api = found["services"]["api"]
    assert api["environment"] == {"A": "1", "B": "3", "C": "4", "D": None, "E": "5"}
    assert api["ports"] == ["80:80", "81:81"]
    assert api["command"] == ["b"]
    assert api["build"] == {"context": "./api"}
    assert "x-note" not in api
    assert found["services"]["db"] == {"image": "postgres"}
    assert found["problems"] == []


def test_places_are_those_of_the_file_that_decides(tmp_path: Path) -> None:
    resources, _ = read(
        tmp_path,
        {"compose.yaml": "services:\n  api:\n    image: a\n", "compose.override.yaml": "services:\n  api:\n    image: b\n    environment:\n    - A=1\n"},
    )
    locations = resources["compose.yaml"].locations
    assert locations["services", "api", "image"].file == "compose.override.yaml"
    assert (locations["services", "api", "environment", "A"].file, locations["services", "api", "environment", "A"].line) == ("compose.override.yaml", 5)
    assert set(resources) == {"compose.yaml"}


def test_the_env_file_beside_gives_defaults(tmp_path: Path) -> None:
    found = project(tmp_path, {"compose.yaml": "services:\n  a: {image: '${IMAGE}:${TAG}'}\n", ".env": "# images\nexport IMAGE=jaegertracing/jaeger # one\nTAG='2'\n"})
    assert found["images"] == ["jaegertracing/jaeger:2"]


def test_an_image_of_which_only_the_tag_is_unknown_is_known(tmp_path: Path) -> None:
    found = project(tmp_path, {"compose.yaml": "services:\n  a: {image: '${R}/redis:${T}'}\n  b: {image: '${IMAGE}'}\n  c: {image: '${OURS}', build: .}\n"})
    assert isinstance(found["images"], OpenList)
    assert list(found["images"]) == ["*/redis:*"]


def test_cycles_and_what_is_outside_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "repo").mkdir()
    (tmp_path / "base.yml").write_text("services:\n  a: {image: secret}\n")
    resources, gaps = read(
        tmp_path / "repo",
        {
            "compose.yaml": "services:\n  a: {extends: {file: ../base.yml, service: a}}\n  b: {extends: {file: gone.yml, service: a}}\n",
            "loop/compose.yaml": "include: [compose.yaml]\nservices:\n  a: {extends: b}\n  b: {extends: a}\n",
        },
    )
    assert resources["compose.yaml"].attributes["problems"] == []
    assert resources["loop/compose.yaml"].attributes["problems"] != []
    assert [gap.file for gap in gaps] == ["compose.yaml", "compose.yaml"]
    assert all(gap.touches(PROJECT) for gap in gaps)


def test_a_file_that_does_not_parse_says_so_and_a_template_is_unknown(tmp_path: Path) -> None:
    resources, gaps = read(tmp_path, {"compose.yaml": "services:\n  a: [\n", "t/compose.yaml": "services:\n  {{ name }}: {{ a: b }\n"})
    assert resources["compose.yaml"].attributes["parses"] is False
    assert resources["compose.yaml"].locations["parses",] == Location("compose.yaml", 3)
    assert isinstance(resources["t/compose.yaml"].attributes["parses"], Unknown)
    assert len(gaps) == 2


@pytest.mark.parametrize(
    ("service", "ours"),
    [
        ("{build: .}", True),
        ("{build: {context: ./api, dockerfile: x}}", True),
        ("{build: 'https://github.com/acme/app.git'}", False),
        ("{build: ../elsewhere}", False),
        ("{image: node, volumes: ['./web:/app']}", True),
        ("{image: node, volumes: [{type: bind, source: ., target: /app}]}", True),
        ("{image: postgres, volumes: ['./data:/data', 'named:/x', './web/package.json:/p']}", False),
        ("{image: postgres}", False),
    ],
)
def test_what_runs_this_repository(tmp_path: Path, service: str, ours: bool) -> None:
    found = project(tmp_path, {"compose.yaml": f"services:\n  a: {service}\n", "web/package.json": "{}", "data/a.sql": ""})
    assert found["buildsRepository"] is ours


@pytest.mark.parametrize(("path", "production"), [("docker-compose.prod.yml", True), ("deploy/production/compose.yml", True), ("compose.yaml", False), ("docker-compose.dev.yml", False)])
def test_which_project_is_production(tmp_path: Path, path: str, production: bool) -> None:
    resources, _ = read(tmp_path, {path: "services:\n  a: {image: b, environment: {API_KEY: abc, API_KEY_FILE: /x, TOKEN: '${T}', DB_PASSWORD: '<here>'}}\n"})
    assert resources[path].attributes["production"] is production
    assert resources[path].attributes["plainSecrets"] == [{"service": "a", "variable": "API_KEY"}]


_YAML = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["a", "b", "${A}", "${A:-", ".", "..", "$$"]),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(
        st.sampled_from(["services", "a", "b", "build", "extends", "file", "service", "environment", "volumes", "image", "include", "context", "path"]), children, max_size=4
    ),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(value=_YAML)
def test_any_data_is_read(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    import json

    resources, _ = read(tmp_path_factory.mktemp("c"), {"compose.yaml": json.dumps(value)})
    assert set(resources) == {"compose.yaml"}

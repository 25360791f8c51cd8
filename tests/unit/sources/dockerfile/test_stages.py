from __future__ import annotations

from typing import Any

import pytest

from gonogo.model.location import Location, locate
from gonogo.model.value import Unknown
from gonogo.sources.dockerfile.instructions import DockerfileError, read_instructions
from gonogo.sources.dockerfile.stages import Stages, read_stages


def read(text: str, target: str = "") -> Stages:
    return read_stages("Dockerfile", read_instructions(text), target)


def final(stages: Stages) -> Any:
    attributes: Any = stages.attributes
    return attributes["stages"][attributes["final"]]


def test_names_are_case_insensitive_and_a_later_stage_hides_an_earlier_one() -> None:
    stages = read("FROM a:1 AS Base\nUSER first\nFROM b:1 AS BASE\nUSER second\nFROM base\n")
    assert final(stages)["user"] == "second"
    assert final(stages)["rootImage"] == "b:1"
    assert final(stages)["base"] is None


def test_arguments_before_the_first_stage_are_seen_in_from_and_must_be_repeated_in_a_stage() -> None:
    stages = read("ARG V=3.22\nARG U=app\nFROM alpine:${V}\nUSER ${U}\n")
    assert final(stages)["image"]["tag"] == "3.22"
    assert isinstance(final(stages)["user"], Unknown)
    stages = read("ARG U=app\nFROM alpine:3.22\nARG U\nUSER $U\n")
    assert final(stages)["user"] == "app"


def test_a_default_in_the_instruction_counts_where_the_argument_has_none() -> None:
    assert final(read("FROM alpine:${V:-3.22}\n"))["rootImage"] == "alpine:3.22"
    assert final(read("ARG V\nFROM alpine:${V:-${W:-edge}}\n"))["rootImage"] == "alpine:edge"
    assert final(read("ARG V=1\nFROM alpine:${V:+set}\n"))["rootImage"] == "alpine:set"


@pytest.mark.parametrize("image", ["alpine:${V#v}", "{{ .Image }}:1", "alpine:@VERSION@", "alpine:<%= tag %>"])
def test_what_is_not_computed_is_unknown(image: str) -> None:
    assert isinstance(final(read(f"ARG V=v1\nFROM {image}\n"))["rootImage"], Unknown)


def test_only_the_hidden_part_of_an_image_is_unknown() -> None:
    image = final(read("ARG R\nFROM ${R}/team/app:1.2\n"))["image"]
    assert image["tag"] == "1.2"
    assert image["digest"] is None
    assert isinstance(image["repository"], Unknown)
    image = final(read("ARG T\nFROM app:$T\n"))["image"]
    assert isinstance(image["tag"], Unknown)
    assert isinstance(image["digest"], Unknown)
    assert final(read("ARG R\nFROM ${R}app\n"))["image"]["tag"] != "latest"


def test_copies_name_stages_by_name_number_or_image() -> None:
    stages = read("FROM a:1 AS x\nFROM b:1\nCOPY --from=X /1 /1\nCOPY --chown=1 --from=0 /2 /2\nCOPY --from=nginx:1 /3 /3\nCOPY --from=1 /4 /4\n")
    assert [(c["fromStage"], c["fromImage"]) for c in final(stages)["copies"]] == [(0, None), (0, None), (None, "nginx:1"), (None, "1")]
    assert stages.attributes["takes"] == [0, 0]
    assert locate(stages.locations, ("takes", 1)) == Location("Dockerfile", 4, 1, 4)


def test_json_copies_and_heredoc_copies() -> None:
    stages = read('FROM a:1\nCOPY ["a b", "c", "/d/"]\nCOPY <<EOF /etc/motd\nhello\nEOF\n')
    assert final(stages)["copies"][0]["sources"] == ["a b", "c"]
    assert final(stages)["copies"][1]["sources"] == []


def test_onbuild_runs_in_the_stage_that_starts_from_it() -> None:
    stages = read("FROM a:1 AS base\nONBUILD USER app\nONBUILD HEALTHCHECK CMD true\nFROM base\n")
    assert final(stages)["user"] == "app"
    assert final(stages)["healthcheck"] == "CMD true"
    assert final(read("FROM a:1 AS base\nONBUILD USER app\n"))["user"] is None


def test_a_target_ends_the_build_early() -> None:
    stages = read("FROM a:1 AS Prod\nUSER app\nFROM prod AS debug\nUSER root\n", "prod")
    assert stages.attributes["final"] == 0
    assert final(stages)["user"] == "app"
    assert read("FROM a:1\n", "nothing").attributes["final"] == 0


def test_lines_are_those_of_the_file() -> None:
    stages = read("# syntax=docker/dockerfile:1\n\nFROM a:1\nRUN a \\\n # comment\n\n  && b <<EOF\nUSER root\nEOF\nUSER app\n")
    assert stages.locations["stages", 0, "runs", 0] == Location("Dockerfile", 4, 1, 9)
    assert stages.locations["stages", 0, "user"] == Location("Dockerfile", 10, 1, 10)


@pytest.mark.parametrize(
    ("text", "line"),
    [("", 1), ("# nothing\n", 1), ("RUN a\n", 1), ("FROM a\nNOPE b\n", 2), ("FROM a\nRUN cat <<EOF\nb\n", 2), ("FROM\n", 1), ("<html>\n", 1)],
)
def test_what_is_no_dockerfile_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(DockerfileError) as refused:
        read(text)
    assert refused.value.line == line


def test_variables_that_grow_are_bounded() -> None:
    growing = "".join(f"ENV A{n}=${{A{n - 1}}}${{A{n - 1}}}\n" for n in range(1, 60))
    stages = read(f"FROM a:1\nENV A0=aaaaaaaaaaaaaaaa\n{growing}USER $A59\n")
    assert isinstance(final(stages)["user"], Unknown)


@pytest.mark.parametrize(
    ("text", "builds"),
    [
        ("FROM nginx:1\nCOPY site /site\n", False),
        ("FROM nginx:1\nRUN chmod go+r /site && echo make install\n", False),
        ("FROM nginx:1\nRUN npm ci\n", True),
        ("FROM postgres:17\nRUN apt-get update && apt-get install -y postgis\n", False),
        ("FROM ubuntu:24.04\nRUN apt-get update && apt-get install -y python3\n", True),
        ("FROM python:3.12\nCOPY app.py .\n", True),
        ("FROM python:3.12\n", False),
        ("FROM eclipse-temurin:21\nCOPY target/app.jar /\n", False),
        ("FROM scratch\nCOPY app /\n", False),
        ("FROM mycorp/base:1\nRUN sh -c 'cd /src && make'\n", True),
        ("FROM mycorp/base:1\nRUN <<EOF\nset -e\ncd /src\nmake\nEOF\n", True),
        ("FROM mycorp/base:1\nRUN <<EOF\n#!/usr/bin/env python3\nmake = 1\nEOF\n", False),
        ("FROM a:1 AS b\nFROM nginx:1\nCOPY --from=b /a /a\n", True),
    ],
)
def test_what_builds_an_application(text: str, builds: bool) -> None:
    assert read(text).attributes["buildsApplication"] is builds

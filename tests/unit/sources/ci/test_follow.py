from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.model.value import Unknown
from unit.sources.ci.steps_of import does, get, place, read, steps

WORKFLOW = ".github/workflows/ci.yml"


def _workflow(*commands: str) -> str:
    return "on: push\njobs:\n  a:\n    steps:\n" + "".join(f"      - run: {command}\n" for command in commands)


def test_scripts_are_followed_through_their_own_directory(tmp_path: Path) -> None:
    files = {
        WORKFLOW: _workflow("bash ./ops/release.sh"),
        "ops/release.sh": """
            #!/usr/bin/env bash
            set -euo pipefail
            SCRIPT_DIR="$( cd "$( dirname "${BASH_SOURCE[0]}" )" && pwd )"
            "${SCRIPT_DIR}"/push.sh
            . "$(dirname "$0")/lib.sh"
            publish 1.2
        """,
        "ops/push.sh": "#!/bin/sh\ndocker push a:1\n",
        "ops/lib.sh": 'publish() {\n  docker push "b:$1"\n}\n',
    }
    found = {str(get(s, "images", 0)): place(s) for s in steps(tmp_path, files)}
    assert found["a:1"] == "ops/push.sh:2"


@pytest.mark.parametrize(
    "move",
    ['cd "$(dirname "$0")/.."', "cd `dirname $0`/..", 'cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." || exit', 'cd "$(git rev-parse --show-toplevel)"'],
)
def test_a_script_that_goes_to_its_own_directory_is_followed_there(tmp_path: Path, move: str) -> None:
    files = {WORKFLOW: _workflow("ci/run"), "ci/run": f"#!/bin/sh\n{move}\nmake test\n", "Makefile": "test:\n\tpytest\n"}
    (step,) = steps(tmp_path, files)
    assert place(step) == "Makefile:2"
    assert get(step, "does", "tests") is True


def test_scripts_that_call_each_other_end(tmp_path: Path) -> None:
    files = {WORKFLOW: _workflow("./a.sh"), "a.sh": "#!/bin/sh\n./b.sh\npytest\n", "b.sh": "#!/bin/sh\n./a.sh\n"}
    assert [place(s) for s in steps(tmp_path, files)] == ["a.sh:3"]


def test_a_script_that_is_not_there_may_do_what_its_name_says(tmp_path: Path) -> None:
    (step,) = steps(tmp_path, {WORKFLOW: _workflow("./scripts/build-docker-image.sh")})
    assert isinstance(get(step, "does", "imageBuild"), Unknown)


def test_make_targets_with_their_prerequisites_and_variables(tmp_path: Path) -> None:
    files = {
        WORKFLOW: _workflow("make -C app release TAG=v2"),
        "app/Makefile": """
            REGISTRY ?= ghcr.io/acme
            TAG ?= dev
            IMAGE := $(REGISTRY)/shop:$(TAG)
            .PHONY: release
            release: image
            \t-@docker push \\
            \t  $(IMAGE)
            image:
            \tdocker build -t $(IMAGE) . && \\
            \t  echo "$$HOME"
        """,
    }
    found = {str(get(s, "program")) + str(get(s, "arguments", 0)): s for s in steps(tmp_path, files)}
    push, build = found["dockerpush"], found["dockerbuild"]
    assert (get(push, "images", 0), place(push), get(push, "blocking")) == ("ghcr.io/acme/shop:v2", "app/Makefile:6", False)
    assert (place(build), get(build, "published")) == ("app/Makefile:9", True)


def test_included_makefiles_keep_their_lines_and_may_ask_for_one_shell(tmp_path: Path) -> None:
    files = {
        WORKFLOW: _workflow("make image"),
        "Makefile": "include build/docker.mk\n",
        "build/docker.mk": "TAG = v1\n.ONESHELL: image\nimage:\n\tif true; then\n\t  docker push app:$(TAG)\n\tfi\n",
    }
    found = [place(s) for s in steps(tmp_path, files) if "imagePush" in does(s)]
    assert found == ["build/docker.mk:5"]


def test_what_make_computes_leaves_the_rest_of_the_line(tmp_path: Path) -> None:
    files = {
        WORKFLOW: _workflow("make image"),
        "Makefile": """
            Q = $(if $(filter 1,$V),,@)
            M = $(shell printf "> ")
            NAME := $(notdir $(shell pwd))
            image: ; $(info $(M) building $(notdir $@)) $Q
            \t$Q docker push app:$(if $(TAG),$(TAG),$(NAME))
        """,
    }
    [push] = steps(tmp_path, files)
    assert ("imagePush" in does(push), place(push)) == (True, "Makefile:5")


def test_package_scripts_with_arguments(tmp_path: Path) -> None:
    package = '{"scripts": {\n "test": "npm run unit",\n "unit": "jest",\n "lint": "eslint ."}}'
    files = {
        WORKFLOW: _workflow("npm --prefix web run unit -- --coverage", "yarn --cwd web test", "npm run lint --prefix web"),
        "web/package.json": package,
    }
    found = steps(tmp_path, files)
    assert [(does(s), place(s)) for s in found if does(s)] == [({"tests", "coverage"}, "web/package.json:3"), ({"tests"}, "web/package.json:3")]


def test_the_stub_that_npm_writes_is_no_test(tmp_path: Path) -> None:
    package = '{"scripts": {"test": "echo \\"Error: no test specified\\" && exit 1"}}'
    assert steps(tmp_path, {WORKFLOW: _workflow("npm test"), "package.json": package}) == []


def test_a_script_that_cannot_be_parsed_is_a_gap_at_its_line(tmp_path: Path) -> None:
    _, gaps = read(tmp_path, {WORKFLOW: _workflow("./a.sh"), "a.sh": "#!/bin/sh\necho a\necho 'open\n"})
    assert [(g.file, g.line, g.kinds) for g in gaps] == [("a.sh", 3, ("ci/*",))]


def test_scripts_that_no_pipeline_calls_declare_but_are_no_ci(tmp_path: Path) -> None:
    files = {
        "deploy.sh": "#!/bin/sh\nREGION=europe-west1\ngcloud beta run deploy shop --image gcr.io/acme/shop --region $REGION --min-instances 1 --no-traffic -q\n",
        "Makefile": "db:\n\tgcloud sql instances create main --database-version=POSTGRES_16 --availability-type=REGIONAL\n",
    }
    resources, gaps = read(tmp_path, files)
    assert gaps == []
    assert [(r.kind, r.name, str(r.locations[()])) for r in resources] == [
        ("sqladmin.googleapis.com/Instance", "main", "Makefile:2"),
        ("run.googleapis.com/Service", "shop", "deploy.sh:3"),
    ]


def test_hostile_scripts_end(tmp_path: Path) -> None:
    bomb = "#!/bin/sh\nf() { f; f; }\nf\n" + "$(" * 200 + "\n" + "a() { b; }; b() { a; }; a\n"
    nested = "#!/bin/sh\n" + "( " * 300 + "pytest" + " )" * 300 + "\n"
    many = "#!/bin/sh\n" + "for a in 1 2 3 4 5 6 7 8; do " * 12 + "pytest; " + "done; " * 12 + "\n"
    chain = "".join(f"V{n} = $(V{n + 1})$(V{n + 1})\n" for n in range(3000))
    make = chain + "all: all\n\t$(MAKE) all\nA = $(B)\nB = $(A)\nx:\n\tdocker push $(A)$(V0)\n"
    files = {
        WORKFLOW: _workflow("./bomb.sh", "./nested.sh", "./many.sh", "make", "make x"),
        "bomb.sh": bomb,
        "nested.sh": nested,
        "many.sh": many,
        "Makefile": make,
    }
    resources, gaps = read(tmp_path, files)
    assert {g.file for g in gaps} == {"bomb.sh", "nested.sh"}
    assert any("tests" in does(r) for r in resources if r.kind == "ci/Step")

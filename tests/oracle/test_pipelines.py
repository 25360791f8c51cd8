"""The action, the hook and the files for pipelines, read by the tools of each platform, and run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def tool(name: str) -> str:
    """A program of this Python's environment, or of the machine; skips where there is none."""
    found = shutil.which(name, path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def output(*command: str | Path, cwd: Path = ROOT) -> str:
    """What a program prints; it must succeed."""
    done = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-2000:]
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("vendor.github-actions", "action.yml"),
        *(("vendor.github-workflows", f".github/workflows/{path.name}") for path in WORKFLOWS),
        *(("custom.github-workflows-require-timeout", f".github/workflows/{path.name}") for path in WORKFLOWS),
        ("vendor.dependabot", ".github/dependabot.yml"),
        ("vendor.cloudbuild", "docs/pipelines/cloudbuild.yaml"),
        ("vendor.azure-pipelines", "docs/pipelines/azure-pipelines.yml"),
    ],
)
def test_a_file_has_the_shape_that_its_platform_wants(schema: str, file: str) -> None:
    output(tool("check-jsonschema"), "--regex-variant", "nonunicode", "--builtin-schema", schema, file)


def test_the_component_has_the_shape_of_one(tmp_path: Path) -> None:
    """What GitLab makes of it: the second document, with the inputs filled in."""
    text = (ROOT / "templates" / "gonogo.yml").read_text()
    spec, job = text.split("\n---\n")
    inputs = yaml.safe_load(spec)["spec"]["inputs"]
    assert [name for name, about in inputs.items() if "default" not in about] == ["image"]
    for name, about in inputs.items():
        job = job.replace(f"$[[ inputs.{name} ]]", str(about.get("default", "gonogo:1")))
    assert "$[[" not in job
    (tmp_path / ".gitlab-ci.yml").write_text(job)
    output(tool("check-jsonschema"), "--builtin-schema", "vendor.gitlab-ci", tmp_path / ".gitlab-ci.yml")


def test_zizmor_finds_nothing_in_its_strictest_mood() -> None:
    said = output(tool("zizmor"), "--offline", "--persona=auditor", "--collect=all", "action.yml", ".github")
    assert "No findings to report" in said


def test_hadolint_finds_nothing_in_our_dockerfile() -> None:
    assert output(tool("hadolint"), "Dockerfile") == ""


def test_the_manifest_of_the_hook_is_valid() -> None:
    output(tool("pre-commit"), "validate-manifest", ".pre-commit-hooks.yaml")


def test_pre_commit_runs_the_hook(tmp_path: Path) -> None:
    """In a repository of its own, installed from a clone of this one, as `repos:` of a user's configuration does."""
    source, scratch = tmp_path / "gonogo", tmp_path / "app"
    git = tool("git")
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(".*cache*", ".venv", "build", "tests", "fixtures", ".git", "__pycache__", ".hypothesis"))
    for directory in (source, scratch):
        directory.mkdir(exist_ok=True)
        output(git, "init", "--quiet", cwd=directory)
    (scratch / "Dockerfile").write_text("FROM alpine:latest\nUSER root\n")
    for directory in (source, scratch):
        output(git, "add", "--all", cwd=directory)
        output(git, *identity, "commit", "--quiet", "--message", "all", cwd=directory)
    environment = {**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "cache")}
    command = [tool("pre-commit"), "try-repo", str(source), "gonogo", "--all-files", "--verbose"]
    done = subprocess.run(command, cwd=scratch, capture_output=True, text=True, timeout=300, check=False, env=environment)
    if "pip" in done.stdout and "An unexpected error has occurred" in done.stdout:
        pytest.skip("pip cannot bring the dependencies of the hook")
    assert "Dockerfile:2: dockerfile-nonroot high violated" in done.stdout
    assert done.returncode == 1


# The composite action, each step run as the runner would.


def steps() -> dict[str, dict[str, Any]]:
    return {step["name"]: step for step in yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]}


def run_step(name: str, directory: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """One step in `directory`, with gonogo of this checkout where the first step installs it."""
    home = directory.parent / "runner"
    binaries = home / "gonogo" / "bin"
    binaries.mkdir(parents=True, exist_ok=True)
    for program, module in (("python", ""), ("gonogo", " -m gonogo")):
        (binaries / program).write_text(f'#!/bin/sh\nexec "{sys.executable}"{module} "$@"\n')
        (binaries / program).chmod(0o755)
    environment = {
        "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), "RUNNER_TEMP": str(home),
        "GITHUB_OUTPUT": str(home / "output"), "GITHUB_STEP_SUMMARY": str(home / "summary"), **inputs,
    }  # fmt: skip
    script = home / "step.sh"
    script.write_text(steps()[name]["run"])
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
    return subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=120, check=False, env=environment)


def scanned(directory: Path, **inputs: str) -> tuple[dict[str, str], subprocess.CompletedProcess[str]]:
    """The outputs of the step `Scan`, and what it printed."""
    given = dict.fromkeys(steps()["Scan"]["env"], "") | {"SCAN_PATH": "."} | inputs
    done = run_step("Scan", directory, **given)
    text = (directory.parent / "runner" / "output").read_text()
    return dict(line.split("=", 1) for line in text.splitlines()), done


@pytest.fixture
def app(tmp_path: Path) -> Path:
    directory = tmp_path / "app"
    directory.mkdir()
    (directory / "Dockerfile").write_text("FROM alpine:latest\nUSER root\n")
    (directory / "CHECK LIST.md").write_text("- [x] Non-root <!-- gonogo: dockerfile-nonroot -->\n")
    return directory


def test_the_action_says_what_it_found_and_then_fails(app: Path) -> None:
    outputs, done = scanned(app, CHECKLIST="CHECK LIST.md")
    assert done.returncode == 0, done.stderr
    assert (outputs["decision"], outputs["exit-code"]) == ("NO-GO", "1")
    assert Path(outputs["sarif"]).is_file()
    assert "::error file=Dockerfile,line=2" in done.stdout
    assert "NO-GO" in (app.parent / "runner" / "summary").read_text()
    assert run_step("Decide", app, CODE=outputs["exit-code"]).returncode == 1
    assert run_step("Decide", app, CODE="0").returncode == 0


def test_further_arguments_are_one_on_a_line(app: Path) -> None:
    outputs, _ = scanned(app, ARGUMENTS="--checklist\nCHECK LIST.md\n\n--exit-zero\n")
    assert (outputs["decision"], outputs["exit-code"]) == ("NO-GO", "0")
    assert "CHECK%20LIST.md" in Path(outputs["sarif"]).read_text()


@pytest.mark.parametrize("value", ["$(touch pwned)", "`touch pwned`", '"; touch pwned; "', "--config=/etc/passwd", "a b", "x\ndecision=GO"])
def test_inputs_are_no_code(app: Path, value: str) -> None:
    for name in ("SCAN_PATH", "CHECKLIST", "ENVIRONMENT", "FAIL_ON", "DIFF", "ARGUMENTS"):
        (app.parent / "runner" / "output").unlink(missing_ok=True)
        outputs, done = scanned(app, **{name: value})
        assert not (app / "pwned").exists()
        assert outputs["decision"] != "GO", (name, done.stdout)
        assert done.returncode == 0


def test_a_run_that_ended_early_is_not_uploaded() -> None:
    condition = steps()["Upload"]["if"]
    assert """fromJSON('["0", "1", "3"]')""" in condition

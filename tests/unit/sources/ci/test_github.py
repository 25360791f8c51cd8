from __future__ import annotations

from pathlib import Path

from gonogo.model.value import Unknown
from unit.sources.ci.steps_of import does, get, place, read, steps

WORKFLOW = ".github/workflows/ci.yml"


def test_every_command_has_the_line_it_stands_on(tmp_path: Path) -> None:
    workflow = """
        on: push
        jobs:
          a:
            steps:
              - run: |

                  echo start

                  docker push a:1
              - run: >-
                  docker
                  push b:1
              - run: "docker push c:1"
              - run: docker push
                  d:1
              - {run: docker push e:1}
    """
    found = steps(tmp_path, {WORKFLOW: workflow})
    assert {str(get(s, "images", 0)): place(s).rpartition(":")[2] for s in found} == {
        "a:1": "9",
        "b:1": "11",
        "c:1": "13",
        "d:1": "14",
        "e:1": "16",
    }


def test_a_literal_matrix_is_expanded(tmp_path: Path) -> None:
    workflow = """
        on: push
        jobs:
          a:
            strategy: {matrix: {app: [web, api], include: [{app: web, tag: v1}, {app: api, tag: v2}]}}
            steps:
              - run: docker push ghcr.io/acme/${{ matrix.app }}:${{ matrix.tag }}
    """
    assert {get(s, "images", 0) for s in steps(tmp_path, {WORKFLOW: workflow})} == {"ghcr.io/acme/web:v1", "ghcr.io/acme/api:v2"}


def test_a_local_action_and_a_reusable_workflow_are_followed_with_their_inputs(tmp_path: Path) -> None:
    files = {
        WORKFLOW: """
            on: push
            jobs:
              call:
                uses: ./.github/workflows/release.yml
                with: {image: shop}
        """,
        ".github/workflows/release.yml": """
            on: {workflow_call: {inputs: {image: {type: string}, tag: {type: string, default: v7}}}}
            jobs:
              push:
                steps:
                  - uses: ./.github/actions/push
                    with: {reference: "${{ inputs.image }}:${{ inputs.tag }}"}
        """,
        ".github/actions/push/action.yml": """
            inputs: {reference: {required: true}}
            runs:
              using: composite
              steps:
                - run: docker push "${{ inputs.reference }}"
                  shell: bash
        """,
    }
    (step,) = steps(tmp_path, files)
    assert (get(step, "images"), place(step)) == (["shop:v7"], ".github/actions/push/action.yml:5")
    assert get(step, "pipeline") == WORKFLOW


def test_a_workflow_that_calls_itself_ends(tmp_path: Path) -> None:
    workflow = """
        on: {push: {}, workflow_call: {}}
        jobs:
          again: {uses: ./.github/workflows/ci.yml}
          test: {steps: [{run: pytest}]}
    """
    assert len(steps(tmp_path, {WORKFLOW: workflow})) == 1


def test_a_reusable_workflow_that_nothing_calls_runs_nothing(tmp_path: Path) -> None:
    assert steps(tmp_path, {WORKFLOW: "on: workflow_call\njobs: {a: {steps: [{run: pytest}]}}"}) == []


def test_a_reusable_workflow_that_is_missing_is_a_gap(tmp_path: Path) -> None:
    _, gaps = read(tmp_path, {WORKFLOW: "on: push\njobs:\n  a:\n    uses: ./.github/workflows/gone.yml"})
    assert [(g.file, g.line, g.kinds) for g in gaps] == [(WORKFLOW, 4, ("ci/*",))]


def test_a_job_that_needs_one_that_never_runs_never_runs(tmp_path: Path) -> None:
    workflow = """
        on: push
        jobs:
          a: {if: false, steps: [{run: pytest a}]}
          b: {needs: a, steps: [{run: pytest b}]}
          c: {needs: [a], if: always(), steps: [{run: pytest c}]}
    """
    assert {get(s, "job"): get(s, "effective") for s in steps(tmp_path, {WORKFLOW: workflow})} == {"a": False, "b": False, "c": True}


def test_a_step_for_another_event_than_the_triggers_never_runs(tmp_path: Path) -> None:
    workflow = """
        on: pull_request
        jobs:
          a:
            steps:
              - {if: github.event_name == 'push', run: pytest}
              - {if: "github.event_name != 'push' && github.repository == 'acme/shop'", run: tox}
    """
    assert [get(s, "effective") for s in steps(tmp_path, {WORKFLOW: workflow})] == [False, True]


def test_the_workflows_that_a_workflow_waits_for_start_it(tmp_path: Path) -> None:
    files = {
        ".github/workflows/a.yml": "name: Build\non: {push: {branches: [main]}}\njobs: {}",
        ".github/workflows/b.yml": "on: {workflow_run: {workflows: [Build]}}\njobs: {a: {steps: [{run: pytest}]}}",
    }
    (step,) = steps(tmp_path, files)
    assert get(step, "pushTriggered") is True


def test_commands_given_to_an_action_that_is_not_here_are_read(tmp_path: Path) -> None:
    workflow = """
        on: push
        jobs:
          a:
            steps:
              - uses: acme/runner@v1
                with:
                  commands: |
                    npm ci
                    pytest
    """
    (step,) = steps(tmp_path, {WORKFLOW: workflow})
    assert (does(step), place(step)) == ({"tests"}, f"{WORKFLOW}:9")
    assert isinstance(get(step, "blocking"), Unknown)


def test_pipefail_is_on_with_shell_bash_only(tmp_path: Path) -> None:
    workflow = """
        on: push
        jobs:
          a:
            steps:
              - run: pytest | tee log
              - {run: pytest | tee log, shell: bash}
              - {run: "pytest\\necho done", shell: "bash {0}"}
    """
    assert [get(s, "blocking") for s in steps(tmp_path, {WORKFLOW: workflow})] == [False, True, False]


def test_a_deployment_action_declares_the_service(tmp_path: Path) -> None:
    workflow = """
        on: push
        jobs:
          a:
            steps:
              - uses: google-github-actions/deploy-cloudrun@v2
                with:
                  service: shop
                  image: gcr.io/acme/shop:1
                  flags: --min-instances=2
                  env_vars: |
                    A=1
                    B=2
    """
    resources, _ = read(tmp_path, {WORKFLOW: workflow})
    (service,) = [r for r in resources if r.kind == "run.googleapis.com/Service"]
    assert (service.name, str(service.locations[()])) == ("shop", f"{WORKFLOW}:5")


def test_broken_yaml_is_a_gap(tmp_path: Path) -> None:
    _, gaps = read(tmp_path, {WORKFLOW: "on: push\njobs:\n  a: [\n"})
    assert [(g.file, g.kinds) for g in gaps] == [(WORKFLOW, ("ci/*",))]


def test_odd_shapes_are_read_past(tmp_path: Path) -> None:
    for index, text in enumerate(
        (
            "[]",
            "on: 5\njobs: 7",
            "on: push\njobs: {a: 1, b: {steps: {}}, c: {steps: [1, null, {run: 5}, {uses: 7}]}}",
            "jobs: {a: {steps: [{run: pytest}]}}",
        )
    ):
        found = steps(tmp_path / str(index), {WORKFLOW: text})
        assert [get(s, "effective") for s in found] == ([False] if index == 3 else [])

from __future__ import annotations

from pathlib import Path

from gonogo.model.value import Unknown
from unit.sources.ci.steps_of import does, get, place, read, steps


def test_cloud_build_substitutions_have_defaults(tmp_path: Path) -> None:
    build = """
        steps:
          - name: gcr.io/cloud-builders/docker
            args: [push, "$_IMAGE:${_TAG}"]
          - name: gcr.io/cloud-builders/docker
            entrypoint: bash
            args:
              - -c
              - |
                docker build -t $_IMAGE:$$(date +%s) .
                docker push ${_IMAGE}:$SHORT_SHA
        substitutions: {_IMAGE: "gcr.io/${PROJECT_ID}/shop", _TAG: v3}
    """
    found = steps(tmp_path, {"cloudbuild.yaml": build})
    assert [(get(s, "images", 0), place(s)) for s in found] == [
        ("gcr.io/${PROJECT_ID}/shop:v3", "cloudbuild.yaml:3"),
        ("gcr.io/${PROJECT_ID}/shop:$(date +%s)", "cloudbuild.yaml:9"),
        ("gcr.io/${PROJECT_ID}/shop:${SHORT_SHA}", "cloudbuild.yaml:10"),
    ]


def test_cloud_build_in_json_and_allowed_failures(tmp_path: Path) -> None:
    build = '{"steps": [{"name": "python", "entrypoint": "python", "args": ["-m", "pytest"], "allowFailure": true}]}'
    (step,) = steps(tmp_path, {"cloudbuild.json": build})
    assert (does(step), get(step, "blocking")) == ({"tests"}, False)


def test_a_bash_script_without_errexit_hides_all_but_its_last_command(tmp_path: Path) -> None:
    build = """
        steps:
          - name: python
            args: [bash, -c, "pytest\\necho done"]
          - name: python
            args: [bash, -ec, "pytest\\necho done"]
          - name: python
            script: |
              pytest
              echo done
    """
    blocking = [get(s, "blocking") for s in steps(tmp_path, {"cloudbuild.yaml": build})]
    assert blocking[:2] == [False, True]
    assert isinstance(blocking[2], Unknown)


def test_gitlab_jobs_extend_include_and_inherit(tmp_path: Path) -> None:
    files = {
        ".gitlab-ci.yml": """
            include: /ci/base.yml
            variables: {IMAGE: registry.example.com/shop}
            default: {before_script: [docker login -u _json_key --password-stdin]}
            push:
              extends: .push
              rules:
                - if: $CI_COMMIT_BRANCH == "main"
                  when: manual
            off:
              extends: .push
              rules: [{when: never}]
        """,
        "ci/base.yml": """
            .push:
              script:
                - docker push "$IMAGE:$CI_COMMIT_SHORT_SHA"
        """,
    }
    found = {str(get(s, "job")): s for s in steps(tmp_path, files) if "imagePush" in does(s)}
    assert (place(found["push"]), get(found["push"], "manual"), get(found["push"], "versionTagged")) == ("ci/base.yml:3", True, True)
    assert get(found["off"], "effective") is False
    assert any("keyLogin" in does(s) for s in steps(tmp_path, files))


def test_what_gitlab_ships_is_known_by_name_and_other_includes_are_not(tmp_path: Path) -> None:
    pipeline = """
        include:
          - template: Security/SAST.gitlab-ci.yml
          - project: acme/ci
            file: /docker-build.yml
    """
    template, other = steps(tmp_path, {".gitlab-ci.yml": pipeline})
    assert does(template) == {"staticAnalysis"}
    assert isinstance(get(other, "does", "imageBuild"), Unknown)


def test_travis_phases_after_the_script_cannot_fail(tmp_path: Path) -> None:
    found = steps(tmp_path, {".travis.yml": "script: pytest\nafter_success:\n  - tox\n"})
    assert [(get(s, "blocking"), place(s)) for s in found] == [(True, ".travis.yml:1"), (False, ".travis.yml:3")]


def test_circleci_commands_and_approvals(tmp_path: Path) -> None:
    config = """
        commands:
          push: {steps: [{run: {name: Push, command: "docker push a:<< parameters.tag >>"}}]}
        jobs:
          release:
            steps: [checkout, push]
        workflows:
          main: {jobs: [{hold: {type: approval}}, {release: {requires: [hold]}}]}
    """
    (step,) = steps(tmp_path, {".circleci/config.yml": config})
    assert (does(step), get(step, "manual")) == ({"imagePush"}, True)


def test_jenkins_shell_steps_are_read_and_comments_are_not(tmp_path: Path) -> None:
    pipeline = """
        // sh 'docker push old:1'
        /* sh 'docker push older:1' */
        stage('Release') {
          sh '''
            set -e
            docker push new:1
          '''
          sh(script: "docker push \\"$IMAGE\\"")
        }
    """
    found = steps(tmp_path, {"Jenkinsfile": pipeline})
    assert [(get(s, "images", 0), place(s)) for s in found] == [("new:1", "Jenkinsfile:6"), ("${IMAGE}", "Jenkinsfile:8")]


def test_a_pipeline_in_a_shared_library_is_a_gap(tmp_path: Path) -> None:
    _, gaps = read(tmp_path, {"Jenkinsfile": "@Library('acme') _\nstandardPipeline()\n"})
    assert [g.line for g in gaps] == [1]


def test_bitbucket_and_azure(tmp_path: Path) -> None:
    files = {
        "bitbucket-pipelines.yml": "pipelines: {default: [{step: {script: [pytest]}}, {step: {trigger: manual, script: [tox]}}]}",
        "azure-pipelines.yml": "steps:\n  - script: pytest\n    continueOnError: true\n",
    }
    found = {f"{get(s, 'system')} {get(s, 'program')}": (get(s, "manual"), get(s, "blocking")) for s in steps(tmp_path, files)}
    assert found == {"bitbucket pytest": (False, True), "bitbucket tox": (True, True), "azure-pipelines pytest": (False, False)}


def test_systems_whose_scripts_stand_under_known_keys(tmp_path: Path) -> None:
    files = {
        ".drone.yml": """
            kind: pipeline
            steps:
              - {name: test, image: golang, commands: [go test ./...]}
              - {name: push, image: "plugins/docker:20", settings: {repo: acme/shop, tags: ["1.2"]}}
        """,
        ".buildkite/pipeline.yml": "steps:\n  - command: pytest\n",
    }
    everything = steps(tmp_path, files)
    assert [get(s, "versionTagged") for s in everything if "imagePush" in does(s)] == [True]
    found = {f"{get(s, 'system')} {get(s, 'name')}": (does(s), place(s)) for s in everything}
    assert found == {
        "drone test": ({"tests"}, ".drone.yml:3"),
        "drone push": ({"imageBuild", "imagePush"}, ".drone.yml:4"),
        "buildkite command": ({"tests"}, ".buildkite/pipeline.yml:2"),
    }


def test_tekton_is_a_gap(tmp_path: Path) -> None:
    _, gaps = read(tmp_path, {".tekton/push.yaml": "apiVersion: tekton.dev/v1\nkind: PipelineRun\n"})
    assert [g.kinds for g in gaps] == [("ci/*",)]

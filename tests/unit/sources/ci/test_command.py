from __future__ import annotations

import pytest

from gonogo.model.location import Location
from gonogo.model.value import lookup
from gonogo.sources.ci.command import Command, ShellText, unwrap
from gonogo.sources.ci.gcloud import resources_of
from gonogo.sources.ci.shell.run import Text
from gonogo.sources.ci.tags import version_tagged
from gonogo.sources.ci.tools import toolbox


def _command(line: str) -> Command:
    last = list(unwrap([Text(word) for word in line.split()]))[-1]
    assert isinstance(last, Command)
    return last


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("sudo -u root -E docker push a", "docker push a"),
        ("A=1 env B=2 timeout 5m npx --yes jest --ci", "jest --ci"),
        ("python3 -m pytest -q", "pytest -q"),
        ("python -W ignore manage.py test", "manage.py test"),
        ("poetry run -- coverage run -m pytest", "coverage run -m pytest"),
        ("bundle exec rspec", "rspec"),
        ("./gradlew --no-daemon test", "gradle --no-daemon test"),
        ("docker compose run --rm -e A=1 web pytest", "image:web pytest"),
        ("docker run --rm -v /a:/b --entrypoint trivy some/image image x", "trivy image x"),
        ("xargs -n 1 docker push", "docker push"),
    ],
)
def test_wrappers_are_taken_off(line: str, expected: str) -> None:
    assert str(_command(line)) == expected


def test_a_script_in_an_argument_is_text() -> None:
    (found,) = unwrap([Text("bash"), Text("-euxo"), Text("pipefail"), Text("-c"), Text("pytest | tee x")])
    assert isinstance(found, ShellText)
    assert (found.text.text, "e" in found.flags, "P" in found.flags) == ("pytest | tee x", True, True)


@pytest.mark.parametrize(
    ("line", "practices"),
    [
        ("docker --context x build -t a .", {"imageBuild"}),
        ("docker buildx build --push -t a .", {"imageBuild", "imagePush"}),
        ("docker builder prune", set()),
        ("gcloud beta container binauthz attestations sign-and-create --artifact-url x", {"imageSign"}),
        ("gcloud --project p run deploy s --no-traffic", {"deploy", "withoutTraffic"}),
        ("gcloud run services update-traffic s --to-latest", {"trafficShift"}),
        ("gcloud run services update-traffic s --to-revisions r=100", {"trafficShift"}),
        ("gcloud run services update-traffic s --to-revisions r=5", {"trafficShift", "gradualRollout"}),
        ("trivy fs .", set()),
        ("trivy image a:1", {"imageScan"}),
        ("trivy --severity HIGH a:1", {"imageScan"}),
        ("grype dir:.", set()),
        ("cosign verify a:1", set()),
        ("cosign sign-blob a", set()),
        ("cosign sign a@sha256:1", {"imageSign"}),
        ("./gradlew build -x test", set()),
        ("mvn -B package -DskipTests", set()),
        ("mvn -B verify sonar:sonar", {"tests", "staticAnalysis"}),
        ("go test -cover ./...", {"tests", "coverage"}),
        ("make zapcheck", set()),
        ("sonar-scanner --version", set()),
        ("executor --no-push --destination a", {"imageBuild"}),
        ("kubectl -n shop apply -f k8s", {"deploy"}),
        ("kubectl get pods", set()),
    ],
)
def test_what_commands_do(line: str, practices: set[str]) -> None:
    purpose = toolbox().command(_command(line), {})
    assert {name for name, answer in purpose.does.items() if answer is True} == practices


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("a/b:latest", False),
        ("a/b", False),
        ("a/b:main", False),
        ("a/b:1.2.3", True),
        ("a/b@sha256:00", True),
        ("a/b:${{ github.sha }}", True),
        ("a/b:${{ github.ref_name }}", False),
        ("localhost:5000/b", False),
        ("a/b:latest,a/b:${GITHUB_SHA::7}", True),
        ("type=image,name=a/b:latest,push=true", False),
        ("metadata-action:type=raw,value=latest", False),
        ("metadata-action:type=semver,pattern={{version}}", True),
        ("a/b:{{ .Version }}", True),
        ("a/b:$(git rev-parse HEAD)", True),
    ],
)
def test_versions_and_commits_are_told_from_tags_that_move(image: str, expected: bool) -> None:
    assert version_tagged([Text(image)]) is expected


def test_flags_of_gcloud() -> None:
    line = "gcloud beta run deploy shop --image=i --min-instances 2 --quiet --set-env-vars A=1,B=2 --no-cpu-throttling --region $R"
    words = [Text(word, "$" not in word) for word in line.split()]
    found = next(iter(unwrap(words)))
    assert isinstance(found, Command)
    (service,) = resources_of(found, Location("x.sh", 3))
    assert service.name == "shop"
    names = lookup(service.attributes, "template", "containers", 0, "env")
    assert isinstance(names, list)
    assert [lookup(entry, "name") for entry in names] == ["A", "B"]


def test_commands_that_only_look_declare_nothing() -> None:
    assert list(resources_of(_command("gcloud run services describe shop"), Location("x.sh", 1))) == []

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gonogo.kinds.repository import ALERTING, DASHBOARD, DEPENDENCY_MANIFEST, DEPENDENCY_UPDATES, ENVIRONMENT, KINDS, PRE_COMMIT, REPOSITORY
from gonogo.model.resource import Gap, Resource
from gonogo.model.shape import Record
from gonogo.model.value import OpenList, Unknown
from gonogo.sources.repository import RepositorySource
from gonogo.sources.tree import open_tree


def read(root: Path, files: dict[str, str | bytes], *, git: bool = False, standalone: bool = True) -> tuple[list[Resource], list[Gap]]:
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content if isinstance(content, bytes) else content.encode())
    if git:
        for command in (["init", "-q"], ["add", "-f", "--all"]):
            subprocess.run(["git", "-C", str(root), *command], check=True)
    found = list(RepositorySource().read(open_tree(root, standalone=standalone)))
    return [f for f in found if isinstance(f, Resource)], [f for f in found if isinstance(f, Gap)]


def of(resources: list[Resource], kind: str) -> list[Any]:
    return [r.attributes for r in resources if r.kind == kind]


def repository(root: Path, files: dict[str, str | bytes], *, git: bool = True) -> Any:
    (found,) = of(read(root, files, git=git)[0], REPOSITORY)
    return found


def test_every_resource_has_the_fields_of_its_kind_and_no_others(tmp_path: Path) -> None:
    resources, _ = read(
        tmp_path,
        {
            ".github/dependabot.yml": "updates: []\n",
            ".pre-commit-config.yaml": "repos: []\n",
            "d.json": '{"panels": [], "schemaVersion": 1}',
            "rules.yml": "groups:\n- rules:\n  - {alert: a, expr: b}\n",
            "go.mod": "module a\n",
            "nginx.conf": 'add_header Strict-Transport-Security "max-age=31536000";\n',
            "config/prod.yaml": "a: 1\n",
        },
    )
    shapes = {kind.name: kind.shape for kind in KINDS}
    assert {r.kind for r in resources} == set(shapes)
    for resource in resources:
        shape = shapes[resource.kind]
        assert isinstance(shape, Record)
        assert set(resource.attributes) == set(shape.fields)


@pytest.mark.parametrize(
    ("gitignore", "ignored"),
    [(".env\n", True), ("*.env\n", True), (".env*\n!.env\n", False), (".env/\n", False), ("#.env\n", False), ("/.env\n", True), ("config/.env\n", False), ("", False)],
)
def test_whether_git_would_ignore_env_at_the_root(tmp_path: Path, gitignore: str, ignored: bool) -> None:
    assert repository(tmp_path, {".gitignore": gitignore, "a": "1"})["envIgnored"] is ignored
    checked = subprocess.run(["git", "-C", str(tmp_path), "check-ignore", "-q", "--no-index", ".env"], check=False)
    assert (checked.returncode == 0) is ignored


def test_below_the_root_of_a_repository_what_lies_above_is_not_known(tmp_path: Path) -> None:
    read(tmp_path, {".gitignore": ".env\n", "sub/a": "1"}, git=True)
    resources, gaps = read(tmp_path / "sub", {}, standalone=False)
    (found,) = of(resources, REPOSITORY)
    assert isinstance(found["envIgnored"], Unknown)
    assert any(gap.touches(DEPENDENCY_UPDATES) for gap in gaps)


def test_which_environment_files_are_committed(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = dict.fromkeys((".env.example", "prod.env", ".env-local", "tests/.env", "x.env.sample", ".env.staging"), "API_KEY=\n")
    assert repository(tmp_path, {**files, "api/.env": "A=1\n", ".env.prod": "DB_PASSWORD=abcdefg\n"})["committedEnv"] == [".env.prod", "api/.env"]


def test_without_git_nobody_knows_what_is_committed(tmp_path: Path) -> None:
    assert isinstance(repository(tmp_path, {".env": "A=1\n"}, git=False)["committedEnv"], Unknown)


_TOKENS = {
    "AWS access key": "AKIA" + "QYLPMN5HHHFPZAM2",
    "Google API key": "AIza" + "SyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY",
    "GitHub token": "ghp_" + "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx",
    "Slack token": "xoxb-" + "263594206564-2343594206574-FGqddMF8t08v8N7Oq4i57vs1",
    "Stripe key": "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc",
    "npm token": "npm_" + "Q2mKx8bN4vT7cR1zL5wP9yH3jD6fG0sAeUoI",
}


@pytest.mark.parametrize("kind", sorted(_TOKENS))
def test_credentials_are_found_and_never_shown(tmp_path: Path, kind: str) -> None:
    token = _TOKENS[kind]
    resources, _ = read(tmp_path, {"a.txt": f"first\nkey = {token}\n"}, git=True)
    (found,) = [r for r in resources if r.kind == REPOSITORY]
    assert found.attributes["credentials"] == [{"file": "a.txt", "type": kind}]
    assert found.locations["credentials", 0].line == 2
    assert token not in repr(found)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.md", "AKIAIOSFODNN7EXAMPLE"),
        ("a.md", "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
        ("a.md", "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n"),
        ("a.py", 'if "-----BEGIN RSA PRIVATE KEY-----" in text:\n    raise ValueError("a private key was found in the text that was given")\n'),
        ("pkg/key_test.go", _TOKENS["AWS access key"]),
        ("src/test/resources/a.txt", _TOKENS["AWS access key"]),
        ("a.b64", "x" + _TOKENS["AWS access key"] + "y"),
    ],
)
def test_what_is_no_credential(tmp_path: Path, path: str, text: str) -> None:
    assert repository(tmp_path, {path: text, "b": "1"})["credentials"] == []


def test_a_file_that_cannot_be_searched_leaves_the_list_open(tmp_path: Path) -> None:
    found = repository(tmp_path, {"a.txt": b"\xff\xfeodd", "b.txt": b"1"})
    assert isinstance(found["credentials"], OpenList)
    assert found["filesSearched"] == 1


@pytest.mark.parametrize(
    ("path", "text", "covers"),
    [
        (".github/dependabot.yml", "updates:\n- {package-ecosystem: uv}\n- {package-ecosystem: npm, open-pull-requests-limit: 0}\n", ["pip"]),
        ("renovate.json", '{"extends": ["config:base"]}', ["gomod"]),
        (".github/renovate.json5", "{\n  /* all */ extends: ['x'], // yes\n  enabledManagers: [\"dockerfile\", 'npm',],\n}", ["docker", "npm"]),
        ("renovate.json", '{"url": "https://x//y", "enabled": false}', []),
        ("package.json", '{"renovate": {"extends": ["config:base"]}}', ["gomod", "npm"]),
    ],
)
def test_what_updates_cover(tmp_path: Path, path: str, text: str, covers: list[str]) -> None:
    (found,) = of(read(tmp_path, {path: text, "go.mod": "module a\n"})[0], DEPENDENCY_UPDATES)
    assert found["covers"] == covers


def test_configuration_of_updates_that_does_not_parse(tmp_path: Path) -> None:
    resources, gaps = read(tmp_path, {".github/dependabot.yml": "updates: [\n", "renovate.json5": "{a: [}"})
    (found,) = of(resources, DEPENDENCY_UPDATES)
    assert (found["tool"], found["parses"]) == ("dependabot", False)
    assert {gap.file: gap.touches(DEPENDENCY_UPDATES) for gap in gaps} == {".github/dependabot.yml": False, "renovate.json5": True}


def test_hooks_of_each_tool(tmp_path: Path) -> None:
    resources, _ = read(
        tmp_path,
        {
            ".pre-commit-config.yaml": "repos:\n- hooks: [{id: a}, {id: b}]\n- hooks: [{id: c}]\n",
            "lefthook.yml": "pre-commit:\n  jobs: [{run: a}]\n  commands: {b: {run: b}}\n",
            ".overcommit.yml": "PreCommit:\n  A: {enabled: true}\n  B: {enabled: false}\n",
            "web/.husky/pre-commit": "#!/bin/sh\n. ./husky.sh\n\nnpm test\n",
            "package.json": '{"husky": {"hooks": {"pre-commit": "lint-staged"}}}',
            "sub/.pre-commit-config.yaml": "repos:\n- hooks: [{id: a}]\n",
        },
    )
    assert {(f["tool"], f["hooks"]) for f in of(resources, PRE_COMMIT)} == {("pre-commit", 3), ("lefthook", 2), ("overcommit", 1), ("husky", 1)}
    assert len(of(resources, PRE_COMMIT)) == 5


def test_dashboards(tmp_path: Path) -> None:
    resources, gaps = read(
        tmp_path,
        {
            "old.json": '{"title": "Old", "schemaVersion": 6, "panels": null, "rows": [{"panels": [{}, {}]}, null]}',
            "api.json": '{"dashboard": {"title": "API", "schemaVersion": 39, "panels": [{"gridPos": {}}]}}',
            "broken.json": '{"panels": [}, "schemaVersion": 1',
            "chart.json": '{"panels": [{{ .Values.panels }}], "schemaVersion": 1}',
            "other.json": '{"panels": {"left": 1}, "datasource": "x"}',
        },
    )
    assert {(f["title"], f["parses"], f["panels"]) for f in of(resources, DASHBOARD)} == {("Old", True, 2), ("API", True, 1), ("", False, 0)}
    assert {gap.file: gap.touches(DASHBOARD) for gap in gaps} == {"broken.json": False, "chart.json": True}


def test_only_receivers_that_a_route_names_are_told(tmp_path: Path) -> None:
    alertmanager = "route: {receiver: a, routes: [{receiver: b, matchers: [alertname=x]}]}\nreceivers:\n- {name: a, slack_configs: [{}]}\n- {name: b, email_configs: []}\n- {name: c, pagerduty_configs: [{}]}\n"
    resources, _ = read(tmp_path, {"rules.yml": "groups:\n- rules:\n  - {record: r, expr: e}\n  - {alert: a, expr: e}\n", "am.yml": alertmanager})
    assert {(f["tool"], f["rules"], tuple(f["receivers"])) for f in of(resources, ALERTING)} == {("prometheus", 1, ("slack",)), ("alertmanager", 1, ("slack",))}


def test_labels_that_prometheus_changes_are_not_known(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "rules.yml": "groups:\n- rules:\n  - {alert: a, expr: e, labels: {severity: low}}\n",
        "am.yml": "route: {receiver: n, routes: [{receiver: s, match: {severity: page}}]}\nreceivers:\n- {name: n}\n- {name: s, slack_configs: [{}]}\n",
    }
    assert {f["reached"] for f in of(read(tmp_path, files)[0], ALERTING)} == {False}
    files["prometheus.yml"] = "alerting:\n  alert_relabel_configs: []\n"
    assert all(isinstance(f["reached"], Unknown) for f in of(read(tmp_path, files)[0], ALERTING))


def test_rules_of_the_operator_are_routed_too(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "rule.yaml": "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: a}\nspec: {groups: [{name: a, rules: [{alert: a, expr: e, labels: {severity: page}}]}]}\n",
        "am.yml": "route: {receiver: n, routes: [{receiver: s, match: {severity: page}}]}\nreceivers:\n- {name: n}\n- {name: s, slack_configs: [{}]}\n",
    }
    (found,) = of(read(tmp_path, files)[0], ALERTING)
    assert (found["rules"], found["receivers"], found["reached"]) == (0, ["slack"], True)


def test_without_a_route_in_the_repository_receivers_are_open(tmp_path: Path) -> None:
    (found,) = of(read(tmp_path, {"rules.yml": "groups:\n- rules:\n  - {alert: a, expr: e}\n"})[0], ALERTING)
    assert isinstance(found["receivers"], OpenList)


def test_monitors_of_services(tmp_path: Path) -> None:
    resources, _ = read(
        tmp_path,
        {
            "datadog.json": json.dumps([{"name": "x"}, {"type": "log alert", "query": "q", "message": "see @pagerduty-core and @ops@acme.io"}]),
            "off.json": '{"enabled": false, "notificationChannelConfigList": [{"type": "EMAIL"}]}',
            "no.json": '{"type": "text", "query": "q", "message": "@slack"}',
        },
    )
    assert [(f["tool"], f["receivers"]) for f in of(resources, ALERTING)] == [("datadog", ["email", "pagerduty"])]


def test_names_of_dependencies(tmp_path: Path) -> None:
    resources, gaps = read(
        tmp_path,
        {
            "requirements.txt": "-r base.txt\nFlask[async]==3 ; python_version > '3'\n# old\ngit+https://x/y\n",
            "setup.py": "install_requires=['click>=8', \"rich\"]\n",
            "Pipfile": "[packages]\nrequests = '*'\n",
            "package.json": '{"scripts": {"a": "^1"}, "dependencies": {"@a/b": "1"}}',
            "build.gradle": "// implementation 'no:no:1'\nimplementation 'io.sentry:sentry:8'\nid 'io.sentry.jvm.gradle'\n",
            "libs.versions.toml": "[libraries]\na = {group = 'g', name = 'n', version = '1'}\nb = {module = 'x:y'}\nc = 'p:q:1'\n",
            "Cargo.toml": "[dependencies]\nserde = '1'\n[target.x.dependencies]\nlibc = {version = '1'}\n",
            "app.csproj": '<PackageReference Include="Serilog" Version="1" />',
            "mix.exs": "  defp deps do\n    [\n      {:phoenix, \"~> 1\"},\n",
            "broken/package.json": "{",
        },
    )
    names = {r.name: r.attributes["names"] for r in resources if r.kind == DEPENDENCY_MANIFEST}
    assert names == {
        "requirements.txt": ["Flask"],
        "setup.py": ["click", "rich"],
        "Pipfile": ["requests"],
        "package.json": ["@a/b"],
        "build.gradle": ["io.sentry.jvm.gradle", "io.sentry:sentry"],
        "libs.versions.toml": ["g:n", "p:q", "x:y"],
        "Cargo.toml": ["libc", "serde"],
        "app.csproj": ["Serilog"],
        "mix.exs": ["phoenix"],
    }
    assert [gap.file for gap in gaps if gap.touches(DEPENDENCY_MANIFEST)] == ["broken/package.json"]


def environments(root: Path, *paths: str) -> set[tuple[str, str]]:
    resources, _ = read(root, {path: f"a: {path}\n" for path in paths})
    return {(f["name"], f["group"]) for f in of(resources, ENVIRONMENT)}


def test_configuration_once_for_each_environment(tmp_path: Path) -> None:
    assert environments(tmp_path / "a", "env/prod/main.tf", "env/stg/main.tf", "env/test/main.tf") == {
        ("production", "env"), ("staging", "env"), ("test", "env"),
    }  # fmt: skip
    assert environments(tmp_path / "b", "live/prod/terragrunt.hcl", "live/dev/terragrunt.hcl") == {("production", "live"), ("development", "live")}
    assert environments(tmp_path / "c", "k8s-prod/a.yaml", "k8s-staging/a.yaml") == {("production", "k8s-*"), ("staging", "k8s-*")}
    assert environments(tmp_path / "d", "appsettings.Production.json", "appsettings.Development.json") == {
        ("production", "appsettings.*"), ("development", "appsettings.*"),
    }  # fmt: skip
    assert environments(tmp_path / "e", "src/main/a.yaml", "src/test/a.yaml", "config/environments/production.rb", "config/environments/development.rb") == set()
    assert environments(tmp_path / "f", "products/a.yaml", "developers/b.yaml", "alive.yaml") == set()


@settings(max_examples=150, deadline=None)
@given(
    path=st.sampled_from(
        ["package.json", "renovate.json", "d.json", ".github/dependabot.yml", ".pre-commit-config.yaml", "lefthook.yml", "lefthook.toml", "rules.yml", "pyproject.toml", ".gitignore"]
    ),
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.sampled_from(["a", "*", "!", "-", "https://a//b"]),
        lambda children: st.lists(children, max_size=3) | st.dictionaries(
            st.sampled_from(
                ["updates", "renovate", "repos", "hooks", "panels", "rows", "schemaVersion", "groups", "rules", "alert", "expr", "receivers", "route", "routes", "receiver", "name",
                 "contactPoints", "husky", "pre-commit", "dependencies", "packageRules", "matchPackageNames", "enabled", "slack_configs", "notificationChannelConfigList"]
            ), children, max_size=4,
        ),
        max_leaves=15,
    ),
)  # fmt: skip
def test_any_data_is_read(tmp_path_factory: pytest.TempPathFactory, path: str, value: object) -> None:
    resources, _ = read(tmp_path_factory.mktemp("r"), {path: json.dumps(value)})
    assert len(of(resources, REPOSITORY)) == 1

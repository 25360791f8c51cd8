"""Documents as they are counted, and the tables that tell what they are for."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gonogo.data import data_directory
from gonogo.formats.yaml_reader import read_yaml
from gonogo.model.resource import Gap, Resource
from gonogo.sources.documents import DocumentSource
from gonogo.sources.documents.words import load_words, states_time
from gonogo.sources.tree import open_tree


def read(root: Path, **files: str) -> list[Resource | Gap]:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_md", ".md").replace("_rst", ".rst")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return list(DocumentSource().read(open_tree(root, standalone=True)))


def sections(found: list[Resource | Gap]) -> dict[str, Any]:
    return {r.name: r.attributes for r in found if isinstance(r, Resource) and r.kind == "repo/DocumentSection"}


@pytest.mark.parametrize(("table", "schema"), [("documents/roles.yaml", "document-roles.v1.json"), ("migrations/tools.yaml", "migration-tools.v1.json")])
def test_the_tables_are_as_their_schemas_say(table: str, schema: str) -> None:
    definition = json.loads((data_directory("schemas") / schema).read_text("utf-8"))
    value = read_yaml(table, (data_directory("rules") / table).read_text("utf-8")).documents[0].value
    assert [e.message for e in Draft202012Validator(definition).iter_errors(value)] == []


@pytest.mark.parametrize(
    ("heading", "role"),
    [
        ("🚀 배포 절차", "deploy"), ("3. Rollback", "rollback"), ("Откат", "rollback"), ("デプロイ手順", "deploy"), ("Post-Deployment Checks", "post-deploy"),
        ("Plan de recuperación ante desastres", "disaster-recovery"), ("Incident Response Plan (IRP)", "incident-response"), ("On-call", "escalation"),
    ],
)  # fmt: skip
def test_headings_are_known_in_several_languages(heading: str, role: str) -> None:
    assert role in load_words().roles_of(heading)


@pytest.mark.parametrize("heading", ["Waffles", "Slope", "Irpin", "Redeployed units", "Introduction"])
def test_words_inside_of_words_are_none(heading: str) -> None:
    assert load_words().roles_of(heading) == []


def test_a_section_ends_where_the_next_of_its_level_begins(tmp_path: Path) -> None:
    text = "# Guide\n\n## Deploy\n\n1. One\n2. Two\n\n### Details\n\n```sh\n$ kubectl apply -f x\nPod created\n```\n\n## Other\n\n3. Three\n"
    found = sections(read(tmp_path, README_md=text))
    deploy = found["README.md#Deploy#deploy"]
    assert (deploy["steps"], deploy["commands"], deploy["headings"]) == (2, ["$ kubectl apply -f x"], 1)


def test_what_is_not_shown_is_not_counted(tmp_path: Path) -> None:
    text = "# Deploy\n\n<!--\n1. One\n```sh\nkubectl apply\n```\n-->\n\n```yaml\nkubectl: apply\n```\n\nText <!-- TODO --> here.\n"
    deploy = sections(read(tmp_path, README_md=text))["README.md#deploy"]
    assert (deploy["steps"], deploy["commands"], deploy["placeholders"]) == (0, [], [])


def test_placeholders_are_not_links(tmp_path: Path) -> None:
    text = "# Escalation\n\n- Lead: [이름]\n- Phone: <phone>\n- See [name](https://example.com)\n- Page: TBD\n"
    assert sections(read(tmp_path, README_md=text))["README.md#escalation"]["placeholders"] == ["[이름]", "<phone>", "TBD"]


def test_what_others_wrote_is_not_read(tmp_path: Path) -> None:
    found = read(tmp_path, node_modules__x__README_md="# Deploy\n", vendor__y__RUNBOOK_md="# Runbook\n", docs__RUNBOOK_md="# Runbook\n")
    assert [r.name for r in found if isinstance(r, Resource) and r.kind == "repo/Document"] == ["docs/RUNBOOK.md"]


def test_a_document_in_a_format_that_is_not_read_is_a_gap_where_its_name_says_what_it_is_for(tmp_path: Path) -> None:
    found = read(tmp_path, docs__runbook_rst="Runbook\n=======\n", docs__colours_rst="Colours\n=======\n")
    assert [(g.file, g.reason) for g in found if isinstance(g, Gap)] == [("docs/runbook.rst", "only Markdown documents are read")]


def test_what_git_does_not_track_is_not_of_the_repository(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    (tmp_path / "DEPLOYMENT.md").write_text("# Deploy\n", "utf-8")
    assert list(DocumentSource().read(open_tree(tmp_path))) == []


@pytest.mark.parametrize("text", ["#" * 100_000, "- " * 50_000, "> " * 20_000 + "x", "[" * 50_000, "| a " * 50_000, "```\n" * 20_000, "1. x\n" * 20_000])
def test_hostile_texts_take_bounded_time(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, README_md="# Deploy\n\n" + text)
    assert any(isinstance(r, Resource) for r in found)


@pytest.mark.parametrize("text", ["within 15 minutes", "4h", "1.5 hours", "보존 기간은 30일", "15분 안에", "保存期間は90日"])
def test_a_length_of_time_is_known(text: str) -> None:
    assert states_time(text)


@pytest.mark.parametrize("text", ["2024년 5월 3일", "5月3日", "3분기", "v1.2d", "soon", "version 3"])
def test_a_date_is_no_length_of_time(text: str) -> None:
    assert not states_time(text)


@pytest.mark.parametrize(
    ("text", "beside"),
    [("Critical: 7 days", True), ("Within 48 hours if critical", True), ("| Severity | Limit |\n| --- | --- |\n| High | 7 days |", True), ("Critical." + " word" * 40 + " 7 days", False)],
)  # fmt: skip
def test_a_time_limit_stands_beside_its_severity(tmp_path: Path, text: str, beside: bool) -> None:
    assert sections(read(tmp_path, README_md=f"# Security policy\n\n{text}\n"))["README.md#patch-policy"]["severityLimits"] is beside


def test_the_title_and_empty_headings_are_no_procedures(tmp_path: Path) -> None:
    found = sections(read(tmp_path, docs__RUNBOOK_md="# Runbook\n\n## Restart\n\nDo it.\n\n## Scale\n\n## Restore\n"))
    assert found["docs/RUNBOOK.md#runbook"]["headings"] == 1


@pytest.mark.parametrize("heading", ["Cleaning up your deployment", "Deployment strategies", "배포 후 검증", "Local deployment"])
def test_headings_about_something_else_are_not_about_deploying(heading: str) -> None:
    assert "deploy" not in load_words().roles_of(heading)


@pytest.mark.parametrize(
    ("path", "place"),
    [("README.md", "root"), ("docs/a/b.md", "docs"), ("docs/decisions/1.md", "elsewhere"), ("services/x/docs/a.md", "elsewhere"), (".github/workflows/README.md", "elsewhere")],
)  # fmt: skip
def test_where_a_document_lies_says_what_it_is_about(tmp_path: Path, path: str, place: str) -> None:
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text("# Title\n", "utf-8")
    (found,) = DocumentSource().read(open_tree(tmp_path, standalone=True))
    assert isinstance(found, Resource) and found.attributes["place"] == place


@pytest.mark.parametrize(
    ("text", "unwritten"),
    [
        ("TODO", True),
        ("TODO write this", True),
        ("[ ] TBD", True),
        ("...", True),
        ("Coming soon, ask Bob.", True),
        ("We will document this later.", True),
        ("추후 작성 예정", True),
        ("Por definir", True),
        ("Restart the service, then read the TODO list of the release.", False),
        ("Run `kubectl rollout restart deployment/web`.", False),
        ("[x] The dashboard is green", False),
    ],
)
def test_what_is_to_be_written_yet(text: str, unwritten: bool) -> None:
    assert load_words().is_unwritten(text) is unwritten


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("There is no on-call engineer. Ask the team lead.", "Ask the team lead."),
        ("If there is no answer in 15 minutes, page the manager.", "If there is no answer in 15 minutes, page the manager."),
        ("99.9% over 30 days was rejected.\nWe measure 99.5%.", "We measure 99.5%."),
        ("온콜 담당자가 없습니다. 팀장에게 연락합니다.", "팀장에게 연락합니다."),
        ("15분 안에 응답이 없으면 팀장에게 연락합니다.", "15분 안에 응답이 없으면 팀장에게 연락합니다."),
        ("Es gibt keine Rufbereitschaft. Die Leitung ist zuständig.", "Die Leitung ist zuständig."),
    ],
)
def test_sentences_that_say_what_there_is_not_are_left_out(text: str, kept: str) -> None:
    assert load_words().affirmed(text) == kept


@pytest.mark.parametrize(
    ("role", "text", "denied"),
    [
        ("rollback", "We do not support rollback. Never run:", True),
        ("cache-strategy", "We do not cache.\nIt was tried.", True),
        ("slo", "We don't have an SLO yet.", True),
        ("deploy", "We do not deploy on Fridays.", False),
        ("rollback", "We do not roll back by hand: the pipeline does.", False),
    ],
)
def test_what_denies_its_own_subject(role: str, text: str, denied: bool) -> None:
    assert load_words().denies(role, text) is denied

"""Which artefacts are found, and what they still prove."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from git_repository import repository
from gonogo.kinds.evidence import KINDS
from gonogo.model.evidence import EvidenceFile, EvidenceRequest, EvidenceSettings
from gonogo.model.resource import Gap, Resource
from gonogo.model.shape import Record
from gonogo.model.value import Unknown
from gonogo.sources.artefacts import ArtefactSource
from gonogo.sources.artefacts.settings import SettingsError, read_settings
from gonogo.sources.artefacts.targets import environment_of, origin_of
from gonogo.sources.tree import open_tree

NOW = datetime.now(UTC)


def junit(*, hours: float = 1, failed: int = 0, commit: str = "") -> str:
    """A report of two tests that ended so many hours ago."""
    prop = f'<properties><property name="commit" value="{commit}"/></properties>' if commit else ""
    cases = "".join(f'<testcase classname="t" name="t{n}">{"<failure/>" if n < failed else ""}</testcase>' for n in range(2))
    return f'<testsuite timestamp="{(NOW - timedelta(hours=hours)).isoformat()}">{prop}{cases}</testsuite>'


def found(root: Path, **request: Any) -> tuple[list[Resource], list[Gap]]:
    rows = list(ArtefactSource(EvidenceRequest(NOW, **request)).read(open_tree(root)))
    return [row for row in rows if isinstance(row, Resource)], [row for row in rows if isinstance(row, Gap)]


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def reason(resource: Resource, field: str = "fresh") -> str:
    value = resource.attributes[field]
    return "; ".join(value.reasons) if isinstance(value, Unknown) else ""


def test_what_git_ignores_is_found(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    repo.commit({".gitignore": "junit.xml\nnode_modules/\n"})
    write(tmp_path, {"junit.xml": junit(hours=-0.1), "node_modules/x/junit.xml": junit()})
    resources, gaps = found(tmp_path)
    assert ([r.name for r in resources], gaps) == (["junit.xml"], [])


def test_nothing_is_looked_for_where_the_configuration_excludes(tmp_path: Path) -> None:
    write(tmp_path, {"old/junit.xml": junit(), "junit.xml": junit()})
    assert [r.name for r in found(tmp_path, exclude=("old",))[0]] == ["junit.xml"]


def test_a_file_that_does_not_say_when_is_dated_by_its_time_and_says_so(tmp_path: Path) -> None:
    write(tmp_path, {"app/x.py": "x = 1\n", "lcov.info": "TN:\nSF:app/x.py\nDA:1,1\nend_of_record\n"})
    (resource,), _ = found(tmp_path)
    place = resource.locate()
    assert (resource.attributes["fresh"], place.note if place is not None else "") == (True, "it does not say when it was made: dated by the file")
    old = (NOW - timedelta(days=8)).timestamp()
    os.utime(tmp_path / "lcov.info", (old, old))
    assert "older than 7 days" in reason(found(tmp_path)[0][0])


def test_a_file_that_is_kept_in_git_has_the_time_of_its_checkout(tmp_path: Path) -> None:
    repository(tmp_path).commit({"app/x.py": "x = 1\n", "lcov.info": "TN:\nSF:app/x.py\nDA:1,1\nend_of_record\n"})
    (resource,), _ = found(tmp_path)
    assert "the time of its checkout" in reason(resource)
    assert isinstance(resource.attributes["lineRate"], Unknown)


def test_an_artefact_is_of_the_commit_that_it_names(tmp_path: Path) -> None:
    repo = repository(tmp_path)
    first = repo.commit({"a": "1"})
    second = repo.commit({"a": "2"})
    write(tmp_path, {"junit.xml": junit(commit=second[:10])})
    assert found(tmp_path)[0][0].attributes["failures"] == 0
    write(tmp_path, {"junit.xml": junit(commit=first, failed=1)})
    (resource,), _ = found(tmp_path)
    assert first[:12] in reason(resource, "failures")
    write(tmp_path, {"junit.xml": junit(commit=second[:3])})
    assert "is scanned" in reason(found(tmp_path)[0][0])


def test_a_commit_proves_nothing_where_there_is_no_git(tmp_path: Path) -> None:
    assert "not known" in reason(found(write(tmp_path, {"junit.xml": junit(commit="0" * 40)}))[0][0])


def test_tests_from_before_the_commit_are_of_another(tmp_path: Path) -> None:
    repository(tmp_path).commit({"a": "1"})
    assert "before this commit" in reason(found(write(tmp_path, {"junit.xml": junit(hours=2)}))[0][0])


def test_no_report_is_of_tomorrow(tmp_path: Path) -> None:
    assert "has not been yet" in reason(found(write(tmp_path, {"junit.xml": junit(hours=-24)}))[0][0])


def test_what_is_named_lies_anywhere(tmp_path: Path) -> None:
    (tmp_path / "repo").mkdir()
    write(tmp_path, {"out/result.xml": junit()})
    (resource,), gaps = found(tmp_path / "repo", given=(("e2e", str(tmp_path / "out/result.xml")),))
    assert (resource.name, resource.attributes["suite"], gaps) == ("result.xml", "e2e", [])


def test_what_the_configuration_names_and_is_not_there_is_a_gap(tmp_path: Path) -> None:
    files = (EvidenceFile("load", "out/*.json"), EvidenceFile("coverage", "c.xml"))
    assert [gap.file for gap in found(tmp_path, settings=EvidenceSettings(files=files))[1]] == ["out/*.json", "c.xml"]


def test_nothing_outside_the_tree_is_read_for_its_configuration(tmp_path: Path) -> None:
    write(tmp_path, {"secret.xml": junit(), "repo/a": ""})
    (tmp_path / "repo" / "junit.xml").symlink_to(tmp_path / "secret.xml")
    resources, gaps = found(tmp_path / "repo", settings=EvidenceSettings(files=(EvidenceFile("tests", "junit.xml"),)))
    assert (resources, ["not followed" in gap.reason for gap in gaps]) == ([], [True])
    assert found(tmp_path / "repo")[0] == []


def test_a_file_that_is_too_large_is_a_gap(tmp_path: Path) -> None:
    with (tmp_path / "coverage.xml").open("wb") as stream:
        stream.truncate(33 * 1024 * 1024)
    _, gaps = found(tmp_path)
    assert [("over the limit" in gap.reason, gap.kinds) for gap in gaps] == [(True, ("evidence/Coverage",))]


@pytest.mark.parametrize("text", ["", "<a", '<!DOCTYPE a [<!ENTITY a "b">]><a>&a;</a>', "{", "\x00"])
def test_a_file_that_cannot_be_read_is_a_gap(tmp_path: Path, text: str) -> None:
    names = ["coverage.xml", "junit.xml", ".gonogo/evidence/a.yaml", "lcov.info", "coverage.json"]
    resources, gaps = found(write(tmp_path, dict.fromkeys(names, text)))
    assert (resources, sorted(gap.file for gap in gaps)) == ([], sorted(names))


def test_a_file_of_something_else_is_no_artefact_unless_somebody_says_so(tmp_path: Path) -> None:
    files = {"player_stats.csv": "name,goals\na,1\n", "test-results/pom.xml": "<project/>", "hey-you.txt": "hello\n", "login.prof": "a text\n"}
    assert found(write(tmp_path, files)) == ([], [])
    assert len(found(tmp_path, given=(("load", str(tmp_path / "hey-you.txt")),))[1]) == 1


def test_an_empty_file_is_a_gap(tmp_path: Path) -> None:
    assert [gap.reason for gap in found(write(tmp_path, {"run_stats.csv": ""}))[1]] == ["empty: nothing was written into it"]


def test_every_kind_has_all_its_fields(tmp_path: Path) -> None:
    drill = "schema: gonogo.evidence/v1\ntype: restore\non: 2026-11-01\nby: kim\nresult: passed\nsubject: db\n"
    soak = "t,rss\n" + "".join(f"{at},5\n" for at in range(20))
    point = {"interval": {"endTime": "2026-11-23T08:00:00Z"}, "value": {"doubleValue": 1}}
    files = {
        "app/x.py": "x = 1\n",
        "lcov.info": "TN:\nSF:app/x.py\nDA:1,1\nend_of_record\n",
        "junit.xml": junit(),
        "k6-summary.json": '{"metrics": {"http_reqs": {"count": 1}}}',
        "a.folded": "a;b 1\n",
        "soak.csv": soak,
        ".gonogo/evidence/a.yaml": drill,
        "locustfile.py": "import locust\n",
        "m.json": json.dumps([{"metric": {"type": "run.googleapis.com/container/cpu/utilizations"}, "points": [point]}]),
    }
    resources, gaps = found(write(tmp_path, files), settings=EvidenceSettings(files=(EvidenceFile("measurement", "m.json"),)))
    shapes = {kind.name: kind.shape for kind in KINDS}
    assert gaps == []
    assert sorted(r.kind for r in resources) == sorted(shapes)
    for resource in resources:
        shape = shapes[resource.kind]
        assert isinstance(shape, Record)
        wanted = set(shape.fields)
        assert set(resource.attributes) == wanted, resource.kind


@pytest.mark.parametrize(
    ("target", "told", "environment"),
    [
        ("https://staging.example.com", "", "staging"),
        ("app-stg-abc.a.run.app", "", "staging"),
        ("https://app.example.com", "", ""),
        ("https://app.example.com", "prd", "production"),
        ("http://[::1]:80", "", "local"),
        ("http://0.0.0.0:80", "", "local"),
        ("localhost:80", "", "local"),
        ("https://dev-staging.example.com", "", ""),
        ("http://localhost:3000", "staging", "local"),
        ("", "staging", "staging"),
        ("", "", ""),
        ("http://[", "", ""),
    ],
)
def test_an_address_speaks_of_an_environment(target: str, told: str, environment: str) -> None:
    assert environment_of(origin_of(target), told) == environment


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([], r"\[evidence\]"),
        ({"max_ag": "7d"}, "did you mean max_age"),
        ({"max_age": "7"}, "hours or days"),
        ({"max_age": 7}, "hours or days"),
        ({"max_ages": {"loda": "7d"}}, "did you mean load"),
        ({"files": [{"kind": "load"}]}, "either `path` or `glob`"),
        ({"files": [{"kind": "load", "path": "a", "glob": "b"}]}, "either"),
        ({"files": [{"kind": "x", "path": "a"}]}, "one of coverage"),
        ({"files": [{"kind": "load", "path": "../a"}]}, "--evidence"),
        ({"files": [{"kind": "load", "path": "/etc/passwd"}]}, "--evidence"),
        ({"files": [{"kind": "load", "path": "a", "targt": "x"}]}, "did you mean target"),
        ({"files": {"kind": "load"}}, "list of tables"),
        ({"files": ["a"]}, "table of strings"),
    ],
)
def test_settings_that_cannot_be_used_say_why(table: object, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        read_settings(table)


def test_ages_have_an_order() -> None:
    settings = read_settings({"max_age": "36h", "max_ages": {"load": "30d", "restore": "1d"}})
    assert [settings.oldest(*names) for names in (("load",), ("restore", "drill"), ("chaos", "drill"), ("tests",), ("migration", "drill"))] == [
        timedelta(days=30), timedelta(days=1), timedelta(days=90), timedelta(hours=36), timedelta(days=2),
    ]  # fmt: skip

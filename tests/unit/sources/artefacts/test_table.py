from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from gonogo.data import data_directory
from gonogo.formats.yaml_reader import read_yaml
from gonogo.sources.artefacts.table import load_table


def test_the_table_is_as_its_schema_says() -> None:
    schema = json.loads((data_directory("schemas") / "evidence-places.v1.json").read_text("utf-8"))
    table = read_yaml("places.yaml", (data_directory("rules") / "evidence" / "places.yaml").read_text("utf-8")).documents[0].value
    assert list(Draft202012Validator(schema).iter_errors(table)) == []


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("coverage.xml", "coverage"),
        ("web/coverage/lcov.info", "coverage"),
        ("build/reports/jacoco/test/jacocoTestReport.xml", "coverage"),
        ("target/surefire-reports/TEST-com.acme.FooTest.xml", "tests"),
        ("test-results/e2e/results.xml", "tests"),
        ("pom.xml", ""),
        ("results/run_stats.csv", "load"),
        ("run_stats_history.csv", ""),
        (".gonogo/evidence/restore.yaml", "drill"),
        (".gonogo/waivers.yaml", ""),
        ("package.json", ""),
    ],
)
def test_a_name_says_what_a_file_is_taken_for(path: str, kind: str) -> None:
    assert load_table().kind_of(path) == kind

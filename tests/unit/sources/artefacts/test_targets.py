"""What an address says of an environment, and whose it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.sources.artefacts.targets import OwnHosts, environment_of
from gonogo.sources.tree import open_tree


@pytest.mark.parametrize(
    ("target", "said", "environment"),
    [
        ("https://app.example.com", "stg", "staging"),
        ("https://staging.example.com", "staging", "staging"),
        ("", "staging", "staging"),
        ("http://localhost:3000", "staging", "local"),
        ("https://prod.example.com", "staging", ""),
        ("http://app:3000", "staging", ""),
        ("http://[", "", ""),
    ],
)
def test_what_a_report_says_of_itself_is_no_more_than_its_address(target: str, said: str, environment: str) -> None:
    assert environment_of(target, "", said) == environment


@pytest.mark.parametrize(
    ("target", "own"),
    [
        ("https://app.example.com", True),
        ("https://APP.example.com:8443", True),
        ("https://example.com", False),
        ("https://www.app.example.com", False),
        ("https://app.example.co", False),
        ("https://docs.example.com", False),
        ("http://app:3000", False),
        ("", False),
    ],
)
def test_a_host_is_ours_where_a_file_that_deploys_names_it(tmp_path: Path, target: str, own: bool) -> None:
    (tmp_path / "ingress.yaml").write_text(
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: app}\nspec: {rules: [{host: app.example.com}]}\n", encoding="utf-8"
    )
    (tmp_path / "README.md").write_text("https://docs.example.com\n", encoding="utf-8")
    assert OwnHosts(open_tree(tmp_path, (), standalone=True)).hold(target) is own

"""`scan --ignores-of`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from running import Ran, run, scan


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "Dockerfile").write_text("FROM a:1\n# hadolint ignore=DL3002 # the init needs root\nUSER root\n")
    return tmp_path


def nonroot(ran: Ran) -> Any:
    return next(c["verdict"] for c in ran.document["controls"] if c["id"] == "dockerfile-nonroot")


def test_nothing_is_honoured_that_nobody_asked_for(root: Path) -> None:
    assert nonroot(scan(root)) == "violated"
    assert nonroot(scan(root, "--ignores-of", "checkov,trivy")) == "violated"


def test_it_waives_says_whose_it_is_and_satisfies_nothing(root: Path) -> None:
    ran = scan(root, "--ignores-of", "checkov,hadolint")
    assert nonroot(ran) == "waived"
    (waiver,) = [f["waiver"] for f in ran.document["findings"] if "waiver" in f]
    assert (waiver["reason"], waiver["line"]) == ("the init needs root (hadolint ignore of DL3002)", 2)
    assert not any("excuses nothing" in w for w in ran.document["warnings"])


def test_the_configuration_may_ask_too(root: Path) -> None:
    (root / "gonogo.toml").write_text('ignores_of = ["hadolint"]\n')
    assert nonroot(scan(root)) == "waived"


def test_an_unused_one_belongs_to_its_tool(root: Path) -> None:
    (root / "Dockerfile").write_text("FROM a:1\n# hadolint ignore=DL3002\nRUN x\nUSER 10001\n")
    assert [w for w in scan(root, "--ignores-of", "hadolint").document["warnings"] if "DL3002" in w or "excuses" in w] == []


def test_a_tool_that_is_none_is_2(root: Path) -> None:
    ran = run("scan", root, "--ignores-of", "kics")
    assert ran.code == 2
    assert "--ignores-of kics: it is one of checkov" in ran.err

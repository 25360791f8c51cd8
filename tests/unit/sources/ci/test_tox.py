"""What tox and nox run, as their configuration says."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.sources.ci.tox import nox_recipes, tox_recipes
from gonogo.sources.tree import open_tree

INI = """[tox]
env_list =
    py{39,312}-{fast,slow}
    lint

[testenv]
commands =
    fast: pytest {posargs:tests} \\
        -x
    slow: - pytest --slow
    !lint: coverage report

[testenv:{lint,format}]
commands = {[base]check}
ignore_outcome = true

[base]
check = ruff check .
"""


@pytest.mark.parametrize(
    ("wanted", "commands"),
    [
        (["py39-fast"], [("pytest tests          -x", False), ("coverage report", False)]),
        (["py312-slow"], [("pytest --slow", True), ("coverage report", False)]),
        (["lint"], [("ruff check .", True)]),
        (["format"], [("ruff check .", True)]),
    ],
)
def test_ini(tmp_path: Path, wanted: list[str], commands: list[tuple[str, bool]]) -> None:
    (tmp_path / "tox.ini").write_text(INI)
    recipes = tox_recipes(open_tree(tmp_path, standalone=True), "", wanted)
    assert recipes is not None
    assert [(" ".join(r.text.split()), r.ignored) for r in recipes] == [(" ".join(text.split()), ignored) for text, ignored in commands]


def test_every_environment_of_the_list_runs_where_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "tox.ini").write_text(INI)
    recipes = tox_recipes(open_tree(tmp_path, standalone=True), "", [])
    assert recipes is not None
    assert sorted({r.environment for r in recipes}) == ["lint", "py312-fast", "py312-slow", "py39-fast", "py39-slow"]


@pytest.mark.parametrize(
    "text",
    [
        '[tool.tox]\nenv_list = ["test"]\n[tool.tox.env.test]\ncommands = [["pytest", "tests"]]\n',
        '[tool.tox]\nlegacy_tox_ini = """\n[tox]\nenvlist = test\n[testenv:test]\ncommands = pytest tests\n"""\n',
        '[tool.tox.env_run_base]\ncommands = [["pytest", "tests"]]\n',
    ],
)
def test_pyproject(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    recipes = tox_recipes(open_tree(tmp_path, standalone=True), "", [])
    assert recipes is not None
    assert [r.text for r in recipes] == ["pytest tests"]


def test_what_is_no_configuration_of_tox_is_none(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").write_text("[metadata]\nname = shop\n")
    assert tox_recipes(open_tree(tmp_path, standalone=True), "", []) is None
    (tmp_path / "tox.ini").write_text("[flake8\n")
    assert tox_recipes(open_tree(tmp_path, standalone=True), "", []) is None


@pytest.mark.parametrize(("wanted", "ran"), [([], ["pytest tests", "ruff check ."]), (["tests-3.12"], ["pytest tests"]), (["style"], ["ruff check ."]), (["docs"], [])])
def test_nox(tmp_path: Path, wanted: list[str], ran: list[str]) -> None:
    (tmp_path / "noxfile.py").write_text(
        "import nox\n\n@nox.session(python=['3.12'])\ndef tests(session):\n    session.run('pytest', 'tests', *session.posargs)\n\n"
        "@nox.session(name='style')\ndef lint(session):\n    session.run('ruff', 'check', '.')\n\ndef helper(session):\n    session.run('pytest')\n"
    )
    recipes = nox_recipes(open_tree(tmp_path, standalone=True), "", wanted)
    assert recipes is not None
    assert [r.text for r in recipes] == ran

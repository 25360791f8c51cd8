from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.config import Config, ConfigError, read_config, read_surroundings
from gonogo.model.finding import Severity


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert read_config(tmp_path) == Config()


def test_gonogo_toml_comes_before_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.gonogo]\nfail_on = "high"\n')
    assert read_config(tmp_path).fail_on is Severity.HIGH
    (tmp_path / "gonogo.toml").write_text('fail-on = "medium"\nexclude = ["legacy"]\nunknown_blocks = false\n')
    assert read_config(tmp_path) == Config(fail_on=Severity.MEDIUM, exclude=("legacy",), unknown_blocks=False)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("exclud = []\n", "unknown setting exclud; did you mean exclude?"),
        ("exclude = 'a'\n", "exclude is a list of strings, not 'a'"),
        ("fail_on = 'bad'\n", "fail_on is one of critical, high, medium, low, not 'bad'"),
        ("unknown_blocks = 1\n", "unknown_blocks is true or false, not 1"),
        ("environment = 1\n", "environment is a string, not 1"),
        ("a = \n", "not valid TOML"),
    ],
)
def test_errors_are_one_sentence_with_the_file(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "gonogo.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as error:
        read_config(tmp_path)
    assert str(error.value).startswith(f"{path}: ")
    assert message in str(error.value)


def test_somebody_elses_broken_pyproject_is_not_ours_to_report(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool\n")
    assert read_config(tmp_path) == Config()


def test_surroundings() -> None:
    around = read_surroundings({"NO_COLOR": "1", "FORCE_COLOR": "0", "CI": "true", "TERM": "dumb", "COLUMNS": "72"})
    assert (around.no_color, around.force_color, around.ci, around.dumb, around.width) == (True, False, True, True, 72)

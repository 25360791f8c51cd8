from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.config import FILE, Config, ConfigError, notify_by_default, read_config, read_notify, read_surroundings
from gonogo.model.finding import Severity
from gonogo.model.gate import Gate


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert read_config(tmp_path) == Config()


def test_gonogo_toml_comes_before_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.gonogo]\nfail_on = "high"\n')
    assert read_config(tmp_path).gate.fail_on is Severity.HIGH
    (tmp_path / "gonogo.toml").write_text('fail-on = "medium"\nexclude = ["legacy"]\nunknown_blocks = false\n')
    assert read_config(tmp_path) == Config(exclude=("legacy",), gate=Gate(Severity.MEDIUM, unknown_blocks=False))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("exclud = []\n", "unknown setting exclud; did you mean exclude?"),
        ("exclude = 'a'\n", "exclude is a list of strings, not 'a'"),
        ("fail_on = 'bad'\n", "fail_on is one of critical, high, medium, low, not 'bad'"),
        ("unknown_blocks = 1\n", "unknown_blocks is true or false, not 1"),
        ("environment = 1\n", "environment is a string, not 1"),
        ("fail_no = 'high'\n", "unknown setting fail_no; did you mean fail_on?"),
        ("gate = 1\n", "gate is a table, [gate], not 1"),
        ("[gate]\nmin_covrage = 1\n", "unknown setting gate.min_covrage; did you mean min_coverage?"),
        ("[gate]\nmin_coverage = 101\n", "gate.min_coverage is a number of at least 0 and at most 100, not 101"),
        ("[gate]\nmin_coverage = nan\n", "gate.min_coverage is a number of at least 0 and at most 100, not nan"),
        ("[gate]\nmax_waivers = 1.5\n", "gate.max_waivers is a whole number of at least 0, not 1.5"),
        ("[gate]\nmax_waivers = true\n", "gate.max_waivers is a whole number of at least 0, not True"),
        ("[gate]\nmax_waiver_days = 0\n", "gate.max_waiver_days is a whole number of at least 1 and at most 3660, not 0"),
        ("[gate]\nunknown = true\n", "gate.unknown is block or warn, not True"),
        ("[gate]\nrequired_sections = 'a'\n", "gate.required_sections is a list of strings, not 'a'"),
        ("fail_on = 'high'\n[gate]\nfail_on = 'low'\n", "fail_on stands in [gate] and at the top; keep one"),
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


def test_who_is_told_is_named_and_never_addressed(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('[notify]\ntargets = ["GONOGO_NOTIFY_TEAM"]\n')
    config = read_config(tmp_path)
    assert config.notify == ("GONOGO_NOTIFY_TEAM",)
    assert notify_by_default(config, {"GONOGO_NOTIFY": "json://a"}) == ("GONOGO_NOTIFY", "GONOGO_NOTIFY_TEAM")
    assert notify_by_default(config, {"GONOGO_NOTIFY": " "}) == ("GONOGO_NOTIFY_TEAM",)


@pytest.mark.parametrize("table", ['targets = ["slack://hunter2"]', 'targets = ["AWS_SECRET_ACCESS_KEY"]', "targets = 1", 'target = ["GONOGO_NOTIFY"]', ""])
def test_a_repository_does_not_choose_which_secret_is_sent(tmp_path: Path, table: str) -> None:
    (tmp_path / FILE).write_text(f"[notify]\n{table}\n")
    with pytest.raises(ConfigError, match="names of environment variables that begin with GONOGO_NOTIFY") as caught:
        read_config(tmp_path)
    assert "hunter2" not in str(caught.value)


def test_addresses_are_given_or_in_a_variable() -> None:
    env = {"GONOGO_NOTIFY": "json://a\n  mailto://b?to=c,d json://a"}
    assert read_notify(["slack://x", "GONOGO_NOTIFY"], env) == ("slack://x", "json://a", "mailto://b?to=c,d")
    with pytest.raises(ConfigError, match="GONOGO_NOTIFY_X is to hold whom to notify"):
        read_notify(["GONOGO_NOTIFY_X"], env)


def test_the_gate_is_a_table(tmp_path: Path) -> None:
    (tmp_path / "gonogo.toml").write_text(
        """
        waivers = "ops/waivers.yaml"
        [gate]
        fail_on = "high"
        unknown = "warn"
        required_sections = ["Launch*"]
        optional-sections = ["Later"]
        min_coverage = 74.5
        require_reviewed = false
        max_waivers = 3
        max_waiver_days = 90
        allow_expired = true
        """
    )
    gate = Gate(Severity.HIGH, False, ("Launch*",), ("Later",), 74.5, False, 3, 90, True)
    assert read_config(tmp_path) == Config(waivers="ops/waivers.yaml", gate=gate)

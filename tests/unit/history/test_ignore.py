from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from gonogo.history.compare.verdicts import compare_verdicts
from gonogo.history.errors import DriftRulesError
from gonogo.history.ignore import IgnoreRules, read_ignore_rules
from gonogo.model.drift import Difference, Status
from gonogo.model.finding import Verdict
from histories import KIND, NAME, control, finding, run

TODAY = date(2026, 11, 23)
RULE = """schema: gonogo.drift/v1
ignore:
- resource: "*/instances/db"
  field: settings.backupConfiguration.enabled
  reason: moved to Backup and DR
  owner: team-data
  expires: "2026-11-23"
"""


def read(tmp_path: Path, text: str, today: date = TODAY) -> IgnoreRules:
    (tmp_path / "drift.yaml").write_text(text)
    return read_ignore_rules(tmp_path / "drift.yaml", today)


def test_a_rule_holds_to_its_last_day(tmp_path: Path) -> None:
    holds = read(tmp_path, RULE)
    assert (len(holds.rules), len(holds.expired)) == (1, 0)
    assert holds.rules[0].line == 3
    over = read(tmp_path, RULE, date(2026, 11, 24))
    assert (len(over.rules), len(over.expired)) == (0, 1)
    assert read_ignore_rules(tmp_path / "none.yaml", TODAY) == IgnoreRules()


def test_it_covers_a_field_never_a_resource(tmp_path: Path) -> None:
    rules = read(tmp_path, RULE)
    field = "settings.backupConfiguration.enabled"
    assert rules.of_difference(Difference(Status.CHANGED, KIND, NAME, field)) is rules.rules[0]
    for other in (
        Difference(Status.REMOVED, KIND, NAME),
        Difference(Status.CHANGED, KIND, NAME, "settings.tier"),
        Difference(Status.CHANGED, KIND, f"{NAME}2", field),
    ):
        assert rules.of_difference(other) is None


def test_an_alarm_is_silenced_with_every_finding_under_it(tmp_path: Path) -> None:
    rules = read(tmp_path, RULE)
    then = run(control("c", Verdict.SATISFIED, "f", "g"), finding("f", Verdict.SATISFIED), finding("g", Verdict.SATISFIED, "settings.tier"))
    one = run(control("c", Verdict.VIOLATED, "f", "g"), finding("f", Verdict.VIOLATED), finding("g", Verdict.SATISFIED, "settings.tier"))
    both = run(control("c", Verdict.VIOLATED, "f", "g"), finding("f", Verdict.VIOLATED), finding("g", Verdict.VIOLATED, "settings.tier"))
    assert sorted(k.id for k in rules.of_transitions(compare_verdicts(then, one))) == ["c", "f"]
    assert sorted(k.id for k in rules.of_transitions(compare_verdicts(then, both))) == ["f"]
    bare = compare_verdicts(run(control("c", Verdict.SATISFIED)), run(control("c", Verdict.UNKNOWN)))
    assert rules.of_transitions(bare) == {}, "a control without findings is silenced by no field"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  owner: team-data\n", "", ":3: 'owner' is a required property"),
        ('  expires: "2026-11-23"\n', "", "'expires' is a required property"),
        ("2026-11-23", "2026-02-30", "2026-02-30 is no date"),
        ('- resource: "*/instances/db"\n  field', "- field", "say which resources with `kind` or `resource`"),
        ("settings.backupConfiguration.enabled", '"**"', "never a whole resource"),
        ("settings.backupConfiguration.enabled", '"*"', "never a whole resource"),
        ("gonogo.drift/v1", "gonogo.drift/v2", "'gonogo.drift/v1' was expected"),
        ("ignore:", "ignores:", "Additional properties are not allowed"),
        (RULE, "a: [", "not valid YAML"),
        (RULE, "", "one document is expected"),
        (RULE, "- 1\n", "is not of type 'object'"),
    ],
)
def test_errors_say_where(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(DriftRulesError) as error:
        read(tmp_path, RULE.replace(old, new))
    assert message in str(error.value)
    assert str(error.value).startswith(str(tmp_path / "drift.yaml"))


def test_a_file_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "drift.yaml").mkdir()
    with pytest.raises(DriftRulesError, match="cannot be read"):
        read_ignore_rules(tmp_path / "drift.yaml", TODAY)
    (tmp_path / "latin.yaml").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(DriftRulesError, match="UTF-8"):
        read_ignore_rules(tmp_path / "latin.yaml", TODAY)

"""Every rule against its fixtures, and the rules about rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.cases import Case, find_cases, run_case, verdicts
from gonogo.rules import RuleSet, load_rules

FIXTURES = Path(__file__).parents[2] / "fixtures" / "rules"
CASES = find_cases(FIXTURES)


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return load_rules(())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_rule_has_the_expected_findings(case: Case, rules: RuleSet) -> None:
    assert run_case(case, rules).problems == ()


def test_every_rule_has_a_case_for_each_verdict_it_can_give(rules: RuleSet) -> None:
    shown: dict[str, set[str]] = {}
    for case in CASES:
        shown.setdefault(case.rule, set()).update(verdicts(case))
    missing = {
        rule.id: sorted(wanted)
        for rule in rules.rules
        if (wanted := ({"suggests"} if rule.suggests else {"satisfied", "violated", "unknown"} - set(rule.never)) - shown.get(rule.id, set()))
    }
    assert missing == {}


def test_every_control_is_decided_by_a_rule(rules: RuleSet) -> None:
    decided = {rule.control for rule in rules.rules if not rule.suggests}
    assert [control.id for control in rules.controls if control.id not in decided] == []


def test_every_rule_says_why_how_to_fix_it_and_where_that_is_documented(rules: RuleSet) -> None:
    for rule in rules.rules:
        assert rule.why.endswith("."), rule.id
        assert rule.fix.endswith("."), rule.id
        assert rule.references, rule.id
        assert all(reference.startswith("https://") for reference in rule.references), rule.id


def test_cases_belong_to_rules(rules: RuleSet) -> None:
    assert sorted({case.rule for case in CASES} - {rule.id for rule in rules.rules}) == []

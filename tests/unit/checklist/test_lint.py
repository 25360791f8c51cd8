"""What a checklist contradicts in itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

import pytest
from jsonschema import Draft202012Validator

from gonogo.checklist.binding import bind
from gonogo.checklist.lint import Remark, lint_checklist
from gonogo.checklist.markdown import parse_checklist
from gonogo.data import data_directory
from gonogo.formats.yaml_reader import read_yaml
from gonogo.model.checklist import Binding, Checklist, Item
from gonogo.model.finding import Severity
from gonogo.rules.rule import Control, Fold

TODAY = date(2026, 11, 23)


def control(identifier: str, **parameters: str) -> Control:
    return Control(identifier, identifier, Severity.LOW, Fold.ANY, parameters)


CONTROLS = (
    control("dashboards"), control("pagerduty"), control("load-test"), control("latency-p95"), control("multi-instance"),
    control("cloudrun-min-instances", expected="int"), control("canary-or-bluegreen", strategy="string"), control("cloudsql-tls"), control("waf"),
)  # fmt: skip


def lint(text: str) -> list[Remark]:
    checklist = parse_checklist(text, "c.md")

    def others(items: Sequence[Item]) -> Sequence[Binding]:
        return bind(Checklist("c.md", tuple(items)), CONTROLS)

    return list(lint_checklist(text, checklist, bind(checklist, CONTROLS), others, TODAY))


def told(text: str) -> list[tuple[int, str]]:
    return [(remark.line, remark.rule) for remark in lint(text)]


def test_the_table_is_as_its_schema_says() -> None:
    schema = json.loads((data_directory("schemas") / "checklist-lint.v1.json").read_text("utf-8"))
    table = read_yaml("lint.yaml", (data_directory("rules") / "checklist" / "lint.yaml").read_text("utf-8")).documents[0].value
    assert [e.message for e in Draft202012Validator(schema).iter_errors(table)] == []


@pytest.mark.parametrize(
    ("heading", "wrong"),
    [("(50%)", False), ("(67% ✅)", False), ("66.7 %", False), ("(90% ✅)", True), ("(≥ 90% of it)", False), ("", False)],
)
def test_a_stated_percentage_is_that_of_all_boxes_or_of_the_required_ones(heading: str, wrong: bool) -> None:
    text = f"# List\n## Quality {heading}\n- [x] a\n- [x] b\n- [ ] c\n- [ ] d (optional)\n"
    assert told(text) == ([(2, "stated-percentage")] if wrong else [])


def test_a_summary_is_held_against_its_section_and_said_once() -> None:
    text = "# List\n## Quality (90%)\n- [x] a\n- [ ] b\n## Data (70% ✅)\n- [x] c\n- [ ] d\n```\nQuality ███████░ 90%\nData ██████░░ 60% ⚠️\nAverage: 80%\n```\n"
    remarks = lint(text)
    assert [(r.line, r.rule) for r in remarks] == [
        (2, "stated-percentage"), (5, "stated-percentage"), (10, "progress-bar"), (10, "section-percentages-differ"),
        (10, "state-symbols-differ"), (10, "stated-percentage"), (11, "stated-percentage"),
    ]  # fmt: skip
    assert "says 90 % of Quality, where 1 of 2 ticked (50.0 %) (again on line 9)" in remarks[0].message


def test_one_bar_for_figures_far_apart_shows_nothing() -> None:
    text = "- [x] a\n```\nA ████████░ 86%\nB ████████░ 92%\nC ████████░ 80%\n```\n"
    assert told(text) == [(3, "progress-bar"), (5, "progress-bar")]


def test_the_whole_is_said_once() -> None:
    text = "# L\n**Status**: 50% ready\n## A\n- [x] a\n- [ ] b\n\nOverall: 55%\n"
    assert told(text) == [(2, "overall-percentages-differ"), (7, "stated-percentage")]


def test_one_item_with_two_states() -> None:
    text = "## A\n- [x] Dashboards <!-- gonogo: dashboards -->\n## B\n- [ ] Grafana <!-- gonogo: dashboards -->\n- [x] Team trained\n## C\n- [ ] Team trained\n"
    assert told(text) == [(4, "two-states"), (7, "two-states")]


def test_one_item_twice_in_one_state_is_a_note() -> None:
    [remark] = lint("## A\n- [x] Dashboards <!-- gonogo: dashboards -->\n## B\n- [x] Grafana <!-- gonogo: dashboards -->\n")
    assert (remark.rule, remark.weight, remark.related) == ("said-twice", "note", (4,))


def test_figures_are_part_of_what_is_asked() -> None:
    text = "- [x] Min 1 <!-- gonogo: cloudrun-min-instances expected=1 -->\n- [x] Min 2 <!-- gonogo: cloudrun-min-instances expected=2 -->\n"
    assert told(text) == [(1, "figures-conflict")]


def test_several_instances_need_a_minimum_of_two() -> None:
    text = "- [x] Min <!-- gonogo: cloudrun-min-instances expected=1 -->\n- [x] Several instances <!-- gonogo: multi-instance -->\n"
    assert told(text) == [(2, "figures-conflict")]
    assert told(text.replace("expected=1", "expected=2")) == []


def test_optional_here_and_required_there() -> None:
    text = "## A\n- [ ] Firewall <!-- gonogo: waf -->\n- [ ] Database encryption (TLS)\n## Optional (later)\n- Database encryption\n- [ ] WAF <!-- gonogo: waf -->\n"
    assert [r for r in told(text) if r[1] == "optional-and-required"] == [(5, "optional-and-required"), (6, "optional-and-required")]


def test_a_claim_rests_on_what_is_measured() -> None:
    text = "- [x] P95 < 2 s <!-- gonogo: latency-p95 -->\n- [ ] Load test <!-- gonogo: load-test -->\n"
    assert told(text) == [(1, "rests-on-open-item")]
    assert told(text.replace("- [ ]", "- [x]")) == []


def test_nothing_in_the_way_of_a_release_but_open_items() -> None:
    text = "# L\n## Quality\n- [x] a\n- [ ] b\n- [ ] c (optional)\n## After the release\n- [ ] d\n## GO/NO-GO\n### NO-GO risks (none)\n- everything is ready\n"
    remarks = lint(text)
    assert [(r.line, r.rule, r.related) for r in remarks] == [(9, "go-criteria", (4,)), (10, "go-criteria", (4,))]


def test_a_section_that_is_said_to_be_done() -> None:
    text = "## Documentation\n- [x] README\n- [ ] Runbook\n## GO criteria\n- [x] Documentation complete\n- [x] Nothing else\n"
    assert [(r.line, r.rule, r.related) for r in lint(text)] == [(5, "go-criteria", (3,))]


def test_what_is_spoken_of_is_open() -> None:
    text = "## A\n- [ ] PagerDuty integration\n- [ ] Blue-green deployment\n## Plan\n1. Friday: release (Blue-Green)\n## Contacts\n- **PagerDuty**: https://example.com\n- **Slack**: #x\n"
    assert told(text) == [(5, "spoken-of-and-open"), (7, "spoken-of-and-open")]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("- Owner: [name]", True), ("- Owner: <your name>", True), ("- Lead: [이름]", True), ("- Lead: TBD", True), ("| Lead | [name] |", True),
        ("- See [name](https://example.com)", False), ("- Owner: Ada", False), ("- Channel [#ops]", False),
    ],
)  # fmt: skip
def test_placeholders(line: str, found: bool) -> None:
    assert told(f"- [x] a\n\n{line}\n") == ([(3, "placeholder")] if found else [])


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("**Next review**: 2026-11-22", True), ("**Next review**: 2026-11-23", False), ("다음 리뷰: 2025년 1월 2일", True), ("Next review: 2026-13-40", True),
        ("**Updated**: 2020-01-01", False), ("Next review: 2027.01.01", False),
    ],
)  # fmt: skip
def test_review_dates(line: str, found: bool) -> None:
    assert told(f"- [x] a\n\n{line}\n") == ([(3, "review-date")] if found else [])


def test_a_review_a_week_before_a_release_of_this_week() -> None:
    text = "- [x] a\n\n## 일정\n### 이번 주 (Week 1)\n1. 배포\n\n다음 리뷰: 배포 일주일 전\n"
    assert told(text) == [(7, "review-date")]

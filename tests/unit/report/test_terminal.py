from __future__ import annotations

import io
from dataclasses import replace

import pytest

from gonogo.model.assessment import Agreement, Assessment, ControlResult, Decision, ItemResult
from gonogo.model.checklist import Binding, BindingSource, Item
from gonogo.model.finding import Evidence, Finding, Role, Severity, Subject, Verdict, Waiver
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Origin, Stage
from gonogo.report import concise, terminal
from gonogo.report.layout import Style, wrap
from gonogo.translation.width import columns


def finding(verdict: Verdict, message: str = "runs as root", **changes: object) -> Finding:
    made = Finding(
        verdict.value, "r", "dockerfile-nonroot", Severity.HIGH, verdict, message, Subject("docker/Dockerfile", "Dockerfile", Origin.DECLARED),
        (Evidence(Location("Dockerfile", 3), "stages.0.user", "root"), Evidence(Location("Dockerfile", 1), "stages", "[2 entries]", Role.RELATED)),
        fix="Add `USER 10001`.",
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def item(text: str, claimed: bool, verdict: Verdict, agreement: Agreement, found: tuple[Finding, ...] = (), line: int = 7) -> ItemResult:
    written = Item("i" + str(line), ("Launch", "Containers"), text, "list.md", line, claimed)
    controls = () if verdict in (Verdict.MANUAL, Verdict.UNMAPPED) else ("dockerfile-nonroot",)
    return ItemResult(Binding(written, BindingSource.AUTO, controls), verdict, agreement, (), found)


def assessment(*items: ItemResult, decision: Decision = Decision.NO_GO, controls: tuple[ControlResult, ...] = (), **more: object) -> Assessment:
    made = Assessment(decision, items, controls, (), (), inputs={"root": "app", "files": 3, "formats": {"dockerfile": 1}, "environment": "production"})
    return replace(made, **more)  # type: ignore[arg-type]


def text(made: Assessment, style: Style | None = None) -> str:
    out = io.StringIO()
    terminal.render(made, out, style or Style())
    return out.getvalue()


ALL = (
    item("Non-root", True, Verdict.VIOLATED, Agreement.REFUTED, (finding(Verdict.VIOLATED),), 1),
    item("Nothing there", True, Verdict.ABSENT, Agreement.UNSUPPORTED, (), 2),
    item("Not known", True, Verdict.UNKNOWN, Agreement.UNCHECKED, (finding(Verdict.UNKNOWN, reasons=("variable x has no value",)),), 3),
    item("To do", False, Verdict.VIOLATED, Agreement.OPEN, (finding(Verdict.VIOLATED),), 4),
    item("Done in silence", False, Verdict.SATISFIED, Agreement.UNCLAIMED, (finding(Verdict.SATISFIED),), 5),
    item("Done", True, Verdict.SATISFIED, Agreement.CONFIRMED, (finding(Verdict.SATISFIED),), 6),
    item("Ask somebody", True, Verdict.MANUAL, Agreement.UNCHECKED, (), 7),
    item("What is this", True, Verdict.UNMAPPED, Agreement.UNCHECKED, (), 8),
)


def test_the_decision_stands_first_and_last_and_the_worst_comes_first() -> None:
    lines = text(assessment(*ALL)).splitlines()
    assert [n for n, line in enumerate(lines) if line.split()[:1] == ["NO-GO"]] == [2, len(lines) - 2]
    assert lines[-2].split() == lines[2].split() == ["NO-GO", "of", "what", "is", "required:", "1", "ticked", "but", "not", "true,", "1", "ticked", "without", "any", "trace,", "1", "could", "not", "be"]
    order = [next(n for n, line in enumerate(lines) if name in line) for name in ("Non-root", "Nothing there", "Not known", "To do", "Done in silence")]
    assert order == sorted(order)


def test_a_refuted_item_shows_the_line_that_refutes_it_and_how_to_mend_it() -> None:
    shown = text(assessment(ALL[0]))
    assert "list.md:1" in shown
    assert "violated    Dockerfile:3   runs as root" in shown
    assert "stages.0.user = root" in shown
    assert "[2 entries]" not in shown
    assert "Add `USER 10001`." in shown


def test_what_was_not_found_or_not_known_says_so() -> None:
    shown = text(assessment(*ALL))
    assert "nothing found that it could be true of" in shown
    assert "variable x has no value" in shown


def test_people_and_unmapped_items_are_counted_and_listed_on_demand() -> None:
    shown = text(assessment(*ALL))
    assert "1 for a person" in shown and "1 not mapped to a control" in shown and "1 confirmed" in shown
    assert "Ask somebody" not in shown
    assert "Ask somebody" in text(assessment(*ALL), Style(verbose=True))


def test_waived_findings_name_their_waiver() -> None:
    waived = finding(Verdict.VIOLATED, waiver=Waiver("dockerfile-nonroot", "base needs root", Location("Dockerfile", 2)))
    control = ControlResult("dockerfile-nonroot", "Images run as non-root", Severity.HIGH, Verdict.WAIVED, {}, (), (waived,))
    shown = text(assessment(controls=(control,), decision=Decision.GO))
    assert "waived: base needs root" in shown
    assert "Dockerfile:2" in shown


def test_gaps_are_grouped_by_reason() -> None:
    gaps = tuple(Gap(f"t{n}.yaml", 1, Stage.RENDER, "a template", "s", ()) for n in range(5))
    shown = text(assessment(*ALL, gaps=gaps))
    assert "5 not read or not understood" in shown
    assert "5 times     t0.yaml:1   a template (and 4 more)" in shown
    assert "t4.yaml:1" in text(assessment(*ALL, gaps=gaps), Style(verbose=True))


@pytest.mark.parametrize("width", [60, 80, 100])
def test_lines_keep_to_the_width(width: int) -> None:
    long = finding(Verdict.VIOLATED, "데이터베이스 연결이 암호화되지 않았습니다 " * 8, fix="Mend it " * 40)
    shown = text(assessment(item("A " * 10, True, Verdict.VIOLATED, Agreement.REFUTED, (long,))), Style(width=width))
    assert max(columns(line) for line in shown.splitlines() if "Mend" in line or "암호화" in line) <= width


def test_control_characters_are_escaped_and_colour_is_ours_only() -> None:
    hostile = item("\x1b[31mred\u202e\x07", True, Verdict.VIOLATED, Agreement.REFUTED, (finding(Verdict.VIOLATED, "a\nb\x1b]0;x"),))
    plain = text(assessment(hostile))
    assert "\x1b" not in plain and "\u202e" not in plain and "\x07" not in plain
    assert "\\x1b[31mred\\u202e\\x07" in plain
    colored = text(assessment(hostile), Style(color=True))
    assert "\x1b[1;31mNO-GO\x1b[0m" in colored
    assert "\x1b]0" not in colored


def test_ascii_marks_where_the_terminal_knows_no_others() -> None:
    shown = text(assessment(*ALL), Style(ascii=True))
    shown.replace("…", "").encode("ascii")


def test_the_coverage_says_which_terraform_instances_were_judged() -> None:
    root = {"root": "infra", "varFiles": ["envs/prod.tfvars"], "workspace": "blue", "evaluated": True}
    inputs = {"environment": "production", "instances": [root, {**root, "root": "other", "evaluated": False}]}
    said = " ".join(text(assessment(*ALL, inputs=inputs)).split())
    assert "Terraform judged for production: infra (envs/prod.tfvars, workspace blue)." in said
    many = text(assessment(*ALL, inputs={**inputs, "instances": [{**root, "root": f"r{n}"} for n in range(9)]}))
    assert "and 4 more" in many and "r5" not in many


def test_columns_and_wrapping() -> None:
    assert columns("가a") == 3
    assert wrap("aa bb cc", 5) == ["aa bb", "cc"]
    assert wrap("b " + "a" * 12, 5) == ["b", "aaaaa", "aaaaa", "aa"]
    assert wrap("", 5) == []


def test_concise_is_one_line_for_each_finding() -> None:
    out = io.StringIO()
    found = finding(Verdict.VIOLATED)
    concise.render(assessment(ALL[0], findings=(found,), gaps=(Gap("a.tf", 2, Stage.PARSE, "broken", "s", ()),)), out)
    assert out.getvalue().splitlines() == [
        "list.md:1: dockerfile-nonroot refuted: Non-root",
        "Dockerfile:3: dockerfile-nonroot high violated: runs as root",
        "a.tf:2: gap parse: broken",
        "NO-GO",
    ]

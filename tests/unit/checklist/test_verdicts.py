from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from gonogo.checklist.verdicts import agreement, item_result
from gonogo.model.assessment import Agreement, ControlResult
from gonogo.model.checklist import Binding, BindingSource, Item
from gonogo.model.finding import Finding, Severity, Subject, Verdict
from gonogo.model.resource import Origin
from gonogo.model.value import Value

ITEM = Item("i", (), "a", "c.md", 1, claimed=True)
SATISFIED, VIOLATED, UNKNOWN, ABSENT = Verdict.SATISFIED, Verdict.VIOLATED, Verdict.UNKNOWN, Verdict.ABSENT


def finding(name: str) -> Finding:
    return Finding(name, "r", "c", Severity.LOW, SATISFIED, "m", Subject("k", "n", Origin.DECLARED))


def results(**verdicts: Verdict) -> dict[str, ControlResult]:
    return {
        name: ControlResult(
            name, name, Severity.LOW, verdict, reasons=("why",) if verdict is UNKNOWN else (), findings=(finding("f"), finding(name))
        )
        for name, verdict in verdicts.items()
    }


def judged(*verdicts: Verdict, claimed: bool = True) -> tuple[Verdict, Agreement]:
    table = results(**{f"c{n}": verdict for n, verdict in enumerate(verdicts)})
    binding = Binding(replace(ITEM, claimed=claimed), BindingSource.AUTO, tuple(table))
    result = item_result(binding, lambda control, _: table[control])
    return result.verdict, result.agreement


@pytest.mark.parametrize(
    ("verdicts", "verdict"),
    [
        ((SATISFIED,), SATISFIED),
        ((SATISFIED, SATISFIED), SATISFIED),
        ((SATISFIED, VIOLATED, UNKNOWN), VIOLATED),
        ((SATISFIED, UNKNOWN, ABSENT), UNKNOWN),
        ((SATISFIED, ABSENT), ABSENT),
        ((SATISFIED, Verdict.WAIVED), Verdict.WAIVED),
        ((SATISFIED, Verdict.NOT_APPLICABLE), SATISFIED),
        ((Verdict.NOT_APPLICABLE,), Verdict.NOT_APPLICABLE),
    ],
)
def test_several_controls_are_all_asked_for(verdicts: tuple[Verdict, ...], verdict: Verdict) -> None:
    assert judged(*verdicts)[0] is verdict


@pytest.mark.parametrize(
    ("verdict", "ticked", "open_box"),
    [
        (SATISFIED, Agreement.CONFIRMED, Agreement.UNCLAIMED),
        (Verdict.ATTESTED, Agreement.CONFIRMED, Agreement.UNCLAIMED),
        (VIOLATED, Agreement.REFUTED, Agreement.OPEN),
        (ABSENT, Agreement.UNSUPPORTED, Agreement.OPEN),
        (UNKNOWN, Agreement.UNCHECKED, Agreement.OPEN),
        (Verdict.MANUAL, Agreement.UNCHECKED, Agreement.OPEN),
        (Verdict.UNMAPPED, Agreement.UNCHECKED, Agreement.OPEN),
        (Verdict.WAIVED, Agreement.UNSUPPORTED, Agreement.OPEN),
        (Verdict.NOT_APPLICABLE, Agreement.UNSUPPORTED, Agreement.OPEN),
    ],
)
def test_agreement(verdict: Verdict, ticked: Agreement, open_box: Agreement) -> None:
    assert (agreement(True, verdict), agreement(False, verdict)) == (ticked, open_box)


def test_every_verdict_has_an_agreement() -> None:
    for verdict in Verdict:
        confirmed = verdict in (SATISFIED, Verdict.ATTESTED)
        assert (agreement(True, verdict) is Agreement.CONFIRMED) is confirmed


def test_a_control_is_decided_under_the_items_own_figures() -> None:
    asked: list[tuple[str, Mapping[str, Value]]] = []

    def control(name: str, parameters: Mapping[str, Value]) -> ControlResult:
        asked.append((name, parameters))
        return results(c=VIOLATED)["c"]

    item_result(Binding(ITEM, BindingSource.AUTO, ("c",), parameters={"expected": 1}), control)
    assert asked == [("c", {"expected": 1})]


def test_findings_are_joined_once_and_reasons_name_their_control() -> None:
    table = results(a=SATISFIED, b=UNKNOWN)
    result = item_result(Binding(ITEM, BindingSource.AUTO, ("a", "b")), lambda control, _: table[control])
    assert [f.fingerprint for f in result.findings] == ["f", "a", "b"]
    assert result.reasons == ("a: satisfied", "b: why")


@pytest.mark.parametrize(
    ("binding", "verdict"),
    [
        (Binding(ITEM, BindingSource.NONE, reason="r"), Verdict.UNMAPPED),
        (Binding(ITEM, BindingSource.NONE, manual=True, reason="r"), Verdict.MANUAL),
        (Binding(ITEM, BindingSource.INLINE, ignored=True, reason="r"), Verdict.NOT_APPLICABLE),
    ],
)
def test_an_item_without_controls_asks_none(binding: Binding, verdict: Verdict) -> None:
    def control(name: str, parameters: Mapping[str, Value]) -> ControlResult:
        raise AssertionError(f"{name} was asked")

    result = item_result(binding, control)
    assert (result.verdict, result.reasons, result.findings) == (verdict, ("r",), ())

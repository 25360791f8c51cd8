"""What people sign for: which verdicts it may change, and which never."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from gonogo.checklist.signed import Signed, signed
from gonogo.model.assessment import Agreement, ControlResult, ItemResult
from gonogo.model.checklist import Binding, BindingSource, Item
from gonogo.model.finding import Severity, Verdict
from gonogo.model.location import Location
from gonogo.model.register import AcceptedGap, Attestation, Status, Target

TODAY = date(2026, 11, 23)
FILE = Location(".gonogo/attestations.yaml", 3)
ITEM = Item("abc", ("Launch",), "Load was tested", "C.md", 5, claimed=True)
ENTRY = Attestation(Target(item="abc"), Status.PASSED, "Ada", "sre", date(2026, 11, 1), date(2027, 1, 1), FILE, "https://x.example/")
GAP = AcceptedGap(Target(item="abc"), "OPS-1", "ada", "grace", date(2026, 11, 1), date(2027, 1, 1), "any", Location(".gonogo/waivers.yaml", 3))
BAD = {Verdict.VIOLATED, Verdict.UNKNOWN, Verdict.ABSENT, Verdict.MANUAL, Verdict.UNMAPPED}


def made(verdict: Verdict, *controls: str) -> ItemResult:
    return ItemResult(Binding(ITEM, BindingSource.INLINE, controls, manual=verdict is Verdict.MANUAL), verdict, Agreement.UNCHECKED)


def read(*entries: Attestation | AcceptedGap, controls: tuple[str, ...] = ()) -> Signed:
    attestations = [e for e in entries if isinstance(e, Attestation)]
    gaps = [e for e in entries if isinstance(e, AcceptedGap)]
    bindings = [Binding(ITEM, BindingSource.INLINE, controls)]
    return signed(attestations, gaps, bindings, {"ruled": True, "unruled": True}, lambda control: control == "ruled", TODAY, "v1", frozenset({"code"}))


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("verdict", Verdict)
def test_what_a_rule_decides_no_attestation_changes(verdict: Verdict, status: Status) -> None:
    said = read(replace(ENTRY, status=status), replace(ENTRY, target=Target(control="ruled"), status=status), controls=("ruled",))
    result = made(verdict, "ruled")
    assert said.item(result).verdict is verdict
    control = ControlResult("ruled", "T", Severity.HIGH, verdict)
    assert said.control(control) is control
    assert len(list(said.remarks([result.binding]))) == 2, "and both entries are told of"


@pytest.mark.parametrize("entry", [ENTRY, replace(ENTRY, status=Status.FAILED), replace(ENTRY, status=Status.NOT_APPLICABLE, reason="none"), GAP])
@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("controls", [(), ("unruled",), ("ruled",), ("unruled", "ruled")])
def test_nobody_signs_for_satisfied(verdict: Verdict, entry: Attestation | AcceptedGap, controls: tuple[str, ...]) -> None:
    after = read(entry, controls=controls).item(made(verdict, *controls)).verdict
    assert after is not Verdict.SATISFIED or verdict is Verdict.SATISFIED
    if isinstance(entry, AcceptedGap):
        assert after is (Verdict.WAIVED if verdict in BAD else verdict)


@pytest.mark.parametrize(
    "entry",
    [
        replace(ENTRY, expires=date(2026, 11, 22)),
        replace(ENTRY, on=date(2026, 11, 24)),
        replace(ENTRY, release="v2"),
        replace(ENTRY, target=Target(item="abc", text="Load was simulated")),
        replace(ENTRY, target=Target(item="abc", checklist="OTHER.md")),
    ],
)
def test_what_is_not_in_force_here_counts_nowhere(entry: Attestation) -> None:
    said = read(entry)
    result = made(Verdict.MANUAL)
    assert said.item(result) is result
    assert list(said.current) == ([entry] if entry.release == "" and not entry.target.checklist else [])


def test_what_is_of_this_release_weighs_more() -> None:
    failed = replace(ENTRY, status=Status.FAILED, release="v1")
    for entries in ((ENTRY, failed), (failed, ENTRY)):
        assert read(*entries).item(made(Verdict.MANUAL)).verdict is Verdict.VIOLATED

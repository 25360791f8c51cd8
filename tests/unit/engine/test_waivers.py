from __future__ import annotations

from datetime import date

import pytest

from gonogo.engine.waivers import collect
from gonogo.model.finding import Evidence, Finding, Severity, Subject, Verdict
from gonogo.model.location import Location
from gonogo.model.resource import Origin

TODAY = date(2026, 6, 1)
CONTROLS = {"dockerfile-nonroot": True, "cloudsql-ha": True, "no-secrets-committed": False}


def finding(line: int, verdict: Verdict = Verdict.VIOLATED, file: str = "f", control: str = "dockerfile-nonroot") -> Finding:
    return Finding("0" * 16, "r", control, Severity.HIGH, verdict, "m", Subject("k", "n", Origin.DECLARED), (Evidence(Location(file, line)),))


@pytest.mark.parametrize(
    ("text", "line", "covered"),
    [
        ("FROM a\n# gonogo: ignore[dockerfile-nonroot] -- why\nUSER root\n", 3, True),
        ("FROM a\n# gonogo: ignore[dockerfile-nonroot] -- why\nUSER root\nRUN x\n", 4, False),
        ("USER root # gonogo: ignore[dockerfile-nonroot] until=2026-06-01 -- why\n", 1, True),
        ("// gonogo: ignore[dockerfile-nonroot,cloudsql-ha] -- why\nx {\n  a = 1\n}\ny\n", 3, True),
        ("// gonogo: ignore[dockerfile-nonroot] -- why\nx {\n  a = 1\n}\ny\n", 5, False),
        ("a\nb\n# gonogo: ignore-file[dockerfile-nonroot] -- why\n", 1, True),
        ("metadata:\n  annotations:\n    ignore.gonogo.dev/dockerfile-nonroot: 'until=2027-01-01 -- why'\nspec: 1\n---\nb\n", 4, True),
        ("metadata:\n  annotations:\n    ignore.gonogo.dev/dockerfile-nonroot: 'until=2027-01-01 -- why'\nspec: 1\n---\nb\n", 6, False),
    ],
)
def test_extent(text: str, line: int, covered: bool) -> None:
    waivers, warnings = collect([("f", text)], CONTROLS, TODAY)
    assert warnings == ()
    assert (waivers.apply([finding(line)])[0].waiver is not None) is covered


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("# gonogo: ignore[dockerfile-nonroot]", "f:1: a waiver needs a reason: gonogo: ignore[dockerfile-nonroot] until=YYYY-MM-DD -- reason"),
        ("# gonogo: ignore -- why", "f:1: a waiver names its controls: gonogo: ignore[control-id] -- reason"),
        ("# gonogo: ignore[*] -- why", "f:1: no control is called *"),
        ("# gonogo: ignore[dockerfile-nonrot] -- why", "f:1: no control is called dockerfile-nonrot; did you mean dockerfile-nonroot?"),
        ("# gonogo: ignore[cloudsql-ha] until=2026-05-31 -- why", "f:1: the waiver of cloudsql-ha expired on 2026-05-31; it no longer counts"),
        ("# gonogo: ignore[no-secrets-committed] -- why", "f:1: no-secrets-committed may not be waived"),
        ("# gonogo: ignore[cloudsql-ha] until=20260701 -- why", "f:1: until=20260701 is not a date; write until=YYYY-MM-DD"),
        ("# gonogo: ignore[cloudsql-ha] until=soon -- why", "f:1: until=soon is not a date; write until=YYYY-MM-DD"),
    ],
)
def test_a_waiver_that_does_not_count_is_a_warning(text: str, warning: str) -> None:
    waivers, warnings = collect([("f", text)], CONTROLS, TODAY)
    assert warnings == (warning,)
    assert waivers.apply([finding(1), finding(1, control="cloudsql-ha")]) == [finding(1), finding(1, control="cloudsql-ha")]


def test_only_violations_are_waived_and_unused_waivers_are_reported() -> None:
    waivers, _ = collect([("f", "# gonogo: ignore[dockerfile-nonroot] -- why")], CONTROLS, TODAY)
    for verdict in (Verdict.SATISFIED, Verdict.UNKNOWN):
        assert waivers.apply([finding(1, verdict)])[0].waiver is None
    assert waivers.apply([finding(1, file="other")])[0].waiver is None
    assert waivers.unused({"cloudsql-ha"}, {"code"}, []) == (), "what nobody asked for was not looked at"
    assert waivers.unused(CONTROLS, {"code"}, []) == ("f:1: the waiver of dockerfile-nonroot excuses nothing; remove it",)

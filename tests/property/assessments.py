"""Assessments of any content, hostile texts among it, that keep to what the document's schema allows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import strategies as st

from gonogo.model.assessment import Agreement, Assessment, ControlResult, Decision, ItemResult
from gonogo.model.checklist import Binding, BindingSource, Item
from gonogo.model.drift import Difference, Status
from gonogo.model.finding import Baselined, Evidence, Finding, Role, Severity, Subject, Verdict, Waiver
from gonogo.model.gate import Blocker, BlockerKind, Coverage
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Origin, Stage

HOSTILE = (
    "=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3", "\t=1", "\x1b]0;owned\x07", "\x1b[2J", "<script>alert(1)</script>", "</testcase>", "]]>",
    "![x](https://evil.example/x.png)", "[x](javascript:alert(1))", "@everyone", "https://evil.example", "www.evil.example", "a@evil.example",
    "`code` ``` ~~~", "a | b", "\n::error::forged", "%0A::error::forged", "a:b,c", "\u202edlrow", "../../etc/passwd", "/etc/passwd", "&lt;b&gt;",
    "\udc80", "\u0000", "\uffff", "#1", "-->", "<!-- gonogo:x -->", "C:\\x", "//cloudsql.googleapis.com/x", '"', "",
)  # fmt: skip

texts = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=12), st.builds("".join, st.lists(st.sampled_from(HOSTILE), max_size=3)))
"""JSON carries a lone surrogate, so reports have to."""
some = texts.filter(bool)
lines = st.integers(0, 9)
less = st.sampled_from([None, Verdict.SATISFIED, Verdict.VIOLATED, Verdict.UNKNOWN, Verdict.WAIVED, Verdict.MANUAL])
control_verdicts = st.sampled_from([Verdict.SATISFIED, Verdict.VIOLATED, Verdict.UNKNOWN, Verdict.ABSENT, Verdict.WAIVED])
names = st.sampled_from(["cloudsql-backups", "dockerfile-nonroot", "own-control"])


def _location(file: str, line: int, column: int, further: int, note: str) -> Location:
    return Location(file, line, column, line + further if further and line else 0, note)


files = st.builds(_location, texts, lines, lines, lines, texts)
live = st.builds(lambda name, note: Location("", note=note, resource=f"//sqladmin.googleapis.com/{name}"), texts, texts)
evidence = st.builds(Evidence, st.one_of(files, live), texts, texts, st.sampled_from(Role), texts)
days = st.one_of(st.none(), st.dates(date(2020, 1, 1), date(2030, 1, 1)))
waivers = st.builds(
    Waiver, names, some, st.builds(Location, texts, lines), days, texts, texts, texts, st.sampled_from(["", "code", "live", "any"]), texts
)


def _finding(finding: Finding, waiver: Waiver | None, known: Baselined | None) -> Finding:
    return replace(finding, waiver=replace(waiver, control=finding.control) if waiver is not None else None, baseline=known)


findings = st.builds(
    _finding,
    st.builds(
        Finding,
        st.from_regex(r"[0-9a-f]{16}(-[1-9])?", fullmatch=True),
        texts,
        names,
        st.sampled_from(Severity),
        st.sampled_from([Verdict.SATISFIED, Verdict.VIOLATED, Verdict.UNKNOWN]),
        texts,
        st.builds(Subject, texts, texts, st.sampled_from(Origin), texts),
        st.lists(evidence, max_size=3).map(tuple),
        st.lists(texts, max_size=2).map(tuple),
        texts,
        superseded=st.booleans(),
    ),
    st.one_of(st.none(), waivers),
    st.one_of(st.none(), st.builds(Baselined, some, texts, days)),
)
items = st.builds(
    Item, some, st.lists(texts, max_size=2).map(tuple), texts, texts, st.integers(1, 99), claimed=st.booleans(), optional=st.booleans()
)


@st.composite
def item_results(draw: st.DrawFn, known: tuple[Finding, ...]) -> ItemResult:
    verdict = draw(st.sampled_from([v for v in Verdict if v is not Verdict.SUGGESTS]))
    binding = Binding(
        draw(items),
        draw(st.sampled_from(BindingSource)),
        draw(st.lists(names, max_size=2, unique=True).map(tuple)),
        manual=verdict is Verdict.MANUAL,
        ignored=verdict is Verdict.NOT_APPLICABLE,
        parameters=draw(st.dictionaries(some, st.one_of(st.integers(), texts, st.booleans()), max_size=2)),
        candidates=draw(st.lists(texts, max_size=2).map(tuple)),
    )
    agreement = draw(st.sampled_from(Agreement))
    return ItemResult(binding, verdict, agreement, draw(st.lists(texts, max_size=2).map(tuple)), draw(_some_of(known)), draw(less))


def _some_of(known: tuple[Finding, ...]) -> st.SearchStrategy[tuple[Finding, ...]]:
    return st.lists(st.sampled_from(known), max_size=3, unique=True).map(tuple) if known else st.just(())


@st.composite
def assessments(draw: st.DrawFn) -> Assessment:
    known = tuple(draw(st.lists(findings, max_size=4, unique_by=lambda f: f.fingerprint)))
    controls = tuple(
        ControlResult(
            name,
            draw(some),
            draw(st.sampled_from(Severity)),
            draw(control_verdicts),
            draw(st.dictionaries(st.sampled_from(Origin), control_verdicts, max_size=2)),
            draw(st.lists(texts, max_size=2).map(tuple)),
            draw(_some_of(known)),
            draw(less),
        )
        for name in draw(st.lists(names, min_size=1, max_size=3, unique=True))
    )
    return Assessment(
        decision=draw(st.sampled_from(Decision)),
        items=tuple(draw(st.lists(item_results(known), max_size=3, unique_by=lambda i: i.binding.item.id))),
        controls=controls,
        findings=known,
        gaps=tuple(draw(st.lists(gaps, max_size=2))),
        drift=tuple(draw(st.lists(differences, max_size=2))),
        warnings=tuple(draw(st.lists(texts, max_size=2))),
        inputs={"root": draw(texts), "environment": draw(texts), "files": 3, "checklists": draw(st.lists(texts, max_size=1))},
        versions={"gonogo": "1.0"},
        started="2026-11-23T10:00:00Z",
        finished="2026-11-23T10:00:02Z",
        blockers=tuple(draw(st.lists(blockers, max_size=3))),
        coverage=Coverage(claims=draw(lines), confirmed=draw(lines), asked=draw(lines), looked_at=draw(lines)),
    )


blockers = st.builds(Blocker, st.sampled_from(BlockerKind), texts, texts, st.lists(names, max_size=2).map(tuple), texts)
gaps = st.builds(
    Gap, texts, lines, st.sampled_from(Stage), some, texts, st.lists(texts, max_size=2).map(tuple), texts,
    st.sampled_from([Origin.DECLARED, Origin.LIVE]),
)  # fmt: skip
differences = st.builds(
    Difference,
    st.sampled_from([Status.DIFFERS, Status.MISSING_LIVE, Status.UNMANAGED_LIVE, Status.UNDECLARED, Status.UNDECIDABLE]),
    texts, texts, texts, texts, texts, texts, texts,
    st.one_of(st.none(), st.builds(_location, texts, lines, lines, lines, st.just(""))), st.lists(texts, max_size=2).map(tuple),
)  # fmt: skip

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from gonogo.engine.evaluation import ask, distinct
from gonogo.engine.inventory import Inventory
from gonogo.engine.rollup import roll_up
from gonogo.lang import Program, Template
from gonogo.model.finding import Finding, Role, Severity, Verdict, Waiver
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Origin, Resource, Stage
from gonogo.model.value import Path, Unknown, Value
from gonogo.rules.rule import Control, Doubt, Fold, Relation, Rule

HIDDEN = Unknown.because("var.x has no value")
HERE = Location("rules.yaml", 1)


def rule(condition: str, when: str | None = None, subjects: tuple[str, ...] = ("t/Thing",)) -> Rule:
    applies = Program(when) if when is not None else None
    return Rule("r", "c", "T", "Why.", subjects, applies, Program(condition), None, {}, {}, "Fix.", (), (), HERE, {})


def thing(name: str, kind: str = "t/Thing", **attributes: Value) -> Resource:
    places: dict[Path, Location] = {(key,): Location("f.tf", n) for n, key in enumerate(attributes, start=2)}
    places[()] = Location("f.tf", 1)
    return Resource(kind, name, attributes, places)


def inventory(*resources: Resource, gaps: tuple[Gap, ...] = (), relations: tuple[Relation, ...] = ()) -> Inventory:
    return Inventory(resources, gaps, relations)


def findings(asked: Rule, held: Inventory, parameters: Mapping[str, Value] | None = None) -> tuple[Finding, ...]:
    return distinct(ask(asked, held, Severity.HIGH, parameters))


@pytest.mark.parametrize(
    ("when", "condition", "verdict"),
    [
        (None, "self.on", Verdict.SATISFIED),
        (None, "!self.on", Verdict.VIOLATED),
        (None, "self.hidden", Verdict.UNKNOWN),
        (None, "self.on || self.hidden", Verdict.SATISFIED),
        (None, "self.missing", Verdict.UNKNOWN),
        (None, "1", Verdict.UNKNOWN),
        ("!self.on", "self.hidden", Verdict.NOT_APPLICABLE),
        ("self.hidden", "self.on", Verdict.UNKNOWN),
        ("self.hidden", "!self.on", Verdict.UNKNOWN),
        ("self.missing", "self.on", Verdict.UNKNOWN),
    ],
)
def test_verdict_of_a_rule(when: str | None, condition: str, verdict: Verdict) -> None:
    [finding] = findings(rule(condition, when), inventory(thing("a", on=True, hidden=HIDDEN)))
    assert finding.verdict is verdict
    assert bool(finding.reasons) is (verdict is Verdict.UNKNOWN)


@pytest.mark.parametrize(
    ("doubt", "condition", "verdict", "reasons"),
    [
        ("!self.on", "self.on", Verdict.SATISFIED, ()),
        ("!self.on", "!self.on", Verdict.VIOLATED, ()),
        ("self.on", "self.on", Verdict.UNKNOWN, ("nobody can tell of a",)),
        ("self.on", "!self.on", Verdict.UNKNOWN, ("nobody can tell of a",)),
        ("self.hidden", "!self.on", Verdict.UNKNOWN, HIDDEN.reasons),
    ],
)
def test_a_doubt_is_a_reason_why_a_rule_is_not_decided(doubt: str, condition: str, verdict: Verdict, reasons: tuple[str, ...]) -> None:
    doubtful = replace(rule(condition), undecided=(Doubt(Program(doubt), Template("nobody can tell of {{ self.called }}")),))
    [finding] = findings(doubtful, inventory(thing("a", called="a", on=True, hidden=HIDDEN)))
    assert (finding.verdict, finding.reasons) == (verdict, reasons)
    assert "on" in {e.path for e in finding.evidence}


@pytest.mark.parametrize(
    ("when", "condition", "verdict"),
    [
        (None, "self.on", Verdict.SUGGESTS),
        (None, "!self.on", Verdict.NOT_APPLICABLE),
        (None, "self.hidden", Verdict.NOT_APPLICABLE),
        ("self.hidden", "self.on", Verdict.NOT_APPLICABLE),
    ],
)
def test_a_hint_is_there_or_it_is_not(when: str | None, condition: str, verdict: Verdict) -> None:
    [finding] = findings(replace(rule(condition, when), suggests=True), inventory(thing("a", on=True, hidden=HIDDEN)))
    assert (finding.verdict, finding.reasons) == (verdict, ())


@pytest.mark.parametrize("fold", Fold)
def test_nothing_follows_from_a_hint(fold: Fold) -> None:
    hint, held = replace(rule("self.on", subjects=("t/Word",)), suggests=True), inventory(thing("a", kind="t/Word", on=True))
    asked = Control("c", "T", Severity.HIGH, fold, {})
    result = roll_up(asked, [hint, rule("self.on")], findings(hint, held), held)
    assert (result.verdict, result.by_origin, [f.verdict for f in result.findings]) == (Verdict.ABSENT, {}, [Verdict.SUGGESTS])
    broken = inventory(gaps=(Gap("f", 1, Stage.PARSE, "broken", "s", ("t/Word",)),))
    assert roll_up(asked, [hint, rule("self.on")], (), broken).verdict is Verdict.ABSENT


def test_a_doubt_does_not_matter_where_the_rule_does_not_apply() -> None:
    doubtful = replace(rule("self.on", "!self.on"), undecided=(Doubt(Program("self.on"), Template("nobody can tell")),))
    assert [f.verdict for f in findings(doubtful, inventory(thing("a", on=True)))] == [Verdict.NOT_APPLICABLE]


def test_a_rule_of_some_origins_says_nothing_of_what_was_seen_elsewhere() -> None:
    seen = [replace(thing(origin.value, on=True), origin=origin) for origin in Origin]
    asked = replace(rule("self.on"), origins=frozenset({Origin.LIVE, Origin.STATE}))
    assert [f.subject.origin for f in findings(asked, inventory(*seen))] == [Origin.LIVE, Origin.STATE]


def test_evidence_is_what_was_read_at_its_line_and_redacted() -> None:
    [finding] = findings(rule("self.password == ''"), inventory(thing("a", on=True, password="hunter2")))
    assert [(e.location.line, e.path, e.value, e.role) for e in finding.evidence] == [(3, "password", "[redacted]", Role.PRIMARY)]


def test_fingerprints_survive_line_moves_and_tell_equal_names_apart() -> None:
    moved = Resource("t/Thing", "a", {"on": True}, {(): Location("f.tf", 99)})
    first, second = findings(rule("self.on"), inventory(thing("a", on=True), moved))
    [alone] = findings(rule("self.on"), inventory(moved))
    assert first.fingerprint == alone.fingerprint
    assert second.fingerprint == f"{alone.fingerprint}-2"


RELATION = Relation("parts", ("t/Thing",), "t/Part", ((("id",), ("of",)),), HERE)


def related(*parts: Resource, gaps: tuple[Gap, ...] = (), condition: str = "self.parts.exists(p, p.good)") -> Verdict:
    held = inventory(thing("a", id="1"), *parts, gaps=gaps, relations=(RELATION,))
    return findings(rule(condition), held)[0].verdict


def test_relations_join_by_equal_keys() -> None:
    assert related(thing("p", "t/Part", of="1", good=True)) is Verdict.SATISFIED
    assert related(thing("p", "t/Part", of="2", good=True)) is Verdict.VIOLATED
    assert related(thing("p", "t/Part", of=["2", "1"], good=True)) is Verdict.SATISFIED
    assert related(thing("p", "t/Part", of=None, good=True)) is Verdict.VIOLATED


def test_what_might_be_related_leaves_the_list_open() -> None:
    assert related(thing("p", "t/Part", of=HIDDEN, good=True)) is Verdict.UNKNOWN
    assert related(gaps=(Gap("p.yaml", 1, Stage.PARSE, "broken", "s", ("t/Part",)),)) is Verdict.UNKNOWN
    # One that is surely related decides all the same.
    gap = Gap("p.yaml", 1, Stage.PARSE, "broken", "s", ("t/*",))
    assert related(thing("p", "t/Part", of="1", good=True), gaps=(gap,)) is Verdict.SATISFIED
    assert related(condition="size(self.parts) == 0", gaps=(gap,)) is Verdict.UNKNOWN


def test_evidence_follows_a_relation_to_the_related_resource() -> None:
    part = Resource("t/Part", "p", {"of": "1", "good": True}, {(): Location("part.tf", 5), ("good",): Location("part.tf", 7)})
    held = inventory(thing("a", id="1"), part, relations=(RELATION,))
    [finding] = findings(rule("self.parts.exists(p, p.good)"), held)
    assert [(str(e.location), e.path, e.resource) for e in finding.evidence] == [("part.tf:7", "good", "p")]


def control(fold: Fold) -> Control:
    return Control("c", "C", Severity.HIGH, fold, {})


S, V, U, N = Verdict.SATISFIED, Verdict.VIOLATED, Verdict.UNKNOWN, Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("fold", "verdicts", "gap", "expected"),
    [
        (Fold.EACH, [S, S], False, Verdict.SATISFIED),
        (Fold.EACH, [S, V, U], True, Verdict.VIOLATED),
        (Fold.EACH, [S, U], False, Verdict.UNKNOWN),
        (Fold.EACH, [S], True, Verdict.UNKNOWN),
        (Fold.EACH, [], True, Verdict.UNKNOWN),
        (Fold.EACH, [N], False, Verdict.ABSENT),
        (Fold.EACH, [], False, Verdict.ABSENT),
        (Fold.ANY, [S, V, U], True, Verdict.SATISFIED),
        (Fold.ANY, [V, U], False, Verdict.VIOLATED),
        (Fold.ANY, [U], False, Verdict.UNKNOWN),
        (Fold.ANY, [], True, Verdict.UNKNOWN),
        (Fold.ANY, [N], False, Verdict.ABSENT),
    ],
)
def test_roll_up(fold: Fold, verdicts: list[Verdict], gap: bool, expected: Verdict) -> None:
    gaps = (Gap("f", 1, Stage.PARSE, "broken", "s", ("t/*",)),) if gap else ()
    asked = [made(v) for v in verdicts]
    assert roll_up(control(fold), [rule("true")], asked, inventory(gaps=gaps)).verdict is expected


def made(verdict: Verdict, waiver: Waiver | None = None) -> Finding:
    from gonogo.model.finding import Subject
    from gonogo.model.resource import Origin

    reasons = ("why",) if verdict is U else ()
    return Finding("0" * 16, "r", "c", Severity.HIGH, verdict, "m", Subject("t/Thing", "n", Origin.DECLARED), (), reasons, "", waiver)


def test_a_waived_violation_makes_a_control_waived_never_satisfied() -> None:
    waived = made(V, Waiver("c", "why", HERE))
    assert roll_up(control(Fold.EACH), [rule("true")], [waived, made(S)], inventory()).verdict is Verdict.WAIVED
    assert roll_up(control(Fold.EACH), [rule("true")], [waived, made(V)], inventory()).verdict is Verdict.VIOLATED
    assert roll_up(control(Fold.EACH), [rule("true")], [waived, made(U)], inventory()).verdict is Verdict.UNKNOWN

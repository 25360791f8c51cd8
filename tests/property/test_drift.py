"""What holds of every comparison, whatever is compared."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gonogo.history.canonical import canonical, compact, restored
from gonogo.history.compare.declared import Sides, compare_declared
from gonogo.history.compare.fields import load_field_rules
from gonogo.history.compare.normal import differing, normal
from gonogo.history.compare.snapshots import compare_snapshots
from gonogo.history.compare.verdicts import Change, compare_verdicts
from gonogo.history.run import Identity, Key, Level, Run, Snapshot, Standing
from gonogo.model.drift import Status
from gonogo.model.finding import Verdict
from gonogo.model.resource import Gap, Origin, Resource, Stage
from gonogo.model.value import OpenList, OpenMap, Unknown
from histories import CODE, KIND

RULES = load_field_rules()
FIELDS = [RULES.of(kind) for kind in (KIND, "run.googleapis.com/Service", "compute.googleapis.com/SecurityPolicy", "x/None")]
NAMES = (
    "env", "name", "value", "members", "rules", "priority", "labels", "goog-x", "cpu", "limits", "timeout", "customResponseHeaders", "etag",
    "state", "settings", "authorizedNetworks", "a", "unknown", "…", "DB_PASSWORD",
)  # fmt: skip
TEXTS = (
    "1000m", "1Gi", "0.10", "300s", "5m", "-0", "007", "7", "true", "X-A: b", "x-a:b", "projects/p/x", "//h.googleapis.com/projects/p/x",
    "https://compute.googleapis.com/compute/v1/projects/p/x", "a/b", "${a.b.id}", "[redacted]", "", "a\0\ud800",
)  # fmt: skip
unknowns = st.sampled_from(["a variable", "a module"]).map(Unknown.because)
scalars: st.SearchStrategy[Any] = st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.floats(), st.sampled_from(TEXTS), st.text(max_size=4))


def _deeper(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    lists, maps = st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    return st.one_of(lists, maps, st.builds(OpenList, lists, unknowns), st.builds(OpenMap, maps, unknowns))


values = st.recursive(st.one_of(scalars, unknowns), _deeper, max_leaves=20)
attributes = st.dictionaries(st.sampled_from(NAMES), values, max_size=5)
fields = st.sampled_from(FIELDS)


def told(one: Any, other: Any) -> list[str]:
    return [repr(row) for row in differing(one, other)]


@given(values, fields)
def test_normal_is_idempotent(value: Any, of: Any) -> None:
    once = normal(value, of)
    assert repr(normal(once, of)) == repr(once)


@given(attributes, fields)
def test_nothing_differs_from_itself(value: Any, of: Any) -> None:
    form = normal(restored(canonical(value)), of)
    assert told(form, form) == []


@given(attributes, attributes, fields)
def test_a_difference_has_two_sides(one: Any, other: Any, of: Any) -> None:
    a, b = (normal(restored(canonical(value)), of) for value in (one, other))
    forth, back = list(differing(a, b)), list(differing(b, a))
    assert [path for path, _, _ in forth] == [path for path, _, _ in back]
    assert [(repr(x), repr(y)) for _, x, y in forth] == [(repr(y), repr(x)) for _, x, y in back]


@given(attributes)
def test_canonical_is_canonical(value: Any) -> None:
    body = canonical(value)
    assert compact(body) == compact(dict(reversed(body.items())))
    assert compact(canonical(restored(body))) == compact(body) or "unknown" in compact(body)  # type: ignore[arg-type]


@given(attributes, attributes)
def test_snapshots_agree_with_themselves_and_turn_around(one: Any, other: Any) -> None:
    a, b = (Snapshot({Identity("live", KIND, "n"): canonical(value)}, (CODE,)) for value in (one, other))
    assert compare_snapshots(a, a, RULES) == ()
    forth, back = compare_snapshots(a, b, RULES), compare_snapshots(b, a, RULES)
    assert [(d.status, d.field, d.expected, d.found) for d in forth] == [(d.status, d.field, d.found, d.expected) for d in back]
    assert {d.status for d in forth} <= {Status.CHANGED, Status.NOT_COMPARABLE}


@given(attributes)
def test_a_thing_that_is_as_declared_never_differs(value: Any) -> None:
    body = {**value, "name": "db"}
    code = Resource(KIND, "google_sql_database_instance.db", body)
    live = Resource(KIND, "//cloudsql.googleapis.com/projects/p/instances/db", body, origin=Origin.LIVE)
    assert {d.status for d in compare_declared(Sides([code], [live], [CODE]), RULES)} <= {Status.UNDECIDABLE}


verdicts = st.sampled_from(list(Verdict))
keys = st.builds(Key, st.sampled_from(list(Level)), st.sampled_from("abc"))
blind = st.sampled_from([(), (Gap("", 0, Stage.READ, "403", "gcp", (KIND,)),)])


def _run(found: dict[Key, Verdict], gaps: tuple[Gap, ...]) -> Run:
    return Run("s", "", "", "", "GO", standings=tuple(Standing(k, v, "t", kind=KIND) for k, v in found.items()), gaps=gaps)


runs = st.builds(_run, st.dictionaries(keys, verdicts, max_size=5), blind)
known = st.dictionaries(keys, verdicts.filter(lambda v: v is not Verdict.UNKNOWN), max_size=5)


@settings(max_examples=400)
@given(runs, runs, known)
def test_transitions_are_sound(then: Run, now: Run, last: dict[Key, Verdict]) -> None:
    assert compare_verdicts(then, then, last) == ()
    found = {t.standing.key: t for t in compare_verdicts(then, now, last)}
    for transition in found.values():
        if transition.change is Change.FIXED:
            assert transition.now in (Verdict.SATISFIED, Verdict.ATTESTED), "an unknown resolves nothing"
        if transition.change is Change.GONE and transition.now is None and transition.standing.key.level is Level.FINDING:
            assert not now.gaps, "what may only be out of sight is not gone"
    before = {s.key: s.verdict for s in then.standings}
    for standing in now.standings:
        # Nothing becomes violated in silence, but where it is known to have been violated before it went out of sight.
        was = before.get(standing.key)
        if standing.verdict is Verdict.VIOLATED and was is not Verdict.VIOLATED and last.get(standing.key) is not Verdict.VIOLATED:
            assert found[standing.key].alarms
        if standing.verdict is Verdict.UNKNOWN and was in (Verdict.SATISFIED, Verdict.VIOLATED):
            assert found[standing.key].alarms

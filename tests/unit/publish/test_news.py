from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from gonogo.history.drift import between
from gonogo.history.ignore import IgnoreRule, IgnoreRules
from gonogo.history.run import Run, Snapshot
from gonogo.history.store import Store, open_store
from gonogo.model.finding import Verdict
from gonogo.publish.news import Entry, Group, News, Topic, news_of
from histories import KIND, control, finding, gap, item, live, run, surface

SATISFIED, VIOLATED, UNKNOWN = Verdict.SATISFIED, Verdict.VIOLATED, Verdict.UNKNOWN
RULE = IgnoreRule("settings.backupConfiguration.enabled", "moved", "data", date(2999, 1, 1))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(str(tmp_path / "history.db"), create=True) as opened:
        yield opened


def news(store: Store, *runs: Run, rules: IgnoreRules | None = None) -> News:
    numbers = [store.record(given).number for given in runs]
    pairs = zip(numbers, numbers[1:], strict=False)
    return news_of(between(store, rules or IgnoreRules(), earlier, later) for earlier, later in pairs)


def database(verdict: Verdict, day: int = 1) -> Run:
    """An item, its control and the finding below, all with one verdict."""
    return run(
        item("i", verdict, "f"), control("backups", verdict, "f"), finding("f", verdict, "settings.backupConfiguration.enabled", "main.tf"),
        snapshot=Snapshot(live(enabled=verdict is SATISFIED), (surface(),)), day=day,
    )  # fmt: skip


def shown(groups: tuple[Group, ...]) -> list[tuple[str, list[str]]]:
    return [(group.head.standing.key.id, [entry.standing.key.id for entry in group.below]) for group in groups]


def only(found: News) -> Entry:
    ((group,),) = found.groups.values()
    return group.head


def test_an_item_stands_for_its_control_and_has_its_findings_below(store: Store) -> None:
    found = news(store, database(SATISFIED), database(VIOLATED, 2))
    assert {topic: shown(groups) for topic, groups in found.groups.items()} == {Topic.REGRESSED: [("i", ["f"])]}
    (group,) = found.groups[Topic.REGRESSED]
    (leaf,) = group.leaves
    assert (leaf.files, [d.field for d in leaf.differences]) == (("main.tf",), ["settings.backupConfiguration.enabled"])
    assert leaf.sighting is not None
    assert (leaf.sighting.first_seen, leaf.sighting.times_seen) == ("2026-11-02T06:00:00Z", 1)


def test_what_stands_is_no_news(store: Store) -> None:
    found = news(store, database(VIOLATED), database(VIOLATED, 2))
    assert found.groups == {}
    assert not found.worth_telling


def test_an_unknown_is_out_of_sight_and_never_fixed(store: Store) -> None:
    found = news(store, database(VIOLATED), run(item("i", UNKNOWN), control("backups", UNKNOWN), day=2, gaps=(gap(KIND), gap())))
    assert list(found.groups) == [Topic.WENT_BLIND]
    assert found.gaps == (gap(KIND),), "a gap that touches nothing explains nothing"


def test_what_broke_and_was_mended_before_anybody_was_told_is_told(store: Store) -> None:
    found = news(store, database(SATISFIED), database(VIOLATED, 2), database(SATISFIED, 3))
    assert list(found.groups) == [Topic.FIXED]
    entry = only(found)
    assert (entry.run, entry.now, [(number, t.change.value) for number, t in entry.earlier]) == (3, SATISFIED, [(2, "regressed")])


def test_back_in_sight_as_it_was(store: Store) -> None:
    found = news(store, database(SATISFIED), database(UNKNOWN, 2), database(SATISFIED, 3))
    entry = only(found)
    assert (entry.topic, entry.transition.now, entry.now) == (Topic.WENT_BLIND, UNKNOWN, SATISFIED)
    broken = news(store, database(SATISFIED), database(VIOLATED, 2), database(UNKNOWN, 3), database(VIOLATED, 4))
    assert (only(broken).topic, only(broken).now) == (Topic.REGRESSED, VIOLATED), "how it is now, not how it was last reported"


def test_what_is_ignored_is_listed_and_no_news_by_itself(store: Store) -> None:
    rules = IgnoreRules((RULE,))
    found = news(store, database(SATISFIED), database(VIOLATED, 2), rules=rules)
    assert list(found.groups) == [Topic.IGNORED]
    assert not found.worth_telling
    fixed = news(store, database(VIOLATED), database(SATISFIED, 2), rules=rules)
    assert list(fixed.groups) == [Topic.IGNORED], "nobody hears that what nobody heard of was fixed"
    both = news(store, run(*database(SATISFIED).standings, control("tls", SATISFIED)), run(*database(VIOLATED).standings, control("tls", VIOLATED), day=2), rules=rules)
    assert {topic: shown(groups) for topic, groups in both.groups.items()} == {Topic.REGRESSED: [("tls", [])], Topic.IGNORED: [("i", ["f"])]}
    assert both.worth_telling


def test_new_and_violated_is_news_and_new_and_in_order_is_not(store: Store) -> None:
    assert news(store, run(), run(control("a", SATISFIED), day=2)).groups == {}
    assert list(news(store, run(), run(control("b", VIOLATED), day=2)).groups) == [Topic.VIOLATED]


def test_a_finding_below_nothing_and_a_control_below_no_item_stand_by_themselves(store: Store) -> None:
    before = run(control("c", SATISFIED, "g"), finding("f", SATISFIED), finding("g", SATISFIED))
    after = run(control("c", VIOLATED, "g"), finding("f", VIOLATED), finding("g", VIOLATED), day=2)
    assert shown(news(store, before, after).groups[Topic.REGRESSED]) == [("c", ["g"]), ("f", [])]

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gonogo.history.drift import between
from gonogo.history.ignore import IgnoreRules
from gonogo.history.run import Run
from gonogo.history.store import Store, open_store
from gonogo.model.finding import Verdict
from gonogo.publish.message import MAX_LENGTH, Message, Wording, compose
from gonogo.publish.news import news_of
from gonogo.publish.text import quoted
from histories import KIND, control, finding, gap, item, run

SATISFIED, VIOLATED, UNKNOWN = Verdict.SATISFIED, Verdict.VIOLATED, Verdict.UNKNOWN
NOBODY = Wording(lambda _: ())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(str(tmp_path / "history.db"), create=True) as opened:
        yield opened


def message(store: Store, then: Run, now: Run, wording: Wording = NOBODY, limit: int = MAX_LENGTH) -> Message:
    earlier, later = (store.record(given).number for given in (then, now))
    return compose(news_of([between(store, IgnoreRules(), earlier, later)]), wording, limit)


def test_the_whole_of_a_message(store: Store) -> None:
    before = run(item("i", SATISFIED, "f"), item("j", VIOLATED, text="Alerts"), control("c", SATISFIED), finding("f", SATISFIED))
    after = run(
        item("i", VIOLATED, "f"), item("j", SATISFIED, text="Alerts"), control("c", UNKNOWN),
        finding("f", VIOLATED, "settings.backupConfiguration.enabled", "infra/db.tf"), day=2, gaps=(gap(KIND),),
    )  # fmt: skip
    found = message(store, before, after, Wording(lambda files: ("@org/data",) if "infra/db.tf" in files else ()))
    assert found.title == "gonogo: 1 regressed, 1 went blind, 1 fixed in audit shop"
    assert not found.good
    assert found.body == (
        "Run 2 of 2026-11-02T06:00:00Z against run 1 of 2026-11-01T06:00:00Z: NO-GO\n"
        "\nRegressed (1)\n- Backups\n"
        "    //cloudsql.googleapis.com/projects/shop/instances/db: a rule: what it found\n"
        "        satisfied -> violated; violated first seen 2026-11-02T06:00:00Z, once\n"
        "    can fix it: @\u200borg/data (infra/db.tf)\n"
        "\nWent blind (1)\n  because projects/shop: the permission is missing\n- c: c holds\n"
        "    satisfied -> unknown; unknown first seen 2026-11-02T06:00:00Z, once\n"
        "\nFixed (1)\n- Alerts\n    violated -> satisfied; violated first seen 2026-11-01T06:00:00Z, once"
    )


def test_good_news_only(store: Store) -> None:
    assert message(store, run(control("c", VIOLATED)), run(control("c", SATISFIED), day=2)).good


def test_ten_thousand_items_fit_and_are_counted(store: Store) -> None:
    many = range(10_000)
    before = run(*(item(f"i{n:05}", SATISFIED, f"f{n}", text=f"Item {n}") for n in many), *(finding(f"f{n}", SATISFIED) for n in many))
    after = run(*(item(f"i{n:05}", VIOLATED, f"f{n}", text=f"Item {n}") for n in many), *(finding(f"f{n}", VIOLATED) for n in many), day=2)
    started = time.monotonic()
    found = message(store, before, after)
    assert time.monotonic() - started < 20
    assert found.title == "gonogo: 10000 regressed in audit shop"
    assert len(found.body) <= MAX_LENGTH
    assert "and 9990 more; `gonogo drift` shows everything" in found.body


@pytest.mark.parametrize("limit", [120, 200, 1000])
def test_a_short_message_says_that_it_is_cut(store: Store, limit: int) -> None:
    before, after = ([item(f"i{n}", verdict, text="x" * 300) for n in range(20)] for verdict in (SATISFIED, VIOLATED))
    found = message(store, run(*before), run(*after, day=2), limit=limit)
    assert len(found.body) <= limit
    assert found.body.endswith("`gonogo drift` shows everything")
    assert "20 regressed" in found.title


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[click](http://evil.example)", "[click]\u200b(http://evil.example)"),
        ("![x](http://e/x.png) [a][b] [b]: http://e", "![x]\u200b(http://e/x.png) [a]\u200b[b] [b]\u200b: http://e"),
        ("@everyone and me@everyone, @org/team, me@example.com", "@\u200beveryone and me@\u200beveryone, @\u200borg/team, me@example.com"),
        ("<!channel> <@U1> <#C1> <@&9> <http://e|ok> <b>", "<\u200b!channel> <\u200b@\u200bU1> <\u200b#C1> <\u200b@&9> <\u200bhttp://e|ok> <\u200bb>"),
        ("a < b, 1 <2", "a < b, 1 <2"),
        ("\x1b[2J\x07\u202eabc\u200b", "\\x1b[2J\\x07\\u202eabc\\u200b"),
        ("one\r\n\r\n# two\ttab\u2028sep", "one # two tab\\u2028sep"),
        ("x" * 500, "x" * 199 + "…"),
        ("key ghp_" + "a" * 36, "[redacted]"),
        ("x" * 700 + " ghp_" + "a" * 36, "[redacted]"),
        ("\ud800 half", "\\ud800 half"),
    ],
)
def test_what_was_scanned_does_nothing_in_a_message(text: str, expected: str) -> None:
    assert quoted(text) == expected


def test_a_credential_that_is_cut_in_two_is_not_shown() -> None:
    assert "ghp_" not in quoted("x" * 190 + " ghp_" + "a" * 36)
    assert "ghp_" not in quoted("x" * 780 + " ghp_" + "a" * 36)

"""No text makes the checklist reader fail, lose a box or bind without cause."""

from __future__ import annotations

import re
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from gonogo.checklist import ChecklistError
from gonogo.checklist.aliases import Aliases
from gonogo.checklist.binding import bind, shipped_aliases
from gonogo.checklist.directives import parse_directive
from gonogo.checklist.markdown import parse_checklist
from gonogo.checklist.normalise import normalise
from gonogo.rules import Control, load_rules

_PIECES = (
    "- [ ] ",
    "- [x] ",
    "* [X] ",
    "1. [ ] ",
    "+ [x]",
    "[ ] ",
    "- ",
    "1. ",
    "> ",
    "# ",
    "### 3️⃣ ",
    "```\n",
    "~~~\n",
    "    ",
    "\t",
    "| ",
    " |\n|---|\n",
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    "<!-- gonogo: waf -->",
    "<!-- gonogo: ",
    "-->",
    "<!--",
    "<div>",
    "</div>",
    "**",
    "`",
    "~~",
    "(선택)",
    "(optional)",
    "[a](b)",
    "[x]: c",
    "---\n",
    "===\n",
    "Cloud SQL ",
    "자동 백업 설정",
    "Min instances: 1",
    "\u2028",
    "\x0b",
    "\ufeff",
    "\x00",
    "🔟",
    "\ud800",
    "[~] ",
    "&amp;",
)
markdown = st.lists(st.one_of(st.sampled_from(_PIECES), st.text(max_size=12)), max_size=60).map("".join)


@cache
def controls() -> tuple[Control, ...]:
    return load_rules(()).controls


@cache
def aliases() -> Aliases:
    return shipped_aliases()


@given(markdown)
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_and_bound(text: str) -> None:
    checklist = parse_checklist(text, "c.md")
    lines = len(re.split(r"\r\n|\r|\n", text))
    assert all(1 <= item.line <= lines and item.text for item in checklist.items)
    assert len({item.id for item in checklist.items}) == len(checklist.items)
    try:
        bindings = bind(checklist, controls(), None, aliases())
    except ChecklistError as error:
        assert str(error).startswith("c.md:")
        return
    assert [b.item for b in bindings] == list(checklist.items)
    assert all(b.controls or b.reason for b in bindings)


@given(markdown)
@settings(max_examples=200, deadline=None)
def test_reading_is_deterministic(text: str) -> None:
    assert parse_checklist(text, "c.md") == parse_checklist(text, "c.md")


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.from_regex(r"[a-z]{1,8}( [a-z]{1,8}){0,3}", fullmatch=True)), max_size=30))
@settings(max_examples=100, deadline=None)
def test_every_listed_box_is_an_item_or_a_note(rows: list[tuple[int, bool, str]]) -> None:
    text = "\n".join(f"{'  ' * depth}- [{'x' if ticked else ' '}] {words}" for depth, ticked, words in rows)
    checklist = parse_checklist(text, "c.md")
    noted = [re.match(r"(?:a box|(\d+) boxes) ", note) for _, note in checklist.notes]
    assert len(checklist.items) + sum(int(m.group(1) or 1) for m in noted if m) == len(rows)


@given(st.text(max_size=80))
def test_normalise_settles(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text(alphabet="waf hsts=,\"'manual ignore reason;\n", max_size=40))
def test_a_directive_is_understood_or_refused(text: str) -> None:
    try:
        found = parse_directive(text, "c.md:1", {"waf": {}, "hsts": {}})
    except ChecklistError:
        return
    assert found.controls or found.manual or found.ignored

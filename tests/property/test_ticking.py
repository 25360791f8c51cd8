"""Of a checklist that is ticked nothing changes but the characters of its boxes, whatever else stands in it."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from gonogo.checklist.boxes import Box, set_boxes
from gonogo.checklist.errors import ChecklistError
from gonogo.checklist.markdown import parse_checklist

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x00"), max_size=20)
MARKERS = st.sampled_from(["- ", "* ", "+ ", "1. ", "2) ", "  - ", "> - ", "   1.  ", "- - ", "\t- "])
BOXES = st.sampled_from(["[ ]", "[x]", "[X]"])
ITEMS = st.builds(lambda marker, box, text: f"{marker}{box} {text}", MARKERS, BOXES, WORDS)
OTHERS = st.one_of(
    WORDS, st.sampled_from(["# Title", "## Section (95% ✅)", "```", "~~~", "<!--", "-->", "---", "| [ ] | a |", "|---|---|", "    - [ ] code", "[ ] stray", "- [x]", "", "<details>"])
)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


@st.composite
def checklists(draw: st.DrawFn) -> bytes:
    lines = draw(st.lists(st.tuples(st.one_of(ITEMS, OTHERS), ENDS), max_size=25))
    text = "".join(line + end for line, end in lines) + draw(st.one_of(ITEMS, st.just("")))
    return (draw(st.sampled_from(["", "\ufeff"])) + text).encode("utf-8")


def unboxed(data: bytes) -> bytes:
    return re.sub(rb"\[[ xX]\]", b"[?]", data)


@given(checklists(), st.randoms())
def test_only_boxes_change_and_as_they_should(data: bytes, random: object) -> None:
    before = parse_checklist(data.decode("utf-8"), "c.md")
    lines = [item.line for item in before.items]
    wanted = {item.line: Box(bool(random.getrandbits(1))) for item in before.items if lines.count(item.line) == 1}  # type: ignore[attr-defined]
    try:
        after = set_boxes(data, wanted, "c.md")
    except ChecklistError:
        # Several boxes in one line without a marker: said, and nothing was written.
        assert any(len(re.findall(rb"\[[ xX]\]", line)) != 1 for line in re.split(rb"\r\n|\r|\n", data))
        return
    assert len(after) == len(data)
    assert unboxed(after) == unboxed(data)
    now = parse_checklist(after.decode("utf-8"), "c.md")
    assert [(i.id, i.line, i.text) for i in now.items] == [(i.id, i.line, i.text) for i in before.items]
    assert {i.line: i.claimed for i in now.items if i.line in wanted} == {line: box.ticked for line, box in wanted.items()}
    others = {i.line: i.claimed for i in before.items if i.line not in wanted}
    assert {i.line: i.claimed for i in now.items if i.line not in wanted} == others


@given(checklists())
def test_what_is_so_already_leaves_every_byte(data: bytes) -> None:
    wanted = {item.line: Box(item.claimed) for item in parse_checklist(data.decode("utf-8"), "c.md").items}
    try:
        assert set_boxes(data, wanted, "c.md") == data
    except ChecklistError:
        assert data


@given(checklists(), WORDS)
def test_an_evidence_comment_is_written_once_and_taken_away_again(data: bytes, evidence: str) -> None:
    before = parse_checklist(data.decode("utf-8"), "c.md")
    boxed = {item.line: item.claimed for item in before.items}
    try:
        once = set_boxes(data, {line: Box(claimed, evidence) for line, claimed in boxed.items()}, "c.md")
    except ChecklistError:
        return
    now = parse_checklist(once.decode("utf-8"), "c.md")
    assert [(i.line, i.claimed) for i in now.items] == [(i.line, i.claimed) for i in before.items]
    again = set_boxes(once, {line: Box(claimed, evidence) for line, claimed in boxed.items()}, "c.md")
    assert again == once

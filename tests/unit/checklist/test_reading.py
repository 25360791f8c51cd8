"""Items and boxes are those that GitHub's own parser draws, in whatever a checklist is written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gonogo.checklist.markdown import parse_checklist

ROOT = Path(__file__).resolve().parents[3]
PUBLIC = sorted((ROOT.parent / "shared" / "checklists").glob("*.md")) + sorted((ROOT.parent / "shared" / "seed").glob("*.md"))
OURS = sorted((ROOT / "fixtures" / "checklists").glob("*.md"))
_BOX = re.compile(r'<input type="checkbox"([^>]*)>')


def drawn(text: str) -> list[bool]:
    """The boxes that GitHub draws, in order, and whether each is ticked."""
    cmarkgfm = pytest.importorskip("cmarkgfm", reason="cmarkgfm, GitHub's own parser, is not installed")
    options = pytest.importorskip("cmarkgfm.cmark").Options.CMARK_OPT_UNSAFE
    html: str = cmarkgfm.github_flavored_markdown_to_html(text, options)
    return ["checked" in attributes for attributes in _BOX.findall(html)]


def read(text: str) -> list[bool]:
    """The boxes of list items. Those of table cells are read besides, which GitHub does not draw."""
    lines = text.splitlines()
    return [item.claimed for item in parse_checklist(text, "c.md").items if not lines[item.line - 1].lstrip().startswith("|")]


@pytest.mark.parametrize("path", [*OURS, *PUBLIC], ids=lambda path: path.name[-60:])
def test_the_items_are_those_that_are_drawn(path: Path) -> None:
    text = path.read_bytes().decode("utf-8-sig")
    assert read(text) == drawn(text)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("- [ ] a\n- [x] b\n- [X] c", 3),
        ("* [ ] a\n+ [x] b\n1. [ ] c", 3),
        ("1. a\n   - [ ] b\n     - [x] c", 2),
        ("```\n- [ ] a\n```\n- [ ] b", 1),
        ("- [ ] a\n\n      code\n\n  ```sh\n  - [ ] no\n  ```\n- [x] b", 2),
        ("- [~] a\n- [] b\n- [ ]c", 0),
        ("<!-- - [ ] a -->", 0),
    ],
)
def test_the_ways_to_write_a_box(text: str, count: int) -> None:
    assert read(text) == drawn(text)
    assert len(read(text)) == count

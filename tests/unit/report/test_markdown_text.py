from __future__ import annotations

import pytest

from gonogo.report.markdown_text import code, prose


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Set `a.b = 1`.", "Set `a.b = 1`."),
        ("``x``", r"\`\`x\`\`"),
        ("one ` only", r"one \` only"),
        ("95% of @ally", "95% of @\u2060ally"),
        ("http://x", "http:\u2060//x"),
        ("0.1.0", "0.1.0"),
        ("1. x", r"1\. x"),
        ("- x", r"\- x"),
        (" \t", "(empty)"),
        ("a\nb", "a b"),
    ],
)
def test_prose(text: str, written: str) -> None:
    assert prose(text) == written


def test_prose_and_code_are_cut() -> None:
    assert prose("x" * 50, 10) == "x" * 9 + "…"
    assert code("x" * 50, 10) == "`" + "x" * 9 + "…`"


@pytest.mark.parametrize(("text", "written"), [("a", "`a`"), ("a`b", "``a`b``"), ("`a", "`` `a ``"), ("``", "``` `` ```"), ("", "` `"), ("a|b", "`a|b`")])
def test_code(text: str, written: str) -> None:
    assert code(text) == written

from __future__ import annotations

from collections.abc import Mapping

import pytest

from gonogo.checklist import ChecklistError
from gonogo.checklist.directives import Directive, parse_directive

KNOWN: Mapping[str, Mapping[str, str]] = {"waf": {}, "hsts": {}, "cloudrun-min-instances": {"expected": "int"}}


@pytest.mark.parametrize(
    ("text", "directive"),
    [
        ("waf", Directive(("waf",))),
        ("waf, hsts", Directive(("waf", "hsts"))),
        ("waf hsts waf", Directive(("waf", "hsts"))),
        ("cloudrun-min-instances expected=2", Directive(("cloudrun-min-instances",), parameters={"expected": 2})),
        ('cloudrun-min-instances expected="2"', Directive(("cloudrun-min-instances",), parameters={"expected": 2})),
        ("manual", Directive(manual=True, reason="to be confirmed by a person")),
        ("manual owner=ops", Directive(manual=True, reason="to be confirmed by ops")),
        ('ignore reason="not this year"', Directive(ignored=True, reason="ignored: not this year")),
        ('waf reason="see #12"', Directive(("waf",), reason="see #12")),
    ],
)
def test_directives(text: str, directive: Directive) -> None:
    assert parse_directive(text, "c.md:3", KNOWN) == directive


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("wafs", "c.md:3: no control is called wafs; did you mean waf?"),
        ("nothing-like-it", "c.md:3: no control is called nothing-like-it"),
        ("expected=1", "names no control"),
        ("", "names no control"),
        ("waf manual", "mixes manual with something else"),
        ("ignore", '`gonogo: ignore` needs a reason; write `gonogo: ignore reason="…"`'),
        ("waf expected=1", "waf takes no parameters, not expected"),
        ("cloudrun-min-instances expectd=1", "cloudrun-min-instances takes expected, not expectd; did you mean expected?"),
        ("cloudrun-min-instances expected=many", "expected is of type int, not 'many'"),
        ("manual ownr=ops", "takes owner and reason, not ownr; did you mean owner?"),
        ('waf reason="open', "cannot read"),
        ("waf; hsts", "cannot read `gonogo: waf; hsts` from `; hsts` on"),
    ],
)
def test_a_directive_that_says_nothing_is_an_error(text: str, message: str) -> None:
    with pytest.raises(ChecklistError) as caught:
        parse_directive(text, "c.md:3", KNOWN)
    assert message in str(caught.value)
    assert str(caught.value).startswith("c.md:3: ")

"""Sentences that are recognised by what they are made of."""

from __future__ import annotations

import time

import pytest

from gonogo.translation.template import EXPRESSION, NAMED, Template


@pytest.mark.parametrize(
    ("template", "text", "values"),
    [
        ("fixed", "fixed", ()),
        ("fixed", "fixed!", None),
        ("{a} is {b}", "x is y", ("x", "y")),
        ("{a} is {b}", "x is y is z", ("x", "y is z")),
        ("the {a} of {b}.", "the x of y.", ("x", "y")),
        ("the {a} of {b}.", "the x of y", None),
        ("{a}aa", "aa", ("",)),
        ("a{a}a", "a", None),  # one character is not two
        ("{a}", "", ("",)),
    ],
)
def test_what_stands_at_the_places(template: str, text: str, values: tuple[str, ...] | None) -> None:
    assert Template.of(template, NAMED).match(text) == values


def test_a_translation_may_order_the_places_as_it_likes() -> None:
    found = Template.of("{what} of {whom}", NAMED)
    values = dict(zip(found.places, found.match("the name of the rose") or (), strict=True))
    assert Template.of("{whom}: {what}", NAMED).filled(values) == "the rose: the name"


def test_values_are_not_read_as_templates() -> None:
    assert Template.of("<{a}>", NAMED).filled({"a": "{b} {0} %s"}) == "<{b} {0} %s>"


def test_an_expression_may_go_over_lines() -> None:
    assert Template.of("a {{ self.x ?\n  'b' : 'c' }}", EXPRESSION).places == ("self.x ? 'b' : 'c'",)


def test_matching_is_linear_in_a_hostile_text() -> None:
    template = Template.of("{a} a {b} a {c} a {d} a {e} end", NAMED)
    started = time.perf_counter()
    assert template.match(" a " * 200_000) is None
    assert time.perf_counter() - started < 1

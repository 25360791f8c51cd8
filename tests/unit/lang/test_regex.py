from __future__ import annotations

import random

import pytest

from gonogo.lang import Program
from gonogo.lang.regex import Pattern, TooCostly
from gonogo.model.value import Unknown


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("", "", True),
        ("abc$", "abc\n", False),
        ("(?m)^b$", "a\nb\nc", True),
        ("a.b", "a\nb", False),
        ("(?s)a.b", "a\nb", True),
        (r"\d", "٣", False),
        (r"\w", "é", False),
        (r"\bcat\b", "a cat!", True),
        (r"\bcat\b", "concat", False),
        ("(?i)redis(:|$)", "REDIS:7", True),
        ("(?i)[k]", "\u212a", True),
        ("(?i)[^k]", "\u212a", False),
        ("(?i:A)b", "aB", False),
        ("a(?i)b|c", "C", True),
        ("[[:^alpha:]]", "a", False),
        ("[]a-]+z", "]-az", True),
        ("a{,2}", "a{,2}", True),
        ("x{2,3}?y", "xxxy", True),
        ("(?P<name>a)|b", "b", True),
        (r"\x41\x{42}\.", "AB.", True),
        ("한국?", "한", True),
    ],
)
def test_search(pattern: str, text: str, expected: bool) -> None:
    assert Pattern(pattern).search(text) is expected


@pytest.mark.parametrize(
    "pattern",
    [
        "(?=a)", "(?!a)", "(?<=a)", "(?P<x>a)(?=b)", "(?>a)", r"(a)\1", "(?P=x)", "(?#a)", "(?x)a", "a++", "a**", "a{2}{3}", "*a", "a|*",
        "(", "a)", "[a", "[z-a]", r"[a-\d]", r"[\b]", r"\Z", r"\B", r"\pL", r"\Qa\E", r"\C", r"\07", r"\8", r"\é", "\\", "[[:foo:]]", "x{1001}",
        "x{2,1}", "((a{100}){100})", "(?i)é", "(" * 60 + ")" * 60, "a" * 1001, "(?-)a", "(?i)*",
    ],
)  # fmt: skip
def test_what_is_not_in_the_subset_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="the pattern|a pattern of"):
        Pattern(pattern)


@pytest.mark.parametrize("pattern", ["(a|a)*b", "(?:a+b?)*c", "((a+))+b", "(a?){25}a{25}x", ".*.*.*x", "(a*)*b", "(?:aa|aaa)*b", "(a+){20}b"])
def test_what_takes_a_backtracking_matcher_years_takes_none_here(pattern: str) -> None:
    assert Pattern(pattern).search("a" * 10_000) is False


def test_a_search_that_makes_too_many_states_is_given_up() -> None:
    text = "".join(random.Random(1).choices("ab", k=10_000))
    with pytest.raises(TooCostly):
        Pattern("(a|b)*a(a|b){200}x").search(text)
    found = Program("t.matches('(a|b)*a(a|b){200}x')").evaluate({"t": text}).value
    assert found == Unknown.because("a pattern takes too long to match")


def test_states_that_are_dropped_change_no_answer() -> None:
    text = "".join(random.Random(2).choices("ab", k=4_000)) + "ab" + "a" * 12 + "x"
    assert Pattern("b(a|b){12}x").search(text) is True


def test_a_text_too_long_to_match_is_unknown() -> None:
    found = Program("t.matches('a')").evaluate({"t": "a" * 10_001}).value
    assert isinstance(found, Unknown)

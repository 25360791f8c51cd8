"""Version constraints as ranges."""

from __future__ import annotations

import pytest

from gonogo.rules.versions import Range, parse_constraint


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("", (0, 0, 0), None),
        ("20.1.3", (20, 1, 3), (20, 1, 4)),
        ("= v20.1", (20, 1, 0), (20, 1, 1)),
        ("~> 20.1", (20, 1, 0), (21, 0, 0)),
        ("~> 20.1.3", (20, 1, 3), (20, 2, 0)),
        ("~> 20", (20, 0, 0), None),
        (">= 20, < 26", (20, 0, 0), (26, 0, 0)),
        ("> 20.1.3, <= 25.2", (20, 1, 4), (25, 2, 1)),
        (">= 20.0, != 20.1.0", (20, 0, 0), None),
        ("< 1.0.0-beta", (0, 0, 0), (1, 0, 0)),
    ],
)
def test_a_constraint_is_a_range(text: str, low: tuple[int, int, int], high: tuple[int, int, int] | None) -> None:
    assert parse_constraint(text) == Range(low, high)


@pytest.mark.parametrize("text", ["latest", "20.x", "~ 20", "1.2.3.4", ">= 1 < 2"])
def test_what_is_no_constraint_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no version constraint"):
        parse_constraint(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [("20.1.3", "20.1.3"), ("~> 26.0", "26.x"), ("~> 26.1.0", "26.1.x"), (">= 20, < 26", "25.x"), (">= 20", "20.0.0 or newer"), ("", "any version")],
)
def test_a_range_is_shown_by_its_newest_versions(text: str, shown: str) -> None:
    assert str(parse_constraint(text)) == shown


def test_ranges_meet_or_do_not() -> None:
    assert (parse_constraint("~> 20.0") & parse_constraint(">= 20.5, < 26")) == parse_constraint(">= 20.5, < 21")
    assert (parse_constraint("~> 20.0") & parse_constraint(">= 21")).empty

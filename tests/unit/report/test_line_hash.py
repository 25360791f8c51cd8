"""GitHub's line hash; tests/oracle/sarif compares 200 files with Microsoft's."""

from __future__ import annotations

import pytest

from gonogo.report.line_hash import line_hashes

EMPTY = "c129715d7a2bc9a3:1"


def test_an_empty_file_has_one_line() -> None:
    assert line_hashes(b"") == [EMPTY]


def test_what_follows_the_last_line_end_is_a_line() -> None:
    assert line_hashes(b"a\n")[-1] == EMPTY
    assert len(line_hashes(b"a\nb")) == 2


@pytest.mark.parametrize("other", [b"a\r\nb\r\n", b"a\rb\r", b" a\n\tb \n"])
def test_blanks_and_the_kind_of_line_end_do_not_matter(other: bytes) -> None:
    assert line_hashes(other) == line_hashes(b"a\nb\n")


def test_equal_lines_are_counted() -> None:
    first, second, _ = line_hashes(b"x" * 120 + b"\n" + b"x" * 120 + b"\n")
    assert (first.partition(":")[0], first[-1], second[-1]) == (second.partition(":")[0], "1", "2")


def test_a_line_keeps_its_hash_when_others_come_before_it() -> None:
    text = b"resource a {\n}\n" * 3 + b"y" * 200
    assert line_hashes(b"# new\n" + text)[1:] == line_hashes(text)


def test_bad_utf8_is_no_error() -> None:
    assert len(line_hashes(b"\xff\xfe\n\xc3\n")) == 3

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gonogo.formats.yaml_reader import MAX_DEPTH, read_yaml
from gonogo.model.location import Location


def test_every_member_has_the_place_of_its_key() -> None:
    document = read_yaml("a.yaml", "a:\n  b: 1\nl:\n- x\n- k: v\n").documents[0]
    assert document.value == {"a": {"b": 1}, "l": ["x", {"k": "v"}]}
    assert document.locations["a", "b"] == Location("a.yaml", 2, 3, 2)
    assert document.locations["l", 1, "k"] == Location("a.yaml", 5, 3, 5)


def test_plain_words_of_yaml_1_1_are_strings() -> None:
    # GitHub workflows have a key `on`, and Norway is `no`.
    assert read_yaml("a.yaml", "on: push\ncountry: no\nquoted: 'true'\nreal: true\n").documents[0].value == {
        "on": "push", "country": "no", "quoted": "true", "real": True,
    }  # fmt: skip


def test_merge_keys_do_not_override_own_keys() -> None:
    document = read_yaml("a.yaml", "x: &x {k: 1, z: 2}\ny: {<<: *x, k: 3}\n").documents[0]
    assert document.value == {"x": {"k": 1, "z": 2}, "y": {"k": 3, "z": 2}}
    assert document.locations["y", "z"].line == 1


def test_documents_before_a_broken_one_are_kept() -> None:
    file = read_yaml("a.yaml", "a: 1\n---\nb: [\n")
    assert [d.value for d in file.documents] == [{"a": 1}]
    assert file.error.startswith("not valid YAML")
    assert file.error_line == 4


def test_cyclic_alias_is_an_error() -> None:
    assert "part of" in read_yaml("a.yaml", "a: &x [*x]").error


def test_alias_bomb_is_bounded() -> None:
    lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"] + [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "expanding aliases" in read_yaml("a.yaml", "\n".join(lines)).error


def test_deep_nesting_is_bounded() -> None:
    text = "".join("  " * n + f"k{n}:\n" for n in range(MAX_DEPTH + 50))
    assert "nested deeper" in read_yaml("a.yaml", text).error


@pytest.mark.parametrize("text", ["[" * 500_000, "- " * 300_000, "{a: " * 200_000, "? " * 300_000, "[\n" * 200_000, "x: '" + "[" * 5_000 + "'"])
def test_nesting_that_would_end_the_process_is_refused_before_it_is_composed(text: str) -> None:
    file = read_yaml("a.yaml", text)
    assert ("nested deeper" in file.error) is not text.startswith("x")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_gives_documents_or_an_error(text: str) -> None:
    file = read_yaml("a.yaml", text)
    assert isinstance(file.error, str)
    assert all(() in document.locations for document in file.documents)

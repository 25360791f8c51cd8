"""A value comes out of a file as it went in, whatever it holds, or does not get in."""

from __future__ import annotations

import json
import shlex

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gonogo.schedule.quoting import Unquotable, quoted
from gonogo.schedule.template import render

LINE = st.text(max_size=40).filter(str.isprintable)


@given(LINE)
def test_yaml_and_json_give_it_back(text: str) -> None:
    assert yaml.safe_load(f"key: {quoted(text, 'yaml')}") == {"key": text}
    assert json.loads(quoted(text, "json")) == text


@given(st.lists(LINE, max_size=4))
def test_a_shell_gives_the_words_back(words: list[str]) -> None:
    assert shlex.split(quoted(words, "sh")) == words


def test_terraform_gets_no_template() -> None:
    assert quoted("${file(1)} %{if true} $ %", "hcl") == '"$${file(1)} %%{if true} $ %"'
    assert quoted(("a", 'b"'), "hcl") == '["a", "b\\""]'


def test_systemd_gets_no_specifier_variable_or_second_word() -> None:
    assert quoted(("/bin/gonogo", "50% $HOME", 'a"b\\'), "systemd") == '/bin/gonogo "50%% $$HOME" "a\\"b\\\\"'


@pytest.mark.parametrize("form", ["yaml", "json", "hcl", "sh", "systemd", "text", "bare"])
@pytest.mark.parametrize("text", ["a\nb", "a\r", "\x00", "\x1b[31m", "a\u2028b", "\x85", "\u202e", "\ud800"])
def test_no_value_holds_a_line(form: str, text: str) -> None:
    with pytest.raises(Unquotable, match="cannot be printed"):
        quoted(text, form)


def test_a_bare_word_is_one() -> None:
    assert quoted("GONOGO_STORE", "bare") == "GONOGO_STORE"
    with pytest.raises(Unquotable, match="no plain word"):
        quoted("a }} b", "bare")


def test_a_template_is_filled_in_by_the_format_of_its_file_and_a_condition_takes_its_lines() -> None:
    values = {"audit": ("/bin/gonogo", "audit"), "repo": "/srv/shop", "credentials": "", "environment_file": ""}
    text = render("gonogo-audit.service", values, ["repo"])
    assert "ExecStart=/bin/gonogo audit\n" in text
    assert "BindReadOnlyPaths=/srv/shop\n" in text
    assert "LoadCredential" not in text

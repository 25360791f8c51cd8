"""Which commands of a script are run where it is, as far as its tests are known."""

from __future__ import annotations

import pytest

from gonogo.sources.ci.shell.parser import parse
from gonogo.sources.ci.shell.run import Settings, Text, run


@pytest.mark.parametrize(
    ("script", "taken"),
    [
        ("go", True),
        ("a && go", True),
        ("until a; do b; done; go", True),
        ("for x in 1 2; do go; done", True),
        ("while true; do go; done", True),
        ('if [ "$ON" = 1 ]; then go; fi', True),
        ('if [ -n "${UNSET:-x}" ]; then go; fi', True),
        ("f() { go; }; f", True),
        ("a || go", None),
        ('[ "$1" = x ] && go', None),
        ("[[ $ON == 1 ]] && go", None),
        ("command -v go && go", None),
        ('if [ "$1" = x ]; then go; fi', None),
        ('if [ "$1" = x ]; then a; else go; fi', None),
        ("if a; then go; fi", None),
        ("while a; do go; done", None),
        ('case "$1" in x) go;; esac', None),
        ('if [ "$1" = x ]; then f() { go; }; f; fi', None),
        ('if [ "$ON" = 0 ]; then go; fi', False),
        ('if [ "$ON" = 1 ]; then a; else go; fi', False),
        ('[ -z "$ON" ] && go', False),
        ('if [ "$ON" != 1 ]; then if [ "$1" = x ]; then go; fi; fi', False),
    ],
)
def test_a_command_is_taken_where_the_tests_around_it_hold(script: str, taken: bool | None) -> None:
    found = [i.taken for i in run(parse(script), Settings(variables={"ON": Text("1")}), script) if i.words[0].text == "go"]
    assert set(found[-1:]) == {taken}

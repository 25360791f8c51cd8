"""Whether a failure counts, against bash itself: the same script with one command made to fail."""

from __future__ import annotations

import random
import shutil
import subprocess

import pytest

from gonogo.sources.ci.shell.parser import parse
from gonogo.sources.ci.shell.run import Settings, run

BASH = shutil.which("bash")
# `c N` prints its number and fails where it is the chosen one.
PRELUDE = 'c() { echo "$1" >&3; [ "$1" != "$FAIL" ]; }\n'


class _Generator:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.count = 0

    def command(self) -> str:
        self.count += 1
        return f"c {self.count}"

    def statement(self, depth: int) -> str:
        kind = self.random.choice(
            ("command", "command", "and", "or", "rescue", "pipe", "if", "ifnot", "group", "subshell", "not", "for", "case", "pipes")
        )
        if depth > 2:
            kind = "command"
        if kind == "and":
            return f"{self.command()} && {self.command()}"
        if kind == "or":
            return f"{self.command()} || true"
        if kind == "rescue":
            return f"{self.command()} || {{ echo x; exit 3; }}"
        if kind == "pipe":
            return f"{self.command()} | {self.command()}"
        if kind == "pipes":
            return f"set -o pipefail; {self.command()} | {self.command()}"
        if kind == "if":
            return f"if {self.command()}; then\n{self.block(depth + 1)}\nfi"
        if kind == "ifnot":
            return f"if ! {self.command()}; then exit 1; fi"
        if kind == "group":
            return f"{{\n{self.block(depth + 1)}\n}}"
        if kind == "subshell":
            return f"(\n{self.block(depth + 1)}\n)"
        if kind == "not":
            return f"! {self.command()}"
        if kind == "for":
            return f"for x in a; do\n{self.block(depth + 1)}\ndone"
        if kind == "case":
            return f"case a in a) {self.command()} ;; b) {self.command()} ;; esac"
        return self.command()

    def block(self, depth: int = 0) -> str:
        return "\n".join(self.statement(depth) for _ in range(self.random.randint(1, 3)))

    def script(self) -> str:
        return self.random.choice(("", "set -e\n", "set -euo pipefail\n")) + self.block()


def _fails(script: str, chosen: str) -> tuple[bool, set[str]]:
    assert BASH is not None
    command = [BASH, "-c", f"exec 3>&1; {PRELUDE}{script}"]
    done = subprocess.run(command, env={"FAIL": chosen, "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=20, check=False)
    return done.returncode != 0, set(done.stdout.split())


@pytest.mark.skipif(BASH is None, reason="bash is not installed")
@pytest.mark.parametrize("seed", range(40))
def test_bash_agrees_on_what_counts(seed: int) -> None:
    script = _Generator(seed).script()
    predicted = {i.words[1].text: i.counts for i in run(parse(script), Settings(), script) if i.program == "c"}
    # The negated command whose success ends the script: no single failure shows anything then.
    healthy, _ = _fails(script, "none")
    for number, counts in predicted.items():
        failed, ran = _fails(script, number)
        if number in ran and counts is not None and not healthy:
            assert failed is counts, f"command {number} of:\n{script}"


WORDS = [
    "c a 'b c' \"d e\" f\\ g",
    "X=1; c \"$X\" ${X} a${X}b '$X'",
    "X='a b'; c $X \"$X\"",
    "A=(x 'y z'); A+=(w); c \"${A[@]}\" end",
    'c ${UNSET:-default} "${UNSET:-two words}"',
    'for i in 1 2 3; do c "n$i"; done',
    'f() { c "$1" "${2}"; }; f one \'two three\'',
    "c a \\\n  b \\\n  c # comment",
    "c <<EOF one\nbody c not\nEOF\nc two",
    'c "a\nb"',
    "c a>/dev/null b 2>&1; c d",
    "c $'x'\"y\"'z' --flag=\"v w\"",
    "X=1; if true; then X=2; fi; c done",
    '(X=5; c "$X"); c after',
    "c \"\" ''",
    "c '{x}'",
]


@pytest.mark.skipif(BASH is None, reason="bash is not installed")
@pytest.mark.parametrize("script", WORDS)
def test_bash_agrees_on_the_words(script: str) -> None:
    assert BASH is not None
    prelude = 'c() { printf \'%s\\0\' "$#" "$@" >&3; }\n'
    done = subprocess.run([BASH, "-c", f"exec 3>&1; {prelude}{script}"], capture_output=True, text=True, timeout=20, check=True)
    expected = done.stdout.split("\0")[:-1]
    found: list[str] = []
    for invocation in run(parse(script), Settings(), script):
        if invocation.program == "c":
            words = [w.text for w in invocation.words[1:]]
            assert all(w.known for w in invocation.words)
            found.extend([str(len(words)), *words])
    assert found == expected

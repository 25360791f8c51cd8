"""Instructions and their lines, against BuildKit's own parser (the `dockerfile` package wraps it)."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from gonogo.sources.dockerfile.instructions import DockerfileError, read_instructions

dockerfile = pytest.importorskip("dockerfile")

_PLAIN = (
    "RUN apt-get update",
    "RUN echo '<<EOF' && echo $((1<<EOF))",
    "RUN cat << EOF",
    "RUN cat<<EOF",
    'RUN ["sh", "-c", "cat <<EOF"]',
    "run echo lower",
    "COPY --from=build /a /b",
    "copy a b",
    "USER 1000",
    "ENV A=1 B='two words'",
    "ENV OLD form of it",
    "ARG X=${Y:-z}",
    "HEALTHCHECK --interval=5s CMD wget -q localhost",
    "LABEL a=b",
    "ONBUILD RUN make",
    'CMD ["a", "b"]',
    "# a comment",
    "#a comment without a blank",
    "",
    "   ",
    "  WORKDIR /indented",
    "ENTRYPOINT exec \"$0\" '#not a comment'",
)
_BODY = ("FROM scratch", "USER root", "# in the body", "", "  indented", "\ttabbed", "line \\", "EOF2", " EOF", "echo $A")


def _generate(seed: int) -> str:
    chance = random.Random(seed)
    lines = list(chance.choice([(), ("# syntax=docker/dockerfile:1",), ("#",)]))
    lines += ["FROM alpine:3 AS base"]
    for _ in range(chance.randint(1, 8)):
        lines += chance.choice((_plain, _continued, _heredoc))(chance)
    return chance.choice(("\n", "\r\n")).join(lines) + chance.choice(("", "\n"))


def _plain(chance: random.Random) -> Iterator[str]:
    yield chance.choice(_PLAIN)


def _continued(chance: random.Random) -> Iterator[str]:
    yield "RUN a \\" + chance.choice(("", " ", "\t"))
    for _ in range(chance.randint(0, 3)):
        yield chance.choice(("  && b \\", "# a comment \\", "  # another", "", "  && c \\  "))
    yield "  && last"


def _heredoc(chance: random.Random) -> Iterator[str]:
    tabs = chance.choice(("", "-"))
    words = chance.sample(["EOF", "'END'", '"A"'], chance.randint(1, 2))
    start = chance.choice(("RUN cat", "RUN python3", "COPY", "ADD", "ONBUILD RUN cat", "run cat"))
    yield f"{start} " + " ".join(f"<<{tabs}{word}" for word in words) + (" /target" if start in ("COPY", "ADD") else "")
    for word in words:
        for _ in range(chance.randint(0, 3)):
            yield chance.choice(_BODY)
        yield ("\t" if tabs else "") + word.strip("'\"")


@pytest.mark.parametrize("seed", range(400))
def test_instructions_are_those_of_buildkit(seed: int) -> None:
    text = _generate(seed)
    expected = [(c.cmd.upper(), c.start_line, c.end_line) for c in dockerfile.parse_string(text)]
    assert [(i.keyword, i.line, i.end_line) for i in read_instructions(text)] == expected, text


def test_backtick_escapes_are_those_of_buildkit() -> None:
    text = "# escape=`\nFROM windows AS w\nRUN dir C:\\\nCOPY a `\n  # inside\n  C:\\b\\\nUSER `\n  app\n"
    expected = [(c.cmd.upper(), c.start_line, c.end_line) for c in dockerfile.parse_string(text)]
    assert [(i.keyword, i.line, i.end_line) for i in read_instructions(text)] == expected


@pytest.mark.parametrize("text", ["FROM a\nRUN cat <<EOF\nopen\n", "FROM a\nRUN cat <<-'E'\n  E\n"])
def test_an_unclosed_heredoc_is_refused_by_both(text: str) -> None:
    with pytest.raises(dockerfile.GoParseError):
        dockerfile.parse_string(text)
    with pytest.raises(DockerfileError):
        read_instructions(text)

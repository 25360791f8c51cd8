from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.model.location import Location
from gonogo.sources.application.images import MAX_WORDS, Image, commands_of, read_image
from gonogo.sources.tree import open_tree

HERE = Location("run.sh", 1)


def image(root: Path, dockerfile: str, **files: str) -> Image:
    for path, text in {"Dockerfile": dockerfile, **files}.items():
        (root / path).write_text(text)
    found = read_image(open_tree(root, standalone=True), "Dockerfile", ())
    assert found is not None
    return found


def words(text: str) -> list[tuple[str, ...]]:
    return [command.words for command in commands_of(text, HERE)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pip install -r a.txt && python main.py", [("pip", "install", "-r", "a.txt"), ("python", "main.py")]),
        ("A=1 exec gunicorn app:app 2>&1 > /dev/null", [("gunicorn", "app:app")]),
        ("bash -c 'cd x; uvicorn a:b'", [("cd", "x"), ("uvicorn", "a:b")]),
        ('MODULE=${MODULE:-src.main}\nexport APP="$MODULE:app"\ngunicorn "$APP"', [("gunicorn", "src.main:app")]),
        ("if true; then\n  flask run\nfi", [("if", "true"), ("flask", "run"), ("fi",)]),
        ("echo 'never closed", [("echo", "'never", "closed")]),
    ],
)
def test_commands_of_a_shell_text(text: str, expected: list[tuple[str, ...]]) -> None:
    assert words(text) == expected


def test_a_text_without_end_is_cut() -> None:
    assert len(words("x ;" * (2 * MAX_WORDS))) <= MAX_WORDS


@given(st.text(max_size=400))
def test_any_text_is_read(text: str) -> None:
    assert all(command.words for command in commands_of(text, HERE))


def test_installs_are_those_of_the_stages_that_ship(tmp_path: Path) -> None:
    found = image(
        tmp_path,
        "FROM node:22 AS web\nRUN npm ci\nFROM python:3.12 AS builder\nRUN pip install -r requirements.txt\nFROM python:3.12\n"
        "COPY --from=builder /venv /venv\nENV LOG_LEVEL=INFO MODE=x\nCMD python main.py\n",
    )
    assert [c.words for c in found.installs] == [("pip", "install", "-r", "requirements.txt")]
    assert [c.words for c in found.starts] == [("python", "main.py")]
    assert found.environment == {"LOG_LEVEL": "INFO", "MODE": "x"}


def test_a_script_of_the_repository_is_followed_to_what_it_runs(tmp_path: Path) -> None:
    found = image(
        tmp_path,
        'FROM python:3.12\nENTRYPOINT ["/srv/entrypoint.sh"]\nCMD ["gunicorn", "app:app"]\n',
        **{"entrypoint.sh": '#!/bin/sh\nset -e\npython manage.py migrate\nexec "$@"\n'},
    )
    assert [c.words for c in found.starts] == [("set", "-e"), ("python", "manage.py", "migrate"), ("gunicorn", "app:app")]


def test_a_script_that_runs_itself_ends(tmp_path: Path) -> None:
    found = image(tmp_path, 'FROM python:3.12\nCMD ["./run.sh"]\n', **{"run.sh": "./run.sh\n"})
    assert [c.words for c in found.starts] == [("./run.sh",)]

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.model.value import Unknown
from gonogo.sources.application.discovery import Application, discover
from gonogo.sources.application.python.installs import Installed, installed, normal
from gonogo.sources.tree import open_tree

PROJECT = """
[project]
name = "shop"
version = "1"
dependencies = ["fastapi[standard]>=0.1"]
[project.optional-dependencies]
prod = ["sentry-sdk"]
[dependency-groups]
dev = ["pytest"]
"""
POETRY = """
[tool.poetry.dependencies]
python = "^3.12"
flask = "^3"
[tool.poetry.group.dev.dependencies]
pytest = "*"
"""


def of(root: Path, run: str, files: dict[str, str]) -> Installed:
    for path, text in {"Dockerfile": f"FROM python:3.12\nCOPY . .\n{run}\nCMD python main.py\n", "main.py": "", **files}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    tree = open_tree(root, standalone=True)
    [application] = [a for a in discover(tree) if isinstance(a, Application)]
    return installed(tree, application)


@pytest.mark.parametrize(
    ("run", "files", "has", "has_not"),
    [
        ("RUN pip install -r requirements.txt", {"requirements.txt": "Flask==3 # web\n-r more.txt\n", "more.txt": "redis\n"}, ["flask", "redis"], ["sentry-sdk"]),
        ("RUN pip install --no-cache-dir -c c.txt 'fastapi[all]' gunicorn==22", {"c.txt": "jinja2\n"}, ["fastapi", "gunicorn"], ["jinja2", "c-txt"]),
        ("RUN pip install .", {"pyproject.toml": PROJECT}, ["fastapi"], ["sentry-sdk", "pytest"]),
        ("RUN pip install '.[prod]'", {"pyproject.toml": PROJECT}, ["fastapi", "sentry-sdk"], ["pytest"]),
        ("RUN uv sync --frozen --no-dev", {"pyproject.toml": PROJECT}, ["fastapi"], ["pytest", "sentry-sdk"]),
        ("RUN uv sync --extra prod", {"pyproject.toml": PROJECT}, ["fastapi", "pytest", "sentry-sdk"], []),
        ("RUN poetry install --only main", {"pyproject.toml": POETRY}, ["flask"], ["pytest"]),
        ("RUN poetry install", {"pyproject.toml": POETRY}, ["flask", "pytest"], []),
        ("RUN pipenv install --system", {"Pipfile": '[packages]\nflask = "*"\n[dev-packages]\npytest = "*"\n'}, ["flask"], ["pytest"]),
        ("RUN poetry export -o requirements.txt && pip install -r requirements.txt", {"pyproject.toml": POETRY}, ["flask"], []),
        ("RUN pip install .", {"setup.py": "from setuptools import setup\nsetup(install_requires=['flask>=2'])\n"}, ["flask"], ["redis"]),
        ("RUN pip install .", {"setup.cfg": "[options]\ninstall_requires =\n    flask\n    redis>=4\n"}, ["flask", "redis"], ["celery"]),
        ("RUN ./install.sh", {"install.sh": "pip install -r requirements.txt\n", "requirements.txt": "flask\n"}, ["flask"], ["redis"]),
        # A lock says what the direct dependencies bring, and nothing of those for development.
        (
            "RUN uv sync --no-dev",
            {
                "pyproject.toml": PROJECT,
                "uv.lock": '[[package]]\nname = "fastapi"\ndependencies = [{name = "starlette"}]\n[[package]]\nname = "starlette"\n'
                '[[package]]\nname = "pytest"\ndependencies = [{name = "pluggy"}]\n[[package]]\nname = "pluggy"\n',
            },
            ["fastapi", "starlette"],
            ["pytest", "pluggy"],
        ),
        ("RUN pip install -r requirements.txt", {"requirements.txt": "flask\n", "poetry.lock": '[[package]]\nname = "redis"\n'}, ["flask"], ["redis"]),
    ],
)
def test_packages_that_an_image_installs(tmp_path: Path, run: str, files: dict[str, str], has: list[str], has_not: list[str]) -> None:
    found = of(tmp_path, run, files)
    assert [name for name in has if found.has([name]) is not True] == []
    assert [name for name in has_not if found.has([name]) is not False] == []


@pytest.mark.parametrize(
    ("run", "files", "reason"),
    [
        ("RUN pip install -r gone.txt", {}, "gone.txt is not in the repository"),
        ("RUN conda env create -f env.yml", {}, "conda installs what is not read"),
        ("RUN pip install .", {"pyproject.toml": "[project\n"}, "not valid TOML"),
        ("RUN pip install .", {"setup.py": "setup(install_requires=read())\n"}, "install_requires is computed"),
        ("RUN make deps", {}, "may install more"),
        ("RUN echo", {}, "nothing says what it installs"),
    ],
)
def test_what_is_not_told_is_unknown(tmp_path: Path, run: str, files: dict[str, str], reason: str) -> None:
    answer = of(tmp_path, run, {"requirements.txt": "flask\n", **files}).has(["redis"])
    assert isinstance(answer, Unknown)
    assert reason in "".join(answer.reasons)


def test_names_are_compared_as_packaging_does() -> None:
    assert normal("Flask_Limiter") == normal("flask-limiter") == normal("FLASK.limiter")

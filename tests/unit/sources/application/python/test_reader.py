"""Whole Python applications: what is reached, what is not, and what hostile files do."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gonogo.kinds.application import COMPRESSION, UNREAD
from gonogo.model.resource import Gap, Resource
from gonogo.model.value import Unknown
from gonogo.sources.application import ApplicationSource
from gonogo.sources.application.python.modules import MAX_BYTES
from gonogo.sources.tree import open_tree

DOCKERFILE = "FROM python:3.12\nCOPY . .\nRUN pip install fastapi\nCMD uvicorn main:app\n"
GZIP = "from fastapi.middleware.gzip import GZipMiddleware\n"
ADD = "app.add_middleware(GZipMiddleware)\n"
APP = "from fastapi import FastAPI\n"


def read(root: Path, files: dict[str, str]) -> tuple[list[Resource], list[Gap]]:
    for path, text in {"Dockerfile": DOCKERFILE, **files}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    found = list(ApplicationSource().read(open_tree(root, standalone=True)))
    return [f for f in found if isinstance(f, Resource)], [f for f in found if isinstance(f, Gap)]


def reachable(root: Path, files: dict[str, str]) -> object:
    found, gaps = read(root, files)
    assert gaps == []
    [one] = [r for r in found if r.kind == COMPRESSION]
    return one.attributes["reachable"]


@pytest.mark.parametrize(
    ("main", "other", "expected"),
    [
        (f"{APP}{GZIP}app = FastAPI()\n{ADD}", "", True),
        (f"{APP}import other\napp = FastAPI()\nother.setup(app)\n", f"{GZIP}def setup(app):\n    {ADD}", True),
        (f"{APP}app = FastAPI()\n", f"{GZIP}def setup(app):\n    {ADD}", False),
        (f"{APP}import other\napp = FastAPI()\n", f"{GZIP}def setup(app):\n    {ADD}", False),
        (f"{APP}import other\napp = FastAPI()\n", f"{GZIP}def outer(app):\n    inner(app)\ndef inner(app):\n    {ADD}", False),
        (f"{APP}import other\napp = FastAPI()\nif False:\n    other.setup(app)\n", f"{GZIP}def setup(app):\n    {ADD}", False),
        (f"{APP}{GZIP}DEBUG = False\napp = FastAPI()\nif not DEBUG:\n    {ADD}", "", True),
        (f"{APP}{GZIP}app = FastAPI()\nif __name__ == '__main__':\n    {ADD}", "", False),
        (f"{APP}from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import other\napp = FastAPI()\n", f"{GZIP}{ADD}", False),
        (f"{APP}import other\napp = other.Shop().app\n", f"{APP}{GZIP}class Shop:\n    def __init__(self):\n        self.app = FastAPI()\n        self.app.add_middleware(GZipMiddleware)\n", True),
    ],
)
def test_code_is_reached_from_the_entry_point(tmp_path: Path, main: str, other: str, expected: bool) -> None:
    assert reachable(tmp_path, {"main.py": main, "other.py": other}) is expected


@pytest.mark.parametrize(
    ("main", "other"),
    [
        (f"{APP}import os\nimport other\napp = FastAPI()\nif os.environ.get('GZIP'):\n    other.setup(app)\n", f"{GZIP}def setup(app):\n    {ADD}"),
        (f"{APP}import os\nimport other\napp = FastAPI()\nother.setup(app)\n", f"import os\n{GZIP}def setup(app):\n    if os.environ.get('X'):\n        return\n    {ADD}"),
        (f"{APP}import importlib, sys\napp = FastAPI()\nfor name in sys.argv:\n    importlib.import_module(name)\n", f"{GZIP}{ADD}"),
        (f"{APP}app = FastAPI()\nPLUGINS = ['other']\n", f"{GZIP}{ADD}"),
        (f"{APP}import os\napp = FastAPI()\nmatch os.environ.get('X'):\n    case 'a':\n        import other\n", f"{GZIP}{ADD}"),
    ],
)
def test_what_may_be_reached_is_unknown(tmp_path: Path, main: str, other: str) -> None:
    assert isinstance(reachable(tmp_path, {"main.py": main, "other.py": other}), Unknown)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("print 'hello'\n", "not Python"),
        ("x = " + "(" * 5000 + ")" * 5000, ""),
        ("x = " + "-" * 20000 + "1", "nested too deeply"),
        ("x = " + "+".join(["1"] * 50000), "nested too deeply"),
        ("#" * (MAX_BYTES + 1), "over the limit"),
    ],
)
def test_a_reached_module_that_cannot_be_read_is_a_gap(tmp_path: Path, text: str, reason: str) -> None:
    _, gaps = read(tmp_path, {"main.py": "import bad\n", "bad.py": text})
    assert [(g.file, g.kinds) for g in gaps] == [("bad.py", UNREAD)]
    assert reason in gaps[0].reason


def test_a_module_that_nobody_imports_leaves_nothing_incomplete(tmp_path: Path) -> None:
    _, gaps = read(tmp_path, {"main.py": f"{APP}app = FastAPI()\n", "old.py": "import flask_cors\nprint 'hello'\n"})
    assert gaps == []


def test_imports_in_a_circle_end(tmp_path: Path) -> None:
    found, gaps = read(tmp_path, {"main.py": f"import a\n{APP}app = FastAPI()\n", "a.py": "from b import *\nimport b\n", "b.py": "from a import *\nX = Y\nY = X\n"})
    assert gaps == []
    assert found != []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(f"{APP}{GZIP}app = FastAPI()\n{ADD}@app.get('/health')\ndef f(a=1):\n    return a\nif x:\nclass A(B):\n    y: int = f()\nA.y[0] = *a, b\nimport os as a\nx = os.environ[a]\nfor i in x:\n    pass\nlambda: (yield)\n".splitlines()), max_size=12))
def test_no_module_breaks_the_reader(tmp_path: Path, lines: list[str]) -> None:
    _, gaps = read(tmp_path, {"main.py": "\n".join(lines)})
    assert [g.reason for g in gaps if "please report" in g.reason] == []

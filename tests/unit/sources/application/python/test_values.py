from __future__ import annotations

import ast
import time
from pathlib import Path

import pytest

from gonogo.model.value import OpenList, Unknown, Value
from gonogo.sources.application.discovery import Application, discover
from gonogo.sources.application.python.entrypoints import entry_points
from gonogo.sources.application.python.index import ModuleIndex
from gonogo.sources.application.python.program import Program
from gonogo.sources.application.python.values import ENVIRONMENT, LITERAL, Evaluated, Values
from gonogo.sources.tree import open_tree

DOCKERFILE = "FROM python:3.12\nENV GIVEN=yes\nCOPY . .\nRUN pip install x\nCMD python main.py\n"


def evaluate(root: Path, expression: str, main: str = "", **modules: str) -> Evaluated:
    files = {"Dockerfile": DOCKERFILE, "main.py": main, **{f"{name}.py": text for name, text in modules.items()}}
    for path, text in files.items():
        (root / path).write_text(text)
    tree = open_tree(root, standalone=True)
    [application] = [a for a in discover(tree) if isinstance(a, Application)]
    index = ModuleIndex(tree, "", [""])
    program = Program(tree, application, index, entry_points(tree, application, index))
    module = program.module("main")
    assert module is not None
    return Values(program).of(ast.parse(expression, mode="eval").body, module.top)


@pytest.mark.parametrize(
    ("expression", "main", "value"),
    [
        ("A + ['c']", "A = ['a', 'b']", ["a", "b", "c"]),
        ("[*A, 'c']", "A = ('a',)", ["a", "c"]),
        ("60 * 60 * 24", "", 86_400),
        ("f'{A}/docs'", "A = '/api'", "/api/docs"),
        ("A if B else None", "A, B = '/docs', False", None),
        ("Config.A", "class Base:\n    A = 1\nclass Config(Base):\n    pass", 1),
        ("'a,b'.split(',')", "", ["a", "b"]),
        ("A['x']", "A = {'x': 3}", 3),
        ("timedelta(minutes=2)", "from datetime import timedelta", 120),
        ("make()", "def make():\n    return ['x']", ["x"]),
        ("A", "A = []\nA += ['x']", ["x"]),
        ("A and not B", "A = 'x' == 'x'\nB = 1 in (2, 3)", True),
        ("A['k']", "A = {}\nA['k'] = 5", 5),
    ],
)
def test_constants(tmp_path: Path, expression: str, main: str, value: Value) -> None:
    assert evaluate(tmp_path, expression, main) == Evaluated(value, LITERAL)


def test_constants_of_other_modules(tmp_path: Path) -> None:
    assert evaluate(tmp_path, "conf.A", "import conf", conf="from base import *\n", base="A = 7\n").value == 7


@pytest.mark.parametrize(
    ("expression", "main", "reason"),
    [
        ("os.environ.get('LEVEL', 'INFO')", "import os", "LEVEL of the environment decides it ('INFO' where it is not set)"),
        ("os.environ['LEVEL']", "import os", "LEVEL of the environment decides it"),
        ("settings.level", "from pydantic_settings import BaseSettings\nclass S(BaseSettings):\n    level: str = 'INFO'\nsettings = S()", "('INFO' where it is not set)"),
        ("config('LEVEL')", "from decouple import config", "LEVEL of the environment decides it"),
        ("env.str('LEVEL')", "import environ\nenv = environ.Env()", "LEVEL of the environment decides it"),
        ("A", "import os\nif os.environ.get('X'):\n    A = 1\nelse:\n    A = 2", "X of the environment"),
        ("A", "import os\nif os.environ.get('X'):\n    A = 1", "X of the environment"),
    ],
)
def test_the_environment_decides(tmp_path: Path, expression: str, main: str, reason: str) -> None:
    found = evaluate(tmp_path, expression, main)
    assert isinstance(found.value, Unknown)
    assert found.origin == ENVIRONMENT
    assert reason in "".join(found.value.reasons)


def test_what_the_image_sets_is_known(tmp_path: Path) -> None:
    assert evaluate(tmp_path, "os.getenv('GIVEN', 'no')", "import os") == Evaluated("yes", ENVIRONMENT)


@pytest.mark.parametrize(
    ("expression", "main"),
    [
        ("A", "A = A"),
        ("f()", "def f():\n    return f()"),
        ("A", "A = {}\nA.update(x())"),
        ("S().a", "from pydantic import BaseModel\nclass S(BaseModel):\n    a: int = 1"),
        ("unheard_of", ""),
        ("lambda: 1", ""),
    ],
)
def test_what_is_not_told_is_unknown(tmp_path: Path, expression: str, main: str) -> None:
    assert isinstance(evaluate(tmp_path, expression, main).value, Unknown)


def test_a_list_that_grows_is_open(tmp_path: Path) -> None:
    found = evaluate(tmp_path, "A", "import os\nA = ['x']\nif os.environ.get('X'):\n    A.append('y')").value
    assert isinstance(found, OpenList)
    assert found.items == ("x",)


def test_names_that_multiply_end(tmp_path: Path) -> None:
    main = "A0 = 'x'\n" + "".join(f"A{n} = (A{n - 1} if F{n} else A{n - 1}) + (A{n - 1} or B{n})\n" for n in range(1, 200))
    started = time.monotonic()
    assert isinstance(evaluate(tmp_path, "A199", main).value, Unknown)
    assert time.monotonic() - started < 5

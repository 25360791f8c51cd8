"""Our count of tests against pytest's own, on trees that we write: random ones, and one for each thing that a project may do."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from gonogo.sources.suites.items import State
from gonogo.sources.suites.python_suites import python_suites
from gonogo.sources.tree import open_tree

pytest.importorskip("pytest")


def collected_by_pytest(root: Path) -> Counter[str]:
    """How many cases pytest collects of each test, by node id without parameters."""
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:randomly", "--continue-on-collection-errors"],
        cwd=root, capture_output=True, text=True, check=False, timeout=120,
        env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )  # fmt: skip
    assert run.returncode in (0, 1, 2, 4, 5), run.stdout + run.stderr
    lines = [line for line in run.stdout.splitlines() if "::" in line and not line.startswith(("ERROR", "=", " ", "<"))]
    return Counter(line.partition("[")[0] for line in lines)


def collected_by_us(root: Path) -> tuple[Counter[str], Counter[str]]:
    """What we count for certain, with what is skipped; and what besides may be there."""
    tree = open_tree(root, (), standalone=True)
    files = sorted(p for p in tree.files if p.endswith(".py"))
    sure: Counter[str] = Counter()
    maybe: Counter[str] = Counter()
    for suite in python_suites(tree, files, ()):
        for test in suite.tests:
            (sure if test.state is State.RUNS else maybe)[test.node] += test.cases + test.skipped
            if not test.exact:
                maybe[test.node] += 1_000
        if suite.open or suite.errors:
            maybe["*"] += 1
    return sure, maybe


def check(root: Path) -> None:
    """Everything that we are sure of is collected, and nothing else is, unless we said that there may be more."""
    theirs, (sure, maybe) = collected_by_pytest(root), collected_by_us(root)
    for node, count in sure.items():
        assert theirs[node] >= count if node in maybe else theirs[node] == count, (node, theirs[node], count)
    if not maybe["*"]:
        assert {n for n in theirs if n not in sure and n not in maybe} == set()


CASES: dict[str, dict[str, str]] = {
    "functions": {"test_a.py": "def test_x(): pass\nasync def test_y(): pass\ndef helper(): pass\ndef testing(): pass\n"},
    "the last definition counts": {"test_a.py": "def test_x(): pass\ndef test_x(): pass\n"},
    "classes": {
        "test_a.py": "class TestA:\n def test_x(self): pass\n class TestB:\n  def test_y(self): pass\nclass TestC:\n def __init__(self): pass\n def test_z(self): pass\nclass Other:\n def test_o(self): pass\n"
    },
    "inheritance": {"test_a.py": "class Base:\n def test_b(self): pass\nclass TestA(Base):\n def test_x(self): pass\nclass TestB(TestA):\n test_x = None\n"},
    "unittest": {
        "test_a.py": "import unittest\nclass Base(unittest.TestCase):\n def test_b(self): pass\nclass Sub(Base):\n def test_c(self): pass\n def testD(self): pass\n def other(self): pass\n"
    },
    "unittest under another name": {"test_a.py": "from unittest import TestCase as TC, IsolatedAsyncioTestCase\nclass A(TC):\n def test_b(self): pass\nclass B(IsolatedAsyncioTestCase):\n async def test_c(self): pass\n"},
    "runTest": {"test_a.py": "import unittest\nclass A(unittest.TestCase):\n def runTest(self): pass\n"},
    "skips": {
        "test_a.py": "import pytest, unittest\n@pytest.mark.skip\ndef test_a(): pass\n@pytest.mark.skipif(True, reason='x')\ndef test_b(): pass\n@unittest.skip('x')\ndef test_c(): pass\n"
        "class TestD:\n pytestmark = pytest.mark.skip\n def test_d(self): pass\n"
    },
    "a skipped module": {"test_a.py": "import pytest\npytest.skip('no', allow_module_level=True)\ndef test_a(): pass\n", "test_b.py": "def test_b(): pass\n"},
    "parameters": {
        "test_a.py": "import pytest\nCASES = [1, 2, 3]\n@pytest.mark.parametrize('a', [1, 2])\n@pytest.mark.parametrize('b', CASES)\ndef test_x(a, b): pass\n"
        "@pytest.mark.parametrize('a', range(4))\nclass TestA:\n def test_y(self, a): pass\n@pytest.mark.parametrize('a', [])\ndef test_z(a): pass\n"
        "@pytest.mark.parametrize('a', [1, pytest.param(2, marks=pytest.mark.skip)])\ndef test_p(a): pass\n"
        "@pytest.mark.parametrize('a', [x for x in range(5)])\ndef test_g(a): pass\n"
    },
    "fixtures with parameters": {
        "conftest.py": "import pytest\n@pytest.fixture(params=[1, 2])\ndef db(request): return 1\n@pytest.fixture\ndef client(db): return db\n",
        "test_a.py": "import pytest\ndef test_x(client): pass\ndef test_y(): pass\n@pytest.mark.usefixtures('db')\ndef test_z(): pass\n",
    },
    "generated": {"conftest.py": "def pytest_generate_tests(metafunc):\n if 'n' in metafunc.fixturenames: metafunc.parametrize('n', range(3))\n", "test_a.py": "def test_x(n): pass\n"},
    "imports": {
        "tests/__init__.py": "",
        "tests/base.py": "import unittest\nclass TestBase:\n def test_b(self): pass\nclass Case(unittest.TestCase):\n pass\ndef test_function(): pass\n",
        "tests/test_a.py": "from tests.base import TestBase, Case\nfrom .base import test_function\nclass TestA(TestBase):\n def test_x(self): pass\nclass Mine(Case):\n def test_y(self): pass\n",
        "tests/test_b.py": "from tests.base import *\n",
    },
    "pytest.ini": {
        "pytest.ini": "[pytest]\ntestpaths = checks\npython_files = check_*.py\npython_classes = Check *Suite\npython_functions = check_*\n",
        "checks/check_a.py": "def check_x(): pass\ndef test_y(): pass\nclass CheckA:\n def check_z(self): pass\nclass MySuite:\n def check_w(self): pass\n",
        "tests/test_b.py": "def test_b(): pass\n",
    },
    "testpaths that are not there": {"pytest.ini": "[pytest]\ntestpaths = nowhere\n", "test_a.py": "def test_x(): pass\n"},
    "testpaths with a pattern": {"pyproject.toml": "[tool.pytest.ini_options]\ntestpaths = ['*/tests']\n", "a/tests/test_a.py": "def test_x(): pass\n", "b/test_b.py": "def test_y(): pass\n"},
    "an empty pytest.ini comes first": {"pytest.ini": "", "pyproject.toml": "[tool.pytest.ini_options]\ntestpaths = ['a']\n", "a/test_a.py": "def test_x(): pass\n", "b/test_b.py": "def test_y(): pass\n"},
    "tox.ini": {"tox.ini": "[tox]\nenvlist = py3\n[pytest]\naddopts = --ignore=tests/slow --ignore-glob=*_gen.py\n", "tests/test_a.py": "def test_x(): pass\n", "tests/slow/test_b.py": "def test_y(): pass\n", "test_c_gen.py": "def test_z(): pass\n"},
    "setup.cfg": {"setup.cfg": "[tool:pytest]\naddopts =\n    -ra\n    --deselect=tests/test_a.py::test_y\nnorecursedirs = old\n", "tests/test_a.py": "def test_x(): pass\ndef test_y(): pass\n", "tests/old/test_b.py": "def test_z(): pass\n"},
    "marks": {
        "pyproject.toml": "[tool.pytest.ini_options]\naddopts = \"-m 'not slow and not net'\"\nmarkers = ['slow', 'net']\n",
        "test_a.py": "import pytest\npytestmark = [pytest.mark.net]\ndef test_x(): pass\n",
        "test_b.py": "import pytest\nfrom pytest import mark as m\n@m.slow\ndef test_y(): pass\ndef test_z(): pass\n@pytest.mark.slow\nclass TestA:\n def test_w(self): pass\n",
    },
    "keywords": {"pytest.ini": "[pytest]\naddopts = -k 'fast or test_b'\n", "test_a.py": "def test_fast(): pass\ndef test_slow(): pass\n", "test_b.py": "def test_any(): pass\n"},
    "collect_ignore": {
        "conftest.py": "collect_ignore = ['test_a.py', 'old']\ncollect_ignore_glob = ['*_py2.py']\n",
        "test_a.py": "def test_x(): pass\n", "old/test_b.py": "def test_y(): pass\n", "new/test_c.py": "def test_z(): pass\n", "new/test_d_py2.py": "def test_w(): pass\n",
    },
    "directories that are not entered": {
        "pytest.ini": "[pytest]\n", "build/test_a.py": "def test_x(): pass\n", ".hidden/test_b.py": "def test_y(): pass\n", "env/pyvenv.cfg": "", "env/bin/test_c.py": "def test_z(): pass\n", "t/test_d.py": "def test_w(): pass\n",
    },
    "two modules of one name": {"pytest.ini": "[pytest]\n", "a/test_x.py": "def test_a(): pass\n", "b/test_x.py": "def test_b(): pass\n"},
    "conditions": {"pytest.ini": "[pytest]\n", "test_a.py": "import sys\nif sys.platform == 'win32':\n def test_x(): pass\nelse:\n def test_y(): pass\nif __name__ == '__main__':\n def test_z(): pass\ntry:\n import nothing\nexcept ImportError:\n nothing = None\n"},
    "__test__": {"pytest.ini": "[pytest]\n", "test_a.py": "class TestA:\n __test__ = False\n def test_x(self): pass\n", "test_b.py": "__test__ = False\ndef test_y(): pass\n"},
    "abstract": {"pytest.ini": "[pytest]\n", "test_a.py": "from abc import ABC, abstractmethod\nclass TestA(ABC):\n @abstractmethod\n def make(self): ...\n def test_x(self): pass\nclass TestB(TestA):\n def make(self): pass\n"},
    "static": {"pytest.ini": "[pytest]\n", "test_a.py": "class TestA:\n @staticmethod\n def test_x(): pass\n @classmethod\n def test_y(cls): pass\n @property\n def test_z(self): pass\n"},
    "a file that does not parse": {"pytest.ini": "[pytest]\n", "test_a.py": "def test_x(: pass\n", "test_b.py": "def test_y(): pass\n"},
    "values": {"pytest.ini": "[pytest]\n", "test_a.py": "test_data = [1]\ntest_lambda = lambda: None\ntest_made = (lambda: (lambda: None))()\n"},
    "python_files with a path": {"pytest.ini": "[pytest]\npython_files = checks/*.py\n", "checks/a.py": "def test_x(): pass\n", "test_b.py": "def test_y(): pass\n"},
    "a path in addopts": {"pytest.ini": "[pytest]\naddopts = -ra tests/unit\ntestpaths = other\n", "tests/unit/test_a.py": "def test_x(): pass\n", "other/test_b.py": "def test_y(): pass\n"},
    "collect_ignore under a condition": {
        "conftest.py": "import sys\ncollect_ignore = []\nif sys.version_info < (3, 9):\n    collect_ignore.extend(['test_new.py'])\n", "pytest.ini": "[pytest]\n",
        "test_new.py": "def test_x(): pass\n", "test_old.py": "def test_y(): pass\n",
    },
    "a mark of the class body": {"pytest.ini": "[pytest]\n", "test_a.py": "import pytest\nclass TestA:\n keys = pytest.mark.parametrize('k', [1, 2])\n @keys\n def test_x(self, k): pass\n"},
    "two packages of one name": {"pytest.ini": "[pytest]\n", "tests/__init__.py": "", "tests/test_a.py": "def test_x(): pass\n", "lib/tests/__init__.py": "", "lib/tests/test_b.py": "def test_y(): pass\n"},
    "dataclass": {"pytest.ini": "[pytest]\n", "test_a.py": "from dataclasses import dataclass\n@dataclass\nclass TestData:\n x: int\n def test_x(self): pass\n"},
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_pytest_collects_is_what_we_count(name: str, tmp_path: Path) -> None:
    root = tmp_path / "repository"  # not a name that says anything to `-k`
    for path, text in CASES[name].items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    if not any(p.endswith((".ini", ".toml", ".cfg")) or "pytest" in t for p, t in CASES[name].items()):
        (root / "requirements.txt").write_text("pytest\n")
    assert collected_by_pytest(root) or name in ("__test__", "dataclass")
    check(root)


DECORATORS = ("", "@pytest.mark.skip\n", "@pytest.mark.slow\n", "@pytest.mark.parametrize('p', [1, 2, 3])\n", "@pytest.mark.skipif(False, reason='')\n", "@pytest.mark.parametrize('p', [])\n")


def random_tree(root: Path, chance: random.Random) -> None:
    """A tree of test files, and a configuration of pytest somewhere in it."""
    directories = ["", "tests", "tests/unit", "tests/integration", "src/pkg", "build", "tests/old", "pkg/tests"]
    for number in range(chance.randint(1, 8)):
        directory = chance.choice(directories)
        name = chance.choice([f"test_m{number}.py", f"m{number}_test.py", f"m{number}.py", f"check_{number}.py"])
        lines = ["import pytest, unittest"]
        for index in range(chance.randint(0, 5)):
            decorator = chance.choice(DECORATORS)
            argument = "p" if "parametrize" in decorator else ""
            kind = chance.randrange(4)
            if kind < 2:
                lines.append(f"{decorator}def {chance.choice(['test_', 'check_', 'help_'])}{index}({argument}): pass")
            elif kind == 2:
                base = chance.choice(["", "(unittest.TestCase)", "(object)"])
                parametrized = "parametrize" in decorator and not base.startswith("(unit")
                lines.append(f"{decorator if parametrized or 'parametrize' not in decorator else ''}class {chance.choice(['Test', 'Check', 'Other'])}{index}{base}:")
                for method in range(chance.randint(1, 3)):
                    lines.append(f"    def test_{method}(self{', p' if parametrized else ''}): pass")
            else:
                lines.append(f"if {chance.choice(['True', 'False'])}:\n    def test_c{index}(): pass")
        path = root / directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n")
        if directory and chance.random() < 0.3:
            (path.parent / "__init__.py").write_text("")
    options = []
    if chance.random() < 0.4:
        options.append("testpaths = " + chance.choice(["tests", "tests/unit tests/integration", "src", "missing", "*/tests"]))
    if chance.random() < 0.3:
        options.append("python_files = " + chance.choice(["test_*.py check_*.py", "*.py", "*_test.py"]))
    if chance.random() < 0.3:
        options.append("python_functions = " + chance.choice(["test check", "check_*"]))
    if chance.random() < 0.3:
        options.append("python_classes = " + chance.choice(["Test Check", "Other*"]))
    if chance.random() < 0.4:
        choices = ["--ignore=tests/old", "--ignore-glob='*/m1*'", "-m 'not slow'", "-k 'not m2'", "--ignore tests/unit -ra", "tests", "-m slow -k test"]
        options.append("addopts = " + chance.choice(choices))
    if chance.random() < 0.2:
        options.append("norecursedirs = " + chance.choice(["old", "tests/unit", ".*"]))
    chosen = chance.choice(["pytest.ini", "tox.ini", "setup.cfg", "pyproject.toml"])
    if chosen == "pyproject.toml":
        body = "[tool.pytest.ini_options]\n" + "\n".join(f'{o.partition(" = ")[0]} = "{o.partition(" = ")[2]}"' for o in options)
    else:
        body = ("[tool:pytest]\n" if chosen == "setup.cfg" else "[pytest]\n") + "\n".join(options)
    (root / chosen).write_text(body + "\n")
    if chance.random() < 0.3:
        place = root / chance.choice(["", "tests"])
        place.mkdir(exist_ok=True)
        (place / "conftest.py").write_text(chance.choice(["collect_ignore = ['old', 'unit']\n", "collect_ignore_glob = ['*m3*']\n", "x = 1\n"]))


@pytest.mark.parametrize("seed", range(int(os.environ.get("COLLECTION_SEEDS", "25"))))
def test_random_trees_are_counted_as_pytest_counts_them(seed: int, tmp_path: Path) -> None:
    root = tmp_path / "repository"
    root.mkdir()
    random_tree(root, random.Random(seed))
    check(root)

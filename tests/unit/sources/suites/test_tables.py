"""The tables of tests and tools keep to their schemas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gonogo.data import data_directory
from gonogo.formats.yaml_reader import read_yaml
from gonogo.kinds.suites import TEST_SUITE
from gonogo.model.value import Unknown
from gonogo.sources.suites import TestSuiteSource, items
from gonogo.sources.tree import open_tree
from gonogo.sources.types_of_tests import load_types


@pytest.mark.parametrize(
    ("table", "schema"),
    [("test-types.yaml", "test-types.v1.json"), ("code.yaml", "code-tools.v1.json"), ("javascript-tests.yaml", "javascript-tests.v1.json")],
)
def test_the_table_keeps_to_its_schema(table: str, schema: str) -> None:
    document: Any = read_yaml(table, (data_directory("rules") / "tools" / table).read_text("utf-8")).documents[0].value
    Draft202012Validator(json.loads((data_directory("schemas") / schema).read_text("utf-8"))).validate(document)


@pytest.mark.parametrize(
    ("file", "marks", "kind"),
    [
        ("tests/unit/test_a.py", (), "unit"),
        ("tests/integration/deep/test_a.py", (), "integration"),
        ("tests/e2e/unit/test_a.py", (), "unit"),
        ("tests/unit/test_a.py", ("integration",), "integration"),
        ("tests/test_integration.py", (), "integration"),
        ("web/cart.e2e.spec.ts", (), "e2e"),
        ("tests/end-to-end/test_a.py", (), "e2e"),
        ("tests/community/test_a.py", (), ""),
        ("pkg/shop_test.go", ("integration",), "integration"),
        ("tests/test_a.py", ("unit", "integration"), ""),
    ],
)
def test_marks_come_before_files_and_files_before_directories(file: str, marks: tuple[str, ...], kind: str) -> None:
    assert load_types().of(items.Test(file, ("test_a",), 1, marks=frozenset(marks))) == kind


def suites(root: Path, files: dict[str, str]) -> dict[str, tuple[object, object, object]]:
    """Of each suite what there is for certain, how many there are, and the frameworks."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    found = [r for r in TestSuiteSource().read(open_tree(root, standalone=True)) if getattr(r, "kind", "") == TEST_SUITE]
    return {r.name: (r.attributes["least"], r.attributes["count"], r.attributes["framework"]) for r in found}  # type: ignore[union-attr]  # gaps have no kind


GO = "package shop\n\nimport \"testing\"\n\n"


def test_go_counts_functions_that_go_test_runs(tmp_path: Path) -> None:
    text = (
        GO + "func TestA(t *testing.T) {}\nfunc Test_b(t *testing.T) {}\nfunc Testc(t *testing.T) {}\nfunc TestMain(m *testing.M) {}\nfunc BenchmarkA(b *testing.B) {}\n"
        "func TestSkipped(t *testing.T) {\n\tt.Skip(\"later\")\n}\nfunc TestShort(t *testing.T) {\n\tif testing.Short() {\n\t\tt.Skip()\n\t}\n}\n"
        "/*\nfunc TestOld(t *testing.T) {}\n*/\n"
    )
    assert suites(tmp_path, {"go.mod": "module a\n", "unit/a_test.go": text}) == {"unit tests": (3, 3, "go test")}


def test_go_leaves_what_needs_a_tag_a_system_or_a_condition_open(tmp_path: Path) -> None:
    files = {
        "go.mod": "module a\n",
        "unit/a_test.go": GO + "func TestA(t *testing.T) {\n\tif x {\n\t\tt.Skip()\n\t}\n}\n",
        "unit/b_windows_test.go": GO + "func TestB(t *testing.T) {}\n",
        "unit/c_test.go": "//go:build cluster\n\n" + GO + "func TestC(t *testing.T) {}\n",
        "unit/testdata/d_test.go": GO + "func TestD(t *testing.T) {}\n",
    }
    found = suites(tmp_path, files)["unit tests"]
    assert found[0] == 0
    assert isinstance(found[1], Unknown)


def test_vitest_counts_declared_tests(tmp_path: Path) -> None:
    text = (
        'describe("cart", () => {\n  it("adds", () => {})\n  it.skip("skips", () => {})\n  it.todo("later")\n})\n'
        'describe.skip("old", () => { test("x", () => {}) })\n// test("in a comment", () => {})\nconst s = \'test("in a text", () => {})\';\n/a/.test("b");\ntest("total", async () => {})\n'
    )
    files = {"package.json": '{"devDependencies": {"vitest": "3"}}', "tests/unit/cart.test.ts": text, "tests/unit/cart.ts": 'test("no", () => {})\n'}
    assert suites(tmp_path, files) == {"unit tests": (2, 2, "vitest")}


def test_a_configuration_that_may_leave_files_out_leaves_them_open(tmp_path: Path) -> None:
    files = {
        "package.json": '{"devDependencies": {"vitest": "3"}}',
        "vitest.config.ts": "export default { test: { include: ['src/**'] } }\n",
        "tests/unit/cart.test.ts": 'test("a", () => {})\n',
    }
    found = suites(tmp_path, files)["unit tests"]
    assert found[0] == 0
    assert isinstance(found[1], Unknown)


def test_a_language_that_is_not_read_leaves_the_count_open(tmp_path: Path) -> None:
    files = {"pytest.ini": "[pytest]\n", "tests/unit/test_a.py": "def test_a(): pass\n", "api/src/test/java/ShopTest.java": "class ShopTest {}\n"}
    found = suites(tmp_path, files)["unit tests"]
    assert found[0] == 1
    assert isinstance(found[1], Unknown)


def test_tests_of_others_do_not_count(tmp_path: Path) -> None:
    files = {
        "pytest.ini": "[pytest]\ntestpaths = tests\n",
        "tests/unit/test_a.py": "def test_a(): pass\n",
        "vendor/lib/tests/unit/test_b.py": "def test_b(): pass\n",
        "examples/tests/unit/test_c.py": "def test_c(): pass\n",
    }
    assert suites(tmp_path, files) == {"unit tests": (1, 1, "pytest")}


@pytest.mark.parametrize(
    "text",
    [
        "def test_a(\n",
        "(" * 500 + ")" * 500,
        "x = " + "-" * 50_000 + "1\n",
        "\x00",
        "class TestA(TestA): pass\n",
        "from . import *\nfrom .test_a import *\ntest_b = test_b\n",
        "class A(B): pass\nclass B(A):\n def test_x(self): pass\nclass TestC(A): pass\n",
    ],
)
def test_hostile_files_are_no_crash(text: str, tmp_path: Path) -> None:
    files = {"pytest.ini": "[pytest]\naddopts = -k '((((' -m\n", "tests/unit/test_a.py": text, "tests/unit/test_good.py": "def test_a(): pass\n", "conftest.py": "collect_ignore = [open('/etc/passwd').read()]\n"}
    suites(tmp_path, files)

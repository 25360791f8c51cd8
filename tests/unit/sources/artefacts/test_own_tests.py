"""Which reports are of the tests of a repository, and which of their tests they leave out."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.sources.artefacts.junit import Case
from gonogo.sources.artefacts.own_tests import OwnTests
from gonogo.sources.artefacts.table import load_table
from gonogo.sources.tree import open_tree

_FILES = {
    "tests/test_a.py": "import pytest\n@pytest.fixture\ndef test_client(): ...\ndef test_a(): ...\nclass TestB:\n    async def test_b(self): ...\nclass Help:\n    def test_c(self): ...\n",
    "tests/deep/test_d.py": "def test_d():\n    def test_e(): ...\n",
    "tests/test_helpers.py": "HELP = 1\n",
    "web/src/cart.test.ts": "describe('Cart', () => { it(`adds up what is in it`, () => {}) })\n",
    "go/cart_test.go": "func TestCart(t *testing.T) {}\n",
    "fixtures/test_other.py": "def test_other(): ...\n",
    "src/a.py": "x = 1\n",
}


def _own(root: Path) -> OwnTests:
    for name, text in _FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return OwnTests(open_tree(root, (), standalone=True), load_table())


@pytest.mark.parametrize(
    ("case", "named"),
    [
        ("tests.test_a::test_a", {"tests/test_a.py"}),
        ("tests.test_a.TestB::test_b", {"tests/test_a.py"}),
        ("/ci/tests/test_a.py::test_a", {"tests/test_a.py"}),
        ("web/src/cart.test.ts::adds", {"web/src/cart.test.ts"}),
        ("tests.test_z::test_a", set()),
        ("fixtures.test_other::test_other", set()),
        ("::", set()),
    ],
)
def test_a_case_names_the_file_it_is_in(tmp_path: Path, case: str, named: set[str]) -> None:
    assert _own(tmp_path).among([Case(case, "passed")]) == named


@pytest.mark.parametrize(
    ("case", "titled"),
    [
        ("Cart adds up what is in it::Cart adds up what is in it", True),
        ("example.org/shop::TestCart/empty", True),
        ("zz::zz", False),
        ("other::drops what is in it entirely", False),
        ("other::", False),
    ],
)
def test_a_title_stands_in_a_file(tmp_path: Path, case: str, titled: bool) -> None:
    assert _own(tmp_path).titled([Case(case, "passed")]) is titled


def test_files_beside_those_that_are_named_are_left_out(tmp_path: Path) -> None:
    own = _own(tmp_path)
    assert own.left_out(frozenset({"tests/test_a.py"})) == ("tests/deep/test_d.py",)
    assert own.left_out(frozenset({"web/src/cart.test.ts"})) == ()
    assert own.left_out(frozenset()) == ()


def test_tests_of_a_file_that_are_not_listed(tmp_path: Path) -> None:
    own, named = _own(tmp_path), frozenset({"tests/test_a.py", "tests/deep/test_d.py"})
    assert own.unlisted(named, [Case("tests.test_a::test_a[x-1]", "passed"), Case("tests.deep.test_d::test_d", "passed")]) == ("tests/test_a.py::test_b",)

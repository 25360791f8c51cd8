"""`gonogo checklist lint`, and what it finds in the checklist that started the project."""

from __future__ import annotations

import io
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from gonogo.cli.exit_codes import ExitCode
from gonogo.cli.main import main

SEED = Path(__file__).resolve().parents[2].parent / "shared" / "seed" / "checklist.ko.md"
# The contradictions that a careful reader found, by their number there: line, rule, lines that are named.
CONTRADICTIONS = [
    (1, 6, "overall-percentages-differ", (292, 418)),
    (2, 287, "state-symbols-differ", (188,)),
    (3, 281, "progress-bar", (282, 289)),
    (4, 309, "go-criteria", (54, 88)),
    (5, 305, "go-criteria", (51, 52, 53, 54)),
    (6, 304, "go-criteria", (89, 140, 150, 230, 262, 263, 264)),
    (7, 303, "go-criteria", (172,)),
    (8, 306, "go-criteria", (69, 111)),
    (9, 83, "optional-and-required", (119,)),
    (9, 315, "optional-and-required", (194,)),
    (9, 316, "optional-and-required", (118,)),
    (9, 318, "optional-and-required", (111,)),
    (10, 32, "rests-on-open-item", (19, 194)),
    (10, 191, "rests-on-open-item", (19, 192, 193, 194)),
    (11, 92, "rests-on-open-item", (93, 208)),
    (12, 223, "figures-conflict", (218,)),
    (13, 327, "spoken-of-and-open", (178,)),
    (13, 379, "spoken-of-and-open", (149,)),
    (13, 374, "placeholder", ()),
    (14, 411, "review-date", (324,)),
    (15, 80, "said-twice", (183,)),
    (15, 81, "said-twice", (217, 307)),
    (15, 88, "said-twice", (238,)),
    (15, 54, "said-twice", (258,)),
    (15, 140, "said-twice", (262,)),
    (15, 102, "said-twice", (117,)),
    (15, 17, "said-twice", (302,)),
    (15, 18, "said-twice", (26,)),
    (15, 389, "two-states", (137,)),
]


@cache
def of_the_seed() -> Any:
    return json.loads(lint(str(SEED), "-o", "json")[1])


def lint(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    code = main(["checklist", "lint", *arguments], out, err)
    return code, out.getvalue(), err.getvalue()


@pytest.mark.skipif(not SEED.is_file(), reason="the seed is not part of the project")
@pytest.mark.parametrize(("number", "line", "rule", "named"), CONTRADICTIONS, ids=[f"{n}-{line}-{rule}" for n, line, rule, _ in CONTRADICTIONS])
def test_the_contradictions_of_the_seed_are_found(number: int, line: int, rule: str, named: tuple[int, ...]) -> None:
    found = [row for row in of_the_seed() if (row["line"], row["rule"]) == (line, rule)]
    related = {other for row in found for other in row["related"]}
    assert found, number
    assert set(named) <= related


def test_remarks_are_lines_and_decide_the_exit_code(tmp_path: Path) -> None:
    checklist = tmp_path / "C.md"
    checklist.write_text("# C\n## A (90%)\n- [x] a\n- [ ] b\n", "utf-8")
    code, out, _ = lint(str(checklist))
    assert code == ExitCode.NO_GO
    assert out == f"{checklist}:2: error stated-percentage: says 90 % of A, where 1 of 2 ticked (50.0 %)\n1 remark\n"
    checklist.write_text("# C\n## A (50%)\n- [x] a\n- [ ] b\n", "utf-8")
    assert lint(str(checklist)) == (ExitCode.GO, "nothing to remark\n", "")


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "C.md").write_bytes(b"- [x] \xff")
    code, _, err = lint(str(tmp_path / "C.md"))
    assert (code, "is not UTF-8" in err) == (ExitCode.USAGE, True)
    assert lint(str(tmp_path / "none.md"))[0] == ExitCode.USAGE

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.checklist import ChecklistError
from gonogo.checklist.markdown import MAX_BYTES, MAX_ITEMS, parse_checklist, read_checklist
from gonogo.model.checklist import Checklist, Item

ROOT = Path(__file__).resolve().parents[3]
FIXTURES = ROOT / "fixtures" / "checklists"
SEED = ROOT.parent / "shared" / "seed" / "checklist.ko.md"


def items(text: str) -> list[Item]:
    return list(parse_checklist(text, "c.md").items)


def only(text: str) -> Item:
    (item,) = items(text)
    return item


@pytest.mark.parametrize(
    ("text", "line", "claimed"),
    [
        ("- [ ] a", 1, False),
        ("- [x] a", 1, True),
        ("- [X] a", 1, True),
        ("* [x] a", 1, True),
        ("+ [x] a", 1, True),
        ("1. [x] a", 1, True),
        ("1) [ ] a", 1, False),
        ("\n\n> - [x] a", 3, True),
        ("1. one\n   - [x] a", 2, True),
        ("-\n  [x] a", 2, True),
        ("\ufeff- [x] a", 1, True),
        ("---\nname: x\n---\n- [x] a", 4, True),
        ("| a | b |\n|---|---|\n| [x] a | ok |", 3, True),
        ("| item | done |\n|---|---|\n| a | [x] |", 3, True),
        ("<details>\n\n- [x] a\n\n</details>", 3, True),
        ("- [x] **`a`**\r\n\r\n- b", 1, True),
    ],
)
def test_a_box_becomes_an_item_with_its_line(text: str, line: int, claimed: bool) -> None:
    item = only(text)
    assert (item.text, item.line, item.claimed, item.file) == ("a", line, claimed, "c.md")


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("```\n- [x] a\n- [ ] b\n```", (2, "2 boxes in a code block: not counted")),
        ("- x\n\n  ```\n  - [ ] a\n  ```", (4, "a box in a code block: not counted")),
        ("p\n\n    - [x] a", (3, "a box in a code block: not counted")),
        ("[ ] a\n[x] b", (1, "2 boxes outside a list: not counted")),
        ("<div>\n- [x] a\n</div>", (2, "a box in an HTML block: not counted")),
        ("- [x]a", (1, "a box without a space after it: not counted")),
        ("- [~] a", (1, "`[~]` is neither ticked nor open; the line is not counted")),
        ("- [v] a", (1, "`[v]` is neither ticked nor open; the line is not counted")),
        ("- [ ]", (1, "a box without a text is not counted")),
        ("| a | b | c |\n|---|---|---|\n| x | [x] | [ ] |", (3, "several boxes in one table row: those without a text are not counted")),
        ("<!-- gonogo waf -->\n- a", (1, "a comment that starts with gonogo but not with `gonogo:` is not used")),
    ],
)
def test_what_is_not_counted_is_noted(text: str, note: tuple[int, str]) -> None:
    checklist = parse_checklist(text, "c.md")
    assert checklist.items == ()
    assert note in checklist.notes


@pytest.mark.parametrize("text", ["- [a](b)", "- [x](b)", "- [1] note", "[x]: http://example.org", "- a [x] b"])
def test_links_and_citations_are_no_boxes(text: str) -> None:
    assert parse_checklist(text, "c.md") == Checklist("c.md", (), ((1, "no task-list item (`- [ ] …`) was found"),))


def test_a_file_that_uses_symbols_is_told_so() -> None:
    (note,) = parse_checklist("- ✅ a\n- ⬜ b", "c.md").notes
    assert note == (1, "no task-list item (`- [ ] …`) was found, but 2 status symbols such as ✅")


def test_what_nests_too_deep_to_be_read_is_noted() -> None:
    text = "\n".join("  " * depth + "- [ ] a" for depth in range(80))
    checklist = parse_checklist(text, "c.md")
    assert 0 < len(checklist.items) < 80
    assert checklist.notes[-1] == (80, "a box on this line was not read and is not counted")
    assert len(checklist.items) + len(checklist.notes) == 80


def test_a_huge_paragraph_of_boxes_is_one_note() -> None:
    assert parse_checklist("[ ] a\n" * 100_000, "c.md").notes[-1] == (1, "no task-list item (`- [ ] …`) was found")
    assert parse_checklist("[ ] a\n" * 100_000, "c.md").notes[0] == (1, "100000 boxes outside a list: not counted")


def test_headings_lose_pictures_numbers_and_progress() -> None:
    text = "# Doc\n## 3️⃣ 배포 인프라 (85% ✅)\n### 🔟 1.2 운영 준비: 60%\n- [x] a\n## :wrench: Next\n- [ ] b"
    first, second = items(text)
    assert first.section == ("Doc", "배포 인프라", "운영 준비")
    assert second.section == ("Doc", "Next")


def test_a_parent_is_a_claim_of_its_own_and_context_of_its_children() -> None:
    parent, child, other = items("## S\n- [x] Database\n  - [ ] backups\n1. **Before**\n   - [ ] check")
    assert (parent.claimed, child.claimed) == (True, False)
    assert (parent.section, child.section, other.section) == (("S",), ("S", "Database"), ("S", "Before"))


def test_continuation_lines_belong_to_the_text_and_fences_do_not() -> None:
    item = only("- [x] first\n  second **line**\n\n  ```\n  kubectl get pods\n  ```\n\n  prose")
    assert item.text == "first second line"


@pytest.mark.parametrize(
    "text",
    [
        "- [ ] a (선택)",
        "- [ ] a (선택 사항)",
        "- [ ] a (ELK 선택)",
        "- [ ] a (b, 선택)",
        "- [ ] a (선택, 고가용성용)",
        "- [ ] a (optional)",
        "- [ ] a (if applicable)",
        "- [ ] a (필요시)",
        "- [ ] a (opcional)",
        "- [ ] a [optional]",
        "- [ ] a (facultatif)",
        "- [ ] Optional: a",
        "- [ ] a - optional",
        "- [ ] a (optional - phase 2)",
        "## K8s (선택 사항)\n- [ ] a",
        "## 🟡 선택 사항 (나중에)\n- [ ] a",
        "## Optional\n- [ ] a",
        "## Optional items\n### Sub\n- [ ] a",
        "- [ ] parent (optional)\n  - [ ] a",
        "## x\n1. later (optional)\n   - [ ] a",
    ],
)
def test_optional_marks(text: str) -> None:
    assert all(item.optional for item in items(text))


@pytest.mark.parametrize(
    "text",
    [
        "- [ ] 리전 선택 완료",
        "- [ ] optional chaining removed",
        "## 선택 기준\n- [ ] a",
        "- [ ] a (권장)",
        "- [ ] a (region selection)",
        "## Optionality\n- [ ] a",
    ],
)
def test_ordinary_words_make_nothing_optional(text: str) -> None:
    assert not only(text).optional


@pytest.mark.parametrize(
    ("text", "directives"),
    [
        ("- [x] a <!-- gonogo: waf -->", ["waf"]),
        ("- [x] a\n  <!-- gonogo: waf expected=1 -->", ["waf expected=1"]),
        ("- [x] a <!-- gonogo: waf --> <!-- gonogo: hsts -->", ["waf, hsts"]),
        ("| a |\n|---|\n| [x] b <!-- gonogo: waf --> |", ["waf"]),
        ("| a | b | c |\n|---|---|---|\n| a | [x] | <!-- gonogo: waf --> |", ["waf"]),
        ("## S <!-- gonogo: manual -->\n- [ ] a\n- [ ] b <!-- gonogo: waf -->", ["manual", "waf"]),
        ("## S\n<!-- gonogo: manual -->\n- [ ] a\n### T\n- [ ] b\n## U\n- [ ] c", ["manual", "manual", ""]),
    ],
)
def test_directives_belong_to_their_item_or_their_section(text: str, directives: list[str]) -> None:
    assert [item.directive for item in items(text)] == directives


def test_a_directive_that_belongs_to_nothing_is_noted() -> None:
    checklist = parse_checklist("## S\n- [ ] a\n\n<!-- gonogo: waf -->\n\n- [ ] b", "c.md")
    assert [item.directive for item in checklist.items] == ["", ""]
    assert checklist.notes == ((4, "a gonogo comment that stands neither on an item nor directly below a heading is not used"),)


def test_the_id_survives_progress_renumbering_and_a_new_title() -> None:
    before = only("# Launch\n## 1. Data (80% ✅)\n- [ ] Backups enabled.")
    after = only("# Launch 2026\n\n## 2. Data (95% 🚀)\n- [x] **Backups** enabled")
    assert before.id == after.id


def test_the_id_tells_apart_sections_and_repetitions() -> None:
    found = items("## A\n- [ ] a\n- [ ] a\n## B\n- [ ] a\n- [ ] b")
    assert len({item.id for item in found}) == 4


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"- [x] ok\n- [ ] caf\xe9\n", "c.md:2: is not UTF-8 (byte 0xe9); save it as UTF-8"),
        ("- [x] a".encode("utf-16"), "c.md: is UTF-16; save it as UTF-8"),
        (b"\x00\x01\x02", "c.md: is a binary file; name a Markdown file"),
        (b"a" * (MAX_BYTES + 1), "c.md: is larger than 1024 KiB; split the checklist"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_clear_error(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "c.md").write_bytes(data)
    with pytest.raises(ChecklistError) as caught:
        read_checklist(tmp_path / "c.md", tmp_path)
    assert str(caught.value) == message


def test_a_missing_file_and_a_directory_are_errors(tmp_path: Path) -> None:
    with pytest.raises(ChecklistError, match=r"c\.md: cannot be read: No such file or directory"):
        read_checklist(tmp_path / "c.md", tmp_path)
    with pytest.raises(ChecklistError, match="is a directory; name a Markdown file"):
        read_checklist(tmp_path, tmp_path.parent)


def test_too_many_items_are_an_error() -> None:
    with pytest.raises(ChecklistError, match=f"more than {MAX_ITEMS} items"):
        parse_checklist("- [ ] a\n" * (MAX_ITEMS + 2), "c.md")


def test_the_korean_fixture() -> None:
    checklist = read_checklist(FIXTURES / "mentoring.ko.md", FIXTURES)
    assert (len(checklist.items), sum(item.claimed for item in checklist.items)) == (97, 60)
    assert checklist.notes == ((166, "a box in a code block: not counted"),)
    assert [item.line for item in checklist.items if item.section[-1] == "Kubernetes (선택 사항)"] == [45, 46, 47, 48, 49]


@pytest.mark.skipif(not SEED.exists(), reason="the seed checklist is not part of the project")
def test_the_seed_has_188_items() -> None:
    checklist = read_checklist(SEED, SEED.parent)
    assert (len(checklist.items), sum(item.claimed for item in checklist.items)) == (188, 88)
    assert [i.line for i in checklist.items][:3] + [i.line for i in checklist.items][-3:] == [15, 16, 17, 401, 402, 403]
    assert checklist.notes == ()

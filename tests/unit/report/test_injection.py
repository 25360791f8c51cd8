"""What a scanned repository, a checklist or a cloud says is text in every report, and nothing else."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from gonogo.report import terminal
from gonogo.report.layout import Style
from reports import SAMPLE, hostile, rendered
from unit.report import readers

TERMINAL = ("\x1b]0;owned\x07", "\x1b[2J\x1b[31mred", "\u202egnp.exe", "a\rb", "a\nb", "\x00", "\x9b31m", "\ud800", "\ufeffx", "\u2028x")
MARKUP = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</testcase><testcase name='forged'/>", "]]>", "<!-- x -->", "--><b>", "&lt;b&gt;",
    "[x](javascript:alert(1))", "![x](https://evil.example/x.png)", "[x]: https://evil.example", "<https://evil.example>", "https://evil.example/x",
    "see www.evil.example", "mail a@evil.example or mailto:a@evil.example", "@everyone and @org/team", "fixes #1, GH-1, org/repo#1 and !1",
    "a | b | c", "| --- |", "`<b>x</b>`", "x``<b>`y", "``<b>``", "```\n::", "`` ` ``", "`", "``", "a ` b", "~~~", "# x", "> x", "- x", "+ x", "* x", "1. x", "10) x", "===", "---", "***x***",
    "$$x$$", "\\", "\\[x](y)", "[^1]", "x\\", "<details>", "  x", "\tx", "[ ] x", ":x: https&#58;//evil.example",
)  # fmt: skip
FORMULAS = ("=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", '=HYPERLINK("https://evil.example","x")', '";=1', "a,=1", '","=1')
COMMANDS = (
    "::error::forged", "\n::error::forged", "a\r\n::set-output name=x::y", "%0A::error::forged", "%25", "file=x,line=1", "a:b,c=d", "::add-mask::x",
    "##[error]forged", "##vso[task.setvariable variable=x]y", "x::y",
)  # fmt: skip
ALL = (*TERMINAL, *MARKUP, *FORMULAS, *COMMANDS, "../../etc/passwd", "", " ")
PLAIN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029\ud800-\udfff]")

NAMES = ("junit", "gitlab", "github", "markdown", "comment", "csv", "cyclonedx", "oscal", "concise")


def texts(node: Any) -> list[str]:
    """Every string of JSON data, keys too."""
    if isinstance(node, dict):
        return [t for pair in node.items() for part in pair for t in texts(part)]
    return [t for part in node for t in texts(part)] if isinstance(node, list) else [node] if isinstance(node, str) else []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", TERMINAL, ids=ascii)
def test_no_report_controls_a_terminal(name: str, text: str) -> None:
    written = rendered(name, hostile(text))
    assert not PLAIN.search(written.replace("\r\n", "\n"))
    if name in ("gitlab", "cyclonedx", "oscal"):
        assert not any(PLAIN.search(found) or "\n" in found for found in texts(json.loads(written)))


@pytest.mark.parametrize("text", ALL, ids=ascii)
def test_junit_stays_one_document_of_the_same_cases(text: str, junit_xsd: Path) -> None:
    tree = readers.valid_junit(rendered("junit", hostile(text)), junit_xsd)
    assert len(tree.findall(".//testcase")) == len(SAMPLE.items)
    assert {child.tag for case in tree.findall(".//testcase") for child in case} == {"failure", "skipped"}


@pytest.mark.parametrize("text", ALL, ids=ascii)
def test_gitlab_points_at_nothing_but_paths(text: str) -> None:
    entries = json.loads(rendered("gitlab", hostile(text)))
    assert len({e["fingerprint"] for e in entries}) == len(entries) >= 3
    for entry in entries:
        assert set(entry) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert not entry["location"]["path"].startswith(("/", "..")) and entry["location"]["lines"]["begin"] >= 1


@pytest.mark.parametrize("text", ALL, ids=ascii)
def test_github_sees_our_commands_and_no_other(text: str) -> None:
    found = readers.commands(rendered("github", hostile(text)))
    assert [kind for kind, _, _ in found][-1] == "notice" and len(found) >= 4
    for _, properties, message in found:
        assert set(properties) <= {"file", "line", "title"}
        assert "\n" not in message and "\r" not in message


@pytest.mark.parametrize("text", [*COMMANDS, "::", " ::x::", "###[x]"], ids=ascii)
@pytest.mark.parametrize("name", ["text", "concise"])
def test_a_log_holds_no_command_of_a_runner(name: str, text: str) -> None:
    """actions/runner trims a line before it looks for `::`, and looks for `##[` anywhere; Azure Pipelines for `##vso[`."""
    out = io.StringIO()
    if name == "text":
        terminal.render(hostile(f"{text} {'x' * 90} {text}"), out, Style(verbose=True))
    written = out.getvalue() if name == "text" else rendered(name, hostile(text))
    for line in written.splitlines():
        assert not line.strip().startswith("::") and "##[" not in line and "##vso[" not in line, line


@pytest.mark.parametrize("name", ["markdown", "comment"])
@pytest.mark.parametrize("text", ALL, ids=ascii)
def test_markdown_is_words_and_code(name: str, text: str) -> None:
    made = readers.html(rendered(name, hostile(text)))
    said = readers.prose_of(made)
    assert not re.search(r"(?<![\w])[@#!](?=\w)|://|\bwww\.|\bGH-\d", said), said
    assert [made.count(f"<{tag}>") for tag in ("h2", "table", "tr")] == [readers.html(rendered(name, SAMPLE)).count(f"<{tag}>") for tag in ("h2", "table", "tr")]


@pytest.mark.parametrize("text", [t for t in MARKUP if "`" not in t and t.strip() == t], ids=ascii)
def test_markdown_shows_the_words_as_they_were_written(text: str) -> None:
    from html import unescape

    said = unescape(readers.prose_of(readers.html(rendered("markdown", hostile(text))))).replace("\u2060", "")
    assert said.count(text) >= len(SAMPLE.items)


@pytest.mark.parametrize("text", ALL, ids=ascii)
def test_csv_holds_no_formula_and_no_further_cell(text: str) -> None:
    rows = readers.table(rendered("csv", hostile(text)))
    assert len(rows) == len(readers.table(rendered("csv", SAMPLE)))
    assert {row["row"] for row in rows} == {"item", "gap"}


@pytest.mark.parametrize("text", ALL, ids=ascii)
def test_cyclonedx_stays_valid(text: str) -> None:
    readers.valid_cyclonedx(rendered("cyclonedx", hostile(text)))


@pytest.mark.parametrize("text", ALL, ids=ascii)
def test_oscal_stays_valid_and_its_markup_is_words(text: str, tmp_path: Path) -> None:
    written = rendered("oscal", hostile(text))
    readers.valid_oscal(written, tmp_path)
    for key in ("title", "description", "remarks"):
        for markup in readers.values(json.loads(written), key):
            readers.html(markup)

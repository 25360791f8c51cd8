"""Microsoft's multitool takes what we write, and finds the same hashes and columns."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from gonogo.formats.sarif import read_sarif
from gonogo.formats.sarif_lint import Weight, lint
from gonogo.report.line_hash import line_hashes
from multitool import Multitool, multitool
from running import run

ROOT = Path(__file__).parents[3]
REPOSITORIES = sorted(p for p in (ROOT / "fixtures" / "repos").iterdir() if p.is_dir())


@pytest.fixture(scope="module")
def tool(pytestconfig: pytest.Config) -> Multitool:
    return multitool(pytestconfig)


@pytest.mark.parametrize("profile", ["github", "full"])
@pytest.mark.parametrize("repository", REPOSITORIES, ids=lambda path: path.name)
def test_every_fixture_is_taken(tool: Multitool, repository: Path, profile: str, tmp_path: Path) -> None:
    checklists = sorted((ROOT / "fixtures" / "checklists").glob(f"{repository.name}*.md"))
    for number, arguments in enumerate([[], *(["-c", str(path)] for path in checklists)]):
        file = tmp_path / f"{number}.sarif"
        run("scan", repository, "-o", f"sarif={file}", "--sarif-profile", profile, *arguments)
        assert tool.complaints(file, tmp_path) == []
        if profile == "github":
            assert [flaw for flaw in lint(read_sarif(file)) if flaw.weight is not Weight.WARNING] == []


def texts() -> list[bytes]:
    """200 files with everything that line ends, encodings and blanks can do."""
    chance = random.Random(20_261_123)
    pieces = ["a", "b = 1", " ", "\t", "\n", "\r\n", "\r", "\r \n", "é", "한글", "😀", "\u2028", "#" * 120, "x" * 99, "y" * 100, "z" * 101]
    drawn = ["".join(chance.choice(pieces) for _ in range(chance.randrange(0, 200))) for _ in range(150)]
    plain = [text.encode() for text in drawn] + [("\ufeff" + text).encode() for text in drawn[:20]]
    broken = [text.encode()[:-1] + bytes([chance.choice([0x80, 0xC3, 0xE2, 0xFF])]) + b"\ntail\n" for text in drawn[20:45]]
    return [*plain, *broken, b"", b"\n", b"\r\n", b"\xef\xbb\xbf", b"one line"]


def test_the_hash_of_every_line_is_that_of_the_multitool(tool: Multitool, tmp_path: Path) -> None:
    """But for a byte order mark, which the multitool takes away before it hashes and codeql-action (`createReadStream`, utf8) does not."""
    results = []
    contents = [content.removeprefix(b"\xef\xbb\xbf") for content in texts()]
    for number, content in enumerate(contents):
        (tmp_path / f"{number}.txt").write_bytes(texts()[number])
        for line in range(1, len(line_hashes(content)) + 1):
            region = {"artifactLocation": {"uri": f"{number}.txt", "uriBaseId": "TOP"}, "region": {"startLine": line}}
            results.append({"ruleId": "r", "message": {"text": "m"}, "locations": [{"physicalLocation": region}]})
    log = {
        "version": "2.1.0",
        "runs": [{"tool": {"driver": {"name": "t"}}, "originalUriBaseIds": {"TOP": {"uri": tmp_path.as_uri() + "/"}}, "results": results}],
    }
    file = tmp_path / "all.sarif"
    file.write_text(json.dumps(log))
    compared = 0
    for result in tool.rewritten(file, tmp_path, "RollingHashPartialFingerprints")["runs"][0]["results"]:
        physical = result["locations"][0]["physicalLocation"]
        name, line = physical["artifactLocation"]["uri"], physical["region"]["startLine"]
        told = result.get("partialFingerprints", {}).get("primaryLocationLineHash")
        if told is not None:
            assert told == line_hashes(contents[int(name.removesuffix(".txt"))])[line - 1], (name, line)
            compared += 1
    assert len(contents) == 200
    assert compared > 5_000


def test_columns_count_as_the_multitool_counts(tool: Multitool, tmp_path: Path) -> None:
    """UTF-16 code units: an emoji before the text is two columns."""
    (tmp_path / "Dockerfile").write_text("# 😀\nFROM alpine:3\nUSER root # 😀 한글\n", encoding="utf-8")
    file = tmp_path / "out.sarif"
    run("scan", tmp_path, "-o", f"sarif={file}")
    log = json.loads(file.read_text())
    log["runs"][0]["originalUriBaseIds"]["%SRCROOT%"] = {"uri": tmp_path.as_uri() + "/"}
    file.write_text(json.dumps(log))
    snippets = {
        result["ruleId"]: result["locations"][0]["physicalLocation"]["region"]["snippet"]["text"]
        for result in tool.rewritten(file, tmp_path, "RegionSnippets")["runs"][0]["results"]
    }
    assert snippets["dockerfile-user-is-not-root"] == "USER root # 😀 한글"

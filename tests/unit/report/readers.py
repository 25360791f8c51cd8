"""Reports read as the programs do that take them in, by what their makers publish; each fails on what those refuse."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from gonogo.report.csv_table import COLUMNS

_COMMAND = re.compile(r"::(error|warning|notice) ([^:\r\n]*)::([^\r\n]*)")
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)([^>]*)>", re.IGNORECASE)
_OURS = frozenset({"details", "summary", "h2", "h3", "p", "ul", "li", "strong", "code", "table", "thead", "tbody", "tr", "th", "td"})


def commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    """The commands that a runner finds in its log, each with its properties; every line has to be one (actions/runner ActionCommand.cs)."""
    found = []
    for line in text.removesuffix("\n").split("\n"):
        command = _COMMAND.fullmatch(line)
        assert command is not None, line
        kind, properties, message = command.groups()
        pairs = [pair.split("=", 1) for pair in properties.split(",")]
        found.append((kind, {key: _unescaped(value) for key, value in pairs}, _unescaped(message)))
    return found


def _unescaped(text: str) -> str:
    for code, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, character)
    return text


def html(markdown: str) -> str:
    """What GitHub's own parser makes of it; nothing in it but the tags that our reports have, and nothing to click on or to load."""
    cmarkgfm = pytest.importorskip("cmarkgfm", reason="cmarkgfm, GitHub's own parser, is not installed")
    options = pytest.importorskip("cmarkgfm.cmark").Options.CMARK_OPT_UNSAFE  # whatever is raw HTML is to be seen here
    made: str = cmarkgfm.github_flavored_markdown_to_html(re.sub(r"\A<!-- gonogo:[A-Za-z0-9._/+-]* -->\n", "", markdown), options)
    for _, name, attributes in _TAG.findall(made):
        assert name.lower() in _OURS, (name, made[:2000])
        assert attributes.strip() in ("", 'align="left"', 'align="right"'), (attributes, made[:2000])
    assert "<!--" not in made
    return made


def prose_of(made: str) -> str:
    """The text of HTML without what stands in code, where GitHub looks for no mention and no reference."""
    return re.sub(r"<[^>]*>", "", re.sub(r"<code>.*?</code>", "", made, flags=re.DOTALL))


def table(text: str) -> list[dict[str, str]]:
    assert not re.search(r"(?<!\r)\n", text), "a record ends in CR LF, and no cell has a line break"
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    for row in rows:
        assert set(row) == set(COLUMNS) and None not in row.values()
        for cell in row.values():
            assert not cell.lstrip().startswith(("=", "+", "-", "@")), cell
    return rows


def valid_junit(text: str, xsd: Path) -> Any:
    etree = pytest.importorskip("lxml.etree", reason="lxml is not installed")
    schema = etree.XMLSchema(etree.parse(str(xsd)))
    tree = etree.fromstring(text.encode("utf-8", "strict"))
    schema.assertValid(tree)
    cases = tree.findall(".//testcase")
    assert tree.get("tests") == str(len(cases)) and tree.get("failures") == str(len(tree.findall(".//failure")))
    assert len({(c.get("classname"), c.get("name")) for c in cases}) == len(cases), "reporters know a case by its two names"
    return tree


def valid_cyclonedx(text: str) -> Any:
    validation = pytest.importorskip("cyclonedx.validation.json", reason="cyclonedx-python-lib is not installed")
    schema = pytest.importorskip("cyclonedx.schema")
    assert validation.JsonStrictValidator(schema.SchemaVersion.V1_6).validate_str(text) is None
    bom = json.loads(text)
    defined = [ref for ref in values(bom, "bom-ref") if isinstance(ref, str)]
    assert len(set(defined)) == len(defined)
    used = {ref for key in ("target", "assessor", "requirement", "claims", "counterClaims", "evidence", "counterEvidence") for v in values(bom, key) for ref in _references(v)}
    assert used <= set(defined)
    return bom


def _references(value: Any) -> list[str]:
    """References are strings; the lists that define things hold objects."""
    return [v for v in (value if isinstance(value, list) else [value]) if isinstance(v, str)]


def values(node: Any, key: str) -> list[Any]:
    if isinstance(node, dict):
        return [v for k, v in node.items() if k == key] + [found for v in node.values() for found in values(v, key)]
    return [found for v in node for found in values(v, key)] if isinstance(node, list) else []


def valid_oscal(text: str, directory: Path) -> Any:
    model = pytest.importorskip("trestle.oscal.assessment_results", reason="compliance-trestle is not installed")
    path = directory / "results.json"
    path.write_text(text, "utf-8")
    read = model.AssessmentResults.oscal_read(path)
    uuids = values(json.loads(text), "uuid")
    assert len(set(uuids)) == len(uuids)
    return read

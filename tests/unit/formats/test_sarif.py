"""SARIF files of anybody are read within bounds, or refused with a sentence; and checked from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.formats.sarif import MAX_BYTES, MAX_DEPTH, SarifError, read_sarif
from gonogo.publish.github_sarif import pack, with_category
from running import run

LOG = '{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t"}}, "results": [], "properties": %s}]}'


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no JSON"),
        (b"\xff\xfe{", "no JSON"),
        (b"[" * 200_000, "no JSON"),
        ((LOG % "NaN").encode(), "NaN is no number of JSON"),
        ((LOG % ("9" * 5_000)).encode(), "no JSON"),
        ((LOG % nested(MAX_DEPTH)).encode(), f"nested more than {MAX_DEPTH} deep"),
        (b" " * (MAX_BYTES + 1), "larger than"),
        (b"[]", "no SARIF 2.1.0"),
        (b'{"version": "1.0.0", "runs": []}', "no SARIF 2.1.0"),
    ],
    ids=["empty", "utf-16", "brackets", "nan", "digits", "deep", "large", "list", "old"],
)
def test_what_is_no_sarif_is_refused(content: bytes, said: str, tmp_path: Path) -> None:
    file = tmp_path / "x.sarif"
    file.write_bytes(content)
    with pytest.raises(SarifError, match=said):
        read_sarif(file)


def test_what_is_read_can_be_copied_and_packed(tmp_path: Path) -> None:
    file = tmp_path / "x.sarif"
    file.write_text(LOG % nested(MAX_DEPTH - 4))
    assert pack(with_category(read_sarif(file), "c"))


def test_a_file_is_checked_from_the_command_line(tmp_path: Path) -> None:
    good, bad, none = tmp_path / "good.sarif", tmp_path / "bad\x1b[31m.sarif", tmp_path / "none.sarif"
    good.write_text(LOG % "{}")
    bad.write_text(LOG.replace("[]", "[{}]") % "{}")
    none.write_text("{}")
    assert run("sarif", "check", good).code == 0
    told = run("sarif", "check", good, bad)
    assert told.code == 1
    assert "refused no-location /runs/0/results/0/locations: no location" in told.out
    assert "\x1b" not in told.out
    told = run("sarif", "check", bad, "-o", "json")
    assert told.code == 1
    assert {"rule": "no-location", "level": "refused", "pointer": "/runs/0/results/0/locations"}.items() <= told.document[-1].items()
    assert run("sarif", "check", good, none).code == 2

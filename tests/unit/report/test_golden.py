"""Reports as they were reviewed. `pytest tests/unit/report/test_golden.py --update-golden` writes them anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from reports import CATALOGUE, SAMPLE, rendered

GOLDEN = Path(__file__).parent / "golden"
NAMES = {"junit": "xml", "gitlab": "json", "github": "txt", "markdown": "md", "comment": "md", "csv": "csv", "cyclonedx": "json", "oscal": "json"}


@pytest.mark.parametrize("sample", ["checklist", "catalogue"])
@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_report_is_as_it_was_reviewed(name: str, sample: str, request: pytest.FixtureRequest) -> None:
    written = rendered(name, SAMPLE if sample == "checklist" else CATALOGUE).encode()
    path = GOLDEN / f"{name}.{sample}.{NAMES[name]}"
    if request.config.getoption("--update-golden"):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(written)
    assert written == path.read_bytes()

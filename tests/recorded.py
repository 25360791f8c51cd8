"""Where recorded answers of Google's APIs are: data that is no part of the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

RECORDINGS = Path(os.environ.get("GONOGO_RECORDINGS") or Path(__file__).parents[2] / "shared" / "recordings")
"""What `GONOGO_RECORDINGS` names, else `shared/recordings` beside the checkout."""
MISSING = "GONOGO_RECORDINGS names no directory of recorded answers"


def recordings() -> Path:
    """The directory of the recordings; skips the test without one."""
    if not RECORDINGS.is_dir():
        pytest.skip(MISSING)
    return RECORDINGS

"""Kubernetes' own fixtures of the Pod Security Standards: `test/testdata` of kubernetes/pod-security-admission, which is no part of the project.

`GONOGO_POD_SECURITY` names a checkout of it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from gonogo.cluster.pod_security import LATEST, OLDEST, Level, Pod, meets

CHECKOUT = os.environ.get("GONOGO_POD_SECURITY", "")
FIXTURES = Path(CHECKOUT) / "test" / "testdata"


@pytest.mark.skipif(not CHECKOUT, reason="GONOGO_POD_SECURITY names no checkout of kubernetes/pod-security-admission")
def test_every_fixture_is_classified_as_upstream_does() -> None:
    asked, wrong = 0, []
    for path in sorted(FIXTURES.glob("*/v*/*/*.yaml")):
        level, version, kind = path.parts[-4:-1]
        major, _, minor = version.removeprefix("v").partition(".")
        if not OLDEST <= (int(major), int(minor)) <= LATEST:
            continue
        written: Any = yaml.safe_load(path.read_text("utf-8"))
        found = meets(Pod(written["spec"], written["metadata"].get("annotations")), Level(level), (int(major), int(minor)))
        asked += 1
        if found is not (kind == "pass"):
            wrong.append(str(path.relative_to(FIXTURES)))
    assert wrong == []
    assert asked >= 1_700

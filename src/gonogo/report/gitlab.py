"""GitLab's code quality report: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TextIO

from gonogo.model.assessment import Assessment
from gonogo.model.finding import Severity
from gonogo.report.notices import Notice, notices
from gonogo.report.statements import State, shown
from gonogo.translation.language import ENGLISH, Language

NOWHERE = "gonogo.toml"
"""GitLab drops the report over an entry without a path: what has no line in the tree stands at the file that configures us."""
_SEVERITIES = {Severity.CRITICAL: "blocker", Severity.HIGH: "critical", Severity.MEDIUM: "major", Severity.LOW: "minor"}


def render(assessment: Assessment, out: TextIO, language: Language = ENGLISH) -> None:
    """Write what is wrong, by severity, and what is unknown as `info`; worst first."""
    json.dump([_entry(notice) for notice in notices(assessment, language)], out, indent=2, ensure_ascii=False)
    out.write("\n")


def _entry(notice: Notice) -> dict[str, object]:
    place = notice.place
    return {
        "description": shown(f"{notice.title}: {notice.text}"),
        "check_name": shown(notice.check),
        "fingerprint": sha256(f"gonogo\0{notice.fingerprint}".encode()).hexdigest(),
        "severity": "info" if notice.state is State.UNKNOWN else _SEVERITIES.get(notice.severity or Severity.LOW),
        "location": {"path": shown(place.file) if place else NOWHERE, "lines": {"begin": max(place.line, 1) if place else 1}},
    }

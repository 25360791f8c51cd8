"""The Markdown report as one comment of a pull request, found again by the hidden marker on its first line and edited in place."""

from __future__ import annotations

import re
from typing import TextIO

from gonogo.model.assessment import Assessment
from gonogo.report import markdown
from gonogo.translation.language import ENGLISH, Language

MAX_UNITS = 65_000
"""GitHub takes 65,536 characters; counted as UTF-16, which is the most that anybody counts."""


def render(assessment: Assessment, out: TextIO, language: Language = ENGLISH) -> None:
    """Write the marker, then the report, cut where it gets too long."""
    out.write(f"{marker(assessment)}\n")
    markdown.write(assessment, out, MAX_UNITS, lambda text: len(text.encode("utf-16-le", "surrogatepass")) // 2, language)


def marker(assessment: Assessment) -> str:
    """`<!-- gonogo:iac/shop/production -->`: the same for every run of one thing, another for other things."""
    inputs = assessment.inputs
    projects = inputs.get("projects")
    what = "+".join(map(str, projects)) if isinstance(projects, list) else str(inputs.get("root", ""))
    category = f"{'live' if isinstance(projects, list) else 'iac'}/{what}/{inputs.get('environment', '')}"
    # Two hyphens would end the comment.
    return f"<!-- gonogo:{re.sub(r'-+', '-', re.sub(r'[^A-Za-z0-9._/+]', '-', category))[:200]} -->"

"""One line for each finding, for grep and editors: `path:line: control severity verdict: message`."""

from __future__ import annotations

from typing import TextIO

from gonogo.model.assessment import Agreement, Assessment
from gonogo.model.finding import Verdict
from gonogo.report.escape import inert, printable
from gonogo.report.spoken import spoken
from gonogo.translation.language import ENGLISH, Language


def render(assessment: Assessment, out: TextIO, language: Language = ENGLISH) -> None:
    """Write the lines: claims that do not hold, then findings worst first, then gaps, then the decision. Only sentences are of the language: words are there to be searched for."""
    assessment = spoken(assessment, language)
    for item in assessment.items:
        if item.agreement in (Agreement.REFUTED, Agreement.UNSUPPORTED):
            written = item.binding.item
            out.write(inert(printable(f"{written.file}:{written.line}: {','.join(item.binding.controls)} {item.agreement.value}{_standing(item.standing)}: {written.text}")) + "\n")
    for finding in sorted(assessment.findings, key=lambda f: (f.severity.rank, f.control, f.subject.name, f.fingerprint)):
        if finding.verdict not in (Verdict.VIOLATED, Verdict.UNKNOWN):
            continue
        where = str(finding.evidence[0].location) if finding.evidence else finding.subject.name
        verdict = "waived" if finding.waiver is not None else finding.verdict.value + _standing(finding.baseline is not None)
        out.write(inert(printable(f"{where}: {finding.control} {finding.severity.value} {verdict}: {finding.message}")) + "\n")
    for gap in assessment.gaps:
        out.write(inert(printable(f"{gap.file}:{gap.line}: gap {gap.stage.value}: {gap.reason}")) + "\n")
    out.write(f"{assessment.decision.value}\n")


def _standing(known: bool) -> str:
    return " (standing)" if known else ""

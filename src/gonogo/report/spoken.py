"""An assessment as it is read aloud: what gonogo says in it, in a language; what others wrote (items, names, values, waivers) as it stands.

Reports for machines are not made of it: the assessment itself is English, whoever reads it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gonogo.model.assessment import Assessment, ControlResult, Decision, ItemResult
from gonogo.model.finding import Finding, Verdict
from gonogo.model.gate import Blocker
from gonogo.translation.language import ENGLISH, Language

_VERDICTS = frozenset(verdict.value for verdict in Verdict)


def spoken(assessment: Assessment, language: Language) -> Assessment:
    """The assessment with its sentences in the language; ids, verdicts, places, values and fingerprints are the same."""
    if language is ENGLISH:
        return assessment
    return replace(
        assessment,
        items=tuple(_item(item, language) for item in assessment.items),
        controls=tuple(_control(control, language) for control in assessment.controls),
        findings=tuple(_finding(finding, language) for finding in assessment.findings),
        gaps=tuple(replace(gap, reason=language.sentence(gap.reason)) for gap in assessment.gaps),
        blockers=tuple(_blocker(blocker, language) for blocker in assessment.blockers),
        drift=tuple(replace(difference, reason=language.sentence(difference.reason)) for difference in assessment.drift),
        warnings=tuple(language.sentence(warning) for warning in assessment.warnings),
    )


def decided(decision: Decision, language: Language) -> str:
    """`GO`, which everybody greps for, with what it means where the language has other words for it."""
    word = decision.value
    gloss = language.say(word)
    return word if gloss == word else f"{word} ({gloss})"


def _blocker(blocker: Blocker, language: Language) -> Blocker:
    """An item's text is the team's."""
    if blocker.kind.of_items and blocker.place:
        return blocker
    return replace(blocker, text=language.sentence(blocker.text, blocker.controls[0] if blocker.controls else ""))


def _item(item: ItemResult, language: Language) -> ItemResult:
    findings = tuple(_finding(finding, language) for finding in item.findings)
    known = _known(item.findings, findings)
    reasons = tuple(_of_item(reason, item.binding.controls, known, language) for reason in item.reasons)
    return replace(item, reasons=reasons, findings=findings)


def _of_item(reason: str, controls: Sequence[str], known: Mapping[str, str], language: Language) -> str:
    """A reason, which says first whose it is where an item has several controls."""
    control, colon, rest = reason.partition(": ")
    if colon and control in controls:
        said = language.say(rest.replace("_", " ")) if rest in _VERDICTS else known.get(rest) or language.sentence(rest)
        return f"{control}: {said}"
    return known.get(reason) or language.sentence(reason)


def _control(control: ControlResult, language: Language) -> ControlResult:
    findings = tuple(_finding(finding, language) for finding in control.findings)
    known = _known(control.findings, findings)
    reasons = tuple(known.get(reason) or language.sentence(reason) for reason in control.reasons)
    return replace(control, title=language.sentence(control.title, control.id), reasons=reasons, findings=findings)


def _known(written: Sequence[Finding], said: Sequence[Finding]) -> dict[str, str]:
    """Reasons of findings, some of which are sentences of a rule, and how they are said."""
    return {reason: other for finding, told in zip(written, said, strict=True) for reason, other in zip(finding.reasons, told.reasons, strict=True)}


def _finding(finding: Finding, language: Language) -> Finding:
    about = finding.rule
    reasons = tuple(language.sentence(reason, about) for reason in finding.reasons)
    return replace(finding, message=language.sentence(finding.message, about), fix=language.sentence(finding.fix, about), reasons=reasons)

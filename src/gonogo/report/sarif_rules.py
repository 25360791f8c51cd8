"""The rules of a SARIF log: what they ask, how bad it is, and what GitHub shows of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gonogo.model.assessment import Assessment, RuleDescription
from gonogo.model.finding import Severity
from gonogo.report.escape import printable
from gonogo.report.markdown_text import prose

CLAIM = "claim-"
"""A refuted claim is a result of its own: `claim-cloudsql-backups`."""
LEVELS: Mapping[Severity, str] = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
# A text, and in the middle of GitHub's bands, whose edges its documentation leaves open.
_SCORES: Mapping[Severity, str] = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.0"}
_PROBLEMS: Mapping[Severity, str] = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "recommendation"}
_MAX_TEXT = 1024
_ADDRESS = re.compile(r"https://[\w.~:/?#@!$&'()*+,;=%-]+", re.ASCII)
"""What is a link in `<…>`, and nothing else there."""


class Rules:
    """The rules that results name, in the order of their ids. A rule has one severity: its control's."""

    def __init__(self, assessment: Assessment) -> None:
        self._severities = {control.id: control.severity for control in assessment.controls}
        self._titles = {control.id: control.title for control in assessment.controls}
        self._described = {rule.id: rule for rule in assessment.rules}
        self._security = {rule.control: rule.security for rule in assessment.rules}
        self._used: dict[str, dict[str, Any]] = {}

    def use(self, identifier: str, control: str) -> str:
        """The id under which the rule of a finding is described."""
        if identifier not in self._used:
            described = self._described.get(identifier) or RuleDescription(identifier, control, self._titles.get(control, identifier), "", "")
            self._used[identifier] = self._rule(identifier, described, described.title)
        return identifier

    def use_claim(self, control: str) -> str:
        """The id under which the refuted claims about a control are described."""
        identifier = CLAIM + control
        if identifier not in self._used:
            rules = [rule for rule in self._described.values() if rule.control == control]
            title = self._titles.get(control, control)
            why = f"A checklist ticks this, and what was looked at says otherwise. {rules[0].why if rules else ''}".strip()
            fix = " ".join(dict.fromkeys(rule.fix for rule in rules if rule.fix))
            links = tuple(dict.fromkeys(link for rule in rules for link in rule.references))
            claim = RuleDescription(identifier, control, f"Claimed: {title}", why, fix or "Mend it, or take the tick away.", links)
            self._used[identifier] = self._rule(identifier, claim, claim.title)
        return identifier

    def described(self) -> list[dict[str, Any]]:
        """The rules that were used, sorted by id."""
        return [self._used[identifier] for identifier in sorted(self._used)]

    def severity(self, control: str) -> Severity:
        return self._severities.get(control, Severity.CRITICAL)

    def _rule(self, identifier: str, rule: RuleDescription, title: str) -> dict[str, Any]:
        severity, security = self.severity(rule.control), self._security.get(rule.control, False)
        why, fix = printable(rule.why) or title, printable(rule.fix)
        links = [link for link in rule.references if _ADDRESS.fullmatch(link)]
        text = "\n".join(filter(None, [why, fix and f"Fix: {fix}", *links]))
        # A pack may come from the scanned repository: what it says is text, here too.
        markdown = "\n\n".join(filter(None, [prose(why), fix and f"**Fix.** {prose(fix)}", "\n".join(f"* <{link}>" for link in links)]))
        properties: dict[str, Any] = {"tags": sorted(["production-readiness", rule.control, *(["security"] if security else [])]), "precision": "high"}
        if security:
            properties["security-severity"] = _SCORES[severity]
        else:
            properties["problem.severity"] = _PROBLEMS[severity]
        return {
            "id": identifier,
            "name": "".join(word.capitalize() for word in identifier.split("-"))[:255],
            "shortDescription": {"text": printable(title)[:_MAX_TEXT]},
            "fullDescription": {"text": why[:_MAX_TEXT]},
            "help": {"text": text, "markdown": markdown},
            **({"helpUri": links[0]} if links else {}),
            "defaultConfiguration": {"level": LEVELS[severity]},
            "properties": properties,
        }

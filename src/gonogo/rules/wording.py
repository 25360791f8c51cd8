"""The sentences of rule packs, which a translation has to have."""

from __future__ import annotations

from collections.abc import Iterator

from gonogo.rules.rule import RuleSet


def sentences(rules: RuleSet) -> Iterator[tuple[str, str]]:
    """Each sentence once, as (id of the control or rule, English on one line): titles, whys, fixes, messages and reasons of doubt."""
    said = [(control.id, control.title) for control in rules.controls]
    for rule in rules.rules:
        messages = (message.source for message in rule.messages.values())
        doubts = (doubt.because.source for doubt in rule.undecided)
        said += [(rule.id, text) for text in (rule.title, rule.why, rule.fix, *messages, *doubts)]
    yield from dict.fromkeys((about, " ".join(text.split())) for about, text in said if text.strip())

"""`gonogo explain`."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

import click

from gonogo.cli.exit_codes import ExitCode
from gonogo.cli.language import in_language, speaking
from gonogo.cli.paths import directory
from gonogo.cli.streams import Streams
from gonogo.translation.language import Language
from gonogo.translation.width import pad


@click.command("explain")
@click.argument("identifier", metavar="ID")
@click.option("--rules", "rule_dirs", multiple=True, metavar="DIR", help="A directory of further rule packs; repeatable.")
@in_language
@click.pass_obj
def command(streams: Streams, identifier: str, rule_dirs: tuple[str, ...], lang: str | None) -> int:
    """Explain the control or the rule called ID: what it asks, why, and how to satisfy it."""
    from gonogo.rules import RuleSetError, load_rules

    try:
        rules = load_rules(tuple(directory(d, "rules directory") for d in rule_dirs))
    except RuleSetError as error:
        streams.stderr.write(f"gonogo: {error}\n")
        return ExitCode.USAGE
    language = speaking(lang)
    control = next((c for c in rules.controls if c.id == identifier), None)
    found = [rule for rule in rules.rules if identifier in (rule.id, rule.control)]
    if control is None and not found:
        known = sorted({c.id for c in rules.controls} | {r.id for r in rules.rules})
        close = get_close_matches(identifier, known, 1)
        hint = f"; did you mean {close[0]}?" if close else "; `gonogo rules list` shows them all"
        streams.stderr.write(f"gonogo: no control or rule is called {identifier}{hint}\n")
        return ExitCode.USAGE
    if control is not None:
        how = language.say("every instance must have it") if control.fold.value == "each" else language.say("one instance satisfies it")
        decided = language.say("{count} rule(s) decide it", count=len(found))
        never = "" if control.waivable else "; " + language.say("it may not be waived")
        title = language.sentence(control.title, control.id)
        streams.stdout.write(f"{control.id}   {language.say(control.severity.value)}   {title}\n  {how}; {decided}{never}\n\n")
    for rule in found:
        for line in _explain(rule, language):
            streams.stdout.write(line + "\n")
        streams.stdout.write("\n")
    return ExitCode.GO


def _explain(rule, language: Language) -> Iterator[str]:  # type: ignore[no-untyped-def]  # gonogo.rules is imported only when the command runs
    def say(text: str) -> str:
        return language.sentence(" ".join(text.split()), rule.id)

    yield f"{rule.id}   {say(rule.title)}"
    yield f"  {pad(language.say('why'), 8)} {say(rule.why)}"
    seen = " " + language.say("({origins} only)", origins=", ".join(sorted(rule.origins))) if rule.origins else ""
    yield f"  {pad(language.say('asked of'), 8)} {', '.join(rule.subjects)}{seen}"
    if rule.when is not None:
        yield f"  {pad(language.say('when'), 8)} {' '.join(rule.when.source.split())}"
    for doubt in rule.undecided:
        yield f"  {pad(language.say('open if'), 8)} {' '.join(doubt.when.source.split())}: {say(doubt.because.source)}"
    yield f"  {pad(language.say('hints if' if rule.suggests else 'holds if'), 8)} {' '.join(rule.assertion.source.split())}"
    yield f"  {pad(language.say('fix'), 8)} {say(rule.fix)}"
    for reference in rule.references:
        yield f"  {pad(language.say('see'), 8)} {reference}"

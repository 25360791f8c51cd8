"""`gonogo explain`."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

import click

from gonogo.cli.exit_codes import ExitCode
from gonogo.cli.paths import directory
from gonogo.cli.streams import Streams


@click.command("explain")
@click.argument("identifier", metavar="ID")
@click.option("--rules", "rule_dirs", multiple=True, metavar="DIR", help="A directory of further rule packs; repeatable.")
@click.pass_obj
def command(streams: Streams, identifier: str, rule_dirs: tuple[str, ...]) -> int:
    """Explain the control or the rule called ID: what it asks, why, and how to satisfy it."""
    from gonogo.rules import RuleSetError, load_rules

    try:
        rules = load_rules(tuple(directory(d, "rules directory") for d in rule_dirs))
    except RuleSetError as error:
        streams.stderr.write(f"gonogo: {error}\n")
        return ExitCode.USAGE
    control = next((c for c in rules.controls if c.id == identifier), None)
    found = [rule for rule in rules.rules if identifier in (rule.id, rule.control)]
    if control is None and not found:
        known = sorted({c.id for c in rules.controls} | {r.id for r in rules.rules})
        close = get_close_matches(identifier, known, 1)
        hint = f"; did you mean {close[0]}?" if close else "; `gonogo rules list` shows them all"
        streams.stderr.write(f"gonogo: no control or rule is called {identifier}{hint}\n")
        return ExitCode.USAGE
    if control is not None:
        how = "every instance must have it" if control.fold.value == "each" else "one instance satisfies it"
        streams.stdout.write(f"{control.id}   {control.severity.value}   {control.title}\n  {how}; {len(found)} rule(s) decide it{'' if control.waivable else '; it may not be waived'}\n\n")
    for rule in found:
        for line in _explain(rule):
            streams.stdout.write(line + "\n")
        streams.stdout.write("\n")
    return ExitCode.GO


def _explain(rule) -> Iterator[str]:  # type: ignore[no-untyped-def]  # gonogo.rules is imported only when the command runs
    yield f"{rule.id}   {rule.title}"
    yield f"  why      {rule.why}"
    seen = f" ({', '.join(sorted(rule.origins))} only)" if rule.origins else ""
    yield f"  asked of {', '.join(rule.subjects)}{seen}"
    if rule.when is not None:
        yield f"  when     {' '.join(rule.when.source.split())}"
    for doubt in rule.undecided:
        yield f"  open if  {' '.join(doubt.when.source.split())}: {doubt.because.source}"
    yield f"  {'hints if' if rule.suggests else 'holds if'} {' '.join(rule.assertion.source.split())}"
    yield f"  fix      {rule.fix}"
    for reference in rule.references:
        yield f"  see      {reference}"

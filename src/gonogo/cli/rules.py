"""`gonogo rules`."""

from __future__ import annotations

from pathlib import Path

import click

from gonogo.cli.exit_codes import ExitCode
from gonogo.cli.paths import directory
from gonogo.cli.streams import Streams
from gonogo.translation.language import CODES, ENGLISH_CODE


@click.group("rules")
def command() -> None:
    """List, check and test rule packs."""


@command.command("list")
@click.option("--rules", "rule_dirs", multiple=True, metavar="DIR", help="A directory of further rule packs; repeatable.")
@click.pass_obj
def list_rules(streams: Streams, rule_dirs: tuple[str, ...]) -> int:
    """List the controls with the rules that decide them."""
    from gonogo.rules import RuleSetError, load_rules

    try:
        rules = load_rules(tuple(directory(d, "rules directory") for d in rule_dirs))
    except RuleSetError as error:
        streams.stderr.write(f"gonogo: {error}\n")
        return ExitCode.USAGE
    for control in rules.controls:
        streams.stdout.write(f"{control.id:<28} {control.severity.value:<9} {control.title}\n")
        for rule in rules.rules:
            if rule.control == control.id:
                streams.stdout.write(f"  {rule.id:<44} {', '.join(rule.subjects)}\n")
    return ExitCode.GO


@command.command("check")
@click.argument("rule_dirs", nargs=-1, metavar="[DIR]...")
@click.pass_obj
def check(streams: Streams, rule_dirs: tuple[str, ...]) -> int:
    """Check the shipped packs and those in DIR: schema, names, types of every expression."""
    from gonogo.rules import RuleSetError, check_rules

    try:
        rules = check_rules(tuple(directory(d, "rules directory") for d in rule_dirs))
    except RuleSetError as error:
        streams.stderr.write(f"gonogo: {error}\n")
        return ExitCode.USAGE
    streams.stdout.write(f"{len(rules.rules)} rules for {len(rules.controls)} controls: no errors\n")
    return ExitCode.GO


@command.command("test")
@click.argument("fixtures", default="fixtures/rules")
@click.option("--rule", "only", metavar="ID", help="Only the cases of this rule.")
@click.option("--rules", "rule_dirs", multiple=True, metavar="DIR", help="A directory of further rule packs; repeatable.")
@click.pass_obj
def test(streams: Streams, fixtures: str, only: str | None, rule_dirs: tuple[str, ...]) -> int:
    """Run the fixture cases `<rule>/<case>/expect.yaml` below FIXTURES."""
    from gonogo.cases import find_cases, run_case
    from gonogo.rules import RuleSetError, load_rules

    try:
        rules = load_rules(tuple(directory(d, "rules directory") for d in rule_dirs))
    except RuleSetError as error:
        streams.stderr.write(f"gonogo: {error}\n")
        return ExitCode.USAGE
    cases = [case for case in find_cases(Path(directory(fixtures))) if only in (None, case.rule)]
    if not cases:
        streams.stderr.write(f"gonogo: no cases in {fixtures}" + (f" for {only}" if only else "") + "\n")
        return ExitCode.NOTHING
    failed = 0
    for case in cases:
        problems = run_case(case, rules).problems
        failed += bool(problems)
        streams.stdout.write(f"{'FAIL' if problems else 'ok  '} {case.name}\n")
        for problem in problems:
            streams.stdout.write(f"     {problem}\n")
    streams.stdout.write(f"{len(cases) - failed} passed, {failed} failed\n")
    return ExitCode.NO_GO if failed else ExitCode.GO


@command.command("translations")
@click.option("--lang", type=click.Choice([code for code in CODES if code != ENGLISH_CODE]), default="ko", show_default=True, help="The language.")
@click.pass_obj
def translations(streams: Streams, lang: str) -> int:
    """Print the sentences of the shipped packs that a language lacks, ready to be filled in and added to its rules.po.

    What it has that no pack says any more is named on stderr. Exits 1 where there is either.
    """
    from gonogo.report.escape import printable
    from gonogo.rules import load_rules
    from gonogo.rules.wording import sentences
    from gonogo.translation.catalogue import differences
    from gonogo.translation.po import written

    missing, stale = differences(lang, sentences(load_rules(())))
    streams.stdout.write("\n".join(written(entry) for entry in missing))
    for entry in stale:
        streams.stderr.write(printable(f"gonogo: rules.po:{entry.line}: {entry.context} does not say this any more: {entry.id}") + "\n")
    streams.stderr.write(f"{len(missing)} missing, {len(stale)} stale\n")
    return ExitCode.NO_GO if missing or stale else ExitCode.GO

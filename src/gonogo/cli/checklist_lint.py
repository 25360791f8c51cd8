"""`gonogo checklist lint`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gonogo.cli.exit_codes import ExitCode
from gonogo.cli.language import in_language, speaking
from gonogo.cli.paths import directory, file
from gonogo.cli.streams import Streams

if TYPE_CHECKING:
    from gonogo.checklist.lint.remark import Remark
    from gonogo.model.checklist import Checklist


@click.command("lint")
@click.argument("paths", nargs=-1, required=True, metavar="FILE…")
@click.option("--map", "lock_file", metavar="FILE", help="The lock file of reviewed bindings.")
@click.option("--rules", "rule_dirs", multiple=True, metavar="DIR", help="A directory of further rule packs; repeatable.")
@in_language
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def command(streams: Streams, paths: tuple[str, ...], lock_file: str | None, rule_dirs: tuple[str, ...], lang: str | None, output: str) -> int:
    """Say what a checklist itself contradicts: percentages against boxes, one item with two states, placeholders, dates.

    Nothing but the file is looked at. Exits 1 where there is anything but notes.
    """
    from gonogo.checklist import ChecklistError
    from gonogo.report.escape import printable
    from gonogo.rules import RuleSetError

    told: list[tuple[str, Remark]] = []
    texts: list[str] = []
    try:
        for path in dict.fromkeys(paths):
            checklist, remarks = _remarks(file(path, "checklist"), lock_file, rule_dirs)
            texts.extend(item.text for item in checklist.items)
            told.extend((path, remark) for remark in remarks)
    except (ChecklistError, RuleSetError) as error:
        streams.stderr.write(f"gonogo: {error}\n")
        return ExitCode.USAGE
    if output == "json":
        rows = [{"file": path, "line": r.line, "rule": r.rule, "weight": r.weight.value, "message": r.message, "related": list(r.related)} for path, r in told]
        streams.stdout.write(json.dumps(rows, indent=2, ensure_ascii=False) + "\n")
    else:
        language = speaking(lang, texts)
        for path, remark in told:
            streams.stdout.write(printable(f"{path}:{remark.line}: {remark.weight.value} {remark.rule}: {language.sentence(remark.message)}") + "\n")
        counted = language.count("{count} remark", "{count} remarks", len(told)) if told else language.say("nothing to remark")
        streams.stdout.write(f"{counted}\n")
    return ExitCode.NO_GO if any(remark.weight.value != "note" for _, remark in told) else ExitCode.GO


def _remarks(path: Path, lock_file: str | None, rule_dirs: tuple[str, ...]) -> tuple[Checklist, tuple[Remark, ...]]:
    from gonogo.checklist.binding import bind
    from gonogo.checklist.lint import lint_checklist
    from gonogo.checklist.markdown import read_checklist
    from gonogo.model.checklist import Binding, Checklist, Item
    from gonogo.rules import load_rules

    controls = load_rules(tuple(directory(d, "rules directory") for d in rule_dirs)).controls
    checklist = read_checklist(path, path.parent)
    bindings = bind(checklist, controls, file(lock_file, "lock file") if lock_file else None)

    def others(items: Sequence[Item]) -> tuple[Binding, ...]:
        return bind(Checklist(checklist.file, tuple(items)), controls)

    text = path.read_bytes().decode("utf-8-sig")
    return checklist, lint_checklist(text, checklist, bindings, others, datetime.now(UTC).date())

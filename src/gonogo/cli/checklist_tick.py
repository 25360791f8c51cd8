"""`gonogo checklist tick`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gonogo.checklist.errors import ChecklistError
from gonogo.cli import judging as shared
from gonogo.cli.exit_codes import ExitCode
from gonogo.cli.judging import Judging
from gonogo.cli.language import in_language, speaking
from gonogo.cli.paths import directory, file
from gonogo.cli.streams import Streams
from gonogo.config import ConfigError
from gonogo.report.escape import printable
from gonogo.translation.language import Language

if TYPE_CHECKING:
    from gonogo.checklist.ticking import Change, Ticking
    from gonogo.model.assessment import ItemResult
    from gonogo.model.checklist import Checklist

_DEPTH = 3


@click.command("tick")
@click.argument("path", default=".")
@shared.asking
@in_language
@click.option("--assessment", metavar="RESULT.json", help="Take the verdicts of a finished run (scan or audit, -o json=RESULT.json) instead of scanning.")
@click.option("--untick", is_flag=True, help="Clear the boxes of what is refuted, too.")
@click.option("--comments", is_flag=True, help="Write where it is proved beside each box, as a comment that is not shown.")
@click.option("--unreviewed", is_flag=True, help="Trust bindings that nobody has reviewed, too (gonogo checklist map).")
@click.option("--dry-run", is_flag=True, help="Print the difference and write nothing.")
@click.pass_obj
def command(
    streams: Streams, path: str, judging: Judging, assessment: str | None, *, untick: bool, comments: bool, unreviewed: bool, dry_run: bool
) -> int:
    """Tick what is proved: scan the repository at PATH and set the boxes of its checklists.

    Only what is satisfied or validly attested is ticked, by a binding that somebody has reviewed; of the file nothing but the
    boxes changes. Prints what changes and the true percentages of each section.

    \b
    gonogo checklist tick . --checklist PRODUCTION_CHECKLIST.md --dry-run
    gonogo checklist tick . -c PRODUCTION_CHECKLIST.md --untick --comments
    """
    from gonogo.checklist.boxes import set_boxes
    from gonogo.checklist.markdown import MAX_BYTES, parse_checklist
    from gonogo.checklist.ticking import ticking
    from gonogo.rules import RuleSetError

    root = directory(path)
    try:
        request = judging.request(root)
        if not request.checklists:
            raise ChecklistError("name the checklist to tick with --checklist FILE, or `checklists` in gonogo.toml")
        items = _judged(judging, root, assessment)
        for target in dict.fromkeys(request.checklists):
            before = _read(target, MAX_BYTES)
            shown = _shown(target, root)
            checklist = parse_checklist(before.decode("utf-8"), shown)
            language = speaking(judging.lang, (item.text for item in checklist.items))
            wanted = ticking(_of(checklist, items), untick=untick, evidence=comments, unreviewed=unreviewed)
            after = set_boxes(before, wanted.boxes, shown)
            if dry_run:
                streams.stdout.writelines(_difference(before, after, shown))
            elif after != before:
                target.write_bytes(after)
            streams.stdout.writelines(_told(wanted, parse_checklist(after.decode("utf-8"), shown), language, dry_run=dry_run))
    except (ConfigError, ChecklistError, RuleSetError) as error:
        streams.stderr.write(f"gonogo: {error}\n")
        return ExitCode.USAGE
    except BrokenPipeError:
        raise
    except OSError as error:
        streams.stderr.write(f"gonogo: {error.filename}: cannot be written: {error.strerror or error}\n")
        return ExitCode.REPORT
    return ExitCode.GO


def _judged(judging: Judging, root: Path, document: str | None) -> tuple[ItemResult, ...]:
    if document is None:
        from gonogo.app import scan

        return scan(judging.request(root)).items
    from gonogo.report.read_document import DocumentError, read_document

    try:
        return read_document(file(document, "assessment").read_bytes()).items
    except DocumentError as error:
        raise ChecklistError(f"{document}: {error}") from None


def _read(path: Path, limit: int) -> bytes:
    """The bytes of a checklist that a scan has read before, or would refuse with a reason."""
    with path.open("rb") as stream:
        data = stream.read(limit + 1)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        raise ChecklistError(f"{path}: is not UTF-8; save it as UTF-8") from None
    return data


def _of(checklist: Checklist, items: Sequence[ItemResult]) -> Iterator[ItemResult]:
    """The results of this checklist as it stands now. Raises `ChecklistError` where a run was of another state of it."""
    now = {item.id: item for item in checklist.items}
    for result in items:
        written = result.binding.item
        if written.file != checklist.file:
            continue
        if written.id not in now or now[written.id].line != written.line or now[written.id].claimed is not written.claimed:
            raise ChecklistError(f"{checklist.file}:{written.line}: is not what it was in that run; scan again")
        yield replace(result, binding=replace(result.binding, item=now[written.id]))


def _shown(path: Path, root: Path) -> str:
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return str(path)


def _difference(before: bytes, after: bytes, shown: str) -> Iterator[str]:
    from difflib import unified_diff

    then, now = (data.decode("utf-8").splitlines() for data in (before, after))
    for line in unified_diff(then, now, f"a/{shown}", f"b/{shown}", lineterm="", n=1):
        yield printable(line) + "\n"


def _told(wanted: Ticking, after: Checklist, language: Language, *, dry_run: bool) -> Iterator[str]:
    from gonogo.checklist.progress import progress

    for change in wanted.changes:
        yield printable(_line(change)) + "\n"
    for item in wanted.unreviewed:
        written = item.binding.item
        left = language.say("left as it is: {controls} is bound to it by nobody's review", controls=", ".join(item.binding.controls))
        yield printable(f"{written.file}:{written.line}: {left}: {written.text}") + "\n"
    done = sum(change.box.ticked for change in wanted.changes)
    rest = len(wanted.changes) - done
    would = language.say("would tick {ticked}, clear {cleared}", ticked=done, cleared=rest)
    yield f"{after.file}: {would if dry_run else language.say('ticked {ticked}, cleared {cleared}', ticked=done, cleared=rest)}\n"
    for section in progress(after.items, _DEPTH):
        name = " > ".join(section.section) or language.say("the whole checklist")
        yield printable(f"  {name}: {language.sentence(str(section))}") + "\n"


def _line(change: Change) -> str:
    written = change.item.binding.item
    return f"{written.file}:{written.line}: [{'x' if change.box.ticked else ' '}] {written.text} ({change.why})"

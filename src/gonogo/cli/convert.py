"""`gonogo convert`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from gonogo.cli.documents import STDIN
from gonogo.cli.exit_codes import ExitCode, exit_code
from gonogo.cli.judging import reporting
from gonogo.cli.output import Drawing, Output, write_reports
from gonogo.cli.paths import directory, file
from gonogo.cli.streams import Streams
from gonogo.config import read_surroundings
from gonogo.model.finding import Severity

if TYPE_CHECKING:
    from gonogo.model.assessment import Assessment


@click.command("convert")
@click.argument("document", metavar="RESULT.json")
@reporting
@click.option("--root", metavar="DIR", default=".", help="Where the scanned files lie, of whose lines SARIF has hashes [.].")
@click.pass_obj
def command(
    streams: Streams,
    document: str,
    outputs: Sequence[Output],
    fail_on: str | None,
    unknown: str | None,
    exit_zero: bool,
    color: str,
    verbose: bool,
    sarif_profile: str,
    lang: str | None,
    root: str,
) -> int:
    """Write the assessment that `scan` or `audit` left in RESULT.json in other formats, without looking at anything again.

    The decision and the exit code are those of the run, or what --fail-on and --unknown make of its verdicts. - reads stdin.

    \b
    gonogo scan . -c PRODUCTION_CHECKLIST.md -o json=result.json
    gonogo convert result.json -o junit=junit.xml -o gitlab=code-quality.json -o markdown=summary.md
    """
    assessment = _read(document)
    if fail_on is not None or unknown is not None:
        assessment = _regated(assessment, fail_on, unknown)
    written = write_reports(assessment, outputs, streams, Drawing(color, verbose, read_surroundings(), sarif_profile, directory(root), lang))
    return exit_code(assessment.decision, exit_zero=exit_zero) if written else ExitCode.REPORT


def _read(document: str) -> Assessment:
    from gonogo.report.read_document import MAX_BYTES, DocumentError, read_document

    try:
        if document == STDIN:
            content = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with file(document, "assessment").open("rb") as opened:
                content = opened.read(MAX_BYTES + 1)
        return read_document(content)
    except OSError as error:
        raise click.UsageError(f"cannot read {document}: {error.strerror}") from None
    except DocumentError as error:
        raise click.UsageError(f"cannot convert {document}: {error}") from None


def _regated(assessment: Assessment, fail_on: str | None, unknown: str | None) -> Assessment:
    """The assessment under the gates of the command line; what it leaves out stays as it was in the run."""
    from gonogo.engine.gates import decide_again

    inputs = {**assessment.inputs, **({"fail_on": fail_on} if fail_on else {}), **({"unknown": unknown} if unknown else {})}
    least = Severity(str(inputs.get("fail_on", Severity.LOW)))
    ruling = decide_again(assessment, least, unknown_blocks=inputs.get("unknown", "block") == "block")
    return replace(assessment, decision=ruling.decision, blockers=ruling.blockers, inputs=inputs)

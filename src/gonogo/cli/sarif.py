"""`gonogo sarif`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from gonogo.cli.exit_codes import ExitCode
from gonogo.cli.paths import file
from gonogo.cli.streams import Streams


@click.group("sarif")
def command() -> None:
    """Look at SARIF files as GitHub code scanning would."""


@command.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("-o", "--output", "format_name", type=click.Choice(["text", "json"]), default="text")
@click.pass_obj
def check(streams: Streams, files: Sequence[str], format_name: str) -> int:
    """Say what GitHub would refuse, cut or misread in SARIF files of any tool.

    Most of it the JSON schema of SARIF and Microsoft's multitool do not tell: one result without a file loses the whole upload,
    `kind: pass` and suppressed results become open alerts.

    \b
    Exit codes: 0 nothing, or warnings only, 1 an error or what GitHub refuses, 2 no SARIF 2.1.0.
    """
    from gonogo.formats.sarif import SarifError, read_sarif
    from gonogo.formats.sarif_lint import Weight, lint
    from gonogo.report.escape import printable

    try:
        found = [(name, flaw) for name in files for flaw in lint(read_sarif(Path(file(name, "SARIF file"))))]
    except SarifError as error:
        streams.stderr.write(f"gonogo: {printable(str(error))}\n")
        return ExitCode.USAGE
    if format_name == "json":
        rows = [{"file": name, "rule": f.rule, "level": f.weight.value, "pointer": f.pointer, "message": f.message, "count": f.count} for name, f in found]
        json.dump(rows, streams.stdout, indent=2, ensure_ascii=False)
        streams.stdout.write("\n")
    else:
        for name, flaw in found:
            streams.stdout.write(printable(f"{name}: {flaw.weight.value} {flaw.rule} {flaw.pointer or '/'}: {flaw.message}{f' (the last of {flaw.count} more)' if flaw.count > 1 else ''}") + "\n")
        errors, warnings = (sum(flaw.count for _, flaw in found if (flaw.weight is Weight.WARNING) is light) for light in (False, True))
        streams.stdout.write(f"{errors} errors, {warnings} warnings in {len(files)} files\n" if found else f"GitHub takes {', '.join(map(printable, files))}\n")
    return ExitCode.NO_GO if any(flaw.weight is not Weight.WARNING for _, flaw in found) else ExitCode.GO

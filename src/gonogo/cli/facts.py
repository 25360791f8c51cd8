"""`gonogo facts`."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click

from gonogo.cli.exit_codes import ExitCode
from gonogo.cli.paths import directory
from gonogo.cli.streams import Streams


@click.command("facts")
@click.argument("path", default=".")
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Only this kind; repeatable.")
@click.option("--exclude", multiple=True, metavar="NAME|GLOB")
@click.option("--include", multiple=True, metavar="GLOB")
@click.pass_obj
def command(streams: Streams, path: str, kinds: Sequence[str], exclude: Sequence[str], include: Sequence[str]) -> int:
    """Print the resources and gaps that gonogo sees at PATH, as JSON: what a rule is asked about.

    Values that may be secret are redacted; a value that is not known is {"unknown": [reasons]}.
    """
    from gonogo.app import read_facts
    from gonogo.engine.facts import document

    facts = read_facts(directory(path), exclude, include)
    shown = [r for r in facts.resources if not kinds or r.kind in kinds]
    json.dump(document(shown, facts.gaps), streams.stdout, indent=2, ensure_ascii=False)
    streams.stdout.write("\n")
    return ExitCode.GO

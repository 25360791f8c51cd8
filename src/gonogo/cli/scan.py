"""`gonogo scan`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from gonogo.cli.documents import options, read_documents
from gonogo.cli.exit_codes import ExitCode, exit_code
from gonogo.cli.output import Drawing, Output, OutputType, write_reports
from gonogo.cli.paths import directory, file
from gonogo.cli.streams import Streams
from gonogo.config import Config, ConfigError, read_config, read_surroundings
from gonogo.model.finding import Severity


@click.command("scan")
@click.argument("path", default=".")
@click.option("-c", "--checklist", "checklists", multiple=True, metavar="FILE", help="A Markdown checklist; repeatable. Without one, every control.")
@click.option("-o", "--output", "outputs", multiple=True, type=OutputType(), help="text, concise or json, to stdout or a file; repeatable.")
@click.option("--rules", "rule_dirs", multiple=True, metavar="DIR", help="A directory of further rule packs; repeatable.")
@click.option("--map", "lock_file", metavar="FILE", help="The lock file of reviewed bindings [gonogo.map.yaml].")
@click.option("--config", "config_file", metavar="FILE", help="The configuration [gonogo.toml at the scanned root].")
@click.option("--env", "environment", metavar="NAME", help="The environment that goes live: production, staging, … or one of [environments] in gonogo.toml [production].")
@click.option("--var-file", "var_files", multiple=True, metavar="FILE", help="A Terraform var file below PATH, given last to each root; repeatable. TF_VAR_* of the process environment is never read: a scan does not depend on who runs it.")
@options
@click.option("--exclude", multiple=True, metavar="NAME|GLOB", help="Leave these out besides tests, examples and vendored code; repeatable.")
@click.option("--include", multiple=True, metavar="GLOB", help="Take these in whatever leaves them out; repeatable.")
@click.option("--fail-on", type=click.Choice([s.value for s in Severity]), help="The least severity that stops a release [low].")
@click.option("--unknown", type=click.Choice(["block", "warn"]), help="Whether what could not be checked leaves the release undecided [block].")
@click.option("--exit-zero", is_flag=True, help="Exit 0 on NO-GO and INCOMPLETE.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
@click.option("-v", "--verbose", is_flag=True, help="List what is in order, too.")
@click.pass_obj
def command(
    streams: Streams,
    path: str,
    checklists: Sequence[str],
    outputs: Sequence[Output],
    rule_dirs: Sequence[str],
    lock_file: str | None,
    config_file: str | None,
    environment: str | None,
    var_files: Sequence[str],
    plans: Sequence[str],
    states: Sequence[str],
    exclude: Sequence[str],
    include: Sequence[str],
    fail_on: str | None,
    unknown: str | None,
    exit_zero: bool,
    color: str,
    verbose: bool,
) -> int:
    """Scan the repository at PATH and say whether it may go live.

    \b
    gonogo scan . --checklist PRODUCTION_CHECKLIST.md
    gonogo scan infra -o json=assessment.json
    terraform show -json tfplan | gonogo scan infra --plan -
    """
    from gonogo.app import scan
    from gonogo.checklist import ChecklistError
    from gonogo.request import ScanRequest
    from gonogo.rules import RuleSetError

    root = directory(path)
    try:
        config = read_config(root, file(config_file, "configuration") if config_file else None)
        config = _overridden(config, exclude, include, fail_on, unknown)
        request = ScanRequest(
            root=root,
            clock=lambda: datetime.now(UTC),
            checklists=tuple(file(c, "checklist") for c in checklists or [str(root / c) for c in config.checklists]),
            rule_dirs=tuple(directory(d, "rules directory") for d in rule_dirs or [str(root / d) for d in config.rules]),
            lock_file=_lock_file(root, config, lock_file),
            environment=environment or config.environment,
            config=config,
            var_files=tuple(_below(root, file(f, "var file")) for f in var_files),
            documents=read_documents(root, plans, states),
        )
        assessment = scan(request)
    except (ConfigError, ChecklistError, RuleSetError) as error:
        streams.stderr.write(f"gonogo: {error}\n")
        return ExitCode.USAGE
    drawing = Drawing(color, verbose, read_surroundings())
    if not write_reports(assessment, outputs, streams, drawing):
        return ExitCode.REPORT
    return exit_code(assessment.decision, exit_zero=exit_zero)


def _overridden(config: Config, exclude: Sequence[str], include: Sequence[str], fail_on: str | None, unknown: str | None) -> Config:
    return replace(
        config,
        exclude=(*config.exclude, *exclude),
        include=(*config.include, *include),
        fail_on=Severity(fail_on) if fail_on else config.fail_on,
        unknown_blocks=unknown == "block" if unknown else config.unknown_blocks,
    )


def _below(root: Path, path: Path) -> str:
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        raise click.UsageError(f"{path} is not below {root}: a scan reads nothing else") from None


def _lock_file(root: Path, config: Config, given: str | None) -> Path | None:
    if given is not None:
        return file(given, "lock file")
    default = root / config.map
    return default if default.is_file() else None

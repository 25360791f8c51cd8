"""`gonogo audit`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gonogo.cli import judging as shared
from gonogo.cli.exit_codes import ExitCode, exit_code
from gonogo.cli.judging import Judging
from gonogo.cli.live import options as live_options
from gonogo.cli.output import write_reports
from gonogo.cli.paths import directory, file
from gonogo.cli.store import HERE, opened, recording
from gonogo.cli.streams import Streams
from gonogo.config import ConfigError, read_endpoint_variables

if TYPE_CHECKING:
    from gonogo.audit import Audited
    from gonogo.history.store import Store
    from gonogo.request import AuditRequest

_PROJECT = re.compile(r"(?:[a-z0-9.-]+:)?[a-z0-9][a-z0-9-]{0,62}")
_NUMBER = re.compile(r"\d{1,20}")


@click.command("audit")
@click.option("-p", "--project", "projects", multiple=True, metavar="ID", help="A project; repeatable.")
@click.option("--folder", "folders", multiple=True, metavar="NUMBER", help="Every project below a folder; repeatable.")
@click.option("--organization", "organizations", multiple=True, metavar="NUMBER", help="Every project of an organization; repeatable.")
@click.option("--from-assets", "assets", metavar="FILE", help="Audit a Cloud Asset Inventory export instead, without credentials.")
@click.option("--repo", metavar="PATH", help="The code beside it: what only code can tell is judged there, the rest is compared with what is live.")
@live_options
@shared.options
@recording
@click.option("--no-store", is_flag=True, help="Do not record the run.")
@click.pass_obj
def command(
    streams: Streams,
    projects: Sequence[str],
    folders: Sequence[str],
    organizations: Sequence[str],
    assets: str | None,
    repo: str | None,
    endpoints: Sequence[str],
    impersonate: str | None,
    quota_project: str | None,
    judging: Judging,
    store: str | None,
    series: str | None,
    keep: int | None,
    no_store: bool,
) -> int:
    """Audit Google Cloud as it is, and say which items of a checklist hold there.

    Reads only: nothing but GET and a few reads that Google spells as POST is ever sent. What is live decides; what the code
    says otherwise is drift. Each run is recorded in .gonogo/history.db (--store, --no-store), and what changed is shown.

    \b
    gonogo audit --project shop-prod --checklist PRODUCTION_CHECKLIST.md
    gonogo audit --project shop-prod --repo . --impersonate auditor@shop-prod.iam.gserviceaccount.com
    gcloud asset export … && gonogo audit --from-assets export.json --repo .

    \b
    Exit codes: 0 GO, 1 NO-GO, 2 usage, configuration or credentials, 3 INCOMPLETE (something needed could not be
    read), 4 nothing to check, 5 a report or the record of the run could not be written, 70 a crash.
    """
    _check_scope(projects, folders, organizations, assets)
    from gonogo.audit import audit
    from gonogo.checklist import ChecklistError
    from gonogo.history.errors import HistoryError
    from gonogo.request import AuditRequest
    from gonogo.rules import RuleSetError
    from gonogo.sources.gcp.endpoints import EndpointError
    from gonogo.sources.gcp.export import ExportError
    from gonogo.sources.gcp.problems import Problem

    root = directory(repo) if repo is not None else Path()
    try:
        request = AuditRequest(
            scan=judging.request(root, configured=repo is not None),
            code=repo is not None,
            projects=tuple(projects),
            folders=tuple(folders),
            organizations=tuple(organizations),
            assets=file(assets, "asset export") if assets is not None else None,
            endpoints=tuple(endpoints),
            variables=read_endpoint_variables(),
            impersonate=impersonate or "",
            quota_project=quota_project or "",
        )
        if not no_store:
            with opened(store, root, create=True):
                pass  # what cannot be recorded is said before the cloud is asked 200 questions
        audited = audit(request)
    except (ConfigError, ChecklistError, RuleSetError, EndpointError, ExportError, HistoryError, Problem) as error:
        streams.stderr.write(f"gonogo: {error}\n")
        return ExitCode.USAGE
    written = write_reports(audited.assessment, judging.outputs, streams, judging.drawing())
    if not no_store:
        told = all(output.path is not None or output.format == "text" for output in judging.outputs)
        written = _record(audited, streams, store or HERE, root, series or _series(request), keep or 0, told=told) and written
    return exit_code(audited.assessment.decision, exit_zero=judging.exit_zero) if written else ExitCode.REPORT


def _check_scope(projects: Sequence[str], folders: Sequence[str], organizations: Sequence[str], assets: str | None) -> None:
    """Exactly one way of saying what is audited, in names that can be part of a path. Raises usage errors."""
    live = [*projects, *folders, *organizations]
    if assets is not None and live:
        raise click.UsageError("--from-assets audits an export: it goes without --project, --folder and --organization")
    if assets is None and not live:
        raise click.UsageError("say what to audit: --project ID, --folder NUMBER, --organization NUMBER or --from-assets FILE")
    for project in projects:
        if not _PROJECT.fullmatch(project):
            raise click.UsageError(f"{project!r} is no project id; `gcloud projects list` shows them")
    for what, numbers in (("folder", folders), ("organization", organizations)):
        for number in numbers:
            if not _NUMBER.fullmatch(number):
                raise click.UsageError(f"{number!r} is no {what} number; write it as digits")


def _series(request: AuditRequest) -> str:
    """Runs of one scope, judged for one environment, follow each other."""
    scope = [*request.projects, *(f"folders/{f}" for f in request.folders), *(f"organizations/{o}" for o in request.organizations)]
    named = ",".join(sorted(scope)) if scope else f"assets {request.assets.name if request.assets is not None else ''}"
    beside = f" beside {request.scan.root.resolve().name}" if request.code else ""
    return f"audit {named}{beside} {request.scan.environments.judged}"


def _record(audited: Audited, streams: Streams, store: str, root: Path, series: str, keep: int, *, told: bool) -> bool:
    """Add the run to the history and tell what changed since the one before; False if it could not be, said on stderr."""
    from gonogo.history.errors import HistoryError
    from gonogo.history.run import run_of

    try:
        with opened(store, root, create=True) as history:
            recorded = history.record(run_of(audited.assessment, audited.resources, audited.surfaces, series), keep)
            if told and recorded.previous is not None:
                _tell(history, recorded.previous, recorded.number, root, streams)
    except HistoryError as error:
        streams.stderr.write(f"gonogo: {error}\n")
        return False
    return True


def _tell(history: Store, earlier: int, later: int, root: Path, streams: Streams) -> None:
    """What changed since the run before, where anything did."""
    from gonogo.history.drift import between, lines
    from gonogo.history.errors import DriftRulesError
    from gonogo.history.ignore import FILE, read_ignore_rules
    from gonogo.report.escape import printable

    try:
        found = between(history, read_ignore_rules(root / FILE, datetime.now(UTC).date()), earlier, later)
    except DriftRulesError as error:
        streams.stderr.write(f"gonogo: {error}\n")
        return
    if found.transitions or found.differences:
        streams.stdout.write("\n" + "".join(f"{printable(line)}\n" for line in lines(found)))

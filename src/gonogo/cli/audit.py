"""`gonogo audit`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gonogo.cli import every as repeated
from gonogo.cli import judging as shared
from gonogo.cli.documents import STDIN
from gonogo.cli.exit_codes import ExitCode, exit_code
from gonogo.cli.judging import Judging
from gonogo.cli.language import language_of
from gonogo.cli.live import check_names, clusters, scope
from gonogo.cli.live import options as live_options
from gonogo.cli.notify import Telling, code_owners, notifying
from gonogo.cli.output import write_reports
from gonogo.cli.paths import directory, file
from gonogo.cli.store import HERE, opened, place, recording
from gonogo.cli.streams import Streams
from gonogo.config import ConfigError, notify_by_default, read_endpoint_variables, read_kubeconfig
from gonogo.translation.language import ENGLISH, Language

if TYPE_CHECKING:
    from gonogo.audit import Audited
    from gonogo.history.drift import Drift, OwnersOf
    from gonogo.history.ignore import IgnoreRules
    from gonogo.request import AuditRequest


@click.command("audit", cls=repeated.Repeatable)
@scope
@click.option("--from-assets", "assets", metavar="FILE", help="Audit a Cloud Asset Inventory export instead, without credentials.")
@click.option("--repo", metavar="PATH", help="The code beside it: what only code can tell is judged there, the rest is compared with what is live.")
@clusters
@live_options
@shared.options
@recording
@click.option("--no-store", is_flag=True, help="Do not record the run.")
@click.option("--wait", type=click.IntRange(0), default=0, metavar="SECONDS", help="Wait for another audit that records in the same series [0].")
@repeated.options
@notifying
@click.option("--no-notify", is_flag=True, help="Notify nobody, also not those of GONOGO_NOTIFY and of [notify] in gonogo.toml.")
@click.pass_obj
def command(
    streams: Streams,
    projects: Sequence[str],
    folders: Sequence[str],
    organizations: Sequence[str],
    assets: str | None,
    repo: str | None,
    contexts: Sequence[str],
    kubeconfig: str | None,
    system_namespaces: bool,
    endpoints: Sequence[str],
    impersonate: str | None,
    quota_project: str | None,
    judging: Judging,
    store: str | None,
    series: str | None,
    keep: int | None,
    no_store: bool,
    wait: int,
    every: str | None,
    once: bool,
    notify: Sequence[str],
    dry_run: bool,
    no_notify: bool,
) -> int:
    """Audit Google Cloud and clusters as they are, and say which items of a checklist hold there.

    Reads only: nothing but GET and a few reads that Google spells as POST is ever sent, to a cluster only lists, and of Secrets
    and ConfigMaps only their metadata is asked for. What is live decides; what the code
    says otherwise is drift. Each run is recorded in .gonogo/history.db (--store, --no-store), and what changed is shown, and
    told once to those of --notify, GONOGO_NOTIFY and [notify] in gonogo.toml.

    \b
    gonogo audit --project shop-prod --checklist PRODUCTION_CHECKLIST.md
    gonogo audit --project shop-prod --repo . --impersonate auditor@shop-prod.iam.gserviceaccount.com
    gonogo audit --kube-context gke_shop-prod_europe-west1_main --repo . --checklist PRODUCTION_CHECKLIST.md
    gonogo audit --project shop-prod --every '0 */6 * * *'
    gcloud asset export … && gonogo audit --from-assets export.json --repo .

    \b
    Exit codes: 0 GO, 1 NO-GO, 2 usage, configuration or credentials, 3 INCOMPLETE (something needed could not be
    read), 4 nothing to check, 5 a report or the record of the run could not be written, or somebody not be notified,
    70 a crash, 75 another audit records in the same series (--wait).

    \b
    --every goes on until SIGINT or SIGTERM: 0 stopped between two audits or after the one under way, 130 or 143 that
    one was cut off (it did not end within 8 s, or a second signal came). What was recorded stays, whole.
    """
    _check_scope(projects, folders, organizations, assets, contexts)
    if every is not None and STDIN in (*judging.plans, *judging.states):
        raise click.UsageError("--every cannot read stdin again: give a file instead of -")
    if judging.evidence and repo is None:
        raise click.UsageError("--evidence is read beside the code that it is about: give --repo, too")
    from gonogo.audit import audit
    from gonogo.checklist import ChecklistError
    from gonogo.history.errors import Busy, HistoryError
    from gonogo.publish.errors import NotifyError
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
            contexts=tuple(dict.fromkeys(contexts)),
            kubeconfig=read_kubeconfig(kubeconfig) if contexts else "",
            system_namespaces=system_namespaces,
        )
        telling = Telling.of(() if no_notify else (*notify, *notify_by_default(request.scan.config)), ENGLISH, dry_run=dry_run)
        if telling.targets and no_store:
            raise NotifyError("what changed is told from the history: leave --no-store out, or add --no-notify")
        if not no_store:
            with opened(store, root, create=True):
                pass  # what cannot be recorded is said before the cloud is asked 200 questions
        if every is not None and not once:
            return repeated.again_and_again(streams, every)
        name = series or _series(request)
        with nullcontext() if no_store else _alone(streams, place(store, root), name, wait):
            audited = audit(request)
            written = write_reports(audited.assessment, judging.outputs, streams, judging.drawing(root))
            if not no_store:
                shown = all(output.path is not None or output.format == "text" for output in judging.outputs)
                recording = _Recording(store or HERE, root, name, keep or 0, shown, telling.speaking(language_of(audited.assessment, judging.lang)))
                written = recording.record(audited, streams) and written
    except (ConfigError, ChecklistError, RuleSetError, EndpointError, ExportError, HistoryError, NotifyError, Problem) as error:
        streams.stderr.write(f"gonogo: {error}\n")
        return ExitCode.BUSY if isinstance(error, Busy) else ExitCode.USAGE
    return exit_code(audited.assessment.decision, exit_zero=judging.exit_zero) if written else ExitCode.REPORT


def _alone(streams: Streams, location: str, series: str, wait: int) -> AbstractContextManager[None]:
    """The lock of the series: two audits of the same things at once would each compare with what the other has not recorded yet."""
    from gonogo.history.lock import exclusive
    from gonogo.report.escape import printable

    return exclusive(location, series, wait, lambda text: streams.stderr.write(f"gonogo: {printable(text)}\n"))


def _check_scope(
    projects: Sequence[str], folders: Sequence[str], organizations: Sequence[str], assets: str | None, contexts: Sequence[str]
) -> None:
    """Exactly one way of saying what is audited of Google Cloud, or a cluster, in names that can be part of a path. Raises usage errors."""
    live = [*projects, *folders, *organizations]
    if assets is not None and live:
        raise click.UsageError("--from-assets audits an export: it goes without --project, --folder and --organization")
    if assets is None and not live and not contexts:
        raise click.UsageError("say what to audit: --project ID, --folder NUMBER, --organization NUMBER, --from-assets FILE or --kube-context NAME")
    check_names(projects, folders, organizations)


def _series(request: AuditRequest) -> str:
    """Runs of one scope, judged for one environment, follow each other."""
    scope = [*request.projects, *(f"folders/{f}" for f in request.folders), *(f"organizations/{o}" for o in request.organizations)]
    if request.assets is not None:
        scope.append(f"assets {request.assets.name}")
    named = ",".join(sorted([*scope, *(f"kube/{context}" for context in request.contexts)]))
    beside = f" beside {request.scan.root.resolve().name}" if request.code else ""
    return f"audit {named}{beside} {request.scan.environments.judged}"


@dataclass(frozen=True, slots=True)
class _Recording:
    """How a run is recorded, and what changed since the one before is shown and told."""

    store: str
    root: Path
    series: str
    keep: int
    shown: bool
    telling: Telling

    def record(self, audited: Audited, streams: Streams) -> bool:
        """False if something of it failed, said on stderr."""
        from gonogo.history.drift import between
        from gonogo.history.errors import HistoryError
        from gonogo.history.run import run_of

        rules, owners = self._rules(streams), code_owners(self.root, streams)
        try:
            with opened(self.store, self.root, create=True) as history:
                self.telling.expect(history, self.series)
                recorded = history.record(run_of(audited.assessment, audited.resources, audited.surfaces, self.series), self.keep)
                if self.shown and recorded.previous is not None:
                    _show(between(history, rules, recorded.previous, recorded.number), owners, streams, self.telling.language)
                return self.telling.tell(history, self.series, rules, owners, streams, audited.assessment, shown=self.shown)
        except HistoryError as error:
            streams.stderr.write(f"gonogo: {error}\n")
            return False

    def _rules(self, streams: Streams) -> IgnoreRules:
        """A file that cannot be used ignores nothing."""
        from gonogo.history.errors import DriftRulesError
        from gonogo.history.ignore import FILE, IgnoreRules, read_ignore_rules

        try:
            return read_ignore_rules(self.root / FILE, datetime.now(UTC).date())
        except DriftRulesError as error:
            streams.stderr.write(f"gonogo: {error}\n")
            return IgnoreRules()


def _show(found: Drift, owners: OwnersOf, streams: Streams, language: Language) -> None:
    """What changed since the run before, where anything did."""
    from gonogo.history.drift import lines
    from gonogo.report.escape import printable

    if found.transitions or found.differences:
        streams.stdout.write("\n" + "".join(f"{printable(line)}\n" for line in lines(found, owners, language)))

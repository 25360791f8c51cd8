"""`gonogo schedule`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gonogo.cli.exit_codes import ExitCode
from gonogo.cli.live import check_names, scope
from gonogo.cli.streams import Streams

if TYPE_CHECKING:
    from gonogo.schedule.files import File
    from gonogo.schedule.request import Schedule

Check = Callable[[click.Context, click.Parameter, Any], Any]


@dataclass(frozen=True, slots=True)
class _Common:
    """What every platform is told."""

    projects: Sequence[str]
    folders: Sequence[str]
    organizations: Sequence[str]
    quota_project: str
    checklists: Sequence[str]
    cron: str
    output: str
    force: bool
    home: str = ""
    account: str = ""

    def schedule(self) -> Schedule:
        """Raises usage errors and `ScheduleError`."""
        from gonogo.schedule.request import Schedule
        from gonogo.schedule.times import read_times

        if not (self.projects or self.folders or self.organizations):
            raise click.UsageError("say what to audit: --project ID, --folder NUMBER or --organization NUMBER")
        check_names([*self.projects, *filter(None, [self.quota_project, self.home])], self.folders, self.organizations)
        if len(self.organizations) > 1:
            raise click.UsageError("a role belongs to one organization: give --organization once, and schedule each by itself")
        if self.account and self.folders and not self.organizations:
            raise click.UsageError("a folder has no roles of its own, its organization has: add --organization")
        home = self.home or (self.projects[0] if len(set(self.projects)) == 1 else "")
        if self.account and not home:
            raise click.UsageError("say where the service account is to live: --home-project ID")
        return Schedule(
            times=read_times(self.cron),
            projects=tuple(sorted(set(self.projects))),
            folders=tuple(sorted(set(self.folders))),
            organization="".join(self.organizations),
            quota_project=self.quota_project,
            checklists=tuple(self.checklists),
            home=home,
            account=self.account,
        )


def _like(pattern: str, what: str) -> Check:
    """A callback that lets nothing else into a file."""
    shape = re.compile(pattern, re.ASCII)

    def check(_ctx: click.Context, param: click.Parameter, value: Any) -> Any:
        for text in value if isinstance(value, tuple) else (value,):
            if text and not shape.fullmatch(text):
                raise click.UsageError(f"{param.opts[0]}: {text!r} is no {what}")
        return value

    return check


def _required(check: Check) -> Check:
    """`check`, of an option that cannot be given empty."""

    def required(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
        if not value:
            raise click.UsageError(f"{param.opts[0]} is empty")
        return check(ctx, param, value)

    return required


_NUMBER = _like(r"[1-9][0-9]{0,19}", "number: write it as digits")
_PATH = _like(r"[\w.+/][\w.+/-]*", "plain path: write letters, digits and . _ + - / only, and no dash first")
_ABSOLUTE = _like(r"/[\w.+/-]*", "absolute path: begin with /, and write letters, digits and . _ + - / only")
_IMAGE = _like(
    r"[a-z0-9][a-z0-9._/-]*(?::[0-9]+/[a-z0-9._/-]+)?(?::(?!latest(?:@|$))\w[\w.-]{0,127}(?:@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})",
    "pinned image: give NAME:VERSION or NAME@sha256:DIGEST, and not latest",
)
_INSTALL = _like(
    r"[\w\[\],.-]+(?:==[\w.+!]+| @ git\+https://[\w./-]+@[0-9a-f]{40})",
    "pinned requirement: give 'gonogo[gcp,history]==VERSION' or 'gonogo[gcp,history] @ git+https://HOST/PATH@COMMIT' (40 digits)",
)
_SECRET = _like(r"[A-Za-z][A-Za-z0-9_-]{0,253}", "name of a secret: give its name, not what it holds")
_GITHUB_SECRET = _like(r"[A-Za-z_][A-Za-z0-9_]*", "name of a GitHub secret: letters, digits and _")
_KUBERNETES_SECRET = _like(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?", "name of a Secret")
_BRANCH = _like(r"[\w.+][\w.+/-]*", "branch name that can stand in a condition")


_COMMON = (
    scope,
    click.option("--quota-project", metavar="ID", default="", help="The project whose quota the calls use."),
    click.option("-c", "--checklist", "checklists", multiple=True, metavar="FILE", callback=_PATH, help="A checklist, as the job finds it; repeatable. Without one, every control."),
    click.option("--cron", default="17 */6 * * *", show_default=True, help="When, in UTC (cron: in the machine's time zone). Schedulers are late at the full hour."),
    click.option("--output", metavar="DIR", default=".", show_default=True, help="Where the files go."),
    click.option("--force", is_flag=True, help="Replace files that are there."),
)  # fmt: skip
_IDENTITY = (
    click.option("--home-project", "home", metavar="ID", default="", help="The project that holds the service account and what else is made [the project, where there is one]."),
    click.option("--service-account", "account", metavar="NAME", default="gonogo-auditor", show_default=True, callback=_required(_like(r"[a-z](?:[a-z0-9-]{4,28}[a-z0-9])", "id of a service account: 6 to 30 lower-case letters, digits and dashes; it is made in the home project")), help="The id of the service account that audits."),
)  # fmt: skip
_FEDERATED = (
    click.option("--repository-id", "repository", metavar="NUMBER", required=True, callback=_required(_NUMBER), help="The id of the repository, which its name is not: gh api repos/OWNER/NAME --jq .id; GitLab shows it as the project ID."),
    click.option("--project-number", metavar="NUMBER", required=True, callback=_required(_NUMBER), help="The number of the home project: gcloud projects describe ID --format='value(projectNumber)'."),
    click.option("--branch", default="main", show_default=True, callback=_required(_BRANCH), help="The default branch: only what runs from there becomes the auditor."),
)  # fmt: skip
_image = click.option("--image", required=True, callback=_required(_IMAGE), help="The image of gonogo, with a version or a digest.")
_on_machine = (
    click.option("--command", "program", metavar="PATH", default="/usr/local/bin/gonogo", show_default=True, callback=_required(_ABSOLUTE), help="The gonogo program."),
    click.option("--repo", metavar="PATH", default="", callback=_ABSOLUTE, help="The code beside it, as gonogo audit --repo."),
)  # fmt: skip


def _options(*groups: Sequence[Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Gives a command these options; the common ones come as one `_Common`, and a `ScheduleError` ends it."""
    options = [option for group in (_COMMON, *groups) for option in group]

    def decorate(command: Callable[..., tuple[File, ...]]) -> Callable[..., Any]:
        @wraps(command)
        def run(streams: Streams, **given: Any) -> int:
            from gonogo.schedule.errors import ScheduleError
            from gonogo.schedule.files import write_files

            common = _Common(**{name: given.pop(name) for name in _Common.__slots__ if name in given})
            try:
                files = command(common.schedule(), **given)
                write_files(Path(common.output), files, force=common.force)
            except ScheduleError as error:
                streams.stderr.write(f"gonogo: {error}\n")
                return ExitCode.USAGE
            streams.stdout.write("".join(f"wrote {Path(common.output) / file.path}\n" for file in files))
            return ExitCode.GO

        wrapped: Callable[..., Any] = click.pass_obj(run)
        for option in reversed(options):
            wrapped = option(wrapped)
        return wrapped

    return decorate


@click.group("schedule")
def command() -> None:
    """Write the files that run `gonogo audit` on a schedule.

    They are ready to be reviewed and committed: least privilege, no keys, one audit at a time, and nothing that repeats an audit
    which said NO-GO. Nothing is sent anywhere, and nothing that is there is overwritten without --force.

    \b
    gonogo schedule cloud-run --project shop-prod --region europe-west1 --image IMAGE --store-secret gonogo-store
    gonogo schedule github --project shop-prod --repository-id 123456 --project-number 4711 --install REQUIREMENT

    \b
    Exit codes: 0 written, 2 usage, or a file is there or cannot be written.
    """


@command.command("github")
@_options(
    _IDENTITY,
    _FEDERATED,
    (
        click.option("--install", metavar="REQUIREMENT", required=True, callback=_required(_INSTALL), help="What pip installs, pinned: 'gonogo[gcp,history]==VERSION', with --store-secret 'gonogo[gcp,postgres]==VERSION'."),
        click.option("--store-secret", metavar="NAME", default="", callback=_GITHUB_SECRET, help="The secret with the postgresql:// URL of the history [it is kept in the cache]."),
        click.option("--notify-secret", metavar="NAME", default="", callback=_GITHUB_SECRET, help="The secret with the addresses of who is told of what changed, as gonogo audit --notify takes them."),
    ),
)  # fmt: skip
def _github(asked: Schedule, **options: Any) -> tuple[File, ...]:
    """GitHub Actions: a workflow, and Terraform for its identity (Workload Identity Federation).

    Apply terraform/gonogo-audit, then commit the workflow to the default branch.
    """
    from gonogo.schedule.targets import github

    return github(asked, **options)


@command.command("gitlab")
@_options(
    _IDENTITY,
    _FEDERATED,
    (
        _image,
        click.option("--url", metavar="URL", default="https://gitlab.com", show_default=True, callback=_required(_like(r"https://[a-z0-9.-]+(?::[0-9]+)?(?:/[\w./-]*[\w])?", "address of a GitLab: write https://HOST")), help="The GitLab whose tokens are trusted."),
        click.option("--postgres", is_flag=True, help="The protected, masked CI/CD variable GONOGO_STORE has the postgresql:// URL of the history [it is kept in the cache]. GONOGO_NOTIFY, if there is one, is who is told of what changed."),
    ),
)  # fmt: skip
def _gitlab(asked: Schedule, **options: Any) -> tuple[File, ...]:
    """GitLab CI: a job to include, and Terraform for its identity (Workload Identity Federation).

    Apply terraform/gonogo-audit, include the job, then make the schedule that the file tells.
    """
    from gonogo.schedule.targets import gitlab

    return gitlab(asked, **options)


@command.command("cloud-run")
@_options(
    _IDENTITY,
    (
        click.option("--region", required=True, callback=_required(_like(r"[a-z]+-[a-z]+[0-9]{1,2}", "region, like europe-west1")), help="Where the job runs; Cloud Scheduler must be there, too."),
        _image,
        click.option("--store-secret", metavar="NAME", required=True, callback=_required(_SECRET), help="The secret in Secret Manager with the postgresql:// URL of the history."),
        click.option("--notify-secret", metavar="NAME", default="", callback=_SECRET, help="The secret with the addresses of who is told of what changed, as gonogo audit --notify takes them."),
        click.option("--cloud-sql", metavar="PROJECT:REGION:INSTANCE", default="", callback=_like(r"(?:[a-z0-9.-]+:)?[a-z0-9-]+:[a-z0-9-]+:[a-z0-9-]+", "connection name, PROJECT:REGION:INSTANCE"), help="The instance that the URL reaches by its socket: postgresql://USER:PASSWORD@/DATABASE?host=/cloudsql/PROJECT:REGION:INSTANCE."),
    ),
)  # fmt: skip
def _cloud_run(asked: Schedule, **options: Any) -> tuple[File, ...]:
    """Cloud Run and Cloud Scheduler: Terraform for the job, its schedule, an account for each, and the role.

    The history is in PostgreSQL. SQLite on a Cloud Storage mount is not sound: the mount has no locks and no shared memory, and of
    two writers the last one replaces the whole file.
    """
    from gonogo.schedule.targets import cloud_run

    return cloud_run(asked, **options)


@command.command("kubernetes")
@_options(
    _IDENTITY,
    (
        _image,
        click.option("--namespace", default="gonogo", show_default=True, callback=_required(_like(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", "namespace")), help="The namespace; make it first."),
        click.option("--cluster-project", metavar="ID", default="", help="The project of the cluster [the home project]."),
        click.option("--store-secret", metavar="NAME", default="", callback=_KUBERNETES_SECRET, help="The Secret whose key `url` is the postgresql:// URL of the history [a volume of its own, with SQLite]."),
        click.option("--notify-secret", metavar="NAME", default="", callback=_KUBERNETES_SECRET, help="The Secret whose key `url` has the addresses of who is told of what changed, as gonogo audit --notify takes them."),
    ),
)  # fmt: skip
def _kubernetes(asked: Schedule, cluster_project: str, **options: Any) -> tuple[File, ...]:
    """GKE: a CronJob with its volume and network policy, and Terraform for its identity (Workload Identity Federation for GKE).

    Apply terraform/gonogo-audit, then the manifests.
    """
    from gonogo.schedule.targets import kubernetes

    check_names([cluster_project] if cluster_project else [])
    return kubernetes(asked, cluster_project=cluster_project or asked.home, **options)


@command.command("systemd")
@_options(
    _on_machine,
    (
        click.option("--credentials", metavar="FILE", default="", callback=_ABSOLUTE, help="A credential configuration, for instance of Workload Identity Federation [those of the machine]."),
        click.option("--environment-file", metavar="FILE", default="", callback=_ABSOLUTE, help="A file that says GONOGO_STORE=postgresql://…, and GONOGO_NOTIFY=… where somebody is told [an SQLite file of the service's own]."),
    ),
)  # fmt: skip
def _systemd(asked: Schedule, program: str, **options: Any) -> tuple[File, ...]:
    """systemd: a sandboxed service and its timer, for /etc/systemd/system.

    Then: systemctl enable --now gonogo-audit.timer. The role for the account it runs as: gonogo doctor --role.
    """
    from gonogo.schedule.targets import systemd

    return systemd(asked, command=program, **options)


@command.command("cron")
@_options(
    _on_machine,
    (
        click.option("--user", default="gonogo", show_default=True, callback=_required(_like(r"[a-z_][a-z0-9_-]{0,31}", "name of a user")), help="Who runs it."),
        click.option("--state", metavar="DIR", default="/var/lib/gonogo", show_default=True, callback=_required(_ABSOLUTE), help="A directory of that user's, for the history and the lock."),
    ),
)  # fmt: skip
def _cron(asked: Schedule, program: str, **options: Any) -> tuple[File, ...]:
    """cron: a file for /etc/cron.d.

    The role for the account it runs as: gonogo doctor --role.
    """
    from gonogo.schedule.targets import cron

    return cron(asked, command=program, **options)

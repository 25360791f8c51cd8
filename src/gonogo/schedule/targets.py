"""The files of each platform."""

from __future__ import annotations

from gonogo.schedule.errors import ScheduleError
from gonogo.schedule.files import File
from gonogo.schedule.quoting import Value
from gonogo.schedule.request import REPORT, Schedule
from gonogo.schedule.template import render
from gonogo.sources.gcp.role import Grant, as_terraform
from gonogo.sources.gcp.surfaces import load_surfaces

TERRAFORM = "terraform/gonogo-audit"
_HISTORY = ".gonogo-history/history.db"


def github(
    asked: Schedule, *, repository: str, project_number: str, branch: str, install: str, store_secret: str, notify_secret: str
) -> tuple[File, ...]:
    """`repository` is the repository's id; the history is in the cache, or in PostgreSQL where `store_secret` names a secret with its URL.

    Raises `ScheduleError`.
    """
    if asked.times.shortest_gap < 5:
        raise ScheduleError("GitHub starts a workflow every five minutes at most: give a --cron with five minutes between two starts")
    provider = _provider(project_number, "github")
    audit = asked.audit(repo=".", store="" if store_secret else _HISTORY, report=REPORT)
    values: dict[str, Value] = {
        "cron": asked.times.cron,
        "only": f"github.repository_id == '{repository}'",
        "provider_name": provider,
        "email": asked.email,
        "install": install,
        "store_secret": store_secret,
        "notify_secret": notify_secret,
        "audit": ("gonogo", *audit),
    }
    conditions = _where(store=store_secret, notify=notify_secret, secrets=store_secret or notify_secret)
    return (
        File(".github/workflows/gonogo-audit.yml", render("github.yml", values, conditions)),
        *_federated(
            asked,
            provider="github",
            issuer="https://token.actions.githubusercontent.com",
            claim="repository_id",
            repository=repository,
            condition=f'assertion.repository_id == "{repository}" && assertion.ref == "refs/heads/{branch}"',
        ),
    )


def gitlab(
    asked: Schedule, *, repository: str, project_number: str, branch: str, image: str, url: str, postgres: bool
) -> tuple[File, ...]:
    """`repository` is the GitLab project's id; the history is in the cache, or in PostgreSQL."""
    provider = _provider(project_number, "gitlab")
    audit = asked.audit(repo=".", store="" if postgres else _HISTORY, report=REPORT)
    job: dict[str, Value] = {
        "cron": asked.times.cron,
        "branch": branch,
        "image": image,
        "audience": f"https://iam.googleapis.com/{provider}",
        "audit": ("gonogo", *audit),
    }
    credentials: dict[str, Value] = {
        "resource": f"//iam.googleapis.com/{provider}",
        "impersonation": f"https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{asked.email}:generateAccessToken",
    }
    on_branch = f'assertion.ref_type == "branch" && assertion.ref == "{branch}"'
    return (
        File(".gitlab/gonogo-audit.gitlab-ci.yml", render("gitlab.yml", job, _where(store=postgres))),
        File(".gitlab/gonogo-credentials.json", render("gitlab-credentials.json", credentials)),
        *_federated(
            asked,
            provider="gitlab",
            issuer=url,
            claim="project_id",
            repository=repository,
            condition=f'assertion.project_id == "{repository}" && {on_branch}',
        ),
    )


def cloud_run(asked: Schedule, *, region: str, image: str, store_secret: str, notify_secret: str, cloud_sql: str) -> tuple[File, ...]:
    """`cloud_sql` is the connection name of the instance that the store's URL reaches by its socket, or empty."""
    values: dict[str, Value] = {
        "home": asked.home,
        "region": region,
        "image": image,
        "audit": asked.audit(),
        "cron": asked.times.cron,
        "store_secret": store_secret,
        "notify_secret": notify_secret,
        "secrets": tuple(dict.fromkeys(filter(None, (store_secret, notify_secret)))),
        "cloud_sql_instances": (cloud_sql,),
        "cloud_sql_project": cloud_sql.rsplit(":", 2)[0],
    }
    job = render("cloud-run.tf", values, _where(cloud_sql=cloud_sql, notify=notify_secret))
    return (*_auditor(asked), File(f"{TERRAFORM}/cloud_run.tf", job))


def kubernetes(
    asked: Schedule, *, image: str, namespace: str, store_secret: str, notify_secret: str, cluster_project: str
) -> tuple[File, ...]:
    """The history is on a volume, or in PostgreSQL where `store_secret` names a Secret whose key `url` has its URL."""
    values: dict[str, Value] = {
        "namespace": namespace,
        "email": asked.email,
        "cron": asked.times.cron,
        "image": image,
        "audit": asked.audit(store="" if store_secret else "/history/history.db"),
        "store_secret": store_secret,
        "notify_secret": notify_secret,
        "member": f"serviceAccount:{cluster_project}.svc.id.goog[{namespace}/gonogo-auditor]",
    }
    return (
        File("kubernetes/gonogo-audit.yaml", render("kubernetes.yaml", values, _where(store=store_secret, notify=notify_secret))),
        *_auditor(asked),
        File(f"{TERRAFORM}/kubernetes.tf", render("kubernetes.tf", values)),
    )


def systemd(asked: Schedule, *, command: str, repo: str, credentials: str, environment_file: str) -> tuple[File, ...]:
    """`environment_file` says `GONOGO_STORE`; without it the history is a file of the service's own."""
    store = "" if environment_file else "/var/lib/gonogo-audit/history.db"
    values: dict[str, Value] = {
        "audit": (command, *asked.audit(repo=repo, store=store)),
        "calendar": asked.times.calendar,
        "repo": repo,
        "credentials": credentials,
        "environment_file": environment_file,
    }
    conditions = _where(repo=repo, credentials=credentials, environment_file=environment_file)
    names = ("gonogo-audit.service", "gonogo-audit.timer")
    return tuple(File(f"systemd/{name}", render(name, values, conditions)) for name in names)


def cron(asked: Schedule, *, command: str, repo: str, user: str, state: str) -> tuple[File, ...]:
    """`state` is the directory of the history and of the lock."""
    lock = ("flock", "--nonblock", "--conflict-exit-code", "75", f"{state}/audit.lock")
    audit = ("timeout", "1h", command, *asked.audit(repo=repo, store=f"{state}/history.db"))
    values: dict[str, Value] = {"cron": asked.times.cron, "user": user, "audit": (*lock, *audit)}
    return (File("cron.d/gonogo-audit", render("cron", values)),)


def _where(**conditions: str | bool) -> tuple[str, ...]:
    return tuple(name for name, holds in conditions.items() if holds)


def _provider(project_number: str, name: str) -> str:
    return f"projects/{project_number}/locations/global/workloadIdentityPools/gonogo-{name}/providers/{name}"


def _federated(asked: Schedule, *, provider: str, issuer: str, claim: str, repository: str, condition: str) -> tuple[File, ...]:
    values: dict[str, Value] = {
        "home": asked.home,
        "pool": f"gonogo-{provider}",
        "provider": provider,
        "condition": condition,
        "claim": f"assertion.{claim}",
        "issuer": issuer,
        "repository": repository,
    }
    return (*_auditor(asked), File(f"{TERRAFORM}/federation.tf", render("federation.tf", values)))


def _auditor(asked: Schedule) -> tuple[File, ...]:
    """The account and its role: what `gonogo doctor --role terraform` prints, as a module."""
    grant = Grant(asked.projects, asked.folders, asked.organization, quota_project=asked.quota_project)
    role = "".join(f"{line}\n" for line in as_terraform(grant, load_surfaces()))
    return (
        File(f"{TERRAFORM}/versions.tf", render("versions.tf", {})),
        File(f"{TERRAFORM}/auditor.tf", render("auditor.tf", {"home": asked.home, "account": asked.account})),
        File(f"{TERRAFORM}/role/role.tf", role),
    )

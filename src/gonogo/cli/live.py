"""The options of every command that asks Google Cloud, and the names that may become a part of a URL, a command or a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import click

_PROJECT = re.compile(r"(?:[a-z0-9.-]+:)?[a-z0-9][a-z0-9-]{0,62}")
_NUMBER = re.compile(r"[0-9]{1,20}")
_ACCOUNT = re.compile(r"[a-z0-9.-]+@[a-z0-9.-]+")


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Where the APIs are asked, and as whom."""
    endpoint = click.option(
        "--endpoint", "endpoints", multiple=True, metavar="SERVICE=URL",
        help="Ask this endpoint, for example sqladmin=https://sqladmin-audit.p.googleapis.com; * means every service; repeatable "
        "[GONOGO_ENDPOINT_SERVICE]. Plain http only towards this machine.",
    )  # fmt: skip
    impersonate = click.option(
        "--impersonate", metavar="ACCOUNT", help="Read as this service account, with Application Default Credentials."
    )
    quota = click.option("--quota-project", metavar="ID", help="The project whose quota the calls use.")
    return endpoint(impersonate(quota(command)))


def scope(command: Callable[..., Any]) -> Callable[..., Any]:
    """What is asked about."""
    project = click.option("-p", "--project", "projects", multiple=True, metavar="ID", help="A project; repeatable.")
    folder = click.option("--folder", "folders", multiple=True, metavar="NUMBER", help="Every project below a folder; repeatable.")
    organization = click.option(
        "--organization", "organizations", multiple=True, metavar="NUMBER", help="Every project of an organization; repeatable."
    )
    return project(folder(organization(command)))


def clusters(command: Callable[..., Any]) -> Callable[..., Any]:
    """Which clusters are read."""
    context = click.option(
        "--kube-context", "contexts", multiple=True, metavar="NAME",
        help="A cluster, by its context in the kubeconfig; repeatable (pip install '.[kubernetes]').",
    )  # fmt: skip
    kubeconfig = click.option("--kubeconfig", metavar="FILE", help="The kubeconfig [KUBECONFIG, ~/.kube/config].")
    system = click.option("--system-namespaces", is_flag=True, help="Judge what runs in kube-system and other namespaces of the cluster itself, too.")
    return context(kubeconfig(system(command)))


def check_names(
    projects: Sequence[str], folders: Sequence[str] = (), organizations: Sequence[str] = (), accounts: Sequence[str] = ()
) -> None:
    """Raises a usage error for a name that is none."""
    for project in projects:
        if not _PROJECT.fullmatch(project):
            raise click.UsageError(f"{project!r} is no project id; `gcloud projects list` shows them")
    for what, numbers in (("folder", folders), ("organization", organizations)):
        for number in numbers:
            if not _NUMBER.fullmatch(number):
                raise click.UsageError(f"{number!r} is no {what} number; write it as digits")
    for account in accounts:
        if not _ACCOUNT.fullmatch(account):
            raise click.UsageError(f"{account!r} is no service account; write its address, NAME@PROJECT.iam.gserviceaccount.com")

"""`gonogo doctor`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.util import find_spec

import click

from gonogo.cli.exit_codes import ExitCode
from gonogo.cli.language import in_language, speaking
from gonogo.cli.live import check_names, options, scope
from gonogo.cli.streams import Streams
from gonogo.config import read_endpoint_variables
from gonogo.translation.language import Language


@click.command("doctor")
@scope
@options
@click.option(
    "--role", "role", type=click.Choice(["yaml", "terraform", "gcloud", "kubernetes"]),
    help="Print the custom role that an audit needs (kubernetes: the ClusterRole for --kube-context), and ask nobody.",
)  # fmt: skip
@click.option("-o", "--output", "format_name", type=click.Choice(["text", "json"]), default="text")
@in_language
@click.pass_obj
def command(
    streams: Streams,
    projects: Sequence[str],
    folders: Sequence[str],
    organizations: Sequence[str],
    endpoints: Sequence[str],
    impersonate: str | None,
    quota_project: str | None,
    role: str | None,
    format_name: str,
    lang: str | None,
) -> int:
    """Say what an audit of Google Cloud would not see: permissions that are missing, APIs that are off, and what they leave undecided.

    \b
    gonogo doctor --project shop-prod
    gonogo doctor --project shop-prod --role gcloud
    gonogo doctor --organization 123456789012 --role terraform > auditor.tf
    gonogo doctor --role kubernetes | kubectl apply -f -

    It reads two things of each project, and changes nothing.

    \b
    Exit codes: 0 everything can be read, 2 usage, configuration or credentials, 3 something is missing,
    off, or could not be found out.
    """
    if role == "kubernetes":
        check_names([], [], [], list(filter(None, [impersonate])))
        return _cluster_role(streams, impersonate or "")
    if not (projects or folders or organizations):
        raise click.UsageError("say what would be audited: --project ID, --folder NUMBER or --organization NUMBER")
    check_names([*projects, *filter(None, [quota_project])], folders, organizations, list(filter(None, [impersonate])))
    if role is not None:
        member = f"serviceAccount:{impersonate}" if impersonate else ""
        return _role(streams, role, _once(projects), _once(folders), _once(organizations), member, quota_project or "")
    parents = [*(f"folders/{f}" for f in folders), *(f"organizations/{o}" for o in organizations)]
    return _diagnose(streams, projects, parents, endpoints, impersonate or "", quota_project or "", format_name, speaking(lang))


def _cluster_role(streams: Streams, member: str) -> int:
    from gonogo.sources.cluster.lists import load_lists
    from gonogo.sources.cluster.role import as_cluster_role

    streams.stdout.write("".join(f"{line}\n" for line in as_cluster_role(load_lists(), member)))
    return ExitCode.GO


def _once(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


def _role(
    streams: Streams,
    form: str,
    projects: tuple[str, ...],
    folders: tuple[str, ...],
    organizations: tuple[str, ...],
    member: str,
    quota_project: str,
) -> int:
    from gonogo.sources.gcp.role import Grant, as_gcloud, as_terraform, as_yaml
    from gonogo.sources.gcp.surfaces import load_surfaces

    if len(organizations) > 1:
        raise click.UsageError("a role belongs to one organization: give --organization once")
    if folders and not organizations:
        raise click.UsageError("a folder has no roles of its own, its organization has: add --organization")
    grant = Grant(projects, folders, "".join(organizations), member, quota_project)
    forms = {"yaml": as_yaml, "terraform": as_terraform, "gcloud": as_gcloud}
    streams.stdout.write("".join(f"{line}\n" for line in forms[form](grant, load_surfaces())))
    return ExitCode.GO


def _diagnose(
    streams: Streams,
    projects: Sequence[str],
    parents: Sequence[str],
    endpoints: Sequence[str],
    impersonate: str,
    quota_project: str,
    format_name: str,
    language: Language,
) -> int:
    from gonogo.report.escape import printable
    from gonogo.rules import load_rules
    from gonogo.rules.reach import controls_by_kind
    from gonogo.sources.gcp.diagnosis_report import document, lines
    from gonogo.sources.gcp.doctor import diagnose
    from gonogo.sources.gcp.endpoints import EndpointError
    from gonogo.sources.gcp.opening import open_session
    from gonogo.sources.gcp.problems import Problem
    from gonogo.sources.gcp.surfaces import load_surfaces

    if find_spec("requests") is None or find_spec("google") is None or find_spec("google.auth") is None:
        raise click.UsageError("reading Google Cloud needs its clients: pip install 'gonogo[gcp]'")
    surfaces = load_surfaces()
    try:
        session = open_session(surfaces, endpoints, read_endpoint_variables(), impersonate=impersonate, quota_project=quota_project)
    except (EndpointError, Problem) as error:
        streams.stderr.write(f"gonogo: {printable(str(error))}\n")
        return ExitCode.USAGE
    found = diagnose(session, surfaces, projects, parents, quota_project, controls_by_kind(load_rules(())))
    if format_name == "json":
        json.dump(document(found, session.identity), streams.stdout, indent=2)
        streams.stdout.write("\n")
    else:
        streams.stdout.write("".join(f"{printable(line)}\n" for line in lines(found, session.identity, language)))
    return ExitCode.GO if all(d.readable for d in found) else ExitCode.INCOMPLETE

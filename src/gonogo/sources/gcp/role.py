"""The custom role that an audit needs, and nothing more, in the three forms in which people make one."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gonogo.sources.gcp.estate import FOLDERS, PROJECTS
from gonogo.sources.gcp.surfaces import Surfaces

ID = "gonogoAuditor"
_TITLE = "gonogo auditor"
_DESCRIPTION = "What gonogo audit reads: lists of settings, no data, no secret values, nothing that changes anything."


@dataclass(frozen=True, slots=True)
class Grant:
    """Who gets the role, where. `member` is an IAM member, empty where it is not known.

    A folder has no roles of its own (https://cloud.google.com/iam/docs/creating-custom-roles): with `folders` the role is that of
    their organization and is granted on them and on the projects; with an organization alone it is granted on that.
    """

    projects: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    organization: str = ""
    member: str = ""
    quota_project: str = ""

    @property
    def everywhere(self) -> bool:
        """Whether all of the organization is audited: what is granted there holds for its projects."""
        return bool(self.organization) and not self.folders

    def permissions(self, surfaces: Surfaces) -> tuple[str, ...]:
        """Sorted. A project's role cannot hold what the walk below a folder needs: IAM refuses it
        (https://github.com/terraform-google-modules/terraform-google-iam/issues/158)."""
        return tuple(sorted({*surfaces.permissions, *((FOLDERS, PROJECTS) if self.organization else ())}))


def as_yaml(grant: Grant, surfaces: Surfaces) -> Iterator[str]:
    """Lines for `gcloud iam roles create --file`."""
    for flag in _owners(grant):
        yield f"# gcloud iam roles create {ID} {flag} --file=FILE"
    yield f"title: {_TITLE}"
    yield f"description: {json.dumps(_DESCRIPTION)}"
    yield "stage: GA"
    yield "includedPermissions:"
    yield from (f"- {permission}" for permission in grant.permissions(surfaces))


def as_gcloud(grant: Grant, surfaces: Surfaces) -> Iterator[str]:
    """Commands for a shell: the role, and the account gets it."""
    permissions = ",".join(grant.permissions(surfaces))
    member = grant.member or "serviceAccount:AUDITOR"
    if not grant.member:
        yield "# AUDITOR is the address of the account that runs the audit"
    for flag in _owners(grant):
        yield _command(
            "iam",
            "roles",
            "create",
            ID,
            flag,
            f"--title={_TITLE}",
            f"--description={_DESCRIPTION}",
            "--stage=GA",
            f"--permissions={permissions}",
        )
    for words, role in _bindings(grant):
        yield _command(*words, f"--member={member}", f"--role={role}", "--condition=None")


def _command(*words: str) -> str:
    return shlex.join(("gcloud", *words))


def _owners(grant: Grant) -> tuple[str, ...]:
    return (f"--organization={grant.organization}",) if grant.organization else tuple(f"--project={p}" for p in grant.projects)


def _bindings(grant: Grant) -> Iterator[tuple[tuple[str, ...], str]]:
    of_organization = f"organizations/{grant.organization}/roles/{ID}"
    if grant.everywhere:
        yield ("organizations", "add-iam-policy-binding", grant.organization), of_organization
    for folder in grant.folders:
        yield ("resource-manager", "folders", "add-iam-policy-binding", folder), of_organization
    for project in () if grant.everywhere else grant.projects:
        yield ("projects", "add-iam-policy-binding", project), of_organization if grant.organization else f"projects/{project}/roles/{ID}"
    if grant.quota_project:
        yield ("projects", "add-iam-policy-binding", grant.quota_project), "roles/serviceusage.serviceUsageConsumer"


def as_terraform(grant: Grant, surfaces: Surfaces) -> Iterator[str]:
    """Terraform as `terraform fmt` leaves it: the role, and the account gets it."""
    yield from _variable(grant.member)
    kind = "organization" if grant.organization else "project"
    yield f'resource "google_{kind}_iam_custom_role" "gonogo_auditor" {{'
    if grant.organization:
        yield f'  org_id      = "{grant.organization}"'
    else:
        yield from _for_each(grant.projects)
        yield "  project     = each.value"
    yield f'  role_id     = "{ID}"'
    yield f'  title       = "{_TITLE}"'
    yield f"  description = {json.dumps(_DESCRIPTION)}"
    yield "  permissions = ["
    yield from (f'    "{permission}",' for permission in grant.permissions(surfaces))
    yield "  ]"
    yield "}"
    role = f"google_{kind}_iam_custom_role.gonogo_auditor{'' if grant.organization else '[each.key]'}.id"
    if grant.everywhere:
        yield from _member("organization", "org_id", f'"{grant.organization}"', role)
    if grant.folders:
        yield from _member("folder", "folder", "each.value", role, [f"folders/{folder}" for folder in grant.folders])
    if grant.projects and not grant.everywhere:
        yield from _member("project", "project", "each.value", role, grant.projects)
    if grant.quota_project:
        yield from _member(
            "project", "project", f'"{grant.quota_project}"', '"roles/serviceusage.serviceUsageConsumer"', name="gonogo_quota"
        )


def _variable(member: str) -> Iterator[str]:
    yield 'variable "gonogo_auditor" {'
    yield '  description = "IAM member that runs gonogo audit, for instance serviceAccount:audit@PROJECT.iam.gserviceaccount.com."'
    yield "  type        = string"
    if member:
        yield f"  default     = {json.dumps(member)}"
    yield "}"
    yield ""


def _member(kind: str, key: str, value: str, role: str, each: Sequence[str] = (), name: str = "gonogo_auditor") -> Iterator[str]:
    width = max(len(key), len("member"))
    yield ""
    yield f'resource "google_{kind}_iam_member" "{name}" {{'
    if each:
        yield from _for_each(each)
    yield f"  {key:<{width}} = {value}"
    yield f"  {'role':<{width}} = {role}"
    yield f"  {'member':<{width}} = var.gonogo_auditor"
    yield "}"


def _for_each(texts: Sequence[str]) -> Iterator[str]:
    yield f"  for_each = toset([{', '.join(json.dumps(text) for text in texts)}])"
    yield ""

"""What is audited, when, and as whom: the same on every platform."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gonogo.schedule.times import Times

REPORT = "gonogo-audit.json"


@dataclass(frozen=True, slots=True)
class Schedule:
    """`home` is the project that holds what is made for the audit, `account` the id of the service account that audits."""

    times: Times
    projects: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    organization: str = ""
    """With `folders` or `projects` the owner of the role only, as for `gonogo doctor --role`."""
    quota_project: str = ""
    checklists: tuple[str, ...] = ()
    home: str = ""
    account: str = "gonogo-auditor"

    @property
    def email(self) -> str:
        """A project `example.com:shop` has accounts of `shop.example.com.iam.gserviceaccount.com`."""
        domain, _, name = self.home.rpartition(":")
        return f"{self.account}@{name}{f'.{domain}' if domain else ''}.iam.gserviceaccount.com"

    def audit(self, *, repo: str = "", store: str = "", report: str = "") -> tuple[str, ...]:
        """The arguments of gonogo; without `store` the history is where `GONOGO_STORE` says."""
        return ("audit", *self._scope(), *_options("--repo", repo), *_options("--store", store), *_report(report))

    def _scope(self) -> Iterator[str]:
        for project in self.projects:
            yield from ("--project", project)
        for folder in self.folders:
            yield from ("--folder", folder)
        if self.organization and not self.projects and not self.folders:
            yield from ("--organization", self.organization)
        yield from _options("--quota-project", self.quota_project)
        for checklist in self.checklists:
            yield from ("--checklist", checklist)


def _options(name: str, value: str) -> tuple[str, ...]:
    return (name, value) if value else ()


def _report(path: str) -> tuple[str, ...]:
    return ("--output", "text", "--output", f"json={path}") if path else ()

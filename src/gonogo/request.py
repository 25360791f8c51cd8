"""What a run is asked to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.config import Config
from gonogo.engine.known import NOTHING, Known
from gonogo.model.environment import Environments

if TYPE_CHECKING:
    from gonogo.model.register import AcceptedGap, Attestation
    from gonogo.model.resource import Resource
    from gonogo.sources.terraform.documents import Document


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """A scan of the tree at `root` against checklists, or against the catalogue where there is none.

    `environment` is the environment that is judged; resources of no named environment always are. `var_files` are further
    var files of it, relative to `root`. `clock` gives the two
    timestamps of the assessment and the day on which waivers expire (UTC).
    """

    root: Path
    clock: Callable[[], datetime]
    checklists: tuple[Path, ...] = ()
    rule_dirs: tuple[Path, ...] = ()
    lock_file: Path | None = None
    environment: str = "production"
    config: Config = field(default_factory=Config)
    documents: tuple[Document, ...] = ()
    """Terraform's plans and states of what the tree declares."""
    var_files: tuple[str, ...] = ()
    scans: tuple[Resource, ...] = ()
    """What reports of other scanners say (`sources.scan_reports`)."""
    evidence: tuple[tuple[str, str], ...] = ()
    """Artefacts given as evidence: what each is, and its path."""
    installed: bool = True
    """Whether the modules that `terraform init` has downloaded are read."""
    render: bool = True
    """Whether charts and kustomizations are rendered; where not, they are gaps."""
    known: Known = NOTHING
    """What the decision leaves out, because it was known before."""
    attestations: tuple[Attestation, ...] = ()
    waivers: tuple[AcceptedGap, ...] = ()
    """Those of the waivers' file; comments are read with what they stand beside."""
    release: str = ""
    """What is about to be released, for attestations that are of one release."""

    @property
    def environments(self) -> Environments:
        """The judged environment by its canonical name, and what is configured of each."""
        configured = self.config.environments
        return Environments(Environments(configured=configured).canonical(self.environment), configured, self.var_files)


@dataclass(frozen=True, slots=True)
class AuditRequest:
    """An audit of Google Cloud: of projects, of all below folders and organizations (numbers), or of an asset export; and of clusters.

    `scan` says how claims are judged and what the code beside it is; without `code` its root is not read. `variables` are
    the `GONOGO_ENDPOINT_*` of the process environment.
    """

    scan: ScanRequest
    code: bool
    projects: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()
    assets: Path | None = None
    endpoints: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    impersonate: str = ""
    quota_project: str = ""
    contexts: tuple[str, ...] = ()
    """Contexts of `kubeconfig`: the clusters that are read."""
    kubeconfig: str = ""
    system_namespaces: bool = False

    @property
    def google(self) -> bool:
        """Whether Google Cloud is asked, or an export of it read."""
        return bool(self.projects or self.folders or self.organizations or self.assets)

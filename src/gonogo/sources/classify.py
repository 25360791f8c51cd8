"""What a file is, by its name and, where the name does not tell, by its first 64 KiB."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum
from fnmatch import fnmatchcase

# What a file of a format may declare: the kinds that a gap in it leaves incomplete.
GCP_KINDS = ("*.googleapis.com/*",)
KUBERNETES_KINDS = (
    "apps/*", "batch/*", "core/*", "*.k8s.io/*", "autoscaling/*", "policy/*", "keda.sh/*", "argoproj.io/*", "*.openshift.io/*",
    "*.coreos.com/*", "networking.gke.io/*", "cloud.google.com/*", "*.istio.io/*", "external-secrets.io/*", "flagger.app/*",
)  # fmt: skip
CI_KINDS = ("ci/*",)


class Format(Enum):
    """A file format that some source reads; `kinds` is what a file of it could declare."""

    OTHER = ("other",)
    DOCKERFILE = ("dockerfile", "docker/Dockerfile")
    DOCKERIGNORE = ("dockerignore",)
    GITIGNORE = ("gitignore",)
    COMPOSE = ("compose", "compose/Project")
    TERRAFORM = ("terraform", *GCP_KINDS)
    TERRAFORM_JSON = ("terraform-json", *GCP_KINDS)
    TFVARS = ("tfvars", *GCP_KINDS)
    TERRAGRUNT = ("terragrunt", *GCP_KINDS)
    KUBERNETES = ("kubernetes", *KUBERNETES_KINDS)
    HELM_CHART = ("helm-chart", *KUBERNETES_KINDS)
    HELM_TEMPLATE = ("helm-template", *KUBERNETES_KINDS)
    KUSTOMIZATION = ("kustomization", *KUBERNETES_KINDS)
    GITHUB_WORKFLOW = ("github-workflow", *CI_KINDS)
    GITHUB_ACTION = ("github-action", *CI_KINDS)
    CLOUD_BUILD = ("cloud-build", *CI_KINDS)
    GITLAB_CI = ("gitlab-ci", *CI_KINDS)
    DEPENDABOT = ("dependabot", "repo/DependencyUpdates")
    RENOVATE = ("renovate", "repo/DependencyUpdates")
    PRE_COMMIT = ("pre-commit", "repo/PreCommit")
    GRAFANA_DASHBOARD = ("grafana-dashboard", "repo/Dashboard")
    # Infrastructure in a language that no source reads: what it may declare is a gap.
    KUBERNETES_TEMPLATE = ("kubernetes-template", *KUBERNETES_KINDS)
    JSONNET = ("jsonnet", *KUBERNETES_KINDS)
    PROGRAM = ("infrastructure-program", *GCP_KINDS, *KUBERNETES_KINDS)
    SHELL = ("shell",)
    MAKEFILE = ("makefile",)
    YAML = ("yaml",)
    JSON = ("json",)

    def __init__(self, label: str, *kinds: str) -> None:
        self.label = label
        self.kinds = kinds


_DOCKERFILE = ("Dockerfile", "dockerfile", "Containerfile", "containerfile", "Dockerfile.*", "Containerfile.*", "Dockerfile[-_]*", "Containerfile[-_]*", "*.Dockerfile", "*.dockerfile", "*.Containerfile")
_COMPOSE = ("compose.y*ml", "docker-compose.y*ml", "docker-compose.*.y*ml", "compose.*.y*ml", "docker-compose-*.y*ml", "*.compose.y*ml")
_BY_NAME: tuple[tuple[tuple[str, ...], Format], ...] = (
    ((".dockerignore", "*.dockerignore"), Format.DOCKERIGNORE),
    ((".gitignore",), Format.GITIGNORE),
    (("*.tf", "*.tofu"), Format.TERRAFORM),
    (("*.tf.json", "*.tofu.json"), Format.TERRAFORM_JSON),
    (("*.tfvars", "*.tfvars.json"), Format.TFVARS),
    (("terragrunt.hcl", "terragrunt.hcl.json", "terragrunt.stack.hcl"), Format.TERRAGRUNT),
    (("Chart.yaml", "Chart.yml"), Format.HELM_CHART),
    (("kustomization.yaml", "kustomization.yml", "Kustomization"), Format.KUSTOMIZATION),
    ((".pre-commit-config.yaml", ".pre-commit-config.yml", "lefthook.y*ml", ".lefthook.y*ml", ".lintstagedrc*"), Format.PRE_COMMIT),
    (("dependabot.yml", "dependabot.yaml"), Format.DEPENDABOT),
    (("renovate.json", "renovate.json5", ".renovaterc", ".renovaterc.json"), Format.RENOVATE),
    ((".gitlab-ci.yml", "*.gitlab-ci.yml"), Format.GITLAB_CI),
    (("Makefile", "makefile", "GNUmakefile", "*.mk"), Format.MAKEFILE),
    (("*.sh", "*.bash"), Format.SHELL),
    (("*.jsonnet", "*.libsonnet", "*.cue"), Format.JSONNET),
    (("Pulumi.yaml", "Pulumi.yml", "cdktf.json"), Format.PROGRAM),
)
_TEMPLATE_SUFFIXES = ("j2", "jinja", "jinja2", "tpl", "tmpl", "tftpl", "gotmpl", "template", "erb", "in", "envsubst", "mustache", "ytt")
_NOT_DOCKERFILE = (".dockerignore", ".md", ".txt", ".sh", ".py", ".yaml", ".yml", ".json", ".tf", ".j2", ".tpl", ".tmpl", ".erb")
_TEMPLATE = re.compile(r"\{\{-?\s")
_KUBERNETES = re.compile(r"^\s*[\"']?apiVersion[\"']?\s*:", re.M)
_KIND = re.compile(r"^\s*[\"']?kind[\"']?\s*:", re.M)
_CLOUD_BUILD = re.compile(r"^steps\s*:", re.M)
_CLOUD_BUILD_STEP = re.compile(r"^\s*-?\s*[\"']?(name|id|args|entrypoint|script)[\"']?\s*:", re.M)
_SERVICES = re.compile(r"^services\s*:", re.M)
_SHEBANG = re.compile(r"#!.*\b(ba|z|k|da)?sh\b")


def classify(path: str, head: Callable[[], str]) -> Format:
    """The format of the file at `path`; `head` gives the start of its text and is called only where the name does not tell."""
    name = path.rpartition("/")[2]
    for patterns, found in _BY_NAME:
        if any(fnmatchcase(name, p) for p in patterns):
            return found
    if any(fnmatchcase(name, p) for p in _DOCKERFILE) and not name.endswith(_NOT_DOCKERFILE):
        return Format.DOCKERFILE
    suffix = name.rpartition(".")[2].lower() if "." in name else ""
    if suffix in ("yaml", "yml"):
        return _classify_yaml(path, name, head())
    if suffix == "json":
        return _classify_json(head())
    if suffix in ("tpl", "txt") and "/templates/" in f"/{path}":
        return Format.HELM_TEMPLATE if _TEMPLATE.search(head()) else Format.OTHER
    if suffix in _TEMPLATE_SUFFIXES and re.search(r"\.(?:ya?ml|json)\.\w+\Z", name):
        text = head()
        return Format.KUBERNETES_TEMPLATE if _KUBERNETES.search(text) and _KIND.search(text) else Format.OTHER
    if not suffix and _SHEBANG.match(head()):
        return Format.SHELL
    return Format.OTHER


def _classify_yaml(path: str, name: str, text: str) -> Format:
    if ".github/workflows/" in f"/{path}":
        return Format.GITHUB_WORKFLOW
    if name in ("action.yml", "action.yaml") and re.search(r"^runs\s*:", text, re.M):
        return Format.GITHUB_ACTION
    if any(fnmatchcase(name, p) for p in _COMPOSE) or (_SERVICES.search(text) and re.search(r"^\s+(image|build)\s*:", text, re.M) and not _KUBERNETES.search(text)):
        return Format.COMPOSE
    if _KUBERNETES.search(text) and _KIND.search(text):
        if "/templates/" in f"/{path}" and _TEMPLATE.search(text):
            return Format.HELM_TEMPLATE
        return Format.KUBERNETES
    if "/templates/" in f"/{path}" and _TEMPLATE.search(text):
        return Format.HELM_TEMPLATE
    if "cloudbuild" in name.lower() or (_CLOUD_BUILD.search(text) and _CLOUD_BUILD_STEP.search(text) and not re.search(r"^(on|jobs|runs)\s*:", text, re.M)):
        return Format.CLOUD_BUILD
    return Format.YAML


def _classify_json(text: str) -> Format:
    # `schemaVersion` comes after the panels, so it may lie beyond the head.
    if '"panels"' in text and ('"schemaVersion"' in text or '"gridPos"' in text or '"datasource"' in text):
        return Format.GRAFANA_DASHBOARD
    if '"apiVersion"' in text and '"kind"' in text:
        return Format.KUBERNETES
    if '"steps"' in text and '"name"' in text and '"args"' in text:
        return Format.CLOUD_BUILD
    return Format.JSON

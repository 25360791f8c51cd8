"""A thing is read alike from its Terraform and from the asset that the Cloud Asset Inventory has of it.

The pairs have the shape of those of magic-modules (`mmv1/third_party/tgc/tests/data`): `X.tf` and the assets in `X.json`.
Ours are written as the API answers, with what the server fills in. Every difference that is left is explained here.
"""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from gonogo.kinds.gcp import SPECS
from gonogo.model.value import Unknown
from oracle.api.comparison import Compared, assets_in, compare, declared_in, names_of, pair

PAIRS = Path(__file__).parent / "pairs"
SQL, RUN, REDIS = "sqladmin.googleapis.com/Instance", "run.googleapis.com/Service", "redis.googleapis.com/Instance"
REPOSITORY = "artifactregistry.googleapis.com/Repository"

# What the server settles where the declaration is silent, or says only in its answer.
SERVER_SETTLES = {
    (SQL, "settings.edition"),
    (SQL, "settings.activationPolicy"),
    (SQL, "createTime"),
    (SQL, "ageHours"),
    (SQL, "settings.backupConfiguration.backupTier"),
    (SQL, "settings.backupConfiguration.startTime"),
    (SQL, "settings.backupConfiguration.transactionLogRetentionDays"),
    (SQL, "settings.backupConfiguration.backupRetentionSettings.retainedBackups"),
    (RUN, "serving.project"),
    (RUN, "template.serviceAccount"),
    (RUN, "template.scaling.maxInstanceCount"),
    (RUN, "traffic.size"),
    (RUN, "traffic[0].type"),
    (RUN, "traffic[0].percent"),
    (REDIS, "redisVersion"),
    (REDIS, "replicaCount"),
    (REDIS, "persistenceConfig.persistenceMode"),
    (REPOSITORY, "vulnerabilityScanningConfig.enablementState"),
    (REPOSITORY, "scanning"),
}
# Which revision is served only what is live can tell.
LIVE_TELLS = {(RUN, "serving.template")}


def compared(terraform: str, assets: str, tmp_path: Path) -> tuple[list[Compared], list[str]]:
    """Every field of every pair, and the kinds of what only one side has."""
    (tmp_path / "main.tf").write_text(terraform, encoding="utf-8")
    declared, live = declared_in(tmp_path), assets_in(assets)
    names = names_of(declared, live)
    fields: list[Compared] = []
    alone: list[str] = []
    for one, other in pair(declared, live):
        if one is None or other is None:
            alone.append(f"{'declared' if other is None else 'live'} {(one or other).kind}")  # type: ignore[union-attr]  # one of the two is there
        else:
            fields.extend(compare(one, other, names))
    return fields, alone


def silent(value: object) -> bool:
    """Whether a declaration leaves it open: nothing written, or what the server says is not known before."""
    return value in (None, "", [], 0) or isinstance(value, Unknown)


@pytest.mark.parametrize("case", sorted(PAIRS.glob("*.tf")), ids=lambda path: path.stem)
def test_our_pairs_agree(case: Path, tmp_path: Path) -> None:
    fields, alone = compared(case.read_text(encoding="utf-8"), case.with_suffix(".json").read_text(encoding="utf-8"), tmp_path)
    assert alone == []
    different = [field for field in fields if not field.same and (field.kind, field.path) not in LIVE_TELLS]
    unexplained = [f for f in different if (f.kind, f.path) not in SERVER_SETTLES or not silent(f.declared)]
    assert [str(field) for field in unexplained] == []
    assert sum(field.equal for field in fields) > len(fields) / 2


def test_every_kind_has_a_pair(tmp_path: Path) -> None:
    seen = {resource.kind for case in PAIRS.glob("*.json") for resource in assets_in(case.read_text(encoding="utf-8"))}
    # A rule of a policy is a resource of its own in Terraform only, the API has it in its policy; nobody declares a backup or a snooze.
    not_declared = {"sqladmin.googleapis.com/BackupRun", "monitoring.googleapis.com/Snooze"}
    not_listed = {
        "storage.googleapis.com/Bucket", "firestore.googleapis.com/Field", "bigquery.googleapis.com/Dataset", "bigquery.googleapis.com/Table",
        "monitoring.googleapis.com/ServiceLevelObjective",
    }  # fmt: skip
    assert {spec.kind for spec in SPECS} - seen == {"compute.googleapis.com/SecurityPolicyRule", *not_declared, *not_listed}


# --- The pairs of magic-modules themselves, where a checkout of them is at hand

TEMPLATE_VALUES = {"Provider.project": "my-project", "Provider.version": "7.0", "Ancestry": "organizations/1"}
# Their assets are what Terraform will send, not what the API answers: `tgc` leaves out what the server fills in, the policy's
# rules are under `rule`, what is known after apply is missing or a placeholder, and grants of one role are merged.
NOT_SENT = ("the answer of the API does not say it", "known only after apply")
# `ignore_changes`: Terraform makes it and leaves it to others; the asset is what Terraform would make.
LEFT_ALONE = "it is not written, and changes made elsewhere are ignored"
THEIRS = {
    "run.googleapis.com/Service unmanaged",
    "compute.googleapis.com/SecurityPolicy rules",
    "cloudresourcemanager.googleapis.com/ProjectIamBinding members",
    "iam.googleapis.com/ServiceAccountKey name",
}
ALONE = {
    "compute.googleapis.com/NetworkEndpointGroup",  # a zonal group is not converted
    "compute.googleapis.com/BackendService",
    "secretmanager.googleapis.com/Secret",  # the pair is about its policy
    "iam.googleapis.com/WorkloadIdentityPool",
    "cloudresourcemanager.googleapis.com/ProjectIamBinding",  # grants of one role are merged
    "compute.googleapis.com/ManagedSslCertificate",  # a certificate of one's own is no managed one
}


def filled_in(template: str) -> str:
    """A Go template of theirs with its few variables filled in."""
    text = re.sub(r"\{\{\s*if [^}]*\}\}.*?\{\{\s*end\s*\}\}", "", template, flags=re.DOTALL)
    return re.sub(r"\{\{\s*\.?([\w.]+)\s*\}\}", lambda found: TEMPLATE_VALUES.get(found[1], "x"), text)


def of_theirs(field: Compared) -> bool:
    """Whether a difference is of their making."""
    where = f"{field.kind} {field.path}"
    after_apply = isinstance(field.declared, str | list) and "${" in str(field.declared)
    unsaid = isinstance(field.live, Unknown) and any(reason.startswith(NOT_SENT) for reason in field.live.reasons)
    unknown = isinstance(field.declared, Unknown) and any(reason.startswith((*NOT_SENT, LEFT_ALONE)) for reason in field.declared.reasons)
    server = (field.kind, field.path) in SERVER_SETTLES and silent(field.declared)
    return after_apply or unsaid or unknown or server or any(where.startswith(known) for known in THEIRS)


def test_the_pairs_of_magic_modules_agree(tmp_path: Path) -> None:
    root = os.environ.get("GONOGO_MAGIC_MODULES", "")
    if not root:
        pytest.skip("GONOGO_MAGIC_MODULES names no checkout of GoogleCloudPlatform/magic-modules")
    cases = sorted(Path(root, "mmv1", "third_party").glob("tgc/tests/data/*.tf"))
    cases += sorted(Path(root, "mmv1", "third_party").glob("cai2hcl/services/*/testdata/*.tf"))
    assert len(cases) > 100
    found: Counter[str] = Counter()
    unexplained: list[str] = []
    for number, case in enumerate(cases):
        assets = case.with_suffix(".json")
        if not assets.exists():
            continue
        directory = tmp_path / str(number)
        directory.mkdir()
        fields, alone = compared(filled_in(case.read_text(encoding="utf-8")), filled_in(assets.read_text(encoding="utf-8")), directory)
        unexplained += [f"{case.stem}: {one}" for one in alone if one.partition(" ")[2] not in ALONE]
        for field in fields:
            outcome = "equal" if field.equal else "same" if field.same else "theirs" if of_theirs(field) else "unexplained"
            found[outcome] += 1
            if outcome == "unexplained":
                unexplained.append(f"{case.stem}: {field}")
        shutil.rmtree(directory)
    print(dict(sorted(found.items())))
    assert unexplained == []
    assert found["equal"] > 400

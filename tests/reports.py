"""An assessment with one of everything that a report can tell of, and the ways to render it."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from importlib import import_module

from gonogo.model.assessment import Agreement, Assessment, ControlResult, Decision, ItemResult
from gonogo.model.checklist import Binding, BindingSource, Item
from gonogo.model.drift import Difference, Status
from gonogo.model.finding import Baselined, Evidence, Finding, Role, Severity, Subject, Verdict, Waiver
from gonogo.model.gate import Blocker, BlockerKind, Coverage
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Origin, Stage

MODULES = {
    "csv": "csv_table", "json": "json_document",
    **{name: name for name in ("junit", "gitlab", "github", "markdown", "comment", "cyclonedx", "oscal", "concise")},
}  # fmt: skip
DATABASE = "//cloudsql.googleapis.com/projects/shop/instances/db"


def rendered(name: str, assessment: Assessment) -> str:
    """What `-o NAME` writes."""
    out = io.StringIO(newline="")
    import_module(f"gonogo.report.{MODULES[name]}").render(assessment, out)
    return out.getvalue()


def finding(number: int, verdict: Verdict, message: str, *evidence: Evidence, control: str = "dockerfile-nonroot", origin: Origin = Origin.DECLARED) -> Finding:
    subject = Subject("docker/Dockerfile", "api/Dockerfile", origin, "production")
    return Finding(f"{number:016x}", f"{control}-rule", control, Severity.HIGH, verdict, message, subject, evidence, fix="Add `USER 10001`.")


def at(file: str, line: int, path: str, value: str, role: Role = Role.PRIMARY) -> Evidence:
    return Evidence(Location(file, line, 3), path, value, role, file)


def item(line: int, text: str, verdict: Verdict, agreement: Agreement, *findings: Finding, controls: tuple[str, ...] = ("dockerfile-nonroot",), **more: object) -> ItemResult:
    ticked = agreement not in (Agreement.OPEN, Agreement.UNCLAIMED)
    written = Item(f"{line:02d}f0", ("Launch", "Containers"), text, "docs/launch.md", line, ticked)
    binding = Binding(written, BindingSource.AUTO, controls, manual=verdict is Verdict.MANUAL, ignored=verdict is Verdict.NOT_APPLICABLE)
    return replace(ItemResult(binding, verdict, agreement, (), findings), **more)  # type: ignore[arg-type]


ROOT = finding(1, Verdict.VIOLATED, "runs as root: no USER in the final stage", at("api/Dockerfile", 12, "stages.1.user", "null"), at("api/Dockerfile", 1, "stages", "[2 entries]", Role.RELATED))
LIVE = replace(
    finding(2, Verdict.VIOLATED, "automated backups are off", Evidence(Location("", resource=DATABASE), "settings.backupConfiguration.enabled", "false"), control="cloudsql-backups", origin=Origin.LIVE),
    subject=Subject("sqladmin.googleapis.com/Instance", DATABASE, Origin.LIVE, "production"), severity=Severity.CRITICAL, fix="",
)  # fmt: skip
ANCHORED = replace(LIVE, fingerprint=f"{3:016x}", evidence=(*LIVE.evidence, at("infra/sql.tf", 22, "settings.backupConfiguration.enabled", "true", Role.RELATED)))
UNSURE = replace(finding(4, Verdict.UNKNOWN, "runs as root"), reasons=('variable "image" has no value (infra/main.tf:3)',), evidence=(at("infra/main.tf", 9, "image", "unknown"),))
GOOD = finding(5, Verdict.SATISFIED, "runs as 10001", at("web/Dockerfile", 8, "stages.0.user", "10001"))
WAIVED = replace(
    finding(6, Verdict.VIOLATED, "runs as root", at("tools/Dockerfile", 2, "stages.0.user", "0")),
    waiver=Waiver("dockerfile-nonroot", "needs root, JIRA-12", Location("tools/Dockerfile", 1), date(2027, 6, 30)),
)  # fmt: skip

KNOWN = replace(
    finding(7, Verdict.VIOLATED, "runs as root", at("old/Dockerfile", 5, "stages.0.user", "0")),
    baseline=Baselined("before the move, JIRA-13", "platform", date(2027, 3, 31)),
)  # fmt: skip

SAMPLE = Assessment(
    decision=Decision.NO_GO,
    items=(
        item(10, "Containers run as non-root", Verdict.VIOLATED, Agreement.REFUTED, ROOT, GOOD),
        item(11, "Backups are on", Verdict.VIOLATED, Agreement.REFUTED, LIVE, ANCHORED, controls=("cloudsql-backups",)),
        item(12, "Somebody watches", Verdict.ABSENT, Agreement.UNSUPPORTED, controls=("own-control",)),
        item(13, "Images are pinned", Verdict.UNKNOWN, Agreement.UNCHECKED, UNSURE, reasons=UNSURE.reasons),
        item(14, "Workers run as non-root", Verdict.VIOLATED, Agreement.OPEN, ROOT),
        item(15, "Load was tested", Verdict.MANUAL, Agreement.OPEN, controls=(), reasons=("a matter for a person",)),
        item(16, "The lawyers agree", Verdict.MANUAL, Agreement.UNCHECKED, controls=(), reasons=("a matter for a person",)),
        item(17, "Frobnicators are oiled", Verdict.UNMAPPED, Agreement.UNCHECKED, controls=(), reasons=("no control is known to mean this",)),
        item(18, "Tools run as non-root", Verdict.WAIVED, Agreement.UNSUPPORTED, WAIVED),
        item(19, "The web runs as non-root", Verdict.SATISFIED, Agreement.CONFIRMED, GOOD),
        item(20, "The web is not root", Verdict.SATISFIED, Agreement.UNCLAIMED, GOOD),
        item(21, "Windows is patched", Verdict.NOT_APPLICABLE, Agreement.UNSUPPORTED, controls=(), reasons=("ignored: there is none",)),
        item(22, "The old ones run as non-root", Verdict.VIOLATED, Agreement.REFUTED, KNOWN, without_baseline=Verdict.WAIVED),
    ),
    controls=(
        ControlResult("cloudsql-backups", "Databases are backed up", Severity.CRITICAL, Verdict.VIOLATED, {Origin.LIVE: Verdict.VIOLATED}, (), (LIVE, ANCHORED)),
        ControlResult("dockerfile-nonroot", "Images run as non-root", Severity.HIGH, Verdict.VIOLATED, {Origin.DECLARED: Verdict.VIOLATED}, (), (ROOT, UNSURE, GOOD, WAIVED, KNOWN)),
        ControlResult("own-control", "Somebody watches", Severity.LOW, Verdict.ABSENT),
    ),
    findings=(LIVE, ANCHORED, ROOT, UNSURE, GOOD, WAIVED, KNOWN),
    gaps=(Gap("deploy/chart.yaml", 4, Stage.RENDER, "a template that is not understood", "kubernetes", ("apps/Deployment",)), Gap("", 0, Stage.READ, "no permission to list buckets", "gcp", ("*",), origin=Origin.LIVE)),
    drift=(Difference(Status.DIFFERS, "sqladmin.googleapis.com/Instance", DATABASE, "settings.backupConfiguration.enabled", "true", "false", "", "google_sql_database_instance.db", Location("infra/sql.tf", 22)),),
    warnings=("docs/launch.md:40: a box in a code block: not counted",),
    inputs={"root": "shop", "environment": "production", "checklists": ["docs/launch.md"], "files": 9, "projects": ["shop-prod"], "fail_on": "low", "unknown": "block"},
    versions={"gonogo": "0.1.0"},
    started="2026-11-23T10:00:00Z",
    finished="2026-11-23T10:00:02Z",
    blockers=(
        Blocker(BlockerKind.REFUTED, "Backups are on", "11f0", ("cloudsql-backups",), "docs/launch.md:11"),
        Blocker(BlockerKind.REFUTED, "Containers run as non-root", "10f0", ("dockerfile-nonroot",), "docs/launch.md:10"),
        Blocker(BlockerKind.EXPIRED, "the waiver of cloudsql-ha expired on 2026-10-31", "", ("cloudsql-ha",), ".gonogo/waivers.yaml:4"),
        Blocker(BlockerKind.UNREVIEWED, "9 bindings are not reviewed: gonogo checklist map"),
    ),
    coverage=Coverage(claims=9, confirmed=1, asked=12, looked_at=8),
)  # fmt: skip
CATALOGUE = replace(
    SAMPLE, items=(), inputs={**SAMPLE.inputs, "checklists": []}, coverage=Coverage(asked=2, looked_at=2),
    blockers=(Blocker(BlockerKind.VIOLATED, "Databases are backed up", "", ("cloudsql-backups",)), Blocker(BlockerKind.VIOLATED, "Images run as non-root", "", ("dockerfile-nonroot",))),
)  # fmt: skip


def hostile(text: str) -> Assessment:
    """The sample with `text` wherever a scanned repository, a checklist or a cloud can say something."""

    def place(location: Location) -> Location:
        return replace(location, resource=f"//{text}") if location.resource else replace(location, file=text, note=text)

    def mark(old: Finding) -> Finding:
        waiver = replace(old.waiver, reason=text, location=place(old.waiver.location)) if old.waiver is not None else None
        evidence = tuple(replace(e, location=place(e.location), path=text, value=text, resource=text) for e in old.evidence)
        subject = replace(old.subject, kind=text, name=text, environment=text)
        return replace(old, message=text, fix=text, reasons=(text,), subject=subject, evidence=evidence, waiver=waiver)

    def mark_item(old: ItemResult) -> ItemResult:
        written = replace(old.binding.item, text=text, section=(text,), file=text)
        return replace(old, binding=replace(old.binding, item=written), reasons=(text,), findings=tuple(map(mark, old.findings)))

    return replace(
        SAMPLE,
        items=tuple(map(mark_item, SAMPLE.items)),
        controls=tuple(replace(c, title=text, reasons=(text,), findings=tuple(map(mark, c.findings))) for c in SAMPLE.controls),
        findings=tuple(map(mark, SAMPLE.findings)),
        gaps=tuple(replace(g, file=text, reason=text, source=text, environment=text) for g in SAMPLE.gaps),
        drift=tuple(replace(d, name=text, field=text, expected=text, found=text, declared=text) for d in SAMPLE.drift),
        warnings=(text,),
        blockers=tuple(replace(b, text=text, item=text, place=text) for b in SAMPLE.blockers),
        inputs={**SAMPLE.inputs, "root": text, "environment": text, "checklists": [text], "projects": [text]},
    )

"""The composition root: opens the tree, runs the sources, loads the packs, asks the rules. The only place that wires."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gonogo import __version__
from gonogo.engine.controls import Judge
from gonogo.engine.gates import decide
from gonogo.engine.inventory import Inventory
from gonogo.engine.waivers import collect
from gonogo.model.assessment import Assessment, ControlResult, ItemResult
from gonogo.model.checklist import Binding, Checklist
from gonogo.model.resource import Gap, Resource, Stage
from gonogo.model.value import Value
from gonogo.request import ScanRequest
from gonogo.rules import RuleSet, load_rules
from gonogo.sources.base import Source
from gonogo.sources.classify import Format
from gonogo.sources.tree import DEFAULT_EXCLUDE, Tree, Unreadable, open_tree


@dataclass(frozen=True, slots=True)
class Facts:
    """What the sources saw: everything, and what counts for the judged environment."""

    tree: Tree
    resources: tuple[Resource, ...]
    gaps: tuple[Gap, ...]

    def judged(self, environment: str) -> tuple[Resource, ...]:
        """The resources that count when `environment` goes live: its own, and those of no named environment."""
        return tuple(r for r in self.resources if r.environment in ("", environment))


def sources(tree: Tree) -> Iterator[Source]:
    """The sources that `tree` holds something for. Each is imported only then: reading Terraform costs nothing without Terraform."""
    formats = {file.format for file in tree.files.values() if file.in_scope}
    if Format.DOCKERFILE in formats:
        from gonogo.sources.dockerfile import DockerfileSource

        yield DockerfileSource()
    if Format.COMPOSE in formats:
        from gonogo.sources.compose import ComposeSource

        yield ComposeSource()
    if formats & {Format.KUBERNETES, Format.KUBERNETES_TEMPLATE, Format.KUSTOMIZATION, Format.HELM_CHART, Format.HELM_TEMPLATE}:
        from gonogo.sources.kubernetes import KubernetesSource

        yield KubernetesSource()
    from gonogo.sources.ci import PipelineSource

    yield PipelineSource()
    if formats & {Format.TERRAFORM, Format.TERRAFORM_JSON, Format.TFVARS, Format.TERRAGRUNT}:
        from gonogo.sources.terraform_resources import TerraformSource

        yield TerraformSource()
    if formats & {Format.KUBERNETES_TEMPLATE, Format.JSONNET, Format.PROGRAM}:
        from gonogo.sources.unread import UnreadSource

        yield UnreadSource()
    from gonogo.sources.repository import RepositorySource

    yield RepositorySource()


def read_facts(
    root: Path,
    exclude: Sequence[str] = (),
    include: Sequence[str] = (),
    *,
    default_exclude: Sequence[str] = DEFAULT_EXCLUDE,
    standalone: bool = False,
) -> Facts:
    """Every resource and gap of the tree at `root`."""
    from gonogo.kinds.gcp import settle

    tree = open_tree(root, (*default_exclude, *exclude), include, standalone=standalone)
    resources: list[Resource] = []
    gaps: list[Gap] = list(tree.gaps)
    for source in sources(tree):
        for found in _guarded(source, tree):
            if isinstance(found, Resource):
                resources.append(found)
            else:
                gaps.append(found)
    return Facts(tree, settle(resources), tuple(sorted(set(gaps))))


def read_terraform_values(root: Path, exclude: Sequence[str] = (), include: Sequence[str] = ()) -> dict[str, object]:
    """The values of every Terraform root module of the tree at `root`, as JSON data."""
    from gonogo.engine.facts import terraform_document
    from gonogo.sources.terraform.evaluate import evaluate_values
    from gonogo.sources.terraform_module_kinds import MODULE_KINDS

    tree = open_tree(root, (*DEFAULT_EXCLUDE, *exclude), include)
    roots, gaps = evaluate_values(tree, MODULE_KINDS)
    return terraform_document(roots, (*tree.gaps, *gaps))


def _guarded(source: Source, tree: Tree) -> Iterator[Resource | Gap]:
    try:
        yield from source.read(tree)
    except Exception as error:  # noqa: BLE001 - a defect of ours must cost the run this source, said aloud, and no verdict
        reason = f"the {source.name} reader failed ({type(error).__name__}: {error}); please report this"
        yield Gap("", 0, Stage.READ, reason, source.name, ("*",))


@dataclass(frozen=True, slots=True)
class Examined:
    """A decision, and the resources that were judged for it."""

    assessment: Assessment
    resources: tuple[Resource, ...]


def scan(request: ScanRequest) -> Assessment:
    """Scan a tree and decide; see `examine`."""
    return examine(request).assessment


def examine(request: ScanRequest) -> Examined:
    """Scan a tree and decide. Raises `gonogo.rules.RuleSetError` and `gonogo.checklist.ChecklistError` on the user's errors."""
    started = request.clock()
    rules = load_rules(request.rule_dirs)
    facts = read_facts(request.root, request.config.exclude, request.config.include)
    judged = facts.judged(request.environment)
    inventory = Inventory(judged, facts.gaps, rules.relations)
    waivers, warnings = collect(_commented_files(facts), [c.id for c in rules.controls], started.astimezone(UTC).date())
    judge = Judge(rules, inventory, waivers)
    controls = judge.all()
    checklists = _checklists(request)
    bindings = _bindings(request, rules, checklists)
    items = tuple(_item_result(binding, judge) for binding in bindings)
    severities = [judge.severity(item.binding.controls) for item in items]
    decision = decide(items, severities, request.config.fail_on, unknown_blocks=request.config.unknown_blocks)
    notes = [f"{c.file}:{line}: {text}" for c in checklists for line, text in c.notes]
    assessment = Assessment(
        decision=decision,
        items=items if checklists else (),
        controls=controls,
        findings=tuple(f for c in controls for f in c.findings),
        gaps=inventory.gaps,
        warnings=(*warnings, *judge.unused_waivers(), *notes),
        inputs=_inputs(request, facts),
        versions={"gonogo": __version__},
        started=_stamp(started),
        finished=_stamp(request.clock()),
    )
    return Examined(assessment, judged)


def _checklists(request: ScanRequest) -> tuple[Checklist, ...]:
    if not request.checklists:
        return ()
    from gonogo.checklist.markdown import read_checklist

    return tuple(read_checklist(path, request.root) for path in request.checklists)


def _bindings(request: ScanRequest, rules: RuleSet, checklists: Sequence[Checklist]) -> tuple[Binding, ...]:
    from gonogo.checklist.binding import bind, bind_catalogue

    if not checklists:
        return bind_catalogue(rules.controls)
    return tuple(b for checklist in checklists for b in bind(checklist, rules.controls, request.lock_file))


def _item_result(binding: Binding, judge: Judge) -> ItemResult:
    from gonogo.checklist.verdicts import item_result

    def control(identifier: str, parameters: Mapping[str, Value]) -> ControlResult:
        return judge.control(identifier, parameters)

    return item_result(binding, control)


def _commented_files(facts: Facts) -> Iterator[tuple[str, str]]:
    """The files that hold evidence, with their text: an inline waiver stands beside what it excuses."""
    for path in sorted({place.file for r in facts.resources for place in r.locations.values()}):
        if path in facts.tree.files:
            try:
                yield path, facts.tree.text(path)
            except Unreadable:
                continue  # a gap of the source that reads it


def _inputs(request: ScanRequest, facts: Facts) -> dict[str, object]:
    seen = Counter(f.format.label for f in facts.tree.files.values() if f.in_scope)
    left_out = Counter(f.path.split("/")[0] + "/" for f in facts.tree.files.values() if not f.in_scope and "/" in f.path)
    return {
        "root": request.root.name,
        "checklists": [str(p) for p in request.checklists],
        "environment": request.environment,
        "files": len(facts.tree.files),
        "formats": dict(sorted(seen.items())),
        "out_of_scope": dict(sorted(left_out.items())),
        "other_environments": dict(sorted(Counter(r.environment for r in facts.resources if r.environment not in ("", request.environment)).items())),
    }


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

"""The composition root: opens the tree, runs the sources, loads the packs, asks the rules. The only place that wires."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo import __version__
from gonogo.checklist.sections import scoped, unmatched, unmatched_optional
from gonogo.checklist.signed import Signed, signed
from gonogo.config import ConfigError
from gonogo.engine.accepted import lapsed, of_controls, waivable_of
from gonogo.engine.controls import Judge
from gonogo.engine.foreign_ignores import foreign_waivers
from gonogo.engine.gates import decide
from gonogo.engine.inventory import Inventory
from gonogo.engine.register import RegisterError
from gonogo.engine.rollup import NO_CODE
from gonogo.engine.waivers import Waivers, collect, joined
from gonogo.kinds.terraform import TERRAFORM_ROOT
from gonogo.model.assessment import Assessment, ControlResult, ItemResult, RuleDescription
from gonogo.model.checklist import Binding, BindingSource
from gonogo.model.environment import PRODUCTION, Environments
from gonogo.model.evidence import EvidenceRequest
from gonogo.model.finding import Verdict
from gonogo.model.gate import Blocker, BlockerKind, Gate
from gonogo.model.resource import Gap, Origin, Resource, Stage
from gonogo.model.value import Value
from gonogo.questions import Questions, catalogue, questions
from gonogo.report.escape import printable_lines
from gonogo.request import ScanRequest
from gonogo.rules import RuleSet, load_rules
from gonogo.sources.base import Source
from gonogo.sources.classify import Format
from gonogo.sources.tree import DEFAULT_EXCLUDE, Tree, Unreadable, open_tree

if TYPE_CHECKING:
    from gonogo.sources.terraform.documents import Document

DEFAULT_ENVIRONMENTS = Environments()


def _everything(_: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Facts:
    """What the sources saw: everything, and what counts for the judged environment."""

    tree: Tree
    resources: tuple[Resource, ...]
    gaps: tuple[Gap, ...]
    environments: Environments = DEFAULT_ENVIRONMENTS

    def judged(self) -> tuple[Resource, ...]:
        """The resources that count when the judged environment goes live: its own, and those of no named environment."""
        return tuple(r for r in self.resources if self.environments.judges(r.environment))

    def judged_gaps(self) -> tuple[Gap, ...]:
        """What leaves the judged environment incomplete."""
        return tuple(g for g in self.gaps if self.environments.judges(g.environment))


def sources(
    tree: Tree,
    documents: Sequence[Document] = (),
    rule_dirs: Sequence[Path] = (),
    environments: Environments = DEFAULT_ENVIRONMENTS,
    *,
    judged_only: bool = False,
    asks: Callable[[str], bool] = _everything,
    evidence: EvidenceRequest | None = None,
    render: bool = True,
    found: Sequence[Resource] = (),
) -> Iterator[Source]:
    """The sources that `tree`, or a plan or state given beside it, holds something for. Each is imported only then: reading Terraform costs nothing without Terraform. What only some
    checklists ask about is read where `asks` says so of the beginning of its kinds (`app/`). `found` is what the sources before have given."""
    formats = {file.format for file in tree.files.values() if file.in_scope}
    if Format.DOCKERFILE in formats:
        from gonogo.sources.dockerfile import DockerfileSource

        yield DockerfileSource()
    if Format.COMPOSE in formats:
        from gonogo.sources.compose import ComposeSource

        yield ComposeSource()
    if formats & {Format.KUBERNETES, Format.KUBERNETES_TEMPLATE, Format.KUSTOMIZATION, Format.HELM_CHART, Format.HELM_TEMPLATE}:
        from gonogo.sources.kubernetes import KubernetesSource

        yield KubernetesSource(render=render)
    from gonogo.sources.ci import PipelineSource

    yield PipelineSource()
    if documents or formats & {Format.TERRAFORM, Format.TERRAFORM_JSON, Format.TFVARS, Format.TERRAGRUNT}:
        from gonogo.sources.terraform_resources import TerraformSource

        yield TerraformSource(tuple(documents), tuple(rule_dirs), environments, judged_only)
    if formats & {Format.KUBERNETES_TEMPLATE, Format.JSONNET, Format.PROGRAM}:
        from gonogo.sources.unread import UnreadSource

        yield UnreadSource()
    if asks("repo/TestSuite"):
        from gonogo.sources.suites import TestSuiteSource

        yield TestSuiteSource()
    if asks("repo/ToolConfiguration"):
        from gonogo.sources.quality import ToolSource

        yield ToolSource()
    if asks("repo/Document"):
        from gonogo.sources.documents import DocumentSource

        yield DocumentSource()
    if asks("repo/Migrations"):
        from gonogo.sources.migrations import MigrationsSource

        yield MigrationsSource()
    from gonogo.sources.repository import RepositorySource

    yield RepositorySource()
    from gonogo.sources.application.set_up import is_set_up_by_code

    if asks("app/") or is_set_up_by_code(found):
        from gonogo.sources.application import ApplicationSource

        yield ApplicationSource()
    if evidence is not None and asks("evidence/"):
        from gonogo.sources.artefacts import ArtefactSource

        yield ArtefactSource(evidence)


def read_facts(
    root: Path,
    exclude: Sequence[str] = (),
    include: Sequence[str] = (),
    *,
    default_exclude: Sequence[str] = DEFAULT_EXCLUDE,
    standalone: bool = False,
    documents: Sequence[Document] = (),
    rule_dirs: Sequence[Path] = (),
    environments: Environments = DEFAULT_ENVIRONMENTS,
    judged_only: bool = False,
    installed: bool = True,
    asks: Callable[[str], bool] = _everything,
    evidence: EvidenceRequest | None = None,
    render: bool = True,
) -> Facts:
    """Every resource and gap of the tree at `root`, and of Terraform's plans and states of it; with `judged_only` without those
    that only other environments' Terraform declares. Raises `ConfigError` where what is configured of an environment is not there."""
    from gonogo.kinds.gcp import settle

    tree = open_tree(root, (*default_exclude, *exclude), include, standalone=standalone, installed=installed)
    _check_roots(tree, environments)
    resources: list[Resource] = []
    gaps: list[Gap] = list(tree.gaps)
    for source in sources(tree, documents, rule_dirs, environments, judged_only=judged_only, asks=asks, evidence=evidence, render=render, found=resources):
        for found in _guarded(source, tree):
            if isinstance(found, Resource):
                resources.append(found)
            else:
                gaps.append(found)
    # What code, a plan of it and commands say completes each other; what was is no part of that.
    was = [r for r in resources if r.origin is Origin.STATE]
    will_be = [r for r in resources if r.origin is not Origin.STATE]
    settled = (*settle(will_be), *settle(was))
    return Facts(tree, (*settled, *_in_force(settled, environments)), tuple(sorted(map(_with_derived, set(gaps)))), environments)


def _in_force(resources: Sequence[Resource], environments: Environments) -> Iterator[Resource]:
    """What Kubernetes makes of the workloads among the resources together, in the clusters of the judged environment."""
    if any(resource.kind.startswith(("apps/", "batch/", "core/Pod", "argoproj.io/", "apps.openshift.io/")) for resource in resources):
        from gonogo.cluster.built_in import built_in_roles
        from gonogo.cluster.effective import effective
        from gonogo.cluster.surroundings import surroundings
        from gonogo.kinds.gke import CLUSTER_KIND
        from gonogo.sources.manifests.placeholders import has_placeholder

        resources = [r for r in resources if r.kind != CLUSTER_KIND or environments.judges(r.environment)]
        yield from effective(resources, has_placeholder, built_in_roles())
        yield from surroundings(resources, has_placeholder)


def _with_derived(gap: Gap) -> Gap:
    """What is worked out of a kind is as incomplete as that kind."""
    if not gap.kinds or gap.kinds == ("*",):
        return gap
    from gonogo.kinds import effective, surroundings

    derivations = (*effective.DERIVED.items(), *surroundings.DERIVED.items())
    more = [derived for derived, kinds in derivations if not gap.touches(derived) and any(gap.touches(kind) for kind in kinds)]
    return replace(gap, kinds=(*gap.kinds, *more)) if more else gap


def _check_roots(tree: Tree, environments: Environments) -> None:
    terraform = {f.directory for f in tree.of(Format.TERRAFORM, Format.TERRAFORM_JSON, Format.TERRAGRUNT, in_scope=False)}
    for environment in environments.configured:
        for glob in environment.roots:
            if not any(replace(environment, roots=(glob,)).claims(directory) for directory in terraform):
                raise ConfigError(f"environments.{environment.name}.roots: {glob} is no directory with Terraform below {tree.root}")


def read_terraform_values(
    root: Path,
    exclude: Sequence[str] = (),
    include: Sequence[str] = (),
    environments: Environments = DEFAULT_ENVIRONMENTS,
    *,
    rule_dirs: Sequence[Path] = (),
) -> dict[str, object]:
    """The values of every instance of every Terraform root module of the tree at `root`, as JSON data. Raises as `read_facts`."""
    from gonogo.engine.facts import terraform_document
    from gonogo.rules.modules import load_module_index
    from gonogo.sources.terraform.adapters import ModuleAdapters
    from gonogo.sources.terraform.evaluate import evaluate_values

    tree = open_tree(root, (*DEFAULT_EXCLUDE, *exclude), include)
    _check_roots(tree, environments)
    roots, gaps = evaluate_values(tree, ModuleAdapters(lambda: load_module_index(rule_dirs)), environments)
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
    """Scan a tree and decide. Raises `RuleSetError`, `ChecklistError` and `ConfigError` on the user's errors."""
    started = request.clock()
    rules = load_rules(request.rule_dirs)
    asked = questions(request, rules)
    facts = read_code(request, asked)
    judged = facts.judged()
    inventory = Inventory((*judged, *request.scans), facts.judged_gaps(), rules.relations)
    return Examined(judge(request, rules, asked, inventory, started, facts), judged)


def read_code(request: ScanRequest, asked: Questions) -> Facts:
    """What the tree of a request holds of the judged environment and is asked about. Raises `ConfigError`."""
    facts = read_facts(
        request.root,
        request.config.exclude,
        request.config.include,
        documents=request.documents,
        rule_dirs=request.rule_dirs,
        environments=request.environments,
        judged_only=True,
        installed=request.installed,
        render=request.render,
        asks=asked.asks,
        evidence=EvidenceRequest(request.clock(), request.config.evidence, request.evidence, request.config.exclude) if asked.asks("evidence/") else None,
    )
    _check_environment(request, facts)
    return facts


def judge(request: ScanRequest, rules: RuleSet, questions: Questions, inventory: Inventory, started: datetime, facts: Facts | None) -> Assessment:
    """Ask every rule and decide. Without `facts` there was no tree to look at. Raises `ConfigError` for attestations and waivers of what is not there."""
    comments = tuple(_commented_files(facts)) if facts is not None else ()
    today = started.astimezone(UTC).date()
    gate, checklists = request.config.gate, questions.checklists
    waivers, remarks = _waivers(request, rules, comments, today)
    asked = Judge(rules, inventory, waivers, request.known, questions.controls)
    controls = asked.all()
    bindings = scoped(questions.bindings, gate) if checklists else _catalogue(rules, controls)
    said = _signed(request, rules, bindings, asked, today)
    items = tuple(request.known.item(said.item(_item_result(binding, asked, said))) for binding in bindings)
    severities = [asked.severity(item.binding.controls) for item in items]
    late = lapsed(said.current, today)
    others = (*_too_many(waivers.active() + len(said.gaps), gate), *(() if gate.allow_expired else late.blockers), *(unmatched(bindings, gate) if checklists else ()))
    ruling = decide(items, severities, gate, others)
    notes = [f"{c.file}:{line}: {text}" for c in checklists for line, text in c.notes]
    if not checklists:
        counted = {item.binding.controls[0]: item.without_baseline for item in items}
        controls = tuple(replace(c, without_baseline=counted.get(c.id, c.without_baseline)) for c in controls)
    assessment = Assessment(
        decision=ruling.decision,
        blockers=ruling.blockers,
        coverage=ruling.coverage,
        items=items if checklists else (),
        controls=controls,
        findings=tuple(f for c in controls for f in c.findings),
        gaps=tuple(sorted({*inventory.gaps, *(facts.gaps if facts is not None else ())})),
        warnings=(
            *remarks, *late.remarks, *said.remarks(bindings), *asked.unused_waivers(),
            *(unmatched_optional(bindings, gate) if checklists else ()), *(_not_judged(facts) if facts is not None else ()), *notes,
        ),  # fmt: skip
        rules=_described(rules, controls, items),
        inputs={**_inputs(request, facts), **request.known.inputs},
        versions={"gonogo": __version__},
        started=stamp(started),
        finished=stamp(request.clock()),
    )
    return replace(assessment, warnings=(*assessment.warnings, *request.known.remarks(assessment)))


def _described(rules: RuleSet, controls: Sequence[ControlResult], items: Sequence[ItemResult]) -> tuple[RuleDescription, ...]:
    """The rules that a reader has to be told about: of which something is violated or unknown."""
    findings = (f for result in (*(c.findings for c in controls), *(i.findings for i in items)) for f in result)
    bad = {f.rule for f in findings if f.verdict in (Verdict.VIOLATED, Verdict.UNKNOWN)}
    security = {control.id for control in rules.controls if control.security}
    return tuple(
        RuleDescription(rule.id, rule.control, rule.title, rule.why, rule.fix, rule.references, rule.control in security)
        for rule in rules.rules
        if rule.id in bad
    )


def _check_environment(request: ScanRequest, facts: Facts) -> None:
    here = {r.environment for r in facts.resources} - {""}
    if facts.environments.known(request.environment) or request.environment in here:
        return
    names = {PRODUCTION, *here, *(e.name for e in facts.environments.configured)}
    raise ConfigError(f"no environment is called {request.environment}; there are {', '.join(sorted(names))}, and [environments.NAME] in gonogo.toml adds one")


def _catalogue(rules: RuleSet, controls: Sequence[ControlResult]) -> tuple[Binding, ...]:
    from gonogo.checklist.binding import bind_catalogue

    # Nobody asked about the code where none was given: it is reported as not looked at, and leaves the decision alone.
    unasked = {c.id for c in controls if not c.findings and c.reasons == (NO_CODE,)}
    return bind_catalogue([c for c in catalogue(rules.controls) if c.id not in unasked])


def _waivers(request: ScanRequest, rules: RuleSet, comments: Sequence[tuple[str, str]], today: date) -> tuple[Waivers, tuple[str, ...]]:
    """The waivers in force, beside what they excuse, in the waivers' file and of other tools, and remarks on those that are not. Raises `ConfigError`."""
    try:
        waivable = waivable_of(rules.controls, request.config.gate)
        inline, warnings = collect(comments, waivable, today)
        foreign, remarks = foreign_waivers(comments, request.config.ignores_of, today)
        refused = [f"{w.location}: {w.control} may not be waived; the {w.tool} ignore does not count" for w in foreign if not waivable[w.control]]
        filed = of_controls(request.waivers, waivable, today)
    except RegisterError as error:
        raise ConfigError(printable_lines(str(error))) from None
    return joined(inline, (*filed, *(w for w in foreign if waivable[w.control]))), (*warnings, *remarks, *refused)


def _signed(request: ScanRequest, rules: RuleSet, bindings: Sequence[Binding], judge: Judge, today: date) -> Signed:
    """What people signed for. Raises `ConfigError`."""
    try:
        waivable = waivable_of(rules.controls, request.config.gate)
        return signed(request.attestations, request.waivers, bindings, waivable, judge.decides, today, request.release, judge.planes)
    except RegisterError as error:
        raise ConfigError(printable_lines(str(error))) from None


def _too_many(active: int, gate: Gate) -> Iterator[Blocker]:
    if gate.max_waivers is not None and active > gate.max_waivers:
        yield Blocker(BlockerKind.WAIVERS, f"{active} waivers are in force, and [gate] max_waivers allows {gate.max_waivers}")


def _item_result(binding: Binding, judge: Judge, said: Signed) -> ItemResult:
    from gonogo.checklist.verdicts import item_result

    def control(identifier: str, parameters: Mapping[str, Value]) -> ControlResult:
        if binding.source is BindingSource.CATALOGUE:
            return judge.control(identifier, parameters)
        return said.control(judge.required(identifier, parameters))

    return item_result(binding, control)


def _commented_files(facts: Facts) -> Iterator[tuple[str, str]]:
    """The files that hold evidence, with their text: an inline waiver stands beside what it excuses.

    In Markdown `gonogo: ignore` is about an item of a checklist, and an example in a document is about nothing.
    """
    for path in sorted({place.file for r in facts.resources for place in r.locations.values()}):
        if path in facts.tree.files and not path.endswith(".md"):
            try:
                yield path, facts.tree.text(path)
            except Unreadable:
                continue  # a gap of the source that reads it


def _not_judged(facts: Facts) -> Iterator[str]:
    """Plans and states were given to be judged, and those of another environment are not."""
    words = {Origin.PLANNED: "plan", Origin.STATE: "state"}
    found = {(r.origin, r.environment) for r in facts.resources if r.origin in words and not facts.environments.judges(r.environment)}
    for origin, other in sorted(found):
        yield f"a {words[origin]} is of {other} and is not judged: {facts.environments.judged} goes live (--env {other} judges that)"


def _inputs(request: ScanRequest, facts: Facts | None) -> dict[str, object]:
    gate = request.config.gate
    gates = {"fail_on": gate.fail_on.value, "unknown": "block" if gate.unknown_blocks else "warn", "require_reviewed": gate.require_reviewed}
    if request.release:
        gates["release"] = request.release
    if facts is None:
        return {"root": "", "checklists": [str(p) for p in request.checklists], "environment": request.environments.judged, **gates}
    seen = Counter(f.format.label for f in facts.tree.files.values() if f.in_scope)
    left_out = Counter(f.path.split("/")[0] + "/" for f in facts.tree.files.values() if not f.in_scope and "/" in f.path)
    return {
        "root": request.root.name,
        "checklists": [str(p) for p in request.checklists],
        "environment": facts.environments.judged,
        **gates,
        **({"prefix": facts.tree.prefix} if facts.tree.prefix else {}),
        **({"documents": [{"file": d.file, "origin": d.origin.value} for d in request.documents]} if request.documents else {}),
        "files": len(facts.tree.files),
        "formats": dict(sorted(seen.items())),
        "out_of_scope": dict(sorted(left_out.items())),
        "other_environments": dict(sorted(Counter(r.environment for r in facts.resources if not facts.environments.judges(r.environment)).items())),
        "instances": [{**r.attributes, "environment": r.environment} for r in facts.resources if r.kind == TERRAFORM_ROOT],
    }


def stamp(moment: datetime) -> str:
    """A moment as the assessment has it: UTC, `2026-11-23T10:00:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

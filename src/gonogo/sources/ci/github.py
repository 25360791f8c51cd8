"""GitHub Actions workflows: jobs and steps, local actions and reusable workflows followed, scripts read.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax
"""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gonogo.formats.yaml_reader import Document
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Stage
from gonogo.model.value import Path, Unknown, Value, lookup
from gonogo.sources.ci.databases import image_names
from gonogo.sources.ci.follow import Follower, Found
from gonogo.sources.ci.github_expressions import Scope
from gonogo.sources.ci.github_jobs import (
    both,
    combinations,
    counts_of,
    default_shell,
    deployment_environment,
    either_manual,
    empty_matrix,
    inputs_of,
    looked_at_later,
    mapping,
    only_after_failure,
    reached,
    run_defaults,
    started_by_person,
    variables_of,
)
from gonogo.sources.ci.github_triggers import narrowed, starts_for_code, triggers_of
from gonogo.sources.ci.script import in_yaml, on_one_line
from gonogo.sources.ci.shell.run import Counts, Settings, Text
from gonogo.sources.ci.steps import Job, Observation, StepContext
from gonogo.sources.ci.tools import Answer, Purpose
from gonogo.sources.classify import CI_KINDS, Format
from gonogo.sources.tree import Tree, Unreadable

SYSTEM = "github-actions"
MAX_NESTING = 6
DIRECTORY = ".github/workflows"

# Inputs by which actions are commonly given commands to run.
_SCRIPT_INPUTS = ("run", "script", "command", "commands", "cmd", "shell-command", "custom_command", "custom-command", "run-command")
_SHELLS: Mapping[str, tuple[Counts, bool]] = {
    "": (True, False),
    "bash": (True, True),
    "sh": (True, False),
    "pwsh": (None, False),
    "powershell": (None, False),
    "cmd": (None, False),
}
# What docker/metadata-action makes when its `tags` input is not given.
_METADATA_DEFAULT = "type=schedule\ntype=ref,event=branch\ntype=ref,event=tag\ntype=ref,event=pr"


@dataclass(frozen=True, slots=True)
class _Workflow:
    """A workflow file that is being read, as itself or for a caller."""

    document: Document
    lines: tuple[str, ...]
    scope: Scope
    job: Job
    stack: tuple[str, ...]

    @property
    def file(self) -> str:
        return self.document.file

    def at(self, *path: str | int) -> Location:
        return self.document.locations.get(path) or Location(self.file)


@dataclass(frozen=True, slots=True)
class GitHubReader:
    """Reads every workflow of a tree."""

    tree: Tree
    follower: Follower

    def read(self) -> Iterator[Found]:
        """What the workflows run."""
        documents: dict[str, Document] = {}
        for file in self.tree.of(Format.GITHUB_WORKFLOW):
            found = self._document(file.path)
            if isinstance(found, Gap):
                yield found
            elif found is not None:
                documents[file.path] = found
        names = {str(lookup(d.value, "name", default=path)): d for path, d in documents.items()}
        for path in documents:
            yield from self._workflow(path, documents[path], names)

    def _document(self, path: str) -> Document | Gap | None:
        try:
            read = self.tree.yaml(path)
        except Unreadable as error:
            return Gap(path, 0, Stage.READ, str(error), "ci", CI_KINDS)
        if read.error:
            return Gap(path, read.error_line, Stage.PARSE, read.error, "ci", CI_KINDS)
        if not read.documents or not isinstance(read.documents[0].value, Mapping):
            return None
        return read.documents[0]

    def _workflow(self, path: str, document: Document, names: Mapping[str, Document]) -> Iterator[Found]:
        triggers = triggers_of(document.value, names)
        events = {e for e in triggers if e != "workflow_call"}
        if not events and "workflow_call" in triggers:
            return  # what nothing starts but a caller is read for its callers
        effective: Answer = True
        because = ""
        whole = posixpath.join(self.tree.prefix, path)
        if posixpath.dirname(whole) != DIRECTORY:
            effective, because = False, f"GitHub runs only what lies in {DIRECTORY} at the root of the repository"
        elif not events:
            effective, because = False, "no branch starts it" if lookup(document.value, "on", default=None) else "the workflow has no trigger"
        else:
            effective = starts_for_code(document.value, events, self.tree.files)
        # Inputs of a dispatch are left open: a person may type anything.
        scope = Scope({}, frozenset({"push" if e == "tag" else e for e in events}))
        job = Job(SYSTEM, path, "", path, tuple(sorted(events)), effective, because, manual=started_by_person(events))
        workflow = _Workflow(document, tuple(self.tree.text(path).splitlines()), scope, job, (path,))
        yield from self._jobs(workflow)

    def _jobs(self, workflow: _Workflow) -> Iterator[Found]:
        value = workflow.document.value
        scope = workflow.scope.with_values(variables_of(lookup(value, "env"), workflow.scope))
        jobs = lookup(value, "jobs")
        if not isinstance(jobs, Mapping):
            return
        conditions: dict[str, Answer] = {}
        for name, body in jobs.items():
            if isinstance(body, Mapping):
                conditions[name] = scope.condition(body.get("if"))
        for name, body in jobs.items():
            if not isinstance(body, Mapping):
                continue
            effective = reached(name, jobs, conditions, set())
            for combination in combinations(body, scope):
                yield from self._job(replace(workflow, scope=scope.with_values(combination)), name, body, effective)

    def _job(self, workflow: _Workflow, name: str, body: Mapping[str, Value], reach: Answer) -> Iterator[Found]:
        outer = workflow.job
        scope = workflow.scope.with_values(variables_of(body.get("env"), workflow.scope))
        effective = both(outer.effective, reach)
        because = outer.ineffective_because or ("its condition is never true" if effective is False else "")
        if effective is not False and empty_matrix(body):
            effective, because = False, "its matrix is empty"
        late = only_after_failure(body.get("if"))
        if effective is not False and late and not body.get("needs"):
            effective, because = False, "it waits for a failure, and nothing comes before it"
        events = narrowed(outer.triggers, body.get("if"))
        environment = deployment_environment(body.get("environment"), scope)
        job = replace(
            outer,
            file=workflow.file,
            name=f"{outer.name}/{name}" if outer.name else name,
            triggers=events,
            manual=either_manual(outer.manual, started_by_person(set(events))),
            effective=effective,
            ineffective_because=because,
            environment=outer.environment if environment is None else environment,
            counts=False if late else counts_of(body.get("continue-on-error"), outer.counts),
            services=image_names(body.get("services")),
            attests=lookup(body, "permissions", "attestations", default=None) == "write",
        )
        inner = replace(workflow, scope=scope, job=job)
        if environment is not None:
            yield Observation(job, "environment", workflow.at("jobs", name, "environment"), Purpose())
        uses = body.get("uses")
        if isinstance(uses, str):
            yield from self._reusable(inner, name, uses, body)
            return
        defaults = {"shell": default_shell(body, scope), **run_defaults(workflow.document.value, body)}
        steps = body.get("steps")
        if isinstance(steps, Sequence) and not isinstance(steps, str):
            yield from self._steps(inner, ("jobs", name, "steps"), steps, defaults, effective)

    def _reusable(self, workflow: _Workflow, name: str, uses: str, body: Mapping[str, Value]) -> Iterator[Found]:
        at = workflow.at("jobs", name, "uses")
        if not uses.startswith("./"):
            action, _, reference = uses.partition("@")
            given = {k: workflow.scope.expand(v) for k, v in mapping(body.get("with")).items()}
            label = re.sub(r"/?\.github/workflows/", "/", action)
            purpose = self.follower.toolbox.action(action, given)
            if purpose is None:
                purpose = self.follower.toolbox.hinted(label.partition("/")[2], f"the reusable workflow {action}")
            job = workflow.job
            yield Observation(job, action, at, purpose, None, job.effective, action=action, reference=reference, inputs=given)
            return
        path = self._local(uses)
        if path is None or path in workflow.stack or len(workflow.stack) > MAX_NESTING:
            if path is None:
                yield Gap(at.file, at.line, Stage.READ, f"the reusable workflow {uses} is not in the scanned tree", "ci", CI_KINDS)
            return
        document = self._document(path)
        if not isinstance(document, Document):
            return  # its own gap is given where it is read as a file
        inputs = inputs_of(lookup(document.value, "on", "workflow_call", "inputs"), body.get("with"), workflow.scope)
        held = {k: v for k, v in workflow.scope.values.items() if not k.startswith(("env.", "matrix.", "inputs.", "steps."))}
        scope = Scope({**held, **inputs}, workflow.scope.events)
        lines = tuple(self.tree.text(path).splitlines())
        called = _Workflow(document, lines, scope, workflow.job, (*workflow.stack, path))
        yield from self._jobs(called)

    def _local(self, uses: str) -> str | None:
        """The path of `./…`, which is relative to the root of the repository."""
        path = posixpath.normpath(uses.partition("@")[0])
        root = f"{self.tree.prefix}/" if self.tree.prefix else ""
        if not path.startswith(root):
            return None
        return path[len(root) :] if path[len(root) :] in self.tree.files else None

    # Steps

    def _steps(
        self, workflow: _Workflow, base: Path, steps: Sequence[Value], defaults: Mapping[str, str], effective: Answer, prefix: str = ""
    ) -> Iterator[Found]:
        scope = workflow.scope
        for index, step in enumerate(steps):
            if not isinstance(step, Mapping):
                continue
            environment = variables_of(step.get("env"), scope)
            inner = replace(workflow, scope=scope.with_values(environment))
            condition = both(effective, inner.scope.condition(step.get("if")))
            job = replace(workflow.job, triggers=narrowed(workflow.job.triggers, step.get("if")))
            if condition is False and effective is not False:
                job = replace(job, ineffective_because="its condition is never true")
            counts = counts_of(step.get("continue-on-error"), job.counts)
            if counts is False and job.counts is not False:
                counts = looked_at_later(step, steps[index + 1 :])
            if only_after_failure(step.get("if")):
                counts = False
                if index == 0 and condition is not False:
                    condition, job = False, replace(job, ineffective_because="it waits for a failure, and nothing comes before it")
            uses = step.get("uses")
            run = step.get("run")
            label = str(step.get("name") or step.get("id") or (uses if isinstance(uses, str) else "") or "run").partition("@")[0]
            context = StepContext(job, f"{prefix}{label}", counts, condition)
            at: Path = (*base, index)
            if isinstance(uses, str):
                yield from self._uses(inner, at, uses, step, context, defaults)
                if str(uses).lower().startswith("docker/metadata-action") and step.get("id"):
                    tags = inner.scope.expand(lookup(step, "with", "tags")).text or _METADATA_DEFAULT
                    scope = scope.with_values({f"steps.{step['id']}.outputs.tags": "metadata-action:" + ";".join(tags.split("\n"))})
            elif isinstance(run, str):
                yield from self._run(inner, at, run, step, context, defaults)
            scope = scope.with_values(_written_outputs(step, run))

    def _run(
        self, workflow: _Workflow, at: Path, run: str, step: Mapping[str, Value], context: StepContext, defaults: Mapping[str, str]
    ) -> Iterator[Found]:
        shell = str(step.get("shell") or defaults.get("shell", ""))
        name = shell.split()[0] if shell.strip() else ""
        if posixpath.basename(name) in ("python", "python3", "node", "perl", "ruby"):
            return
        place = workflow.at(*at, "run")
        whole = re.fullmatch(r"\s*\$\{\{(.*?)\}\}\s*", run, re.S)
        resolved = workflow.scope.resolve(whole.group(1).strip()) if whole else None
        script = in_yaml(workflow.lines, place, run) if resolved is None else on_one_line(place.file, resolved, place.line)
        if name in ("pwsh", "powershell"):
            script = replace(script, text=re.sub(r"`(\r?\n)", r"\\\1", script.text))
        errexit, pipefail = _shell_options(shell)
        yield from self.follower.script(script, self._settings(workflow, step, defaults, errexit, pipefail), context)

    def _settings(
        self, workflow: _Workflow, step: Mapping[str, Value], defaults: Mapping[str, str], errexit: Counts, pipefail: bool
    ) -> Settings:
        directory = workflow.scope.expand(step.get("working-directory") or defaults.get("working-directory", ""))
        variables = {name[4:]: Text(value) for name, value in workflow.scope.values.items() if name.startswith("env.")}
        cased = {name.upper(): text for name, text in variables.items()}
        place = posixpath.normpath(directory.text) if directory.known and directory.text else ""
        return Settings(
            errexit,
            pipefail,
            (None if not directory.known else "" if place == "." else place),
            {**variables, **cased},
            resolve=workflow.scope.resolve,
        )

    def _uses(
        self, workflow: _Workflow, at: Path, uses: str, step: Mapping[str, Value], context: StepContext, defaults: Mapping[str, str]
    ) -> Iterator[Found]:
        inputs = {str(key): workflow.scope.expand(value) for key, value in mapping(step.get("with")).items()}
        place = workflow.at(*at, "uses")
        if uses.startswith(("./", "../")):
            yield from self._local_action(workflow, at, uses, inputs, context)
            return
        settings = self._settings(workflow, step, defaults, True, True)
        if uses.startswith("docker://"):
            program = self.follower.toolbox.program(uses.removeprefix("docker://"))
            arguments = _split(inputs.get("args", Text("")))
            if program is not None:
                yield from self.follower.words([Text(program), *arguments], place, settings, context)
            return
        action, _, reference = uses.partition("@")
        lowered = action.lower()
        if lowered in ("goreleaser/goreleaser-action",):
            yield from self.follower.words([Text("goreleaser"), *_split(inputs.get("args", Text("")))], place, settings, context)
            return
        if lowered.startswith(("gradle/gradle-build-action", "gradle/actions/setup-gradle")) and "arguments" in inputs:
            yield from self.follower.words([Text("gradle"), *_split(inputs["arguments"])], place, settings, context)
            return
        environment = {name[4:]: Text(value) for name, value in workflow.scope.values.items() if name.startswith("env.")}
        purpose = self.follower.toolbox.action(action, inputs, environment)
        known = purpose is not None
        if purpose is None:
            label = action.partition("/")[2]
            purpose = self.follower.toolbox.hinted(label, f"the action {action}")
            if workflow.job.attests and "imageBuild" in purpose.does:
                maybe = Unknown.because(f"what the action {action} attests is not in this repository")
                purpose = replace(purpose, does={**purpose.does, "imageSign": maybe})
        if purpose or not known:
            yield Observation(
                context.job, context.name, place, purpose, context.counts, context.effective, action=action, reference=reference,
                inputs=inputs, environment=environment,
            )  # fmt: skip
        if not known:
            for name in _SCRIPT_INPUTS:
                if name in inputs and ("\n" in inputs[name].text or " " in inputs[name].text):
                    where = workflow.at(*at, "with", name)
                    script = in_yaml(workflow.lines, where, str(lookup(step, "with", name)))
                    # It may be any language: what is not shell is no gap of ours.
                    found = self.follower.script(script, replace(settings, errexit=None, counts=None), context)
                    yield from (item for item in found if isinstance(item, Observation))
        cloud_run = _cloud_run_command(lowered, inputs)
        if cloud_run:
            yield from self.follower.words(cloud_run, place, settings, replace(context, name=context.name))

    def _local_action(self, workflow: _Workflow, at: Path, uses: str, inputs: Mapping[str, Text], context: StepContext) -> Iterator[Found]:
        place = workflow.at(*at, "uses")
        path = next((p for n in ("action.yml", "action.yaml") if (p := self._local(f"{uses.rstrip('/')}/{n}")) is not None), None)
        if path is None:
            # Often an action that a previous step has checked out.
            purpose = self.follower.toolbox.hinted(posixpath.basename(uses.rstrip("/")), f"the action {uses}")
            yield Observation(context.job, context.name, place, purpose, context.counts, context.effective, action=uses, inputs=inputs)
            return
        if path in workflow.stack or len(workflow.stack) > MAX_NESTING:
            return
        document = self._document(path)
        if isinstance(document, Gap):
            yield document
            return
        steps = lookup(document.value, "runs", "steps", default=None) if document is not None else None
        if document is None or not isinstance(steps, Sequence) or isinstance(steps, str):
            purpose = self.follower.toolbox.hinted(posixpath.basename(posixpath.dirname(path)), f"the action {uses}")
            yield Observation(context.job, context.name, place, purpose, context.counts, context.effective, action=uses, inputs=inputs)
            return
        given: dict[str, Value] = {name: text.text for name, text in inputs.items() if text.known}
        values = inputs_of(lookup(document.value, "inputs"), given, Scope(), set(inputs) - set(given))
        held = {k: v for k, v in workflow.scope.values.items() if not k.startswith(("inputs.", "steps.", "matrix."))}
        lines = tuple(self.tree.text(path).splitlines())
        job = replace(context.job, counts=context.counts)
        called = _Workflow(document, lines, Scope({**held, **values}, workflow.scope.events), job, (*workflow.stack, path))
        yield from self._steps(called, ("runs", "steps"), steps, {}, context.effective, f"{context.name} / ")


def _shell_options(shell: str) -> tuple[Counts, bool]:
    """errexit and pipefail of `shell:`; a custom one (`bash -el {0}`) says so itself."""
    if "{0}" in shell:
        return bool(re.search(r"\s-\w*e", shell)), "pipefail" in shell
    return _SHELLS.get(shell.strip(), (True, False))


def _split(text: Text) -> list[Text]:
    try:
        fields = shlex.split(text.text)
    except ValueError:
        fields = text.text.split()
    return [Text(item, text.known or "${{" not in item) for item in fields]


def _written_outputs(step: Mapping[str, Value], run: Value) -> dict[str, str]:
    """Outputs that a script sets to literal text: `echo "name=value" >> $GITHUB_OUTPUT`."""
    identifier = step.get("id")
    if not isinstance(run, str) or not isinstance(identifier, str):
        return {}
    found = re.findall(r"^\s*echo\s+[\"']?([A-Za-z_][\w-]*)=([^\s\"'$`]+)[\"']?\s*>>\s*[\"']?\$\{?GITHUB_OUTPUT", run, re.M)
    counts = {name: sum(1 for other, _ in found if other == name) for name, _ in found}
    return {f"steps.{identifier}.outputs.{name}": value for name, value in found if counts[name] == 1}


def _cloud_run_command(action: str, inputs: Mapping[str, Text]) -> list[Text]:
    """google-github-actions/deploy-cloudrun as the gcloud command that it runs."""
    if action != "google-github-actions/deploy-cloudrun" or not any(inputs.get(k) for k in ("service", "image", "source")):
        return []
    words = [Text("gcloud"), Text("run"), Text("deploy")]
    if "service" in inputs:
        words.append(inputs["service"])
    for name, flag in (
        ("image", "image"),
        ("region", "region"),
        ("project_id", "project"),
        ("suffix", "revision-suffix"),
        ("source", "source"),
        ("tag", "tag"),
    ):
        if name in inputs:
            words.append(Text(f"--{flag}={inputs[name].text}", inputs[name].known))
    if inputs.get("no_traffic", Text("")).text == "true":
        words.append(Text("--no-traffic"))
    for name, flag in (("env_vars", "set-env-vars"), ("secrets", "set-secrets"), ("labels", "labels")):
        if name in inputs and inputs[name].text.strip():
            joined = ",".join(line.strip() for line in inputs[name].text.splitlines() if line.strip())
            words.append(Text(f"--{flag}={joined}", inputs[name].known))
    return [*words, *_split(inputs.get("flags", Text("")))]

"""Travis CI, CircleCI, Bitbucket, Azure Pipelines and Jenkins, as far as their scripts can be read without running anything."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from gonogo.formats.yaml_reader import Document
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Stage
from gonogo.model.value import Path, Value, lookup
from gonogo.sources.ci.follow import Follower, Found
from gonogo.sources.ci.jenkins import surroundings
from gonogo.sources.ci.script import consecutive, in_yaml, on_one_line
from gonogo.sources.ci.shell.run import Counts, Settings, Text
from gonogo.sources.ci.steps import Job, Observation, StepContext
from gonogo.sources.classify import CI_KINDS
from gonogo.sources.tree import Tree, Unreadable

# Jobs of Travis fail by these phases; `after_*` never fail a build. https://docs.travis-ci.com/user/job-lifecycle
_TRAVIS = (
    ("before_install", True),
    ("install", True),
    ("before_script", True),
    ("script", True),
    ("after_success", False),
    ("after_script", False),
    ("before_deploy", True),
)
_JENKINS_STEP = re.compile(r"""\b(?:sh|bat)\s*\(?\s*(?:script\s*:\s*)?('''|\"\"\"|'|")""")
_JENKINS_MANUAL = re.compile(r"\binput\s*(\(|\{|message)")
MAX_DEPTH = 30

# Systems whose configuration is scripts under well-known keys, wherever those stand.
_GENERIC = {
    r"\.drone\.ya?ml": "drone",
    r"\.woodpecker(/[^/]+)?\.ya?ml": "woodpecker",
    r"\.buildkite/pipeline\.ya?ml": "buildkite",
    r"\.?appveyor\.ya?ml": "appveyor",
    r"codefresh\.ya?ml": "codefresh",
    r"\.semaphore/semaphore\.ya?ml": "semaphore",
    r"\.cirrus\.ya?ml": "cirrus",
}
_SCRIPT_KEYS = frozenset(
    (
        "script",
        "bash",
        "after-script",
        "commands",
        "command",
        "build_script",
        "test_script",
        "deploy_script",
        "before_build",
        "install_script",
        "main_script",
    )
)
_ERREXIT = frozenset({"bitbucket", "drone", "woodpecker", "cirrus", "semaphore"})


@dataclass(frozen=True, slots=True)
class OtherSystemsReader:
    """Reads the pipelines of the smaller systems, each at the one place where it runs."""

    tree: Tree
    follower: Follower

    def read(self) -> Iterator[Found]:
        """What these pipelines run."""
        for path in sorted(self.tree.files):
            file = self.tree.files[path]
            whole = posixpath.join(self.tree.prefix, path)
            if file.name == ".travis.yml" and file.in_scope:
                yield from self._yaml(path, "travis", whole == ".travis.yml", self._travis)
            elif whole.endswith(".circleci/config.yml") and file.in_scope:
                yield from self._yaml(path, "circleci", whole == ".circleci/config.yml", self._circleci)
            elif file.name == "bitbucket-pipelines.yml" and file.in_scope:
                yield from self._yaml(path, "bitbucket", whole == "bitbucket-pipelines.yml", self._nested)
            elif re.fullmatch(r"(\.?azure-pipelines.*|\.azuredevops/.*)\.ya?ml", whole) and file.in_scope:
                yield from self._yaml(path, "azure-pipelines", True, self._nested)
            elif (system := _generic_system(whole)) and file.in_scope:
                yield from self._yaml(path, system, True, self._nested)
            elif whole.startswith(".tekton/") and file.in_scope:
                yield Gap(path, 0, Stage.READ, "pipelines of Tekton are not read", "ci", CI_KINDS)
            elif re.fullmatch(r"(.*\.)?Jenkinsfile(\..*)?", file.name, re.I) and file.in_scope:
                yield from self._jenkins(path)

    def _yaml(self, path: str, system: str, runs: bool, reader: Callable[[_Source, Value], Iterator[Found]]) -> Iterator[Found]:
        try:
            read = self.tree.yaml(path)
            lines = tuple(self.tree.text(path).splitlines())
        except Unreadable as error:
            yield Gap(path, 0, Stage.READ, str(error), "ci", CI_KINDS)
            return
        if read.error:
            yield Gap(path, read.error_line, Stage.PARSE, read.error, "ci", CI_KINDS)
        if not read.documents or not isinstance(read.documents[0].value, Mapping):
            return
        because = "" if runs else f"{system} reads its configuration at the root of the repository only"
        job = Job(system, path, "", path, ("push",), runs, because)
        yield from reader(_Source(read.documents[0], lines, job), read.documents[0].value)

    # Travis

    def _travis(self, source: _Source, value: Value) -> Iterator[Found]:
        variables = _travis_variables(lookup(value, "env", default=None))
        yield from self._travis_job(source, value, (), "script", variables)
        jobs = lookup(value, "jobs", default=None) or lookup(value, "matrix", default=None)
        key = "jobs" if lookup(value, "jobs", default=None) else "matrix"
        include = lookup(jobs, "include", default=None)
        for index, entry in enumerate(include if isinstance(include, list) else []):
            name = str(lookup(entry, "name", default=None) or lookup(entry, "stage", default=None) or index)
            yield from self._travis_job(source, entry, (key, "include", index), name, variables)

    def _travis_job(self, source: _Source, value: Value, base: Path, name: str, variables: Mapping[str, Text]) -> Iterator[Found]:
        for phase, fails in _TRAVIS:
            commands = lookup(value, phase, default=None) if isinstance(value, Mapping) else None
            counts: Counts = fails
            job = source.named(name)
            for index, command in enumerate(_texts(commands)):
                script = in_yaml(source.lines, source.at(*base, phase, index), command)
                context = StepContext(job, phase, counts, job.effective)
                yield from self.follower.script(script, Settings(False, False, "", variables), context)

    # CircleCI

    def _circleci(self, source: _Source, value: Value) -> Iterator[Found]:
        held = lookup(value, "commands", default=None)
        commands: Mapping[str, Value] = held if isinstance(held, Mapping) else {}
        jobs = lookup(value, "jobs", default=None)
        approvals = _circle_approvals(lookup(value, "workflows", default=None))
        started = _circle_started(lookup(value, "workflows", default=None))
        for name, job in jobs.items() if isinstance(jobs, Mapping) else ():
            if not isinstance(job, Mapping):
                continue
            manual = name in approvals
            of_job = replace(source.job, name=name, manual=manual)
            if started is not None and name not in started:
                of_job = replace(of_job, effective=False, ineffective_because="no workflow runs it")
            inner = _Source(source.document, source.lines, of_job)
            yield from self._circle_steps(inner, ("jobs", name, "steps"), job.get("steps"), commands, set())
        for name, items in _circle_orb_jobs(lookup(value, "workflows", default=None), jobs):
            at = source.document.locations.get(items) or Location(source.document.file)
            purpose = self.follower.toolbox.hinted(name, f"the orb job {name}")
            if purpose:
                yield Observation(source.named(name), name, at, purpose, None, source.job.effective, action=name)

    def _circle_steps(self, source: _Source, path: Path, steps: Value, commands: Mapping[str, Value], seen: set[str]) -> Iterator[Found]:
        for index, step in enumerate(steps if isinstance(steps, list) else []):
            if isinstance(step, str) and step in commands and step not in seen:
                yield from self._circle_steps(
                    source, ("commands", step, "steps"), lookup(commands[step], "steps", default=None), commands, seen | {step}
                )
                continue
            if isinstance(step, Mapping):
                run = step.get("run")
                command = lookup(run, "command", default=None) if isinstance(run, Mapping) else run
                if isinstance(command, str):
                    at = source.at(*path, index, "run", "command") if isinstance(run, Mapping) else source.at(*path, index, "run")
                    name = str(lookup(run, "name", default=None) or "run") if isinstance(run, Mapping) else "run"
                    text = in_yaml(source.lines, at, re.sub(r"<<\s*([\w.]+)\s*>>", _blank, command))
                    context = StepContext(source.job, name, True, source.job.effective)
                    yield from self.follower.script(text, Settings(True, True, ""), context)
                    continue
                for name in step:
                    if name in commands and name not in seen:
                        inner = lookup(commands[name], "steps", default=None)
                        yield from self._circle_steps(source, ("commands", name, "steps"), inner, commands, seen | {name})
                    elif "/" in name:
                        yield from self._orb(source, name, (*path, index))
            elif isinstance(step, str) and "/" in step:
                yield from self._orb(source, step, (*path, index))

    def _orb(self, source: _Source, name: str, path: Path) -> Iterator[Found]:
        purpose = self.follower.toolbox.hinted(name, f"the orb command {name}")
        if purpose:
            yield Observation(source.job, name, source.at(*path), purpose, None, source.job.effective, action=name)

    # Bitbucket and Azure: scripts wherever they stand

    def _nested(self, source: _Source, value: Value, path: Path = ()) -> Iterator[Found]:
        if len(path) > MAX_DEPTH:
            return
        if isinstance(value, Mapping):
            inner = _Source(source.document, source.lines, _nested_job(source.job, value))
            for key, item in value.items():
                if key in _SCRIPT_KEYS and isinstance(item, str | list):
                    for index, text in enumerate(_texts(item)):
                        at = inner.at(*path, key, index) if isinstance(item, list) else inner.at(*path, key)
                        counts: Counts = inner.job.counts if key != "after-script" else False
                        name = str(value.get("name") or value.get("displayName") or key)
                        context = StepContext(inner.job, name, counts, inner.job.effective)
                        errexit: Counts = inner.job.system in _ERREXIT
                        yield from self.follower.script(in_yaml(inner.lines, at, text), Settings(errexit, False, ""), context)
                elif key == "image" and isinstance(item, str) and not any(k in value for k in _SCRIPT_KEYS):
                    yield from self._plugin(inner, item, value, (*path, key))
                else:
                    yield from self._nested(inner, item, (*path, key))
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield from self._nested(source, item, (*path, index))

    def _plugin(self, source: _Source, image: str, step: Mapping[str, Value], path: Path) -> Iterator[Found]:
        """A step of Drone or Woodpecker that is an image with settings."""
        settings = step.get("settings")
        inputs = {k: Text(" ".join(_texts(v)) or str(v)) for k, v in settings.items()} if isinstance(settings, Mapping) else {}
        purpose = self.follower.toolbox.action(image.partition("@")[0].rpartition(":")[0] or image, inputs)
        if purpose:
            yield Observation(
                source.job,
                str(step.get("name") or image),
                source.at(*path),
                purpose,
                True,
                source.job.effective,
                action=image,
                inputs=inputs,
            )

    # Jenkins

    def _jenkins(self, path: str) -> Iterator[Found]:
        """Scripts given to `sh` as literal text. Groovy itself is not evaluated: what a shared library runs is a gap."""
        try:
            text = self.tree.text(path)
        except Unreadable as error:
            yield Gap(path, 0, Stage.READ, str(error), "ci", CI_KINDS)
            return
        bare = re.sub(r"(?m)^\s*//[^\n]*$|/\*[\s\S]*?\*/", lambda m: re.sub(r"[^\n]", " ", m.group()), text)
        job = Job("jenkins", path, "pipeline", path, ("push",))
        for match in _JENKINS_STEP.finditer(bare):
            quote = match.group(1)
            end = bare.find(quote, match.end())
            while end > 0 and len(quote) == 1 and bare[end - 1] == "\\":
                end = bare.find(quote, end + 1)
            if end < 0:
                continue
            line = bare.count("\n", 0, match.end()) + 1
            script = bare[match.end() : end]
            stage = re.findall(r"stage\s*\(?\s*['\"]([^'\"]+)['\"]", bare[: match.start()])
            manual = bool(_JENKINS_MANUAL.search(bare[: match.start()]))
            around = surroundings(bare, match.start(), end)
            where = stage[-1] if stage else "pipeline"
            named = Job("jenkins", path, where, path, job.triggers, around.runs, around.because, manual, counts=around.counts)
            found = consecutive(path, script, line) if "\n" in script else on_one_line(path, script.replace("\\" + quote, quote), line)
            yield from self.follower.script(found, Settings(True, False, ""), StepContext(named, "sh", named.counts, named.effective))
        library = re.search(r"(?m)^\s*(@Library\b.*|library\s*[('\"].*)$", bare)
        if library and not _JENKINS_STEP.search(bare):
            line = bare.count("\n", 0, library.start(1)) + 1
            yield Gap(
                path, line, Stage.EVALUATE, "the pipeline is in a shared Jenkins library that is not in this repository", "ci", CI_KINDS
            )


@dataclass(frozen=True, slots=True)
class _Source:
    document: Document
    lines: tuple[str, ...]
    job: Job

    def at(self, *path: str | int) -> Location:
        locations = self.document.locations
        return locations.get(path) or locations.get(path[:-1]) or Location(self.document.file)

    def named(self, name: str) -> Job:
        return replace(self.job, name=name)


def _nested_job(job: Job, value: Mapping[str, Value]) -> Job:
    """The job as a stage, a job or a step narrows it. `condition` and `enabled` are Azure's."""
    if value.get("trigger") == "manual":
        job = replace(job, manual=True)
    if value.get("continueOnError") is True:
        job = replace(job, counts=False)
    condition = re.sub(r"\s", "", str(value.get("condition", ""))).lower()
    if condition in ("false", "eq(true,false)", "eq(1,0)") or value.get("enabled") is False:
        return replace(job, effective=False, ineffective_because="its condition is never true")
    return replace(job, counts=False) if condition == "failed()" else job


def _generic_system(path: str) -> str | None:
    return next((system for pattern, system in _GENERIC.items() if re.fullmatch(pattern, path)), None)


def _blank(match: re.Match[str]) -> str:
    return "${" + match.group(1).replace(".", "_") + "}"


def _texts(value: Value) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _travis_variables(value: Value) -> dict[str, Text]:
    entries = lookup(value, "global", default=None) if isinstance(value, Mapping) else value
    found: dict[str, Text] = {}
    for entry in _texts(entries):
        for name, text in re.findall(r"(\w+)=(\"[^\"]*\"|'[^']*'|\S+)", entry):
            found[name] = Text(text.strip("\"'"), "$" not in text)
    return found


def _circle_started(workflows: Value) -> set[str] | None:
    """The jobs that some workflow runs; None where there is no workflow, so that the job `build` is run."""
    if not isinstance(workflows, Mapping):
        return None
    found: set[str] = set()
    for workflow in workflows.values():
        jobs = lookup(workflow, "jobs", default=None) if isinstance(workflow, Mapping) else None
        for job in jobs if isinstance(jobs, list) else []:
            found |= {job} if isinstance(job, str) else set(job) if isinstance(job, Mapping) else set()
    return found


def _circle_approvals(workflows: Value) -> set[str]:
    """The jobs that wait for a job of type approval."""
    waiting: set[str] = set()
    for workflow in workflows.values() if isinstance(workflows, Mapping) else ():
        jobs = lookup(workflow, "jobs", default=None) if isinstance(workflow, Mapping) else None
        rows = [(n, b) for j in jobs if isinstance(j, Mapping) for n, b in j.items()] if isinstance(jobs, list) else []
        holds = {n for n, b in rows if isinstance(b, Mapping) and b.get("type") == "approval"}
        for name, body in rows:
            requires = lookup(body, "requires", default=None) if isinstance(body, Mapping) else None
            if isinstance(requires, list) and holds & {str(r) for r in requires}:
                waiting.add(name)
    return waiting


def _circle_orb_jobs(workflows: Value, jobs: Value) -> Iterator[tuple[str, Path]]:
    """Jobs of a workflow that are not in the file: they come from an orb."""
    own = set(jobs) if isinstance(jobs, Mapping) else set()
    for workflow, body in workflows.items() if isinstance(workflows, Mapping) else ():
        listed = lookup(body, "jobs", default=None) if isinstance(body, Mapping) else None
        for index, job in enumerate(listed if isinstance(listed, list) else []):
            for name in [job] if isinstance(job, str) else list(job) if isinstance(job, Mapping) else []:
                if "/" in name and name not in own:
                    yield name, ("workflows", workflow, "jobs", index)

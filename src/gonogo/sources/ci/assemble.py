"""From what pipelines run to `ci/Step` resources: what can only be said when all steps are known is worked out here."""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from gonogo.kinds.ci import PRACTICES, STEP
from gonogo.kinds.repository import ENVIRONMENT
from gonogo.model.location import Location
from gonogo.model.resource import Resource
from gonogo.model.value import Path, Unknown, Value
from gonogo.sources.ci.databases import STARTS, own_databases
from gonogo.sources.ci.gcloud import resources_of
from gonogo.sources.ci.selection import selection
from gonogo.sources.ci.shell.run import Counts, Text
from gonogo.sources.ci.steps import Observation
from gonogo.sources.ci.tags import version_tagged
from gonogo.sources.ci.tools import Answer
from gonogo.sources.code_tools import ROLES
from gonogo.sources.repository.environments import environment_of
from gonogo.sources.types_of_tests import load_types

_PUSH = frozenset({"push", "merge_group", "schedule"})
_AUTOMATIC = frozenset(
    {
        "push",
        "pull_request",
        "pull_request_target",
        "merge_group",
        "schedule",
        "merge_request",
        "workflow_run",
        "build-trigger",
        "check_suite",
        "status",
    }
)
_FINDING = frozenset({"imageScan", "staticAnalysis", "dynamicAnalysis"})
MAX_SHOWN = 160


def assemble(observations: Sequence[Observation]) -> Iterator[Resource]:
    """The steps, the environments that the CI system knows, and the Google Cloud resources that gcloud commands declare."""
    kept = _settled(_of_combinations([o for o in observations if o.purpose]))
    whole = _Whole(kept)
    seen: dict[str, list[Resource]] = defaultdict(list)
    for position, observation in enumerate(kept):
        resource = _step(observation, whole, position)
        same = seen[resource.name]
        if any(_said(r) == _said(resource) and r.locations[()] == resource.locations[()] for r in same):
            continue
        same.append(resource)
        yield resource if len(same) == 1 else replace(resource, name=f"{resource.name} ({len(same)})")
    yield from _environments(observations)
    yield from _google_cloud(observations)


def _of_combinations(observations: Sequence[Observation]) -> list[Observation]:
    """Without what one combination of a matrix leaves out and another one runs."""
    running = {(o.job.pipeline, o.job.name, o.step, o.at) for o in observations if o.effective is not False}
    return [o for o in observations if o.effective is not False or (o.job.pipeline, o.job.name, o.step, o.at) not in running]


def _settled(observations: Iterable[Observation]) -> list[Observation]:
    """Those that do what somebody asks for; a migration of a database that the job itself starts may be none."""
    held = list(observations)
    doubts = own_databases(held)
    doubted = (
        replace(o, purpose=replace(o.purpose, does={**o.purpose.does, "migration": doubts[number]})) if number in doubts else o for number, o in enumerate(held)
    )
    return [o for o in doubted if set(o.purpose.does) != {STARTS} or o.purpose.checks]


class _Whole:
    """Questions about all steps together."""

    def __init__(self, observations: Iterable[Observation]) -> None:
        self._by_pipeline: dict[str, list[Observation]] = defaultdict(list)
        self._all: list[Observation] = []
        for observation in observations:
            self._by_pipeline[observation.job.pipeline].append(observation)
            self._all.append(observation)

    def in_pipeline(self, observation: Observation, practice: str) -> Answer:
        """Whether some step of the same pipeline does it."""
        return _any(o for o in self._by_pipeline[observation.job.pipeline] if practice in o.purpose.does and o.effective is not False)(
            practice
        )

    def anywhere(self, practice: str) -> Answer:
        return _any(o for o in self._all if practice in o.purpose.does and o.effective is not False)(practice)

    def maybe(self, practice: str) -> Unknown | None:
        """Why it is not known whether some step does it; None where that is known of each."""
        unknown = [a for o in self._all if isinstance(a := o.purpose.does.get(practice), Unknown) and o.effective is not False]
        return Unknown.merge(unknown) if unknown else None

    def images(self, observation: Observation) -> list[Observation]:
        return [o for o in self._by_pipeline[observation.job.pipeline] if o.purpose.does.get("imageBuild") is True and o.purpose.images]

    def stored(self, observation: Observation) -> Answer:
        """Whether the same job keeps results: as an artifact, in a bucket, at a service."""
        job = observation.job.name
        return _any(o for o in self._by_pipeline[observation.job.pipeline] if o.job.name == job and "resultStore" in o.purpose.does and o.effective is not False)(
            "resultStore"
        )

    def holds_to_a_limit(self, observation: Observation) -> Answer:
        """Whether a step of the same pipeline fails when the coverage is below a limit."""
        limits = [o for o in self._by_pipeline[observation.job.pipeline] if "coverageLimit" in o.purpose.does and o.effective is not False]
        if any(o.counts is True for o in limits):
            return True
        return Unknown.because("whether a step that has a limit fails the job is decided at run time") if any(o.counts is None for o in limits) else False

    def only_uploads(self, observation: Observation) -> bool:
        """Whether a step publishes coverage, and no step of the pipeline runs what could measure it."""
        return _publishes(observation) and not any(
            {"tests", "coverage"} & set(o.purpose.does) and not _publishes(o) for o in self._by_pipeline[observation.job.pipeline] if o.effective is not False
        )

    def uploads(self, observation: Observation) -> bool:
        """Whether the report of a scanner is uploaded to code scanning by the same job."""
        report = observation.purpose.report
        for other in self._by_pipeline[observation.job.pipeline]:
            if other.job.name != observation.job.name or "reportUpload" not in other.purpose.does or other.effective is False:
                continue
            uploaded = other.purpose.report
            if report and (uploaded == report or not uploaded or report.startswith(uploaded.rstrip("/") + "/")):
                return True
            # `semgrep --sarif > report.sarif`: where its words name no file, what is uploaded beside it is taken for its report.
            if not report and "imageScan" not in observation.purpose.does:
                return True
        return False


def _publishes(observation: Observation) -> bool:
    """An action or a program that sends what another one has measured."""
    return "coverageReport" in observation.purpose.does and bool(observation.action or observation.command)


def _any(observations: Iterable[Observation]) -> Callable[[str], Answer]:
    held = list(observations)

    def answer(practice: str) -> Answer:
        answers = [o.purpose.does[practice] for o in held]
        if any(a is True for a in answers):
            return True
        unknown = [a for a in answers if isinstance(a, Unknown)]
        return Unknown.merge(unknown) if unknown else False

    return answer


def _said(step: Resource) -> dict[str, Value]:
    """What a step is, wherever it stands."""
    return {name: value for name, value in step.attributes.items() if name != "position"}


def _step(observation: Observation, whole: _Whole, position: int) -> Resource:
    job, purpose, command = observation.job, observation.purpose, observation.command
    does = purpose.does
    images = purpose.images
    if "imagePush" in does and (not images or _pushes_all_tags(observation)):
        named = {image.text for image in images}
        built = [text for other in whole.images(observation) for text in other.purpose.images]
        images = tuple(text for text in built if not named or text.text.rpartition(":")[0] in named)
    manual = _manual(observation)
    attributes: dict[str, Value] = {
        "system": job.system,
        "pipeline": job.pipeline,
        "job": job.name,
        "position": position,
        "name": observation.step,
        "action": observation.action or None,
        "reference": observation.reference or None,
        "program": command.program if command is not None else None,
        "arguments": [a.text[:MAX_SHOWN] for a in command.arguments] if command is not None else [],
        "triggers": list(job.triggers),
        "effective": observation.effective,
        "reason": job.ineffective_because or ("its condition is never true" if observation.effective is False else ""),
        "blocking": _blocking(observation.counts),
        "enforced": purpose.enforced,
        "reported": whole.uploads(observation) if _FINDING & set(does) else False,
        "manual": manual,
        "automatic": bool(_AUTOMATIC & set(job.triggers)) and job.manual is not True,
        "pushTriggered": _push_triggered(observation),
        "environmentName": job.environment,
        "tier": _tier(observation) if "deploy" in does else None,
        "images": [image.text[:MAX_SHOWN] for image in images],
        "versionTagged": _version_tagged(images, whole) if "imagePush" in does else None,
        "published": _published(observation, whole),
        "shifted": whole.anywhere("trafficShift") if "withoutTraffic" in does else None,
        "coverageReported": _coverage_reported(observation, whole),
        "checks": {name: purpose.checks.of(role) for role, name in ROLES.items()},
        **_tests(observation),
        "resultsStored": whole.stored(observation) if "benchmark" in does else None,
        "does": {practice: does.get(practice, False) for practice in PRACTICES},
    }
    locations: dict[Path, Location] = {(): observation.at}
    chains: dict[Path, tuple[Location, ...]] = {(): observation.script} if observation.script else {}
    return Resource(STEP, _name(observation), attributes, locations, chains, source="ci")


def _pushes_all_tags(observation: Observation) -> bool:
    """`docker push --all-tags NAME` pushes whatever tags the builds before it gave."""
    command = observation.command
    return command is not None and any(a.text in ("--all-tags", "-a") for a in command.arguments) and command.program in ("docker", "podman", "nerdctl")


def _tests(observation: Observation) -> dict[str, Value]:
    """Which tests the step runs, where it runs any."""
    if "tests" not in observation.purpose.does:
        return {"testTypes": [], "runsAllTests": False, "testsLeftOut": []}
    chosen = selection(observation.command, observation.action, load_types())
    return {"testTypes": chosen.types, "runsAllTests": chosen.whole, "testsLeftOut": chosen.left_out}


def _name(observation: Observation) -> str:
    job, command = observation.job, observation.command
    label = observation.action
    if command is not None:
        words = [word for options, word in command.words() if not options] or [word for _, word in command.words()]
        label = " ".join([command.program, *(w for w in words[:2] if re.fullmatch(r"[\w:.-]{1,30}", w))])
    place = f"{job.pipeline}: {job.name} / {observation.step}" if observation.step else f"{job.pipeline}: {job.name}"
    return place if not label or label == observation.step or observation.step.endswith(f"/ {label}") else f"{place}: {label}"


def _blocking(counts: Counts) -> Answer:
    return Unknown.because("whether a failure of this command fails the job is decided at run time") if counts is None else counts


def _manual(observation: Observation) -> Answer:
    job = observation.job
    if job.manual is True or isinstance(job.manual, Unknown):
        return job.manual
    if job.system == "cloud-build":
        return Unknown.because("whether the build trigger waits for an approval is a setting of the trigger")
    if isinstance(job.environment, Unknown):
        return job.environment
    if job.environment is not None:
        return Unknown.because(f"whether the environment {job.environment} waits for a reviewer is a setting of the repository")
    return False


def _push_triggered(observation: Observation) -> Answer:
    triggers = set(observation.job.triggers)
    if triggers == {"build-trigger"}:
        return Unknown.because("what starts the build is a trigger that is not in the repository")
    return bool(triggers & {"push", "merge_group"})


def _tier(observation: Observation) -> Value:
    """Which environment a deployment goes to: what the CI system says, else what the names around it say."""
    environment = observation.job.environment
    if isinstance(environment, Unknown):
        return environment
    if isinstance(environment, str) and (found := _tiers(environment, stated=True)):
        return next(iter(found)) if len(found) == 1 else Unknown.because(f"`{environment}` names several environments")
    command = observation.command
    for text in (
        observation.job.name,
        observation.step,
        posixpath.basename(observation.job.pipeline),
        command.line if command is not None else "",
    ):
        found = _tiers(text)
        if len(found) == 1:
            return next(iter(found))
        if found:
            break
    return Unknown.because("which environment this deploys to is not written here")


def _tiers(text: str, stated: bool = False) -> set[str]:
    """The environments that the words of a text name. `test` is one where it is `stated` to be, else the tests."""
    bare = re.sub(r"\$\{\{.*?\}\}|\$\{[^}]*\}|\$\w+|\.dev\b", " ", text)
    words = re.findall(r"[A-Za-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", bare))
    ambiguous: frozenset[str] = frozenset() if stated else frozenset({"test", "testing", "tst", "int", "integration", "live"})
    return {found for word in words if word.lower() not in ambiguous and (found := environment_of(word))}


def _version_tagged(images: Sequence[Text], whole: _Whole) -> Answer:
    """A moving tag is a defect where nothing else pushes; what may push beside it may use another tag."""
    answer = version_tagged(images)
    others = whole.maybe("imagePush")
    return others if answer is False and others is not None else answer


def _published(observation: Observation, whole: _Whole) -> Value:
    if "imageBuild" not in observation.purpose.does:
        return None
    own = observation.purpose.does.get("imagePush", False)
    if own is True:
        return True
    around = whole.in_pipeline(observation, "imagePush")
    if around is not False:
        return around
    # Built here for a test, perhaps; what may build it elsewhere may push it too.
    others = whole.maybe("imageBuild")
    return others if own is False and others is not None else own


def _coverage_reported(observation: Observation, whole: _Whole) -> Value:
    if "coverage" not in observation.purpose.does:
        return None
    held = whole.holds_to_a_limit(observation)
    published = whole.in_pipeline(observation, "coverageReport")
    if held is True or published is False:
        return held
    if published is True and whole.only_uploads(observation):
        return Unknown.because("nothing in this pipeline is seen to measure the coverage")
    return published


def _environments(observations: Iterable[Observation]) -> Iterator[Resource]:
    """The deployment environments that pipelines name: the CI system keeps variables, secrets and rules for each."""
    found: dict[str, Observation] = {}
    for observation in observations:
        name = observation.job.environment
        if isinstance(name, str) and observation.effective is not False and observation.job.effective is not False:
            tiers = _tiers(name, stated=True)
            if len(tiers) == 1:
                found.setdefault(next(iter(tiers)), observation)
    for tier, observation in sorted(found.items()):
        name = str(observation.job.environment)
        attributes: Mapping[str, Value] = {
            "name": tier,
            "mechanism": "ci",
            "path": observation.job.pipeline,
            "group": "the environments of the pipelines",
            "digest": hashlib.sha256(name.encode()).hexdigest()[:16],
        }
        yield Resource(ENVIRONMENT, f"{tier} ({observation.job.pipeline})", attributes, {(): observation.at}, source="ci")


def _google_cloud(observations: Sequence[Observation]) -> Iterator[Resource]:
    """What gcloud commands declare, each in the environment that the words around it name."""
    commands = [o for o in observations if o.command is not None and o.command.program == "gcloud" and o.effective is not False]
    seen: set[tuple[str, str, Location]] = set()
    for observation in commands:
        tier = _tier(observation)
        environment = tier if isinstance(tier, str) and tier != "production" else ""
        assert observation.command is not None
        for resource in resources_of(observation.command, observation.at, environment):
            key = (resource.kind, resource.name, observation.at)
            if key not in seen:
                seen.add(key)
                yield resource

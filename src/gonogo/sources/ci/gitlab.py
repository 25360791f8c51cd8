"""GitLab CI (https://docs.gitlab.com/ci/yaml/): jobs with extends, defaults, local includes, rules and environments."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from gonogo.formats.yaml_reader import Document
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Stage
from gonogo.model.value import Path, Unknown, Value, lookup
from gonogo.sources.ci.databases import image_names
from gonogo.sources.ci.follow import Follower, Found
from gonogo.sources.ci.script import in_yaml
from gonogo.sources.ci.shell.run import Counts, Settings, Text
from gonogo.sources.ci.steps import Job, Observation, StepContext
from gonogo.sources.ci.tools import Answer, Purpose, practices
from gonogo.sources.classify import CI_KINDS, Format
from gonogo.sources.tree import Tree, Unreadable

SYSTEM = "gitlab-ci"
MAX_INCLUDES = 50
MAX_EXTENDS = 10

_RESERVED_TEXT = """
    default include stages variables workflow image services before_script after_script cache pages:deploy spec types
"""
_RESERVED = frozenset(_RESERVED_TEXT.split())


@dataclass(frozen=True, slots=True)
class _Entry:
    """A job's definition and the document that it stands in."""

    body: Mapping[str, Value]
    document: Document
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Script:
    entry: _Entry
    path: Path
    value: Value


@dataclass(frozen=True, slots=True)
class GitLabReader:
    """Reads the pipeline that starts in `.gitlab-ci.yml`."""

    tree: Tree
    follower: Follower

    def read(self) -> Iterator[Found]:
        """What the pipeline runs; a `.gitlab-ci.yml` elsewhere than at the root never runs by itself."""
        included: set[str] = set()
        for file in self.tree.of(Format.GITLAB_CI):
            whole = posixpath.join(self.tree.prefix, file.path)
            if whole == ".gitlab-ci.yml":
                yield from self._pipeline(file.path, True, "", included)
        for file in self.tree.of(Format.GITLAB_CI):
            if file.name == ".gitlab-ci.yml" and file.path not in included:
                because = "GitLab runs only the .gitlab-ci.yml at the root of the repository"
                yield from self._pipeline(file.path, False, because, included)

    def _pipeline(self, path: str, effective: bool, because: str, included: set[str]) -> Iterator[Found]:
        entries: dict[str, _Entry] = {}
        globals_: dict[str, _Entry] = {}
        yield from self._load(path, entries, globals_, included, Job(SYSTEM, path, "", path, ("push",), effective, because))
        variables = _variables(entry.body.get("variables") for entry in globals_.values())
        for name, entry in entries.items():
            if not name.startswith("."):
                yield from self._job(path, name, entry, entries, globals_, variables, effective, because)

    def _load(self, path: str, entries: dict[str, _Entry], globals_: dict[str, _Entry], included: set[str], job: Job) -> Iterator[Found]:
        if path in included or len(included) > MAX_INCLUDES:
            return
        included.add(path)
        try:
            read = self.tree.yaml(path)
            lines = tuple(self.tree.text(path).splitlines())
        except Unreadable as error:
            yield Gap(path, 0, Stage.READ, str(error), "ci", CI_KINDS)
            return
        if read.error:
            yield Gap(path, read.error_line, Stage.PARSE, read.error, "ci", CI_KINDS)
        document = next((d for d in reversed(read.documents) if isinstance(d.value, Mapping)), None)
        if document is None or not isinstance(document.value, Mapping):
            return
        for index, include in enumerate(_list(document.value.get("include"))):
            yield from self._include(include, index, document, entries, globals_, included, job)
        globals_[path] = _Entry(document.value, document, lines)
        for name, body in document.value.items():
            if name not in _RESERVED and isinstance(body, Mapping):
                held = entries.get(name)
                merged = {**held.body, **body} if held is not None else body
                entries[name] = _Entry(merged, document, lines)

    def _include(
        self,
        include: Value,
        index: int,
        document: Document,
        entries: dict[str, _Entry],
        globals_: dict[str, _Entry],
        included: set[str],
        job: Job,
    ) -> Iterator[Found]:
        at = document.locations.get(("include", index)) or document.locations.get(("include",)) or Location(document.file)
        row = {"local": include} if isinstance(include, str) and not include.startswith("http") else include
        if isinstance(row, str):
            row = {"remote": row}
        if not isinstance(row, Mapping):
            return
        if isinstance(row.get("local"), str):
            pattern = str(row["local"]).lstrip("/")
            found = [f for f in sorted(self.tree.files) if f == pattern or ("*" in pattern and fnmatchcase(f, pattern))]
            for path in found:
                yield from self._load(path, entries, globals_, included, job)
            if not found:
                yield Gap(at.file, at.line, Stage.READ, f"the included {pattern} is not in the scanned tree", "ci", CI_KINDS)
        elif isinstance(row.get("template"), str):
            does = self.follower.toolbox.template(str(row["template"]))
            if does:
                yield Observation(job, str(row["template"]), at, Purpose(practices(does)), None, job.effective, action=str(row["template"]))
        else:
            name = str(row.get("file") or row.get("component") or row.get("remote") or "")
            purpose = self.follower.toolbox.hinted(name.partition("://")[2] or name, f"the included {name}")
            if purpose:
                yield Observation(job, name, at, purpose, None, job.effective, action=name)

    def _job(
        self, path: str, name: str, entry: _Entry, entries: Mapping[str, _Entry], globals_: Mapping[str, _Entry],
        variables: Mapping[str, Text], effective: bool, because: str,
    ) -> Iterator[Found]:  # fmt: skip
        chain = _extended(entry, entries)
        body: dict[str, Value] = {}
        for part in reversed(chain):
            body.update(part.body)
        own = {**variables, **_variables(part.body.get("variables") for part in reversed(chain))}
        manual, fires = _rules(body)
        environment = _environment(body.get("environment"), own)
        counts = _allowed(body)
        reach: Answer = effective and fires
        job = Job(
            SYSTEM, entry.document.file, name, path, _triggers(body), reach, because or ("" if fires else "its rules never add it"),
            manual, environment, counts, services=image_names(next((b["services"] for b in (body, *(g.body for g in globals_.values())) if "services" in b), None)),
        )  # fmt: skip
        if environment is not None:
            at = entry.document.locations.get((name, "environment")) or Location(entry.document.file)
            yield Observation(job, "environment", at, Purpose())
        if body.get("coverage") or lookup(body, "artifacts", "reports", "coverage_report"):
            key = "coverage" if body.get("coverage") else "artifacts"
            at = next(
                (e.document.locations[name, key] for e in chain if (name, key) in e.document.locations), Location(entry.document.file)
            )
            yield Observation(job, key, at, Purpose({"coverage": True, "coverageReport": True}), counts, reach)
        context = StepContext(job, name, counts, reach)
        settings = Settings(True, True, "", own)
        for key in ("before_script", "script"):
            script = _script(key, name, chain, globals_)
            if script is None:
                continue
            for index, item in enumerate(_flatten(script.value)):
                locations = script.entry.document.locations
                place = locations.get((*script.path, index)) or locations.get(script.path) or Location(script.entry.document.file)
                text = in_yaml(script.entry.lines, place, item)
                yield from self.follower.script(text, settings, context)


def _list(value: Value) -> list[Value]:
    return list(value) if isinstance(value, list) else [] if value is None else [value]


def _flatten(value: Value) -> list[str]:
    found: list[str] = []
    for item in _list(value):
        found.extend(_flatten(item) if isinstance(item, list) else [str(item)])
    return found


def _extended(entry: _Entry, entries: Mapping[str, _Entry]) -> list[_Entry]:
    """The job and what it extends, nearest first."""
    chain = [entry]
    todo = [str(n) for n in reversed(_list(entry.body.get("extends")))]
    while todo and len(chain) < MAX_EXTENDS:
        parent = entries.get(todo.pop(0))
        if parent is not None and parent not in chain:
            chain.append(parent)
            todo.extend(str(n) for n in reversed(_list(parent.body.get("extends"))))
    return chain


def _script(key: str, name: str, chain: Sequence[_Entry], globals_: Mapping[str, _Entry]) -> _Script | None:
    for part in chain:
        if key in part.body:
            owner = next(
                (n for n, body in _mapping(part.document.value).items() if isinstance(body, Mapping) and body.get(key) is part.body[key]),
                name,
            )
            return _Script(part, (owner, key), part.body[key])
    for entry in globals_.values():
        for path in (("default", key), (key,)):
            value = lookup(entry.body, *path)
            if value is not None and key != "script":
                return _Script(entry, path, value)
    return None


def _mapping(value: Value) -> Mapping[str, Value]:
    return value if isinstance(value, Mapping) else {}


def _variables(tables: object) -> dict[str, Text]:
    found: dict[str, Text] = {}
    for table in tables if isinstance(tables, Iterator) else ():
        for name, value in _mapping(table).items():
            text = lookup(value, "value") if isinstance(value, Mapping) else value
            if text is not None and not isinstance(text, Unknown):
                raw = ("true" if text else "false") if isinstance(text, bool) else str(text)
                expanded = re.sub(
                    r"\$\{?(\w+)\}?", lambda m: found[m.group(1)].text if m.group(1) in found else "${" + m.group(1) + "}", raw
                )
                found[name] = Text(expanded, "$" not in expanded)
    return found


def _environment(value: Value, variables: Mapping[str, Text]) -> Value:
    name = lookup(value, "name") if isinstance(value, Mapping) else value
    if isinstance(value, Mapping) and value.get("action") in ("stop", "prepare", "verify", "access"):
        return None
    if not isinstance(name, str):
        return None
    expanded = re.sub(r"\$\{?(\w+)\}?", lambda m: variables[m.group(1)].text if m.group(1) in variables else m.group(), name)
    literal = expanded.partition("/$")[0]
    return literal if "$" not in literal else Unknown.because(f"the environment `{name}` is decided at run time")


def _rules(body: Mapping[str, Value]) -> tuple[Answer, bool]:
    """Whether a person starts the job, and whether it can run at all."""
    rules = [rule for rule in _list(body.get("rules")) if isinstance(rule, Mapping)]
    if not rules:
        when = body.get("when")
        return when == "manual", when != "never"
    whens = [str(rule.get("when", body.get("when", "on_success"))) for rule in rules]
    live = [when for when in whens if when != "never"]
    return bool(live) and all(when == "manual" for when in live), bool(live)


def _allowed(body: Mapping[str, Value]) -> Counts:
    """Whether a failure of the job fails the pipeline: a rule says so for its own case (https://docs.gitlab.com/ci/yaml/#rulesallow_failure)."""
    own = body.get("allow_failure")
    live = [r for r in _list(body.get("rules")) if isinstance(r, Mapping) and str(r.get("when", body.get("when", "on_success"))) != "never"]
    said = [rule.get("allow_failure", own) for rule in live] or [own]
    if all(one is True for one in said):
        return False
    return None if any(isinstance(one, Mapping) for one in said) else True


def _triggers(body: Mapping[str, Value]) -> tuple[str, ...]:
    text = str(body.get("rules") or body.get("only") or "")
    if not text:
        return ("push",)
    found = set()
    for pattern, event in (
        ("merge_request", "merge_request"),
        ("schedule", "schedule"),
        (r"CI_COMMIT_TAG|'tags'", "tag"),
        (r"'web'|\"web\"", "web"),
    ):
        if re.search(pattern, text):
            found.add(event)
    if not found or re.search(r"CI_COMMIT_BRANCH|CI_COMMIT_REF|CI_DEFAULT_BRANCH|'(main|master|develop|branches|pushes)'|\"push\"", text):
        found.add("push")
    return tuple(sorted(found))

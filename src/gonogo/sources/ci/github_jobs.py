"""What the jobs of a workflow inherit and combine: variables, inputs, matrices, conditions."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence

from gonogo.model.value import Unknown, Value, lookup
from gonogo.sources.ci.github_expressions import Scope
from gonogo.sources.ci.shell.run import Counts
from gonogo.sources.ci.tools import Answer

MAX_COMBINATIONS = 16


def mapping(value: Value) -> Mapping[str, Value]:
    """The value where it is a mapping, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def variables_of(value: Value, scope: Scope) -> dict[str, str]:
    """The variables whose value is known, by their name in expressions."""
    found: dict[str, str] = {}
    for name, item in mapping(value).items():
        text = scope.expand(item)
        if text.known or (text.text and not text.text.startswith("${{")):
            found[f"env.{name}"] = text.text
    return found


def inputs_of(declared: Value, given: Value, scope: Scope, unknown: set[str] | frozenset[str] = frozenset()) -> dict[str, str]:
    """The inputs of a call, by their name in expressions: what is given, else the default."""
    values: dict[str, str] = {}
    for name, declaration in mapping(declared).items():
        default = lookup(declaration, "default") if isinstance(declaration, Mapping) else None
        chosen = mapping(given).get(name, None if name in unknown else default)
        if name in unknown:
            continue
        text = scope.expand(chosen)
        if text.known:
            values[f"inputs.{name}".lower()] = text.text
    return values


def started_by_person(events: set[str]) -> bool:
    """Whether a person starts it each time: by hand, or by publishing a release or a tag."""
    started = events - {"workflow_run"} or events
    return bool(started) and started <= {"workflow_dispatch", "repository_dispatch", "release", "tag", "issue_comment"}


def either_manual(one: Answer, other: Answer) -> Answer:
    """Manual where either is."""
    return True if True in (one, other) else one


def both(one: Answer, other: Answer) -> Answer:
    """Both conditions: False where one is, Unknown where one is."""
    if one is False or other is False:
        return False
    unknown = [answer for answer in (one, other) if isinstance(answer, Unknown)]
    return Unknown.merge(unknown) if unknown else True


def reached(name: str, jobs: Mapping[str, Value], own: Mapping[str, Answer], seen: set[str]) -> Answer:
    """Whether a job can run: its condition, and those of the jobs it needs."""
    if name in seen:
        return True
    seen.add(name)
    body = mapping(jobs.get(name))
    answer = own.get(name, True)
    if re.search(r"\b(always|failure|cancelled)\(", str(body.get("if", ""))):
        return answer
    needs = body.get("needs")
    for needed in [needs] if isinstance(needs, str) else needs if isinstance(needs, list) else []:
        answer = both(answer, reached(str(needed), jobs, own, seen))
    return answer


def counts_of(value: Value, outer: Counts) -> Counts:
    """Whether a failure counts under `continue-on-error`."""
    if value is True or value == "true":
        return False
    if value in (None, False, "false") or outer is False:
        return outer
    return None


_FAILURE = re.compile(r"(?<!!)(?<!! )\b(failure|cancelled)\(\)")


def only_after_failure(condition: Value) -> bool:
    """Whether something runs only once its job has failed, or is cancelled: then it changes nothing any more."""
    text = str(condition or "")
    return _FAILURE.search(text) is not None and not re.search(r"\|\||\b(always|success)\(", text)


def looked_at_later(step: Mapping[str, Value], later: Sequence[Value]) -> Counts:
    """Whether a later step fails because of the outcome of one that continues on error; None where that cannot be told.

    `conclusion` is success all the same (https://docs.github.com/actions/reference/workflows-and-actions/contexts#steps-context).
    """
    identifier = step.get("id")
    if not isinstance(identifier, str):
        return False
    asked = re.compile(rf"\bsteps\.{re.escape(identifier)}\.outcome\b")
    for other in later:
        text = str(other)
        if isinstance(other, Mapping) and asked.search(text):
            condition, run = str(other.get("if") or ""), str(other.get("run") or "")
            failed = re.search(rf"steps\.{re.escape(identifier)}\.outcome\s*(!=\s*'success'|==\s*'failure')", condition)
            if failed and re.search(r"\bexit\s+[1-9]|^\s*false\s*$", run, re.M) and other.get("continue-on-error") in (None, False):
                return True
            if re.search(r"\bexit\s+\S|setFailed", text):
                return None
    return False


def empty_matrix(body: Mapping[str, Value]) -> bool:
    """Whether an axis of the matrix has no value, so that the job never runs."""
    matrix = lookup(body, "strategy", "matrix", default=None)
    return isinstance(matrix, Mapping) and not matrix.get("include") and any(value == [] for key, value in matrix.items() if key not in ("include", "exclude"))


def default_shell(body: Mapping[str, Value], scope: Scope) -> str:
    """The shell that steps of a job run in that name none: PowerShell on Windows."""
    runner = body.get("runs-on")
    labels = [scope.expand(label).text.lower() for label in (runner if isinstance(runner, list) else [runner]) if isinstance(label, str)]
    return "pwsh" if any(label.startswith("windows") for label in labels) else ""


def deployment_environment(value: Value, scope: Scope) -> Value:
    """The name of a job's environment; None where it has none."""
    if value is None:
        return None
    name = scope.expand(lookup(value, "name") if isinstance(value, Mapping) else value)
    if name.known:
        return name.text or None
    return Unknown.because(f"the environment `{name.text}` is decided at run time")


def run_defaults(workflow: Value, job: Mapping[str, Value]) -> dict[str, str]:
    """`defaults.run` of the workflow and the job."""
    found: dict[str, str] = {}
    for value in (lookup(workflow, "defaults", "run", default=None), lookup(job, "defaults", "run", default=None)):
        found.update({k: str(v) for k, v in mapping(value).items() if v is not None})
    return found


def combinations(body: Mapping[str, Value], scope: Scope) -> list[dict[str, str]]:
    """The combinations of a literal matrix; one without values where it is too large or not literal."""
    matrix = lookup(body, "strategy", "matrix", default=None)
    if not isinstance(matrix, Mapping) or "matrix." not in str(body):
        return [{}]
    axes: dict[str, list[Value]] = {k: list(v) for k, v in matrix.items() if k not in ("include", "exclude") and isinstance(v, list) and v}
    total = 1
    for values in axes.values():
        total *= len(values)
    found = (
        [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())] if axes and total <= MAX_COMBINATIONS else []
    )
    include = matrix.get("include")
    rows = [row for row in include if isinstance(row, Mapping)] if isinstance(include, list) else []
    for row in rows[:MAX_COMBINATIONS]:
        matching = [c for c in found if all(c.get(k) == v for k, v in row.items() if k in axes)]
        if matching and any(k in axes for k in row):
            for combination in matching:
                combination.update({k: v for k, v in row.items() if k not in axes})
        else:
            found.append(dict(row))
    if not found or len(found) > 2 * MAX_COMBINATIONS:
        return [{}]
    return [_flat("matrix", combination, scope) for combination in found]


def _flat(name: str, value: Value, scope: Scope) -> dict[str, str]:
    if isinstance(value, Mapping):
        return {key: text for k, v in value.items() for key, text in _flat(f"{name}.{k}", v, scope).items()}
    if isinstance(value, str | int | float | bool):
        text = scope.expand(value)
        return {name.lower(): text.text} if text.known else {}
    return {}

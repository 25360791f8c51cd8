"""A run as a JSON document that `git diff` reads well: one member a line, sorted, nothing of line numbers. `schemas/snapshot.v1.json`."""

from __future__ import annotations

from gonogo.history.run import Level, Run, Standing

SCHEMA = "gonogo.snapshot/v1"


def run_document(run: Run) -> dict[str, object]:
    """What is told of a run in a list."""
    return {
        "number": run.number,
        "series": run.series,
        "started": run.started,
        "finished": run.finished,
        "version": run.version,
        "decision": run.decision,
    }


def document(run: Run) -> dict[str, object]:
    """The whole run."""
    return {
        "schema": SCHEMA,
        "run": {**run_document(run), "inputs": dict(run.inputs)},
        "verdicts": {f"{level}s": [_standing(s) for s in run.standings if s.key.level is level] for level in Level},
        "surfaces": [{"scope": s.scope, "name": s.name, "kinds": list(s.kinds), "complete": s.complete} for s in run.snapshot.surfaces],
        "gaps": [
            {"source": g.source, "file": g.file, "stage": g.stage.value, "reason": g.reason, "kinds": list(g.kinds)} for g in run.gaps
        ],
        "resources": [
            {"kind": i.kind, "name": i.name, "origin": i.origin, "environment": i.environment, "attributes": body}
            for i, body in sorted(run.snapshot.resources.items())
        ],
    }


def _standing(standing: Standing) -> dict[str, object]:
    row: dict[str, object] = {"id": standing.key.id, "verdict": standing.verdict.value, "title": standing.title}
    if standing.severity:
        row["severity"] = standing.severity
    if standing.kind:
        row["subject"] = {"kind": standing.kind, "name": standing.subject}
    return row

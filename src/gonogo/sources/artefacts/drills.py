"""Records of drills: ours (`schemas/evidence.v1.json`), Litmus's ChaosResult, and the status of Chaos Mesh's experiments.

https://docs.litmuschaos.io/docs/concepts/chaos-experiment, https://chaos-mesh.org/docs/inspect-chaos-experiments/.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gonogo.data import data_directory
from gonogo.formats.yaml_reader import Document, read_yaml
from gonogo.sources.artefacts.reading import Artefact, Unfit, mapping
from gonogo.sources.dating import moment

SCHEMA = "gonogo.evidence/v1"
RECORD = "record"
_VERDICTS = {"pass": "passed", "fail": "failed"}


@dataclass(frozen=True, slots=True)
class Drill:
    """One record. `result` is `` where the tool ran the experiment and nobody says what came of it."""

    type: str
    result: str
    on: datetime | None
    by: str
    subject: str
    record: str = ""
    environment: str = ""
    commit: str = ""
    tool: str = RECORD
    line: int = 1


def read_drills(artefact: Artefact) -> Iterator[Drill]:
    """The drills of a file. Raises `Unfit` with the line and what is wrong with a record that is not as the schema says."""
    file = read_yaml(artefact.shown, artefact.text)
    if file.error:
        raise Unfit(f"line {file.error_line}: {file.error}")
    documents = [document for document in file.documents if document.value is not None]
    if not documents:
        raise Unfit("it holds no record")
    for document in documents:
        value = mapping(document.value)
        kind, version = str(value.get("kind", "")), str(value.get("apiVersion", ""))
        if version.startswith("litmuschaos.io/") and kind == "ChaosResult":
            yield _litmus(value, document)
        elif version.startswith("chaos-mesh.org/"):
            yield _chaos_mesh(value, document)
        else:
            yield _record(document)


def _record(document: Document) -> Drill:
    from jsonschema import Draft202012Validator

    schema = json.loads((data_directory("schemas") / "evidence.v1.json").read_text("utf-8"))
    errors = sorted(Draft202012Validator(schema).iter_errors(document.value), key=lambda error: [str(part) for part in error.absolute_path])
    if errors:
        path = tuple(errors[0].absolute_path)
        place = document.locations.get(path) or document.locations.get(())
        wanted = f" ({errors[0].schema['description']})" if isinstance(errors[0].schema, Mapping) and "description" in errors[0].schema else ""
        raise Unfit(f"line {place.line if place is not None else 1}: {'.'.join(map(str, path)) or 'the record'}: {errors[0].message[:300]}{wanted}")
    value: Any = document.value
    on = moment(value["on"])
    if on is None:
        raise Unfit(f"line {_line(document, 'on')}: on: {value['on']} is no day of the calendar; write 2026-11-20")
    texts = {name: value.get(name, "") for name in ("by", "subject", "record", "environment", "commit")}
    return Drill(value["type"], value["result"], on, **texts, line=_line(document))


def _litmus(value: Mapping[str, Any], document: Document) -> Drill:
    """`status.experimentStatus.verdict`; when it was is the last time that somebody wrote the object, as one is kept for all runs."""
    metadata, status = mapping(value.get("metadata")), mapping(mapping(value.get("status")).get("experimentStatus"))
    rows = metadata.get("managedFields")
    written = [time for row in rows if (time := moment(str(mapping(row).get("time", ""))))] if isinstance(rows, list) else []
    on = max(written, default=None) or moment(str(metadata.get("creationTimestamp", "")))
    verdict = _VERDICTS.get(str(status.get("verdict", "")).lower(), "") if status.get("phase") in ("Completed", "Stopped") else ""
    return Drill("chaos", verdict, on, "", _name(metadata), tool="Litmus", line=_line(document))


def _chaos_mesh(value: Mapping[str, Any], document: Document) -> Drill:
    """What was injected and recovered is told; whether the system bore it is not."""
    rows = mapping(mapping(value.get("status")).get("experiment")).get("containerRecords")
    times = [moment(str(mapping(event).get("timestamp", ""))) for row in _list(rows) for event in _list(mapping(row).get("events"))]
    return Drill("chaos", "", max(filter(None, times), default=None), "", _name(mapping(value.get("metadata"))), tool="Chaos Mesh", line=_line(document))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _name(metadata: Mapping[str, Any]) -> str:
    return "/".join(str(metadata[key]) for key in ("namespace", "name") if metadata.get(key))


def _line(document: Document, *path: str) -> int:
    place = document.locations.get(path) or document.locations.get(())
    return place.line if place is not None else 1

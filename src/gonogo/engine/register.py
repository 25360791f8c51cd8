"""`.gonogo/attestations.yaml` and `.gonogo/waivers.yaml`: two files, one discipline.

What is malformed stops the run (inspec PR #6644): a waiver that is silently not read, or an expiry that is silently another day
(inspec #5570), is worse than none. Dates are text, `YYYY-MM-DD` and nothing else: YAML 1.1 makes a date of one spelling, an integer of another.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gonogo.data import data_directory
from gonogo.formats.yaml_reader import Document, read_yaml
from gonogo.lang.secrets import REDACTED, credential_in
from gonogo.model.location import Location
from gonogo.model.register import AcceptedGap, Attestation, Status, Target

ATTESTATIONS = "gonogo.attestations/v1"
WAIVERS = "gonogo.waivers/v1"
MAX_BYTES = 8 * 1024 * 1024
MAX_DAYS = 366
"""How long an attestation counts at most."""
MAX_ERRORS = 20
_MAX_SHOWN = 300
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATES = ("on", "from", "expires")
_URLS = frozenset({"http", "https", "gs"})

Row = Mapping[str, Any]


class RegisterError(Exception):
    """A register that cannot be used; a line for each error, with file and line."""

    @classmethod
    def of(cls, errors: Sequence[str]) -> RegisterError:
        """Each error on one line, whatever the file has in its texts."""
        return cls("\n".join(" ".join(error.split()) for error in errors))


def read_attestations(path: Path, root: Path) -> tuple[Attestation, ...]:
    """The attestations in a file below `root`; none where there is no file. Raises `RegisterError`."""
    return tuple(_attestation(row, place) for row, place in _rows(path, root, ATTESTATIONS, "on", MAX_DAYS))


def read_waivers(path: Path, root: Path, most_days: int) -> tuple[AcceptedGap, ...]:
    """The waivers in a file below `root`; none where there is no file. Raises `RegisterError`."""
    return tuple(_gap(row, place) for row, place in _rows(path, root, WAIVERS, "from", most_days))


def check(text: str, name: str, root: Path, schema: str, most_days: int) -> None:
    """Raises `RegisterError` where `text` is no such register; `name` is what the file is called."""
    _checked(text, name, root, schema, "on" if schema == ATTESTATIONS else "from", most_days)


def text_of(path: Path, root: Path) -> str | None:
    """What a file below `root` holds, with its line ends; None where there is none. Raises `RegisterError`."""
    if not path.exists() and not path.is_symlink():
        return None
    name = _name(path, root)
    try:
        if not path.resolve().is_relative_to(root.resolve()):
            raise RegisterError(f"{name}: lies outside of {root}")
        with path.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise RegisterError(f"{name}: cannot be read: {error.strerror or error}") from None
    if len(content) > MAX_BYTES:
        raise RegisterError(f"{name}: larger than {MAX_BYTES} bytes")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise RegisterError(f"{name}: not UTF-8") from None


def _name(path: Path, root: Path) -> str:
    try:
        return path.relative_to(root).as_posix()
    except ValueError:
        return str(path)


def _rows(path: Path, root: Path, schema: str, start: str, most_days: int) -> Iterator[tuple[Row, Location]]:
    text = text_of(path, root)
    if text is None:
        return
    document = _checked(text, _name(path, root), root, schema, start, most_days)
    for at, row in enumerate(_entries(document)):
        yield row, Location(document.file, document.locations["entries", at].line)


def _checked(text: str, name: str, root: Path, schema: str, start: str, most_days: int) -> Document:
    file = read_yaml(name, text.removeprefix("\ufeff"))
    if file.error:
        raise RegisterError(f"{name}:{file.error_line}: {file.error}")
    if len(file.documents) != 1:
        raise RegisterError(f"{name}: one document is expected, with `schema: {schema}` and `entries`")
    document = file.documents[0]
    errors = list(islice(_problems(document, root, schema, start, most_days), MAX_ERRORS))
    if errors:
        raise RegisterError.of(errors)
    return document


def _entries(document: Document) -> Sequence[Row]:
    value: Any = document.value
    rows: Sequence[Row] = value["entries"]
    return rows


def _problems(document: Document, root: Path, schema: str, start: str, most_days: int) -> Iterator[str]:
    from jsonschema import Draft202012Validator

    for key, place in document.repeated:
        yield f"{place}: {key} is written twice; keep one"
    if document.repeated:
        return
    definition = json.loads((data_directory("schemas") / f"{schema.removeprefix('gonogo.').replace('/', '.')}.json").read_text("utf-8"))
    fields = definition["properties"]["entries"]["items"]["properties"]
    told: set[tuple[str | int, ...]] = set()
    for path, problem in _by_hand(document, fields):
        told |= {path, path[:2]}
        yield f"{_place(document, path)}: {problem}"
    found = sorted(Draft202012Validator(definition).iter_errors(document.value), key=lambda e: [str(step).rjust(9) for step in e.absolute_path])
    for error in found:
        path = tuple(error.absolute_path)
        if path not in told or error.validator not in ("additionalProperties", "pattern", "type"):
            yield f"{_place(document, path)}: {_said(error)}"
    if not found and not told:
        for at, row in enumerate(_entries(document)):
            for field, problem in _of_entry(row, root, start, most_days):
                yield f"{_place(document, ('entries', at, field))}: {problem}"
        yield from _doubles(document)


def _place(document: Document, path: tuple[str | int, ...]) -> str:
    for length in range(len(path), 0, -1):
        if (place := document.locations.get(path[:length])) is not None:
            return str(place)
    return f"{document.file}:1"


def _said(error: Any) -> str:
    """What the schema's library says, in words."""
    if error.validator == "oneOf" and not error.absolute_path or error.validator == "oneOf" and error.validator_value[0].get("required"):
        return "an entry names either a control or an item"
    if error.validator == "required":
        return f"the entry has no {error.message.split(chr(39))[1]}" if "entries" in error.absolute_path else str(error.message)
    if error.validator == "dependentRequired":
        return "resource goes with a control: an item is waived as a whole"
    if error.validator == "pattern":
        return f"{error.absolute_path[-1]} is empty"
    return str(error.message)[:_MAX_SHOWN]


def _by_hand(document: Document, fields: Mapping[str, object]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What can be said better than by the schema: a misspelt field, a date that is none."""
    value: Any = document.value
    rows = value.get("entries") if isinstance(value, Mapping) else None
    for at, row in enumerate(rows if isinstance(rows, list) else ()):
        if not isinstance(row, Mapping):
            continue
        for key, given in row.items():
            if key not in fields:
                close = get_close_matches(key, fields, 1)
                yield ("entries", at, key), f"{key[:_MAX_SHOWN]} is no field here" + (f"; did you mean {close[0]}?" if close else "")
            elif key in _DATES and iso_date(given) is None:
                yield ("entries", at, key), f"{key} is a date written YYYY-MM-DD, not {str(given)[:_MAX_SHOWN]}"


def iso_date(given: object) -> date | None:
    """The day that is written `2026-01-31`, and None for anything else: `date.fromisoformat` takes `20260131` and `2026-W05-6`, too."""
    try:
        return date.fromisoformat(given) if isinstance(given, str) and _DATE.fullmatch(given) else None
    except ValueError:
        return None


def _of_entry(row: Row, root: Path, start: str, most_days: int) -> Iterator[tuple[str, str]]:
    first, last = date.fromisoformat(row[start]), date.fromisoformat(row["expires"])
    if last < first:
        yield "expires", f"expires {last} is before {start} {first}"
    elif last - first > timedelta(days=most_days):
        yield "expires", f"expires {last} is more than {most_days} days after {start} {first}"
    if "approver" in row and _person(row["approver"]) == _person(row["owner"]):
        yield "approver", f"{row['approver']} is the owner; somebody else has to approve"
    if "checklist" in row and not _below(row["checklist"], root):
        yield "checklist", f"there is no {row['checklist']} below the root of the repository"
    if "evidence" in row and (problem := evidence_problem(row["evidence"], root)):
        yield "evidence", problem


def _person(name: str) -> str:
    return " ".join(name.casefold().split())


def evidence_problem(evidence: str, root: Path) -> str:
    """Why it is no evidence: neither a URL nor a file or directory of the repository; `` where it is."""
    try:
        url = urlsplit(evidence)
        if url.scheme in _URLS and url.hostname:
            return "the URL holds a user or a password; leave them out" if "@" in url.netloc else ""
    except ValueError:
        pass  # no URL, then
    return "" if _below(evidence, root) else f"evidence is a URL or a path below the root of the repository that exists, not {_safe(evidence)}"


def _below(path: str, root: Path) -> bool:
    try:
        found = (root / path).resolve()
        return found.is_relative_to(root.resolve()) and found.exists()
    except (ValueError, OSError):  # a NUL, a name that is too long
        return False


def _doubles(document: Document) -> Iterator[str]:
    seen: dict[tuple[object, ...], Location] = {}
    for at, row in enumerate(_entries(document)):
        place = document.locations["entries", at]
        key = (
            row.get("control"), row.get("item"), _headings(row), row.get("checklist"), row.get("release"), row.get("origin"), row.get("resource"),
        )  # fmt: skip
        if key in seen:
            yield f"{place}: a second entry of {row.get('control') or row.get('item')}, beside {seen[key]}; keep one"
        seen.setdefault(key, place)


def _headings(row: Row) -> tuple[str, ...]:
    given = row.get("section", ())
    return (given,) if isinstance(given, str) else tuple(given)


def _safe(text: str) -> str:
    """What people wrote is shown in reports."""
    return REDACTED if credential_in(text) else text


def _target(row: Row) -> Target:
    return Target(row.get("control", ""), row.get("item", ""), row.get("text", ""), _headings(row), row.get("checklist", ""))


def _attestation(row: Row, place: Location) -> Attestation:
    return Attestation(
        target=_target(row),
        status=Status(row["status"]),
        by=_safe(row["by"]),
        role=_safe(row["role"]),
        on=date.fromisoformat(row["on"]),
        expires=date.fromisoformat(row["expires"]),
        location=place,
        evidence=_safe(row.get("evidence", "")),
        reason=_safe(row.get("reason", "")),
        note=_safe(row.get("note", "")),
        release=row.get("release", ""),
    )


def _gap(row: Row, place: Location) -> AcceptedGap:
    return AcceptedGap(
        target=_target(row),
        reason=_safe(row["reason"]),
        owner=_safe(row["owner"]),
        approver=_safe(row["approver"]),
        start=date.fromisoformat(row["from"]),
        expires=date.fromisoformat(row["expires"]),
        origin=row["origin"],
        location=place,
        resource=row.get("resource", ""),
    )

"""Profiles: pprof, speedscope, folded stacks (py-spy), cProfile. What was measured, how often and how long; not what is slow.

https://github.com/google/pprof/blob/main/proto/profile.proto, https://www.speedscope.app/file-format-schema.json.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from gonogo.sources.artefacts.reading import Artefact, Foreign, Unfit, mapping, number

_MAX_INFLATED = 128 * 1024 * 1024
_FOLDED = re.compile(r"\S.* \d{1,15}")
_SECONDS = {"nanoseconds": 1e-9, "microseconds": 1e-6, "milliseconds": 1e-3, "seconds": 1.0}


@dataclass(frozen=True, slots=True)
class Profile:
    """`samples` and `seconds` are None where the format does not tell."""

    tool: str
    measures: str
    samples: int | None
    seconds: float | None = None
    produced: datetime | None = None


def read_profile(artefact: Artefact) -> Profile:
    """The profile of a file. Raises `Unfit`."""
    data = artefact.data
    if data[:2] == b"\x1f\x8b":
        return _pprof(_inflated(data))
    if data[:1] in (b"\xfb", b"{") and not data.lstrip().startswith(b'{"') and b"\0" in data[:4096]:
        # A marshalled dict: reading it could crash the interpreter, so that only its being there is told.
        return Profile("cProfile", "wall", None)
    if data.lstrip()[:1] == b"{":
        return _speedscope(artefact)
    if data[:1] in (b"\x0a", b"\x12", b"\x1a", b"\x32") and b"\0" in data[:65536]:
        return _pprof(data)
    lines = [line for line in artefact.text.splitlines() if line.strip()]
    if lines and all(_FOLDED.fullmatch(line) for line in lines[:1000]):
        return Profile("folded stacks", "wall", sum(int(line.rpartition(" ")[2]) for line in lines if line.rpartition(" ")[2].isdigit()))
    raise Foreign("not a profile that gonogo knows")


def _inflated(data: bytes) -> bytes:
    stream = zlib.decompressobj(wbits=31)
    try:
        found = stream.decompress(data, _MAX_INFLATED)
    except zlib.error as error:
        raise Unfit(f"not valid gzip: {error}") from None
    if stream.unconsumed_tail:
        raise Unfit(f"more than {_MAX_INFLATED} bytes when unpacked")
    return found


def _pprof(data: bytes) -> Profile:
    types: list[tuple[int, int]] = []
    strings: list[bytes] = []
    samples = made = took = 0
    for field, value in _fields(data):
        if field == 1 and isinstance(value, bytes):
            inner = {name: found for name, found in _fields(value) if isinstance(found, int)}
            types.append((inner.get(1, 0), inner.get(2, 0)))
        elif field == 2:
            samples += 1
        elif field == 6 and isinstance(value, bytes):
            strings.append(value)
        elif field == 9 and isinstance(value, int):
            made = value
        elif field == 10 and isinstance(value, int):
            took = value
    names = [strings[name].decode("utf-8", "replace") for name, _ in types if name < len(strings)]
    if not names:
        raise Unfit("not a profile: it names no type of samples")
    try:
        produced = datetime.fromtimestamp((made + took) / 1e9, UTC) if made else None
    except (ValueError, OverflowError, OSError):
        produced = None
    return Profile("pprof", names[-1], samples, took / 1e9 if took else None, produced)


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a message of Protocol Buffers (https://protobuf.dev/programming-guides/encoding/). Raises `Unfit`."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        wire = key & 7
        if wire == 0:
            value, at = _varint(data, at)
            yield key >> 3, value
        elif wire == 2:
            size, at = _varint(data, at)
            if at + size > len(data):
                raise Unfit("not a whole profile: a field ends after the file")
            yield key >> 3, data[at : at + size]
            at += size
        elif wire in (1, 5):
            at += 8 if wire == 1 else 4
        else:
            raise Unfit("not a profile: a field of no known type")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data) and shift < 70:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise Unfit("not a whole profile: a number does not end")


def _speedscope(artefact: Artefact) -> Profile:
    root = mapping(artefact.json())
    rows = root.get("profiles")
    if "speedscope" not in str(root.get("$schema", "")) or not isinstance(rows, list):
        raise Unfit("a JSON document, not a profile that gonogo knows")
    samples, seconds = 0, 0.0
    for row in map(mapping, rows):
        for name in ("samples", "events"):
            if isinstance(row.get(name), list):
                samples += len(row[name])
        start, end = number(row.get("startValue")), number(row.get("endValue"))
        if start is not None and end is not None and row.get("unit") in _SECONDS:
            seconds = max(seconds, (end - start) * _SECONDS[row["unit"]])
    tool = "py-spy" if "py-spy" in str(root.get("exporter", "")) else "speedscope"
    return Profile(tool, "wall", samples, seconds or None)

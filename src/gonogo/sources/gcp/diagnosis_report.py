"""Diagnoses as text for people and as JSON (`gonogo.doctor/v1`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from gonogo.sources.gcp.credentials import Identity
from gonogo.sources.gcp.doctor import Diagnosis, Lack, What

SCHEMA = "gonogo.doctor/v1"


def document(diagnoses: Sequence[Diagnosis], identity: Identity) -> dict[str, object]:
    """The shape of `schemas/doctor.v1.json`."""
    return {
        "schema": SCHEMA,
        "readable": all(d.readable for d in diagnoses),
        "principal": identity.who or None,
        "credentials": identity.means,
        "resources": [
            {
                "resource": d.resource,
                "readable": d.readable,
                "permissions_asked": d.permissions,
                "apis_asked": d.apis,
                "missing_permissions": [_entry(lack) for lack in d.lacks if lack.what is What.PERMISSION],
                "apis_off": [_entry(lack) for lack in d.lacks if lack.what is What.API],
                "unknown": list(d.unknown),
            }
            for d in diagnoses
        ],
    }


def _entry(lack: Lack) -> dict[str, object]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(lack).items() if key != "what"}


def lines(diagnoses: Sequence[Diagnosis], identity: Identity) -> Iterator[str]:
    """For a terminal; names that an API wrote are not made safe here."""
    yield f"asked as {identity.who or 'an account whose name the credentials do not say'}, with {identity.means}"
    for diagnosis in diagnoses:
        yield ""
        yield from _lines(diagnosis, identity.who or "the auditing account")


def _lines(diagnosis: Diagnosis, who: str) -> Iterator[str]:
    permissions = [lack for lack in diagnosis.lacks if lack.what is What.PERMISSION]
    apis = [lack for lack in diagnosis.lacks if lack.what is What.API]
    yield f"{diagnosis.resource}: {', '.join(filter(None, _summary(diagnosis, permissions, apis)))}"
    for reason in diagnosis.unknown:
        yield f"  unknown   {reason}"
    for lack in permissions:
        yield f"  missing   {lack.name}   ({lack.role} has it)"
        yield f"            {_blind(lack)}"
    for lack in apis:
        yield f"  off       {lack.name}   (if it is in use: gcloud services enable {lack.name} --project {diagnosis.resource.partition('/')[2]})"
        yield f"            {_blind(lack)}"
    if permissions:
        yield f"  grant {', '.join(lack.name for lack in permissions)} on {diagnosis.resource} to {who}"
        yield "  (`gonogo doctor --role gcloud` prints a role that has what an audit needs and nothing else, and who gets it)"


def _summary(diagnosis: Diagnosis, permissions: Sequence[Lack], apis: Sequence[Lack]) -> Iterator[str]:
    if diagnosis.readable:
        yield "everything can be read"
    if permissions:
        yield f"{len(permissions)} of {diagnosis.permissions} permissions {'is' if len(permissions) == 1 else 'are'} missing"
    if apis:
        yield f"{len(apis)} of {diagnosis.apis} APIs {'is' if len(apis) == 1 else 'are'} off"
    if diagnosis.unknown:
        yield "not all of it could be found out"


def _blind(lack: Lack) -> str:
    if lack.controls:
        return f"may stay undecided: {', '.join(lack.controls)}"
    return (
        f"not seen: {', '.join(lack.surfaces)} (no control reads it)"
        if lack.surfaces
        else "the projects and these permissions are found through it"
    )

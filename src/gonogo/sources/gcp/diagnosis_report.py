"""Diagnoses as text for people and as JSON (`gonogo.doctor/v1`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from gonogo.sources.gcp.credentials import Identity
from gonogo.sources.gcp.doctor import Diagnosis, Lack, What
from gonogo.translation.language import ENGLISH, Language
from gonogo.translation.width import pad

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


def lines(diagnoses: Sequence[Diagnosis], identity: Identity, language: Language = ENGLISH) -> Iterator[str]:
    """For a terminal; names that an API wrote are not made safe here."""
    who = identity.who or language.say("an account whose name the credentials do not say")
    yield language.say("asked as {who}, with {means}", who=who, means=identity.means)
    for diagnosis in diagnoses:
        yield ""
        yield from _lines(diagnosis, identity.who or language.say("the auditing account"), language)


def _lines(diagnosis: Diagnosis, who: str, language: Language) -> Iterator[str]:
    permissions = [lack for lack in diagnosis.lacks if lack.what is What.PERMISSION]
    apis = [lack for lack in diagnosis.lacks if lack.what is What.API]
    yield f"{diagnosis.resource}: {', '.join(filter(None, _summary(diagnosis, permissions, apis, language)))}"
    for reason in diagnosis.unknown:
        yield f"  {pad(language.say('unknown'), 9)} {language.sentence(reason)}"
    for lack in permissions:
        yield f"  {pad(language.say('missing'), 9)} {lack.name}   " + language.say("({role} has it)", role=lack.role)
        yield f"            {_blind(lack, language)}"
    for lack in apis:
        enable = f"gcloud services enable {lack.name} --project {diagnosis.resource.partition('/')[2]}"
        yield f"  {pad(language.say('off'), 9)} {lack.name}   " + language.say("(if it is in use: {command})", command=enable)
        yield f"            {_blind(lack, language)}"
    if permissions:
        names = ", ".join(lack.name for lack in permissions)
        yield "  " + language.say("grant {permissions} on {resource} to {who}", permissions=names, resource=diagnosis.resource, who=who)
        yield "  " + language.say("(`gonogo doctor --role gcloud` prints a role that has what an audit needs and nothing else, and who gets it)")


def _summary(diagnosis: Diagnosis, permissions: Sequence[Lack], apis: Sequence[Lack], language: Language) -> Iterator[str]:
    if diagnosis.readable:
        yield language.say("everything can be read")
    if permissions:
        asked, lacking = diagnosis.permissions, len(permissions)
        yield language.count("{count} of {all} permissions is missing", "{count} of {all} permissions are missing", lacking, all=asked)
    if apis:
        yield language.count("{count} of {all} APIs is off", "{count} of {all} APIs are off", len(apis), all=diagnosis.apis)
    if diagnosis.unknown:
        yield language.say("not all of it could be found out")


def _blind(lack: Lack, language: Language) -> str:
    if lack.controls:
        return language.say("may stay undecided: {controls}", controls=", ".join(lack.controls))
    if lack.surfaces:
        return language.say("not seen: {lists} (no control reads it)", lists=", ".join(lack.surfaces))
    return language.say("the projects and these permissions are found through it")

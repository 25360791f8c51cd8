"""Why an API did not answer: Google's error bodies sorted into causes, each with the words that say what to do.

A 403 means four things, in two spellings: `error.details[].reason` (google.rpc.ErrorInfo) and the older
`error.errors[].reason`. Shapes: https://cloud.google.com/apis/design/errors, Compute's rate limits answer 403 (not 429),
VPC Service Controls as recorded in github.com/cloudquery/cloudquery/issues/1062.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

_MAX_MESSAGE = 300


class Cause(StrEnum):
    """Why something could not be read."""

    API_DISABLED = "api_disabled"
    PERMISSION = "permission"
    QUOTA = "quota"
    PERIMETER = "perimeter"
    BILLING = "billing"
    CREDENTIALS = "credentials"
    NOT_FOUND = "not_found"
    REQUEST = "request"
    """The API refused the request itself: a defect of ours, or an API that has changed."""
    UNAVAILABLE = "unavailable"
    UNREACHABLE = "unreachable"
    """The network, or a region of which the API says that it could not ask it."""
    INVALID = "invalid_answer"
    NOT_COLLECTED = "not_collected"
    """An export was made without it."""
    NOT_EXPORTED = "not_exported"
    """An export holds nothing of the kind: there is none, or it was not exported."""
    EXPIRED = "expired"
    """What a list was to be continued from is forgotten (a Kubernetes `continue` token)."""
    BUDGET = "budget"
    """The time of the run was used up."""


@dataclass(slots=True, eq=False)
class Problem(Exception):
    """One call that gave no answer. `transient` ones are tried again, after `retry_after` seconds where the API named them."""

    cause: Cause
    reason: str
    permission: str = ""
    transient: bool = False
    retry_after: float | None = None
    consumer: str = ""
    """`projects/12`, where an API is off: the project that pays for the call, which need not be the one that was asked about."""

    def __str__(self) -> str:
        return self.reason


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked, for the words of a refusal: `title` of the API, its name, the permission it needs, the role that has it."""

    title: str
    api: str
    resource: str
    permission: str = ""
    role: str = ""
    who: str = ""


_DISABLED = {"SERVICE_DISABLED", "accessNotConfigured", "SERVICE_NOT_ACTIVATED"}
_QUOTA = {
    "RATE_LIMIT_EXCEEDED",
    "RESOURCE_EXHAUSTED",
    "rateLimitExceeded",
    "userRateLimitExceeded",
    "quotaExceeded",
    "dailyLimitExceeded",
    "concurrentLimitExceeded",
}
_PERIMETER = {"SECURITY_POLICY_VIOLATED", "VPC_SERVICE_CONTROLS", "vpcServiceControls"}
_BILLING = {"BILLING_DISABLED", "accountDisabled", "BILLING_NOT_ACTIVE"}
_USER_PROJECT = {"USER_PROJECT_DENIED", "CONSUMER_INVALID"}
# `Permission 'run.services.list' denied on …`, `Required 'compute.x.list' permission for …`, `… does not have storage.x.y access`.
_PERMISSION = re.compile(r"""(?:[Pp]ermission\s+['"`]?|[Rr]equired\s+['"`])([a-z][a-zA-Z.]*\.[a-zA-Z.]+)['"`]?""")
_PROJECT_NUMBER = re.compile(r"\bproject[ s/=]+(\d{6,})")


def classify(status: int, body: object, asked: Asked, retry_after: float | None = None) -> Problem:
    """The problem that an answer of `status` (400 and above) with the JSON `body` (None where it is none) tells of."""
    error = body.get("error") if isinstance(body, Mapping) else None
    error = error if isinstance(error, Mapping) else {}
    message = " ".join(str(error.get("message") or "").split())[:_MAX_MESSAGE]
    reasons = set(_reasons(error))
    said = f": {message}" if message else ""
    if status == 401:
        return Problem(
            Cause.CREDENTIALS,
            f"the {asked.title} did not accept the credentials{said}; log in again (`gcloud auth application-default login`) "
            "or renew the Workload Identity Federation configuration",
        )
    if status == 429 or (status == 403 and reasons & _QUOTA):
        return Problem(
            Cause.QUOTA,
            f"the {asked.title} refused further calls, its quota is used up{said}; run at a quieter time, or raise the quota",
            transient=True,
            retry_after=retry_after,
        )
    if status in (403, 404) and not error:
        return Problem(
            Cause.INVALID, f"{asked.title}: status {status} without Google's reason; is a proxy in between, or the endpoint another?"
        )
    if status == 403:
        return _forbidden(reasons, message, error, asked)
    if status == 404 and error:
        return Problem(Cause.NOT_FOUND, f"the {asked.title} knows no {asked.resource}{said}")
    if status == 408 or status >= 500:
        return Problem(Cause.UNAVAILABLE, f"the {asked.title} failed with status {status}{said}", transient=True, retry_after=retry_after)
    # Logging and Redis answer 400 FAILED_PRECONDITION with an ErrorInfo for an API that is off.
    if reasons & (_DISABLED | _BILLING):
        return _forbidden(reasons, message, error, asked)
    return Problem(Cause.REQUEST, f"the {asked.title} refused the request with status {status}{said}")


def _forbidden(reasons: set[str], message: str, error: Mapping[str, object], asked: Asked) -> Problem:
    said = f": {message}" if message else ""
    if reasons & _DISABLED or "has not been used in project" in message or "it is disabled" in message:
        consumer = _consumer(error)
        off = consumer or asked.resource
        enable = f"`gcloud services enable {asked.api} --project {_project(off)}`"
        return Problem(
            Cause.API_DISABLED,
            f"the {asked.title} ({asked.api}) is not enabled in {off}, so that nothing could be looked at; if it is in use, enable it: {enable}",
            consumer=consumer,
        )
    if reasons & _PERIMETER or "vpcServiceControlsUniqueIdentifier" in message:
        return Problem(
            Cause.PERIMETER,
            f"a VPC Service Controls perimeter keeps the {asked.title} from answering for {asked.resource}{said}; "
            "add the auditor to an ingress rule of the perimeter, or run inside it",
        )
    if reasons & _BILLING or "billing to be enabled" in message:
        return Problem(Cause.BILLING, f"billing is off for {asked.resource}, so that the {asked.title} does not answer{said}")
    who = asked.who or "the auditing account"
    if reasons & _USER_PROJECT:
        return Problem(
            Cause.PERMISSION,
            f"the quota project may not be used for calls{said}; grant serviceusage.services.use (roles/serviceusage.serviceUsageConsumer) "
            f"on it to {who}, or choose another one",
            permission="serviceusage.services.use",
        )
    permission = _permission(error, message) or asked.permission
    grant = f"grant {permission}" if permission else "grant read access"
    role = f" ({asked.role} has it)" if asked.role else ""
    return Problem(
        Cause.PERMISSION,
        f"permission {permission or 'to read'} is missing on {asked.resource}; {grant}{role} to {who}",
        permission=permission,
    )


def _reasons(error: Mapping[str, object]) -> Iterator[str]:
    """Every reason of an error body, in both spellings, with the types of a PreconditionFailure's violations."""
    for entry in (*_members(error.get("details")), *_members(error.get("errors"))):
        for key in ("reason", "type"):
            if isinstance(entry.get(key), str):
                yield str(entry[key])
        for violation in _members(entry.get("violations")):
            if isinstance(violation.get("type"), str):
                yield str(violation["type"])


def _permission(error: Mapping[str, object], message: str) -> str:
    """The permission that a refusal names."""
    for entry in _members(error.get("details")):
        metadata = entry.get("metadata")
        if isinstance(metadata, Mapping) and isinstance(metadata.get("permission"), str):
            return str(metadata["permission"])
    found = _PERMISSION.search(message)
    return found[1].rstrip(".") if found else ""


def _consumer(error: Mapping[str, object]) -> str:
    """`projects/123` of the project in which the API would have to be on: the quota project, not always the one asked about."""
    for entry in _members(error.get("details")):
        metadata = entry.get("metadata")
        if isinstance(metadata, Mapping) and isinstance(metadata.get("consumer"), str):
            return str(metadata["consumer"])
    found = _PROJECT_NUMBER.search(str(error.get("message") or ""))
    return f"projects/{found[1]}" if found else ""


def _project(resource: str) -> str:
    parts = resource.split("/")
    return parts[1] if len(parts) > 1 and parts[0] == "projects" else resource


def _members(value: object) -> Iterator[Mapping[str, object]]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        yield from (entry for entry in value if isinstance(entry, Mapping))

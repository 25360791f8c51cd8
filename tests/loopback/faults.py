"""What may go wrong, as data: the loopback cloud does it instead of, or to, the answer it would have given."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Mode(StrEnum):
    """How an answer is sent."""

    WHOLE = "whole"
    RESET = "reset"
    DRIP = "drip"
    """One byte of the body at a time."""
    DRIP_HEADERS = "drip_headers"
    TRUNCATE = "truncate"
    """Half of what Content-Length promises, then the connection closes."""
    HALF_JSON = "half_json"
    """Half of the JSON, as if it were all."""


@dataclass(slots=True)
class Fault:
    """Strikes requests whose path (with the service in front, `/sqladmin/sql/…`) `path` finds, `times` times.

    `status` and `body` stand for the answer; `change` makes another one of the right answer (which is then not validated).
    """

    path: str
    times: int = 1_000_000
    status: int = 0
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json; charset=UTF-8"
    mode: Mode = Mode.WHOLE
    change: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def strikes(self, path: str) -> bool:
        with self._lock:
            if self.times <= 0 or not re.search(self.path, path):
                return False
            self.times -= 1
            return True


def error(code: int, message: str, status: str, *details: Mapping[str, Any], reason: str = "", domain: str = "global") -> dict[str, Any]:
    """An error body. `reason` adds the older spelling, `details` are the newer."""
    body: dict[str, Any] = {"code": code, "message": message, "status": status}
    if reason:
        body["errors"] = [{"domain": domain, "reason": reason, "message": message}]
    if details:
        body["details"] = list(details)
    return {"error": body}


def info(reason: str, domain: str = "googleapis.com", **metadata: str) -> dict[str, Any]:
    return {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": domain, "metadata": metadata}


def disabled(service: str, number: int) -> dict[str, Any]:
    message = (
        f"{service} has not been used in project {number} before or it is disabled. Enable it by visiting "
        f"https://console.developers.google.com/apis/api/{service}/overview?project={number} then retry."
    )
    return error(403, message, "PERMISSION_DENIED", info("SERVICE_DISABLED", service=service, consumer=f"projects/{number}"))


def disabled_old(number: int) -> dict[str, Any]:
    message = f"Access Not Configured. Cloud SQL Admin API has not been used in project {number} before or it is disabled."
    return error(403, message, "", reason="accessNotConfigured", domain="usageLimits")


def denied(permission: str, resource: str) -> dict[str, Any]:
    message = f"Permission '{permission}' denied on resource '//{resource}' (or it may not exist)."
    return error(
        403, message, "PERMISSION_DENIED", info("IAM_PERMISSION_DENIED", "iam.googleapis.com", permission=permission, resource=resource)
    )


def denied_old(permission: str, resource: str) -> dict[str, Any]:
    return error(403, f"Required '{permission}' permission for '{resource}'", "", reason="forbidden")


def quota(reason: str = "rateLimitExceeded") -> dict[str, Any]:
    return error(
        403, "Quota exceeded for quota metric 'Queries' of service 'compute.googleapis.com'", "", reason=reason, domain="usageLimits"
    )


def perimeter() -> dict[str, Any]:
    return error(
        403,
        "Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: AbCdEf123",
        "PERMISSION_DENIED",
        {
            "@type": "type.googleapis.com/google.rpc.PreconditionFailure",
            "violations": [{"type": "VPC_SERVICE_CONTROLS", "description": "AbCdEf123"}],
        },
        info("SECURITY_POLICY_VIOLATED", uid="AbCdEf123", service="run.googleapis.com"),
    )


def unauthenticated() -> dict[str, Any]:
    return error(401, "Request had invalid authentication credentials.", "UNAUTHENTICATED", info("ACCESS_TOKEN_EXPIRED"))

"""Application Default Credentials: a user, a service account, Workload Identity Federation, and impersonation on top of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import google.auth
from google.auth import impersonated_credentials, transport
from google.auth.exceptions import GoogleAuthError
from google.auth.transport import requests

from gonogo.sources.gcp.credentials import GoogleIdentity
from gonogo.sources.gcp.problems import Cause, Problem

# sqladmin, iam, secretmanager and vpcaccess have no read-only scope in their discovery documents: what may be read is IAM's to say.
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_TOKEN_TIMEOUT = 30.0
_PROJECT_LOOK_UP = "https://cloudresourcemanager.googleapis.com/"


def default_identity(impersonate: str = "", quota_project: str = "") -> GoogleIdentity:
    """Application Default Credentials, as every Google client finds them. Raises `Problem` with what to do.

    `impersonate` is a service account's address: its tokens are then asked for with the credentials found.
    """
    request = _TokenRequest()
    try:
        credentials, _ = google.auth.default(scopes=[SCOPE], request=request, quota_project_id=quota_project or None)
    except GoogleAuthError as error:
        raise Problem(
            Cause.CREDENTIALS,
            f"no credentials were found ({' '.join(str(error).split())[:200]}); run `gcloud auth application-default login`, "
            "or set GOOGLE_APPLICATION_CREDENTIALS to a Workload Identity Federation configuration",
        ) from error
    if impersonate:
        credentials = impersonated_credentials.Credentials(  # type: ignore[no-untyped-call]
            source_credentials=credentials, target_principal=impersonate, target_scopes=[SCOPE], quota_project_id=quota_project or None
        )
    return GoogleIdentity(credentials, request)


class _TokenRequest(transport.Request):
    """Asks token endpoints, and nothing else: google-auth would look up the project of a federated identity, which may be forbidden."""

    def __init__(self) -> None:
        self._request = requests.Request()

    def __call__(self, url: str, *args: Any, **kwargs: Any) -> Any:
        if url.startswith(_PROJECT_LOOK_UP):
            return _NoAnswer()
        return self._request(url, *args, **{"timeout": _TOKEN_TIMEOUT, **kwargs})


@dataclass(frozen=True, slots=True)
class _NoAnswer:
    """As much of an HTTP response as google-auth looks at."""

    status: int = 404
    headers: Mapping[str, str] = field(default_factory=dict)
    data: bytes = b"{}"

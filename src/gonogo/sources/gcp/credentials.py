"""Who asks: credentials of google-auth, shared by all workers, or nobody at a loopback server."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from gonogo.sources.gcp.endpoints import Endpoints
from gonogo.sources.gcp.problems import Cause, Problem

if TYPE_CHECKING:
    from google.auth.credentials import Credentials


class Identity(Protocol):
    """What a session needs of credentials. Safe between threads."""

    who: str
    """An IAM member (`serviceAccount:audit@…`) where it is known, for the words of a missing permission."""

    means: str
    """What the credentials are, in words."""

    def headers(self, method: str, url: str) -> dict[str, str]:
        """The headers of a request; renews a token that is about to expire. Raises `Problem`."""
        ...

    def renew(self, stale: dict[str, str]) -> None:
        """Renew the token that an API did not accept, unless another thread has done so. Raises `Problem`."""
        ...


class Anonymous:
    """Nobody: for loopback servers only."""

    who = ""
    means = "no credentials: every endpoint is on this machine"

    def __init__(self, endpoints: Endpoints) -> None:
        if not endpoints.all_loopback():
            raise Problem(
                Cause.CREDENTIALS, "anonymous credentials are for loopback endpoints only; name one for every service (`--endpoint *=URL`)"
            )

    def headers(self, method: str, url: str) -> dict[str, str]:  # noqa: ARG002 - the protocol's
        return {}

    def renew(self, stale: dict[str, str]) -> None:  # noqa: ARG002
        raise Problem(Cause.CREDENTIALS, "the API wants credentials, and the audit runs without")


# The class of the credentials by the module it is defined in, so that none has to be imported to be recognised.
_MEANS = {
    "google.oauth2.service_account": "the key of a service account",
    "google.oauth2.credentials": "the login of a user (gcloud auth application-default login)",
    "google.auth.external_account_authorized_user": "the login of a user of a workforce pool",
    "google.auth.identity_pool": "Workload Identity Federation",
    "google.auth.aws": "Workload Identity Federation from AWS",
    "google.auth.pluggable": "Workload Identity Federation through an executable",
    "google.auth.compute_engine.credentials": "the service account of the machine or workload (metadata server)",
    "google.auth.impersonated_credentials": "impersonation",
}


def _member(credentials: Credentials) -> str:
    """The IAM member that the credentials name, empty where they do not: a federated workload, most logins of users."""
    for attribute, kind in (("service_account_email", "serviceAccount"), ("account", "user")):
        email = getattr(credentials, attribute, None)
        if isinstance(email, str) and "@" in email:
            return f"{kind}:{email}"
    return ""


def _means(credentials: Credentials) -> str:
    found = type(credentials)
    words = next((_MEANS[cls.__module__] for cls in found.__mro__ if cls.__module__ in _MEANS), f"{found.__module__}.{found.__name__}")
    source = getattr(credentials, "_source_credentials", None)
    return f"{words} by {_means(source)}" if source is not None else words


class GoogleIdentity:
    """Credentials of google-auth, renewed by one thread at a time.

    `request` sends the token request (google.auth.transport.Request); tests give one that answers by itself.
    """

    def __init__(self, credentials: Credentials, request: Callable[..., Any]) -> None:
        self._credentials = credentials
        self._request = request
        self._lock = threading.Lock()
        self._failed: Problem | None = None
        self.who = _member(credentials)
        self.means = _means(credentials)

    def headers(self, method: str, url: str) -> dict[str, str]:
        from google.auth.exceptions import GoogleAuthError

        found: dict[str, str] = {}
        with self._lock:
            self._refuse_again()
            try:
                # Renews where it must, and adds the quota project.
                self._credentials.before_request(self._request, method, url, found)  # type: ignore[no-untyped-call]
            except GoogleAuthError as error:
                raise self._fail(error) from error
        return found

    def renew(self, stale: dict[str, str]) -> None:
        from google.auth.exceptions import GoogleAuthError

        with self._lock:
            self._refuse_again()
            current: dict[str, str] = {}
            self._credentials.apply(current)  # type: ignore[no-untyped-call]
            if current.get("authorization") != stale.get("authorization"):
                return
            try:
                self._credentials.refresh(self._request)  # type: ignore[no-untyped-call]
            except GoogleAuthError as error:
                raise self._fail(error) from error

    def _refuse_again(self) -> None:
        """Once the token endpoint has refused, every further call would be refused: it is not asked 2,000 times."""
        if self._failed is not None:
            raise self._failed

    def _fail(self, error: Exception) -> Problem:
        from google.auth.exceptions import TransportError

        said = " ".join(str(error).split())[:300]
        hint = "log in again (`gcloud auth application-default login`) or check the Workload Identity Federation configuration"
        if "iat" in said or "short-lived token" in said or "in the future" in said:
            hint = "the clock of this machine is wrong: set it"
        problem = Problem(Cause.CREDENTIALS, f"no access token could be had: {said}; {hint}")
        # A network that is down for a moment is no refusal.
        problem.transient = isinstance(error, TransportError) or bool(getattr(error, "retryable", False))
        self._failed = None if problem.transient else problem
        return problem

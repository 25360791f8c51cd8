"""An analysis to code scanning: sent once or as often as it takes, then watched until GitHub has read it.

https://docs.github.com/rest/code-scanning/code-scanning#upload-an-analysis-as-sarif-data, and nothing else: what the upload action of GitHub
sends to is internal. A repeated upload of one commit and category takes the place of the one before, so an answer that was lost is no reason
not to ask again.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

from gonogo.formats.sarif import Sarif, members, text
from gonogo.publish.errors import PublishError
from gonogo.publish.github_refusal import fork, of_fork, refusal
from gonogo.publish.github_sarif import pack
from gonogo.publish.github_target import Target
from gonogo.publish.github_wire import Answer, Lost, send
from gonogo.report.escape import printable

TRIES = 5
REQUEST_SECONDS = 60.0
_FIRST_PAUSE = 1.0
_RATE_PAUSE = 60.0
"""Of a secondary limit without a time: at least a minute, then exponentially longer (docs: rate limits for the REST API)."""
_FIRST_LOOK = 5.0
"""GitHub is asked after 5, 15, 35, 75 and 155 seconds, as its own action does, and on in that way."""
_ID = re.compile(r"[A-Za-z0-9-]{1,100}")
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")


class State(StrEnum):
    """What became of an upload. `refused` is that of a fork's pull request, which is nobody's fault."""

    PENDING = "pending"
    COMPLETE = "complete"
    FAILED = "failed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Uploaded:
    """The state in the end. `id` is GitHub's for the upload; `errors` are its own words; `note` is ours."""

    state: State
    id: str = ""
    errors: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Time:
    """The clock of an upload. `now` counts seconds on a clock that nobody sets."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    progress: Callable[[str], None] = lambda _: None
    """Told of every wait that is longer than a moment."""


REAL_TIME = Time()


def upload(sarif: Sarif, target: Target, token: str, *, timeout: float, wait: bool = True, checkout_uri: str = "", clock: Time = REAL_TIME) -> Uploaded:
    """Upload and, with `wait`, watch the processing, in `timeout` seconds altogether. Raises `PublishError` where it was not taken."""
    end = clock.now() + timeout
    document = {
        "commit_sha": target.sha,
        "ref": target.ref,
        "sarif": pack(sarif),
        **({"checkout_uri": checkout_uri} if checkout_uri else {}),
        **_started(sarif),
    }
    answer = _persist(lambda within: send("POST", target.api + target.path, token, within, document), end, clock)
    if of_fork(answer, target):
        return Uploaded(State.REFUSED, note=fork(target))
    if answer.status != 202:
        raise PublishError(refusal(answer, target))
    identifier = answer.text("id")
    if not _ID.fullmatch(identifier):
        raise PublishError(f"{target.api} took the file but answered with no id of the upload; is that GitHub's API?")
    if not wait:
        return Uploaded(State.PENDING, identifier)
    return _watch(target, token, identifier, timeout, end, clock)


def _started(sarif: Sarif) -> Mapping[str, str]:
    for run in sarif.runs():
        for row in members(run, "invocations"):
            at = text(row, "startTimeUtc")
            if _DATE_TIME.fullmatch(at):
                return {"started_at": at}
    return {}


def _watch(target: Target, token: str, identifier: str, timeout: float, end: float, clock: Time) -> Uploaded:
    url = f"{target.api}{target.path}/{identifier}"
    trouble, asked = "", 0.0
    for pause in _looks():
        left = end - clock.now()
        if left <= 0 or asked > left:
            break
        clock.sleep(min(max(pause, asked), left))
        asked = 0.0
        try:
            answer = send("GET", url, token, REQUEST_SECONDS)
        except Lost as lost:
            trouble = str(lost)
            continue
        if answer.status == 200:
            trouble = ""
            state, errors = answer.text("processing_status"), _errors(answer.body)
            if state in (State.COMPLETE, State.FAILED):
                return Uploaded(State(state), identifier, errors)
        elif answer.status == 404 or _again(answer):
            trouble = f"status {answer.status} {answer.text('message')}".rstrip()  # 404: it may not know of it yet
            asked = _pause(answer, 0)
        else:
            raise PublishError(f"uploaded as {identifier}, but whether GitHub can read it is not known. {refusal(answer, target)}")
    note = f"uploaded as {identifier}; GitHub had not finished with it after {timeout:g} s" + (f" ({trouble})" if trouble else "")
    return Uploaded(State.PENDING, identifier, note=note)


def _looks() -> Iterator[float]:
    pause = _FIRST_LOOK
    while True:
        yield pause
        pause *= 2


def _errors(body: Any) -> tuple[str, ...]:
    found = body.get("errors") if isinstance(body, dict) else None
    return tuple(printable(str(error)) for error in found) if isinstance(found, list) else ()


def _persist(ask: Callable[[float], Answer], end: float, clock: Time) -> Answer:
    """The answer to a request that is sent again where that may help. Raises `PublishError` where the time does not reach that far."""
    for attempt in range(TRIES):
        answer = None
        try:
            answer = ask(max(0.1, min(REQUEST_SECONDS, end - clock.now())))
            if not _again(answer):
                return answer
            said = f"GitHub answered {answer.status} {answer.text('message')}".rstrip()
        except Lost as lost:
            said = str(lost)
        pause = _pause(answer, attempt)
        if attempt + 1 == TRIES:
            raise PublishError(f"not uploaded: {said} ({TRIES} times)")
        if clock.now() + pause >= end:
            raise PublishError(f"not uploaded: {said}; the next try would be due in {pause:.0f} s, which is more than --timeout leaves")
        clock.progress(f"{said}; trying again in {pause:.0f} s")
        clock.sleep(pause)
    raise AssertionError("unreachable: the last try returns or raises")


def _again(answer: Answer) -> bool:
    """Whether asking again may help: the server's trouble, or a rate limit. No other refusal goes away by itself."""
    return answer.status >= 500 or answer.status == 429 or (answer.status == 403 and _limited(answer))


def _limited(answer: Answer) -> bool:
    headers = answer.headers
    return "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0" or "secondary rate limit" in answer.text("message").lower()


def _pause(answer: Answer | None, attempt: int) -> float:
    """Seconds to the next try: what GitHub asks for, else longer each time."""
    if answer is not None:
        after = answer.headers.get("retry-after", "")
        if after.isascii() and after.isdigit():
            return float(after[:9])
        reset = answer.headers.get("x-ratelimit-reset", "")
        if answer.headers.get("x-ratelimit-remaining") == "0" and reset.isascii() and reset.isdigit():
            return max(1.0, float(reset[:15]) - _server_time(answer) + 1.0)
        if answer.status in (403, 429):
            return _RATE_PAUSE * 2.0**attempt
    return _FIRST_PAUSE * 2.0**attempt


def _server_time(answer: Answer) -> float:
    """Now, by GitHub's own clock: when a limit ends must not hang on the clock of this machine."""
    try:
        return parsedate_to_datetime(answer.headers.get("date", "")).timestamp()
    except (ValueError, TypeError, IndexError):
        return datetime.now(UTC).timestamp()

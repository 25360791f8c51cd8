"""What a refusal of GitHub means, and what to write where."""

from __future__ import annotations

from gonogo.publish.github_target import Target
from gonogo.publish.github_wire import Answer
from gonogo.report.escape import printable

_PERMISSIONS = """permissions:
  security-events: write   # to upload
  contents: read           # a private repository needs this
  actions: read            # and this"""
_GUARD = "if: github.event_name != 'pull_request' || github.event.pull_request.head.repo.full_name == github.repository"
_INTEGRATION = "resource not accessible by"
"""`… by integration`: the token of a workflow or an app; `… by personal access token`: a fine-grained one."""


def of_fork(answer: Answer, target: Target) -> bool:
    """Whether GitHub refused because the pull request comes from a fork, whose token may only read."""
    return answer.status == 403 and target.from_fork and _INTEGRATION in answer.text("message").lower()


def fork(target: Target) -> str:
    """Why nothing of a fork's pull request is uploaded."""
    return (
        f"not uploaded: {target.ref} comes from a fork, and the token of its workflow may only read. The alerts appear when it is merged; the report"
        f" and the exit code of the scan hold as they are. To leave the step out there:\n{_GUARD}"
    )


def refusal(answer: Answer, target: Target) -> str:
    """One sentence or two: what GitHub said, what that means here, and what to do."""
    said = answer.text("message")
    head = f"{target.api} refused the upload to {target.repository}: {answer.status}" + (f" {said}" if said else "")
    advice = _advice(answer, said.lower(), target)
    return f"{head}\n{advice}" if advice else head


def _advice(answer: Answer, said: str, target: Target) -> str:
    status = answer.status
    if 300 <= status < 400:
        where = printable(answer.headers.get("location", "another place"))
        return f"It redirects to {where}; the token is not sent there. Was the repository renamed or moved? Give its name of today with --repository."
    if status == 401:
        return "The token is none, or is no longer valid. GITHUB_TOKEN (or GH_TOKEN) holds it; in a workflow: env: {GITHUB_TOKEN: ${{ github.token }}}"
    if status == 403 and "archived" in said:
        return "An archived repository takes nothing."
    if status == 403 and ("advanced security" in said or "code security" in said or "not enabled for code scanning" in said):
        return (
            "Code scanning of a private repository needs GitHub Code Security (before: Advanced Security): Settings > Advanced Security. Without it, the"
            " annotations (-o github) and the step summary (-o markdown) say the same."
        )
    if status == 403 and _INTEGRATION in said:
        return f"The token lacks a permission. In the job of the workflow:\n{_PERMISSIONS}\nA personal access token needs `security_events`, a fine-grained one or an app “Code scanning alerts: write”."
    if status == 404:
        return f"There is no {target.repository}, or the token may not see it: for a private repository it needs contents: read as well, and {target.sha} must be pushed."
    if status == 413:
        return "GitHub takes 10 MB, compressed."
    if status in (400, 422):
        return f"ref {target.ref}, commit {target.sha}. `gonogo sarif check FILE` says what in a file GitHub does not take."
    return ""

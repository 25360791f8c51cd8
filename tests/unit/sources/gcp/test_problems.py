"""Refusals, in the spellings that Google's APIs were seen to use."""

from __future__ import annotations

import pytest

from gonogo.sources.gcp.problems import Asked, Cause, classify
from loopback import faults

ASKED = Asked(
    "Cloud SQL Admin API",
    "sqladmin.googleapis.com",
    "projects/shop",
    "cloudsql.instances.list",
    "roles/cloudsql.viewer",
    "serviceAccount:audit@shop.iam",
)


@pytest.mark.parametrize(
    ("status", "body", "cause", "transient"),
    [
        (401, faults.unauthenticated(), Cause.CREDENTIALS, False),
        (401, None, Cause.CREDENTIALS, False),
        (403, faults.disabled("sqladmin.googleapis.com", 12), Cause.API_DISABLED, False),
        (403, faults.disabled_old(12), Cause.API_DISABLED, False),
        (400, faults.disabled("logging.googleapis.com", 12), Cause.API_DISABLED, False),
        (403, faults.denied("cloudsql.instances.list", "projects/shop"), Cause.PERMISSION, False),
        (403, faults.denied_old("compute.urlMaps.list", "projects/shop"), Cause.PERMISSION, False),
        (403, faults.error(403, "The caller does not have permission", "PERMISSION_DENIED"), Cause.PERMISSION, False),
        (403, None, Cause.INVALID, False),
        (403, [], Cause.INVALID, False),
        (404, None, Cause.INVALID, False),
        (403, faults.quota(), Cause.QUOTA, True),
        (403, faults.quota("userRateLimitExceeded"), Cause.QUOTA, True),
        (403, faults.error(403, "Quota exceeded", "PERMISSION_DENIED", faults.info("RATE_LIMIT_EXCEEDED")), Cause.QUOTA, True),
        (429, faults.error(429, "Quota exceeded", "RESOURCE_EXHAUSTED"), Cause.QUOTA, True),
        (429, None, Cause.QUOTA, True),
        (403, faults.perimeter(), Cause.PERIMETER, False),
        (403, faults.error(403, "needs billing", "PERMISSION_DENIED", faults.info("BILLING_DISABLED")), Cause.BILLING, False),
        (403, faults.error(403, "no", "PERMISSION_DENIED", faults.info("USER_PROJECT_DENIED")), Cause.PERMISSION, False),
        (404, faults.error(404, "not found", "NOT_FOUND"), Cause.NOT_FOUND, False),
        (400, faults.error(400, "bad", "INVALID_ARGUMENT"), Cause.REQUEST, False),
        (408, None, Cause.UNAVAILABLE, True),
        (500, None, Cause.UNAVAILABLE, True),
        (503, {"error": "a string"}, Cause.UNAVAILABLE, True),
    ],
)
def test_each_refusal_has_its_cause(status: int, body: object, cause: Cause, transient: bool) -> None:
    problem = classify(status, body, ASKED)
    assert (problem.cause, problem.transient) == (cause, transient)
    assert problem.reason


def test_a_missing_permission_says_what_to_grant_to_whom() -> None:
    problem = classify(403, faults.denied_old("compute.urlMaps.list", "projects/shop"), ASKED)
    assert problem.permission == "compute.urlMaps.list"
    assert problem.reason == (
        "permission compute.urlMaps.list is missing on projects/shop; "
        "grant compute.urlMaps.list (roles/cloudsql.viewer has it) to serviceAccount:audit@shop.iam"
    )


def test_a_refusal_without_a_name_is_about_the_permission_of_the_list() -> None:
    refusal = faults.error(403, "The caller does not have permission", "PERMISSION_DENIED")
    assert classify(403, refusal, ASKED).permission == "cloudsql.instances.list"


def test_an_api_that_is_off_is_named_with_the_project_in_which_it_is_off() -> None:
    problem = classify(403, faults.disabled("sqladmin.googleapis.com", 12), ASKED)
    assert "not enabled in projects/12" in problem.reason
    assert "`gcloud services enable sqladmin.googleapis.com --project 12`" in problem.reason


def test_a_hostile_message_stays_one_short_line() -> None:
    problem = classify(500, faults.error(500, "x\n" * 10_000, "INTERNAL"), ASKED)
    assert len(problem.reason) < 500
    assert "\n" not in problem.reason

"""Identifiers that the same content always gets: documents of one assessment are equal, byte for byte."""

from __future__ import annotations

import json
from uuid import NAMESPACE_URL, uuid5

from gonogo.model.assessment import Assessment
from gonogo.report.json_document import document

_NAMESPACE = uuid5(NAMESPACE_URL, "https://gonogo.dev/schemas/assessment.v1.json")


def uuid(*parts: str) -> str:
    """A version 5 UUID (RFC 9562) of `parts`."""
    # A lone surrogate, which JSON can carry, has no UTF-8.
    return str(uuid5(_NAMESPACE, json.dumps(parts)))


def uuid_of(assessment: Assessment, form: str) -> str:
    """The UUID of one document of an assessment: of everything in it, its timestamps too."""
    return uuid(form, json.dumps(document(assessment), sort_keys=True))

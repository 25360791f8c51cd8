"""Terraform's built-in functions, exact or not at all."""

from __future__ import annotations

from collections.abc import Mapping

from gonogo.sources.terraform.functions.base import Function, invoke
from gonogo.sources.terraform.functions.collecting import COLLECTION_FUNCTIONS
from gonogo.sources.terraform.functions.conversion import CONVERSION_FUNCTIONS
from gonogo.sources.terraform.functions.dates import DATE_FUNCTIONS
from gonogo.sources.terraform.functions.encoding import ENCODING_FUNCTIONS
from gonogo.sources.terraform.functions.hashes import HASH_FUNCTIONS
from gonogo.sources.terraform.functions.networks import NETWORK_FUNCTIONS
from gonogo.sources.terraform.functions.numbers import NUMBER_FUNCTIONS
from gonogo.sources.terraform.functions.strings import STRING_FUNCTIONS

__all__ = ["FUNCTIONS", "IMPURE", "Function", "invoke"]

FUNCTIONS: Mapping[str, Function] = {
    **STRING_FUNCTIONS,
    **NUMBER_FUNCTIONS,
    **COLLECTION_FUNCTIONS,
    **ENCODING_FUNCTIONS,
    **CONVERSION_FUNCTIONS,
    **DATE_FUNCTIONS,
    **HASH_FUNCTIONS,
    **NETWORK_FUNCTIONS,
}

# Functions whose result nobody can know from the code, with the reason.
IMPURE: Mapping[str, str] = {
    "bcrypt": "bcrypt() is salted: its result differs each time",
    "issensitive": "issensitive() is not evaluated",
    "plantimestamp": "plantimestamp() is the time of the plan",
    "rsadecrypt": "rsadecrypt() is not evaluated",
    "timestamp": "timestamp() is the time of the apply",
    "type": "type() is for the console only",
    "uuid": "uuid() is random",
}

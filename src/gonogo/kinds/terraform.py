"""What Terraform says about its own configuration."""

from __future__ import annotations

from gonogo.kinds.base import Kind
from gonogo.model.shape import BOOL, STRING, record

VALIDATION = "terraform/Validation"

KINDS = (
    # module: the directory of the module whose variable it is; given: false where nobody gave the value it waits for;
    # message: the error message that Terraform would stop with.
    Kind(VALIDATION, "variable validation", record(module=STRING, variable=STRING, given=BOOL, holds=BOOL, message=STRING)),
)

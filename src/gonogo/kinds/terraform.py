"""Terraform itself: root modules as they are applied, and what it says about its own configuration."""

from __future__ import annotations

from gonogo.kinds.base import Kind
from gonogo.model.shape import BOOL, STRING, ListOf, record

TERRAFORM_ROOT = "terraform/Root"
VALIDATION = "terraform/Validation"

KINDS = (
    # A root module as it is applied for one environment; roots of no named environment have none.
    # by: what tells that it is applied (`backend`, `tfvars`, `terragrunt`, `uncalled`); varFiles: in the order in which they are given;
    # workspace: `` where it is not known; evaluated: false where another environment than that of the instance was judged.
    Kind(
        TERRAFORM_ROOT,
        "Terraform root module",
        record(root=STRING, module=STRING, by=STRING, varFiles=ListOf(STRING), workspace=STRING, evaluated=BOOL),
    ),
    # module: the directory of the module whose variable it is; given: false where nobody gave the value it waits for;
    # message: the error message that Terraform would stop with.
    Kind(VALIDATION, "variable validation", record(module=STRING, variable=STRING, given=BOOL, holds=BOOL, message=STRING)),
)

"""Terraform itself: root modules as they are applied."""

from __future__ import annotations

from gonogo.kinds.base import Kind
from gonogo.model.shape import BOOL, STRING, ListOf, record

TERRAFORM_ROOT = "terraform/Root"

KINDS = (
    # A root module as it is applied for one environment; roots of no named environment have none.
    # by: what tells that it is applied (`backend`, `tfvars`, `terragrunt`, `uncalled`); varFiles: in the order in which they are given;
    # workspace: `` where it is not known; evaluated: false where another environment than that of the instance was judged.
    Kind(
        TERRAFORM_ROOT,
        "Terraform root module",
        record(root=STRING, module=STRING, by=STRING, varFiles=ListOf(STRING), workspace=STRING, evaluated=BOOL),
    ),
)

"""Google Cloud resources from every way of declaring them: the seam for the readers of Terraform, YAML and pipelines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gonogo.kinds.base import Kind
from gonogo.kinds.fields import Written
from gonogo.model.location import Location, Locations
from gonogo.model.resource import Resource
from gonogo.model.value import Value

KINDS: tuple[Kind, ...] = ()


def from_terraform(resource_type: str, address: str, written: Written, environment: str = "", root: str = "") -> tuple[Resource, ...]:
    """The canonical resources of one Terraform instance; none where its type is not one of ours."""
    raise NotImplementedError


def from_config_connector(document: Value, locations: Locations, environment: str = "") -> tuple[Resource, ...]:
    """The canonical resources of a Config Connector object (`apiVersion: *.cnrm.cloud.google.com/…`); none where it is not one of ours."""
    raise NotImplementedError


def from_knative(document: Value, locations: Locations, environment: str = "") -> tuple[Resource, ...]:
    """The canonical resources of a Knative Service (`apiVersion: serving.knative.dev/v1, kind: Service`) for Cloud Run; else none."""
    raise NotImplementedError


def from_gcloud(
    command: Sequence[str],
    arguments: Sequence[Value],
    flags: Mapping[str, Value],
    locations: Mapping[str, Location],
    at: Location,
    environment: str = "",
) -> tuple[Resource, ...]:
    """The canonical resources that a gcloud command declares; none where it declares none of ours.

    `command` is the words without `gcloud` and a release track: (`run`, `deploy`), (`sql`, `instances`, `create`).
    `arguments` are the positional ones. `flags` have their names without `--`; a flag without a value is True, one given
    several times a list, one whose value could not be resolved `Unknown`. `locations` has the place of each flag by name,
    `at` is the place of the command.
    """
    raise NotImplementedError

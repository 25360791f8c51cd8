"""Secret Manager secrets."""

from __future__ import annotations

from gonogo.kinds.fields import Field
from gonogo.kinds.spec import Spec, TerraformType, last_segment
from gonogo.model.shape import STRING

KIND = "secretmanager.googleapis.com/Secret"

SECRET = Spec(
    KIND,
    "Secret Manager secret",
    (
        Field("name", STRING, ("secret_id", "resourceID", "metadata.name"), gcloud=("0",), convert=last_segment, api=("asset.id",)),
        Field("rotation.rotationPeriod", STRING, ("rotation.rotation_period",)),
    ),
    {"google_secret_manager_secret": TerraformType(), "google_secret_manager_regional_secret": TerraformType()},
    ("secretmanager/SecretManagerSecret",),
)

SPECS = (SECRET,)

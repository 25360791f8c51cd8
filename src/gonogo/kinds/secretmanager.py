"""Secret Manager secrets, and the plain text that is put into them."""

from __future__ import annotations

from gonogo.kinds.fields import Draft, Field, Found, Written
from gonogo.kinds.spec import Link, Spec, TerraformType
from gonogo.model.shape import STRING
from gonogo.model.value import Unknown

KIND = "secretmanager.googleapis.com/Secret"
VERSION_KIND = "secretmanager.googleapis.com/SecretVersion"


def _payload(draft: Draft, written: Written) -> None:
    """Where the payload comes from: `literal` text in the code, or `reference`. The payload itself is not kept."""
    found = written.first(("secret_data", "secret_data_wo"))
    if not isinstance(found, Found):
        draft.attributes["payload"] = None
        return
    draft.place(("payload",), written, found.path)
    text = found.value
    if isinstance(text, Unknown):
        draft.attributes["payload"] = text
    else:
        draft.attributes["payload"] = "reference" if isinstance(text, str) and "${" in text else "literal"


SECRET = Spec(
    KIND,
    "Secret Manager secret",
    (
        Field("name", STRING, ("secret_id", "resourceID", "metadata.name"), gcloud=("0",)),
        Field("rotation.rotationPeriod", STRING, ("rotation.rotation_period",)),
    ),
    {"google_secret_manager_secret": TerraformType(), "google_secret_manager_regional_secret": TerraformType()},
    ("secretmanager/SecretManagerSecret",),
)

VERSION = Spec(
    VERSION_KIND,
    "version of a Secret Manager secret",
    (Field("name", STRING, ("secret",), reference=True),),
    {"google_secret_manager_secret_version": TerraformType(), "google_secret_manager_regional_secret_version": TerraformType()},
    derive=_payload,
    derived={"payload": STRING},
    links=(Link("secret", "name", (KIND,), required=False),),
)

SPECS = (SECRET, VERSION)

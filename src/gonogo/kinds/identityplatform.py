"""Identity Platform, which signs the users of an application in."""

from __future__ import annotations

from gonogo.kinds.fields import Field
from gonogo.kinds.spec import Spec, TerraformType
from gonogo.model.shape import STRING, ListOf

KIND = "identitytoolkit.googleapis.com/Config"

CONFIG = Spec(
    KIND,
    "Identity Platform configuration",
    (
        # A project has one, which bears its name.
        Field("name", STRING, ("project", "metadata.name"), api=("asset.project",)),
        # Not written, the server keeps what it had: disabled until somebody enables it (https://cloud.google.com/identity-platform/docs/web/mfa).
        Field("mfa.state", STRING, ("mfa.state",), values=("DISABLED", "ENABLED", "MANDATORY")),
        Field("mfa.enabledProviders", ListOf(STRING), ("mfa.enabled_providers",)),
    ),
    {"google_identity_platform_config": TerraformType()},
    ("identityplatform/IdentityPlatformConfig",),
)

SPECS = (CONFIG,)

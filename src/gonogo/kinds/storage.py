"""What lets data go after a time: lifecycle rules of buckets, the time to live of Firestore documents. Read from declarations only."""

from __future__ import annotations

from gonogo.kinds.fields import Field, Items
from gonogo.kinds.spec import Spec, TerraformType
from gonogo.model.shape import STRING

BUCKET_KIND = "storage.googleapis.com/Bucket"
TTL_KIND = "firestore.googleapis.com/Field"

BUCKET = Spec(
    BUCKET_KIND,
    "Cloud Storage bucket",
    (
        Field("name", STRING, ("name", "resourceID", "metadata.name")),
        Items("lifecycle.rule", (Field("action.type", STRING, ("action.type",)),), ("lifecycle_rule",)),
    ),
    {"google_storage_bucket": TerraformType()},
    ("storage/StorageBucket",),
)
# A field with a `ttl_config` block, which may be empty, is one by which documents expire.
TTL_FIELD = Spec(
    TTL_KIND,
    "Firestore field",
    (
        Field("name", STRING, ("field", "resourceID", "metadata.name"), api=("asset.id",)),
        Items("ttlConfig", (Field("state", STRING, ("state",)),), ("ttl_config",)),
    ),
    {"google_firestore_field": TerraformType()},
)

SPECS = (BUCKET, TTL_FIELD)

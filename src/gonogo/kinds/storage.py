"""What lets data go after a time: lifecycle rules of buckets, the time to live of Firestore documents, the expiration of BigQuery tables. Read from
declarations only."""

from __future__ import annotations

from gonogo.kinds.fields import Field, Items
from gonogo.kinds.spec import Spec, TerraformType, integer
from gonogo.model.shape import INT, STRING

BUCKET_KIND = "storage.googleapis.com/Bucket"
TTL_KIND = "firestore.googleapis.com/Field"
DATASET_KIND = "bigquery.googleapis.com/Dataset"
TABLE_KIND = "bigquery.googleapis.com/Table"

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

_TABLE_ID = ("table_id", "resourceID", "metadata.name")
DATASET = Spec(
    DATASET_KIND,
    "BigQuery dataset",
    (
        Field("name", STRING, ("dataset_id", "resourceID", "metadata.name")),
        Field("defaultTableExpirationMs", INT, ("default_table_expiration_ms",), convert=integer),
        Field("defaultPartitionExpirationMs", INT, ("default_partition_expiration_ms",), convert=integer),
    ),
    {"google_bigquery_dataset": TerraformType()},
)
TABLE = Spec(
    TABLE_KIND,
    "BigQuery table",
    (
        Field("name", STRING, _TABLE_ID),
        Field("timePartitioning.expirationMs", INT, ("time_partitioning.expiration_ms",), convert=integer),
    ),
    {"google_bigquery_table": TerraformType()},
)

SPECS = (BUCKET, TTL_FIELD, DATASET, TABLE)

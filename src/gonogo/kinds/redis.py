"""Memorystore: Redis instances, Redis clusters and Valkey instances. Their enumerations differ, so each is a kind."""

from __future__ import annotations

from gonogo.kinds.fields import UNSAID, Default, Field, Table
from gonogo.kinds.spec import Spec, TerraformType, boolean, integer, last_segment
from gonogo.model.shape import BOOL, INT, STRING

INSTANCE_KIND = "redis.googleapis.com/Instance"
CLUSTER_KIND = "redis.googleapis.com/Cluster"
MEMORYSTORE_KIND = "memorystore.googleapis.com/Instance"

_NAME: Table = (
    Field("name", STRING, ("name", "instance_id", "resourceID", "metadata.name"), gcloud=("0",), convert=last_segment, api=("asset.id",)),
    Field("region", STRING, ("region", "location"), gcloud=("region",), api=("asset.location",)),
)
_DOCS = "https://cloud.google.com/memorystore/docs"
_MULTI_ZONE = Default("MULTI_ZONE", f"{_DOCS}/cluster/reference/rest/v1/projects.locations.clusters: defaults to MULTI_ZONE, when not specified")
_ZONES = Field(
    "zoneDistributionConfig.mode",
    STRING,
    ("zone_distribution_config.mode",),
    absent=_MULTI_ZONE,
    api_absent=_MULTI_ZONE,
    values=("MULTI_ZONE", "SINGLE_ZONE"),
)

INSTANCE = Spec(
    INSTANCE_KIND,
    "Memorystore for Redis instance",
    (
        *_NAME,
        Field(
            "tier",
            STRING,
            ("tier",),
            gcloud=("tier",),
            absent=Default("BASIC", "google_redis_instance.tier"),
            api_absent=UNSAID,
            convert=lambda v: v.upper().replace("-", "_") if isinstance(v, str) else v,
            values=("BASIC", "STANDARD_HA"),
        ),
        Field(
            "authEnabled",
            BOOL,
            ("auth_enabled",),
            gcloud=("enable-auth",),
            absent=Default(False, "google_redis_instance.auth_enabled"),
            convert=boolean,
        ),
        Field(
            "transitEncryptionMode",
            STRING,
            ("transit_encryption_mode",),
            gcloud=("transit-encryption-mode",),
            absent=Default("DISABLED", "google_redis_instance.transit_encryption_mode"),
            api_absent=Default("DISABLED", f"{_DOCS}/redis/reference/rest/v1/projects.locations.instances"),
            convert=lambda v: v.upper().replace("-", "_") if isinstance(v, str) else v,
            values=("DISABLED", "SERVER_AUTHENTICATION"),
        ),
        Field(
            "replicaCount",
            INT,
            ("replica_count",),
            gcloud=("replica-count",),
            convert=integer,
            api_absent=Default(0, "the basic tier has none"),
        ),
        Field("redisVersion", STRING, ("redis_version",), gcloud=("redis-version",)),
        Field("persistenceConfig.persistenceMode", STRING, ("persistence_config.persistence_mode",)),
    ),
    {"google_redis_instance": TerraformType()},
    ("redis/RedisInstance",),
)

CLUSTER = Spec(
    CLUSTER_KIND,
    "Memorystore for Redis cluster",
    (
        *_NAME,
        Field(
            "authorizationMode",
            STRING,
            ("authorization_mode",),
            absent=Default("AUTH_MODE_DISABLED", "google_redis_cluster.authorization_mode"),
            api_absent=Default("AUTH_MODE_DISABLED", f"{_DOCS}/cluster/reference/rest/v1/projects.locations.clusters"),
            values=("AUTH_MODE_DISABLED", "AUTH_MODE_IAM_AUTH", "AUTH_MODE_TOKEN_AUTH"),
        ),
        Field(
            "transitEncryptionMode",
            STRING,
            ("transit_encryption_mode",),
            absent=Default("TRANSIT_ENCRYPTION_MODE_DISABLED", "google_redis_cluster.transit_encryption_mode"),
            api_absent=Default("TRANSIT_ENCRYPTION_MODE_DISABLED", f"{_DOCS}/cluster/reference/rest/v1/projects.locations.clusters"),
            values=("TRANSIT_ENCRYPTION_MODE_DISABLED", "TRANSIT_ENCRYPTION_MODE_SERVER_AUTHENTICATION"),
        ),
        Field("replicaCount", INT, ("replica_count",), absent=Default(0, "google_redis_cluster.replica_count"), convert=integer),
        Field("shardCount", INT, ("shard_count",), convert=integer),
        _ZONES,
    ),
    {"google_redis_cluster": TerraformType()},
    ("redis/RedisCluster",),
)

MEMORYSTORE = Spec(
    MEMORYSTORE_KIND,
    "Memorystore for Valkey instance",
    (
        *_NAME,
        Field(
            "authorizationMode",
            STRING,
            ("authorization_mode",),
            absent=Default("AUTH_DISABLED", "google_memorystore_instance.authorization_mode"),
            api_absent=UNSAID,
            values=("AUTH_DISABLED", "IAM_AUTH"),
        ),
        Field(
            "transitEncryptionMode",
            STRING,
            ("transit_encryption_mode",),
            absent=Default("TRANSIT_ENCRYPTION_DISABLED", "google_memorystore_instance.transit_encryption_mode"),
            api_absent=UNSAID,
            values=("TRANSIT_ENCRYPTION_DISABLED", "SERVER_AUTHENTICATION"),
        ),
        Field(
            "mode",
            STRING,
            ("mode",),
            absent=Default("CLUSTER", "google_memorystore_instance.mode"),
            api_absent=UNSAID,
            values=("STANDALONE", "CLUSTER", "CLUSTER_DISABLED"),
        ),
        Field("replicaCount", INT, ("replica_count",), absent=Default(0, "google_memorystore_instance.replica_count"), convert=integer),
        _ZONES,
    ),
    {"google_memorystore_instance": TerraformType()},
    ("memorystore/MemorystoreInstance",),
)

SPECS = (INSTANCE, CLUSTER, MEMORYSTORE)

"""Cloud SQL instances (https://cloud.google.com/sql/docs/postgres/admin-api/rest/v1beta4/instances)."""

from __future__ import annotations

from gonogo.kinds.ages import age_hours
from gonogo.kinds.fields import (
    NOT_SET,
    UNSAID,
    Default,
    Draft,
    Field,
    Found,
    Items,
    Missing,
    ServerChooses,
    Spelling,
    Written,
    read_table,
)
from gonogo.kinds.spec import Link, Spec, TerraformType, boolean, integer
from gonogo.model.shape import BOOL, DOUBLE, INT, STRING
from gonogo.model.value import Unknown, Value, lookup

KIND = "sqladmin.googleapis.com/Instance"
BACKUP_KIND = "sqladmin.googleapis.com/BackupRun"

_API = "https://cloud.google.com/sql/docs/postgres/admin-api/rest/v1beta4/instances"
_TERRAFORM = "https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/sql_database_instance"
_BACKUP = "settings.backup_configuration"
_IP = "settings.ip_configuration"

# Optional+Computed in the provider: without the block the API creates the instance with backups off, which 26 of 37
# recorded creations show (k8s-config-connector test logs). gcloud is different: it enables them unless told --no-backup.
_BACKUPS_OFF = Default(False, "the API creates an instance without a backup configuration with backups off")


def _enabled(value: Value) -> Value:
    """`--backup-start-time=02:00` enables backups as `--backup` does; an annotation's `"true"` is text."""
    return True if isinstance(value, str) and ":" in value else boolean(value)


def _primary(value: Value) -> Value:
    """The API answers `project:instance`."""
    return value.rpartition(":")[2] if isinstance(value, str) and "${" not in value else value


def _ssl_mode(draft: Draft) -> None:
    """`sslMode` wins over the older `requireSsl`, which meant that a client certificate is required."""
    path, older = ("settings", "ipConfiguration", "sslMode"), ("settings", "ipConfiguration", "requireSsl")
    if lookup(draft.attributes, *path) is not None:
        return
    required = lookup(draft.attributes, *older)
    if older in draft.written and older in draft.locations:
        draft.locations[path] = draft.locations[older]
        draft.written.add(path)
    if isinstance(required, Unknown):
        draft.put(path, required)
    else:
        # "Allow both non-SSL/non-TLS and SSL/TLS connections … This is the default."
        # https://cloud.google.com/sql/docs/postgres/configure-ssl-instance
        draft.put(path, "TRUSTED_CLIENT_CERTIFICATE_REQUIRED" if required is True else "ALLOW_UNENCRYPTED_AND_ENCRYPTED")


def _instance_type(draft: Draft) -> None:
    """A replica is an instance that names a primary; older declarations do not say what they are."""
    if draft.attributes["instanceType"] is None:
        primary = draft.attributes["masterInstanceName"]
        kind: Value = "CLOUD_SQL_INSTANCE"
        if isinstance(primary, Unknown):
            kind = Unknown.because(*(f"whether it is a replica: {reason}" for reason in primary.reasons))
        elif primary not in (None, ""):
            kind = "READ_REPLICA_INSTANCE"
        draft.attributes["instanceType"] = kind
        if ("masterInstanceName",) in draft.locations:
            draft.locations["instanceType",] = draft.locations["masterInstanceName",]


def _without_settings(draft: Draft, written: Written) -> None:
    """An instance may be made of another one, or of its backups, and then has the settings of that one but for its own.

    An answer without any is not whole: what it leaves out of them is false, what it leaves out with them is not known.
    """
    if not isinstance(written.find("settings"), Missing):
        return
    sources = ("clone", "point_in_time_restore_context")
    if written.answered:
        reason = UNSAID
    elif any(isinstance(written.find(name), Found) for name in sources):
        reason = ServerChooses("it has the settings of the instance that it is made of")
    else:
        return
    spelling = Spelling.API if written.answered else Spelling.TERRAFORM
    draft.attributes["settings"] = read_table(INSTANCE.table, written, spelling, reason).attributes["settings"]


def _derive(draft: Draft, written: Written) -> None:
    _without_settings(draft, written)
    _ssl_mode(draft)
    _instance_type(draft)
    draft.attributes["ageHours"] = age_hours(written, draft.attributes["createTime"])


INSTANCE = Spec(
    KIND,
    "Cloud SQL instance",
    (
        Field("name", STRING, ("name", "resourceID", "metadata.name"), gcloud=("0",)),
        Field("region", STRING, ("region",), gcloud=("region",)),
        Field(
            "databaseVersion",
            STRING,
            ("database_version",),
            gcloud=("database-version",),
            absent=ServerChooses("the database version is not written"),
        ),
        Field(
            "masterInstanceName",
            STRING,
            ("master_instance_name", "master_instance"),
            gcloud=("master-instance-name",),
            convert=_primary,
            reference=True,
        ),
        Field(
            "instanceType",
            STRING,
            ("instance_type",),
            gcloud=("instance-type",),
            values=("CLOUD_SQL_INSTANCE", "ON_PREMISES_INSTANCE", "READ_REPLICA_INSTANCE", "READ_POOL_INSTANCE", "GREEN_INSTANCE"),
        ),
        Field("createTime", STRING, api_absent=UNSAID),
        # "Only allow connections that use Cloud SQL Connectors", which encrypt.
        Field(
            "settings.connectorEnforcement",
            STRING,
            ("settings.connector_enforcement",),
            gcloud=("connector-enforcement",),
            absent=Default("NOT_REQUIRED", _API),
            api_absent=Default("NOT_REQUIRED", f"{_API}: older answers have no such key"),
            values=("REQUIRED", "NOT_REQUIRED"),
        ),
        Field("settings.edition", STRING, ("settings.edition",), gcloud=("edition",)),
        Field("settings.activationPolicy", STRING),  # asked of what is live only, as `createTime`; what is stopped says so
        Field(
            "settings.availabilityType",
            STRING,
            ("settings.availability_type",),
            gcloud=("availability-type",),
            absent=Default("ZONAL", _TERRAFORM),
            # Instances of 2018 have no such key in their answers (recorded), and none of them was regional.
            api_absent=Default("ZONAL", _API),
            values=("ZONAL", "REGIONAL"),
        ),
        Field(
            "settings.backupConfiguration.enabled",
            BOOL,
            (f"{_BACKUP}.enabled",),
            gcloud=("backup", "backup-start-time"),
            absent=_BACKUPS_OFF,
            convert=_enabled,
        ),
        Field(
            "settings.backupConfiguration.pointInTimeRecoveryEnabled",
            BOOL,
            (f"{_BACKUP}.point_in_time_recovery_enabled",),
            gcloud=("enable-point-in-time-recovery",),
            absent=Default(False, _TERRAFORM),
            convert=boolean,
        ),
        Field(
            "settings.backupConfiguration.binaryLogEnabled",
            BOOL,
            (f"{_BACKUP}.binary_log_enabled",),
            gcloud=("enable-bin-log",),
            absent=Default(False, _TERRAFORM),
            convert=boolean,
        ),
        Field("settings.backupConfiguration.startTime", STRING, (f"{_BACKUP}.start_time",), gcloud=("backup-start-time",)),
        Field("settings.backupConfiguration.backupTier", STRING, (f"{_BACKUP}.backup_tier",), values=("STANDARD", "ADVANCED", "ENHANCED")),
        # The server fills in 7 and 7, also where backups are off; only a figure that is written is a decision on retention.
        Field(
            "settings.backupConfiguration.transactionLogRetentionDays",
            INT,
            (f"{_BACKUP}.transaction_log_retention_days",),
            gcloud=("retained-transaction-log-days",),
            absent=NOT_SET,
            convert=integer,
        ),
        Field(
            "settings.backupConfiguration.backupRetentionSettings.retainedBackups",
            INT,
            (f"{_BACKUP}.backup_retention_settings.retained_backups",),
            gcloud=("retained-backups-count",),
            absent=NOT_SET,
            convert=integer,
        ),
        Field(
            "settings.backupConfiguration.backupRetentionSettings.retentionUnit",
            STRING,
            (f"{_BACKUP}.backup_retention_settings.retention_unit",),
            absent=Default("COUNT", _TERRAFORM),
            api_absent=Default("COUNT", f"{_API}: unspecified will be treated as COUNT"),
        ),
        Field(
            "settings.ipConfiguration.ipv4Enabled",
            BOOL,
            (f"{_IP}.ipv4_enabled",),
            gcloud=("assign-ip",),
            absent=Default(True, _TERRAFORM),
            convert=boolean,
            api_absent=UNSAID,
        ),
        Field("settings.ipConfiguration.privateNetwork", STRING, (f"{_IP}.private_network",), gcloud=("network",), reference=True),
        Field(
            "settings.ipConfiguration.sslMode",
            STRING,
            (f"{_IP}.ssl_mode",),
            gcloud=("ssl-mode",),
            values=("ALLOW_UNENCRYPTED_AND_ENCRYPTED", "ENCRYPTED_ONLY", "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"),
        ),
        Field(
            "settings.ipConfiguration.requireSsl",
            BOOL,
            (f"{_IP}.require_ssl",),
            gcloud=("require-ssl",),
            absent=Default(False, _API),
            convert=boolean,
        ),
        Items(
            "settings.ipConfiguration.authorizedNetworks",
            (Field("name", STRING, ("name",)), Field("value", STRING, ("value",))),
            (f"{_IP}.authorized_networks",),
        ),
        Field(
            "settings.insightsConfig.queryInsightsEnabled",
            BOOL,
            ("settings.insights_config.query_insights_enabled",),
            gcloud=("insights-config-query-insights-enabled",),
            absent=Default(False, _TERRAFORM),
            convert=boolean,
        ),
        Field(
            "settings.deletionProtectionEnabled",
            BOOL,
            ("settings.deletion_protection_enabled",),
            gcloud=("deletion-protection",),
            absent=Default(False, _API),
            convert=boolean,
        ),
    ),
    terraform={"google_sql_database_instance": TerraformType()},
    config_connector=("sql/SQLInstance",),
    derive=_derive,
    # Hours since it was made, when it was read; null in a declaration.
    derived={"ageHours": DOUBLE},
)

# https://cloud.google.com/sql/docs/postgres/admin-api/rest/v1beta4/backupRuns
BACKUP_RUN = Spec(
    BACKUP_KIND,
    "backup of a Cloud SQL instance",
    (
        Field("name", STRING, api=("asset.id",)),
        Field("instance", STRING, reference=True, api=("asset.owner",)),
        Field("type", STRING, api_absent=UNSAID),
        Field("status", STRING, api_absent=UNSAID),
        Field("time", STRING, api=("endTime", "startTime", "enqueuedTime", "windowStartTime"), api_absent=UNSAID),
        Field("error.message", STRING),
    ),
    derive=lambda draft, written: draft.attributes.update(ageHours=age_hours(written, draft.attributes["time"])),
    derived={"ageHours": DOUBLE},
    links=(Link("instance", "instance", (KIND,)),),
)

SPECS = (INSTANCE, BACKUP_RUN)
# What `gcloud sql instances create` does where the API would not: "Enabled by default, use --no-backup to disable."
# https://cloud.google.com/sdk/gcloud/reference/sql/instances/create
GCLOUD_CREATE = {
    "settings.backupConfiguration.enabled": Default(True, "gcloud sql instances create --backup is the default"),
    "databaseVersion": Default("MYSQL_8_0", "gcloud sql instances create"),
}

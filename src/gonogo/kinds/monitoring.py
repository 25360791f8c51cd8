"""Cloud Monitoring: alert policies, notification channels, uptime checks, dashboards; and log sinks."""

from __future__ import annotations

import json

from gonogo.kinds.fields import Default, Draft, Field, Found, Items, Table, Written
from gonogo.kinds.spec import Link, Spec, TerraformType, boolean
from gonogo.model.shape import ANY, BOOL, STRING, ListOf

ALERT_KIND = "monitoring.googleapis.com/AlertPolicy"
CHANNEL_KIND = "monitoring.googleapis.com/NotificationChannel"
UPTIME_KIND = "monitoring.googleapis.com/UptimeCheckConfig"
DASHBOARD_KIND = "monitoring.googleapis.com/Dashboard"
SINK_KIND = "logging.googleapis.com/LogSink"

_NAMED: Table = (Field("name", STRING, ("display_name", "metadata.name")),)

ALERT = Spec(
    ALERT_KIND,
    "alert policy",
    (
        *_NAMED,
        Field("enabled", BOOL, ("enabled",), absent=Default(True, "google_monitoring_alert_policy.enabled"), convert=boolean),
        Field("notificationChannels", ListOf(STRING), ("notification_channels",), absent=Default([], "none"), reference=True),
        Items("conditions", (Field("displayName", STRING, ("display_name",)),), ("conditions",)),
    ),
    {"google_monitoring_alert_policy": TerraformType()},
    ("monitoring/MonitoringAlertPolicy",),
    links=(Link("channels", "notificationChannels", (CHANNEL_KIND,), required=False),),
)

CHANNEL = Spec(
    CHANNEL_KIND,
    "notification channel",
    (
        *_NAMED,
        Field("type", STRING, ("type",)),
        Field("enabled", BOOL, ("enabled",), absent=Default(True, "google_monitoring_notification_channel.enabled"), convert=boolean),
    ),
    {"google_monitoring_notification_channel": TerraformType()},
    ("monitoring/MonitoringNotificationChannel",),
)

UPTIME = Spec(
    UPTIME_KIND,
    "uptime check",
    (
        *_NAMED,
        Field(
            "disabled", BOOL, ("disabled",), absent=Default(False, "https://cloud.google.com/monitoring/api/ref_v3/rest"), convert=boolean
        ),
        Field("period", STRING, ("period",), absent=Default("300s", "google_monitoring_uptime_check_config.period")),
        Field("httpCheck.useSsl", BOOL, ("http_check.use_ssl",), convert=boolean),
        Field("httpCheck.validateSsl", BOOL, ("http_check.validate_ssl",), convert=boolean),
    ),
    {"google_monitoring_uptime_check_config": TerraformType()},
    ("monitoring/MonitoringUptimeCheckConfig",),
)


def _parses(draft: Draft, written: Written) -> None:
    """The provider refuses a dashboard that is no JSON, so only a text that is known can be wrong."""
    found = written.find("dashboard_json")
    draft.attributes["parses"] = True
    if isinstance(found, Found):
        draft.place(("parses",), written, found.path)
        text = written.settle(found.value)
        if isinstance(text, str):
            try:
                draft.attributes["parses"] = isinstance(json.loads(text), dict)
            except (ValueError, RecursionError):
                draft.attributes["parses"] = False


DASHBOARD = Spec(
    DASHBOARD_KIND,
    "Cloud Monitoring dashboard",
    (Field("name", STRING, ("display_name", "metadata.name")),),
    {"google_monitoring_dashboard": TerraformType()},
    ("monitoring/MonitoringDashboard",),
    derive=_parses,
    derived={"parses": BOOL},
)

SINK = Spec(
    SINK_KIND,
    "log sink",
    (
        Field("name", STRING, ("name", "resourceID", "metadata.name"), gcloud=("0",)),
        Field("destination", ANY, ("destination",), gcloud=("1",), reference=True),
        Field("filter", STRING, ("filter",), gcloud=("log-filter",)),
        Field(
            "disabled",
            BOOL,
            ("disabled",),
            gcloud=("disabled",),
            absent=Default(False, "google_logging_project_sink.disabled"),
            convert=boolean,
        ),
    ),
    {f"google_logging_{scope}_sink": TerraformType() for scope in ("project", "folder", "organization", "billing_account")},
    ("logging/LoggingLogSink",),
)

SPECS = (ALERT, CHANNEL, UPTIME, DASHBOARD, SINK)

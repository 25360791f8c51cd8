"""Cloud Monitoring: alert policies, notification channels, uptime checks, dashboards; and log sinks."""

from __future__ import annotations

import json

from gonogo.kinds.ages import is_past
from gonogo.kinds.dashboard_metrics import Metrics, metrics_of
from gonogo.kinds.dashboard_panels import has_parts, widgets
from gonogo.kinds.fields import UNSAID, Default, Draft, Field, Found, Items, Table, Written
from gonogo.kinds.spec import Link, Spec, TerraformType, boolean, integer
from gonogo.model.shape import ANY, BOOL, DOUBLE, INT, STRING, ListOf
from gonogo.model.value import Unknown, lookup

ALERT_KIND = "monitoring.googleapis.com/AlertPolicy"
CHANNEL_KIND = "monitoring.googleapis.com/NotificationChannel"
UPTIME_KIND = "monitoring.googleapis.com/UptimeCheckConfig"
DASHBOARD_KIND = "monitoring.googleapis.com/Dashboard"
SLO_KIND = "monitoring.googleapis.com/ServiceLevelObjective"
SINK_KIND = "logging.googleapis.com/LogSink"

# People know them by what is displayed; the API's own name is a number.
_NAMED: Table = (Field("name", STRING, ("display_name", "metadata.name"), api=("displayName",)),)
_API = "https://cloud.google.com/monitoring/api/ref_v3/rest/v3"

ALERT = Spec(
    ALERT_KIND,
    "alert policy",
    (
        *_NAMED,
        Field(
            "enabled",
            BOOL,
            ("enabled",),
            absent=Default(True, "google_monitoring_alert_policy.enabled"),
            convert=boolean,
            api_absent=UNSAID,  # "On read, clients should not make any assumption about the state if it has not been populated."
        ),
        Field("notificationChannels", ListOf(STRING), ("notification_channels",), absent=Default([], "none"), reference=True),
        # "This field is only set when the alerting policy is invalid. An invalid alerting policy will not generate incidents."
        Field("validity", ANY, convert=lambda v: v or None),
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
        Field(
            "enabled",
            BOOL,
            ("enabled",),
            absent=Default(True, "google_monitoring_notification_channel.enabled"),
            convert=boolean,
            api_absent=UNSAID,
        ),
        # Only some types are verified: of the others it says nothing.
        Field("verificationStatus", STRING, ("verification_status",), values=("UNVERIFIED", "VERIFIED")),
    ),
    {"google_monitoring_notification_channel": TerraformType()},
    ("monitoring/MonitoringNotificationChannel",),
)

UPTIME = Spec(
    UPTIME_KIND,
    "uptime check",
    (
        *_NAMED,
        # Terraform cannot disable a check, the provider has no such argument; Config Connector and the console can.
        Field("disabled", BOOL, ("disabled",), absent=Default(False, f"{_API}/projects.uptimeCheckConfigs"), convert=boolean),
        Field(
            "period",
            STRING,
            ("period",),
            absent=Default("300s", "google_monitoring_uptime_check_config.period"),
            api_absent=Default("60s", f"{_API}/projects.uptimeCheckConfigs: optional, defaults to 60s"),
        ),
        Field("httpCheck.useSsl", BOOL, ("http_check.use_ssl",), absent=Default(False, _API), convert=boolean),
        Field("httpCheck.validateSsl", BOOL, ("http_check.validate_ssl",), absent=Default(False, _API), convert=boolean),
    ),
    {"google_monitoring_uptime_check_config": TerraformType()},
    ("monitoring/MonitoringUptimeCheckConfig",),
)


_SAYS_NOTHING = Unknown.because("what its widgets read is not written where it is read")
_NOT_WRITTEN = Metrics(_SAYS_NOTHING, _SAYS_NOTHING)


def _parses(draft: Draft, written: Written) -> None:
    """The provider refuses a dashboard that is no JSON, so only a text that is known can be wrong. The text has the name.

    `shows`: it has widgets and one of them shows data, or what it has is not known.
    """
    found = written.find("dashboard_json")
    draft.attributes["parses"] = draft.attributes["shows"] = True
    shown: object = written.value if written.answered else None
    asks = metrics_of(written.value) if written.answered else _NOT_WRITTEN
    if isinstance(found, Found):
        draft.place(("parses",), written, found.path)
        text = written.settle(found.value)
        asks = Metrics(text, text) if isinstance(text, Unknown) else Metrics([], [])
        if isinstance(text, str):
            try:
                dashboard = json.loads(text)
            except (ValueError, RecursionError):
                dashboard = None
            draft.attributes["parses"] = isinstance(dashboard, dict)
            shown, asks = dashboard, metrics_of(dashboard)
            name = dashboard.get("displayName") if isinstance(dashboard, dict) else None
            if draft.attributes["name"] is None and isinstance(name, str):
                draft.attributes["name"] = name
    if has_parts(shown):
        draft.attributes["shows"] = widgets(shown) > 0
    draft.attributes["customMetrics"], draft.attributes["metrics"] = asks.custom, asks.prometheus


DASHBOARD = Spec(
    DASHBOARD_KIND,
    "Cloud Monitoring dashboard",
    _NAMED,
    {"google_monitoring_dashboard": TerraformType()},
    ("monitoring/MonitoringDashboard",),
    derive=_parses,
    derived={"parses": BOOL, "shows": BOOL, "customMetrics": ListOf(STRING), "metrics": ListOf(STRING)},
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

# https://cloud.google.com/monitoring/api/ref_v3/rest/v3/services.serviceLevelObjectives: `goal` is a part of 1, the window one of the two periods.
SLO = Spec(
    SLO_KIND,
    "service level objective",
    (
        *_NAMED,
        Field("goal", DOUBLE, ("goal",)),
        Field("rollingPeriodDays", INT, ("rolling_period_days",), convert=integer),
        Field("calendarPeriod", STRING, ("calendar_period",)),
    ),
    {"google_monitoring_slo": TerraformType()},
)

SNOOZE_KIND = "monitoring.googleapis.com/Snooze"


def _active(draft: Draft, written: Written) -> None:
    """ "The Snooze will be active from interval.start_time through interval.end_time": whether it was when it was read."""
    began, ended = (is_past(written, lookup(written.value, "interval", name)) for name in ("startTime", "endTime"))
    draft.attributes["active"] = False if began is False or ended is True else True if began is True and ended is False else Unknown.merge([began, ended])


SNOOZE = Spec(
    SNOOZE_KIND,
    "snooze of alerts",
    (*_NAMED, Field("policies", ListOf(STRING), absent=Default([], "none"), api=("criteria.policies",), reference=True)),
    {},
    derive=_active,
    derived={"active": BOOL},
    links=(Link("policies", "policies", (ALERT_KIND,), required=False),),
)

SPECS = (ALERT, CHANNEL, UPTIME, DASHBOARD, SLO, SINK, SNOOZE)

resource "google_monitoring_notification_channel" "on_call" {
  display_name = "On call"
  type         = "pagerduty"
}

resource "google_monitoring_alert_policy" "errors" {
  display_name          = "Error rate"
  combiner              = "OR"
  notification_channels = [google_monitoring_notification_channel.on_call.id]
  conditions {
    display_name = "5xx share above 1 %"
    condition_threshold {
      filter     = "metric.type=\"run.googleapis.com/request_count\""
      comparison = "COMPARISON_GT"
      duration   = "300s"
    }
  }
}

resource "google_monitoring_alert_policy" "silent" {
  display_name = "Silent"
  combiner     = "OR"
  enabled      = false
  conditions {
    display_name = "CPU"
  }
}

resource "google_monitoring_uptime_check_config" "site" {
  display_name = "site"
  period       = "60s"
  timeout      = "10s"
  http_check {
    path         = "/healthz"
    port         = 443
    use_ssl      = true
    validate_ssl = true
  }
  monitored_resource {
    type   = "uptime_url"
    labels = { host = "example.org" }
  }
}

resource "google_monitoring_uptime_check_config" "tcp" {
  display_name = "tcp"
  timeout      = "10s"
  tcp_check {
    port = 5432
  }
}

resource "google_monitoring_dashboard" "service" {
  dashboard_json = jsonencode({
    displayName = "Service"
    gridLayout  = { columns = "2" }
  })
}

resource "google_logging_project_sink" "audit" {
  name        = "audit"
  destination = "storage.googleapis.com/shop-audit"
  filter      = "logName:\"cloudaudit.googleapis.com\""
}

resource "google_compute_region_network_endpoint_group" "api" {
  name   = "api"
  region = "europe-west1"
  cloud_run {
    service = "api"
  }
}

resource "google_compute_security_policy" "edge" {
  name = "edge"

  adaptive_protection_config {
    layer_7_ddos_defense_config {
      enable = true
    }
  }
  rule {
    priority = 1000
    action   = "deny(403)"
    match {
      expr {
        expression = "evaluatePreconfiguredWaf('sqli-v33-stable')"
      }
    }
  }
  rule {
    priority = 2000
    action   = "deny(403)"
    preview  = true
    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["203.0.113.0/24"]
      }
    }
  }
  rule {
    priority = 2147483647
    action   = "allow"
    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }
  }
}

resource "google_compute_backend_service" "api" {
  name                    = "api"
  load_balancing_scheme   = "EXTERNAL_MANAGED"
  protocol                = "HTTPS"
  security_policy         = google_compute_security_policy.edge.id
  custom_response_headers = ["Strict-Transport-Security: max-age=31536000"]
  backend {
    group = google_compute_region_network_endpoint_group.api.id
  }
}

resource "google_compute_region_backend_service" "ledger" {
  name   = "ledger"
  region = "europe-west1"
}

resource "google_compute_backend_bucket" "static" {
  name        = "static"
  bucket_name = "shop-static"
}

resource "google_compute_url_map" "https" {
  name            = "https"
  default_service = google_compute_backend_service.api.id
  host_rule {
    hosts        = ["static.example.org"]
    path_matcher = "static"
  }
  path_matcher {
    name            = "static"
    default_service = google_compute_backend_bucket.static.id
    header_action {
      response_headers_to_add {
        header_name  = "X-Content-Type-Options"
        header_value = "nosniff"
        replace      = true
      }
    }
  }
}

resource "google_compute_url_map" "http" {
  name = "http"
  default_url_redirect {
    https_redirect = true
    strip_query    = false
  }
}

resource "google_compute_managed_ssl_certificate" "site" {
  name = "site"
  managed {
    domains = ["example.org", "static.example.org"]
  }
}

resource "google_compute_ssl_policy" "modern" {
  name            = "modern"
  profile         = "MODERN"
  min_tls_version = "TLS_1_2"
}

resource "google_compute_ssl_policy" "old" {
  name = "old"
}

resource "google_compute_target_https_proxy" "site" {
  name             = "site"
  url_map          = google_compute_url_map.https.id
  ssl_policy       = google_compute_ssl_policy.modern.id
  ssl_certificates = [google_compute_managed_ssl_certificate.site.id]
}

resource "google_compute_target_http_proxy" "site" {
  name    = "site"
  url_map = google_compute_url_map.http.id
}

resource "google_compute_global_forwarding_rule" "https" {
  name                  = "https"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  port_range            = "443"
  target                = google_compute_target_https_proxy.site.id
}

resource "google_compute_forwarding_rule" "regional" {
  name       = "regional"
  region     = "europe-west1"
  port_range = "80-80"
  target     = google_compute_target_http_proxy.site.id
}

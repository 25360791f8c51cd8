# The front of terraform-google-modules/lb-http, alike in its root and in modules/{dynamic_backends,serverless_negs,frontend}.
variable "name" {}
variable "ssl" {
  type    = bool
  default = false
}
variable "http_forward" {
  type    = bool
  default = true
}
variable "https_redirect" {
  type    = bool
  default = false
}
variable "enable_ipv6" {
  type    = bool
  default = false
}
variable "create_url_map" {
  type    = bool
  default = true
}
variable "url_map" {
  default = null
}
variable "http_port" {
  default = 80
}
variable "https_port" {
  default = 443
}
variable "load_balancing_scheme" {
  default = "EXTERNAL"
}
variable "ssl_policy" {
  default = null
}
variable "ssl_certificates" {
  type    = list(string)
  default = []
}
variable "create_ssl_certificate" {
  type    = bool
  default = false
}
variable "use_ssl_certificates" {
  type    = bool
  default = false
}
variable "managed_ssl_certificate_domains" {
  type    = list(string)
  default = []
}
variable "random_certificate_suffix" {
  type    = bool
  default = false
}
variable "certificate_map" {
  default = null
}
variable "address" {
  default = null
}

locals {
  # What differs between versions and submodules.
  https               = var.ssl
  given_url_map       = var.url_map
  default_service     = google_compute_backend_service.default[keys(var.backends)[0]].self_link
  own_certificate     = var.create_ssl_certificate
  managed_certificate = length(var.managed_ssl_certificate_domains) > 0

  http             = var.http_forward || var.https_redirect
  url_map          = var.create_url_map ? join("", google_compute_url_map.default[*].self_link) : local.given_url_map
  certificate_name = "${var.name}-cert"
}

resource "random_id" "certificate" {}
resource "google_compute_ssl_certificate" "default" {
  count = local.https && local.own_certificate ? 1 : 0
}
resource "google_compute_global_address" "default" {}

resource "google_compute_global_forwarding_rule" "http" {
  count                 = local.http ? 1 : 0
  name                  = var.name
  region                = null
  target                = google_compute_target_http_proxy.default[0].self_link
  port_range            = var.http_port
  load_balancing_scheme = var.load_balancing_scheme
}

resource "google_compute_global_forwarding_rule" "https" {
  count                 = local.https ? 1 : 0
  name                  = "${var.name}-https"
  region                = null
  target                = google_compute_target_https_proxy.default[0].self_link
  port_range            = var.https_port
  load_balancing_scheme = var.load_balancing_scheme
}

resource "google_compute_global_forwarding_rule" "http_ipv6" {
  count                 = var.enable_ipv6 && local.http ? 1 : 0
  name                  = "${var.name}-ipv6-http"
  region                = null
  target                = google_compute_target_http_proxy.default[0].self_link
  port_range            = "80"
  load_balancing_scheme = var.load_balancing_scheme
}

resource "google_compute_global_forwarding_rule" "https_ipv6" {
  count                 = var.enable_ipv6 && local.https ? 1 : 0
  name                  = "${var.name}-ipv6-https"
  region                = null
  target                = google_compute_target_https_proxy.default[0].self_link
  port_range            = "443"
  load_balancing_scheme = var.load_balancing_scheme
}

resource "google_compute_target_http_proxy" "default" {
  count   = local.http ? 1 : 0
  name    = "${var.name}-http-proxy"
  region  = null
  url_map = var.https_redirect ? join("", google_compute_url_map.https_redirect[*].self_link) : local.url_map
}

resource "google_compute_target_https_proxy" "default" {
  count            = local.https ? 1 : 0
  name             = "${var.name}-https-proxy"
  region           = null
  url_map          = local.url_map
  ssl_policy       = var.ssl_policy
  ssl_certificates = compact(concat(var.ssl_certificates, google_compute_ssl_certificate.default[*].self_link, google_compute_managed_ssl_certificate.default[*].self_link))
  certificate_map  = var.certificate_map != null ? "//certificatemanager.googleapis.com/${var.certificate_map}" : null
}

resource "google_compute_managed_ssl_certificate" "default" {
  count  = var.ssl && local.managed_certificate ? 1 : 0
  name   = var.random_certificate_suffix ? random_id.certificate.hex : local.certificate_name
  region = null
  managed {
    domains = var.managed_ssl_certificate_domains
  }
}

resource "google_compute_url_map" "default" {
  count           = var.create_url_map ? 1 : 0
  name            = "${var.name}-url-map"
  region          = null
  default_service = local.default_service
}

resource "google_compute_url_map" "https_redirect" {
  count           = var.https_redirect ? 1 : 0
  name            = "${var.name}-https-redirect"
  region          = null
  default_service = null
  default_url_redirect {
    https_redirect = true
  }
}

output "http_proxy" {
  value = google_compute_target_http_proxy.default[*].self_link
}
output "https_proxy" {
  value = google_compute_target_https_proxy.default[*].self_link
}
output "url_map" {
  value = google_compute_url_map.default[*].self_link
}
output "external_ip" {
  value = coalesce(var.address, google_compute_global_address.default.address)
}

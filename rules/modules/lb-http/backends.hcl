# The back of terraform-google-modules/lb-http: one backend service per entry of `backends`.
variable "security_policy" {
  default = null
}
variable "edge_security_policy" {
  default = null
}
variable "backends" {
  type = map(object({
    protocol                = optional(string)
    security_policy         = optional(string)
    edge_security_policy    = optional(string)
    custom_response_headers = optional(list(string))
    groups = optional(list(object({
      group = string
    })), [])
    serverless_neg_backends = optional(list(object({
      region = string
      type   = string
      service = object({
        name = string
      })
    })), [])
    iap_config = optional(object({
      enable = optional(bool)
    }))
  }))
}

locals {
  groups = {
    for key, backend in var.backends : key => concat(
      [for member in backend.groups : member.group],
      [for member in backend.serverless_neg_backends : google_compute_region_network_endpoint_group.serverless_negs["neg-${key}-${member.region}"].id],
    )
  }
}

resource "google_compute_backend_service" "default" {
  for_each                = var.backends
  name                    = "${var.name}-backend-${each.key}"
  region                  = null
  load_balancing_scheme   = var.load_balancing_scheme
  protocol                = each.value.protocol
  security_policy         = each.value.security_policy == "" ? null : each.value.security_policy == null ? var.security_policy : each.value.security_policy
  edge_security_policy    = each.value.edge_security_policy == "" ? null : each.value.edge_security_policy == null ? var.edge_security_policy : each.value.edge_security_policy
  custom_response_headers = each.value.custom_response_headers
  iap {
    enabled = each.value.iap_config == null ? false : each.value.iap_config.enable
  }
  dynamic "backend" {
    for_each = local.groups[each.key]
    content {
      group = backend.value
    }
  }
}

resource "google_compute_region_network_endpoint_group" "serverless_negs" {
  for_each = merge([
    for key, backend in var.backends : { for member in backend.serverless_neg_backends : "neg-${key}-${member.region}" => member }
  ]...)
  name                  = each.key
  region                = each.value.region
  network_endpoint_type = "SERVERLESS"
  dynamic "cloud_run" {
    for_each = each.value.type == "cloud-run" ? [1] : []
    content {
      service  = each.value.service.name
      url_mask = null
    }
  }
}

output "backend_services" {
  value = google_compute_backend_service.default
}

# GoogleCloudPlatform/cloud-run//modules/v2
variable "service_name" {}
variable "location" {}
variable "ingress" {
  default = "INGRESS_TRAFFIC_ALL"
}
variable "iap_members" {
  type    = list(string)
  default = []
}
variable "members" {
  type    = list(string)
  default = []
}
variable "service_account" {
  default = null
}
variable "create_service_account" {
  type    = bool
  default = true
}
variable "service_scaling" {
  type = object({
    min_instance_count = optional(number)
  })
  default = null
}
variable "template_scaling" {
  type = object({
    min_instance_count = optional(number)
    max_instance_count = optional(number)
  })
  default = null
}
variable "vpc_access" {
  type = object({
    connector = optional(string)
    egress    = optional(string)
    network_interfaces = optional(object({
      network    = optional(string)
      subnetwork = optional(string)
    }))
  })
  default = null
}
variable "enable_prometheus_sidecar" {
  type    = bool
  default = false
}
variable "containers" {
  type = list(object({
    container_name  = optional(string)
    container_image = string
    env_vars        = optional(map(string), {})
    env_secret_vars = optional(map(object({
      secret  = string
      version = string
    })), {})
  }))
}
variable "volumes" {
  type = list(object({
    name = string
    secret = optional(object({
      secret = string
    }))
  }))
  default = []
}
variable "traffic" {
  type = list(object({
    type     = optional(string, "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST")
    percent  = optional(number, 100)
    revision = optional(string)
    tag      = optional(string)
  }))
  default = []
}

locals {
  service_account = var.service_account != null ? var.service_account : var.create_service_account ? google_service_account.sa[0].email : null
  iap             = length(var.iap_members) > 0
  sidecar         = "latest"
}

resource "google_service_account" "sa" {
  count = var.create_service_account && var.service_account == null ? 1 : 0
}
resource "google_project_service_identity" "iap_p4sa" {
  count = local.iap ? 1 : 0
}

variable "binary_authorization" {
  default = null
}

resource "google_cloud_run_v2_service" "main" {
  name                 = var.service_name
  location             = var.location
  ingress              = var.ingress
  iap_enabled          = local.iap
  invoker_iam_disabled = null
  default_uri_disabled = null
  dynamic "scaling" {
    for_each = var.service_scaling[*]
    content {
      min_instance_count    = var.service_scaling.min_instance_count
      max_instance_count    = null
      scaling_mode          = null
      manual_instance_count = null
    }
  }
  template {
    service_account = local.service_account
    dynamic "scaling" {
      for_each = var.template_scaling[*]
      content {
        min_instance_count = var.template_scaling.min_instance_count
        max_instance_count = var.template_scaling.max_instance_count
      }
    }
    dynamic "vpc_access" {
      for_each = var.vpc_access[*]
      content {
        connector = var.vpc_access.connector
        egress    = var.vpc_access.egress
        dynamic "network_interfaces" {
          for_each = var.vpc_access.network_interfaces[*]
          content {
            network    = var.vpc_access.network_interfaces.network
            subnetwork = var.vpc_access.network_interfaces.subnetwork
          }
        }
      }
    }
    dynamic "containers" {
      for_each = var.containers
      content {
        name  = containers.value.container_name
        image = containers.value.container_image
        dynamic "env" {
          for_each = containers.value.env_vars
          content {
            name  = env.key
            value = env.value
          }
        }
        dynamic "env" {
          for_each = containers.value.env_secret_vars
          content {
            name = env.key
            value_source {
              secret_key_ref {
                secret  = env.value.secret
                version = env.value.version
              }
            }
          }
        }
      }
    }
    dynamic "containers" {
      for_each = var.enable_prometheus_sidecar ? [1] : []
      content {
        name  = "collector"
        image = "us-docker.pkg.dev/cloud-ops-agents-artifacts/cloud-run-gmp-sidecar/cloud-run-gmp-sidecar:${local.sidecar}"
        dynamic "env" {
          for_each = []
          content {
            name  = null
            value = null
            value_source {
              secret_key_ref {
                secret  = null
                version = null
              }
            }
          }
        }
      }
    }
    dynamic "volumes" {
      for_each = var.volumes
      content {
        name = volumes.value.name
        dynamic "secret" {
          for_each = volumes.value.secret[*]
          content {
            secret = volumes.value.secret.secret
          }
        }
      }
    }
  }
  dynamic "traffic" {
    for_each = var.traffic
    content {
      type     = traffic.value.type
      percent  = traffic.value.percent
      revision = traffic.value.revision
      tag      = traffic.value.tag
    }
  }
  dynamic "multi_region_settings" {
    for_each = []
    content {
      regions = null
    }
  }
  binary_authorization {
    policy      = null
    use_default = try(var.binary_authorization.use_default, null)
  }
}

resource "google_cloud_run_v2_service_iam_member" "authorize" {
  for_each = toset(var.members)
  name     = google_cloud_run_v2_service.main.name
  location = google_cloud_run_v2_service.main.location
  role     = "roles/run.invoker"
  member   = each.value
}

resource "google_cloud_run_v2_service_iam_member" "authorize_iap_p4sa" {
  count    = local.iap ? 1 : 0
  name     = google_cloud_run_v2_service.main.name
  location = google_cloud_run_v2_service.main.location
  role     = "roles/run.invoker"
  member   = google_project_service_identity.iap_p4sa[0].member
}

output "service_name" {
  value = google_cloud_run_v2_service.main.name
}
output "service_id" {
  value = google_cloud_run_v2_service.main.id
}
output "service_uri" {
  value = google_cloud_run_v2_service.main.uri
}
output "location" {
  value = google_cloud_run_v2_service.main.location
}

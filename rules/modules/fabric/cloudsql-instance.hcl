# cloud-foundation-fabric/modules/cloudsql-instance
variable "connector_enforcement" {
  default = null
}
variable "name" {}
variable "prefix" {
  default = null
}
variable "region" {}
variable "database_version" {}
variable "availability_type" {
  default = "ZONAL"
}
variable "edition" {
  default = "ENTERPRISE"
}
variable "gcp_deletion_protection" {
  type     = bool
  default  = true
  nullable = false
}
variable "insights_config" {
  default = null
}
variable "backup_configuration" {
  type = object({
    enabled                        = optional(bool, false)
    binary_log_enabled             = optional(bool, false)
    start_time                     = optional(string, "23:00")
    log_retention_days             = optional(number, 7)
    point_in_time_recovery_enabled = optional(bool)
    retention_count                = optional(number, 7)
  })
  default = null
}
variable "network_config" {
  type = object({
    authorized_networks = optional(map(string))
    connectivity = object({
      public_ipv4 = optional(bool, false)
      psa_config = optional(object({
        private_network = string
      }))
    })
  })
}
variable "ssl" {
  type = object({
    mode = optional(string)
  })
  default  = {}
  nullable = false
}
variable "replicas" {
  type = map(object({
    region            = string
    availability_type = optional(string)
  }))
  default  = {}
  nullable = false
}
variable "context" {
  type = object({
    locations = optional(map(string), {})
    networks  = optional(map(string), {})
  })
  default  = {}
  nullable = false
}

locals {
  prefix    = var.prefix == null ? "" : "${var.prefix}-"
  locations = { for name, value in var.context.locations : "$locations:${name}" => value }
  networks  = { for name, value in var.context.networks : "$networks:${name}" => value }

  mysql           = startswith(var.database_version, "MYSQL")
  backups         = var.backup_configuration == null ? false : var.backup_configuration.enabled
  backup_blocks   = var.backup_configuration != null ? [1] : []
  binary_log      = local.backups && local.mysql ? var.backup_configuration.binary_log_enabled || length(var.replicas) > 0 || var.availability_type == "REGIONAL" : null
  point_in_time   = local.backups ? var.backup_configuration.point_in_time_recovery_enabled : false
  private_network = var.network_config.connectivity.psa_config == null ? null : lookup(local.networks, var.network_config.connectivity.psa_config.private_network, var.network_config.connectivity.psa_config.private_network)
  allowed         = var.network_config.authorized_networks == null ? {} : var.network_config.authorized_networks
}

resource "google_sql_database_instance" "primary" {
  name                 = "${local.prefix}${var.name}"
  region               = lookup(local.locations, var.region, var.region)
  database_version     = var.database_version
  master_instance_name = null
  instance_type        = null
  settings {
    edition                     = var.edition
    connector_enforcement       = var.connector_enforcement
    availability_type           = var.availability_type
    deletion_protection_enabled = var.gcp_deletion_protection
    dynamic "backup_configuration" {
      for_each = local.backup_blocks
      content {
        enabled                        = local.backups
        start_time                     = var.backup_configuration.start_time
        point_in_time_recovery_enabled = local.point_in_time
        binary_log_enabled             = local.binary_log
        transaction_log_retention_days = var.backup_configuration.log_retention_days
        backup_tier                    = null
        dynamic "backup_retention_settings" {
          for_each = local.backups ? [1] : []
          content {
            retained_backups = var.backup_configuration.retention_count
            retention_unit   = "COUNT"
          }
        }
      }
    }
    ip_configuration {
      ipv4_enabled    = var.network_config.connectivity.public_ipv4
      private_network = local.private_network
      ssl_mode        = var.ssl.mode
      require_ssl     = null
      dynamic "authorized_networks" {
        for_each = local.allowed
        content {
          name  = authorized_networks.key
          value = authorized_networks.value
        }
      }
    }
    dynamic "insights_config" {
      for_each = var.insights_config != null ? [1] : []
      content {
        query_insights_enabled = true
      }
    }
  }
}

resource "google_sql_database_instance" "replicas" {
  for_each             = var.replicas
  name                 = "${local.prefix}${each.key}"
  region               = lookup(local.locations, each.value.region, each.value.region)
  database_version     = var.database_version
  master_instance_name = google_sql_database_instance.primary.name
  instance_type        = null
  settings {
    edition                     = var.edition
    connector_enforcement       = var.connector_enforcement
    availability_type           = each.value.availability_type
    deletion_protection_enabled = var.gcp_deletion_protection
    dynamic "backup_configuration" {
      for_each = []
      content {
        enabled                        = null
        start_time                     = null
        point_in_time_recovery_enabled = null
        binary_log_enabled             = null
        transaction_log_retention_days = null
        backup_tier                    = null
        backup_retention_settings {
          retained_backups = null
          retention_unit   = null
        }
      }
    }
    ip_configuration {
      ipv4_enabled    = var.network_config.connectivity.public_ipv4
      private_network = local.private_network
      ssl_mode        = var.ssl.mode
      require_ssl     = null
      dynamic "authorized_networks" {
        for_each = local.allowed
        content {
          name  = authorized_networks.key
          value = authorized_networks.value
        }
      }
    }
    dynamic "insights_config" {
      for_each = []
      content {
        query_insights_enabled = null
      }
    }
  }
}

output "id" {
  value = google_sql_database_instance.primary.id
}
output "name" {
  value = google_sql_database_instance.primary.name
}
output "connection_name" {
  value = google_sql_database_instance.primary.connection_name
}
output "self_link" {
  value = google_sql_database_instance.primary.self_link
}
output "ip" {
  value = google_sql_database_instance.primary.private_ip_address
}

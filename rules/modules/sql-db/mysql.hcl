# terraform-google-modules/sql-db//modules/mysql
variable "availability_type" {
  default = "REGIONAL"
}
variable "instance_type" {
  default = null
}
variable "replica_database_version" {
  default = ""
}
variable "backup_configuration" {
  type = object({
    binary_log_enabled             = optional(bool, false)
    enabled                        = optional(bool, false)
    start_time                     = optional(string)
    transaction_log_retention_days = optional(string, 7)
    retained_backups               = optional(number, 8)
    retention_unit                 = optional(string)
  })
  default = {}
}
variable "ip_configuration" {
  type = object({
    authorized_networks = optional(list(map(string)), [])
    ipv4_enabled        = optional(bool, true)
    private_network     = optional(string)
    ssl_mode            = optional(string)
    require_ssl         = optional(bool)
  })
  default = {}
}

locals {
  regional = var.availability_type == "REGIONAL"
  ip       = var.ip_configuration
}

resource "google_sql_database_instance" "default" {
  name                 = local.instance_name
  region               = var.region
  database_version     = var.database_version
  master_instance_name = var.master_instance_name
  instance_type        = var.instance_type
  settings {
    edition                     = var.edition
    connector_enforcement       = var.connector_enforcement ? "REQUIRED" : "NOT_REQUIRED"
    availability_type           = var.availability_type
    deletion_protection_enabled = var.deletion_protection_enabled
    backup_configuration {
      enabled                        = (var.backup_configuration.enabled || local.regional) && !local.secondary
      start_time                     = var.backup_configuration.start_time
      point_in_time_recovery_enabled = false
      binary_log_enabled             = var.backup_configuration.binary_log_enabled || local.regional
      transaction_log_retention_days = var.backup_configuration.transaction_log_retention_days
      backup_tier                    = null
      backup_retention_settings {
        retained_backups = var.backup_configuration.retained_backups
        retention_unit   = var.backup_configuration.retention_unit
      }
    }
    ip_configuration {
      ipv4_enabled    = local.ip.ipv4_enabled
      private_network = local.ip.private_network
      ssl_mode        = local.ssl_mode
      require_ssl     = local.require_ssl
      dynamic "authorized_networks" {
        for_each = local.ip.authorized_networks
        content {
          name  = lookup(authorized_networks.value, "name", null)
          value = lookup(authorized_networks.value, "value", null)
        }
      }
    }
    dynamic "insights_config" {
      for_each = local.insights
      content {
        query_insights_enabled = true
      }
    }
  }
}

resource "google_sql_database_instance" "replicas" {
  for_each             = { for replica in var.read_replicas : "${var.name}-replica${var.read_replica_name_suffix}${replica.name}" => replica }
  name                 = each.value.name_override == null || each.value.name_override == "" ? "${local.instance_name}-replica${var.read_replica_name_suffix}${each.value.name}" : each.value.name_override
  region               = join("-", slice(split("-", each.value.zone), 0, 2))
  database_version     = var.replica_database_version != "" ? var.replica_database_version : var.database_version
  master_instance_name = google_sql_database_instance.default.name
  instance_type        = null
  settings {
    edition                     = each.value.edition
    connector_enforcement       = null
    availability_type           = each.value.availability_type
    deletion_protection_enabled = var.read_replica_deletion_protection_enabled
    dynamic "backup_configuration" {
      for_each = each.value.backup_configuration != null ? [each.value.backup_configuration] : []
      content {
        enabled                        = null
        start_time                     = null
        point_in_time_recovery_enabled = null
        binary_log_enabled             = backup_configuration.value.binary_log_enabled
        transaction_log_retention_days = backup_configuration.value.transaction_log_retention_days
        backup_tier                    = null
        backup_retention_settings {
          retained_backups = var.backup_configuration.retained_backups
          retention_unit   = var.backup_configuration.retention_unit
        }
      }
    }
    ip_configuration {
      ipv4_enabled    = each.value.ip_configuration.ipv4_enabled
      private_network = each.value.ip_configuration.private_network
      ssl_mode        = local.replica_ssl_mode[each.value.name]
      require_ssl     = lookup(local.replica_require_ssl, each.value.name, null)
      dynamic "authorized_networks" {
        for_each = each.value.ip_configuration.authorized_networks
        content {
          name  = lookup(authorized_networks.value, "name", null)
          value = lookup(authorized_networks.value, "value", null)
        }
      }
    }
    dynamic "insights_config" {
      for_each = each.value.insights_config != null ? [true] : []
      content {
        query_insights_enabled = true
      }
    }
  }
}

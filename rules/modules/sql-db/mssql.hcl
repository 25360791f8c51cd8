# terraform-google-modules/sql-db//modules/mssql
variable "database_version" {
  default = "SQLSERVER_2017_STANDARD"
}
variable "availability_type" {
  default = "ZONAL"
}
variable "instance_type" {
  default = "CLOUD_SQL_INSTANCE"
}
variable "backup_configuration" {
  type = object({
    binary_log_enabled             = optional(bool)
    enabled                        = optional(bool, false)
    point_in_time_recovery_enabled = optional(bool)
    start_time                     = optional(string)
    transaction_log_retention_days = optional(string)
    retained_backups               = optional(number)
    retention_unit                 = optional(string)
  })
  default = {}
}
variable "ip_configuration" {
  type = object({
    authorized_networks = optional(list(map(string)), [])
    ipv4_enabled        = optional(bool)
    private_network     = optional(string)
    ssl_mode            = optional(string)
    require_ssl         = optional(bool)
  })
  default = {
    ipv4_enabled = true
  }
}

locals {
  ip = var.ip_configuration
}

resource "google_sql_database_instance" "default" {
  name                 = local.instance_name
  region               = var.region
  database_version     = var.database_version
  master_instance_name = var.master_instance_name
  instance_type        = local.secondary ? "READ_REPLICA_INSTANCE" : var.instance_type
  settings {
    edition                     = var.edition
    connector_enforcement       = var.connector_enforcement ? "REQUIRED" : "NOT_REQUIRED"
    availability_type           = var.availability_type
    deletion_protection_enabled = var.deletion_protection_enabled
    dynamic "backup_configuration" {
      for_each = !local.secondary && var.backup_configuration.enabled ? [1] : []
      content {
        enabled                        = var.backup_configuration.enabled
        start_time                     = var.backup_configuration.start_time
        point_in_time_recovery_enabled = var.backup_configuration.point_in_time_recovery_enabled
        binary_log_enabled             = var.backup_configuration.binary_log_enabled
        transaction_log_retention_days = var.backup_configuration.transaction_log_retention_days
        backup_tier                    = null
        backup_retention_settings {
          retained_backups = var.backup_configuration.retained_backups
          retention_unit   = var.backup_configuration.retention_unit
        }
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

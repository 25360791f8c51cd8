# terraform-google-modules/sql-db//modules/postgresql
variable "availability_type" {
  default = "ZONAL"
}
variable "instance_type" {
  default = "CLOUD_SQL_INSTANCE"
}
variable "backup_configuration" {
  type = object({
    enabled                        = optional(bool, false)
    start_time                     = optional(string)
    point_in_time_recovery_enabled = optional(bool, false)
    transaction_log_retention_days = optional(string)
    retained_backups               = optional(number)
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
  backups       = var.backup_configuration.enabled
  point_in_time = var.backup_configuration.point_in_time_recovery_enabled
  ip            = var.ip_configuration
  replica_availability_type = {
    for replica in var.read_replicas : replica.name => replica.availability_type == null ? var.availability_type : replica.availability_type
  }
  # "16" and "postgres_16" are "POSTGRES_16".
  database_version = can(regex("^\\d", var.database_version)) ? "POSTGRES_${var.database_version}" : "POSTGRES${substr(var.database_version, 8, -1)}"
}

resource "google_sql_database_instance" "default" {
  name                 = local.instance_name
  region               = var.region
  database_version     = local.database_version
  master_instance_name = var.master_instance_name
  instance_type        = local.secondary ? "READ_REPLICA_INSTANCE" : var.instance_type
  settings {
    edition                     = var.edition
    connector_enforcement       = var.connector_enforcement ? "REQUIRED" : "NOT_REQUIRED"
    availability_type           = var.availability_type
    deletion_protection_enabled = var.deletion_protection_enabled
    dynamic "backup_configuration" {
      for_each = local.secondary ? [] : [1]
      content {
        enabled                        = local.backups
        start_time                     = var.backup_configuration.start_time
        point_in_time_recovery_enabled = local.point_in_time
        transaction_log_retention_days = var.backup_configuration.transaction_log_retention_days
        binary_log_enabled             = null
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

resource "google_sql_database_instance" "replicas" {
  for_each             = { for replica in var.read_replicas : "${var.name}-replica${var.read_replica_name_suffix}${replica.name}" => replica }
  name                 = coalesce(each.value.name_override, "${local.instance_name}-replica${var.read_replica_name_suffix}${each.value.name}")
  region               = join("-", slice(split("-", each.value.zone), 0, 2))
  database_version     = var.database_version
  master_instance_name = google_sql_database_instance.default.name
  instance_type        = null
  settings {
    edition                     = each.value.edition == null ? var.edition : each.value.edition
    connector_enforcement       = null
    availability_type           = local.replica_availability_type[each.value.name]
    deletion_protection_enabled = var.read_replica_deletion_protection_enabled
    dynamic "backup_configuration" {
      for_each = []
      content {
        enabled                        = null
        start_time                     = null
        point_in_time_recovery_enabled = null
        transaction_log_retention_days = null
        binary_log_enabled             = null
        backup_tier                    = null
        backup_retention_settings {
          retained_backups = null
          retention_unit   = null
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
      for_each = each.value.insights_config != null ? [true] : local.insights
      content {
        query_insights_enabled = true
      }
    }
  }
}

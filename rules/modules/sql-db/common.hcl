# What the submodules mysql, postgresql and mssql of terraform-google-modules/sql-db have in common.
variable "connector_enforcement" {
  default = false
}
variable "name" {}
variable "random_instance_name" {
  type    = bool
  default = false
}
variable "database_version" {
  type = string
}
variable "region" {
  default = "us-central1"
}
variable "edition" {
  default = null
}
variable "deletion_protection_enabled" {
  type    = bool
  default = false
}
variable "read_replica_deletion_protection_enabled" {
  type    = bool
  default = false
}
variable "master_instance_name" {
  default = null
}
variable "insights_config" {
  default = null
}
variable "zone" {
  default = null
}
variable "read_replica_name_suffix" {
  default = ""
}
variable "read_replicas" {
  type = list(object({
    name              = string
    name_override     = optional(string)
    edition           = optional(string)
    availability_type = optional(string)
    zone              = optional(string)
    insights_config   = optional(any)
    backup_configuration = optional(object({
      binary_log_enabled             = optional(bool)
      transaction_log_retention_days = optional(string)
    }))
    ip_configuration = optional(object({
      authorized_networks = optional(list(map(string)), [])
      ipv4_enabled        = optional(bool)
      private_network     = optional(string)
      ssl_mode            = optional(string)
      require_ssl         = optional(bool)
    }), {})
  }))
  default = []
}

locals {
  instance_name = var.random_instance_name ? "${var.name}-${random_id.suffix.hex}" : var.name
  secondary     = var.master_instance_name != null
  insights      = var.insights_config != null ? [true] : []
  # Settings that came or went between versions.
  require_ssl         = null
  replica_require_ssl = {}
  ssl_mode            = local.ip.ssl_mode
  replica_ssl_mode    = { for replica in var.read_replicas : replica.name => replica.ip_configuration.ssl_mode }
}

data "google_compute_zones" "available" {}
resource "random_id" "suffix" {}

output "instance_name" {
  value = google_sql_database_instance.default.name
}
output "instance_connection_name" {
  value = google_sql_database_instance.default.connection_name
}
output "instance_self_link" {
  value = google_sql_database_instance.default.self_link
}
output "instance_first_ip_address" {
  value = google_sql_database_instance.default.first_ip_address
}
output "private_ip_address" {
  value = google_sql_database_instance.default.private_ip_address
}
output "private_address" {
  value = google_sql_database_instance.default.private_ip_address
}
output "public_ip_address" {
  value = google_sql_database_instance.default.public_ip_address
}
output "primary" {
  value = google_sql_database_instance.default
}

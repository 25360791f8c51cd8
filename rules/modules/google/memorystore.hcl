# terraform-google-modules/memorystore
variable "name" {}
variable "region" {
  default = null
}
variable "tier" {
  default = "STANDARD_HA"
}
variable "replica_count" {
  default = null
}
variable "redis_version" {
  default = null
}
variable "auth_enabled" {
  default = false
}
variable "transit_encryption_mode" {
  default = "SERVER_AUTHENTICATION"
}
variable "persistence_config" {
  type = object({
    persistence_mode = string
  })
  default = null
}

resource "google_redis_instance" "default" {
  name                    = var.name
  region                  = var.region
  tier                    = var.tier
  auth_enabled            = var.auth_enabled
  transit_encryption_mode = var.transit_encryption_mode
  replica_count           = var.tier == "STANDARD_HA" ? var.replica_count : null
  redis_version           = var.redis_version
  dynamic "persistence_config" {
    for_each = var.persistence_config[*]
    content {
      persistence_mode = var.persistence_config.persistence_mode
    }
  }
}

output "id" {
  value = google_redis_instance.default.id
}
output "host" {
  value = google_redis_instance.default.host
}
output "port" {
  value = google_redis_instance.default.port
}
output "auth_string" {
  value = google_redis_instance.default.auth_string
}

# terraform-google-modules/memorystore//modules/redis-cluster
variable "name" {}
variable "region" {}
variable "shard_count" {
  default = 3
}
variable "replica_count" {
  default = 0
}
variable "transit_encryption_mode" {
  default = "TRANSIT_ENCRYPTION_MODE_DISABLED"
}
variable "authorization_mode" {
  default = "AUTH_MODE_DISABLED"
}
variable "zone_distribution_config_mode" {
  default = "MULTI_ZONE"
}

resource "google_redis_cluster" "redis_cluster" {
  name                    = var.name
  region                  = var.region
  shard_count             = var.shard_count
  replica_count           = var.replica_count
  transit_encryption_mode = var.transit_encryption_mode
  authorization_mode      = var.authorization_mode
  zone_distribution_config {
    mode = var.zone_distribution_config_mode
  }
}

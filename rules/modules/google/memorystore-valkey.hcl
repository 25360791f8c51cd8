# terraform-google-modules/memorystore//modules/valkey
variable "instance_id" {}
variable "location" {}
variable "mode" {
  default = null
}
variable "replica_count" {
  default = 0
}
variable "transit_encryption_mode" {
  default = "TRANSIT_ENCRYPTION_DISABLED"
}
variable "authorization_mode" {
  default = "AUTH_DISABLED"
}
variable "zone_distribution_config_mode" {
  default = "MULTI_ZONE"
}

resource "google_memorystore_instance" "valkey_cluster" {
  instance_id             = var.instance_id
  location                = var.location
  mode                    = var.mode
  replica_count           = var.replica_count
  transit_encryption_mode = var.transit_encryption_mode
  authorization_mode      = var.authorization_mode
  zone_distribution_config {
    mode = var.zone_distribution_config_mode
  }
}

# terraform-google-modules/kubernetes-engine, and its modules for standard clusters
variable "name" {}
variable "regional" {
  default = true
}
variable "region" {
  default = null
}
variable "zones" {
  default = []
}
variable "datapath_provider" {
  default = "DATAPATH_PROVIDER_UNSPECIFIED"
}
variable "network_policy" {
  default = false
}

resource "google_container_cluster" "primary" {
  name              = var.name
  location          = var.regional ? var.region : var.zones[0]
  enable_autopilot  = false
  datapath_provider = var.datapath_provider
  network_policy {
    enabled = var.network_policy
  }
}

# terraform-google-modules/kubernetes-engine//modules/safer-cluster
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
  default = "ADVANCED_DATAPATH"
}

resource "google_container_cluster" "primary" {
  name              = var.name
  location          = var.regional ? var.region : var.zones[0]
  enable_autopilot  = false
  datapath_provider = var.datapath_provider
  network_policy {
    enabled = var.datapath_provider != "ADVANCED_DATAPATH"
  }
}

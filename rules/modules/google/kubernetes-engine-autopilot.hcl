# terraform-google-modules/kubernetes-engine//modules/beta-autopilot-public-cluster, beta-autopilot-private-cluster
variable "name" {}
variable "region" {
  default = null
}

resource "google_container_cluster" "primary" {
  name              = var.name
  location          = var.region
  enable_autopilot  = true
  datapath_provider = null
  network_policy {
    enabled = null
  }
}

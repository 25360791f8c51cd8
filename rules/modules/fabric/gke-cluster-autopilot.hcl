# cloud-foundation-fabric/modules/gke-cluster-autopilot
variable "name" {}
variable "location" {}

resource "google_container_cluster" "cluster" {
  name              = var.name
  location          = var.location
  enable_autopilot  = true
  datapath_provider = null
  network_policy {
    enabled = null
  }
}

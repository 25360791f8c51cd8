# cloud-foundation-fabric/modules/gke-cluster-standard
variable "name" {}
variable "location" {}
variable "enable_addons" {
  type = object({
    network_policy = optional(bool, false)
  })
  default = {}
}
variable "enable_features" {
  type = object({
    dataplane_v2 = optional(bool, true)
  })
  default = {}
}

resource "google_container_cluster" "cluster" {
  name              = var.name
  location          = var.location
  enable_autopilot  = false
  datapath_provider = var.enable_features.dataplane_v2 ? "ADVANCED_DATAPATH" : "LEGACY_DATAPATH"
  network_policy {
    enabled = var.enable_addons.network_policy && !var.enable_features.dataplane_v2
  }
}

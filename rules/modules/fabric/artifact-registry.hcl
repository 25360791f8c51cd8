# cloud-foundation-fabric/modules/artifact-registry
variable "name" {}
variable "location" {}
variable "format" {
  type = any
}
variable "enable_vulnerability_scanning" {
  default = null
}
variable "context" {
  type = object({
    locations = optional(map(string), {})
  })
  default = {}
}

locals {
  locations = { for name, value in var.context.locations : "$locations:${name}" => value }
}

resource "google_artifact_registry_repository" "registry" {
  repository_id = var.name
  location      = lookup(local.locations, var.location, var.location)
  format        = upper(one([for name, given in var.format : name if given != null]))
  vulnerability_scanning_config {
    enablement_state  = null
    enablement_config = var.enable_vulnerability_scanning == true ? "INHERITED" : var.enable_vulnerability_scanning == false ? "DISABLED" : null
  }
}

output "id" {
  value = google_artifact_registry_repository.registry.id
}
output "name" {
  value = google_artifact_registry_repository.registry.name
}

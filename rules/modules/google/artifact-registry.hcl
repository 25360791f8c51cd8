# GoogleCloudPlatform/artifact-registry
variable "repository_id" {}
variable "location" {}
variable "format" {}

resource "google_artifact_registry_repository" "repo" {
  repository_id = var.repository_id
  location      = var.location
  format        = var.format
  vulnerability_scanning_config {
    enablement_state  = null
    enablement_config = local.scanning
  }
}

locals {
  scanning = null
}

output "artifact_id" {
  value = google_artifact_registry_repository.repo.id
}
output "artifact_name" {
  value = google_artifact_registry_repository.repo.name
}

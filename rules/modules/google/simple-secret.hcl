# GoogleCloudPlatform/secret-manager//modules/simple-secret
variable "name" {}
variable "rotation" {
  type = object({
    rotation_period = string
  })
  default = null
}

resource "google_secret_manager_secret" "secret" {
  secret_id = var.name
  dynamic "rotation" {
    for_each = var.rotation[*]
    content {
      rotation_period = var.rotation.rotation_period
    }
  }
}

output "id" {
  value = google_secret_manager_secret.secret.id
}
output "name" {
  value = google_secret_manager_secret.secret.name
}

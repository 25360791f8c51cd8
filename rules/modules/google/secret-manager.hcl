# GoogleCloudPlatform/secret-manager
variable "secrets" {
  type = list(object({
    name            = string
    rotation_period = optional(string)
  }))
  default = []
}

resource "google_secret_manager_secret" "secrets" {
  for_each  = { for secret in var.secrets : secret.name => secret }
  secret_id = each.value.name
  dynamic "rotation" {
    for_each = each.value.rotation_period != null ? [each.value.rotation_period] : []
    content {
      rotation_period = each.value.rotation_period
    }
  }
}

output "secret_names" {
  value = [for secret in google_secret_manager_secret.secrets : secret.id]
}

# cloud-foundation-fabric/modules/secret-manager
variable "secrets" {
  type = map(object({
    location = optional(string)
  }))
  default = {}
}

resource "google_secret_manager_secret" "default" {
  for_each  = { for name, secret in var.secrets : name => secret if secret.location == null }
  secret_id = each.key
  dynamic "rotation" {
    for_each = []
    content {
      rotation_period = null
    }
  }
}

resource "google_secret_manager_regional_secret" "default" {
  for_each  = { for name, secret in var.secrets : name => secret if secret.location != null }
  secret_id = each.key
  dynamic "rotation" {
    for_each = []
    content {
      rotation_period = null
    }
  }
}

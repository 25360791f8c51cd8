# GoogleCloudPlatform/cloud-run
variable "service_name" {}
variable "location" {}
variable "image" {}
variable "generate_revision_name" {
  type    = bool
  default = true
}
variable "members" {
  type    = list(string)
  default = []
}
variable "service_account_email" {
  default = ""
}
variable "service_annotations" {
  type = map(string)
  default = {
    "run.googleapis.com/ingress" = "all"
  }
}
variable "template_annotations" {
  type = map(string)
  default = {
    "autoscaling.knative.dev/maxScale" = 2
    "autoscaling.knative.dev/minScale" = 1
  }
}
variable "traffic_split" {
  type = list(object({
    latest_revision = bool
    percent         = number
    revision_name   = string
    tag             = string
  }))
  default = [{
    latest_revision = true
    percent         = 100
    revision_name   = "v1-0-0"
    tag             = null
  }]
}
variable "env_vars" {
  type = list(object({
    name  = string
    value = string
  }))
  default = []
}
variable "env_secret_vars" {
  type = list(object({
    name = string
    value_from = set(object({
      secret_key_ref = map(string)
    }))
  }))
  default = []
}
variable "volumes" {
  type = list(object({
    name = string
    secret = set(object({
      secret_name = string
    }))
  }))
  default = []
}

resource "google_cloud_run_service" "main" {
  name     = var.service_name
  location = var.location
  metadata {
    annotations = var.service_annotations
  }
  template {
    metadata {
      annotations = var.template_annotations
    }
    spec {
      service_account_name = var.service_account_email
      containers {
        name  = null
        image = var.image
        dynamic "env" {
          for_each = var.env_vars
          content {
            name  = env.value.name
            value = env.value.value
          }
        }
        dynamic "env" {
          for_each = var.env_secret_vars
          content {
            name = env.value.name
            dynamic "value_from" {
              for_each = env.value.value_from
              content {
                secret_key_ref {
                  name = value_from.value.secret_key_ref.name
                  key  = value_from.value.secret_key_ref.key
                }
              }
            }
          }
        }
      }
      dynamic "volumes" {
        for_each = var.volumes
        content {
          name = volumes.value.name
          dynamic "secret" {
            for_each = volumes.value.secret
            content {
              secret_name = secret.value.secret_name
            }
          }
        }
      }
    }
  }
  dynamic "traffic" {
    for_each = var.traffic_split
    content {
      percent         = traffic.value.percent
      latest_revision = traffic.value.latest_revision
      revision_name   = traffic.value.latest_revision ? null : traffic.value.revision_name
      tag             = traffic.value.tag
    }
  }
}

resource "google_cloud_run_service_iam_member" "authorize" {
  count    = length(var.members)
  service  = google_cloud_run_service.main.name
  location = google_cloud_run_service.main.location
  role     = "roles/run.invoker"
  member   = var.members[count.index]
}

output "service_name" {
  value = google_cloud_run_service.main.name
}
output "service_id" {
  value = google_cloud_run_service.main.id
}
output "service_url" {
  value = google_cloud_run_service.main.status[0].url
}
output "location" {
  value = google_cloud_run_service.main.location
}

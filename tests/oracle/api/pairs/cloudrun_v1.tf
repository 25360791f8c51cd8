# The v1 resource spells its settings in annotations, and the inventory has such a service as Knative does.
resource "google_cloud_run_service" "web" {
  name     = "web"
  location = "us-central1"

  metadata {
    annotations = {
      "run.googleapis.com/ingress"              = "internal-and-cloud-load-balancing"
      "run.googleapis.com/binary-authorization" = "default"
    }
  }

  template {
    metadata {
      annotations = {
        "autoscaling.knative.dev/minScale"         = "1"
        "autoscaling.knative.dev/maxScale"         = "5"
        "run.googleapis.com/vpc-access-egress"     = "private-ranges-only"
        "run.googleapis.com/network-interfaces"    = jsonencode([{ network = "private", subnetwork = "private-run" }])
        "run.googleapis.com/execution-environment" = "gen2"
      }
    }
    spec {
      service_account_name = "web@shop-prod.iam.gserviceaccount.com"
      containers {
        image = "us-docker.pkg.dev/shop-prod/app/web:1.4.2"
        env {
          name = "API_KEY"
          value_from {
            secret_key_ref {
              name = "api-key"
              key  = "latest"
            }
          }
        }
      }
      volumes {
        name = "tls"
        secret {
          secret_name = "tls"
        }
      }
    }
  }

  traffic {
    percent         = 100
    latest_revision = true
  }
}

resource "google_service_account" "api" {
  account_id = "api"
}

resource "google_secret_manager_secret" "password" {
  secret_id = "db-password"
  replication {
    auto {}
  }
}

resource "google_cloud_run_v2_service" "api" {
  name                 = "api"
  location             = "europe-west1"
  ingress              = "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"
  default_uri_disabled = true

  scaling {
    min_instance_count = 1
  }

  binary_authorization {
    use_default = true
  }

  template {
    service_account = google_service_account.api.email

    scaling {
      min_instance_count = 2
      max_instance_count = 20
    }

    vpc_access {
      egress = "ALL_TRAFFIC"
      network_interfaces {
        network    = "private"
        subnetwork = "private-run"
        tags       = ["run"]
      }
    }

    volumes {
      name = "password"
      secret {
        secret = google_secret_manager_secret.password.secret_id
      }
    }

    containers {
      name  = "api"
      image = "europe-docker.pkg.dev/shop-prod/app/api@sha256:0000000000000000000000000000000000000000000000000000000000000000"
      env {
        name  = "LOG_LEVEL"
        value = "info"
      }
      env {
        name = "DB_PASSWORD"
        value_source {
          secret_key_ref {
            secret  = google_secret_manager_secret.password.secret_id
            version = "3"
          }
        }
      }
    }
  }

  traffic {
    type    = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"
    percent = 90
  }
  traffic {
    type     = "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION"
    revision = "api-00007-abc"
    percent  = 10
    tag      = "canary"
  }
}

resource "google_cloud_run_v2_service" "bare" {
  name     = "bare"
  location = "europe-west1"
  template {
    containers {
      image = "us-docker.pkg.dev/cloudrun/container/hello"
    }
  }
}

resource "google_cloud_run_v2_service_iam_member" "everybody" {
  name     = google_cloud_run_v2_service.api.name
  location = "europe-west1"
  role     = "roles/run.invoker"
  member   = "allUsers"
}

resource "google_cloud_run_v2_service_iam_policy" "admins" {
  name     = google_cloud_run_v2_service.api.name
  location = "europe-west1"
  policy_data = jsonencode({
    bindings = [{ role = "roles/run.admin", members = ["group:ops@example.org"] }]
  })
}

resource "google_artifact_registry_repository" "app" {
  repository_id = "app"
  location      = "europe-west1"
  format        = "DOCKER"
  vulnerability_scanning_config {
    enablement_config = "INHERITED"
  }
}

resource "google_artifact_registry_repository" "npm" {
  repository_id = "npm"
  location      = "europe-west1"
  format        = "NPM"
  vulnerability_scanning_config {
    enablement_config = "DISABLED"
  }
}

resource "google_binary_authorization_attestor" "built" {
  name = "built"
  attestation_authority_note {
    note_reference = "projects/shop-prod/notes/built"
  }
}

resource "google_binary_authorization_policy" "policy" {
  project                       = "shop-prod"
  global_policy_evaluation_mode = "ENABLE"
  default_admission_rule {
    evaluation_mode         = "REQUIRE_ATTESTATION"
    enforcement_mode        = "ENFORCED_BLOCK_AND_AUDIT_LOG"
    require_attestations_by = [google_binary_authorization_attestor.built.name]
  }
  cluster_admission_rules {
    cluster          = "europe-west1.tools"
    evaluation_mode  = "ALWAYS_ALLOW"
    enforcement_mode = "DRYRUN_AUDIT_LOG_ONLY"
  }
}

resource "google_clouddeploy_delivery_pipeline" "api" {
  name     = "api"
  location = "europe-west1"
  serial_pipeline {
    stages {
      target_id = "staging"
    }
    stages {
      target_id = "prod"
      strategy {
        canary {
          canary_deployment {
            percentages = [10, 50]
          }
          runtime_config {
            cloud_run {
              automatic_traffic_control = true
            }
          }
        }
      }
    }
  }
}

resource "google_clouddeploy_delivery_pipeline" "jobs" {
  name      = "jobs"
  location  = "europe-west1"
  suspended = true
  serial_pipeline {
    stages {
      target_id = "prod"
    }
  }
}

resource "google_vpc_access_connector" "serverless" {
  name          = "serverless"
  region        = "europe-west1"
  network       = "default"
  ip_cidr_range = "10.8.0.0/28"
}

resource "google_secret_manager_secret" "token" {
  secret_id = "token"
  replication {
    auto {}
  }
  rotation {
    rotation_period    = "7776000s"
    next_rotation_time = "2027-01-01T00:00:00Z"
  }
  topics {
    name = "projects/shop-prod/topics/rotate"
  }
}

resource "google_iam_workload_identity_pool" "ci" {
  workload_identity_pool_id = "ci"
  display_name              = "CI"
}

resource "google_iam_workload_identity_pool_provider" "github" {
  workload_identity_pool_id          = google_iam_workload_identity_pool.ci.workload_identity_pool_id
  workload_identity_pool_provider_id = "github"
  attribute_condition                = "assertion.repository_owner == 'example'"
  attribute_mapping = {
    "google.subject"       = "assertion.sub"
    "attribute.repository" = "assertion.repository"
  }
  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

resource "google_iam_workload_identity_pool_provider" "aws" {
  workload_identity_pool_id          = google_iam_workload_identity_pool.ci.workload_identity_pool_id
  workload_identity_pool_provider_id = "aws"
  disabled                           = true
  attribute_mapping = {
    "google.subject" = "assertion.arn"
  }
  aws {
    account_id = "123456789012"
  }
}

resource "google_service_account_key" "deploy" {
  service_account_id = "projects/shop-prod/serviceAccounts/deploy@shop-prod.iam.gserviceaccount.com"
}

resource "google_project_iam_member" "deploy" {
  project = "shop-prod"
  role    = "roles/editor"
  member  = "serviceAccount:deploy@shop-prod.iam.gserviceaccount.com"
}

resource "google_project_iam_binding" "people" {
  project = "shop-prod"
  role    = "roles/viewer"
  members = ["user:kim@example.org", "group:ops@example.org"]
}

resource "google_identity_platform_config" "users" {
  project = "shop-prod"
  mfa {
    state             = "ENABLED"
    enabled_providers = ["PHONE_SMS"]
  }
}

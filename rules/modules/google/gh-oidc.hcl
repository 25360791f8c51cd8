# terraform-google-modules/github-actions-runners//modules/gh-oidc
variable "pool_id" {}
variable "provider_id" {}
variable "issuer_uri" {
  default = "https://token.actions.githubusercontent.com"
}
variable "attribute_condition" {
  default = null
}
variable "attribute_mapping" {
  type = map(any)
  default = {
    "google.subject"       = "assertion.sub"
    "attribute.actor"      = "assertion.actor"
    "attribute.aud"        = "assertion.aud"
    "attribute.repository" = "assertion.repository"
  }
}

locals {
  # Before it could be given.
  attribute_condition = var.attribute_condition
}

resource "google_iam_workload_identity_pool" "main" {
  workload_identity_pool_id = var.pool_id
  disabled                  = false
}

resource "google_iam_workload_identity_pool_provider" "main" {
  workload_identity_pool_id          = google_iam_workload_identity_pool.main.workload_identity_pool_id
  workload_identity_pool_provider_id = var.provider_id
  disabled                           = null
  attribute_condition                = local.attribute_condition
  attribute_mapping                  = var.attribute_mapping
  oidc {
    issuer_uri = var.issuer_uri
  }
  dynamic "aws" {
    for_each = []
    content {
      account_id = null
    }
  }
  dynamic "saml" {
    for_each = []
    content {
      idp_metadata_xml = null
    }
  }
  dynamic "x509" {
    for_each = []
    content {
      trust_store {}
    }
  }
}

output "pool_name" {
  value = google_iam_workload_identity_pool.main.name
}
output "provider_name" {
  value = google_iam_workload_identity_pool_provider.main.name
}

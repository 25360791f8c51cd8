# terraform-google-modules/log-export
variable "log_sink_name" {}
variable "destination_uri" {}
variable "parent_resource_type" {
  default = "project"
}
variable "filter" {
  default = ""
}
variable "disabled" {
  default = false
}

resource "google_logging_project_sink" "sink" {
  count       = var.parent_resource_type == "project" ? 1 : 0
  name        = var.log_sink_name
  destination = var.destination_uri
  filter      = var.filter
  disabled    = var.disabled
}
resource "google_logging_folder_sink" "sink" {
  count       = var.parent_resource_type == "folder" ? 1 : 0
  name        = var.log_sink_name
  destination = var.destination_uri
  filter      = var.filter
  disabled    = var.disabled
}
resource "google_logging_organization_sink" "sink" {
  count       = var.parent_resource_type == "organization" ? 1 : 0
  name        = var.log_sink_name
  destination = var.destination_uri
  filter      = var.filter
  disabled    = var.disabled
}
resource "google_logging_billing_account_sink" "sink" {
  count       = var.parent_resource_type == "billing_account" ? 1 : 0
  name        = var.log_sink_name
  destination = var.destination_uri
  filter      = var.filter
  disabled    = var.disabled
}

output "filter" {
  value = var.filter
}

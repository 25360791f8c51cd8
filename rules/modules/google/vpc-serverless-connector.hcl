# terraform-google-modules/network//modules/vpc-serverless-connector-beta
variable "vpc_connectors" {
  type = list(object({
    name   = string
    region = string
  }))
  default = []
}

resource "google_vpc_access_connector" "connector_beta" {
  for_each = { for connector in var.vpc_connectors : connector.name => connector }
  name     = each.value.name
  region   = each.value.region
}

output "connector_ids" {
  value = [for connector in google_vpc_access_connector.connector_beta : connector.id]
}

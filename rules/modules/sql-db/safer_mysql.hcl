# terraform-google-modules/sql-db//modules/safer_mysql: mysql without networks that may come in, and with client certificates.
variable "assign_public_ip" {
  type    = bool
  default = false
}
variable "vpc_network" {
  default = null
}

locals {
  ssl_mode = "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"
  ip = {
    ipv4_enabled        = var.assign_public_ip
    private_network     = var.vpc_network
    authorized_networks = []
  }
}

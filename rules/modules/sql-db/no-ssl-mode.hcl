# Versions that drop an `ssl_mode` of the primary's and the replicas' `ip_configuration`.
locals {
  ssl_mode         = null
  replica_ssl_mode = { for replica in var.read_replicas : replica.name => null }
}

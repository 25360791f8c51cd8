# Versions that drop an `ssl_mode` of the replicas' `ip_configuration`.
locals {
  replica_ssl_mode = { for replica in var.read_replicas : replica.name => null }
}

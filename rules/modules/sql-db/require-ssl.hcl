# Versions that know `require_ssl`: whether beside `ssl_mode` or instead of it, another file says.
locals {
  require_ssl         = local.ip.require_ssl
  replica_require_ssl = { for replica in var.read_replicas : replica.name => replica.ip_configuration.require_ssl }
}

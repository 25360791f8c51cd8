# Versions in which `use_ssl_certificates` says that certificates are given.
locals {
  own_certificate     = length(var.managed_ssl_certificate_domains) == 0 && !var.use_ssl_certificates
  managed_certificate = length(var.managed_ssl_certificate_domains) > 0 && !var.use_ssl_certificates
}

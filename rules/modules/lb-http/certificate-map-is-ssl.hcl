# Versions in which a certificate map is reason enough for HTTPS.
locals {
  https = var.ssl || var.certificate_map != null
}

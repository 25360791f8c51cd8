# safer_mysql before it knew `ssl_mode`.
locals {
  ssl_mode    = null
  require_ssl = true
}

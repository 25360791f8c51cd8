# safer_mysql while it set both.
locals {
  require_ssl = true
}

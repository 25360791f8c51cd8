# Versions that turn Calico on.
variable "network_policy" {
  default = true
}

# Versions that pin the sidecar.
locals {
  sidecar = "1.1.1"
}

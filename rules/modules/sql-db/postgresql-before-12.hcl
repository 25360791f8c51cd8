# Versions that leave replicas in one zone.
locals {
  replica_availability_type = { for replica in var.read_replicas : replica.name => null }
}

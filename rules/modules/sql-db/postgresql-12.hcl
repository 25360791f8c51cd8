# Version 12 turns both on for high availability, whatever is given.
locals {
  backups       = var.backup_configuration.enabled || var.availability_type == "REGIONAL"
  point_in_time = var.backup_configuration.point_in_time_recovery_enabled || var.availability_type == "REGIONAL"
}

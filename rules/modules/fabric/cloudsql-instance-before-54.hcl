# Versions that write a backup configuration only where backups are on.
locals {
  backup_blocks = local.backups ? [1] : []
}

resource "google_redis_instance" "cache" {
  name                    = "cache"
  region                  = "asia-northeast3"
  tier                    = "STANDARD_HA"
  memory_size_gb          = 5
  auth_enabled            = true
  transit_encryption_mode = "SERVER_AUTHENTICATION"
  replica_count           = 1
  redis_version           = "REDIS_7_0"
  persistence_config {
    persistence_mode    = "RDB"
    rdb_snapshot_period = "TWELVE_HOURS"
  }
}

resource "google_redis_instance" "scratch" {
  name           = "scratch"
  region         = "asia-northeast3"
  memory_size_gb = 1
}

resource "google_redis_cluster" "sessions" {
  name                    = "sessions"
  region                  = "asia-northeast3"
  shard_count             = 3
  replica_count           = 1
  authorization_mode      = "AUTH_MODE_IAM_AUTH"
  transit_encryption_mode = "TRANSIT_ENCRYPTION_MODE_SERVER_AUTHENTICATION"
}

resource "google_redis_cluster" "open" {
  name        = "open"
  region      = "asia-northeast3"
  shard_count = 1
}

resource "google_memorystore_instance" "valkey" {
  instance_id             = "valkey"
  location                = "asia-northeast3"
  shard_count             = 3
  replica_count           = 1
  authorization_mode      = "IAM_AUTH"
  transit_encryption_mode = "SERVER_AUTHENTICATION"
}

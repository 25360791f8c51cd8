# One instance with every setting that is judged, and one that leaves everything to the defaults.
resource "google_compute_network" "private" {
  name = "private"
}

resource "google_sql_database_instance" "orders" {
  name                = "orders"
  region              = "asia-northeast3"
  database_version    = "POSTGRES_16"
  deletion_protection = true

  settings {
    tier                        = "db-custom-2-7680"
    edition                     = "ENTERPRISE"
    availability_type           = "REGIONAL"
    deletion_protection_enabled = true

    backup_configuration {
      enabled                        = true
      point_in_time_recovery_enabled = true
      start_time                     = "18:00"
      transaction_log_retention_days = 7
      backup_retention_settings {
        retained_backups = 30
      }
    }

    ip_configuration {
      ipv4_enabled    = false
      private_network = google_compute_network.private.id
      ssl_mode        = "ENCRYPTED_ONLY"
    }

    insights_config {
      query_insights_enabled = true
    }
  }
}

resource "google_sql_database_instance" "reports" {
  name             = "reports"
  region           = "asia-northeast3"
  database_version = "MYSQL_8_0"

  settings {
    tier = "db-f1-micro"

    ip_configuration {
      ssl_mode = "ALLOW_UNENCRYPTED_AND_ENCRYPTED"

      authorized_networks {
        name  = "office"
        value = "203.0.113.0/24"
      }
      authorized_networks {
        value = "198.51.100.7"
      }
    }
  }
}

resource "google_sql_database_instance" "orders_replica" {
  name                 = "orders-replica"
  region               = "asia-northeast1"
  database_version     = "POSTGRES_16"
  master_instance_name = google_sql_database_instance.orders.name

  settings {
    tier = "db-custom-2-7680"
    ip_configuration {
      ipv4_enabled    = false
      private_network = google_compute_network.private.id
      ssl_mode        = "ENCRYPTED_ONLY"
    }
  }
}

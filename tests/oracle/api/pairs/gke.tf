# GKE: the implicit legacy datapath, Calico, GKE Dataplane V2 and Autopilot, as the API answers each.
resource "google_container_cluster" "silent" {
  name     = "silent"
  location = "europe-west1"
}

resource "google_container_cluster" "calico" {
  name     = "calico"
  location = "europe-west1-b"
  network_policy {
    enabled  = true
    provider = "CALICO"
  }
}

resource "google_container_cluster" "dataplane" {
  name              = "dataplane"
  location          = "europe-west1"
  datapath_provider = "ADVANCED_DATAPATH"
}

resource "google_container_cluster" "autopilot" {
  name             = "autopilot"
  location         = "europe-west1"
  enable_autopilot = true
}

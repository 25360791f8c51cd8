# cloud-foundation-fabric/modules/cloud-run-v2
variable "name" {}
variable "region" {}
variable "type" {
  default = "SERVICE"
}
variable "managed_revision" {
  type    = bool
  default = true
}
variable "iam" {
  type    = map(list(string))
  default = {}
}
variable "context" {
  type = object({
    cidr_ranges    = optional(map(string), {})
    custom_roles   = optional(map(string), {})
    iam_principals = optional(map(string), {})
    locations      = optional(map(string), {})
    networks       = optional(map(string), {})
    subnets        = optional(map(string), {})
  })
  default = {}
}
variable "service_account_config" {
  type = object({
    create = optional(bool, true)
    email  = optional(string)
  })
  default = {}
}
variable "vpc_connector_create" {
  default = null
}
variable "revision" {
  type = object({
    vpc_access = optional(object({
      connector = optional(string)
      egress    = optional(string)
      network   = optional(string)
      subnet    = optional(string)
    }), {})
  })
  default = {}
}
variable "service_config" {
  type = object({
    iap_config           = optional(object({ iam = optional(list(string), []) }))
    ingress              = optional(string)
    invoker_iam_disabled = optional(bool, false)
    multi_region_settings = optional(object({
      regions = list(string)
    }))
    scaling = optional(object({
      max_instance_count = optional(number)
      min_instance_count = optional(number)
    }))
  })
  default = {}
}
variable "containers" {
  type = map(object({
    image = string
    env   = optional(map(string))
    env_from_key = optional(map(object({
      secret  = string
      version = string
    })))
  }))
  default = {}
}
variable "volumes" {
  type = map(object({
    secret              = optional(object({ name = string }))
    cloud_sql_instances = optional(list(string))
  }))
  default = {}
}

locals {
  # A value that begins with `$locations:` and the like is looked up in the context that the caller gives.
  context         = { for kind, entries in var.context : kind => { for name, value in entries : join("", ["$", kind, ":", name]) => value } }
  connector       = var.vpc_connector_create != null ? google_vpc_access_connector.connector[0].id : try(var.revision.vpc_access.connector, null)
  service_account = var.service_account_config.create ? google_service_account.service_account[0].email : var.service_account_config.email == null ? null : lookup(local.context.iam_principals, var.service_account_config.email, var.service_account_config.email)
  service         = var.managed_revision ? google_cloud_run_v2_service.service : google_cloud_run_v2_service.service_unmanaged
}

resource "google_service_account" "service_account" {
  count = var.service_account_config.create ? 1 : 0
}

resource "google_vpc_access_connector" "connector" {
  count  = var.vpc_connector_create != null ? 1 : 0
  name   = try(coalesce(var.vpc_connector_create.name, var.name), var.name)
  region = lookup(local.context.locations, var.region, var.region)
}

resource "google_cloud_run_v2_service" "service" {
  count                = var.type == "SERVICE" && var.managed_revision ? 1 : 0
  name                 = var.name
  location             = lookup(local.context.locations, var.region, var.region)
  ingress              = var.service_config.ingress
  iap_enabled          = var.service_config.iap_config != null
  invoker_iam_disabled = var.service_config.invoker_iam_disabled
  default_uri_disabled = null
  scaling {
    min_instance_count    = null
    max_instance_count    = null
    scaling_mode          = null
    manual_instance_count = null
  }
  template {
    service_account = local.service_account
    dynamic "scaling" {
      for_each = var.service_config.scaling[*]
      content {
        min_instance_count = var.service_config.scaling.min_instance_count
        max_instance_count = var.service_config.scaling.max_instance_count
      }
    }
    dynamic "vpc_access" {
      for_each = local.connector == null ? [] : [1]
      content {
        connector = local.connector
        egress    = var.revision.vpc_access.egress
      }
    }
    dynamic "vpc_access" {
      for_each = var.revision.vpc_access.subnet == null && var.revision.vpc_access.network == null ? [] : [1]
      content {
        egress = var.revision.vpc_access.egress
        network_interfaces {
          network    = var.revision.vpc_access.network == null ? null : lookup(local.context.networks, var.revision.vpc_access.network, var.revision.vpc_access.network)
          subnetwork = var.revision.vpc_access.subnet == null ? null : lookup(local.context.subnets, var.revision.vpc_access.subnet, var.revision.vpc_access.subnet)
        }
      }
    }
    dynamic "containers" {
      for_each = var.containers
      content {
        name  = containers.key
        image = containers.value.image
        dynamic "env" {
          for_each = coalesce(containers.value.env, tomap({}))
          content {
            name  = env.key
            value = env.value
          }
        }
        dynamic "env" {
          for_each = coalesce(containers.value.env_from_key, tomap({}))
          content {
            name = env.key
            value_source {
              secret_key_ref {
                secret  = env.value.secret
                version = env.value.version
              }
            }
          }
        }
      }
    }
    dynamic "volumes" {
      for_each = { for name, volume in var.volumes : name => volume if volume.cloud_sql_instances == null }
      content {
        name = volumes.key
        dynamic "secret" {
          for_each = volumes.value.secret[*]
          content {
            secret = volumes.value.secret.name
          }
        }
      }
    }
    dynamic "volumes" {
      for_each = { for name, volume in var.volumes : name => volume if volume.cloud_sql_instances != null }
      content {
        name = volumes.key
      }
    }
  }
  dynamic "traffic" {
    for_each = []
    content {
      type     = null
      percent  = null
      revision = null
      tag      = null
    }
  }
  dynamic "multi_region_settings" {
    for_each = var.service_config.multi_region_settings[*]
    content {
      regions = [for region in var.service_config.multi_region_settings.regions : lookup(local.context.locations, region, region)]
    }
  }
  binary_authorization {
    policy      = null
    use_default = null
  }
}

resource "google_cloud_run_v2_service" "service_unmanaged" {
  count                = var.type == "SERVICE" && !var.managed_revision ? 1 : 0
  name                 = var.name
  location             = lookup(local.context.locations, var.region, var.region)
  ingress              = var.service_config.ingress
  iap_enabled          = var.service_config.iap_config != null
  invoker_iam_disabled = var.service_config.invoker_iam_disabled
  default_uri_disabled = null
  scaling {
    min_instance_count    = null
    max_instance_count    = null
    scaling_mode          = null
    manual_instance_count = null
  }
  template {
    service_account = local.service_account
    dynamic "scaling" {
      for_each = var.service_config.scaling[*]
      content {
        min_instance_count = var.service_config.scaling.min_instance_count
        max_instance_count = var.service_config.scaling.max_instance_count
      }
    }
    dynamic "vpc_access" {
      for_each = local.connector == null ? [] : [1]
      content {
        connector = local.connector
        egress    = var.revision.vpc_access.egress
      }
    }
    dynamic "vpc_access" {
      for_each = var.revision.vpc_access.subnet == null && var.revision.vpc_access.network == null ? [] : [1]
      content {
        egress = var.revision.vpc_access.egress
        network_interfaces {
          network    = var.revision.vpc_access.network == null ? null : lookup(local.context.networks, var.revision.vpc_access.network, var.revision.vpc_access.network)
          subnetwork = var.revision.vpc_access.subnet == null ? null : lookup(local.context.subnets, var.revision.vpc_access.subnet, var.revision.vpc_access.subnet)
        }
      }
    }
    dynamic "containers" {
      for_each = var.containers
      content {
        name  = containers.key
        image = containers.value.image
        dynamic "env" {
          for_each = coalesce(containers.value.env, tomap({}))
          content {
            name  = env.key
            value = env.value
          }
        }
        dynamic "env" {
          for_each = coalesce(containers.value.env_from_key, tomap({}))
          content {
            name = env.key
            value_source {
              secret_key_ref {
                secret  = env.value.secret
                version = env.value.version
              }
            }
          }
        }
      }
    }
    dynamic "volumes" {
      for_each = { for name, volume in var.volumes : name => volume if volume.cloud_sql_instances == null }
      content {
        name = volumes.key
        dynamic "secret" {
          for_each = volumes.value.secret[*]
          content {
            secret = volumes.value.secret.name
          }
        }
      }
    }
    dynamic "volumes" {
      for_each = { for name, volume in var.volumes : name => volume if volume.cloud_sql_instances != null }
      content {
        name = volumes.key
      }
    }
  }
  dynamic "traffic" {
    for_each = []
    content {
      type     = null
      percent  = null
      revision = null
      tag      = null
    }
  }
  dynamic "multi_region_settings" {
    for_each = var.service_config.multi_region_settings[*]
    content {
      regions = [for region in var.service_config.multi_region_settings.regions : lookup(local.context.locations, region, region)]
    }
  }
  binary_authorization {
    policy      = null
    use_default = null
  }
  lifecycle {
    ignore_changes = [template[0].containers]
  }
}

resource "google_cloud_run_v2_service_iam_binding" "binding" {
  for_each = var.type == "SERVICE" ? var.iam : {}
  name     = local.service[0].name
  location = local.service[0].location
  role     = lookup(local.context.custom_roles, each.key, each.key)
  members  = [for member in each.value : lookup(local.context.iam_principals, member, member)]
}

output "service_name" {
  value = local.service[0].name
}
output "id" {
  value = local.service[0].id
}

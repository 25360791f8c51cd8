# Anything called cloud-run: what the inputs of such modules are usually called. What none of them says stays unknown.
variable "service_name" { default = null }
variable "name" { default = null }
variable "location" { default = null }
variable "region" { default = null }
variable "regions" { default = null }
variable "locations" { default = null }
variable "multi_region_settings" { default = null }
variable "ingress" { default = null }
variable "invoker_iam_disabled" { default = null }
variable "additional_service_annotations" { default = null }
variable "service_annotations" { default = null }
variable "annotations" { default = null }
variable "template_annotations" { default = null }
variable "additional_revision_annotations" { default = null }
variable "revision_annotations" { default = null }
variable "service_scaling" { default = null }
variable "template_scaling" { default = null }
variable "scaling" { default = null }
variable "autoscaling" { default = null }
variable "revision" { default = null }
variable "min_instances" { default = null }
variable "min_instance_count" { default = null }
variable "min_scale" { default = null }
variable "max_instances" { default = null }
variable "max_instance_count" { default = null }
variable "max_scale" { default = null }
variable "vpc_access" { default = null }
variable "vpc_connector" { default = null }
variable "vpc_access_connector" { default = null }
variable "service_account_email" { default = null }
variable "service_account" { default = null }
variable "containers" { default = null }
variable "env" { default = null }
variable "env_vars" { default = null }
variable "envvars" { default = null }
variable "environment_variables" { default = null }
variable "secret_envvars" { default = null }
variable "env_secret_vars" { default = null }
variable "env_from_key" { default = null }
variable "secret_env_vars" { default = null }
variable "secrets_env" { default = null }
variable "service_iam" { default = null }
variable "iam" { default = null }
variable "invokers" { default = null }
variable "invoker_members" { default = null }
variable "members" { default = null }
variable "allow_unauthenticated" { default = null }
variable "allow_public_access" { default = null }
variable "allow_public" { default = null }
variable "public_access" { default = null }
variable "allow_all_users" { default = null }

locals {
  on_service  = [for given in [var.additional_service_annotations, var.service_annotations, var.annotations] : given if given != null]
  on_revision = [for given in [var.template_annotations, var.additional_revision_annotations, var.revision_annotations, var.annotations] : given if given != null]

  ingress = try(coalesce(var.ingress, [for given in local.on_service : lookup(given, "run.googleapis.com/ingress", null)]...), null)
  minimum = try(coalesce(
    var.min_instances, var.min_instance_count, var.min_scale,
    try(var.template_scaling.min_instance_count, null), try(var.scaling.min_instance_count, null),
    try(var.revision.scaling.min_instance_count, null), try(var.revision.min_instance_count, null), try(var.autoscaling.min_instance_count, null),
    [for given in local.on_revision : lookup(given, "autoscaling.knative.dev/minScale", null)]...
  ), null)
  maximum = try(coalesce(
    var.max_instances, var.max_instance_count, var.max_scale,
    try(var.template_scaling.max_instance_count, null), try(var.scaling.max_instance_count, null),
    try(var.revision.scaling.max_instance_count, null), try(var.revision.max_instance_count, null), try(var.autoscaling.max_instance_count, null),
    [for given in local.on_revision : lookup(given, "autoscaling.knative.dev/maxScale", null)]...
  ), null)
  connector = try(coalesce(
    try(var.vpc_access.connector, null), var.vpc_connector, var.vpc_access_connector, try(var.revision.vpc_access.connector, null),
    [for given in local.on_revision : lookup(given, "run.googleapis.com/vpc-access-connector", null)]...
  ), null)

  # Who may invoke is said by a list, or by whether everybody may. Whoever names them would not turn the check off.
  named = [
    for given in [try(var.service_iam.invokers, null), var.invokers, var.invoker_members, try(var.iam["roles/run.invoker"], null), var.members] :
    given if given != null
  ]
  public   = try(coalesce(var.allow_unauthenticated, var.allow_public_access, var.allow_public, var.public_access, var.allow_all_users), null)
  invokers = length(local.named) > 0 ? local.named[0] : local.public == null ? null : local.public ? ["allUsers"] : []
  unchecked = try(coalesce(
    var.invoker_iam_disabled, [for given in local.on_service : lookup(given, "run.googleapis.com/invoker-iam-disabled", null)]...
  ), local.invokers == null || local.invokers == ["allUsers"] ? null : false)

  # Inputs for the environment are maps, or lists of names and values, of the service or of each of its containers.
  scopes = concat([{
    env             = var.env, env_vars = var.env_vars, envvars = var.envvars, environment_variables = var.environment_variables
    secret_envvars  = var.secret_envvars, env_secret_vars = var.env_secret_vars, env_from_key = var.env_from_key
    secret_env_vars = var.secret_env_vars, secrets_env = var.secrets_env
  }], try([for container in values(var.containers) : container], [for container in var.containers : container], []))
  values = flatten([for scope in local.scopes : [
    for given in [try(scope.env_vars, null), try(scope.envvars, null), try(scope.environment_variables, null), try(scope.env, null)] :
    try([for name in keys(given) : { name = name, value = given[name] }], [for entry in given : { name = entry.name, value = entry.value }]) if given != null
  ]])
  secrets = flatten([for scope in local.scopes : [
    for given in [try(scope.secret_envvars, null), try(scope.env_secret_vars, null), try(scope.env_from_key, null), try(scope.secret_env_vars, null), try(scope.secrets_env, null)] :
    try(keys(given), [for entry in given : entry.name]) if given != null
  ]])
}

resource "google_cloud_run_v2_service" "main" {
  name                 = try(coalesce(var.service_name, var.name), null)
  location             = try(coalesce(var.location, var.region), null)
  ingress              = local.ingress
  invoker_iam_disabled = local.unchecked
  default_uri_disabled = null
  iap_enabled          = null
  multi_region_settings {
    regions = try(coalesce(var.regions, var.locations, try(var.multi_region_settings.regions, null)), [])
  }
  scaling {
    min_instance_count    = try(var.service_scaling.min_instance_count, null)
    max_instance_count    = null
    scaling_mode          = local.minimum != null || local.maximum != null ? "AUTOMATIC" : null
    manual_instance_count = null
  }
  binary_authorization {
    policy      = null
    use_default = null
  }
  template {
    service_account = try(coalesce(var.service_account_email, var.service_account), null)
    scaling {
      min_instance_count = local.minimum
      max_instance_count = local.maximum
    }
    vpc_access {
      connector          = local.connector
      egress             = null
      network_interfaces = try(coalesce(try(var.vpc_access.network_interfaces, null), try(var.revision.vpc_access.network, null)), null)
    }
    containers {
      name  = null
      image = null
      dynamic "env" {
        for_each = local.values
        content {
          name  = env.value.name
          value = env.value.value
        }
      }
      dynamic "env" {
        for_each = local.secrets
        content {
          name = env.value
          value_source {
            secret_key_ref {
              secret  = env.value
              version = null
            }
          }
        }
      }
    }
    dynamic "volumes" {
      for_each = []
      content {
        name = null
        secret {
          secret = null
        }
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
}

resource "google_cloud_run_v2_service_iam_binding" "invokers" {
  name     = google_cloud_run_v2_service.main.name
  location = google_cloud_run_v2_service.main.location
  role     = "roles/run.invoker"
  members  = local.invokers
}

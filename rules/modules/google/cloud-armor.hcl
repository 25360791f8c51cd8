# GoogleCloudPlatform/cloud-armor
variable "name" {}
variable "type" {
  default = "CLOUD_ARMOR"
}
variable "default_rule_action" {
  default = "allow"
}
variable "layer_7_ddos_defense_enable" {
  type    = bool
  default = false
}
variable "adaptive_protection_auto_deploy" {
  type = object({
    enable   = bool
    priority = optional(number)
    action   = optional(string)
    preview  = optional(bool, false)
  })
  default = { enable = false }
}
variable "pre_configured_rules" {
  type = map(object({
    action                  = string
    priority                = number
    preview                 = optional(bool, false)
    target_rule_set         = string
    sensitivity_level       = optional(number, 4)
    include_target_rule_ids = optional(list(string), [])
    exclude_target_rule_ids = optional(list(string), [])
  }))
  default = {}
}
variable "security_rules" {
  type = map(object({
    action        = string
    priority      = number
    preview       = optional(bool, false)
    src_ip_ranges = list(string)
  }))
  default = {}
}
variable "custom_rules" {
  type = map(object({
    action     = string
    priority   = number
    preview    = optional(bool, false)
    expression = string
  }))
  default = {}
}
variable "threat_intelligence_rules" {
  type = map(object({
    action     = string
    priority   = number
    preview    = optional(bool, false)
    feed       = string
    exclude_ip = optional(string)
  }))
  default = {}
}

locals {
  sensitivity = { for name, rule in var.pre_configured_rules : name => length(rule.include_target_rule_ids) > 0 ? 0 : rule.sensitivity_level }
  selection = {
    for name, rule in var.pre_configured_rules : name => (
      length(rule.include_target_rule_ids) > 0 ? ", 'opt_in_rule_ids': ['${join("','", rule.include_target_rule_ids)}']" :
      length(rule.exclude_target_rule_ids) > 0 ? ", 'opt_out_rule_ids': ['${join("','", rule.exclude_target_rule_ids)}']" : ""
    )
  }
}

resource "google_compute_security_policy" "policy" {
  name   = var.name
  region = null
  type   = var.type
  dynamic "adaptive_protection_config" {
    for_each = var.type != "CLOUD_ARMOR_EDGE" ? [1] : []
    content {
      layer_7_ddos_defense_config {
        enable = var.layer_7_ddos_defense_enable
      }
    }
  }
  dynamic "rule" {
    for_each = var.pre_configured_rules
    content {
      action   = rule.value.action
      priority = rule.value.priority
      preview  = rule.value.preview
      match {
        versioned_expr = null
        expr {
          expression = "evaluatePreconfiguredWaf('${rule.value.target_rule_set}', {'sensitivity': ${local.sensitivity[rule.key]}${local.selection[rule.key]}})"
        }
      }
    }
  }
  dynamic "rule" {
    for_each = var.security_rules
    content {
      action   = rule.value.action
      priority = rule.value.priority
      preview  = rule.value.preview
      match {
        versioned_expr = "SRC_IPS_V1"
        config {
          src_ip_ranges = rule.value.src_ip_ranges
        }
      }
    }
  }
  dynamic "rule" {
    for_each = var.custom_rules
    content {
      action   = rule.value.action
      priority = rule.value.priority
      preview  = rule.value.preview
      match {
        versioned_expr = null
        expr {
          expression = rule.value.expression
        }
      }
    }
  }
  dynamic "rule" {
    for_each = var.threat_intelligence_rules
    content {
      action   = rule.value.action
      priority = rule.value.priority
      preview  = rule.value.preview
      match {
        versioned_expr = null
        expr {
          expression = rule.value.exclude_ip == null ? "evaluateThreatIntelligence('${rule.value.feed}')" : "evaluateThreatIntelligence('${rule.value.feed}', ${rule.value.exclude_ip})"
        }
      }
    }
  }
  rule {
    action   = var.default_rule_action
    priority = 2147483647
    preview  = null
    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }
  }
  dynamic "rule" {
    for_each = var.layer_7_ddos_defense_enable && var.adaptive_protection_auto_deploy.enable && var.type != "CLOUD_ARMOR_EDGE" ? [var.adaptive_protection_auto_deploy] : []
    content {
      action   = rule.value.action
      priority = rule.value.priority
      preview  = rule.value.preview
      match {
        versioned_expr = null
        expr {
          expression = "evaluateAdaptiveProtectionAutoDeploy()"
        }
      }
    }
  }
}

output "policy" {
  value = google_compute_security_policy.policy
}

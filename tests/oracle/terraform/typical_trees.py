"""More trees of modules: the shapes that real configurations are written in."""

from __future__ import annotations

TYPICAL: dict[str, dict[str, str]] = {
    "optional attributes in lists of objects in maps": {
        "main.tf": """
variable "services" {
  type = map(object({
    port  = number
    hosts = optional(list(object({ name = string, weight = optional(number, 10), tls = optional(object({ on = optional(bool, true), min = optional(string, "1.2") }), {}) })), [])
    tags  = optional(map(string), { owner = "nobody" })
    note  = optional(string)
  }))
  default = {
    web = { port = "8080", hosts = [{ name = "a" }, { name = "b", weight = 5, tls = { min = "1.3" } }] }
    api = { port = 9, tags = { n = 1 }, note = "x", unknown = "dropped" }
  }
}
resource "terraform_data" "all" { input = var.services }
resource "terraform_data" "each" {
  for_each = var.services
  input    = [each.value.port + 1, length(each.value.hosts), each.value.hosts[*].tls.on, each.value.note == null, lookup(each.value.tags, "owner", "-")]
}
""",
    },
    "nulls in optional attributes": {
        "main.tf": """
module "m" {
  source = "./m"
  given  = { a = null, b = null, c = { x = null }, e = [null, "x"] }
}
""",
        "m/main.tf": """
variable "given" {
  type = object({ a = optional(string, "da"), b = optional(string), c = optional(object({ x = optional(number, 1), y = optional(number, 2) })),
    d = optional(object({ z = optional(string, "dz") })), e = list(string) })
}
resource "terraform_data" "x" { input = var.given }
""",
    },
    "a chain of resources by for_each": {
        "main.tf": """
locals { zones = { b = { n = 2 }, a = { n = 1 } } }
resource "terraform_data" "first" {
  for_each = local.zones
  input    = { name = "z-${each.key}", size = each.value.n * 10 }
}
resource "terraform_data" "second" {
  for_each = terraform_data.first
  input    = "${each.value.input.name}:${each.value.input.size}"
}
resource "terraform_data" "third" { input = join(",", [for k, v in terraform_data.second : "${k}=${v.input}"]) }
""",
    },
    "flattened pairs": {
        "main.tf": """
locals {
  networks = { prod = { subnets = { a = "10.0.0.0/24", b = "10.0.1.0/24" } }, dev = { subnets = { a = "10.9.0.0/24" } }, none = { subnets = {} } }
  flat = flatten([for n, net in local.networks : [for s, cidr in net.subnets : { key = "${n}/${s}", net = n, cidr = cidr }]])
  by_key = { for e in local.flat : e.key => e }
}
resource "terraform_data" "subnet" {
  for_each = local.by_key
  input    = [each.value.net, cidrhost(each.value.cidr, 5), cidrnetmask(each.value.cidr)]
}
""",
    },
    "grouping": {
        "main.tf": """
locals {
  people = [{ n = "ann", team = "x" }, { n = "bob", team = "y" }, { n = "cy", team = "x" }]
  teams  = { for p in local.people : p.team => p.n... }
}
resource "terraform_data" "team" {
  for_each = local.teams
  input    = { members = each.value, size = length(each.value), first = each.value[0], text = format("%s: %s", each.key, join("+", sort(each.value))) }
}
""",
    },
    "four levels of modules": {
        "main.tf": 'module "a" {\n  source = "./a"\n  n = 2\n}\nresource "terraform_data" "x" { input = module.a.r }\n',
        "a/main.tf": 'variable "n" { type = number }\nmodule "b" {\n  source = "./b"\n  count = var.n\n  n = count.index + 1\n}\noutput "r" { value = module.b[*].r }\n',
        "a/b/main.tf": """
variable "n" { type = number }
module "c" {
  source   = "../c"
  for_each = toset([for i in range(var.n) : tostring(i)])
  name     = "c${each.key}"
}
output "r" { value = { for k, m in module.c : "k${k}" => m.name } }
""",
        "a/c/main.tf": 'variable "name" {}\nmodule "d" {\n  source = "./d"\n  v = [var.name, path.module]\n}\noutput "name" { value = module.d.shown }\n',
        "a/c/d/main.tf": 'variable "v" { type = list(string) }\nresource "terraform_data" "leaf" { input = var.v }\noutput "shown" { value = terraform_data.leaf.input[0] }\n',
    },
    "an optional module": {
        "main.tf": """
variable "on" { default = false }
module "off" {
  source = "./m"
  count  = var.on ? 1 : 0
}
module "yes" {
  source = "./m"
  count  = var.on ? 0 : 1
}
resource "terraform_data" "x" {
  input = [try(module.off[0].v, "fallback"), one(module.yes[*].v), length(module.off), coalesce(one(module.off[*].v), "none"), concat(module.off[*].v, module.yes[*].v)]
}
""",
        "m/main.tf": 'output "v" { value = "made" }\nresource "terraform_data" "in" { input = 1 }\n',
    },
    "what is known only after apply": {
        "main.tf": """
resource "terraform_data" "a" { input = "known" }
locals {
  ids    = [terraform_data.a.id, "fixed"]
  by_key = { a = terraform_data.a.id, b = "b" }
}
resource "terraform_data" "count" {
  count = length(local.ids)
  input = count.index
}
resource "terraform_data" "each" {
  for_each = local.by_key
  input    = each.key
}
resource "terraform_data" "known" { input = [local.ids[1], local.by_key.b, keys(local.by_key), length(local.by_key), try(local.by_key.c, "no"), lookup(local.by_key, "b", "x")] }
resource "terraform_data" "same" { input = terraform_data.a.id == "x" ? "s" : "s" }
resource "terraform_data" "text" { input = "projects/${terraform_data.a.id}" }
resource "terraform_data" "joined" { input = join("-", local.ids) }
resource "terraform_data" "choice" { input = terraform_data.a.id == "x" ? "p" : "q" }
resource "terraform_data" "decided" { input = [false && terraform_data.a.id == "x", true || terraform_data.a.id == "x"] }
resource "terraform_data" "null" { input = terraform_data.a.id == null }
""",
    },
    "unknown parts of modules": {
        "main.tf": """
resource "terraform_data" "seed" { input = 1 }
module "m" {
  source = "./m"
  id     = terraform_data.seed.id
  name   = "n"
}
resource "terraform_data" "x" { input = module.m.name }
resource "terraform_data" "y" { input = module.m.id }
resource "terraform_data" "z" { input = module.m.both.name }
""",
        "m/main.tf": """
variable "id" { type = string }
variable "name" { type = string }
output "name" { value = upper(var.name) }
output "id" { value = var.id }
output "both" { value = { id = var.id, name = var.name } }
""",
    },
    "outputs of a resource without input": {
        "main.tf": """
resource "terraform_data" "empty" {}
resource "terraform_data" "x" { input = terraform_data.empty.output == null }
resource "terraform_data" "t" { triggers_replace = ["a", 1] }
resource "terraform_data" "y" { input = terraform_data.t.triggers_replace }
resource "terraform_data" "z" { input = terraform_data.empty.input == null ? "no input" : "input" }
""",
    },
    "meta-arguments, moved and checks": {
        "main.tf": """
terraform {
  required_version = ">= 1.3"
}
variable "size" {
  type    = number
  default = 3
  validation {
    condition     = var.size > 1 && var.size < 10
    error_message = "Size must be from 2 to 9."
  }
}
resource "terraform_data" "new" {
  input      = var.size
  depends_on = [terraform_data.base]
  lifecycle {
    create_before_destroy = true
    ignore_changes        = [triggers_replace]
    precondition {
      condition     = var.size > 0
      error_message = "no"
    }
  }
}
resource "terraform_data" "base" { input = "base" }
moved {
  from = terraform_data.old
  to   = terraform_data.new
}
check "fine" {
  assert {
    condition     = var.size == 3
    error_message = "odd"
  }
}
""",
    },
    "sensitive values": {
        "main.tf": """
variable "secret" {
  default   = "hunter2"
  sensitive = true
}
resource "terraform_data" "x" { input = { clear = nonsensitive(var.secret), hidden = var.secret, length = length(sensitive("abc")), is = issensitive(var.secret) } }
""",
    },
    "collections of any": {
        "main.tf": """
variable "l" {
  type    = list(any)
  default = [1, "2", true]
}
variable "m" {
  type    = map(any)
  default = { a = ["x"], b = [] }
}
variable "s" {
  type    = set(any)
  default = [3, 1, 2, 3]
}
variable "free" {
  default = { a = [1, "two", null], b = { c = true } }
}
variable "any" {
  type    = any
  default = [1, "a", { b = null }]
}
resource "terraform_data" "x" { input = [var.l, var.m, var.s, var.free, var.any] }
resource "terraform_data" "y" { input = { l = var.l[0] == 1, s = contains(var.s, 2), t = [for x in var.any : can(x.b)] } }
""",
    },
    "objects become maps": {
        "main.tf": """
module "m" {
  source = "./m"
  labels = merge({ a = 1, b = true }, { c = "x" }, null)
  rules  = [{ p = 1 }, { p = 2, extra = "gone" }]
  pair   = ["1", 2]
}
""",
        "m/main.tf": """
variable "labels" { type = map(string) }
variable "rules" { type = set(object({ p = string })) }
variable "pair" { type = tuple([number, string]) }
resource "terraform_data" "x" { input = [var.labels, var.rules, var.pair, [for r in var.rules : r.p], values(var.labels)] }
resource "terraform_data" "r" {
  for_each = { for r in var.rules : "rule-${r.p}" => r }
  input    = each.value
}
""",
    },
    "templates in locals": {
        "main.tf": """
locals {
  hosts = { web = ["a", "b"], db = [] }
  text = <<-EOT
    # ${upper("hosts")}
    %{ for k, list in local.hosts ~}
    [${k}]
      %{~ for h in list }
      ${h}
      %{~ endfor }
    %{ endfor ~}
    %{ if length(local.hosts) > 1 }many%{ else }few%{ endif }
      $${kept} %%{kept}
  EOT
  plain = <<EOT
  ${~ join(" ", local.hosts.web) ~}
  end
EOT
  inline = "%{ for h in local.hosts.web }<${h}>%{ endfor }%{ if true } yes %{ endif ~}  "
}
resource "terraform_data" "x" { input = [local.text, local.plain, local.inline] }
""",
    },
    "templates in files": {
        "main.tf": """
locals { users = [{ name = "ann", admin = true }, { name = "bob", admin = false }] }
resource "terraform_data" "x" { input = templatefile("${path.module}/t/outer.tftpl", { users = local.users, title = "T", deep = { list = [1, 2] } }) }
resource "terraform_data" "j" { input = jsondecode(templatefile("${path.module}/t/json.tftpl", { names = local.users[*].name })) }
""",
        "t/outer.tftpl": "${title}\n%{ for i, u in users ~}\n${i}: ${u.name}%{ if u.admin } (admin)%{ endif }\n%{ endfor ~}\nsum ${sum(deep.list)}\n",
        "t/json.tftpl": '${jsonencode({ n = names, c = length(names) })}',
    },
    "files of several kinds": {
        "main.tf": """
locals {
  teams = { for f in fileset(path.module, "teams/*.yaml") : trimsuffix(basename(f), ".yaml") => yamldecode(file("${path.module}/${f}")) }
  rows  = csvdecode(file("${path.module}/rows.csv"))
}
resource "terraform_data" "team" {
  for_each = { for k, t in local.teams : k => t if try(t.enabled, true) }
  input    = [each.value.members, try(each.value.quota.cpu, 1), filesha256("${path.module}/teams/${each.key}.yaml")]
}
resource "terraform_data" "row" {
  for_each = { for r in local.rows : r.id => r }
  input    = "${each.value.name} ${each.value.size + 1}"
}
resource "terraform_data" "x" { input = [fileexists("${path.module}/rows.csv"), filemd5("rows.csv"), filebase64("rows.csv"), fileset(path.module, "**/*.yaml"), basename(path.module)] }
""",
        "teams/x.yaml": "members: [ann, bob]\nquota: {cpu: 4}\n",
        "teams/y.yaml": "members: []\nenabled: false\n",
        "teams/z.yaml": "members:\n- cy\n",
        "rows.csv": "id,name,size\n1,first,10\n2,second,20\n",
    },
    "keys with odd characters": {
        "main.tf": """
resource "terraform_data" "x" {
  for_each = toset(["a b", "c\\"d", "e/f", "g.h", "10", "ü"])
  input    = "${each.key}!"
}
resource "terraform_data" "all" { input = [for k, v in terraform_data.x : v.input] }
module "m" {
  source   = "./m"
  for_each = { "x y" = 1, "1.2" = 2 }
  v        = each.value
}
""",
        "m/main.tf": 'variable "v" {}\nresource "terraform_data" "in" { input = var.v }\n',
    },
    "numbers in text": {
        "main.tf": """
variable "cpu" {
  type    = number
  default = "1.50"
}
locals { memory = 1e3 / 4 }
resource "terraform_data" "x" { input = ["${var.cpu}", "${local.memory}Mi", "${1000000 * 1000000}", "${0.1 + 0.2}", "${10 / 4}", tostring(1.0), format("%d", local.memory), "${-0.5}", "${1e10}"] }
""",
    },
    "conditional types": {
        "main.tf": """
variable "list" {
  type    = list(string)
  default = null
}
locals {
  a = var.list == null ? [] : var.list
  b = var.list != null ? var.list : ["d"]
  c = true ? { x = 1 } : { x = "s" }
  d = false ? null : { x = 1 }
  e = true ? tomap({ k = "v" }) : {}
  f = false ? 1 : true ? "two" : false ? 3 : "four"
}
resource "terraform_data" "x" { input = [local.a, local.b, local.c, local.d, local.e, local.f, length(local.a)] }
""",
    },
    "tries and lookups": {
        "main.tf": """
variable "config" {
  type    = any
  default = { db = { tier = "small" }, list = [{ n = 1 }] }
}
locals {
  tier  = try(var.config.db.tier, "default")
  flags = try(var.config.db.flags, [])
  deep  = try(var.config.a.b.c, var.config.list[5].n, var.config.list[0].n, "none")
  ok    = can(var.config.db.tier)
  no    = can(tonumber(var.config.db.tier))
  both  = lookup(var.config, "db", null) != null && lookup(var.config.db, "ha", false)
}
resource "terraform_data" "x" { input = [local.tier, local.flags, local.deep, local.ok, local.no, local.both] }
""",
    },
    "merged defaults": {
        "main.tf": """
locals {
  defaults  = { tier = "s", backup = { on = true, keep = 7 }, zones = ["a"] }
  overrides = { one = {}, two = { tier = "l", backup = { on = false } } }
  merged    = { for k, o in local.overrides : k => merge(local.defaults, o, { backup = merge(local.defaults.backup, try(o.backup, {})) }) }
}
resource "terraform_data" "db" {
  for_each = local.merged
  input    = each.value
}
""",
    },
    "computed networks": {
        "main.tf": """
variable "cidr" { default = "10.20.0.0/16" }
locals {
  subnets = cidrsubnets(var.cidr, 4, 4, 8)
  names   = ["app", "db", "edge"]
  plan    = zipmap(local.names, local.subnets)
}
resource "terraform_data" "subnet" {
  for_each = local.plan
  input    = { cidr = each.value, gateway = cidrhost(each.value, 1), last = cidrhost(each.value, -2), sub = cidrsubnet(each.value, 2, 3), index = index(local.names, each.key) }
}
""",
    },
    "collections with members known only after apply": {
        "main.tf": """
resource "terraform_data" "late" { input = "x" }
locals {
  late = terraform_data.late.id
  list = ["a", local.late, "c"]
}
resource "terraform_data" "each" {
  for_each = {
    formatlist = formatlist("%s.%s", ["a", "b"], local.late)
    lengths    = length(formatlist("%s.%s", ["a", "b"], local.late))
    paired     = formatlist("%s=%s", ["a", "b"], ["1", local.late])
    zipmap     = zipmap(["a", "b"], [1, local.late])
    slice      = slice(local.list, 0, 1)
    reverse    = reverse(local.list)
    chunks     = chunklist(tolist(local.list), 2)
    product    = setproduct(["x"], ["a", local.late])
    matched    = matchkeys(local.list, ["1", "2", "3"], ["1", "2"])
    ordered    = tolist(toset([local.late, "b"]))
    distinct   = length(toset([local.late, "b"]))
    single     = length(toset([local.late]))
    format     = format("%s", local.late)
    join       = join("-", ["a", local.late])
    joined     = join("", terraform_data.late[*].input)
    verbs      = format("%v-%5s-%d", "a", "b", 3)
  }
  input = each.value
}
""",
    },
    "a set or nothing": {
        "main.tf": """
variable "on" { default = false }
variable "names" {
  type    = set(string)
  default = null
}
resource "terraform_data" "late" { input = "x" }
resource "terraform_data" "off" {
  for_each = var.on ? toset([terraform_data.late.id]) : []
  input    = each.key
}
resource "terraform_data" "null" {
  for_each = var.names != null ? toset(var.names) : []
  input    = each.key
}
resource "terraform_data" "literal" {
  for_each = !var.on ? ["b", "a", "b"] : toset(["c"])
  input    = each.key
}
resource "terraform_data" "late_branch" {
  for_each = var.on ? toset(["c", terraform_data.late.id]) : ["a"]
  input    = each.key
}
""",
    },
}

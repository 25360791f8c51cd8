"""Small trees of modules, made of the built-in `terraform_data` so that planning them needs no provider."""

from __future__ import annotations

TREES: dict[str, dict[str, str]] = {
    "defaults and tfvars": {
        "main.tf": """
variable "a" { default = "default" }
variable "b" { default = "default" }
variable "c" { type = number }
variable "d" {
  type    = list(string)
  default = [1, 2]
}
resource "terraform_data" "x" { input = { a = var.a, b = var.b, c = var.c, d = var.d } }
""",
        "terraform.tfvars": 'a = "tfvars"\nb = "tfvars"\nc = "5"\n',
        "z.auto.tfvars": 'b = "auto"\n',
        "y.auto.tfvars.json": '{"a": "json", "b": "json"}',
    },
    "count and for_each": {
        "main.tf": """
locals { on = { a = 1, b = 2 } }
resource "terraform_data" "c" {
  count = 3
  input = "n${count.index}"
}
resource "terraform_data" "e" {
  for_each = local.on
  input    = "${each.key}=${each.value}"
}
resource "terraform_data" "s" {
  for_each = toset(["b", "a"])
  input    = each.value
}
resource "terraform_data" "none" {
  count = length(local.on) > 5 ? 1 : 0
  input = "x"
}
resource "terraform_data" "r" {
  input = [terraform_data.c[*].input, [for k, v in terraform_data.e : v.input], terraform_data.s["a"].input, one(terraform_data.none[*].input)]
}
""",
    },
    "modules and outputs": {
        "main.tf": """
module "m" {
  source = "./m"
  name   = "outer"
}
module "many" {
  source   = "./m"
  for_each = { p = 1, q = 2 }
  name     = "${each.key}-${each.value}"
}
module "counted" {
  source = "./m"
  count  = 2
  name   = "c${count.index}"
}
resource "terraform_data" "x" { input = [module.m.shout, module.many["q"].shout, module.counted[*].shout, { for k, m in module.many : k => m.shout }] }
""",
        "m/main.tf": """
variable "name" {}
resource "terraform_data" "inner" { input = upper(var.name) }
output "shout" { value = "${terraform_data.inner.input}!" }
""",
    },
    "nested modules": {
        "main.tf": """
module "a" {
  source   = "./a"
  settings = { size = 2, names = ["x", "y"] }
}
resource "terraform_data" "top" { input = module.a.result }
""",
        "a/main.tf": """
variable "settings" {
  type = object({ size = number, names = list(string), mode = optional(string, "auto"), extra = optional(object({ on = optional(bool, true) }), {}) })
}
module "b" {
  source   = "../b"
  for_each = toset(var.settings.names)
  name     = each.key
  size     = var.settings.size
  extra    = var.settings.extra
}
output "result" { value = { mode = var.settings.mode, parts = [for m in module.b : m.text] } }
""",
        "b/main.tf": """
variable "name" { type = string }
variable "size" { type = number }
variable "extra" { type = any }
locals { text = format("%s:%d:%t", var.name, var.size, var.extra.on) }
resource "terraform_data" "leaf" { input = local.text }
output "text" { value = local.text }
""",
    },
    "override files": {
        "main.tf": """
variable "v" { default = "main" }
locals { l = "main" }
resource "terraform_data" "x" { input = [var.v, local.l] }
resource "terraform_data" "y" { input = "main" }
""",
        "override.tf": 'variable "v" { default = "override" }\nresource "terraform_data" "y" { input = "override" }\n',
        "z_override.tf": 'locals { l = "z" }\n',
    },
    "json syntax": {
        "main.tf.json": """
{"variable": {"n": {"type": "number", "default": 2}},
 "locals": {"double": "${var.n * 2}", "text": "n is ${var.n}"},
 "resource": {"terraform_data": {"x": {"input": {"d": "${local.double}", "t": "${local.text}", "l": [1, "${var.n}", true, null]}},
                                  "y": {"count": "${var.n}", "input": "${count.index}"}}},
 "module": {"m": {"source": "./m", "given": "${local.double}"}}}
""",
        "m/main.tf": 'variable "given" { type = string }\nresource "terraform_data" "x" { input = "got ${var.given}" }\n',
    },
    "null and nullable": {
        "main.tf": """
module "m" {
  source = "./m"
  a      = null
  b      = null
}
""",
        "m/main.tf": """
variable "a" { default = "default" }
variable "b" {
  default  = "default"
  nullable = false
}
resource "terraform_data" "x" { input = { a = var.a, b = var.b, c = coalesce(var.a, "fallback") } }
""",
    },
    "files": {
        "main.tf": """
locals {
  config = yamldecode(file("${path.module}/config.yaml"))
  parts  = { for f in fileset("${path.module}/parts", "*.json") : trimsuffix(f, ".json") => jsondecode(file("${path.module}/parts/${f}")) }
}
resource "terraform_data" "x" { input = [local.config.a.b, local.parts, fileexists("nope"), templatefile("${path.module}/t.tpl", { names = ["p", "q"] })] }
module "m" { source = "./m" }
""",
        "config.yaml": "a:\n  b: [1, two]\n",
        "parts/one.json": '{"n": 1}',
        "parts/two.json": '{"n": 2}',
        "t.tpl": "%{ for n in names ~}\n${n};\n%{ endfor ~}\nend\n",
        "m/main.tf": 'resource "terraform_data" "x" { input = [path.module, path.root, file("${path.module}/own.txt")] }\n',
        "m/own.txt": "mine",
    },
    "conversions of variables": {
        "main.tf": """
variable "s" {
  type    = set(string)
  default = ["b", "a", "b"]
}
variable "m" {
  type    = map(string)
  default = { a = 1, b = true }
}
variable "o" {
  type    = object({ a = string, b = optional(number) })
  default = { a = 1, c = "dropped" }
}
variable "t" {
  type    = tuple([string, number])
  default = [1, "2"]
}
variable "l" {
  type    = list(object({ n = string, on = optional(bool, true) }))
  default = [{ n = "x" }, { n = "y", on = null }, { n = "z", on = false }]
}
variable "any" {
  type    = map(any)
  default = { a = 1, b = "x" }
}
resource "terraform_data" "x" { input = [var.s, var.m, var.o, var.t, var.l, var.any] }
""",
    },
    "locals in any order": {
        "main.tf": """
locals {
  c = "${local.b}c"
  a = "a"
}
locals { b = "${local.a}b" }
resource "terraform_data" "x" { input = local.c }
""",
    },
    "references between resources": {
        "main.tf": """
resource "terraform_data" "a" { input = { name = "n", list = [1, 2] } }
resource "terraform_data" "b" { input = [terraform_data.a.input.name, terraform_data.a.input.list[1], try(terraform_data.a.input.nope, "none")] }
resource "terraform_data" "c" { input = terraform_data.a.id }
resource "terraform_data" "d" { input = "id-${terraform_data.a.id}" }
""",
    },
    "for_each over modules by computed keys": {
        "main.tf": """
locals {
  envs  = ["dev", "prod"]
  pairs = { for p in setproduct(local.envs, ["a", "b"]) : join("-", p) => { env = p[0], app = p[1] } }
}
module "m" {
  source   = "./m"
  for_each = { for k, v in local.pairs : k => v if v.env == "prod" }
  app      = each.value.app
  size     = lookup({ dev = 1, prod = 3 }, each.value.env, 0)
}
resource "terraform_data" "keys" { input = keys(module.m) }
""",
        "m/main.tf": """
variable "app" { type = string }
variable "size" { type = number }
resource "terraform_data" "x" {
  count = var.size
  input = "${var.app}${count.index}"
}
""",
    },
    "conditionals": {
        "main.tf": """
variable "env" { default = "prod" }
locals { prod = var.env == "prod" }
resource "terraform_data" "x" {
  count = local.prod ? 1 : 0
  input = local.prod ? { ha = true, size = 2 } : { ha = false, size = 1 }
}
resource "terraform_data" "y" {
  count = local.prod ? 0 : 1
  input = "dev"
}
resource "terraform_data" "z" { input = try(terraform_data.y[0].input, "not dev") }
""",
    },
    "a module of a module's output": {
        "main.tf": """
module "one" { source = "./one" }
module "two" {
  source = "./two"
  given  = module.one.list
}
resource "terraform_data" "x" { input = module.two.joined }
""",
        "one/main.tf": 'output "list" { value = [for i in range(3) : "i${i}"] }\n',
        "two/main.tf": 'variable "given" { type = list(string) }\noutput "joined" { value = join("+", var.given) }\n',
    },
}

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
    "encodings of variables": {
        "main.tf": """
variable "v" {
  type    = object({ n = number, s = string, l = list(string), o = optional(string), b = bool })
  default = { n = 1.5, s = "<a> & \\"q\\"", l = ["x", "y: z"], b = true }
}
resource "terraform_data" "x" {
  input = [jsonencode(var.v), yamlencode(var.v), base64encode(jsonencode(var.v)), urlencode(var.v.s), jsondecode(jsonencode(var.v)), yamldecode(yamlencode(var.v)), sha256(var.v.s)]
}
""",
    },
    "dates without a clock": {
        "main.tf": """
locals { start = "2024-02-28T23:30:00Z" }
resource "terraform_data" "x" {
  input = [timeadd(local.start, "36h"), formatdate("EEE, DD MMM YYYY hh:mm:ss ZZZ", local.start), timecmp(local.start, "2024-03-01T00:00:00Z"), formatdate("YYYY-MM-DD", timeadd(local.start, "720h"))]
}
""",
    },
    "sets in order": {
        "main.tf": """
locals {
  s = toset(["b", "B", "a", "10", "9", "é", ""])
  n = toset([10, 9, 1.5, -1])
  o = toset([{ k = "b", v = 1 }, { k = "a", v = 2 }, { k = "b", v = 1 }])
}
resource "terraform_data" "x" { input = [local.s, local.n, [for x in local.o : x.k], tolist(local.s)[0], join(",", local.s), setunion(local.s, ["c"]), setsubtract(local.s, ["a", "b"]), setintersection(local.n, [9, 10])] }
resource "terraform_data" "e" {
  for_each = { for x in local.o : x.k => x.v }
  input    = each.value
}
""",
    },
    "splats": {
        "main.tf": """
resource "terraform_data" "one" { input = { n = "x" } }
resource "terraform_data" "many" {
  count = 2
  input = { n = count.index, l = [count.index, "s"] }
}
resource "terraform_data" "none" {
  count = 0
  input = 1
}
module "m" {
  source = "./m"
  count  = 2
  i      = count.index
}
resource "terraform_data" "x" {
  input = [terraform_data.one[*].input.n, terraform_data.many[*].input.n, terraform_data.many.*.input, terraform_data.many[*].input.l[1], terraform_data.none[*].input, module.m[*].list, flatten(module.m[*].list), module.m[1].list[0]]
}
""",
        "m/main.tf": 'variable "i" {}\nresource "terraform_data" "r" {\n  count = var.i + 1\n  input = "${var.i}.${count.index}"\n}\noutput "list" { value = terraform_data.r[*].input }\n',
    },
    "an output without a value": {
        "main.tf": 'module "m" { source = "./m" }\nresource "terraform_data" "x" { input = [module.m.nothing, module.m.nothing == null, coalesce(module.m.nothing, "c")] }\n',
        "m/main.tf": 'variable "v" {\n  type = string\n  default = null\n}\noutput "nothing" { value = var.v }\n',
    },
    "one module twice with other inputs": {
        "main.tf": """
module "a" {
  source = "./m"
  size   = 1
}
module "b" {
  source = "./m"
  size   = module.a.next
  mode   = "loud"
}
resource "terraform_data" "x" { input = [module.a, module.b.next] }
""",
        "m/main.tf": """
variable "size" { type = number }
variable "mode" {
  type    = string
  default = "quiet"
}
locals { name = var.mode == "loud" ? upper("n${var.size}") : "n${var.size}" }
resource "terraform_data" "r" { input = local.name }
output "next" { value = var.size + 1 }
output "name" { value = local.name }
""",
    },
    "a module in JSON, overridden in HCL": {
        "main.tf.json": '{"variable": {"v": {"default": {"a": [1, 2]}}}, "locals": {"n": "${length(var.v.a)}", "t": "%{ if local.n > 1 }many%{ endif }", "e": "$${x}"}, "resource": {"terraform_data": {"x": {"input": ["${local.n}", "${local.t}!", "${local.e}", "${var.v}"]}, "y": {"for_each": {"k": "v"}, "input": "${each.key}${each.value}"}}}}',
        "override.tf": 'variable "v" { default = { a = [1, 2, 3] } }\nresource "terraform_data" "y" { input = "over ${each.key}" }\n',
    },
    "var files in their order": {
        "main.tf": """
variable "a" { type = string }
variable "b" { type = map(number) }
variable "c" { type = list(object({ n = string, w = optional(number, 1) })) }
variable "d" { default = ["x"] }
resource "terraform_data" "x" { input = [var.a, var.b, var.c, var.d] }
""",
        "terraform.tfvars": 'a = "one"\nb = { x = "1" }\nc = []\n',
        "a.auto.tfvars": 'a = "two"\nc = [{ n = 1 }, { n = "b", w = "2" }]\n',
        "b.auto.tfvars.json": '{"a": "three ${not}", "b": {"y": 2.5}, "d": null}',
    },
    "a heredoc as an argument": {
        "main.tf": """
module "m" {
  source = "./m"
  script = <<-EOF
    #!/bin/sh
      echo "$HOME ${path.module}"
    \ttab
  EOF
  lines = split("\\n", <<EOF
one
two
EOF
  )
}
""",
        "m/main.tf": 'variable "script" {}\nvariable "lines" {}\nresource "terraform_data" "x" { input = [var.script, trimspace(var.script), compact(var.lines)] }\n',
    },
    "counting by what is set": {
        "main.tf": """
variable "replicas" {
  type    = map(object({ zones = optional(list(string), []), on = optional(bool, true) }))
  default = { a = { zones = ["x", "y"] }, b = { on = false, zones = ["z"] }, c = {} }
}
locals { active = { for k, r in var.replicas : k => r if r.on && length(r.zones) > 0 } }
resource "terraform_data" "r" {
  count = sum([for r in local.active : length(r.zones)])
  input = "r${count.index}"
}
resource "terraform_data" "first" {
  count = length(var.replicas) > 0 && alltrue([for r in var.replicas : r.on]) ? 1 : 0
  input = "all"
}
resource "terraform_data" "any" {
  count = anytrue(values(var.replicas)[*].on) ? 1 : 0
  input = keys(local.active)
}
""",
    },
}

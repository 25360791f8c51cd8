from __future__ import annotations

from pathlib import Path

from gonogo.model.value import Unknown
from gonogo.sources.terraform.evaluate import evaluate_values
from gonogo.sources.terraform.root_values import HIDDEN, RootValues
from gonogo.sources.tree import open_tree

SECRET = 'variable "token" {\n  default = "hunter2"\n  sensitive = true\n}\n'


def values(root: Path, text: str, **modules: str) -> RootValues:
    (root / "main.tf").write_text(text, "utf-8")
    for name, inner in modules.items():
        (root / name).mkdir()
        (root / name / "main.tf").write_text(inner, "utf-8")
    (found,), gaps = evaluate_values(open_tree(root))
    assert gaps == ()
    return found


def test_names_have_the_values_that_evaluation_gives_them(tmp_path: Path) -> None:
    found = values(
        tmp_path,
        'variable "r" { default = "eu" }\nvariable "v" {}\nlocals { n = "db-${var.r}" }\noutput "o" { value = [local.n, 1.5] }\n'
        'module "m" {\n  source = "./m"\n  count = 2\n  i = count.index\n}\n',
        m='variable "i" {}\nresource "terraform_data" "x" { input = var.i }\n',
    )
    unknown = Unknown.because('variable "v" has no default and no value (main.tf:2)')
    assert (found.variables, found.locals, found.outputs) == ({"r": "eu", "v": unknown}, {"n": "db-eu"}, {"o": ["db-eu", 1.5]})
    assert found.resources == {f"module.m[{i}].terraform_data.x": {"input": i} for i in (0, 1)}


def test_what_is_made_of_a_sensitive_value_is_hidden_and_nothing_else(tmp_path: Path) -> None:
    found = values(
        tmp_path,
        SECRET
        + 'locals {\n  a = base64encode(var.token)\n  b = "b"\n  c = [for x in [local.a] : { k = x }]\n  d = sensitive("s")\n  e = parseint(var.token, 10)\n}\n'
        'module "m" {\n  source = "./m"\n  key = "x${local.a}"\n}\n'
        'resource "terraform_data" "x" { input = module.m.key }\nresource "terraform_data" "y" { input = module.m.plain }\n'
        'resource "x_y" "z" {\n  clear = 1\n  set { v = terraform_data.x.input }\n  dynamic "more" {\n    for_each = [1]\n    content { v = local.c }\n  }\n}\n'
        'output "o" { value = x_y.z.clear }\noutput "p" { value = x_y.z.set[0].v }\n',
        m='variable "key" {}\noutput "key" { value = var.key }\noutput "plain" { value = "p" }\n',
    )
    assert found.variables == {"token": HIDDEN}
    assert found.locals == {"a": HIDDEN, "b": "b", "c": HIDDEN, "d": HIDDEN, "e": Unknown.because("sensitive, and not known")}
    assert found.resources == {
        "terraform_data.x": {"input": HIDDEN},
        "terraform_data.y": {"input": "p"},
        "x_y.z": {"clear": 1, "set": HIDDEN, "more": HIDDEN},
    }
    assert found.outputs == {"o": 1, "p": HIDDEN}
    assert "hunter2" not in repr(found)


def test_each_root_has_its_own_values(tmp_path: Path) -> None:
    for name in ("dev", "prod"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text('variable "n" {}\n', "utf-8")
        (tmp_path / name / "terraform.tfvars").write_text(f'n = "{name}"\n', "utf-8")
    roots, _ = evaluate_values(open_tree(tmp_path))
    assert [(r.directory, r.environment, r.var_files, r.variables) for r in roots] == [
        ("dev", "development", ("dev/terraform.tfvars",), {"n": "dev"}),
        ("prod", "production", ("prod/terraform.tfvars",), {"n": "prod"}),
    ]

from __future__ import annotations

from pathlib import Path

from gonogo.model.resource import Gap
from gonogo.sources.tree import open_tree
from gonogo.sources.unread import UnreadSource


def gaps(root: Path, **files: str) -> dict[str, Gap]:
    for name, text in files.items():
        (root / name.replace("_", ".")).write_text(text)
    found = [g for g in UnreadSource().read(open_tree(root)) if isinstance(g, Gap)]
    return {gap.file: gap for gap in found}


def test_templates_of_other_tools_are_gaps_in_the_kinds_they_name(tmp_path: Path) -> None:
    found = gaps(tmp_path, web_yaml_j2="apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ name }}\n", notes_yaml_j2="a: {{ b }}\n")
    assert list(found) == ["web.yaml.j2"]
    assert found["web.yaml.j2"].touches("apps/Deployment")
    assert not found["web.yaml.j2"].touches("networking.k8s.io/NetworkPolicy")


def test_jsonnet_is_a_gap_in_the_kinds_it_names_but_says_nothing_of_validity(tmp_path: Path) -> None:
    found = gaps(tmp_path, app_jsonnet='{\n  "apiVersion": "apps/v1",\n  "kind": "Deployment"\n}\n', lib_libsonnet="{ image: 'x' }\n")
    assert found["app.jsonnet"].touches("apps/Deployment")
    assert not found["app.jsonnet"].touches("kubernetes/Object")
    assert found["lib.libsonnet"].kinds == ()


def test_the_commands_of_cue_declare_nothing(tmp_path: Path) -> None:
    (tmp_path / "dump_tool.cue").write_text('command: dump: { text: "kind: Deployment" }\n')
    assert gaps(tmp_path)["dump_tool.cue"].kinds == ()


def test_a_template_whose_placeholders_are_values_is_left_to_the_manifest_reader(tmp_path: Path) -> None:
    found = gaps(
        tmp_path,
        web_yaml_tpl="apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: ${NAME}\n",
        job_yaml_tpl="%{ if enabled }\napiVersion: batch/v1\nkind: Job\n%{ endif }\n",
        maybe_yaml_tpl="# {{ if .enabled }}\napiVersion: v1\nkind: Service\n# {{ end }}\n",
    )
    assert sorted(found) == ["job.yaml.tpl", "maybe.yaml.tpl"]


def test_a_pulumi_program_may_declare_anything(tmp_path: Path) -> None:
    found = gaps(tmp_path, Pulumi_yaml="name: x\nruntime: nodejs\n")
    assert found["Pulumi.yaml"].touches("sqladmin.googleapis.com/Instance")
    assert found["Pulumi.yaml"].touches("apps/Deployment")


def test_a_program_of_the_cdk_for_terraform_is_a_gap_unless_what_it_writes_is_there(tmp_path: Path) -> None:
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "cdktf.json").write_text('{"language": "typescript", "app": "npx ts-node main.ts"}')
    found = gaps(tmp_path)["infra/cdktf.json"]
    assert "run `cdktf synth`" in found.reason and found.touches("run.googleapis.com/Service")
    stack = tmp_path / "infra" / "cdktf.out" / "stacks" / "prod"
    stack.mkdir(parents=True)
    (stack / "cdk.tf.json").write_text("{}")
    assert gaps(tmp_path) == {}

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.sources.terraform.evaluate import evaluate_tree
from gonogo.sources.tree import open_tree


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("[template, traffic]", {("template",): 3, ("traffic",): 3}),
        ('[template[0].metadata[0].annotations["a/b"]]', {("template", "metadata", "annotations", "a/b"): 3}),
        ('["settings.0.disk_size"]', {("settings", "disk_size"): 3}),
        ("all", {(): 3}),
        ("[]", {}),
        ("[1 + 1]", {}),
    ],
)
def test_ignored_changes_are_names_with_their_place(tmp_path: Path, written: str, names: dict[tuple[str, ...], int]) -> None:
    (tmp_path / "main.tf").write_text(f'resource "terraform_data" "a" {{\n  lifecycle {{\n    ignore_changes = {written}\n  }}\n}}\n')
    [instance] = evaluate_tree(open_tree(tmp_path, standalone=True)).instances
    assert {path: place.line for path, place in instance.ignored.items()} == names


def test_terraform_json_lists_them_as_text(tmp_path: Path) -> None:
    (tmp_path / "main.tf.json").write_text('{"resource": {"terraform_data": {"a": {"lifecycle": {"ignore_changes": ["template"]}}}}}')
    [instance] = evaluate_tree(open_tree(tmp_path, standalone=True)).instances
    assert set(instance.ignored) == {("template",)}

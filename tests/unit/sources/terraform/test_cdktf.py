"""What `cdktf synth` writes: Terraform's JSON with metadata under `//` at every level."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from gonogo.model.value import Value, lookup
from gonogo.sources.terraform.evaluate import evaluate_tree
from gonogo.sources.terraform.result import Instance, Symbolic
from gonogo.sources.tree import open_tree

STACK = {
    "//": {"metadata": {"backend": "gcs", "stackName": "prod", "version": "0.20.8"}, "outputs": {"prod": {"url": "url"}}},
    "data": {"google_project": {"current": {"//": {"metadata": {"path": "prod/current", "uniqueId": "current"}}}}},
    "locals": {"//": {"metadata": {}}, "region": "europe-west1"},
    "output": {"url": {"value": "${google_cloud_run_v2_service.api.uri}"}},
    "provider": {"google": [{"project": "p", "region": "europe-west1"}]},
    "resource": {
        "//": "made by a program",
        "google_cloud_run_v2_service": {
            "//": {"metadata": {}},
            "api": {
                "//": {"metadata": {"path": "prod/api", "uniqueId": "api"}},
                "depends_on": ["google_secret_manager_secret.db"],
                "ingress": "${var.ingress}",
                "lifecycle": {"prevent_destroy": True},
                "location": "${local.region}",
                "name": "api",
                "template": {
                    "//": {"metadata": {}},
                    "containers": [
                        {
                            "env": [
                                {
                                    "name": "DB_PASSWORD",
                                    "value_source": {"secret_key_ref": {"secret": "${google_secret_manager_secret.db.secret_id}", "version": "latest"}},
                                }
                            ],
                            "image": "gcr.io/p/api:1",
                        }
                    ],
                    "scaling": {"max_instance_count": 5, "min_instance_count": 1},
                },
            },
        },
        "google_secret_manager_secret": {"db": {"//": {"metadata": {"uniqueId": "db"}}, "replication": {"auto": {}}, "secret_id": "db"}},
        "google_redis_instance": {"cache": {"for_each": '${toset(["a", "b"])}', "labels": {"//": "x", "team": "t"}, "name": "cache-${each.key}"}},
    },
    "terraform": {"backend": {"gcs": {"bucket": "b", "prefix": "prod"}}, "required_providers": {"google": {"source": "google", "version": "6.0.0"}}},
    "variable": {"ingress": {"default": "INGRESS_TRAFFIC_INTERNAL_ONLY", "type": "string"}},
}


def write(root: Path) -> Path:
    stack = root / "cdktf.out" / "stacks" / "prod"
    stack.mkdir(parents=True)
    (stack / "cdk.tf.json").write_text(json.dumps(STACK, indent=2))
    return stack


def instances(root: Path) -> dict[str, Instance]:
    result = evaluate_tree(open_tree(root))
    assert result.gaps == ()
    return {i.address: i for i in result.instances}


def names(value: Value) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {n for inner in value.values() for n in names(inner)}
    return {n for inner in value for n in names(inner)} if isinstance(value, list) else set()


def test_a_stack_is_read_as_terraform_and_its_metadata_is_no_part_of_it(tmp_path: Path) -> None:
    write(tmp_path)
    found = instances(tmp_path)
    assert sorted(found) == [
        "data.google_project.current",
        "google_cloud_run_v2_service.api",
        'google_redis_instance.cache["a"]',
        'google_redis_instance.cache["b"]',
        "google_secret_manager_secret.db",
    ]
    api = found["google_cloud_run_v2_service.api"]
    assert (api.root, api.attributes["ingress"], api.attributes["location"]) == ("cdktf.out/stacks/prod", "INGRESS_TRAFFIC_INTERNAL_ONLY", "europe-west1")
    assert lookup(api.attributes, "template", 0, "scaling") == [{"max_instance_count": 5, "min_instance_count": 1}]
    assert found['google_redis_instance.cache["a"]'].attributes == {"labels": {"team": "t"}, "name": "cache-a"}
    assert not {"//", "metadata", "uniqueId", "depends_on", "lifecycle"} & {n for i in found.values() for n in names(dict(i.attributes))}
    assert not any(isinstance(v, Symbolic) for v in api.attributes.values())
    assert api.location.file.endswith("cdk.tf.json") and api.location.line > 1


def test_what_git_ignores_is_read_where_it_is_committed_all_the_same(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / ".gitignore").write_text("cdktf.out\n")

    def git(*arguments: str) -> None:
        subprocess.run(["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@example.org", *arguments], check=True, capture_output=True)

    git("init", "-q")
    assert instances(tmp_path) == {}
    git("add", "-f", ".")
    assert "google_cloud_run_v2_service.api" in instances(tmp_path)

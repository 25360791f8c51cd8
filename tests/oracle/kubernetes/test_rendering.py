"""Public kustomizations and charts are rendered to what kubectl and Helm render, or are gaps with a reason: never to something else.

GONOGO_RENDERING names a directory of checkouts; what each gave is printed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from gonogo.formats.yaml_reader import read_yaml
from gonogo.sources.helm.chart import Rendered, render_chart
from gonogo.sources.kustomize import Builder, read_kustomization
from gonogo.sources.tree import open_tree

ROOT = os.environ.get("GONOGO_RENDERING", "")
CHECKOUTS = sorted(path.name for path in Path(ROOT).iterdir() if path.is_dir()) if ROOT else []
KUBECTL = shutil.which("kubectl")
NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
# Bases of other repositories would be fetched: nothing is there to fetch them with, or from.
PLACEHOLDER = re.compile(r"\$\{\w+\}")
ASKED = ".Capabilities.APIVersions.Has"
GENERATED = re.compile(r"(v1 (?:ConfigMap|Secret) .+)-[0-9a-z]{10}")
OFFLINE = {"PATH": "/nonexistent", "HOME": "/nonexistent", "HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}

pytestmark = pytest.mark.skipif(not ROOT, reason="GONOGO_RENDERING names no directory of checkouts")


@pytest.mark.skipif(KUBECTL is None, reason="kubectl is not installed; it is the oracle for kustomizations")
@pytest.mark.parametrize("checkout", CHECKOUTS)
def test_kustomizations(checkout: str) -> None:
    root = Path(ROOT) / checkout
    tree = open_tree(root, exclude=())
    told: Counter[str] = Counter()
    different = []
    for path in sorted(p for p in tree.files if p.rpartition("/")[2] in NAMES):
        found = read_kustomization(tree, path)
        if found is None:
            told["no kustomization"] += 1
            continue
        build = Builder(tree).build(found)
        mine = None if build.problems or build.unsupported or build.gaps else by_name(item.node.value() for item in build.objects)
        outcome = compared(mine, built(root / Path(path).parent, mine or {}))
        told[outcome] += 1
        if outcome == "DIFFERENT":
            different.append(path)
    print(f"\n{checkout} kustomize: {dict(told)}")
    assert different == []


def built(directory: Path, mine: Mapping[str, Any]) -> dict[str, Any] | None:
    """What kubectl builds; None where it refuses. What it generates is called as we call it, without the hash of its content."""
    done = subprocess.run([str(KUBECTL), "kustomize", str(directory)], capture_output=True, text=True, timeout=60, check=False, env=OFFLINE)
    if done.returncode != 0:
        return None
    text = done.stdout
    for key in by_name(documents_of(text)).keys() - mine.keys():
        found = GENERATED.fullmatch(key)
        if found is not None and found[1] in mine:
            text = text.replace(key.rpartition("/")[2], found[1].rpartition("/")[2])
    return by_name(documents_of(text))


@pytest.mark.parametrize("checkout", CHECKOUTS)
def test_charts(checkout: str) -> None:
    helm = pytest.importorskip("helm_python.chart", reason="Helm's own renderer (helm-python-sdk) is not installed")
    root = Path(ROOT) / checkout
    tree = open_tree(root, exclude=())
    told: Counter[str] = Counter()
    different = []
    charts = {p.rpartition("/")[0] for p in tree.files if p.rpartition("/")[2] == "Chart.yaml"}
    for directory in sorted(c for c in charts if f"/{c}".rpartition("/charts/")[0][1:] not in charts or "/charts/" not in f"/{c}"):
        ours = render_chart(tree, directory)
        theirs = rendered(helm, root / directory, ours.values)
        mine, gaps = by_template(ours, directory)
        for name in sorted(mine.keys() | gaps | (theirs or {}).keys()):
            if name in gaps:
                outcome = "our gap" if theirs is not None else "both refuse"
            elif theirs is None:
                outcome = "Helm refuses"
            elif not name.startswith(("templates/", "charts/", "crds/")):
                outcome = "of a dependency by file://, which Helm wants packed before"
            elif "/tests/" in name:
                outcome = "a test of the chart, which deploys nothing"
            elif ASKED in (root / directory / name).read_text() and not same(mine.get(name, []), theirs.get(name, [])):
                outcome = "asks for an API version that the client knows and no cluster of its version serves"
            else:
                outcome = "equal" if same(mine.get(name, []), theirs.get(name, [])) else "DIFFERENT"
            told[outcome] += 1
            if outcome == "DIFFERENT":
                different.append(f"{directory}/{name}")
    print(f"\n{checkout} Helm templates: {dict(told)}")
    assert different == []


def by_template(ours: Rendered, directory: str) -> tuple[dict[str, list[Any]], set[str]]:
    """What we render of each template, and the templates that are gaps."""
    found: dict[str, list[Any]] = {}
    start = f"{directory}/" if directory else ""
    for document in ours.documents:
        if document.value:
            found.setdefault(document.file.removeprefix(start), []).append(document.value)
    return found, {str(failure.file).removeprefix(start) for failure in ours.failures}


def rendered(helm: Any, directory: Path, values: Mapping[str, Any]) -> dict[str, list[Any]] | None:
    """What Helm renders of each template; None where it refuses the chart."""
    try:
        with helm.Chart.load(str(directory)) as chart:
            manifests = chart.render(dict(values), name="release-name", namespace="default")
        return {
            path.split("/", 1)[1]: documents
            for path, text in manifests.items()
            if not path.endswith("NOTES.txt") and (documents := documents_of(text))
        }
    except Exception as error:  # noqa: BLE001 - Helm's own words, or YAML that nobody could apply
        print(f"  {directory.name}: {str(error)[:160]}")
        return None


def documents_of(text: str) -> list[Any]:
    """The documents that are not empty, read as we read ours: what words mean is another test's subject."""
    read = read_yaml("rendered.yaml", text)
    assert not read.error, read.error
    return [document.value for document in read.documents if document.value]


def compared(mine: Mapping[str, Any] | None, theirs: Mapping[str, Any] | None) -> str:
    if mine is None:
        return "both refuse" if theirs is None else "our gap"
    if theirs is None:
        return "kubectl refuses"
    return "equal" if same(mine, theirs) else "DIFFERENT"


def same(mine: Any, theirs: Any) -> bool:
    """Whether two renderings say the same: null is not to say it, and what is drawn or looked up at deployment is a placeholder of ours."""
    if isinstance(mine, Mapping) and isinstance(theirs, Mapping):
        return all(same(mine.get(key), theirs.get(key)) for key in mine.keys() | theirs.keys())
    if isinstance(mine, list) and isinstance(theirs, list):
        return len(mine) == len(theirs) and all(map(same, mine, theirs))
    return mine == theirs or (isinstance(mine, str) and PLACEHOLDER.search(mine) is not None) or (mine in ({}, None) and theirs in ({}, None))


def by_name(objects: Iterable[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for value in objects:
        metadata = value.get("metadata") or {}
        found[f"{value.get('apiVersion')} {value.get('kind')} {metadata.get('namespace', '')}/{metadata.get('name')}"] = value
    return found

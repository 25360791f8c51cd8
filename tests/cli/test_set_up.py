"""What only code can set up is judged by its code in every scan: a name in a manifest proves nothing of it, and nothing is left unread."""

from __future__ import annotations

import json
from pathlib import Path

from gonogo.sources.application.tables import names, read_table
from running import run

SET_UP = names(read_table("libraries.yaml")["set_up"])
DOCKERFILE = 'FROM python:3.12-slim\nWORKDIR /srv\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\nCMD ["uvicorn", "app.main:app"]\n'
FASTAPI = "from fastapi import FastAPI\n"


def verdicts(root: Path) -> dict[str, str]:
    return {c["id"]: c["verdict"] for c in run("scan", root, "-o", "json").document["controls"]}


def test_no_name_of_a_manifest_is_proof(tmp_path: Path) -> None:
    python = [n for n in SET_UP if "/" not in n]
    node = [n for n in SET_UP if n.startswith("@")]
    go = [n for n in SET_UP if "/" in n and not n.startswith("@")]
    assert python and node and go
    (tmp_path / "requirements.txt").write_text("\n".join(python))
    (tmp_path / "package.json").write_text(json.dumps({"dependencies": dict.fromkeys(node, "1.0.0")}))
    (tmp_path / "go.mod").write_text("module a\n\n" + "".join(f"require {name} v1.0.0\n" for name in go))
    found = verdicts(tmp_path)
    assert (found["error-tracking"], found["tracing-backend"]) == ("absent", "absent")


def test_the_code_is_read_without_a_checklist(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    (tmp_path / "requirements.txt").write_text("fastapi\nuvicorn\nsentry_sdk[fastapi]\n")
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "main.py").write_text(f"import os\nimport sentry_sdk\n{FASTAPI}sentry_sdk.init(dsn=os.environ['SENTRY_DSN'])\napp = FastAPI()\n")
    assert verdicts(tmp_path)["error-tracking"] == "satisfied"
    (tmp_path / "app" / "main.py").write_text(f"{FASTAPI}app = FastAPI()\n")
    assert verdicts(tmp_path)["error-tracking"] == "absent"

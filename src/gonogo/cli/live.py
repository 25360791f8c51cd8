"""The options of every command that asks Google Cloud."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Where the APIs are asked, and as whom."""
    endpoint = click.option(
        "--endpoint", "endpoints", multiple=True, metavar="SERVICE=URL",
        help="Ask this endpoint, for example sqladmin=https://sqladmin-audit.p.googleapis.com; * means every service; repeatable "
        "[GONOGO_ENDPOINT_SERVICE]. Plain http only towards this machine.",
    )  # fmt: skip
    impersonate = click.option("--impersonate", metavar="ACCOUNT", help="Read as this service account, with Application Default Credentials.")
    quota = click.option("--quota-project", metavar="ID", help="The project whose quota the calls use.")
    return endpoint(impersonate(quota(command)))

"""`gonogo facts`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

import click

from gonogo.cli.documents import options, read_documents
from gonogo.cli.exit_codes import ExitCode
from gonogo.cli.paths import directory
from gonogo.cli.streams import Streams


@click.command("facts")
@click.argument("path", default=".")
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Only this kind; repeatable.")
@click.option("--terraform-values", is_flag=True, help="The variables, locals, outputs and resource attributes of each Terraform root module.")
@click.option("--rules", "rule_dirs", multiple=True, metavar="DIR", help="A directory whose `modules/` has adapters for Terraform modules; repeatable.")
@options
@click.option("--exclude", multiple=True, metavar="NAME|GLOB")
@click.option("--include", multiple=True, metavar="GLOB")
@click.pass_obj
def command(
    streams: Streams,
    path: str,
    kinds: Sequence[str],
    terraform_values: bool,
    plans: Sequence[str],
    states: Sequence[str],
    rule_dirs: Sequence[str],
    exclude: Sequence[str],
    include: Sequence[str],
) -> int:
    """Print the resources and gaps that gonogo sees at PATH, as JSON: what a rule is asked about.

    Values that may be secret are redacted; a value that is not known is {"unknown": [reasons]}.
    """
    from gonogo.app import read_facts, read_terraform_values
    from gonogo.config import ConfigError, read_config
    from gonogo.engine.facts import document
    from gonogo.model.environment import Environments
    from gonogo.model.evidence import EvidenceRequest
    from gonogo.rules.modules import check_module_index

    if terraform_values and (kinds or plans or states):
        raise click.UsageError("--terraform-values shows Terraform as it is written, before there are kinds: leave --kind, --plan and --state out.")
    root = directory(path)
    rules = tuple(directory(d, "rules directory") for d in rule_dirs)
    errors = [error for rule_dir in rules for error in check_module_index(rule_dir)]
    if errors:
        streams.stderr.write("".join(f"gonogo: {error}\n" for error in errors))
        return ExitCode.USAGE
    try:
        config = read_config(root)
        environments = Environments(configured=config.environments)
        if terraform_values:
            found = read_terraform_values(root, exclude, include, environments, rule_dirs=rules)
        else:
            documents = read_documents(root, plans, states)
            evidence = EvidenceRequest(datetime.now(UTC), config.evidence)
            facts = read_facts(root, exclude, include, documents=documents, rule_dirs=rules, environments=environments, evidence=evidence)
            found = document([r for r in facts.resources if not kinds or r.kind in kinds], facts.gaps)
    except ConfigError as error:
        streams.stderr.write(f"gonogo: {error}\n")
        return ExitCode.USAGE
    json.dump(found, streams.stdout, indent=2, ensure_ascii=False)
    streams.stdout.write("\n")
    return ExitCode.GO

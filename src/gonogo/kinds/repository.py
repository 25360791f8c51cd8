"""The repository itself: what is ignored and committed, and the configuration of tools that live in it."""

from __future__ import annotations

from gonogo.kinds.base import Kind
from gonogo.model.shape import BOOL, INT, STRING, ListOf, record

REPOSITORY = "repo/Repository"
DEPENDENCY_UPDATES = "repo/DependencyUpdates"
PRE_COMMIT = "repo/PreCommit"
DASHBOARD = "repo/Dashboard"
ALERTING = "repo/Alerting"
DEPENDENCY_MANIFEST = "repo/DependencyManifest"
ENVIRONMENT = "repo/Environment"
RESPONSE_HEADER = "repo/ResponseHeader"

KINDS = (
    # envIgnored: a `.env` at the root would be ignored by git; committedEnv: tracked files that hold an environment;
    # credentials: what looks like one in a tracked file; an open list where a file could not be searched.
    Kind(
        REPOSITORY,
        "repository",
        record(
            isGit=BOOL,
            envIgnored=BOOL,
            committedEnv=ListOf(STRING),
            filesSearched=INT,
            credentials=ListOf(record(file=STRING, type=STRING)),
        ),
    ),
    # covers: the package ecosystems the configuration updates; used: those the repository has manifests of.
    Kind(DEPENDENCY_UPDATES, "dependency update configuration", record(tool=STRING, parses=BOOL, covers=ListOf(STRING), used=ListOf(STRING))),
    Kind(PRE_COMMIT, "pre-commit configuration", record(tool=STRING, hooks=INT)),
    # customMetrics: metrics of Cloud Monitoring that only the project makes; metrics: names in queries of Prometheus.
    # panels: how many show data.
    Kind(DASHBOARD, "dashboard", record(tool=STRING, parses=BOOL, title=STRING, panels=INT, customMetrics=ListOf(STRING), metrics=ListOf(STRING))),
    # rules: how many alerting rules; receivers: the kinds of receivers that a notification reaches (slack, pagerduty, email); reached: one of the
    # alerts reaches any.
    Kind(ALERTING, "alerting configuration", record(tool=STRING, rules=INT, receivers=ListOf(STRING), reached=BOOL, enabled=BOOL)),
    # unused: packages that do nothing by themselves, and that no source file names.
    Kind(DEPENDENCY_MANIFEST, "dependency manifest", record(ecosystem=STRING, names=ListOf(STRING), unused=ListOf(STRING))),
    # name: production, staging, development or test; mechanism: how the environment is told apart; digest: of what it configures.
    Kind(ENVIRONMENT, "environment configuration", record(name=STRING, mechanism=STRING, path=STRING, group=STRING, digest=STRING)),
    Kind(RESPONSE_HEADER, "response header set in code or server configuration", record(header=STRING)),
)

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from gonogo.checklist import ChecklistError
from gonogo.checklist.aliases import Aliases
from gonogo.checklist.binding import bind, bind_catalogue, shipped_aliases
from gonogo.checklist.markdown import parse_checklist, read_checklist
from gonogo.formats.yaml_reader import read_yaml
from gonogo.model.checklist import Binding, BindingSource
from gonogo.rules import Control, load_rules

ROOT = Path(__file__).resolve().parents[3]
FIXTURES = ROOT / "fixtures"
SEED = ROOT.parent / "shared" / "seed" / "checklist.ko.md"

# The lines of the seed checklist that ask for a control, by the project's list of controls. Every other line asks for none.
SEED_CONTROLS = {
    27: "precommit",
    66: "dockerfile-multistage",
    67: "compose-present",
    68: "dockerfile-optimized",
    69: "ci-image-scan",
    72: "k8s-manifests",
    73: "k8s-helm-or-kustomize",
    74: "k8s-network-policy",
    75: "k8s-rbac",
    78: "cloudrun-deploy",
    79: "cloudrun-env",
    80: "wif",
    81: "cloudrun-max-instances",
    82: "cloudrun-vpc",
    83: "cloud-armor",
    86: "cloudsql-present",
    87: "prod-env-separation",
    88: "cloudsql-backups",
    89: "cloudsql-insights",
    92: "redis-present",
    94: "redis-ha",
    108: "secrets-manager",
    109: "env-gitignored",
    110: "no-secrets-committed",
    111: "cloudsql-tls",
    115: "https-lb",
    116: "hsts",
    118: "waf",
    119: "cloud-armor",
    122: "dependency-updates",
    123: "static-analysis",
    124: "dast",
    132: "logging-sink",
    134: "logging-sink",
    140: "dashboards",
    144: "tracing-backend",
    148: "slack-alerts",
    149: "pagerduty",
    150: "error-tracking",
    162: "ci-tests",
    163: "ci-tests",
    164: "ci-tests",
    165: "ci-coverage",
    169: "ci-image-build",
    170: "ci-image-tag",
    171: "ci-image-push",
    172: "ci-image-sign",
    175: "cd-staging-auto",
    176: "cd-prod-manual",
    177: "canary-or-bluegreen",
    178: "canary-or-bluegreen",
    181: "prod-env-separation",
    182: "secrets-manager",
    183: "wif",
    184: "secrets-manager",
    217: "cloudrun-max-instances",
    218: "cloudrun-min-instances",
    219: "cloudrun-max-instances",
    224: "k8s-probes",
    225: "multi-region",
    230: "monitoring-alerts",
    231: "uptime-check",
    238: "cloudsql-backups",
    240: "cloudsql-retention",
    262: "dashboards",
    263: "dashboards",
    264: "dashboards",
    272: "dependency-updates",
    307: "cloudrun-max-instances",
    403: "multi-region",
}
# Matters for a person, or of a running system, among the others.
SEED_MANUAL = {
    17,
    18,
    19,
    20,
    26,
    30,
    31,
    32,
    33,
    145,
    154,
    191,
    192,
    193,
    197,
    199,
    202,
    203,
    204,
    207,
    239,
    249,
    274,
    301,
    302,
    340,
    341,
    342,
    344,
    347,
    348,
    349,
    350,
    354,
    356,
    359,
    360,
    361,
    364,
    365,
    366,
    367,
    388,
    390,
    391,
    394,
    395,
    396,
    397,
    400,
    401,
}


@cache
def controls() -> tuple[Control, ...]:
    return load_rules(()).controls


@cache
def aliases() -> Aliases:
    return shipped_aliases()


def bound(text: str, lock: Path | None = None) -> list[Binding]:
    return list(bind(parse_checklist(text, "c.md"), controls(), lock, aliases()))


def one(text: str) -> Binding:
    return bound(text)[-1]


@pytest.mark.skipif(not SEED.exists(), reason="the seed checklist is not part of the project")
def test_every_line_of_the_seed_binds_as_the_controls_say() -> None:
    found = bind(read_checklist(SEED, SEED.parent), controls())
    assert {b.item.line: b.controls for b in found if b.controls} == {line: (name,) for line, name in SEED_CONTROLS.items()}
    assert {b.item.line for b in found if b.manual} == SEED_MANUAL
    assert {b.item.line: b.parameters for b in found if b.parameters} == {218: {"expected": 1}, 219: {"expected": 100}}


@pytest.mark.parametrize("name", ["mentoring.ko.md", "launch.en.md"])
def test_the_look_alike_checklists_bind_as_their_truth_says(name: str) -> None:
    truth: Any = read_yaml("truth", (FIXTURES / "repos" / "mentoring.truth.yaml").read_text("utf-8")).documents[0].value
    rows = truth["checklists"][name]
    found = bind(read_checklist(FIXTURES / "checklists" / name, FIXTURES), controls(), None, aliases())
    assert {b.item.line: list(b.controls) for b in found if b.controls} == {r["line"]: r["controls"] for r in rows if "line" in r}
    assert {b.item.line: b.parameters["expected"] for b in found if b.parameters} == {
        r["line"]: r["expected"] for r in rows if "expected" in r
    }
    assert [b.item.line for b in found if b.manual] == next(r["lines"] for r in rows if r["verdict"] == "manual")
    assert [b.item.line for b in found if not b.manual and not b.controls] == next(r["lines"] for r in rows if r["verdict"] == "unmapped")


@pytest.mark.parametrize(
    "text",
    [
        # It is about backups, and asks for something else.
        "## Database\n- [ ] Backup restore tested",
        "## Database\n- [ ] Backup encryption enabled",
        "## 데이터베이스\n- [ ] 백업 복구 테스트",
        "## Database\n- [ ] Redis backups automated",
        "## 데이터베이스\n- [ ] 자동 백업 절차 문서화",
        "## Database\n- [ ] Automated backups every 6 hours",
        "## Database\n- [ ] Automated backups disabled",
        "## Files\n- [ ] Automated backups enabled",
        "## AWS RDS\n- [ ] Automated backups enabled",
        "## Cloud Spanner database\n- [ ] Automated backups enabled",
        # The words mean something else here.
        "- [ ] Image optimization",
        "- [ ] 이미지 최적화",
        "## API\n- [ ] Implement RBAC",
        "## VPC\n- [ ] Network policies",
        "- [ ] 성능 모니터링 설정",
        "- [ ] Environment variables configured",
        "## Local\n- [ ] Docker image build",
        "- [ ] Auto-scaling configured",
        "- [ ] Secret Manager API enabled",
        # It says more than the control.
        "- [ ] HSTS preload submitted",
        "- [ ] Docker image builds reproducibly",
        "- [ ] Rotate Redis password",
        "- [ ] Runbook for PagerDuty outages",
        "- [ ] Rollback of canary releases tested",
        "- [ ] WAF rules reviewed by security team",
        "- [ ] Sentry quota raised",
        "- [ ] HTTPS cipher audit",
        "- [ ] .env file encrypted",
        "- [ ] Grafana dashboard for sales",
        "- [ ] Uptime checks for database connectivity",
        "## Cloud Run\n- [ ] Cloud Run API enabled",
        "## Cloud Run\n- [ ] Cloud Run cost budget",
        "- [ ] CORS, JWT, WAF, anti-DDoS",
        # It is a document, or a person's work.
        "## Documentation\n- [ ] Uptime checks configured",
        "## 운영 문서\n- [ ] 모니터링 및 알림",
        "## Training\n- [ ] Grafana dashboards",
        "- [ ] 모니터링 대시보드 준비",
        "- [ ] 단위 테스트 (80+ 테스트)",
        "- [ ] Unit tests pass",
        # A figure that no control checks.
        "## Database\n- [ ] Backup retention 30 days",
        "## Cloud Run\n- [ ] Min instances: 1, max instances: 10",
        "## Cloud Run\n- [ ] Max instances ≤ 100",
        "## Cloud Run\n- [ ] Min instances ≥ 2",
        "## Cloud Run\n- [ ] Max instances: 50%",
        "## GKE\n- [ ] Min instances: 1",
    ],
)
def test_near_misses_are_not_bound(text: str) -> None:
    binding = one(text)
    assert binding.controls == ()
    assert binding.source is BindingSource.NONE
    assert binding.reason


@pytest.mark.parametrize(
    ("text", "control"),
    [
        ("## Database\n- [ ] Automated backups enabled", "cloudsql-backups"),
        ("## 데이터베이스\n- [ ] 자동 백업 설정", "cloudsql-backups"),
        ("- [ ] Automated backups (Cloud SQL)", "cloudsql-backups"),
        ("## Kubernetes\n- [ ] Network policies", "k8s-network-policy"),
        ("## Security\n- [ ] Implement RBAC for Kubernetes", "k8s-rbac"),
        ("## GKE\n- [ ] Auto-scaling configured", "k8s-hpa"),
        ("## Google Cloud Run\n- [ ] Auto-scaling configured", "cloudrun-max-instances"),
        ("- [ ] Verify that HTTPS is enforced", "https-lb"),
        ("- [ ] HTTPS 적용 여부 확인", "https-lb"),
        ("## Stack\n- [ ] **Uptime Checks:** Configured", "uptime-check"),
        ("## Containers\n- [ ] Security scan (trivy/grype)", "ci-image-scan"),
        ("- Cloud Run\n  - [ ] Environment variables set", "cloudrun-env"),
    ],
)
def test_sections_decide_what_words_mean(text: str, control: str) -> None:
    binding = one(text)
    assert (binding.controls, binding.source) == ((control,), BindingSource.AUTO)


def test_an_item_that_names_two_controls_asks_for_both() -> None:
    assert one("- [ ] Docker image built and pushed by CI").controls == ("ci-image-build", "ci-image-push")


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("Min instances: 2", {"expected": 2}),
        ("Minimum instances = 1", {"expected": 1}),
        ("최소 인스턴스 1개", {"expected": 1}),
        ("Max instances: 1,000", {"expected": 1000}),
        ("Minimum instances configured", {}),
        ("Min instances ≥ 1", {}),
        ("최소 인스턴스 1개 이상", {}),
    ],
)
def test_figures_become_parameters(text: str, parameters: dict[str, int]) -> None:
    binding = one(f"## Cloud Run\n- [ ] {text}")
    assert len(binding.controls) == 1
    assert binding.parameters == parameters


def test_a_summary_line_takes_the_binding_its_words_have_elsewhere() -> None:
    text = "## Cloud Run\n- [x] Auto-scaling policy\n## GO\n- [x] Auto-scaling configured"
    assert [b.controls for b in bound(text)] == [("cloudrun-max-instances",)] * 2
    both = text + "\n## GKE\n- [x] Auto-scaling"
    assert [b.controls for b in bound(both)] == [("cloudrun-max-instances",), (), ("k8s-hpa",)]


def test_what_is_unmapped_says_what_it_came_near() -> None:
    near = one("- [ ] Docker image builds reproducibly (pinned versions)")
    assert "ci-image-build" in near.candidates
    assert "reproducibly" in near.reason
    assert one("- [ ] Feature flags").candidates == ()


def test_a_comment_decides_before_all_else() -> None:
    binding = one("## Database\n- [ ] Automated backups enabled <!-- gonogo: cloudsql-pitr -->")
    assert (binding.controls, binding.source) == (("cloudsql-pitr",), BindingSource.INLINE)
    assert one("- [x] WAF <!-- gonogo: manual owner=ops -->").manual
    assert one('- [x] WAF <!-- gonogo: ignore reason="none" -->').ignored


def test_a_wrong_comment_names_its_line() -> None:
    with pytest.raises(ChecklistError) as caught:
        bound("\n\n- [x] WAF <!-- gonogo: waff -->")
    assert str(caught.value) == "c.md:3: no control is called waff; did you mean waf?"


def test_the_catalogue_is_the_checklist_where_there_is_none() -> None:
    found = bind_catalogue(controls())
    assert [b.controls for b in found] == [(control.id,) for control in controls()]
    assert {b.source for b in found} == {BindingSource.CATALOGUE}
    assert not any(b.item.claimed for b in found)


def test_a_catalogue_without_a_control_binds_nothing_to_it() -> None:
    few = tuple(control for control in controls() if control.id != "waf")
    (binding,) = bind(parse_checklist("- [ ] WAF", "c.md"), few, None, aliases())
    assert binding.controls == ()

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
from unit.checklist.whole import brought

ROOT = Path(__file__).resolve().parents[3]
FIXTURES = ROOT / "fixtures"

@cache
def controls() -> tuple[Control, ...]:
    """The infrastructure controls, on which the older truths rest."""
    return tuple(control for control in load_rules(()).controls if control.id not in brought())


@cache
def aliases() -> Aliases:
    return shipped_aliases()


def bound(text: str, lock: Path | None = None) -> list[Binding]:
    return list(bind(parse_checklist(text, "c.md"), controls(), lock, aliases()))


def one(text: str) -> Binding:
    return bound(text)[-1]


@pytest.mark.parametrize("name", ["mentoring.ko.md", "launch.en.md"])
def test_the_look_alike_checklists_bind_as_their_truth_says(name: str) -> None:
    truth: Any = read_yaml("truth", (FIXTURES / "repos" / "mentoring.truth.yaml").read_text("utf-8")).documents[0].value
    rows = truth["checklists"][name]
    found = bind(read_checklist(FIXTURES / "checklists" / name, FIXTURES), load_rules(()).controls, None, aliases())
    assert {b.item.line: list(b.controls) for b in found if b.controls} == {r["line"]: r["controls"] for r in rows if "line" in r}
    assert {b.item.line: b.parameters["expected"] for b in found if "expected" in b.parameters} == {
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


@pytest.mark.parametrize(
    ("text", "bound_to"),
    [
        ("NetworkPolicies restrict egress", ("k8s-egress-policy",)),
        ("파드 이그레스 NetworkPolicy", ("k8s-egress-policy",)),
        ("NetworkPolicies restrict ingress and egress of every pod", ("k8s-network-policy", "k8s-egress-policy")),
        ("No workload has cluster-admin", ("k8s-rbac-escalation",)),
        ("RBAC without privilege escalation", ("k8s-rbac-escalation",)),
        ("Pod Security Standards baseline", ("k8s-pod-security",)),
        ("Pod Security Admission enforced per namespace", ("k8s-namespace-pod-security",)),
        ("Containers do not allow privilege escalation", ()),
    ],
)
def test_directions_and_levels_are_other_questions_than_presence(text: str, bound_to: tuple[str, ...]) -> None:
    assert one(f"## Kubernetes\n- [ ] {text}").controls == bound_to


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

"""The whole checklist: every line of the seed has an answer, and so have look-alikes of our own."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from gonogo.checklist.aliases import Aliases
from gonogo.checklist.binding import bind, shipped_aliases
from gonogo.checklist.markdown import parse_checklist, read_checklist
from gonogo.formats.yaml_reader import read_yaml
from gonogo.model.checklist import Binding, BindingSource
from gonogo.rules import load_rules
from unit.checklist.whole import brought, whole_catalogue

ROOT = Path(__file__).resolve().parents[3]
SEED = ROOT.parent / "shared" / "seed" / "checklist.ko.md"
TABLE = Path(__file__).with_name("seed.yaml")


@cache
def aliases() -> Aliases:
    return shipped_aliases(["ko"])


def one(text: str) -> Binding:
    return bind(parse_checklist(text, "c.md"), whole_catalogue(), None, aliases())[-1]


def table() -> Any:
    return read_yaml(TABLE.name, TABLE.read_text("utf-8")).documents[0].value


@pytest.mark.skipif(not SEED.exists(), reason="the seed checklist is not part of the project")
@pytest.mark.parametrize("every_language", [False, True])
def test_every_line_of_the_seed_is_answered(every_language: bool) -> None:
    found = bind(read_checklist(SEED, SEED.parent), whole_catalogue(), None, shipped_aliases() if every_language else None)
    truth = table()
    assert {str(b.item.line): list(b.controls) for b in found if b.controls} == {line: row["controls"] for line, row in truth["items"].items()}
    stated = {line: row["parameters"] for line, row in truth["items"].items() if "parameters" in row}
    assert {str(b.item.line): dict(b.parameters) for b in found if b.parameters} == stated
    assert [b.item.line for b in found if b.manual] == truth["manual"]
    assert [b.item.line for b in found if not b.manual and not b.controls] == truth["unmapped"] == []
    assert len(found) == 188


def test_the_controls_that_are_brought_have_the_parameters_that_the_words_rest_on() -> None:
    shipped = {control.id: control for control in load_rules(()).controls}
    for identifier, given in brought().items():
        if identifier in shipped:
            control = shipped[identifier]
            assert {name: said["type"] for name, said in given.items()}.items() <= control.parameters.items(), identifier
            assert {name: said["unit"] for name, said in given.items() if "unit" in said}.items() <= control.units.items(), identifier


def test_an_image_may_be_of_two_kinds() -> None:
    binding = one("## Performance\n- [ ] Image optimization")
    assert binding.manual
    assert binding.candidates == ("dockerfile-optimized",)
    assert "pictures" in binding.reason


def test_a_line_that_sums_up_asks_for_every_document_that_is_named() -> None:
    text = "## Docs\n- [x] README.md (overview)\n- [x] docs/Setup.md\n## GO criteria\n- [x] Documentation complete (2 guides)"
    binding = one(text)
    assert (binding.controls, binding.parameters) == (("documentation-file",), {"file": ["README.md", "docs/Setup.md"]})
    more = one(text.replace("2 guides", "3 guides"))
    assert (more.controls, more.source) == ((), BindingSource.NONE)
    assert "2 are named" in more.reason


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("SETUP.md (development environment)", "SETUP.md"),
        ("`docs/CI_CD_GUIDE.md`", "docs/CI_CD_GUIDE.md"),
        ("Architecture.md: how it all hangs together", "Architecture.md"),
        ("RUNBOOK.md", "RUNBOOK.md"),
        ("DEPLOYMENT.md (배포 가이드)", "DEPLOYMENT.md"),
    ],
)
def test_an_item_that_names_a_document_asks_for_it(text: str, file: str) -> None:
    binding = one(f"## Documentation\n- [ ] {text}")
    assert (binding.controls, binding.parameters) == (("documentation-file",), {"file": file})


@pytest.mark.parametrize("text", ["README.md updated", "README.md translated into Korean", "Badge added to README.md", "Link README.md and SETUP.md", "README.md reviewed (Kim)"])
def test_what_is_done_to_a_document_is_something_else(text: str) -> None:
    assert one(f"## Documentation\n- [ ] {text}").controls == ()


@pytest.mark.parametrize(
    ("text", "control", "parameters"),
    [
        ("Unit tests (80+ tests)", "tests-unit", {"minimum": 80}),
        ("Unit tests: at least 80", "tests-unit", {"minimum": 80}),
        ("Test coverage > 80%", "test-coverage", {"minimum": 80.00000000000001}),
        ("Code coverage ≥ 85 %", "test-coverage", {"minimum": 85.0}),
        ("Test coverage ≥ 85% (current: 88.10%)", "test-coverage", {"minimum": 85.0}),
        ("Code coverage: 85,5 %", "test-coverage", {"minimum": 85.5}),
        ("P95 latency < 800 ms", "latency-p95", {"below": 0.8}),
        ("P99: under 2 seconds", "latency-p99", {"below": 2.0}),
        ("Throughput: 100 req/s", "throughput", {"minimum": 100.0}),
        ("Rate limiting: 10 requests per minute", "rate-limiting", {"expected": 10.0}),
        ("CPU usage < 80%", "cpu-utilization", {"below": 80.0}),
        ("Memory usage: < 512 MiB", "memory-usage", {"below": 536870912.0}),
        ("All E2E tests pass (23/23)", "e2e-tests-passed", {"minimum": 23}),
        ("ESLint (linting)", "lint", {"tool": "eslint"}),
        ("SLA defined (e.g. 99.9%)", "slo-defined", {}),
    ],
)
def test_figures_are_typed(text: str, control: str, parameters: dict[str, object]) -> None:
    binding = one(f"- [ ] {text}")
    assert (binding.controls, binding.parameters) == ((control,), parameters)


@pytest.mark.parametrize(
    "text",
    [
        # What a sample of public checklists showed, in our own words.
        "- [ ] Set up automated testing and a deployment pipeline",
        "- [ ] Docker and Docker Compose installed",
        "- [ ] Alembic migrations applied",
        "- [ ] Database replication configured",
        "## Database (Neon)\n- [ ] SSL connections enabled",
        "## 문제 해결\n- [ ] CORS 설정 확인",
        "## Environment file\n- [ ] IMAGE_TAG=latest-build",
        "- [ ] GitHub OAuth app created",
        "## Team training\n- [ ] Escalation procedures",
        "## IAM\n- [ ] Key rotation automated",
        "## Test plan\n- [ ] Rollback procedure",
        "## Database setup\n- [ ] Rollback plan documented",
        "- [ ] Test the end-to-end execution pipeline",
    ],
)
def test_what_public_checklists_showed_is_not_bound(text: str) -> None:
    assert bind(parse_checklist(text, "c.md"), whole_catalogue(), None, aliases())[-1].controls == ()


def test_a_hundred_percent_is_a_figure() -> None:
    assert one("- [ ] 100% test coverage").parameters == {"minimum": 100.0}


@pytest.mark.parametrize(
    "text",
    [
        "P95 latency < 2",
        "P95 latency < 2%",
        "Test coverage < 85%",
        "Rate limiting: ≥ 10 requests per minute",
        "Rate limiting: 10 requests per second",
        "Throughput < 100 req/s",
        "E2E tests (20/23)",
        "P95 latency < 2 s at 100 req/s",
        "Code coverage 1.000 %",
        "SLA 99.9%",
        "Unit tests for the 3 main modules",
        "Integration tests on 2 databases",
    ],
)
def test_a_figure_that_nobody_can_check_binds_nothing(text: str) -> None:
    assert one(f"- [ ] {text}").controls == ()

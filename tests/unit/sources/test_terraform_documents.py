"""Plans and states beside the code of a repository: what they replace, what they answer, where their evidence is."""

from __future__ import annotations

from pathlib import Path

from gonogo.app import Facts, read_facts
from gonogo.model.resource import Origin, Resource
from gonogo.model.value import Hidden, Unknown, Value, lookup
from gonogo.sources.terraform.documents import Document, read_plan, read_state
from terraform_plans import change, configured, constant, plan, refers, state

SQL = """
variable "availability" {}
resource "google_sql_database_instance" "main" {
  name             = "main"
  database_version = "POSTGRES_15"
  settings {
    tier              = "db-custom-2-7680"
    availability_type = var.availability
  }
}
"""
SQL_AFTER = {"name": "main", "database_version": "POSTGRES_15", "settings": [{"tier": "db-custom-2-7680", "availability_type": "REGIONAL", "edition": None}]}
SQL_UNKNOWN = {"settings": [{"backup_configuration": True, "ip_configuration": True}], "self_link": True}
SQL_EXPRESSIONS = {"name": constant("main"), "settings": [{"tier": constant("db-custom-2-7680"), "availability_type": refers("var.availability")}]}
SQL_PLAN = plan(
    [change("google_sql_database_instance.main", SQL_AFTER, SQL_UNKNOWN)],
    [configured("google_sql_database_instance.main", SQL_EXPRESSIONS)],
)


def facts(root: Path, *documents: Document, **files: str) -> Facts:
    for name, text in files.items():
        path = root / f"{name.replace('__', '/')}.tf"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return read_facts(root, documents=documents)


def of(found: Facts, kind: str) -> list[Resource]:
    return [r for r in found.resources if r.kind.endswith(f"/{kind}") and "googleapis" in r.kind]


def get(resource: Resource, path: str) -> Value:
    return lookup(resource.attributes, *path.split("."))


def reasons(found: Facts) -> list[str]:
    return [g.reason for g in found.gaps]


def test_a_plan_answers_what_the_code_leaves_open_and_stands_in_place_of_it(tmp_path: Path) -> None:
    (declared,) = of(facts(tmp_path, main=SQL), "Instance")
    assert isinstance(get(declared, "settings.availabilityType"), Unknown)
    found = facts(tmp_path, read_plan("plan.json", SQL_PLAN))
    (planned,) = of(found, "Instance")
    assert (planned.origin, planned.name) == (Origin.PLANNED, "google_sql_database_instance.main")
    assert get(planned, "settings.availabilityType") == "REGIONAL"
    assert found.gaps == ()


def test_evidence_of_a_plan_is_the_line_of_the_code(tmp_path: Path) -> None:
    (planned,) = of(facts(tmp_path, read_plan("plan.json", SQL_PLAN), main=SQL), "Instance")
    assert str(planned.locate(("settings", "availabilityType"))) == "main.tf:8"
    assert str(planned.locate(("settings", "backupConfiguration", "enabled"))) == "main.tf:6"
    assert [str(link) for link in planned.chains["settings", "availabilityType"]] == ["main.tf:2"]


def test_evidence_without_code_is_the_file_of_the_plan(tmp_path: Path) -> None:
    (planned,) = of(facts(tmp_path, read_plan("plan.json", SQL_PLAN)), "Instance")
    assert str(planned.locate(("settings", "availabilityType"))) == "plan.json:1"
    assert planned.name == "google_sql_database_instance.main"


def test_what_nobody_writes_is_as_if_it_were_not_there_and_what_a_dynamic_block_may_write_is_unknown(tmp_path: Path) -> None:
    (with_code,) = of(facts(tmp_path, read_plan("plan.json", SQL_PLAN), main=SQL), "Instance")
    assert get(with_code, "settings.backupConfiguration.enabled") is False
    (alone,) = of(facts(tmp_path / "none", read_plan("plan.json", SQL_PLAN), x="locals {}"), "Instance")
    # The configuration in a plan leaves `dynamic` blocks out, so a block that it does not show may be written.
    assert isinstance(get(alone, "settings.backupConfiguration.enabled"), Unknown)


def test_an_attribute_that_the_configuration_does_not_set_is_not_written(tmp_path: Path) -> None:
    after = {"name": "r", "tier": "STANDARD_HA"}
    unknown = {"redis_version": True, "auth_enabled": True}
    document = plan([change("google_redis_instance.r", after, unknown)], [configured("google_redis_instance.r", {"auth_enabled": refers("random_id.x.dec")})])
    (redis,) = of(facts(tmp_path, read_plan("p.json", document)), "Instance")
    assert get(redis, "redisVersion") is None
    assert isinstance(get(redis, "authEnabled"), Unknown)


def test_links_between_planned_resources_resolve(tmp_path: Path) -> None:
    changes = [
        change("google_compute_ssl_policy.tls[0]", {"name": "tls", "profile": "MODERN", "min_tls_version": "TLS_1_2"}, {"id": True}),
        change("google_compute_target_https_proxy.web", {"name": "web"}, {"ssl_policy": True, "url_map": True}),
        change("google_compute_url_map.web", {"name": "web"}, {"default_service": True}),
    ]
    resources = [
        configured("google_compute_ssl_policy.tls", {"name": constant("tls")}, count_expression=constant(1)),
        configured("google_compute_target_https_proxy.web", {"ssl_policy": {"references": ["google_compute_ssl_policy.tls[0].id", "google_compute_ssl_policy.tls[0]", "google_compute_ssl_policy.tls"]}, "url_map": refers("google_compute_url_map.web.id")}),
        configured("google_compute_url_map.web", {"default_service": refers("local.backend")}),
    ]
    found = facts(tmp_path, read_plan("p.json", plan(changes, resources)))
    (proxy,), (policy,) = of(found, "TargetHttpsProxy"), of(found, "SslPolicy")
    assert get(proxy, "links.sslPolicy") == [get(policy, "key")]
    (url_map,) = of(found, "UrlMap")
    assert isinstance(get(url_map, "defaultService"), Unknown), "locals are not in a plan"


def test_references_are_followed_through_module_inputs_and_outputs(tmp_path: Path) -> None:
    service = 'module.lb["eu"].google_compute_region_network_endpoint_group.neg'
    changes = [
        change("google_cloud_run_v2_service.api", {"name": "api"}, {"id": True}),
        change(service, {"name": "neg", "cloud_run": [{"url_mask": None}]}, {"cloud_run": [{"service": True}]}, module_address='module.lb["eu"]'),
        change("google_compute_backend_service.b", {"name": "b", "backend": [{"balancing_mode": "UTILIZATION"}]}, {"backend": [{"group": True}]}),
    ]
    inner = {
        "resources": [configured("google_compute_region_network_endpoint_group.neg", {"cloud_run": [{"service": refers("var.service")}]})],
        "outputs": {"neg": {"expression": refers("google_compute_region_network_endpoint_group.neg.id")}},
        "variables": {"service": {}},
    }
    calls = {"lb": {"source": "x/lb/google", "expressions": {"service": refers("google_cloud_run_v2_service.api.name")}, "module": inner, "for_each_expression": {}}}
    resources = [
        configured("google_cloud_run_v2_service.api"),
        configured("google_compute_backend_service.b", {"backend": [{"group": {"references": ['module.lb["eu"].neg', 'module.lb["eu"]']}}]}),
    ]
    found = facts(tmp_path, read_plan("p.json", plan(changes, resources, calls)))
    (neg,), (backend,), (run,) = of(found, "NetworkEndpointGroup"), of(found, "BackendService"), of(found, "Service")
    assert get(neg, "links.cloudRun") == [get(run, "key")]
    assert get(backend, "links.groups") == [get(neg, "key")]


def test_what_is_sensitive_is_hidden_and_a_secret_in_the_environment_is_one_all_the_same(tmp_path: Path) -> None:
    env = [{"name": "DB_PASSWORD", "value": "hunter2", "value_source": []}, {"name": "TOKEN", "value": "projects/p/secrets/t", "value_source": []}]
    mask = {"template": [{"containers": [{"env": [{"value": True}, {"value": True}]}]}], "ingress": True}
    after = {"name": "api", "ingress": "INGRESS_TRAFFIC_ALL", "template": [{"containers": [{"image": "i", "env": env}]}]}
    found = facts(tmp_path, read_plan("p.json", plan([change("google_cloud_run_v2_service.api", after, sensitive=mask)])))
    (service,) = of(found, "Service")
    entries = get(service, "template.containers")
    assert isinstance(entries, list)
    password, token = entries[0]["env"]
    assert password["source"] == "literal" and isinstance(password["value"], Hidden)
    assert isinstance(token["source"], Unknown), "what may point at a secret is no secret"
    assert isinstance(get(service, "ingress"), Hidden)
    assert "hunter2" not in repr(found.resources)


def test_what_a_plan_deletes_or_forgets_is_not_there_and_what_it_replaces_is(tmp_path: Path) -> None:
    def redis(name: str, *actions: str) -> dict[str, object]:
        return change(f"google_redis_instance.{name}", None if actions in (("delete",), ("forget",)) else {"name": name}, actions=actions)

    changes = [redis("gone", "delete"), redis("left", "forget"), redis("new", "delete", "create"), redis("kept", "no-op"), redis("made", "create", "delete")]
    deposed = {**redis("kept", "delete"), "deposed": "00000000"}
    found = facts(tmp_path, read_plan("p.json", plan([*changes, deposed])))
    assert [r.name.rpartition(".")[2] for r in of(found, "Instance")] == ["kept", "made", "new"]


REMOTE = """
terraform {
  backend "gcs" {}
}
module "db" {
  source  = "terraform-google-modules/sql-db/google//modules/postgresql"
  version = "25.0.0"
  name    = "db"
}
"""
DB = "module.db.google_sql_database_instance.default"
DB_CALL = {"db": {"source": "terraform-google-modules/sql-db/google//modules/postgresql", "module": {"resources": [configured("google_sql_database_instance.default")]}}}


def test_a_plan_closes_the_gap_of_a_module_that_it_shows(tmp_path: Path) -> None:
    before = facts(tmp_path, main=REMOTE)
    assert reasons(before) and [r.name for r in of(before, "Instance")] == ["module.db.google_sql_database_instance.default"]
    found = facts(tmp_path, read_plan("p.json", plan([change(DB, SQL_AFTER)], calls=DB_CALL)))
    assert found.gaps == () and [r.name for r in of(found, "Instance")] == [DB]


def test_a_plan_says_nothing_of_another_root(tmp_path: Path) -> None:
    other = 'terraform {\n  backend "gcs" {}\n}\nmodule "elsewhere" {\n  source = "git::https://example.org/x.git"\n}\n'
    found = facts(tmp_path, read_plan("p.json", plan([change(DB, SQL_AFTER)], calls=DB_CALL)), a__main=REMOTE, b__main=other)
    assert [g.file for g in found.gaps] == ["b/main.tf"]
    assert [r.name for r in of(found, "Instance")] == [f"a:{DB}"]


def test_a_module_of_two_roots_stays_open_until_both_are_planned(tmp_path: Path) -> None:
    caller = 'terraform {\n  backend "gcs" {}\n}\nmodule "m" {\n  source = "../m"\n}\nresource "google_redis_instance" "NAME" {\n  name = "NAME"\n}\n'
    inner = 'module "db" {\n  source = "git::https://example.org/sql-db.git"\n}\n'
    address = "module.m.module.db.google_sql_database_instance.main"
    calls = {"m": {"module": {"module_calls": {"db": {"module": {"resources": [configured("google_sql_database_instance.main")]}}}}}}
    made = plan([change(address, SQL_AFTER), change("google_redis_instance.a", {"name": "a"})], [configured("google_redis_instance.a")], calls)
    found = facts(tmp_path, read_plan("p.json", made), a__main=caller.replace("NAME", "a"), b__main=caller.replace("NAME", "b"), m__main=inner)
    assert [g.file for g in found.gaps] == ["m/main.tf"]


def test_a_plan_that_is_not_complete_decides_only_what_it_shows(tmp_path: Path) -> None:
    code = SQL + 'resource "google_redis_instance" "r" {\n  count = var.availability == "x" ? 1 : 0\n  name = "r"\n}\n'
    resources = [configured("google_sql_database_instance.main", SQL_EXPRESSIONS), configured("google_redis_instance.r", count_expression=refers("var.x"))]
    changes = [change("google_sql_database_instance.main", SQL_AFTER, SQL_UNKNOWN)]
    whole = facts(tmp_path, read_plan("p.json", plan(changes, resources)), main=code)
    assert [(r.origin, r.kind) for r in of(whole, "Instance")] == [(Origin.PLANNED, "sqladmin.googleapis.com/Instance")]
    part = facts(tmp_path, read_plan("p.json", plan(changes, resources, complete=False)))
    assert {(r.origin.value, r.kind) for r in of(part, "Instance")} == {("declared", "redis.googleapis.com/Instance"), ("planned", "sqladmin.googleapis.com/Instance")}
    assert reasons(part) == ["the plan is not complete: Terraform says that it does not show everything"]


def test_code_that_is_newer_than_the_plan_is_judged_and_said(tmp_path: Path) -> None:
    code = SQL + 'resource "google_redis_instance" "r" {\n  name = "r"\n}\n'
    found = facts(tmp_path, read_plan("p.json", SQL_PLAN), main=code)
    assert {(r.origin.value, r.kind) for r in of(found, "Instance")} == {("declared", "redis.googleapis.com/Instance"), ("planned", "sqladmin.googleapis.com/Instance")}
    assert [(g.reason, g.kinds) for g in found.gaps] == [("the plan is older than the code: it does not know google_redis_instance.r", ())]


def test_a_plan_of_no_root_is_judged_beside_the_code(tmp_path: Path) -> None:
    document = plan([change("google_redis_instance.other", {"name": "o"})], [configured("google_redis_instance.other")])
    found = facts(tmp_path, read_plan("p.json", document), main=SQL)
    assert sorted(r.name for r in of(found, "Instance")) == ["google_sql_database_instance.main", "p.json:google_redis_instance.other"]
    assert [(g.reason, g.kinds) for g in found.gaps] == [
        ("this plan is judged beside the code: no root module of the scanned tree declares what it shows", ())
    ]


def test_of_two_roots_with_the_same_addresses_the_one_with_the_same_values_is_planned(tmp_path: Path) -> None:
    code = 'terraform {\n  backend "gcs" {}\n}\nresource "google_redis_instance" "r" {\n  name = "NAME"\n}\n'
    document = plan([change("google_redis_instance.r", {"name": "live"})], [configured("google_redis_instance.r")])
    found = facts(tmp_path, read_plan("p.json", document), blue__main=code.replace("NAME", "blue"), live__main=code.replace("NAME", "live"))
    assert {(r.origin.value, r.name) for r in of(found, "Instance")} == {("declared", "blue:google_redis_instance.r"), ("planned", "live:google_redis_instance.r")}
    alike = facts(tmp_path, read_plan("p.json", document), blue__main=code.replace("NAME", "live"))
    assert len(of(alike, "Instance")) == 3
    assert reasons(alike) == ["this plan is judged beside the code: it could be of any of the root modules `blue`, `live`"]
    lying = facts(tmp_path, read_plan("live/p.json", document))
    assert {(r.origin.value, r.name) for r in of(lying, "Instance")} == {("declared", "blue:google_redis_instance.r"), ("planned", "live:google_redis_instance.r")}


def test_the_line_of_a_member_of_a_set_is_found_by_what_it_holds(tmp_path: Path) -> None:
    code = """
resource "google_compute_security_policy" "p" {
  name = "p"
  rule {
    priority = 1000
    action   = "deny(403)"
  }
  rule {
    priority = 2147483647
    action   = "allow"
  }
}
"""
    rules = [{"priority": 2147483647, "action": "allow", "preview": False}, {"priority": 1000, "action": "deny(403)", "preview": False}]
    document = plan([change("google_compute_security_policy.p", {"name": "p", "rule": rules})], [configured("google_compute_security_policy.p")])
    (policy,) = of(facts(tmp_path, read_plan("p.json", document), main=code), "SecurityPolicy")
    assert [str(policy.locate(("rules", i, "action"))) for i in (0, 1)] == ["main.tf:10", "main.tf:6"]


def test_a_state_stands_beside_the_code_and_joins_with_nothing_that_is_declared(tmp_path: Path) -> None:
    code = """
resource "google_compute_backend_service" "web" {
  name            = "web"
  security_policy = "armor"
}
"""
    document = state(("google_compute_backend_service.web", {"name": "web", "security_policy": "https://www.googleapis.com/compute/v1/projects/p/global/securityPolicies/armor"}), ("google_compute_security_policy.armor", {"name": "armor", "rule": []}))
    found = facts(tmp_path, read_state("terraform.tfstate", document), main=code)
    backends = {r.origin: r for r in of(found, "BackendService")}
    (policy,) = of(found, "SecurityPolicy")
    assert get(backends[Origin.STATE], "links.securityPolicy") == [get(policy, "key")]
    declared = get(backends[Origin.DECLARED], "links.securityPolicy")
    assert list(declared) == [], "a policy in the state protects nothing that is declared"  # type: ignore[arg-type]
    assert get(backends[Origin.STATE], "key") != get(backends[Origin.DECLARED], "key")
    assert str(backends[Origin.STATE].locate(("securityPolicy",))) == "main.tf:4"


def test_the_grants_of_a_policy_are_read_from_its_text(tmp_path: Path) -> None:
    policy = '{"bindings":[{"members":["allUsers"],"role":"roles/run.invoker"},{"members":["user:a@example.org"],"role":"roles/run.admin"}]}'
    document = state(("google_cloud_run_service_iam_policy.p", {"service": "web", "policy_data": policy}))
    found = facts(tmp_path, read_state("s", document))
    assert [get(g, "members") for g in of(found, "ServiceIamBinding")] == [["allUsers"], ["user:a@example.org"]]


def test_values_that_are_cut_down_to_the_known_ones_leave_the_rest_open(tmp_path: Path) -> None:
    values = {"root_module": {"resources": [{"address": "google_redis_instance.r", "mode": "managed", "type": "google_redis_instance", "name": "r", "values": {"name": "r"}}]}}
    document = plan([], planned_values=values)
    (redis,) = of(facts(tmp_path, read_plan("p.json", document)), "Instance")
    assert get(redis, "name") == "r" and isinstance(get(redis, "tier"), Unknown)


def test_the_grants_of_a_policy_that_is_read_at_apply_are_those_of_its_document(tmp_path: Path) -> None:
    binding = [{"role": "roles/run.invoker", "members": ["allUsers"], "condition": []}]
    changes = [
        change("data.google_iam_policy.p", {"binding": binding}, {"policy_data": True}, actions=("read",)),
        change("google_cloud_run_service_iam_policy.p", {"service": "web"}, {"policy_data": True}),
    ]
    resources = [configured("google_cloud_run_service_iam_policy.p", {"policy_data": refers("data.google_iam_policy.p.policy_data")})]
    (grant,) = of(facts(tmp_path, read_plan("p.json", plan(changes, resources))), "ServiceIamBinding")
    assert (get(grant, "role"), get(grant, "members")) == ("roles/run.invoker", ["allUsers"])


def test_what_is_absent_from_code_that_could_not_be_read_may_be_written(tmp_path: Path) -> None:
    broken = SQL.replace("  settings {", "  settings {\n    ip_configuration { = }")
    document = plan([change("google_sql_database_instance.main", SQL_AFTER, SQL_UNKNOWN)], [configured("google_sql_database_instance.main", SQL_EXPRESSIONS)])
    (planned,) = of(facts(tmp_path, read_plan("p.json", document), main=broken), "Instance")
    assert isinstance(get(planned, "settings.ipConfiguration.ipv4Enabled"), Unknown)


KEYED = """
variable "on" {}
variable "hosts" { type = set(string) }
resource "google_compute_ssl_policy" "tls" {
  count = var.on ? 1 : 0
  name  = "tls"
}
resource "google_compute_target_https_proxy" "web" {
  count      = var.on ? 1 : 0
  name       = "web"
  ssl_policy = google_compute_ssl_policy.tls[0].id
  url_map    = google_compute_url_map.m["x"].id
}
resource "google_compute_url_map" "m" {
  for_each        = var.hosts
  name            = each.key
  default_service = google_compute_backend_service.b[each.key].id
}
resource "google_compute_backend_service" "b" {
  for_each = var.hosts
  name     = each.key
}
resource "google_monitoring_notification_channel" "c" {
  for_each     = var.hosts
  display_name = each.key
}
resource "google_monitoring_alert_policy" "a" {
  display_name          = "a"
  notification_channels = [for c in google_monitoring_notification_channel.c : c.id]
}
"""


def test_links_between_instances_whose_keys_only_the_plan_knows(tmp_path: Path) -> None:
    each = [
        *(change(f'google_compute_url_map.m["{k}"]', {"name": k}, {"default_service": True}) for k in "xy"),
        *(change(f'google_compute_backend_service.b["{k}"]', {"name": k}, {"id": True}) for k in "xy"),
        *(change(f'google_monitoring_notification_channel.c["{k}"]', {"display_name": k}, {"id": True}) for k in "xy"),
    ]
    one = [
        change("google_compute_ssl_policy.tls[0]", {"name": "tls"}, {"id": True}),
        change("google_compute_target_https_proxy.web[0]", {"name": "web"}, {"ssl_policy": True, "url_map": True}),
        change("google_monitoring_alert_policy.a", {"display_name": "a", "notification_channels": [None, None]}, {"notification_channels": [True, True]}),
    ]
    keyed = {"references": ["google_compute_ssl_policy.tls[0].id", "google_compute_ssl_policy.tls[0]", "google_compute_ssl_policy.tls"]}
    chosen = {"references": ['google_compute_url_map.m["x"].id', 'google_compute_url_map.m["x"]', "google_compute_url_map.m"]}
    resources = [
        configured("google_compute_ssl_policy.tls", count_expression={}),
        configured("google_compute_target_https_proxy.web", {"ssl_policy": keyed, "url_map": chosen}, count_expression={}),
        configured("google_compute_url_map.m", {"default_service": {"references": ["google_compute_backend_service.b", "each.key"]}}, for_each_expression={}),
        configured("google_compute_backend_service.b", for_each_expression={}),
        configured("google_monitoring_notification_channel.c", for_each_expression={}),
        configured("google_monitoring_alert_policy.a", {"notification_channels": {"references": ["google_monitoring_notification_channel.c"]}}),
    ]
    document = read_plan("p.json", plan([*each, *one], resources))
    for root, code in ((tmp_path / "code", {"main": KEYED}), (tmp_path / "none", {})):
        root.mkdir()
        found = {r.name: r.attributes["links"] for r in facts(root, document, **code).resources if "links" in r.attributes}
        assert found["google_compute_target_https_proxy.web[0]"] == {
            "urlMap": ['||google_compute_url_map.m["x"]'],
            "sslPolicy": ["||google_compute_ssl_policy.tls[0]"],
        }
        for key in "xy":
            assert found[f'google_compute_url_map.m["{key}"]'] == {"services": [f'||google_compute_backend_service.b["{key}"]']}
        assert found["google_monitoring_alert_policy.a"] == {"channels": [f'||google_monitoring_notification_channel.c["{k}"]' for k in "xy"]}

"""The values that a plan or a state shows of an instance."""

from __future__ import annotations

import json
from typing import Any

from gonogo.model.location import Location
from gonogo.model.value import Hidden, OpenList, Unknown
from gonogo.sources.terraform.addresses import Address, key_suffix, parse_address, without_keys
from gonogo.sources.terraform.documents import Shown, read_state
from gonogo.sources.terraform.plan_references import Configuration
from gonogo.sources.terraform.result import Instance, Symbolic
from gonogo.sources.terraform.shown import MAX_DEPTH, ShownReader, Twin, hidden
from terraform_plans import configured, refers

A = "google_x.a"


def values(after: Any, unknown: Any = None, sensitive: Any = None, twin: Any = None, expressions: Any = None, **others: str) -> Any:
    """What is read of `google_x.a`; `others` are instances of the plan, by the block they are of."""
    configuration = None
    if expressions is not None:
        configuration = Configuration({"resources": [configured(A, expressions)]}, [A, *others.values()])
    code = None if twin is None else Twin(Instance("google_x", A, "", "managed", twin, {(): Location("main.tf", 1)}), exact=True)
    return ShownReader(Shown(A, "google_x", "managed", after, unknown, sensitive), parse_address(A), Location("p", 1), code, configuration).attributes()


def test_values_are_as_they_are_shown() -> None:
    assert values({"a": 1, "b": [{"c": None}], "d": {"e": "f"}, "g": [], "h": True}) == {"a": 1, "b": [{"c": None}], "d": {"e": "f"}, "g": [], "h": True}


def test_what_is_known_only_after_apply_is_unknown_wherever_it_is() -> None:
    found = values({"a": [{"b": 1}], "l": ["x", None]}, {"a": [{"c": True}], "l": [False, True], "n": {"m": True}, "no": False})
    reason = "known only after apply: google_x.a."
    assert found == {
        "a": [{"b": 1, "c": Unknown((f"{reason}a.0.c",))}],
        "l": ["x", Unknown((f"{reason}l.1",))],
        "n": {"m": Unknown((f"{reason}n.m",))},
    }


def test_the_code_says_what_it_refers_to() -> None:
    email = Symbolic.of("google_service_account.run", "email")
    twin = {"a": email, "b": "plain", "c": Unknown(("variable x has no value",)), "d": Unknown(("data source data.y.z is read at plan time",))}
    found = values({}, {"a": True, "b": True, "c": True, "d": True, "e": True}, twin=twin)
    assert found == {
        "a": email,
        "b": Unknown(("known only after apply: google_x.a.b",)),
        "c": Unknown(("known only after apply: google_x.a.c",)),
        "d": twin["d"],
    }


def test_the_configuration_says_what_it_refers_to_where_that_is_one_thing() -> None:
    expressions = {
        "one": refers("google_y.b.id"),
        "two": refers("google_y.b.id", "google_y.c.id"),
        "which": {"references": ["google_z.d"]},
        "both": {"references": ["google_z.d"]},
        "data": refers("data.google_y.d.id"),
        "called": {},
    }
    found = values({}, {"one": True, "two": True, "which": True, "both": [True, True], "data": True, "called": True}, expressions=expressions, b="google_y.b", c="google_y.c", d="google_z.d[0]", e="google_z.d[1]")
    assert found["one"] == Symbolic.of("google_y.b", "id")
    assert found["two"] == Unknown.because("known only after apply: google_y.b.id", "known only after apply: google_y.c.id")
    assert isinstance(found["which"], Unknown), "one of two instances"
    assert found["both"] == [Symbolic.of("google_z.d[0]", ""), Symbolic.of("google_z.d[1]", "")]
    assert found["data"] == Unknown(("known only after apply: data source data.google_y.d.id",))
    assert found["called"] == Unknown(("known only after apply: google_x.a.called",))


def test_an_instance_refers_to_the_one_with_its_own_key_where_both_have_the_same_keys() -> None:
    def read(*keys: str) -> Any:
        address = 'google_x.a["k"]'
        resources = [configured("google_x.a", {"v": {"references": ["google_y.b", "each.key"]}}, for_each_expression={})]
        addresses = [address, 'google_x.a["l"]', *(f"google_y.b{key}" for key in keys)]
        reader = ShownReader(Shown(address, "google_x", "managed", {}, {"v": True}), parse_address(address), Location("p"), None, Configuration({"resources": resources}, addresses))
        return reader.attributes()["v"]

    assert read('["k"]', '["l"]') == Symbolic.of('google_y.b["k"]', "")
    assert isinstance(read('["k"]', '["l"]', '["m"]'), Unknown)


def test_sensitive_values_are_hidden_but_for_whether_they_are_set() -> None:
    after = {"a": "hunter2", "b": "", "c": None, "d": True, "e": 7, "f": {"k": "v"}, "g": [], "h": [{"i": "deep"}]}
    mask = {"a": True, "b": True, "c": True, "d": True, "e": True, "f": True, "g": True, "h": [{"i": True}]}
    found = values(after, sensitive=mask)
    assert {k: v for k, v in found.items() if not isinstance(v, Hidden)} == {"b": "", "c": None, "d": True, "g": [], "h": [{"i": hidden("deep")}]}
    assert "hunter2" not in repr(found) and "deep" not in repr(found)
    assert values(after, sensitive=True) == {} or "hunter2" not in repr(values(after, sensitive=True))


def test_the_sensitive_paths_of_a_state_hide_what_they_lead_to() -> None:
    def paths(*found: object) -> Any:
        instance = {"attributes": {"a": [{"b": "x", "c": "y"}], "d": "z"}, "sensitive_attributes": list(found)}
        raw = {"version": 4, "serial": 1, "resources": [{"mode": "managed", "type": "google_x", "name": "a", "instances": [instance]}]}
        (shown,) = read_state("s", json.dumps(raw).encode()).shown
        return ShownReader(shown, None, Location("s")).attributes()

    def step(value: object) -> object:
        return {"type": "get_attr", "value": value} if isinstance(value, str) else {"type": "index", "value": {"value": value, "type": "number"}}

    assert paths([step("a"), step(0), step("b")]) == {"a": [{"b": hidden("x"), "c": "y"}], "d": "z"}
    assert paths([step("a")], [step("a"), step(0), step("b")]) == {"a": hidden("x"), "d": "z"}
    assert paths([step("a"), {"type": "odd"}, step("b")]) == {"a": [hidden("x")], "d": "z"}, "too much rather than too little"


def test_what_is_too_deep_or_no_value_is_unknown() -> None:
    deep: Any = "x"
    for _ in range(MAX_DEPTH + 5):
        deep = [deep]
    found = values({"a": deep, "b": float("inf"), "c": "\ud800"})
    assert "nested deeper" in repr(found["a"]) and isinstance(found["b"], Unknown) and found["c"] == "?"


def test_a_list_of_which_nothing_is_written_is_open() -> None:
    found = values({"l": [None]}, {"l": [True]}, twin={"x": 1})
    assert found == {"l": OpenList([], Unknown(("not known",)))}


def test_addresses() -> None:
    assert parse_address('module.a["x.y"].module.b[0].data.google_x.n["]\\""].id') == Address(
        (("a", '["x.y"]'), ("b", "[0]")), "data.google_x.n", '["]\\""]', "id"
    )
    assert parse_address("nonsense") is None
    assert without_keys('module.a["x[0]"].google_x.n[3]') == "module.a.google_x.n"
    assert [key_suffix(k) for k in (0, "a", 'q"${x}', None, True)] == ["[0]", '["a"]', '["q\\"$${x}"]', "", ""]

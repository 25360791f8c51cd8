"""Field tables: spellings, what is not written, and where things were written."""

from __future__ import annotations

from gonogo.kinds.fields import (
    NOT_SET,
    Default,
    Field,
    Found,
    Items,
    Missing,
    ServerChooses,
    Spelling,
    Written,
    camel,
    read_table,
    shape_of,
    steps,
)
from gonogo.model.location import Location
from gonogo.model.shape import BOOL, STRING, ListOf, Record
from gonogo.model.value import OpenList, OpenMap, Unknown, Value

WHY = Unknown.because("a variable without a value")
TABLE = (
    Field("settings.tier", STRING, ("settings.tier",)),
    Field("settings.backups", BOOL, ("settings.backup.enabled",), absent=Default(False, "documented")),
    Field("settings.mode", STRING, ("settings.mode",), absent=ServerChooses("the server chooses")),
    Items("rules", (Field("action", STRING, ("action",)),), ("rule",)),
)


def test_steps_keep_dots_in_quotes() -> None:
    assert steps('metadata.annotations["run.googleapis.com/minScale"].x') == ("metadata", "annotations", "run.googleapis.com/minScale", "x")


def test_camel_case_of_a_provider_name() -> None:
    assert camel("min_instance_count") == "minInstanceCount"


def test_what_is_not_written_is_what_the_table_says() -> None:
    read = read_table(TABLE, Written({}), Spelling.TERRAFORM).attributes
    assert read == {"settings": {"tier": None, "backups": False, "mode": Unknown.because("the server chooses")}, "rules": []}


def test_blocks_are_entered_without_their_index() -> None:
    value: Value = {"settings": [{"tier": "small", "backup": [{"enabled": True}]}], "rule": [{"action": "allow"}, {"action": "deny"}]}
    read = read_table(TABLE, Written(value), Spelling.TERRAFORM).attributes
    assert read["settings"] == {"tier": "small", "backups": True, "mode": Unknown.because("the server chooses")}
    assert read["rules"] == [{"action": "allow"}, {"action": "deny"}]


def test_camel_case_is_the_same_field() -> None:
    read = read_table(
        (Field("a", STRING, ("backup_configuration.start_time",)),),
        Written({"backupConfiguration": {"startTime": "02:00"}}),
        Spelling.TERRAFORM,
    )
    assert read.attributes == {"a": "02:00"}


def test_a_reference_object_is_what_it_names() -> None:
    table = (Field("policy", STRING, ("security_policy",), reference=True),)
    assert read_table(table, Written({"securityPolicyRef": {"name": "armor"}}), Spelling.TERRAFORM).attributes == {"policy": "armor"}
    assert read_table(table, Written({"securityPolicyRef": {"external": "org/armor"}}), Spelling.TERRAFORM).attributes == {
        "policy": "org/armor"
    }


def test_null_is_not_written() -> None:
    read = read_table(TABLE, Written({"settings": [{"backup": [{"enabled": None}]}]}), Spelling.TERRAFORM)
    assert read.attributes["settings"] == {"tier": None, "backups": False, "mode": Unknown.because("the server chooses")}


def test_an_unknown_block_makes_its_fields_unknown() -> None:
    read = read_table(TABLE, Written({"settings": WHY}), Spelling.TERRAFORM)
    assert read.attributes["settings"] == {"tier": WHY, "backups": WHY, "mode": WHY}


def test_a_dynamic_block_that_may_be_missing_makes_its_fields_unknown() -> None:
    read = read_table(TABLE, Written({"settings": [{"backup": OpenList([], WHY)}]}), Spelling.TERRAFORM)
    assert read.attributes["settings"] == {"tier": None, "backups": WHY, "mode": Unknown.because("the server chooses")}


def test_a_key_that_an_open_map_may_hold_is_unknown() -> None:
    table = (Field("scale", STRING, ('annotations["a/b"]',)),)
    assert read_table(table, Written({"annotations": OpenMap({"c": "1"}, WHY)}), Spelling.TERRAFORM).attributes == {"scale": WHY}
    assert read_table(table, Written({"annotations": OpenMap({"a/b": "1"}, WHY)}), Spelling.TERRAFORM).attributes == {"scale": "1"}


def test_items_of_an_open_list_stay_open() -> None:
    rules = read_table(TABLE, Written({"rule": OpenList([{"action": "allow"}], WHY)}), Spelling.TERRAFORM).attributes["rules"]
    assert rules == OpenList([{"action": "allow"}], WHY)


def test_a_value_where_a_block_is_expected_is_unknown_not_a_crash() -> None:
    settings = read_table(TABLE, Written({"settings": "small"}), Spelling.TERRAFORM).attributes["settings"]
    assert isinstance(settings, dict)
    assert all(isinstance(value, Unknown) for value in settings.values())


def test_the_override_of_absent_reaches_every_field_and_list() -> None:
    read = read_table(TABLE, Written({"settings": [{"tier": "small"}]}), Spelling.TERRAFORM, ServerChooses("kept")).attributes
    kept = Unknown.because("kept")
    assert read == {"settings": {"tier": "small", "backups": kept, "mode": kept}, "rules": kept}


def test_a_field_that_is_not_written_points_at_the_block_it_would_stand_in() -> None:
    places = {(): Location("main.tf", 1), ("settings", 0): Location("main.tf", 4), ("settings", 0, "backup", 0): Location("main.tf", 6)}
    written = Written({"settings": [{"backup": [{}]}]}, places)
    locations = read_table(TABLE, written, Spelling.TERRAFORM).locations
    assert locations["settings", "backups"] == Location("main.tf", 6)
    assert locations["settings", "tier"] == Location("main.tf", 4)


def test_places_and_chains_follow_the_value() -> None:
    at = ("settings", 0, "tier")
    written = Written({"settings": [{"tier": "small"}]}, {at: Location("main.tf", 5)}, {at: (Location("vars.tf", 2),)})
    draft = read_table(TABLE, written, Spelling.TERRAFORM)
    assert draft.locations["settings", "tier"] == Location("main.tf", 5)
    assert draft.chains["settings", "tier"] == (Location("vars.tf", 2),)
    assert draft.written == {("settings", "tier")}


def test_the_first_spelling_that_is_written_counts() -> None:
    written = Written({"new": 1, "old": 2})
    assert written.first(("missing", "new", "old")) == Found(1, ("new",))
    assert written.first(("missing",)) == Missing(())


def test_the_shape_is_what_is_read() -> None:
    shape = shape_of(TABLE, {"exists": BOOL, "links.x": ListOf(STRING)})
    assert shape.fields["settings"] == Record({"tier": STRING, "backups": BOOL, "mode": STRING})
    assert shape.fields["rules"] == ListOf(Record({"action": STRING}))
    assert shape.fields["links"] == Record({"x": ListOf(STRING)})


def test_not_set_is_null() -> None:
    assert read_table((Field("x", absent=NOT_SET),), Written({}), Spelling.GCLOUD).attributes == {"x": None}

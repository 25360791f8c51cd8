from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from gonogo.checklist import ChecklistError
from gonogo.checklist.binding import bind
from gonogo.checklist.lock import read_lock, text_digest
from gonogo.checklist.markdown import parse_checklist
from gonogo.data import data_directory
from gonogo.formats.yaml_reader import read_yaml
from gonogo.model.checklist import Binding, BindingSource
from gonogo.rules import load_rules

KNOWN: dict[str, dict[str, str]] = {"waf": {}, "hsts": {}, "cloudrun-min-instances": {"expected": "int"}}
DIGEST = "a" * 64


def bindings(tmp_path: Path, reviewed: str, now: str, more: str) -> list[Binding]:
    """The bindings of the checklist `now` under a lock that reviewed the first item of the checklist `reviewed`."""
    item = parse_checklist(reviewed, "c.md").items[0]
    lock = tmp_path / "gonogo.map.yaml"
    was = f"text: {json.dumps(item.text)}, section: {json.dumps(list(item.section), ensure_ascii=False)}"
    row = f"{{{was}, sha256: {text_digest(item.text)}, decided_by: kim, on: 2025-11-03, {more}}}"
    lock.write_text(f"schema: gonogo.map/v1\nitems:\n  {item.id}: {row}\n", "utf-8")
    return list(bind(parse_checklist(now, "c.md"), load_rules(()).controls, lock))


def test_a_reviewed_binding_decides_before_the_aliases(tmp_path: Path) -> None:
    (binding,) = bindings(tmp_path, "## S\n- [ ] WAF", "# T\n## S\n- [x] WAF", "controls: [cloud-armor, waf]")
    assert (binding.controls, binding.source) == (("cloud-armor", "waf"), BindingSource.LOCK)


def test_parameters_manual_and_ignore(tmp_path: Path) -> None:
    (binding,) = bindings(tmp_path, "- [ ] warm", "- [ ] warm", "controls: [cloudrun-min-instances], parameters: {expected: 2}")
    assert binding.parameters == {"expected": 2}
    (binding,) = bindings(tmp_path, "- [ ] warm", "- [ ] warm", "manual: true")
    assert binding.manual
    (binding,) = bindings(tmp_path, "- [ ] warm", "- [ ] warm", "ignore: true, reason: not ours")
    assert (binding.ignored, binding.reason) == (True, "ignored: not ours (kim, 2025-11-03, gonogo.map.yaml:3)")


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        ("## S\n- [ ] WAF!", "the reviewed text was “WAF”"),
        ("## S\n- [ ] WAF enabled", "the reviewed text was “WAF”"),
        ("## T\n- [ ] WAF", "the reviewed place was S"),
    ],
)
def test_a_changed_item_suspends_its_binding(tmp_path: Path, now: str, reason: str) -> None:
    (binding,) = bindings(tmp_path, "## S\n- [ ] WAF", now, "controls: [cloud-armor]")
    assert (binding.controls, binding.source, binding.candidates) == ((), BindingSource.LOCK, ("cloud-armor",))
    assert reason in binding.reason
    assert binding.reason.startswith("the binding of gonogo.map.yaml:3 is stale")


def test_another_new_item_is_not_taken_for_a_changed_one(tmp_path: Path) -> None:
    found = bindings(tmp_path, "## S\n- [ ] WAF", "## S\n- [ ] WAF\n- [ ] HSTS header", "controls: [cloud-armor]")
    assert [b.controls for b in found] == [("cloud-armor",), ("hsts",)]


def test_a_lock_that_does_not_exist_is_empty(tmp_path: Path) -> None:
    assert read_lock(tmp_path / "gonogo.map.yaml", KNOWN).entries == {}
    (tmp_path / "empty.yaml").write_text("")
    assert read_lock(tmp_path / "empty.yaml", KNOWN).entries == {}


GOOD = f"sha256: {DIGEST}, decided_by: kim, on: 2025-11-03"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("items: {}", "m.yaml:1: is not a map of schema gonogo.map/v1; its first line is `schema: gonogo.map/v1`"),
        ("- a", "m.yaml:1: is not a mapping"),
        ("schema: gonogo.map/v1\nitem: {}", "m.yaml:2: item is not a field here; did you mean items?"),
        ("schema: [", "is not valid YAML"),
        (
            f"schema: gonogo.map/v1\nitems:\n  a: {{{GOOD}, controls: [waf]}}\n  a: {{{GOOD}, controls: [hsts]}}",
            "m.yaml:4: a is written twice; keep one",
        ),
        (f"schema: gonogo.map/v1\nitems:\n  a: {{{GOOD}, controls: [wav]}}", "m.yaml:3: no control is called wav; did you mean waf?"),
        (f"schema: gonogo.map/v1\nitems:\n  a: {{{GOOD}}}", "needs exactly one of controls, manual and ignore"),
        (
            f"schema: gonogo.map/v1\nitems:\n  a: {{{GOOD}, controls: [waf], manual: true}}",
            "needs exactly one of controls, manual and ignore",
        ),
        (f"schema: gonogo.map/v1\nitems:\n  a: {{{GOOD}, ignore: true}}", "ignores an item and needs a reason"),
        (
            f"schema: gonogo.map/v1\nitems:\n  a: {{{GOOD}, control: [waf]}}",
            "m.yaml:3: control is not a field here; did you mean controls?",
        ),
        (f"schema: gonogo.map/v1\nitems:\n  a: {{{GOOD}, controls: waf}}", "m.yaml:3: is not a list"),
        (f"schema: gonogo.map/v1\nitems:\n  a: {{{GOOD}, manual: perhaps}}", "is true or false, not perhaps"),
        (
            f"schema: gonogo.map/v1\nitems:\n  a: {{{GOOD}, controls: [waf], parameters: {{expected: 1}}}}",
            "waf takes no parameters, not expected",
        ),
        (f"schema: gonogo.map/v1\nitems:\n  a: {{sha256: {DIGEST}, controls: [waf], on: 2025-11-03}}", "the entry a has no decided_by"),
        ("schema: gonogo.map/v1\nitems:\n  a: 1", "m.yaml:3: is not a mapping"),
        ("schema: gonogo.map/v1\n? [a]\n: b", "m.yaml:2: a key is not a plain word"),
    ],
)
def test_a_broken_lock_is_one_clear_error(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "m.yaml").write_text(text, "utf-8")
    with pytest.raises(ChecklistError) as caught:
        read_lock(tmp_path / "m.yaml", KNOWN)
    assert message in str(caught.value)
    assert str(caught.value).startswith("m.yaml:")


def test_deep_nesting_and_bad_encoding_are_errors(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text("schema: " + "[" * 5000, "utf-8")
    with pytest.raises(ChecklistError):
        read_lock(tmp_path / "m.yaml", KNOWN)
    (tmp_path / "m.yaml").write_bytes(b"schema: \xff")
    with pytest.raises(ChecklistError, match="is not UTF-8"):
        read_lock(tmp_path / "m.yaml", KNOWN)


@pytest.mark.parametrize(
    ("row", "valid"),
    [
        (f"{{{GOOD}, controls: [waf]}}", True),
        (f"{{{GOOD}, manual: true}}", True),
        (f"{{{GOOD}, ignore: true, reason: x}}", True),
        (f"{{{GOOD}, ignore: true}}", False),
        (f"{{{GOOD}}}", False),
        (f"{{{GOOD}, controls: [waf], manual: true}}", False),
        (f"{{{GOOD}, controls: [waf], note: x}}", False),
    ],
)
def test_the_schema_says_what_the_reader_says(tmp_path: Path, row: str, valid: bool) -> None:
    text = f"schema: gonogo.map/v1\nitems:\n  0123456789ab: {row}\n"
    schema = json.loads((data_directory("schemas") / "map.v1.json").read_text("utf-8"))
    value = read_yaml("m.yaml", text).documents[0].value
    assert jsonschema.Draft202012Validator(schema).is_valid(value) is valid
    (tmp_path / "m.yaml").write_text(text, "utf-8")
    if valid:
        assert list(read_lock(tmp_path / "m.yaml", KNOWN).entries) == ["0123456789ab"]
    else:
        with pytest.raises(ChecklistError):
            read_lock(tmp_path / "m.yaml", KNOWN)

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from gonogo.data import data_directory
from gonogo.model.finding import Severity
from gonogo.model.resource import Origin
from gonogo.rules import Fold, RuleSetError, check_rules, load_rules

RULE = """\
  - id: {id}
    control: {control}
    title: A title
    why: One sentence.
    subject: {subject}
    assert: {assertion}
    fix: Do it.
    references: [https://example.com/]
"""


def rule(
    id: str = "mine", control: str = "dockerfile-multistage", subject: str = "docker/Dockerfile", assertion: str = "size(self.stages) > 1"
) -> str:
    return RULE.format(id=id, control=control, subject=subject, assertion=assertion)


def problems(tmp_path: Path, *packs: str) -> list[str]:
    for number, text in enumerate(packs):
        (tmp_path / f"p{number}.yaml").write_text(text, "utf-8")
    with pytest.raises(RuleSetError) as error:
        load_rules((tmp_path,))
    return str(error.value).replace(f"{tmp_path}/", "").splitlines()


def test_the_shipped_packs_are_valid_and_well_typed() -> None:
    rules = check_rules(())
    assert {r.control for r in rules.rules} <= {c.id for c in rules.controls}
    assert [r.id for r in rules.rules] == [r.id for r in load_rules(()).rules]


@pytest.mark.parametrize("name", ["rule-pack.v1.json", "catalogue.v1.json"])
def test_the_schemas_are_schemas(name: str) -> None:
    schema = json.loads((data_directory("schemas") / name).read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    assert schema["$id"].endswith(name)


def test_a_rule_may_be_of_some_origins_and_have_doubts(tmp_path: Path) -> None:
    more = "    origins: [live]\n    undecided:\n      - {when: size(self.stages) == 0, because: nothing is built}\n"
    (tmp_path / "p.yaml").write_text("pack: mine\nrules:\n" + rule() + more, "utf-8")
    mine = load_rules((tmp_path,)).rules[-1]
    assert mine.origins == {Origin.LIVE}
    assert [(doubt.when.source, doubt.because.source) for doubt in mine.undecided] == [("size(self.stages) == 0", "nothing is built")]


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ("    origins: [cloud]\n", "p0.yaml:11:15: 'cloud' is not one of ['declared', 'planned', 'state', 'live', 'implied']"),
        ("    origins: []\n", "p0.yaml:11:5: origins: one or more of declared, planned, state, live, implied: of what was seen elsewhere the rule says nothing"),
        ("    undecided:\n      - {when: true}\n", "p0.yaml:12:9: 'because' is a required property"),
        ("    undecided:\n      - {when: self.stage, because: x}\n", "p0.yaml:12:16: mine: undecided: self has no field 'stage'; did you mean 'stages'?"),
        ("    undecided:\n      - {when: size(self.stages), because: x}\n", "p0.yaml:12:16: mine: undecided: must be bool, is int"),
        ("    undecided:\n      - {when: true, because: \"{{ self.nam }}\"}\n", "p0.yaml:12:35: mine: undecided: self has no field 'nam'"),
    ],
)
def test_what_is_wrong_with_an_origin_or_a_doubt(tmp_path: Path, more: str, problem: str) -> None:
    assert problems(tmp_path, "pack: mine\nrules:\n" + rule() + more) == [problem]


def test_a_pack_is_loaded_beside_the_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("pack: mine\nrules:\n" + rule() + "    when: true\n    never: [unknown]\n", "utf-8")
    shipped = load_rules(())
    rules = load_rules((tmp_path,))
    assert len(rules.rules) == len(shipped.rules) + 1
    mine = rules.rules[-1]
    assert (mine.id, mine.subjects, mine.never, mine.why) == ("mine", ("docker/Dockerfile",), ("unknown",), "One sentence.")
    assert mine.when is not None
    assert mine.when.source == "true"
    assert (mine.location.line, mine.places["assert"].line) == (3, 8)


def test_controls_of_the_catalogue() -> None:
    controls = {control.id: control for control in load_rules(()).controls}
    assert controls["cloudrun-min-instances"].parameters == {"expected": "int"}
    assert isinstance(controls["wif"].severity, Severity)
    assert isinstance(controls["wif"].fold, Fold)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (rule(control="dockerfile-multistag"), "p0.yaml:4:5: no control is called 'dockerfile-multistag'; did you mean 'dockerfile-multistage'?"),
        (rule(subject="docker/Dockerfil"), "p0.yaml:7:5: no kind is called 'docker/Dockerfil'; did you mean 'docker/Dockerfile'?"),
        (rule(assertion="size(self.stagez) > 1"), "p0.yaml:8:18: mine: assert: self has no field 'stagez'; did you mean 'stages'?"),
        (rule(assertion="sise(self.stages) > 1"), "p0.yaml:8:13: mine: assert: no function is called 'sise'; did you mean 'size'?"),
        (rule(assertion="size(self.stages)"), "p0.yaml:8:13: mine: assert: must be bool, is int"),
        (rule(assertion="size(self.stages) >"), "p0.yaml:8:32: mine: assert: unexpected 'end of expression'"),
        (rule(assertion="|\n      true\n        && self.stagez == null"), "p0.yaml:10:12: mine: assert: self has no field 'stagez'; did you mean 'stages'?"),
        (rule() + "    when: self.final\n", "p0.yaml:11:11: mine: when: must be bool, is int"),
        (rule() + '    message: {violated: "has {{ self.stagez }}"}\n', "p0.yaml:11:33: mine: message: self has no field 'stagez'; did you mean 'stages'?"),
        (rule() + "    point_at: self.stagez\n", "p0.yaml:11:15: mine: point_at: self has no field 'stagez'; did you mean 'stages'?"),
        (
            rule() + "    parameters: {expected: int}\n",
            "p0.yaml:3:5: the control dockerfile-multistage has no parameter 'expected' of type int",
        ),
        (rule() + "    titel: x\n", "p0.yaml:11:5: unknown key 'titel'; did you mean 'title'?"),
        (rule().replace("One sentence.", "no period"), "p0.yaml:6:5: why: one or more sentences, the last with its period"),
        (rule().replace("[https://example.com/]", "[]"), "p0.yaml:10:5: references: one or more addresses of documentation"),
        (rule(id="dockerfile-ships-only-final-stage"), "p0.yaml:3:5: another rule is called 'dockerfile-ships-only-final-stage'"),
    ],
)
def test_an_error_says_where_and_what(tmp_path: Path, text: str, expected: str) -> None:
    assert problems(tmp_path, "pack: mine\nrules:\n" + text) == [expected]


def test_an_expression_folded_over_lines_is_placed_at_its_key(tmp_path: Path) -> None:
    found = problems(tmp_path, "pack: mine\nrules:\n" + rule(assertion="size(self.stages) > 1\n      && self.stagez == null"))
    assert found == ["p0.yaml:8:5: at 'self.stagez == null': mine: assert: self has no field 'stagez'; did you mean 'stages'?"]


def test_all_errors_of_all_packs_are_told_at_once(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        "pack: one\nrules:\n" + rule(id="a", assertion="self.x") + rule(id="b", assertion="self.y"),
        "pack: two\nrules:\n" + rule(id="c") + "    titel: x\n" + rule(id="d", subject="x/Y"),
    )
    assert [line.split(" ")[0] for line in found] == ["p1.yaml:11:5:", "p0.yaml:8:13:", "p0.yaml:16:13:", "p1.yaml:16:5:"]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (
            "{name: images, from: docker/Dockerfile, to: docker/BuildContext, keys: {fiel: dockerfile}}",
            "docker/Dockerfile has no field 'fiel'; did you mean 'file'?",
        ),
        (
            "{name: images, from: docker/Dockerfile, to: docker/BuildContext, keys: {file: dockerfiles}}",
            "docker/BuildContext has no field 'dockerfiles'; did you mean 'dockerfile'?",
        ),
        (
            "{name: images, from: docker/Dockerfile, to: docker/BuildContext, keys: {stages: dockerfile}}",
            "docker/Dockerfile: stages is neither a text or number nor a list of them: nothing can be joined on it",
        ),
        (
            "{name: images, from: docker/Dockerfile, to: docker/BuildContext, keys: {file.name: dockerfile}}",
            "docker/Dockerfile: file has no fields, so none called 'name'",
        ),
        (
            "{name: stages, from: docker/Dockerfile, to: docker/BuildContext, keys: {file: dockerfile}}",
            "the relation 'stages' would hide the field of that name of docker/Dockerfile",
        ),
        (
            "{name: contexts, from: docker/Dockerfile, to: docker/BuildContext, keys: {file: dockerfile}}",
            "docker/Dockerfile has another relation called 'contexts'",
        ),
        (
            "{name: images, from: docker/Dockerfil, to: docker/BuildContext, keys: {file: dockerfile}}",
            "no kind is called 'docker/Dockerfil'; did you mean 'docker/Dockerfile'?",
        ),
    ],
)
def test_a_relation_that_would_join_nothing_is_an_error(tmp_path: Path, row: str, expected: str) -> None:
    assert problems(tmp_path, f"pack: mine\nrelations:\n  - {row}\n") == [f"p0.yaml:3:5: {expected}"]


def test_a_relation_adds_a_list_to_the_shape(tmp_path: Path) -> None:
    relation = "relations:\n  - {name: images, from: docker/Dockerfile, to: docker/BuildContext, keys: {file: dockerfile}}\n"
    good = "pack: mine\n" + relation + "rules:\n" + rule(assertion="self.images.exists(i, i.dockerfile == '')")
    (tmp_path / "good").mkdir()
    (tmp_path / "good" / "p.yaml").write_text(good, "utf-8")
    assert load_rules((tmp_path / "good",)).relations[-1].name == "images"
    assert problems(tmp_path, good.replace("i.dockerfile", "i.dockerfil")) == [
        "p0.yaml:10:35: mine: assert: i has no field 'dockerfil'; did you mean 'dockerfile'?"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pack: [\n", "p0.yaml:2: not valid YAML: did not find expected node content"),
        ("pack: mine\nrulez: []\n", "p0.yaml:1: a rule pack has `rules`"),
        ("- 1\n", "p0.yaml:1: a rule pack has `rules`"),
        ("pack: mine\nrules: 1\n", "p0.yaml:2:1: 1 is not of type 'array'"),
        ("pack: mine\nrules: [1]\n", "p0.yaml:2:9: 1 is not of type 'object'"),
        ("rules: []\n", "p0.yaml:1:1: 'pack' is a required property"),
    ],
)
def test_what_is_no_pack(tmp_path: Path, text: str, expected: str) -> None:
    assert problems(tmp_path, text) == [expected]


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RuleSetError, match=r"p\.yaml: cannot be read"):
        load_rules((tmp_path,))


def test_a_directory_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(RuleSetError, match="no such directory of rule packs"):
        load_rules((tmp_path / "nope",))


def test_a_control_twice_in_the_catalogue(tmp_path: Path) -> None:
    found = problems(tmp_path, "controls:\n  - {id: wif, title: Again, severity: low, fold: each}\n")
    assert found == ["the control 'wif' is in the catalogue 2 times"]


def test_a_control_of_a_pack_of_yours(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("controls:\n  - {id: ours, title: Ours, severity: low, fold: any}\n", "utf-8")
    (tmp_path / "p.yaml").write_text("pack: mine\nrules:\n" + rule(control="ours"), "utf-8")
    assert load_rules((tmp_path,)).controls[-1].fold is Fold.ANY


def test_broken_relations_are_told_once(tmp_path: Path) -> None:
    """A rule that uses a relation which could not be read is not told to have a field too many."""
    pack = "pack: mine\nrelations:\n  - {name: images, form: docker/Dockerfile}\nrules:\n" + rule(assertion="size(self.images) > 0")
    found = problems(tmp_path, pack)
    assert found
    assert not [line for line in found if "no field" in line]

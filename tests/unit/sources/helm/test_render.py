from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gonogo.sources.helm.chart import Rendered, render_chart
from gonogo.sources.helm.render import Renderer
from gonogo.sources.helm.syntax import TemplateError, parse
from gonogo.sources.tree import open_tree


def render(text: str, **values: Any) -> str:
    template = parse(text)
    renderer = Renderer()
    renderer.define(template.defines)
    return renderer.render(template.body, {"Values": values}).text()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('image: "{{ .Values.image.repository }}:{{ $.Values.image.tag }}"', 'image: "${image.repository}:${image.tag}"'),
        ("tag: {{ .Values.image.tag | quote }}", 'tag: "${image.tag}"'),
        ("{{ .Values.l }}{{ .Values.missing }}", "[p]"),
    ],
)
def test_values_that_only_an_installation_gives_are_placeholders(text: str, expected: str) -> None:
    renderer = Renderer(placeholders=True)
    assert renderer.render(parse(text).body, {"Values": {"l": ["p"]}}).text() == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("at: {{ now | quote }}", 'at: "${now}"'), ("{{ randAlphaNum 5 | lower }}", "${randAlphaNum}"), ("{{ uuidv4 }}", "${uuidv4}")],
)
def test_what_each_installation_makes_anew_is_a_placeholder(text: str, expected: str) -> None:
    assert render(text) == expected


@pytest.mark.parametrize("text", ["{{ if .Values.image.tag }}x{{ end }}", "{{ .Values.image.tag | b64enc }}", "{{ .Chart.a.b }}"])
def test_what_must_be_known_to_render_still_fails_without_it(text: str) -> None:
    with pytest.raises(TemplateError):
        Renderer(placeholders=True).render(parse(text).body, {"Values": {}, "Chart": {}})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a {{- 1 -}} b", "a1b"),
        ("{{/* c */}}x{{- /* c */ -}} y", "xy"),
        ("{{ if .Values.a }}A{{ else if .Values.b }}B{{ else }}C{{ end }}", "B"),
        ("{{ range $i, $x := .Values.l }}{{ $i }}={{ $x }};{{ end }}", "0=p;1=q;"),
        ("{{ range .Values.l }}{{ if eq . \"q\" }}{{ break }}{{ end }}{{ . }}{{ end }}", "p"),
        ("{{ with .Values.none }}x{{ else }}y{{ end }}", "y"),
        ("{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $y := 3 }}{{ end }}{{ $x }}", "2"),
        ("{{ define \"t\" }}<{{ . }}>{{ end }}{{ include \"t\" 5 | upper }}", "<5>"),
        ("{{ .Values.missing }}|{{ (.Values.missing).deeper }}", "|"),
        ("{{with.Values.b}}{{.}}{{end}}", "true"),
        ("{{ `raw {{ x }}` }}", "raw {{ x }}"),
        ("{{ printf \"%05d %q %v\" 42 \"a\" true }}", '00042 "a" true'),
        ("{{ list 1 2 | toJson }}", "[1,2]"),
        ("{{ mustRegexMatch \"^a.c$\" \"abc\" }}", "true"),
    ],
)
def test_templates(text: str, expected: str) -> None:
    assert render(text, b=True, l=["p", "q"]) == expected


@pytest.mark.parametrize(
    "text",
    [
        "{{ if true }}", "{{ end }}", "{{ nope 1 }}", "{{ .Values.x.y }}", "{{ include \"t\" . }}", "{{ required \"x\" .Values.none }}", "{{ fail \"x\" }}",
        "{{ \"(a+)+\" | regexMatch \"(a+)+b\" }}", "{{ repeat 99999999 \"x\" }}", "{{ index .Values.l 9 }}", "{{ $x := randAlphaNum 5 }}", "{{ if now }}x{{ end }}", "{{ now | unixEpoch | add 1 }}", "{{ a", "{{ div 1 0 }}",
        "{{ define \"t\" }}{{ include \"t\" . }}{{ end }}{{ include \"t\" . }}",
        "{{ range $i := until 9999 }}{{ range until 9999 }}x{{ end }}{{ end }}",
    ],
)  # fmt: skip
def test_what_cannot_be_rendered_is_an_error_in_bounded_time(text: str) -> None:
    started = time.monotonic()
    with pytest.raises(TemplateError):
        render(text, l=[1])
    assert time.monotonic() - started < 5


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(alphabet="{}-. $abif end\n\"`|():=range/*0", max_size=80))
def test_any_text_renders_or_is_a_template_error(text: str) -> None:
    try:
        assert isinstance(render(text, a={"b": 1}), str)
    except TemplateError as error:
        assert str(error)


def chart(root: Path, **files: str) -> Rendered:
    (root / "templates").mkdir()
    (root / "Chart.yaml").write_text("apiVersion: v2\nname: c\nversion: 0.1.0\n")
    for name, text in files.items():
        (root / name.replace("__", "/").replace("_", ".", 1)).write_text(text)
    return render_chart(open_tree(root, exclude=()), "")


def test_production_values_are_laid_over_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "values-prod.yaml").write_text("a: 2\n")
    rendered = chart(tmp_path, values_yaml="a: 1\nb: 1\n", templates__x_yaml="kind: X\nv: {{ .Values.a }}{{ .Values.b }}\n")
    assert [d.value for d in rendered.documents] == [{"kind": "X", "v": 21}]
    assert rendered.values_files == ["values.yaml", "values-prod.yaml"]


def test_one_template_that_fails_costs_only_itself(tmp_path: Path) -> None:
    rendered = chart(tmp_path, templates__bad_yaml="a: {{ nope }}\n", templates__broken_yaml="a: [\n", templates__good_yaml="kind: X\n")
    assert [d.value for d in rendered.documents] == [{"kind": "X"}]
    assert [(f.file, f.line, f.template) for f in rendered.failures] == [("templates/bad.yaml", 1, True), ("templates/broken.yaml", 2, True)]


def test_files_of_the_chart_are_read_but_none_outside(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("outside")
    root = tmp_path / "chart"
    root.mkdir()
    rendered = chart(root, note_txt="inside", templates__x_yaml='a: {{ .Files.Get "note.txt" }}\nb: "{{ .Files.Get "../secret" }}"\n')
    assert [d.value for d in rendered.documents] == [{"a": "inside", "b": ""}]

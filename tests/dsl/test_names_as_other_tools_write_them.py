"""`${region}`, `{{ region }}` and the like: one error each, and its fix makes it what was meant."""

from __future__ import annotations

import pytest

from seatrial.compiler.passes.resolve import resolve
from seatrial.compiler.pipeline import read
from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.exchange import Notation, write
from seatrial.dsl.source import Source

SPEC = """let tag = v2
let size = 4..20
fleet f "Desk" {
  # ${comments} and {{ templates }} may say anything
  for region in north, south {
    demand tickets-$region { steady 10/s }
    pool desk-$region {
      serves tickets-$region { timeout 2s }
      image "registry.example/desk:$tag"
      agents $size
      each { concurrency 4; service mean 50ms, p99 100ms; startup 2s }
      scale on busy 60%
    }
  }
}
"""
WAYS = (
    "${%s}", "$(%s)", "{{%s}}", "{{ %s }}", "{{ .Values.%s }}", "{{- .Values.%s -}}", "{{ $.Values.%s }}",
    "{{ .Values.%s | default 3 }}", '{{ %s | default("3") }}', "{{ quote .Values.%s }}", "${%s:-3}", "${%s:?}",
)  # fmt: skip


def errors(text: str) -> list[Diagnostic]:
    return [one for one in read(Source("s.fleet", text)).diagnostics if one.is_error]


def mended(text: str, found: list[Diagnostic]) -> str:
    for one in sorted(found, key=lambda one: -one.fixes[0].span.start):
        fix = one.fixes[0]
        text = text[: fix.span.start] + fix.new + text[fix.span.end :]
    return text


@pytest.mark.parametrize("way", [*WAYS, "{%s}"])
def test_in_a_name(way: str) -> None:
    written = SPEC.replace("desk-$region", f"desk-{way % 'region'}")
    found = errors(written)
    assert [one.message for one in found] == [f"`{way % 'region'}` is not how a name is put in"]
    assert mended(written, found) == SPEC


@pytest.mark.parametrize("way", WAYS)
def test_what_follows_in_a_name_is_no_unit(way: str) -> None:
    written = SPEC.replace("desk-$region", f"desk-{way % 'region'}s")
    found = errors(written)
    assert len(found) == 1 and mended(written, found) == SPEC.replace("desk-$region", "desk-$regions")


@pytest.mark.parametrize("way", WAYS)
def test_as_a_value(way: str) -> None:
    written = SPEC.replace("agents $size", f"agents {way % 'size'}")
    found = errors(written)
    assert len(found) == 1 and mended(written, found) == SPEC


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("value", "unit"), [("10/s", "/s"), ("50ms", "ms"), ("60%", "%")])
def test_a_unit_behind_it_belongs_to_the_value(way: str, value: str, unit: str) -> None:
    sound = f"let one = {value}\n" + SPEC.replace(value, "$one", 1)
    written = sound.replace("$one", way % "one" + unit)
    (found,) = errors(written)
    assert found.help == f"write `$one`; the unit belongs to its value: `let one = …{unit}`"
    assert mended(written, [found]) == sound and not errors(sound)


@pytest.mark.parametrize(
    "step", ["{{- if .Values.x }}", "{{ end }}", "{{ else }}", "{{- /* why */}}", "{% for a in b %}"]
)
def test_a_step_of_a_template_is_told_once(step: str) -> None:
    (found,) = errors(SPEC.replace("      agents $size", f"{step}\n      agents $size"))
    assert found.message == f"`{step}` is a step of a template, which is not carried out here"


def test_in_a_text_where_there_is_such_a_name() -> None:
    written = SPEC.replace(":$tag", ":${tag}")
    found = errors(written)
    assert len(found) == 1 and mended(written, found) == SPEC
    assert not errors(SPEC.replace('"Desk"', '"Desk ${of} all"'))


def test_each_is_told() -> None:
    written = SPEC.replace("desk-$region", "desk-${region}").replace("agents $size", "agents ${size}")
    found = errors(written)
    assert len(found) == 2 and mended(written, found) == SPEC


def test_a_word_is_a_value_in_the_other_form_too() -> None:
    """What is checked can be converted."""
    first = read(Source("s.fleet", SPEC))
    assert first.file is not None
    images = []
    for notation in (Notation.YAML, Notation.JSON):
        text = write(first.file, notation)
        assert isinstance(text, str)
        fleet, _ = resolve(read(Source(f"s.{notation.value}", text)).clauses, {})
        assert fleet is not None
        images += [one.image.value for one in fleet.pools if one.image is not None]
    assert images == ["registry.example/desk:v2"] * 4


@pytest.mark.parametrize("value", ["v2 v3", "3s, 4s", "mean 30ms"])
def test_a_name_stands_for_one_value(value: str) -> None:
    (found,) = errors(SPEC.replace("let tag = v2", f"let tag = {value}"))
    assert found.code == "ST1004" and "expected the end of the line" in found.message


@pytest.mark.parametrize(
    ("written", "meant"), [("{{ 20 }}/s", "20/s"), ("{{20/s}}", "20/s"), ("{{- 20.5 -}}/s", "20.5/s")]
)
def test_a_figure_in_the_braces_of_a_template_is_one_error(written: str, meant: str) -> None:
    text = f"fleet f {{ demand d {{ steady {written} }}; pool p {{ serves d; agents 3 }} }}"
    (found,) = errors(text)
    assert written in found.message and mended(text, [found]) == text.replace(written, meant)

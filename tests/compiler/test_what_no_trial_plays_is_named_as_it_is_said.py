"""A trial's note names what the spec says and the local fleet leaves out, and nothing that the spec does not say."""

from __future__ import annotations

from seatrial.compiler.pipeline import Variant, judge, read
from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.source import Source

SPEC = """fleet f {{
  demand d {{ steady 10/s }}
  pool p {{
    serves d {{ {route} }}
    agents 10
    each {{ concurrency 4; service mean 100ms, p99 300ms }}
  }}
  queue w {{ feeds p; age at most 30s; {queue} }}
  trial t
  environment drill {{ pool p {{ serves d {{ route least loaded }} }} }}
}}"""


def told(route: str, queue: str, environment: str | None = None) -> list[Diagnostic]:
    source = Source("f.fleet", SPEC.format(route=route, queue=queue))
    found = judge(read(source, variant=Variant(environment)), {}).diagnostics
    assert not [one.message for one in found if one.is_error and not one.guarantee]
    return [one for one in found if one.code == "ST8004"]


def test_a_queue_that_only_has_an_age_is_played() -> None:
    assert told("route least loaded", "") == []


def test_each_clause_is_named_in_its_words_with_its_place_and_what_happens_instead() -> None:
    (found,) = told("route by success", "order priority; batch up to 5")
    assert found.message == "trial t does not play `route by success`, `order priority`, `batch up to 5`"
    assert [(one.span.text, one.text) for one in found.labels] == [
        ("route by success", "attempts go to the less loaded of two agents"),
        ("priority", "the first that came is the next"),
        ("5", "an agent takes them one by one"),
    ]


def test_the_way_out_is_told_and_works() -> None:
    (found,) = told("route by success", "")
    assert found.help == "an `environment` for trials may say what is played: `route least loaded`"
    assert told("route by success", "", "drill") == []


def test_whoever_cannot_have_the_spec_read_yet_is_not_told_of_trials() -> None:
    text = SPEC.format(route="route by success", queue="").replace("agents 10", "agents 10; on nothing-of-that-name")
    found = judge(read(Source("f.fleet", text)), {}).diagnostics
    assert {one.is_error for one in found} == {True}

"""A clash is told of its own nodes and pods, and no figure is rounded onto the one that it is held against."""

from __future__ import annotations

from seatrial.compiler.verify.words import needed, seconds_beside

from .specs import proved, refuted

GPUS = """fleet f {{
  nodes plain {{ count 4; cpu 8; memory 32Gi }}
  nodes a {{ count {a}; cpu 8; memory 32Gi; gpu 2 }}
  nodes b {{ count 9; cpu 8; memory 32Gi; gpu 1 }}
  pool big {{ on a; agents 8; each {{ cpu 1; memory 1Gi; gpu 1 }} }}
  pool small {{ on b; agents 2; each {{ cpu 1; memory 1Gi; gpu 1 }} }}
}}"""


def test_gpus_are_told_of_the_class_that_lacks_them_where_it_stands() -> None:
    # 8 agents and 2 more as they are updated, on 4 nodes of 2; what is left on b helps nobody.
    finding = refuted(GPUS.format(a=4), "nodes/fit")
    assert finding.witness == "in a rolling update 10 pods (10 of big) need 10 gpus, 4 nodes of a have 8"
    assert finding.at.text == "nodes a"
    proved(GPUS.format(a=5), "nodes/fit")


def test_what_does_not_fit_without_an_update_is_told_without_it_first() -> None:
    said, _, more = refuted(GPUS.format(a=3), "nodes/fit").witness.partition("; ")
    assert said == "8 pods (8 of big) need 8 gpus, 3 nodes of a have 6"
    assert more.startswith("in a rolling update 10 pods")


def test_a_bound_just_over_its_limit_is_told_apart_from_it() -> None:
    assert seconds_beside(30.02, 30) == "30.02 s" and seconds_beside(31, 30) == "31 s"
    assert seconds_beside(30, 30) == "30 s"


def test_one_agent_is_needed() -> None:
    assert needed(1, 8) == "1 agent of concurrency 8 is needed" and needed(2) == "2 agents are needed"

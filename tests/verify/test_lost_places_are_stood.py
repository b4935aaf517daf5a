"""What a lost zone or node takes of a pool, against the peak."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.compiler.semantics.spreading import evenly

from .specs import core, findings, judged, proved, refuted, unknown

SPEC = """fleet f {
  nodes m { count 9; cpu 8; memory 32Gi; zones 3 }
  survive loss of 1 zone
  demand d { steady 20/s; peak 27/s for 4h every 1d }
  pool p { serves d { timeout 10s }; agents 9
    each { cpu 1; memory 1Gi; concurrency 2; service mean 500ms, p99 1500ms; startup 2m } }
}"""


def test_a_zone_takes_its_part_of_the_agents_as_a_loss_of_so_many_does() -> None:
    found = refuted(SPEC, "loss/p/zone")
    assert "at least 7 agents" in found.witness and "6 are left" in found.witness
    assert core(found) >= {"27/s", "9", "1"}
    told = refuted(SPEC.replace("1 zone", "3 agents of p"), "loss/p").witness
    assert told.partition(", ")[2] == found.witness.partition(", ")[2]
    proved(SPEC.replace("agents 9", "agents 12"), "loss/p/zone")


def test_more_zones_make_each_of_them_smaller() -> None:
    proved(SPEC.replace("zones 3", "zones 5"), "loss/p/zone")


def test_an_autoscaler_keeps_no_agents_for_the_zone() -> None:
    scaled = SPEC.replace("agents 9", "agents 4..30; scale on busy 90% { down over 5m }")
    assert "that run at the peak" in unknown(scaled, "loss/p/zone").reason
    proved(scaled.replace("busy 90%", "busy 50%").replace("4..30", "4..15"), "loss/p/zone")


def test_zones_without_a_node_take_nobody_and_give_no_place() -> None:
    refuted(SPEC.replace("count 9", "count 3").replace("zones 3", "zones 9"), "loss/p/zone")


def test_a_node_takes_as_many_as_fit_on_it() -> None:
    nodes = SPEC.replace("loss of 1 zone", "loss of 1 node")
    # Eight fit on one of nine nodes, and one is on each where they are spread.
    assert "8 of 9 agents" in unknown(nodes, "loss/p/node").reason
    proved(nodes.replace("cpu 8", "cpu 2"), "loss/p/node")
    refuted(nodes.replace("1 node", "3 nodes"), "loss/p/node")


def test_a_node_takes_no_more_than_have_a_gpu_on_it() -> None:
    nodes = SPEC.replace("loss of 1 zone", "loss of 1 node").replace("32Gi;", "32Gi; gpu 1;")
    told = proved(nodes.replace("each { cpu 1;", "each { gpu 1; cpu 1;"), "loss/p/node").margin
    assert "1 of 9 agents" in told


def test_a_loss_of_every_place_and_a_pool_that_nobody_calls_are_not_told_here() -> None:
    assert "loss/p/zone" not in findings(SPEC.replace("1 zone", "3 zones"))
    assert "loss/q/zone" not in findings(SPEC.replace("  pool p", "  pool q { agents 1 }\n  pool p"))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 12), st.integers(1, 5), st.integers(1, 9), st.integers(1, 4), st.integers(1, 40))
def test_what_is_left_is_counted_as_by_hand(agents: int, zones: int, nodes: int, lost: int, rate: int) -> None:
    text = f"""fleet f {{
  nodes m {{ count {nodes}; cpu 64; memory 256Gi; zones {zones} }}
  survive loss of {lost} zone
  demand d {{ steady {rate}/s }}
  pool p {{ serves d; agents {agents}; each {{ cpu 1; memory 1Gi; concurrency 2; service mean 500ms, p99 500ms }} }}
}}"""
    real = [zone for zone in range(zones) if zone < nodes]
    held = dict.fromkeys(real, 0)
    for _ in range(agents):
        held[min(held, key=lambda zone: held[zone])] += 1
    found = judged(text if lost == 1 else text.replace(" zone\n", " zones\n"))
    if lost >= len(real):
        assert "loss/p/zone" not in found
        return
    left = sum(sorted(held.values())[: len(real) - lost])
    status = found["loss/p/zone"].status
    assert (status == "refuted") == (rate / 2 >= left * 2)
    assert status == "refuted" or status == "proved" or rate / 2 * 1.001 >= left * 2


def test_who_is_sent_away_is_sent_from_any_zone() -> None:
    """Ten of 30 are in a zone at the largest size, and all of them may stay: of 13 three are left elsewhere."""
    scaled = SPEC.replace("agents 9", "agents 4..30; scale on busy 50% { down over 5m }")
    found = unknown(scaled, "loss/p/zone")
    assert "10 of 13 agents that run at the peak (an even part of 30 may have stayed in it)" in found.reason
    assert "a lower maximum" in found.remedy
    assert (
        "with 5 of 13 agents that run at the peak, p has"
        in proved(scaled.replace("4..30", "4..13"), "loss/p/zone").margin
    )


@given(st.integers(1, 20), st.integers(2, 4), st.integers(1, 3), st.lists(st.integers(0, 20), max_size=12), st.data())
def test_no_course_of_growing_and_shrinking_leaves_more_in_the_zones_that_are_lost(
    most: int, zones: int, lost: int, sizes: list[int], data: st.DataObject
) -> None:
    """One by one: who starts goes to a zone that has no more than any other, who leaves leaves from anywhere."""
    held = [0] * zones
    for size in (min(size, most) for size in sizes):
        while sum(held) < size:
            free = [zone for zone in range(zones) if held[zone] == min(held)]
            held[data.draw(st.sampled_from(free))] += 1
        while sum(held) > size:
            held[data.draw(st.sampled_from([zone for zone in range(zones) if held[zone]]))] -= 1
    assert sum(sorted(held, reverse=True)[:lost]) <= sum(evenly(most, zones)[:lost])

"""A pool that works off a queue and is called besides: items go to whoever is free, calls to one who may not be."""

from __future__ import annotations

from .specs import proved, unknown

SPEC = """fleet f {
  demand items { steady 60/s }
  demand d { steady 20/s }
  pool front { serves d; agents 2; each { concurrency 500; service mean 1ms, p99 1ms } }
  pool p { serves items; agents 10; each { concurrency 1; service mean 100ms, p99 300ms } }
  queue q { feeds p; alert above 900 }
  call front -> p { limit 100 in flight }
  guarantee latency p99 < 10s
}"""


def test_neither_waits_as_in_one_queue_for_both() -> None:
    # Simulated, items first: 743 ms at p99 of d, where one queue for all would keep 486.
    for id in ("latency/d/p99", "latency/items/p99"):
        assert "front calls p besides" in unknown(SPEC, id).reason
    assert "works off a queue too" in unknown(SPEC, "limits/front->p").reason


def test_agents_that_are_never_busy_together_may_each_be_busy() -> None:
    # Of all ten at once hardly ever, but three are, and a call is sent to any of the ten.
    some = SPEC.replace("steady 60/s", "steady 29/s").replace("steady 20/s", "steady 1/s")
    unknown(some, "latency/d/p99")


def test_where_hardly_anybody_waits_it_does_not_matter() -> None:
    idle = SPEC.replace("concurrency 1;", "concurrency 100;")
    proved(idle, "latency/d/p99")
    proved(idle, "latency/items/p99")


def test_calls_of_other_pools_alone_are_no_items_that_wait_in_one_queue() -> None:
    called = SPEC.replace("serves items; ", "").replace("demand items { steady 60/s }", "").replace("20/s", "80/s")
    without = called.replace("queue q { feeds p; alert above 900 }", "")
    assert "queue" in called and proved(called, "latency/d/p99").bound == proved(without, "latency/d/p99").bound

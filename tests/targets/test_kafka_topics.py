"""Topics hold what their queues promise, and say what they cannot."""

from __future__ import annotations

from fractions import Fraction as F
from typing import Any

import pytest

from seatrial.compiler.model import QueueOrder
from seatrial.compiler.plan import Plan
from seatrial.compiler.plan_containment import Containment
from seatrial.targets import emit_all

from . import plans
from .emitted import read


def fleet(**changes: object) -> Plan:
    pools = (plans.pool("p", agents_min=4, agents_max=4),)
    return plans.fleet(pools=pools, containment=Containment(queues=(plans.queue("work", "p", **changes),)))


def topic(plan: Plan) -> Any:
    return read(plan, "kafka/", ("kafka",))["kafka/work-topic.yaml"]["spec"]


@pytest.mark.parametrize(("age", "kept"), [(F(90), 90_000), (F(1, 3), 334), (None, -1)])
def test_nothing_goes_before_its_age(age: F | None, kept: int) -> None:
    config = topic(fleet(age_seconds=age))["config"]
    assert (config["retention.ms"], config["retention.bytes"]) == (kept, -1)


def test_a_shard_is_a_partition() -> None:
    assert topic(fleet(shards=7))["partitions"] == 7


@pytest.mark.parametrize(("shards", "idle"), [(3, True), (4, False), (5, False)])
def test_agents_without_a_partition_that_were_proved_with_are_refused(shards: int, idle: bool) -> None:
    found = {one.code: one for one in emit_all(fleet(shards=shards), ("kafka",))[1]}
    assert ("ST7088" in found) is idle
    assert not idle or found["ST7088"].is_error


@pytest.mark.parametrize(
    ("clause", "word"),
    [
        ({"order": QueueOrder.DEADLINE}, "order deadline"),
        ({"bound": 50}, "holds at most 50"),
        ({"age_seconds": F(90)}, "deletes what is older"),
        ({"batch": 20}, "`max.poll.records`"),
        ({"by_skill": True}, "shards by skill"),
    ],
)
def test_what_a_topic_cannot_do_is_told(clause: dict[str, Any], word: str) -> None:
    (found,) = (one for one in emit_all(fleet(**clause), ("kafka",))[1] if one.code == "ST7089")
    (note,) = found.notes
    assert word in note


def test_a_fleet_without_queues_has_no_topic() -> None:
    assert emit_all(plans.small(), ("kafka",))[1] == ()
    assert read(plans.small(), "kafka/", ("kafka",)) == {}

"""The quota of the namespace for a pool whose autoscaler goes to and fro."""

from __future__ import annotations

import pytest

from seatrial.compiler.lower import lower
from tests.verify.specs import fleet_of

FLAPPING = """fleet f {{
  demand d {{ steady 9/s }}
  pool a {{ serves d; agents {agents}; drain {drain}; each {{ service mean 9ms, p99 30ms }}; {scale} }}
}}"""
SCALE = "scale on busy 50% { down over 5m; at most 100% per 15s }"


@pytest.mark.parametrize(
    ("agents", "drain", "scale", "most"),
    [
        ("2..20", "10s", SCALE, 34),  # an update, 5 start and 5 leave; 4 more are replaced as it shrinks
        ("2..20", "30s", SCALE, 51),  # from 5, doubled twice, to 20
        ("2..20", "2m", SCALE, 67),  # all but the minimum, and what is replaced on eight steps down
        ("20", "2m", "", 30),
    ],
)
def test_a_plan_has_room_for_the_agents_that_still_leave(agents: str, drain: str, scale: str, most: int) -> None:
    (pool,) = lower(fleet_of(FLAPPING.format(agents=agents, drain=drain, scale=scale)), (), "0", "").pools
    assert pool.agents_max + pool.surge + pool.leaving == most

"""What a strike leaves may do all that is asked of it, and those who wait for it longer than before are too late."""

from __future__ import annotations

import pytest

from seatrial.compiler.verify import Status

from .specs import findings


def _failing(fault: str, agents: int) -> float:
    """Of the users' requests, at the most: each holds one of the desk's slots for 100 ms, 10 agents' worth in all."""
    found = findings(
        f"""fleet f {{
        demand users {{ steady 100/s }}
        pool desk {{
          serves users {{ timeout 1s; retry 1 }}
          agents {agents}
          each {{ concurrency 1; service mean 50ms, p99 50ms; startup 5s }}
        }}
        pool store {{ agents 40; each {{ concurrency 4; service mean 50ms, p99 50ms; startup 5s }} }}
        call desk -> store {{ timeout 10s; retry 2 }}
        guarantee success 1%
        trial t {{ duration 100s; {fault} }}
        }}"""
    )
    bound = found["success/users"].bound
    assert bound is not None
    return 1 - float(bound)


DELAY, KILL = "delay desk -> store 50ms at 20s for 50s", "kill 2 agents of desk at 20s"


@pytest.mark.parametrize("fault", [DELAY, KILL])
def test_few_agents_that_are_nearly_all_busy_make_many_late(fault: str) -> None:
    few, many = _failing(fault, 17 if fault is DELAY else 13), _failing(fault, 60)
    assert few > 10 * many


def test_a_longer_delay_makes_no_fewer_late() -> None:
    shares = [_failing(DELAY.replace("50ms", f"{ms}ms"), 20) for ms in (1, 20, 40, 60)]
    assert shares == sorted(shares)


def test_who_waits_when_it_is_over_makes_others_wait_for_a_while() -> None:
    short, long = (_failing(DELAY.replace("50s", f"{lasts}s"), 16) for lasts in (1, 50))
    # Both grow by as much for each second more; the delay itself is felt for 50 ms more.
    besides = (50 * short - long) / (long - short)
    assert besides > 5 * 0.05


def test_where_too_much_is_asked_at_rest_too_nothing_is_proved() -> None:
    # Waits without end are not waits that are worked off: this ended with a fault of its own.
    found = findings("""fleet f {
      demand d { steady 1/s; peak 34/s }
      dependency api { limit 100 requests/s; latency p50 20ms, p99 90ms }
      pool p { serves d { timeout 2s; retry 2 }; agents 3; each { startup 5s; service mean 5ms, p99 6ms } }
      pool q { agents 1..2; scale on busy 90%; each { startup 5s; service mean 5ms, p99 6ms } }
      call p -> q { timeout 100ms; break after 3 errors { eject at most 10% for 10s } }
      call p -> api { timeout 40ms }
      call q -> api { timeout 40ms }
      guarantee success 95%
      trial t { duration 60s; kill 20% of p at 20s }
    }""")
    assert found["success/d"].status is Status.UNKNOWN

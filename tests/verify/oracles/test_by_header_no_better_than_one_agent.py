"""A pool that is sent to by header may be one agent with all requests, and others that nobody wants: nothing that is
proved of it is better than of that one."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status

from ..specs import judged
from .trying import cases

FAULTS = ("kill 1 agent of p at 8s", "hang 1 agent of p at 8s for 4s", "delay front -> p 1s at 8s for 4s")
BOUNDED = ("latency/d/p95", "success/d", "recovery")


def _fleet(agents: str, route: str, rate: int, slots: int, policy: str, fault: str) -> str:
    return f"""fleet f {{
      demand d {{ steady {rate}/s; peak {2 * rate}/s for 10m every 1h }}
      pool front {{ serves d {{ timeout 60s }}; agents 3; each {{ concurrency 500; service mean 1ms, p99 1ms }} }}
      pool p {{ agents {agents}; each {{ concurrency {slots}; service mean 100ms, p99 300ms; startup 2s }} }}
      pool back {{ agents 4; each {{ concurrency 99; service mean 20ms, p99 60ms }} }}
      call p -> back {{ limit 6 in flight; admit at most 60/s, burst 20 }}
      call front -> p {{ {route}; timeout 50s; {policy} }}
      survive a storm of retries
      guarantee latency p95 < 1h
      guarantee success 1%
      guarantee recovery within 1h
      guarantee throughput of d {2 * rate}/s
      trial t {{ duration 5m; {fault} }}
    }}"""


@cases
def test_no_bound_is_better_than_that_of_one_agent(cases: int) -> None:
    @settings(max_examples=cases)
    @given(
        st.sampled_from(("2", "9", "2..9; scale on busy 50%", "5..20; scale on in flight 3 per agent")),
        st.integers(5, 60),
        st.integers(1, 24),
        st.sampled_from(("", "retry 1", "retry 2; break after 3 errors { eject at most 50% for 10s }")),
        st.sampled_from(FAULTS),
    )
    def check(agents: str, rate: int, slots: int, policy: str, fault: str) -> None:
        assume(rate <= slots * 15)
        by_header = judged(_fleet(agents, 'route by header "x"', rate, slots, policy, fault))
        # Where one is all that there is, none is put aside.
        alone = judged(_fleet("1", "route random", rate, slots, policy.partition("; break")[0], fault))
        # That others carry what a killed one did is no bound of it; and who is asked for too much passes on less.
        apart = (
            {"success/d", "admits/p->back"} if alone["capacity/p/peak"].status is not Status.PROVED else {"success/d"}
        )
        for id in (by_header.keys() & alone.keys()) - apart:
            if by_header[id].status is Status.PROVED:
                assert alone[id].status is Status.PROVED, (id, by_header[id], alone[id])
        for id in BOUNDED:
            of_all, of_one = by_header[id].bound, alone[id].bound
            if of_all is None or of_one is None or "break" in policy:
                continue
            # A share that succeeds, or a time.
            assert (of_all <= of_one) if id.startswith("success") else (of_all >= of_one), (id, of_all, of_one)

    check()

"""What a fault leaves behind: slots of callers, agents that are only late, and other faults that come meanwhile."""

from __future__ import annotations

import pytest

from .specs import proved, unknown

ONE_SLOT = "each { concurrency 1; service mean 100ms, p99 100ms; startup 10s }"


def chain(
    faults: str, *, agents: tuple[int, int] = (40, 20), slots: int = 4, serves: str = "timeout 1h", call: str = "50m"
) -> str:
    """100 requests a second hold 20 slots of x, and 10 of z that x calls, where few wait if an agent has several
    `slots`; y is for itself."""
    several = ONE_SLOT.replace("concurrency 1", f"concurrency {slots}")
    return f"""fleet f {{
  demand d {{ steady 100/s }}
  demand e {{ steady 50/s }}
  pool x {{ serves d {{ {serves} }}; agents {agents[0]}; {ONE_SLOT} }}
  pool z {{ agents {agents[1]}; {several} }}
  pool y {{ serves e {{ timeout 1h }}; agents 10; {ONE_SLOT} }}
  call x -> z {{ timeout {call} }}
  guarantee recovery within 1h
  trial t {{ duration 600s; {faults} }}
}}"""


@pytest.mark.parametrize(
    ("hang", "call", "run"),
    [("1 agents of z at 5s for 60s", "50m", 172.9), ("6 agents of z at 5s for 10s", "1s", 16.6)],
)
def test_who_waits_for_an_agent_that_hangs_keeps_a_slot_of_its_caller(hang: str, call: str, run: float) -> None:
    # Run request by request, sent in turn, it takes that long; it is a bound for what looks at agents too.
    text = chain(f"hang {hang}", agents=(30, 22), slots=1, call=call)
    bound = proved(text, "recovery").bound
    assert bound is not None and run < bound < run * 1.9
    # At random times requests wait for agents that are sent them in turn.
    in_turn = proved(text.replace(f"timeout {call} ", f"timeout {call}; route round robin "), "recovery").bound
    assert in_turn is not None and in_turn > 0.95 * bound


def test_requests_that_hung_agents_have_in_hand_are_worked_off_when_they_are_back() -> None:
    # It has 5/s x 30 s in hand, and does 10/s of which 5/s come anew.
    bound = proved(chain("hang 1 agents of y at 5s for 30s"), "recovery").bound
    assert bound is not None and round(bound) == 60


def test_agents_that_are_only_late_are_put_aside() -> None:
    def said(breaker: str) -> str:
        return chain("kill 30 agents of x at 5s", serves=f"timeout 1s; {breaker}")

    assert proved(said(""), "recovery").bound is not None
    few, many = (f"break after 2 errors {{ eject at most {share}% for 30s }}" for share in (10, 50))
    assert "requests wait up to" in unknown(said(many), "recovery").reason
    # Nine agents in ten are enough, in the end.
    assert proved(said(few), "recovery").bound is not None
    # Nobody waits while 30 are left.
    assert proved(said(many).replace("kill 30", "kill 10"), "recovery").bound == 11


def test_agents_are_put_aside_for_what_fails_behind_them() -> None:
    fault = "abort 100% of x -> z at 5s for 10s"
    less, more = (f"timeout 1s; break after 2 errors {{ eject at most {share}% for 30s }}" for share in (40, 60))
    assert proved(chain(fault, serves=less), "recovery").bound == 10 + 1 + 30 + 10
    reason = unknown(chain(fault, serves=more), "recovery").reason
    assert "d -> x" in reason and "60 %" in reason


def test_what_fails_at_struck_agents_is_done_again_further_up() -> None:
    # Half of the requests are tried again, and a quarter: x has twice as much to do.
    said = unknown(chain("kill 10 agents of z at 5s", serves="timeout 1h; retry 3"), "recovery").reason
    assert "tried again by d -> x" in said
    proved(chain("kill 10 agents of z at 5s"), "recovery")


@pytest.mark.parametrize("between", ["", "kill 1 agents of y at 8s; "])
def test_a_strike_on_what_another_one_left_short_is_unknown(between: str) -> None:
    def text(at: int) -> str:
        return chain(f"kill 11 agents of x at 5s; {between}kill 11 agents of x at {at}s")

    assert "the kill of x comes 9 s after the kill of x" in unknown(text(14), "recovery").reason
    assert proved(text(16), "recovery").bound == 11
    # Of forty agents those that are left are enough for 20 requests at once.
    assert proved(text(14).replace("kill 11", "kill 9"), "recovery").bound == 11


@pytest.mark.parametrize(
    ("fault", "serves", "open_"),
    [
        ("delay x -> z 175ms at 25s for 100s", "timeout 1h", True),
        ("hang 1 agents of z at 25s for 5s", "timeout 1h", True),
        ("abort 100% of x -> z at 25s for 100s", "timeout 1h", False),
        ("abort 100% of x -> z at 25s for 100s", "timeout 1h; retry 1 { backoff 1s up to 2s; budget 20% }", True),
        ("kill 1 agents of z at 25s", "timeout 1h", False),
        ("hang 1 agents of y at 25s for 5s", "timeout 1h", False),
    ],
)
def test_strikes_overlap_where_both_leave_the_same_agents_short(fault: str, serves: str, open_: bool) -> None:
    text = chain(f"kill 19 agents of x at 20s; {fault}", serves=serves)
    if open_:
        assert "comes 5 s after the kill of x" in unknown(text, "recovery").reason
    else:
        proved(text, "recovery")


def test_agents_that_are_still_aside_count_for_nothing_in_the_next_fault() -> None:
    serves = "timeout 1s; break after 2 errors { eject at most 40% for 30s }"
    abort, kill = "abort 100% of x -> z at 5s for 10s", "kill 20 agents of x at {}s"
    alone, meanwhile = (
        proved(chain(f"{abort}; {kill.format(at)}", serves=serves), "recovery").bound for at in (60, 40)
    )
    # A half of x is enough, and a tenth is not: 40 % are aside, and 50 % gone.
    assert alone == 51
    assert meanwhile is not None and meanwhile > 200


def test_a_pool_of_which_nobody_is_left_has_all_its_agents_for_the_backlog() -> None:
    # 11 s of requests that need a half of x.
    bound = proved(chain("kill 100% of x at 5s"), "recovery").bound
    assert bound is not None and 22 < bound < 23


def test_who_has_few_slots_waits_longest_beside_who_has_many() -> None:
    each = "service mean {}ms, p99 {}ms; startup 10s"
    text = f"""fleet f {{
      demand d {{ steady 80/s }}
      demand e {{ steady 18/s }}
      pool many {{ serves d {{ timeout 1h }}; agents 20; each {{ concurrency 8; {each.format(100, 100)} }} }}
      pool few {{ serves e {{ timeout 1h }}; agents 3; each {{ concurrency 1; {each.format(50, 50)} }} }}
      pool z {{ agents 8; each {{ concurrency 1; {each.format(50, 50)} }} }}
      call many -> z {{ timeout 50m }}
      call few -> z {{ timeout 50m }}
      guarantee recovery within 1h
      trial t {{ duration 600s; kill 5 agents of z at 5s }}
    }}"""
    # Run request by request, few has recovered after 28 to 37 s.
    bound = proved(text, "recovery").bound
    assert bound is not None and bound > 37

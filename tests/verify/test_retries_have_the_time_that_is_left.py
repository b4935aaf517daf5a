"""Who is tried again has what earlier tries left of each timeout above: no larger share succeeds than was simulated."""

from __future__ import annotations

from fractions import Fraction

import pytest

from seatrial.compiler.verify import Status

from .specs import findings


def _succeeds(serves: str, call: str, fault: str) -> Fraction:
    """In a trial of 60 s; who meets the fault is a third of the requests in half of it, or a quarter in a third."""
    found = findings(
        f"""fleet f {{
        demand users {{ steady 20/s }}
        pool desk {{ serves users {{ {serves} }}; agents 4; each {{ concurrency 8; service mean 100ms, p99 100ms }} }}
        pool store {{ agents 4; each {{ concurrency 8; service mean 200ms, p99 200ms; startup 20s }} }}
        pool shelf {{ agents 4; each {{ concurrency 8; service mean 20ms, p99 20ms }} }}
        call desk -> store {{ {call}; route random }}
        call store -> shelf {{ }}
        guarantee success 1%
        trial t {{ duration 60s; {fault} }}
        }}"""
    )
    one = found["success/users"]
    assert one.status is Status.PROVED and one.bound is not None
    return one.bound


ABORT, HANG, KILL = (
    "abort 30% of store -> shelf at 20s for 30s",
    "hang 1 agent of store",
    "kill 1 agent of store at 20s",
)


@pytest.mark.parametrize(
    ("serves", "call", "fault", "most"),
    [
        # The second try begins after 220 ms and a back-off, and takes as long.
        ("timeout 1h", "timeout 400ms; retry 1", ABORT, 0.86),
        # It begins after 900 ms.
        ("timeout 1h", "timeout 1s; try timeout 900ms; retry 1", f"{HANG} at 20s for 20s", 0.92),
        # The users wait for both tries.
        ("timeout 400ms", "retry 1", ABORT, 0.86),
        # And for the back-offs.
        ("timeout 325ms", "retry 3", KILL, 0.95),
        # And begin anew behind their own timeout.
        ("timeout 500ms; retry 1", "timeout 1h", ABORT, 0.86),
    ],
)
def test_what_begins_too_late_does_not_help(serves: str, call: str, fault: str, most: float) -> None:
    assert _succeeds(serves, call, fault) < most


@pytest.mark.parametrize(
    ("serves", "call", "fault"),
    [
        ("timeout 1h", "timeout 2s; retry 1", ABORT),
        ("timeout 1h", "timeout 3s; try timeout 900ms; retry 1", f"{HANG} at 20s for 20s"),
        ("timeout 2s", "retry 1", ABORT),
        ("timeout 2s", "retry 3", KILL),
        ("timeout 2s; retry 1", "timeout 1h", ABORT),
    ],
)
def test_with_time_for_them_retries_help(serves: str, call: str, fault: str) -> None:
    # Two of ten thousand fail by chance, of the aborted those that are aborted twice.
    assert _succeeds(serves, call, fault) > (0.954 if fault is ABORT else 0.995)


def test_who_waits_at_an_agent_is_lost_with_it() -> None:
    found = findings(
        """fleet f {
        demand users { steady 34/s }
        pool desk { serves users { route random }; agents 20; each { service mean 500ms, p99 500ms; startup 0s } }
        guarantee success 1%
        trial t { duration 60s; kill 1 agent of desk at 20s }
        }"""
    )
    # It is away for a second, and of the 0.85 requests in its one slot as many as 2.4 wait behind: 4.6 as simulated.
    one = found["success/users"]
    assert one.bound is not None and 1 - one.bound > Fraction(42, 34 * 600)

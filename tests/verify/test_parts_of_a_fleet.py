"""What a repair does not judge again could not have changed."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.compiler.model import Fleet
from seatrial.compiler.verify import Status, check
from seatrial.compiler.verify.check import judged_again, statuses
from seatrial.compiler.verify.decided import Decided, decide
from seatrial.compiler.verify.edits.rebuild import Path, is_sound, places, with_value
from seatrial.compiler.verify.parts import Parts

from .specs import fleet_of

PART = """
  demand d{n} {{ steady 30/s; peak 90/s for 10m every 1d; rises at most 60/s per 1m }}
  pool a{n} {{
    serves d{n} {{
      timeout 9s
      try timeout 4s
      retry 2 {{ budget 50% }}
      break after 3 errors {{ eject at most 40% for 10s }}
    }}
    agents 4..9
    each {{
      cpu 500m
      memory 512Mi
      price $0.02/h
      concurrency 4
      service mean 40ms, p99 150ms
      holds 2 connections to db
    }}
    scale on busy 40% {{ up within 3m; at most 100% per 15s }}
    disrupt at most 30%
  }}
  pool b{n} {{ agents 5; each {{ cpu 1; memory 1Gi; price $0.03/h; concurrency 8; service mean 50ms, p99 200ms }} }}
  call a{n} -> b{n} 0.8 per request {{
    timeout 2s
    limit 30 in flight
    break after 3 errors {{ eject at most 40% for 10s }}
  }}
  call b{n} -> db 1 per request {{ timeout 200ms }}
  consensus c{n} among b{n} {{ members 5; majority 1/2; tolerate 1 crashed; within 5s; round 200ms }}
"""
FLEET = fleet_of(
    "fleet f {\n  nodes n { count 9..30; cpu 16; memory 64Gi; zones 3; price $1/h }\n  survive loss of 1 zone\n"
    "  dependency db { limit 700 requests/s; connections 900; latency p50 3ms, p99 15ms }\n"
    + "".join(PART.format(n=n) for n in range(3))
    + "  budget compute $900/day\n  guarantee latency p99 < 2s\n  guarantee success 95% over 30d\n"
    "  guarantee recovery within 2m\n  guarantee amplification < 4\n"
    "  trial t { duration 60s; kill 25% of a1 at 20s; abort 5% of a2 -> b2 at 30s for 5s }\n}"
)
SHARED = fleet_of(
    "fleet f {\n"
    "  dependency llm { limit 80 requests/s; latency p50 80ms, p99 300ms }\n"
    + "".join(
        f"  demand {name} {{ steady 10/s; peak 12/s }}\n"
        f"  pool of-{name} {{ serves {name} {{ timeout 5s; retry 1 {{ budget 20% }} }}; agents 4..9\n"
        "    each { concurrency 8; startup 1s; service mean 60ms, p99 200ms }\n"
        "    scale on busy 40% { up within 3m } }\n"
        f"  call of-{name} -> llm {{ timeout 2s }}\n"
        f"  guarantee success of {name} 95% over 30d\n"
        f"  guarantee latency of {name} p99 < 4s\n"
        for name in ("asked", "told", "rare")
    )
    + "  quota requests 3000/min of llm { stop when used up; tenant x { weight 1 } }\n"
    "  trial t { duration 45s; kill 1 agent of of-told at 8s }\n}"
)
"""Parts that share no call, and a quota that one may use up for all."""
PARTS = Parts(FLEET)
Case = tuple[Fleet, Parts, dict[str, Status], Decided, list[list[Path]]]
CASES: list[Case] = [
    (fleet, Parts(fleet), statuses(fleet), decide(fleet), list(places(fleet).values())) for fleet in (FLEET, SHARED)
]


@pytest.mark.parametrize("case", CASES, ids=["alone", "shared"])
def test_judging_the_touched_parts_again_is_judging_all_again(case: Case) -> None:
    fleet, parts, before, decided, literals = case

    @settings(deadline=None, max_examples=60)
    @given(st.sampled_from(literals), st.sampled_from([Fraction(1, 100), Fraction(1, 3), Fraction(2), Fraction(50)]))
    def check_one(paths: list[Path], factor: Fraction) -> None:
        value: object = fleet
        for step in paths[0]:
            value = value[step] if isinstance(step, int) else getattr(value, step)  # type: ignore[index]
        changed = with_value(fleet, paths, Fraction(value.value) * factor)  # type: ignore[attr-defined]
        if not is_sound(changed):
            return
        whole = statuses(changed)
        touched = parts.touched(paths)
        again = {id: one.status for id, one in judged_again(changed, parts, touched).items()}
        assert {id: whole[id] for id in again} == again
        assert decided.again(changed).statuses == whole
        if touched is not None:
            # What was left out is as it was.
            assert all(whole[id] is before[id] for id in whole if id not in again)

    check_one()


def test_a_part_is_what_calls_join() -> None:
    names = [one.name for one in PARTS.alone(FLEET, PARTS.touched([("pools", 0)]) or frozenset()).pools]
    assert names == ["a0", "b0"]
    assert PARTS.touched([("dependencies", 0)]) is None


def test_who_draws_on_one_quota_may_be_refused_for_what_others_ask() -> None:
    quota = Parts(SHARED)
    assert quota.demands(quota.touched([("pools", 0)]) or frozenset()) == ("asked", "told", "rare")
    # Two others are struck.
    assert PARTS.demands(PARTS.touched([("pools", 0)]) or frozenset()) == ("d0", "d1", "d2")
    assert PARTS.demands(PARTS.touched([("pools", 2)]) or frozenset()) == ("d1", "d2")


def test_the_fleet_is_proved_so_that_changes_can_break_it() -> None:
    assert {one.status for one in check(FLEET)} == {Status.PROVED}

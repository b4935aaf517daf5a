"""What a repair does not judge again could not have changed."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status, check
from seatrial.compiler.verify.check import statuses, statuses_of
from seatrial.compiler.verify.decided import decide
from seatrial.compiler.verify.edits.rebuild import is_sound, places, with_value
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
    agents 4..40
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
    "  dependency db { limit 500 requests/s; connections 900; latency p50 3ms, p99 15ms }\n"
    + "".join(PART.format(n=n) for n in range(3))
    + "  budget compute $900/day\n  guarantee latency p99 < 2s\n  guarantee success 95% over 30d\n"
    "  guarantee recovery within 2m\n  guarantee amplification < 4\n"
    "  trial t { duration 60s; kill 25% of a1 at 20s; abort 5% of a2 -> b2 at 30s for 5s }\n}"
)
PARTS = Parts(FLEET)
BEFORE = statuses(FLEET)
DECIDED = decide(FLEET)
PLACES = list(places(FLEET).values())


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(PLACES), st.sampled_from([Fraction(1, 100), Fraction(1, 3), Fraction(2), Fraction(50)]))
def test_judging_the_touched_parts_again_is_judging_all_again(
    paths: list[tuple[str | int, ...]], factor: Fraction
) -> None:
    value: object = FLEET
    for step in paths[0]:
        value = value[step] if isinstance(step, int) else getattr(value, step)  # type: ignore[index]
    changed = with_value(FLEET, paths, Fraction(value.value) * factor)  # type: ignore[attr-defined]
    if not is_sound(changed):
        return
    whole = statuses(changed)
    touched = PARTS.touched(paths)
    again = statuses_of(changed, PARTS, touched)
    assert {id: whole[id] for id in again} == again
    assert DECIDED.again(changed).statuses == whole
    if touched is not None:
        # What was left out is as it was.
        assert all(whole[id] is BEFORE[id] for id in whole if id not in again)


def test_a_part_is_what_calls_join() -> None:
    names = [one.name for one in PARTS.alone(FLEET, PARTS.touched([("pools", 0)]) or frozenset()).pools]
    assert names == ["a0", "b0"]
    assert PARTS.touched([("dependencies", 0)]) is None


def test_the_fleet_is_proved_so_that_changes_can_break_it() -> None:
    assert {one.status for one in check(FLEET)} == {Status.PROVED}

"""What falls with something else, or is open because of it, is a note of that; what mends and breaks says so."""

from __future__ import annotations

from seatrial.compiler.verify import Status, check, to_diagnostics

from .specs import fleet_of

OVERLOADED = """fleet f {
  demand d { steady 100/s; peak 400/s }
  pool a { serves d { timeout 5s }; agents 20; each { concurrency 8; service mean 20ms, p99 50ms } }
  pool b { agents 10; each { concurrency 4; service mean 150ms, p99 250ms } }
  call a -> b { timeout 2s }
  guarantee latency p95 < 2s
}"""

BUDGET = """fleet f {
  demand d { steady 400/s }
  pool b { serves d { timeout 5s }; agents 10; each { concurrency 4; service mean 150ms, p99 250ms; price $1/h } }
  budget compute $250/day
}"""


def test_what_is_open_because_a_pool_is_overloaded_is_a_note_of_that() -> None:
    found = check(fleet_of(OVERLOADED))
    assert {one.id for one in found if one.status is Status.UNKNOWN} >= {"latency/d/p95"}
    told = to_diagnostics(found)
    overloaded = next(one for one in told if one.guarantee == "capacity/b/peak")
    assert overloaded.help.startswith("raise the maximum agents of b to ") or overloaded.help.startswith("raise the ")
    assert any(note.startswith("the same change decides") and "latency/d/p95" in note for note in overloaded.notes)
    assert not any(one.code == "ST2401" for one in told)


def test_agents_that_need_more_money_are_offered_with_the_money_or_it_is_said() -> None:
    told = [one for one in to_diagnostics(check(fleet_of(BUDGET))) if one.code == "ST2101"]
    words = " ".join((told[0].help, *told[0].notes))
    assert "agents of b to 16" in words and "budget" in words
    assert not told[0].help.startswith("it would hold")


def test_a_chain_that_multiplies_is_told_where_it_begins_to() -> None:
    calls = "\n".join(f"call p{at} -> p{at + 1} {{ timeout 9s; retry 3 }}" for at in range(5))
    pools = "\n".join(f"pool p{at} {{ {'serves d; ' if not at else ''}agents 3 }}" for at in range(6))
    found = check(fleet_of(f"fleet f {{ demand d {{ steady 1/s }}\n{pools}\n{calls}\nguarantee amplification < 10 }}"))
    assert sum(one.status is Status.REFUTED for one in found if one.kind == "amplification") == 4
    told = [one for one in to_diagnostics(found) if one.code == "ST4101"]
    assert len(told) == 1 and any("amplification/p3" in note for note in told[0].notes)

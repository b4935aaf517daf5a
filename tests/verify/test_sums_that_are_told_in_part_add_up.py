"""Where the largest parts of a sum are told, the others are told with what they come to."""

from __future__ import annotations

import re

import pytest

from .specs import refuted, unknown

POOLS = "\n".join(
    f"  demand d-{n} {{ steady 5/s }}\n  pool p-{n} {{ serves d-{n}; agents {10 * n}; each {{ cpu 1; memory 1Gi; "
    "price $1/h; concurrency 4; service mean 100ms, p99 300ms; holds 2 connections to db; holds 1Gi of db } }"
    for n in range(1, 7)
)
SPEC = f"""fleet f {{
{POOLS}
  dependency db {{ connections 50; memory 1Gi }}
  budget agents $1_000/day
  guarantee use of agents budget < 20%
  nodes n {{ count 2; cpu 16; memory 64Gi }}
  namespace {{ cpu 20 }}
}}"""


@pytest.mark.parametrize("id", ["budget/agents/day", "use/agents"])
def test_the_dollars_of_a_budget(id: str) -> None:
    told = refuted(SPEC, id).witness
    whole, *parts = [int(one.replace(",", "")) for one in re.findall(r"(?:cost|are|is) \$([0-9,]+)", told)]
    parts = [one for one in parts if one != 200]  # a fifth of the budget
    assert whole == sum(parts) == 24 * 210
    assert "3 others are $1,440" in told


@pytest.mark.parametrize(
    ("id", "rest"),
    [
        ("connections/db", "and 3 other pools with 120 in all hold 420 connections"),
        ("memory/db", "and 3 other pools with 92 GiB in all take 318 GiB in"),
        ("namespace/cores", "and 3 other pools 60), the namespace leaves 20"),
        ("nodes/fit", "210 pods (60 of p-6, 50 of p-5, 40 of p-4, 30 of p-3 and 30 of 2 other pools)"),
    ],
)
def test_what_pools_ask_for_together(id: str, rest: str) -> None:
    assert rest in refuted(SPEC, id).witness


def test_the_calls_of_a_pool() -> None:
    calls = "; ".join(f"call b -> x-{n} {{ timeout {n}s }}" for n in range(1, 6))
    others = "; ".join(f"dependency x-{n} {{ latency p50 20ms, p99 90ms }}" for n in range(1, 6))
    spec = f"""fleet f {{ demand d {{ steady 5/s }}; pool a {{ serves d; agents 9 }}; pool b {{ agents 9 }}
    call a -> b {{ timeout 3s }}; {calls}; {others} }}"""
    assert refuted(spec, "timeouts/a->b").witness.endswith(
        "up to 15 s (b -> x-5 up to 5 s, b -> x-4 up to 4 s, b -> x-3 up to 3 s and 2 others up to 3 s)"
    )


def test_more_than_a_quota_is_not_called_a_part_of_it() -> None:
    spec = """fleet f { demand d { steady 60/min }; dependency llm { limit 900 requests/s }
    pool a { serves d { timeout 5s }; agents 4; each { concurrency 8; service mean 50ms, p99 150ms } }
    call a -> llm { timeout 3s; retry 2 }; quota requests 100/min of llm }"""
    reason = unknown(spec, "quota/requests-of-llm/peak").reason
    assert "up to 180 requests are asked for in 1 min" in reason and "of 100" not in reason

"""What is proved, and what is not, of a pool from 0 agents; and what such a pool cannot be."""

from __future__ import annotations

from fractions import Fraction

import pytest

from seatrial.compiler.pipeline import Checked, judge, read
from seatrial.compiler.verify.finding import Finding
from seatrial.dsl.source import Source

SPEC = """language 1
fleet f {
  demand jobs { steady 1/s; peak 3/s for 10m every 1d }
  dependency llm { limit 50 requests/s, 50_000 tokens/s; latency p50 1s, p99 3s; price $1 / 1M tokens }
  pool worker {
    serves jobs
    agents 0..8
    each { price $0.10/h; concurrency 2; service mean 500ms, p99 2s; startup 20s }
    scale on queue 5 per agent { down over 5m; at most 100% per 15s }
  }
  call worker -> llm { timeout 10s; tokens 100 }
  queue work { feeds worker; holds at most 100; age at most 5m }
}
"""


def checked(*changes: tuple[str, str]) -> Checked:
    text = SPEC
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return judge(read(Source("f.fleet", text)), {})


def of(id: str, *changes: tuple[str, str]) -> Finding:
    found = checked(*changes)
    return next(one for one in found.findings if one.id == id)


def test_a_pool_from_zero_is_proved() -> None:
    assert checked().verdict == "feasible"


def test_an_item_waits_for_the_poll_and_the_start_before_anybody_is_there() -> None:
    alone = (("agents 0..8", "agents 0..1"), ("agents 0..1", "agents 1..1"))
    waits = []
    for changes in (alone[:1], alone):
        low = Fraction(0)
        high = Fraction(3600)
        while high - low > Fraction(1, 2):
            middle = (low + high) / 2
            status = of("queue/work/age", *changes, ("age at most 5m", f"age at most {float(middle)}s")).status
            low, high = (low, middle) if status == "proved" else (middle, high)
        waits.append(high)
    # 15 s for a metric, 15 s for a poll, 20 s to start.
    assert abs(waits[0] - waits[1] - 50) <= 1


def test_what_is_older_than_a_start_is_refuted_and_a_minimum_mends_it() -> None:
    short = of("queue/work/age", ("age at most 5m", "age at most 15s"), ("holds at most 100", "holds at most 2"))
    assert short.status == "refuted"
    assert short.witness is not None and "may be empty" in short.witness
    assert {leaf.name for leaf in short.core} == {"age in work", "start-up time of worker", "minimum agents of worker"}
    kept = of(
        "queue/work/age",
        ("age at most 5m", "age at most 15s"),
        ("holds at most 100", "holds at most 2"),
        ("agents 0..8", "agents 1..8"),
    )
    assert kept.status == "proved"


def test_between_a_start_and_what_is_sure_nothing_is_said() -> None:
    found = of("queue/work/age", ("age at most 5m", "age at most 40s"), ("holds at most 100", "holds at most 2"))
    assert found.status == "unknown"


@pytest.mark.parametrize(
    ("id", "change"),
    [
        ("latency/jobs/p95", ("queue work", "guarantee latency p95 < 1h\n  queue work")),
        ("scaling/worker/up-within", ("down over 5m", "up within 10m; down over 5m")),
        ("bill/month", ("queue work", "guarantee bill < $1_000/month\n  queue work")),
        ("unit-cost", ("queue work", "guarantee cost per request < $10\n  queue work")),
        ("queue/work/age", ("holds at most 100; ", "")),
        ("limits/worker->llm", ("timeout 10s;", "timeout 10s; limit 1 in flight;")),
        (
            "success/jobs",
            (
                "queue work",
                "guarantee success 50% over 1h\n  trial t { duration 1m; abort 1% of worker -> llm at 10s for 1s }\n"
                "  queue work",
            ),
        ),
        (
            "recovery",
            (
                "queue work",
                "guarantee recovery within 1h\n  trial t { duration 1m; abort 1% of worker -> llm at 10s for 1s }\n"
                "  queue work",
            ),
        ),
    ],
)
def test_what_cannot_be_decided_from_zero_is_unknown_and_says_why(id: str, change: tuple[str, str]) -> None:
    found = of(id, change)
    assert found.status == "unknown"
    told = next(one for one in checked(change).diagnostics if one.guarantee == id)
    assert any("may be empty" in note or "piled up" in note for note in told.notes), told.notes


@pytest.mark.parametrize("limit", ["limit 8 requests/s, 50_000 tokens/s", "limit 50 requests/s, 900 tokens/s"])
def test_what_has_piled_up_is_worked_off_by_all_agents(limit: str) -> None:
    """3/s arrive at the peak; eight agents with two slots each send nearly 10/s, and more in an
    update; three are enough for what arrives."""
    id = "rate/llm" if limit.startswith("limit 8") else "tokens/llm"
    change = ("limit 50 requests/s, 50_000 tokens/s", limit)
    assert of(id, change).status == "unknown"
    # One agent is too few for the peak, so that something piles up too; with three nothing does.
    assert of(id, change, ("agents 0..8", "agents 1..8")).status == "unknown"
    assert of(id, change, ("agents 0..8", "agents 3..8")).status == "proved"
    assert of(id, change, ("timeout 10s;", "timeout 10s; admit at most 30/min;")).status == "proved"


def test_empty_caches_are_met_at_full_speed() -> None:
    cold = ("timeout 10s;", "timeout 10s; cold 2 per request;")
    assert of("cold/llm", cold, ("limit 50", "limit 18")).status == "proved"
    assert of("cold/llm", cold, ("limit 50", "limit 17")).status == "unknown"


def test_what_piled_up_before_a_period_is_paid_in_it() -> None:
    """$8.76 of tokens in the worst day, and those of 116 requests that came before it."""
    daily = ("queue work", "budget tokens $8.765/day\n  queue work")
    assert of("budget/tokens/day", daily).status == "unknown"
    assert of("budget/tokens/day", daily, ("agents 0..8", "agents 1..8")).status == "unknown"
    assert of("budget/tokens/day", daily, ("agents 0..8", "agents 3..8")).status == "proved"
    open_ = of("budget/tokens/day", ("queue work", "budget tokens $80/day\n  queue work"), ("holds at most 100; ", ""))
    assert open_.status == "unknown"


SCALED = "    scale on queue 5 per agent { down over 5m; at most 100% per 15s }\n"
QUEUE = "  queue work { feeds worker; holds at most 100; age at most 5m }\n"
LESSER = 'degrade to "no" above 90% busy { service mean 1ms, p99 2ms; carries x2 }'


@pytest.mark.parametrize("bounds", ["0", "0..0"])
def test_where_there_would_never_be_an_agent_the_place_says_so(bounds: str) -> None:
    (told,) = [one for one in checked(("agents 0..8", f"agents {bounds}")).diagnostics if one.code == "ST1024"]
    assert [label.text for label in told.labels] == ["there would never be an agent"]


@pytest.mark.parametrize(
    ("code", "told", "old", "new"),
    [
        ("ST1024", "never be an agent", "agents 0..8", "agents 0"),
        ("ST1024", "never be an agent", "agents 0..8", "agents 0..0"),
        ("ST1024", "nothing scales it", SCALED, ""),
        ("ST1024", "`busy`", "queue 5 per agent", "busy 60%"),
        ("ST1024", "`cpu`", "queue 5 per agent", "cpu 60%"),
        ("ST1024", "`rate`", "queue 5 per agent", "rate 5/s per agent"),
        ("ST1024", "no queue", QUEUE, ""),
        ("ST1025", "a proxy", "serves jobs", "serves jobs { timeout 5s }"),
        ("ST1025", "a proxy", "serves jobs", "serves jobs { route round robin }"),
        ("ST1025", "a proxy", "serves jobs", "serves jobs { warm up 5s }"),
        ("ST1025", "agents of desk call it", QUEUE, f"{QUEUE}  pool desk {{ agents 2 }}; call desk -> worker\n"),
        ("ST1025", "piled up", QUEUE, f"{QUEUE}  pool desk {{ agents 2 }}; call worker -> desk\n"),
        ("ST1025", "no call", QUEUE, f"{QUEUE}  trial t {{ duration 9s; abort 5% of jobs -> worker at 1s for 1s }}\n"),
        ("ST1026", "vote", QUEUE, f"{QUEUE}  consensus v among worker {{ members 3; majority 1/2 }}\n"),
        ("ST1026", "survived", QUEUE, f"{QUEUE}  survive loss of 1 agent of worker\n"),
        ("ST1026", "disruptions", "serves jobs", "serves jobs; disrupt at most 1 agent"),
        ("ST1026", "pushes back", "serves jobs", "serves jobs; push back above 5 pending"),
        ("ST1026", "skill", "serves jobs", "serves jobs; skills a, b"),
        ("ST1026", "lesser answer", "serves jobs", f"serves jobs; {LESSER}"),
        ("ST1026", "strikes", QUEUE, f"{QUEUE}  trial t {{ duration 9s; kill 1 agent of worker at 1s }}\n"),
    ],
)
def test_what_a_pool_from_zero_cannot_be_is_told_with_a_way_out(code: str, told: str, old: str, new: str) -> None:
    diagnostics = checked((old, new)).diagnostics
    found = [one for one in diagnostics if one.code == code]
    assert len(found) == 1, [one.message for one in diagnostics]
    assert told in found[0].message
    assert "`agents 1" in found[0].help
    assert found[0].labels[0].span.text


@pytest.mark.parametrize("least", [0, 1])
def test_of_two_queues_of_one_pool_nobody_says_whose_items_go_first(least: int) -> None:
    two = (QUEUE, f"{QUEUE}  queue more {{ feeds worker; holds at most 5 }}\n")
    found = of("queue/work/age", two, ("agents 0..8", f"agents {least}..8"))
    assert found.status == "unknown"
    assert "more feeds worker too" in found.reason


def test_items_that_a_dependency_would_refuse_are_not_said_to_be_done_in_time() -> None:
    found = of("queue/work/age", ("limit 50 requests/s", "limit 8 requests/s"))
    assert found.status == "unknown"
    assert "llm takes 8 requests/s and is asked for 13.8" in found.reason


def test_what_others_recover_by_is_not_taken_by_what_has_piled_up() -> None:
    other = (
        QUEUE,
        f"""{QUEUE}  demand more {{ steady 1/s }}
  pool desk {{ serves more {{ timeout 9s; retry 2 }}; agents 4; each {{ service mean 50ms, p99 100ms; startup 1s }} }}
  call desk -> llm {{ timeout 4s; tokens 1 }}
  trial t {{ duration 1m; kill 1 agent of desk at 10s }}
  guarantee recovery within 5m
""",
    )
    assert of("recovery", other).status == "proved"
    crowded = of("recovery", other, ("limit 50 requests/s", "limit 10 requests/s"))
    assert crowded.status != "proved"
    assert (
        of("recovery", other, ("limit 50 requests/s", "limit 10 requests/s"), ("agents 0..8", "agents 3..8")).status
        == "proved"
    )

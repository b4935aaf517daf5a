"""Steps of degradation relieve, and begin where the autoscaler has had its chance."""

from __future__ import annotations

from .specs import proved, refuted, unknown

SPEC = """fleet f {{
  demand d {{ steady 100/s }}
  dependency db {{ latency p50 50ms, p99 200ms }}
  pool p {{
    serves d
    agents 10..30
    each {{ concurrency 4; service mean 10ms, p99 20ms }}
    scale on busy 60%
    degrade to "cached" above {share}% busy {{ service mean {ms}ms; {without}carries x2 }}
  }}
  {call}
}}"""


def test_a_step_within_the_tolerance_of_the_autoscaler_may_last_while_agents_could_be_added() -> None:
    # It leaves alone what is up to a tenth over its 60 %.
    def spec(share: int) -> str:
        return SPEC.format(share=share, ms=5, without="", call="")

    refuted(spec(60), "degrade/p/scaling")
    for share in (61, 65):
        finding = unknown(spec(share), "degrade/p/scaling")
        assert "leaves it alone up to 66 % busy" in finding.reason
        assert finding.remedy.startswith("a step above 66 % busy")
    proved(spec(66), "degrade/p/scaling")


def test_a_step_that_spares_calls_relieves_though_its_own_work_takes_longer() -> None:
    # What it replaces takes 10 ms, and 60 ms for its call where that never waits.
    def spec(ms: int, call: str) -> str:
        return SPEC.format(share=70, ms=ms, without="without calls; ", call=call)

    refuted(spec(20, ""), "degrade/p/1")
    proved(spec(20, "call p -> db"), "degrade/p/1")
    assert "69.7 ms where its calls never wait" in unknown(spec(80, "call p -> db"), "degrade/p/1").reason


def test_a_further_step_that_calls_again_does_not_relieve() -> None:
    further = '}\n    degrade to "less" above 90% busy { service mean 5ms; carries x2 }\n  }'
    spec = SPEC.format(share=70, ms=8, without="without calls; ", call="call p -> db").replace("}\n  }", further, 1)
    assert "takes 64.7 ms, what it replaces takes 8 ms: no relief" in refuted(spec, "degrade/p/2").witness


TIMES = """fleet f {{
  demand d {{ steady 100/s }}
  pool p {{
    serves d {{ timeout 3s }}
    agents 10..30
    each {{ concurrency 4; service mean 10ms, p99 20ms }}
    scale on busy 40%
    drain 10s
    {step}
  }}
  guarantee latency p99 < 1s
}}"""
HANG_ON_TIMES = ("latency/d/p99", "capacity/p/peak", "timeouts/d->p/cut")


def test_a_step_whose_tail_is_longer_leaves_open_what_hangs_on_the_stated_times() -> None:
    # Quicker on average, and once in a hundred requests so slow that no objective holds.
    slow = TIMES.format(step='degrade to "other" above 60% busy { service mean 9ms, p99 100ms }')
    for id in HANG_ON_TIMES:
        proved(TIMES.format(step=""), id)
        assert "“other” of p takes 100 ms at p99, longer than the 20 ms" in unknown(slow, id).reason
    proved(slow, "degrade/p/1")


def test_a_step_that_takes_no_longer_changes_nothing_and_one_without_a_p99_may() -> None:
    quick = TIMES.format(step='degrade to "other" above 60% busy { service mean 9ms, p99 18ms }')
    unsaid = TIMES.format(step='degrade to "other" above 60% busy { service mean 9ms }')
    for id in HANG_ON_TIMES:
        proved(quick, id)
        assert "write `service mean …, p99 …` in it" in unknown(unsaid, id).reason


def test_a_step_that_is_quicker_at_p99_too_may_vary_more_widely() -> None:
    wide = TIMES.format(step='degrade to "other" above 60% busy { service mean 1500us, p99 20ms }').replace(
        "1500us", "2ms"
    )
    assert "varies more widely" in unknown(wide, "latency/d/p99").reason

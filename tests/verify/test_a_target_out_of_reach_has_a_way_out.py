"""What the autoscaler asks for at the peak is told as the maximum that would decide it, and does."""

from __future__ import annotations

from .specs import proved, unknown

SPEC = """fleet f {{
  demand d {{ steady 0.2/s; peak 5/s for 20m every 1d }}
  pool batch {{
    serves d; agents 0..{most}; drain 30s
    each {{ concurrency 1; service mean 2s, p99 6s; startup 15s }}
    scale on queue 20 per agent {{ down over 5m }}
  }}
  queue items {{ feeds batch; holds at most 20_000; age at most 2h }}
}}"""


def test_the_maximum_that_is_asked_for_decides_it() -> None:
    finding = unknown(SPEC.format(most=8), "scaling/batch/peak")
    assert finding.remedy == "a maximum of 11 agents would decide it"
    proved(SPEC.format(most=11), "scaling/batch/peak")

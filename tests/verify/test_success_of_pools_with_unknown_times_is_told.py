"""Where it is not known how long requests take, success is unknown, whether or not all that may be late would do."""

from __future__ import annotations

import pytest

from .specs import unknown

SPEC = """fleet f {{
  demand d {{ steady 50/s }}
  demand e {{ steady 1/s }}
  pool u {{ serves e; agents 2; each {{ service mean 10ms, p99 10ms; startup 5s }} }}
  pool p {{ serves d; agents 8; each {{ service mean 20ms, p99 60ms }} }}
  pool q {{ agents 4; each {{ service mean 100ms, p99 500ms; startup 5s }} }}
  call p -> q 0.5 per request {{ timeout 600ms; route random }}
  guarantee success of d 1%
  trial t {{ duration 60s; kill 1 agent of {struck} at 10s }}
}}"""


@pytest.mark.parametrize("struck", ["q", "u"])
def test_success_of_pools_with_unknown_times_is_told(struck: str) -> None:
    assert "vary so widely" in unknown(SPEC.format(struck=struck), "success/d").reason

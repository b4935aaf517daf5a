"""A range of calling agents -> the retries that their proxies' budgets refuse: no fewer than at any size within it."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import pytest

from seatrial.compiler.verify.faults.failed import failing_in
from seatrial.compiler.verify.faults.traffic import Load
from seatrial.compiler.verify.faults.tries import Spoiling, refused_of, runs_of
from seatrial.compiler.verify.flows.analysis import Analysis

from .oracles.trying import most_during_an_update
from .specs import fleet_of


@cache
def _refused(agents: str, rate: int, killed: Fraction, route: str = "") -> Fraction:
    text = f"""fleet f {{
      demand d {{ steady {rate}/s }}
      pool x {{
        serves d {{ {route}timeout 1h }}; agents {agents}; each {{ concurrency 64; service mean 10ms, p99 30ms }}
        scale on busy 50% {{ up within 10m; down over 5m; at most 100% per 15s }}
      }}
      pool z {{ agents 400; each {{ concurrency 8; service mean 100ms, p99 200ms }} }}
      call x -> z {{ timeout 9s; retry 2 {{ backoff 100ms up to 200ms; budget 50% }} }}
    }}"""
    analysis = Analysis(fleet_of(text if ".." in agents else text.replace("scale on", "# scale on")))
    call, spoiling = analysis.out("x")[0], Spoiling(killed=killed, at_once=killed * rate / 100)
    load = Load(Fraction(rate), Fraction(rate), Fraction(rate))
    return refused_of(analysis, call, spoiling, runs_of(analysis, call, spoiling), load)


@pytest.mark.parametrize("killed", [Fraction(1, 10), Fraction(1, 4), Fraction(1, 2)])
@pytest.mark.parametrize("rate", [50, 400, 2_000])
def test_no_size_within_the_bounds_refuses_more(rate: int, killed: Fraction) -> None:
    of_range = _refused("2..60", rate, killed)
    sizes = {size: _refused(str(size), rate, killed) for size in (2, 3, 5, 8, 12, 20, 33, 47, 60)}
    worst = max(sizes, key=lambda size: sizes[size])
    assert sizes[worst] <= of_range, (worst, float(sizes[worst]), float(of_range))


def test_agents_of_an_update_have_errors_of_their_own_to_see() -> None:
    text = """fleet f {
      demand d { steady 100/s }
      pool x { serves d { timeout 1h }; agents 8; each { concurrency 64; service mean 10ms, p99 30ms } }
      pool z { agents 10; each { concurrency 8; service mean 100ms, p99 200ms; startup 10m } }
      call x -> z { route round robin; timeout 9s; break after 50 errors { eject at most 50% for 30m } }
      trial t { duration 1h; kill 2 agents of z at 5s }
    }"""
    felt = failing_in(Analysis(fleet := fleet_of(text)), fleet.trials[0]).felt[0]
    # Two tenths of the calls meet one of the two, from each of the proxies that there are in an update.
    each = Fraction(100 * 2, 10) / (2 * most_during_an_update(8))
    assert most_during_an_update(8) > 8
    assert felt.end - felt.strike.start >= 50 / each


def test_by_header_a_proxy_may_have_any_part_of_the_calls() -> None:
    few = Fraction(1, 50)
    by_header = _refused("4", 2_000, few, 'route by header "x"; ')
    assert by_header > _refused("4", 2_000, few)
    # As though there were some number of proxies with even parts, be it larger than there may be.
    assert by_header >= max(_refused(str(size), 2_000, few) for size in (5, 12, 33, 100, 400))

"""What an environment leaves as it is stands where the fleet says it, and what it changes where it does so."""

from __future__ import annotations

from seatrial.compiler.pipeline import Checked, Variant, judge, plan, read
from seatrial.dsl.source import Source
from seatrial.targets.kubernetes import KubernetesEmitter

SPEC = """fleet f {
  demand d { steady 5/s }
  pool triage {
    serves d
    agents 3..8
    each { cpu 1; concurrency 4; service mean 100ms, p99 300ms }
    scale on busy 60%
  }
  environment staging {
    pool triage { agents 1..4; each { cpu 2 } }
  }
}
"""


def _staging() -> Checked:
    return judge(read(Source("f.fleet", SPEC), variant=Variant("staging")), {})


def test_what_no_environment_changed_is_told_of_in_the_fleet() -> None:
    made = plan(_staging(), {}, "1")
    assert made is not None
    (found,) = [one for one in KubernetesEmitter().emit(made)[1] if one.code == "ST7001"]
    assert (found.labels[0].span.line, found.labels[0].span.text) == (3, "pool triage")


def test_what_the_environment_changed_is_told_of_in_it() -> None:
    (found,) = [one for one in _staging().diagnostics if one.code == "ST1203"]
    assert found.labels[0].span.line == 10
    fleet = _staging().fleet
    assert fleet is not None
    assert fleet.pools[0].at.line == 3 and fleet.pools[0].agents_max.span.line == 10

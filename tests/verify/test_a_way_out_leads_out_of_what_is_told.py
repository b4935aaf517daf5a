"""Guarantees that fall together are told in one error: what helps is told of the one whose figures are told."""

from __future__ import annotations

from seatrial.compiler.pipeline import judge, read
from seatrial.dsl.source import Source

SPEC = """fleet review {
  nodes a { count 2..6; cpu 8; memory 32Gi; zones 2 }
  demand changes { steady 2/s; peak 6/s }
  pool coordinator {
    serves changes { timeout 200s }
    agents 2..4
    each { cpu 250m; memory 256Mi; concurrency 50; service mean 20ms, p99 80ms }
    scale on busy 60%
  }
  pool reviewer { agents 5..9; each { cpu 1; memory 2Gi; concurrency 4; service mean 4s, p99 15s }; scale on busy 60% }
  call coordinator -> reviewer 5 per request { timeout 30s }
  survive loss of 1 zone
}
"""


def test_what_mends_the_steady_level_alone_is_no_way_out_of_the_peak() -> None:
    """At the peak 31 agents are needed; 11 are enough for the steady level, and 31 do not fit after a loss."""
    found = judge(read(Source("f.fleet", SPEC)), {}).diagnostics
    (told,) = [one for one in found if one.guarantee == "capacity/reviewer/peak"]
    assert "at least 31 agents" in told.message
    assert "the same clause breaks capacity/reviewer/steady" in told.notes
    assert told.help.startswith("it would do to raise the maximum agents of reviewer to 31, were it not for ")
    assert not [fix for fix in told.fixes if fix.new == "11"]

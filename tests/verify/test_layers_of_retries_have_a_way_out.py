"""Where several calls on the way retry, no one change mends a limit: what can be done is told before facts."""

from __future__ import annotations

from seatrial.compiler.pipeline import judge, read
from seatrial.compiler.verify import Status
from seatrial.dsl.source import Source

from .specs import findings

SPEC = """fleet s {
  demand q { steady 20/s; peak 60/s }
  dependency llm { limit 120 requests/s; latency p50 1500ms, p99 6s }
  pool g {
    serves q { timeout 40s; retry 1 { backoff 100ms up to 1s; budget 10% } }
    agents 8
    each { concurrency 64; service mean 5ms, p99 20ms }
  }
  pool p { agents 40; each { concurrency 16; service mean 60ms, p99 250ms } }
  call g -> p { timeout 30s; retry 1 { backoff 100ms up to 1s; budget 10% } }
  call p -> llm 1.5 per request { timeout 12s; retry 2 { backoff 500ms up to 4s } }
}
"""


def test_fewer_retries_are_told_before_another_world() -> None:
    (told,) = (one for one in judge(read(Source("f.fleet", SPEC)), {}).diagnostics if one.guarantee == "rate/llm")
    assert told.help == "retry at fewer of the calls on the way to llm: with none 90 requests/s reach it"
    assert any(note.startswith("it would hold too with ") for note in told.notes)


def test_and_they_do() -> None:
    once = SPEC.replace("; retry 1 { backoff 100ms up to 1s; budget 10% }", "").replace("retry 2", "retry 0")
    assert findings(once)["rate/llm"].status is Status.PROVED

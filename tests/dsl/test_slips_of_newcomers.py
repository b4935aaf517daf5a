"""What people write who know Kubernetes and other tools: one error, and the fix makes it what they meant."""

from __future__ import annotations

import pytest

from seatrial.compiler.pipeline import read
from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.source import Source

SPEC = """fleet docs "Document processing" {
  nodes general { count 4..12; cpu 8; memory 32Gi; price $0.40/h; zones 3 }
  survive loss of 1 zone
  demand uploads { steady 20/s; peak 60/s for 15m every 1d }
  dependency db { connections 200; latency p50 4ms, p99 30ms }
  dependency llm { limit 400_000 tokens/min; latency p50 600ms, p99 2s; price $3 / 1M tokens }
  pool intake {
    serves uploads { timeout 8s; retry 1 { backoff 100ms up to 1s; budget 20% } }
    image "registry.example/in:1"
    agents 4..20
    each { cpu 500m; memory 512Mi; concurrency 16; service mean 40ms, p99 200ms; startup 8s }
    scale on busy 60% { up within 2m; down over 5m }
  }
  pool ocr {
    agents 6..40
    each { cpu 1; memory 1Gi; concurrency 4; service mean 80ms, p99 400ms; startup 20s; holds 1 connection to db }
  }
  call intake -> ocr 1 per request { timeout 3s }
  call ocr -> llm 0.2 per request { tokens 500 }
  queue backlog { feeds ocr; holds at most 10_000 }
  budget tokens $500/day
  guarantee latency p95 < 3s
  guarantee success 99%
  guarantee recovery within 1m
  environment staging { pool ocr { agents 2..4 } }
  trial quick { scale 1/10; duration 10s; kill 1 agent of ocr at 4s }
}
"""
MENDED = [
    ("memory 512Mi", "memory 512Mb", "did you mean `MB`?"),
    ("memory 512Mi", "memory 512mb", "did you mean `MB`?"),
    ("memory 512Mi", "memory 512Kib", "did you mean `Ki`?"),
    ("timeout 3s", "timeout 3 sec", "write `3s`"),
    ("busy 60%", "busy 60 %", "write 60%"),
    ("timeout 3s", "timeout 5 min", "write `5m`"),
    ("timeout 3s", "timeout 5 minutes", "write `5m`"),
    ("timeout 3s", 'timeout "3s"', "write it without quotes: `3s`"),
    ("timeout 3s", "timeout 3,5s", "decimals are written with a point: 3.5s"),
    ("timeout 3s", "timeout 1m30s", "amounts are added in parentheses: (1m + 30s)"),
    ("timeout 3s", "timeout 1h 30m", "amounts are added in parentheses: (1h + 30m)"),
    ("agents 4..20", "agents 4 to 20", "a range is written with `..`: 4..20"),
    ("agents 4..20", "agents 4, 20", "a range is written with `..`: 4..20"),
    ("agents 4..20", "agents 4 - 20", "a range is written with `..`: 4..20"),
    ("agents 4..20", "agents 4...20", "delete the third `.`"),
    ("400_000 tokens/min", "400_000 tpm", "did you mean `tokens/min`?"),
    ("400_000 tokens/min", "400_000 tokens/min, 90 rps", "did you mean `requests/s`?"),
    ("agents 4..20", "agents -4", "nothing is below zero here: did you mean 4?"),
    ("agents 4..20", "minReplicas 4", "did you mean `agents`?"),
    ("timeout 3s", "timeout 2 * 3s", "a calculation stands in parentheses: (2 * 3s)"),
    ("timeout 3s", "timeout 5s - 1s * 2", "a calculation stands in parentheses: (5s - 1s * 2)"),
    ("ocr 1 per", "ocr one per", "numbers are written in digits: 1"),
    ("intake -> ocr", "intake to ocr", "write `->`, not `to`"),
    ("intake -> ocr", "intake → ocr", "write `->`"),
    ("p95 < 3s", "p95 under 3s", "write `<`, not `under`"),
    ("success 99%", "success > 99%", "leave out the `>`: that it is a bound goes without saying"),
    ("success 99%", "availability 99%", "did you mean `success`?"),
    ("recovery within 1m", "recovery < 1m", "write `within`, not `<`"),
    ("latency p95 <", "p95 latency <", "write it the other way round: `latency p95`"),
    ("latency p95 <", "latency 95% <", "write p95"),
    ("latency p95 <", "latency 99.9% <", "write p999"),
    ("latency p95 <", "latency p99.9 <", "write p999"),
    ("$500/day", "500 USD/day", "write `$500/day`"),
    ("$3 / 1M tokens", "$3 per 1M tokens", "write `/`, not `per`"),
    ("400_000 tokens/min", "400_000 tokens per minute", "write `tokens/min`"),
    ("steady 20/s", "steady 20 rps", "write `20/s`"),
    ("steady 20/s", "steady 20rps", "did you mean `/s`?"),
    ("steady 20/s", "steady 20/sec", "did you mean `/s`?"),
    ("steady 20/s", "steady 20 requests/s", "what is counted goes without saying: `20/s`"),
    ("steady 20/s;", "steady 20/s", "put a `;` before `peak`, or begin a new line"),
    ("{ timeout 3s }", "timeout 3s", "it belongs in a block: `call intake -> ocr 1 per request { timeout … }`"),
    ("cpu 1;", "cpu 1 core;", "cpu is counted in cores: write `1`"),
    ("scale 1/10", "scale 1:10", "a share is written 1/10"),
    ("1 agent of", "1 pod of", "did you mean `agent`?"),
    ("survive loss", "survive the loss", "leave out `the`"),
    ("of 1 zone", "of one zone", "numbers are written in digits: 1"),
    ("pool ocr {", 'pool "ocr" {', "write it without quotes: `ocr`"),
    ("pool ocr {", "pool: ocr {", "delete the `:`: a value follows its name after a space"),
    ("pool ocr {", "Pool ocr {", "did you mean `pool`?"),
    ("pool ocr {", "deployment ocr {", "did you mean `pool`?"),
    ("fleet docs", "service docs", "did you mean `fleet`?"),
    ("fleet docs", "system docs", "did you mean `fleet`?"),
    ("retry 1 {", "retry 1 times {", "what is counted goes without saying: `1`"),
    ("agents 4..20", "agents 4 replicas", "what is counted goes without saying: `4`"),
    (
        '"registry.example/in:1"',
        "registry.example/in:1",
        'text goes in quotes: "registry.example/in:1"',
    ),
    ('"registry.example/in:1"', "'registry.example/in:1'", 'write "registry.example/in:1"'),
    ('"registry.example/in:1"', "“registry.example/in:1”", 'write "registry.example/in:1"'),
    ("pool ocr", "pool\u00a0ocr", "write a plain space"),
]
TOLD = [
    ("$500/day", "500 USD per day", ["`USD/day` does not fit here: expected the end of the line"]),
    ("pool ocr {", "pool OCR {", ["`OCR` cannot be a name in a cluster"]),
    ("agents 2..4 } }", "agnts 2..4 } }", ["`agnts` is not a clause that may stand in `pool`"]),
    (
        "agents 4..20",
        "minReplicas: 4\n    maxReplicas: 20",
        [f"`{word}` is not a clause that may stand in `pool`" for word in ("minReplicas", "maxReplicas")],
    ),
    ("intake -> ocr", "intake ocr", ["`ocr` does not fit here: expected `->`"]),
    ("latency p95 < 3s", "latency p95 ≤ 3s", ["the character `≤` is not an operator here"]),
]  # fmt: skip


def _errors(text: str) -> list[Diagnostic]:
    return [one for one in read(Source("t.fleet", text)).diagnostics if one.is_error]


def test_the_spec_itself_is_sound() -> None:
    assert not _errors(SPEC)


@pytest.mark.parametrize(("right", "wrong", "help_"), MENDED, ids=[one[1] for one in MENDED])
def test_one_error_tells_what_to_write_and_its_fix_writes_it(right: str, wrong: str, help_: str) -> None:
    assert right in SPEC
    text = SPEC.replace(right, wrong, 1)
    (error,) = _errors(text)
    assert error.help.startswith(help_)
    for span, new in sorted(error.fixes[0].edits, key=lambda edit: -edit[0].start):
        text = text[: span.start] + new + text[span.end :]
    assert not _errors(text)


@pytest.mark.parametrize(("right", "wrong", "messages"), TOLD, ids=[one[1] for one in TOLD])
def test_nothing_is_told_that_only_follows(right: str, wrong: str, messages: list[str]) -> None:
    assert right in SPEC
    assert [one.message for one in _errors(SPEC.replace(right, wrong, 1))] == messages


@pytest.mark.parametrize("written", ["p100", "p1000", "p200", "p500", "p990", "p5", "p00", "P5"])
def test_a_quantile_that_would_be_another_one_is_refused(written: str) -> None:
    """As decimals p5 were the half, and p100 a tenth."""
    reading = read(Source("slip.fleet", SPEC.replace("latency p95 < 3s", f"latency {written} < 3s")))
    (told,) = [one for one in reading.diagnostics if one.is_error]
    assert told.code == "ST1104" and told.message == f"`{written}` is not a quantile" and not told.fixes

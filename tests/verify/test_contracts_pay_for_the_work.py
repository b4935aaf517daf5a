"""What a contract pays is held against all that the work costs: agents, tokens, data, and who is paid in turn."""

from __future__ import annotations

from .specs import core, proved, refuted, unknown

SPEC = """fleet f {{
  demand d {{ steady 10/s; peak 100/s for 1m every 1h }}
  dependency db {{ latency p50 5ms, p99 9ms; price $1 / 1GB }}
  pool a {{ serves d; agents 20; each {{ concurrency 9; service mean 9ms, p99 9ms; price $0.1/h }} }}
  pool b {{ agents {agents}; each {{ concurrency 4; service mean 9ms, p99 9ms; price $0.1/h }} }}
  pool c {{ agents 2; each {{ concurrency 4; service mean 9ms, p99 9ms; price $0.1/h }} }}
  call a -> b
  call b -> db 2 per request {{ bytes {bytes} }}
  call b -> c 3 per request
  contract a -> b {{ done within 10s for $0.01 }}
  {more}
}}"""


def test_data_that_the_work_moves_is_paid() -> None:
    # Twice 10 MB at a dollar a GB are two cents.
    finding = refuted(SPEC.format(agents=2, bytes="10MB", more=""), "contract/a-b/price")
    assert {"10MB", "$1", "2"} <= core(finding)
    proved(SPEC.format(agents=2, bytes="1MB", more=""), "contract/a-b/price")


def test_who_pays_another_one_for_a_part_of_the_work_earns_the_rest() -> None:
    text = SPEC.format(agents=2, bytes="1MB", more="contract b -> c { done within 10s for $PAY }")
    refuted(text.replace("PAY", "0.004"), "contract/a-b/price")
    proved(text.replace("PAY", "0.002"), "contract/a-b/price")


def test_agents_that_may_all_be_there_are_all_paid() -> None:
    # Where an autoscaler on cpu settles is not known: a hundred agents are ten dollars an hour for 36,000 requests.
    text = SPEC.format(agents="1..100; scale on cpu 50%", bytes="1MB", more="")
    proved(text, "contract/a-b/price")
    short = unknown(text.replace("for $0.01", "for $0.0022"), "contract/a-b/price")
    assert "at the steady level a request costs $0.00228 with 100 agents" in short.reason
